//! The header row of a manifest: which column is where.

use super::Place;
use crate::applicant::Field;
use crate::error::AppError;
use crate::text::columns::counted;
use csv::ByteRecord;

/// The known columns, for messages.
pub(super) const LIST: &str = "path, and any of bank, password, account_category, case, from, to, \
                               related, skip, name, dob, incorporation, mobile, pan, customer_id, \
                               account_number, card_number";

/// A column of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Path,
    Bank,
    Password,
    AccountCategory,
    Case,
    From,
    To,
    Related,
    Skip,
    /// A detail of the applicant.
    Detail(Field),
}

impl Column {
    const ALL: [Self; 17] = [
        Self::Path,
        Self::Bank,
        Self::Password,
        Self::AccountCategory,
        Self::Case,
        Self::From,
        Self::To,
        Self::Related,
        Self::Skip,
        Self::Detail(Field::Name),
        Self::Detail(Field::Dob),
        Self::Detail(Field::Incorporation),
        Self::Detail(Field::Mobile),
        Self::Detail(Field::Pan),
        Self::Detail(Field::CustomerId),
        Self::Detail(Field::AccountNumber),
        Self::Detail(Field::CardNumber),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Bank => "bank",
            Self::Password => "password",
            Self::AccountCategory => "account_category",
            Self::From => "from",
            Self::To => "to",
            Self::Case => "case",
            Self::Related => "related",
            Self::Skip => "skip",
            Self::Detail(field) => field.column(),
        }
    }

    /// Returns the column with a name, in any letter case.
    fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|column| column.name().eq_ignore_ascii_case(name))
    }

    /// Returns the column whose name is the most similar.
    fn nearest(name: &str) -> Self {
        let name = name.to_lowercase();
        let mut nearest = (Self::Path, 0.0);
        for column in Self::ALL {
            let score = column.similarity(&name);
            if score > nearest.1 {
                nearest = (column, score);
            }
        }
        nearest.0
    }

    /// Returns how similar the column's name is to another name in lower case, from 0 to 1. One
    /// word in common, as in `file_path`, counts almost as much as the whole name.
    fn similarity(self, name: &str) -> f64 {
        let words = |name| str::split(name, |c: char| !c.is_alphanumeric());
        let pairs = words(name).flat_map(|word| words(self.name()).map(move |own| (word, own)));
        let by_word = pairs.map(|(word, own)| 0.95 * strsim::jaro_winkler(word, own));
        by_word.fold(strsim::jaro_winkler(self.name(), name), f64::max)
    }
}

/// The columns in the order of the header row, without empty ones at the end.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// Parses the header row.
    pub(super) fn parse(header: &ByteRecord, place: Place<'_>) -> Result<Self, AppError> {
        let names = header.iter().map(|name| String::from_utf8_lossy(name));
        let mut names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let mut columns: Vec<Column> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                let what = format!("column {} has no name", index + 1);
                return Err(place.reject(&what, "name the column, or remove it"));
            }
            let Some(column) = Column::parse(name) else {
                let what = format!("unknown column {name:?}");
                let nearest = Column::nearest(name).name();
                let hint =
                    format!("rename it to {nearest}, the nearest known column; known are {LIST}");
                return Err(place.reject(&what, hint));
            };
            if columns.contains(&column) {
                let what = format!("column {} is named twice", column.name());
                return Err(place.reject(&what, "remove one of the two columns"));
            }
            columns.push(column);
        }
        if !columns.contains(&Column::Path) {
            let hint = format!("start with a header row: {LIST}");
            return Err(place.reject("column path is missing", hint));
        }
        Ok(Self(columns))
    }

    /// Checks that a row has no field beyond the last column.
    pub(super) fn check_surplus(
        &self,
        row: &ByteRecord,
        place: Place<'_>,
        separator: u8,
    ) -> Result<(), AppError> {
        let count = self.0.len();
        let used = row.iter().rposition(|field| !field.trim_ascii().is_empty());
        let used = used.map_or(0, |last| last + 1);
        if used <= count {
            return Ok(());
        }
        let separator = match separator {
            b'\t' => "tab",
            b';' => "semicolon",
            _ => "comma",
        };
        let hint = format!("quote a field that contains a {separator}");
        Err(place.reject(&surplus(used, count), hint))
    }

    /// Returns a field of a row as it is; empty if the row does not have it.
    ///
    /// The manifest is valid UTF-8, and so is each field.
    pub(super) fn field<'r>(&self, row: &'r ByteRecord, column: Column) -> &'r str {
        let index = self.0.iter().position(|known| *known == column);
        let field = index.and_then(|index| row.get(index)).unwrap_or_default();
        std::str::from_utf8(field).unwrap_or_default()
    }

    pub(super) fn contains(&self, column: Column) -> bool {
        self.0.contains(&column)
    }

    pub(super) fn has_details(&self) -> bool {
        let mut columns = self.0.iter();
        columns.any(|column| matches!(column, Column::Detail(_)))
    }
}

fn surplus(fields: usize, columns: usize) -> String {
    let (fields, columns) = (counted(fields, "field"), counted(columns, "column"));
    format!("the row has {fields}, but the header row has {columns}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::columns::assert_agrees;

    #[test]
    fn every_column_is_listed_and_found_by_its_name() {
        for column in Column::ALL {
            assert!(LIST.contains(column.name()), "{column:?}");
            assert_eq!(Column::parse(&column.name().to_uppercase()), Some(column));
        }
    }

    #[test]
    fn the_nearest_column_has_a_similar_name() {
        for (name, expected) in [
            ("file_path", Column::Path),
            ("Paths", Column::Path),
            ("bnak", Column::Bank),
            ("pasword", Column::Password),
            ("category", Column::AccountCategory),
            ("account category", Column::AccountCategory),
            ("skipped", Column::Skip),
            ("from_date", Column::From),
        ] {
            assert_eq!(Column::nearest(name), expected, "{name}");
        }
    }

    #[test]
    fn the_message_about_surplus_fields_agrees_with_their_numbers() {
        assert_agrees(|count| surplus(count, 1));
        assert_agrees(|count| surplus(1, count));
    }
}
