//! The forms of statements that accepted uploads have taught.
//!
//! Each account counts once for a form, by a keyed hash of its number.

use super::case_statements::CaseKey;
use super::error::JournalError;
use super::privacy;
use super::reader::JournalReader;
use super::writer::Journal;
use crate::statement::{AccountKey, FormKey, LearntForm, LearntForms};

/// Begins the source of rows from a file.
const IMPORT: &str = "import:";
const INSERT: &str = "INSERT INTO learnt_forms (form, bank, source, accounts, contradictions)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (form, bank, source) DO UPDATE SET
        accounts = max(accounts, excluded.accounts),
        contradictions = max(contradictions, excluded.contradictions)";

/// Which rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormSource {
    /// Those of uploads from this machine.
    Own,
    /// Those and the imported ones.
    All,
}

/// What the answer to one upload means for a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormLesson {
    /// The form.
    pub form: FormKey,
    /// Identifier of the bank.
    pub bank: String,
    /// The account.
    pub account: AccountKey,
    /// Whether the statement is from this bank.
    pub agrees: bool,
}

impl Journal {
    /// Adds what an upload taught. Further uploads of the same account add nothing.
    ///
    /// Without a key for the hashes nothing is learnt: the outcome of the upload matters more.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn learn_form(&mut self, lesson: &FormLesson) -> Result<(), JournalError> {
        let Ok(key) = CaseKey::read_or_create(&self.dir) else {
            return Ok(());
        };
        let row = (
            lesson.form.as_str(),
            privacy::label(&lesson.bank.to_lowercase()),
            key.account(lesson.account),
            u32::from(lesson.agrees),
            u32::from(!lesson.agrees),
        );
        self.change(|connection| connection.execute(INSERT, row).map(|_| ()))
    }

    /// Adds the forms of a file, in place of those of an earlier file of the same name.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn import_forms(&mut self, name: &str, forms: &LearntForms) -> Result<(), JournalError> {
        let source = format!("{IMPORT}{}", privacy::name(name));
        self.change(|connection| {
            connection.execute("DELETE FROM learnt_forms WHERE source = ?1", [&source])?;
            let mut insert = connection.prepare(INSERT)?;
            for known in &forms.0 {
                let bank = privacy::label(&known.bank.to_lowercase());
                let counts = (known.accounts, known.contradictions);
                insert.execute((known.form.as_str(), bank, &source, counts.0, counts.1))?;
            }
            Ok(())
        })
    }

    /// Removes the forms whose hash begins with these digits, and returns the number of forms.
    ///
    /// # Errors
    ///
    /// Returns an error if the change cannot be committed.
    pub fn forget_forms(&mut self, digits: &str) -> Result<usize, JournalError> {
        self.change(|connection| {
            let matches = "FROM learnt_forms WHERE substr(form, 1, length(?1)) = ?1";
            let count = format!("SELECT count(DISTINCT form) {matches}");
            let count: u32 = connection.query_row(&count, [digits], |row| row.get(0))?;
            connection.execute(&format!("DELETE {matches}"), [digits])?;
            Ok(usize::try_from(count).unwrap_or(usize::MAX))
        })
    }
}

impl JournalReader {
    /// Returns the learnt forms, in the order of form and bank. A journal of an earlier version has
    /// none.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn learnt_forms(&self, source: FormSource) -> Result<LearntForms, JournalError> {
        self.with_connection(|connection| {
            if !connection.table_exists(None, "learnt_forms")? {
                return Ok(LearntForms::default());
            }
            let sql = "SELECT form, bank, sum(accounts), sum(contradictions) FROM learnt_forms
                WHERE ?1 OR substr(source, 1, length(?2)) <> ?2
                GROUP BY form, bank ORDER BY form, bank";
            let mut select = connection.prepare(sql)?;
            let rows = select.query_map((source == FormSource::All, IMPORT), |row| {
                let form = FormKey::parse(&row.get::<_, String>(0)?);
                let (bank, accounts, contradictions) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(form.map(|form| LearntForm {
                    form,
                    bank,
                    accounts,
                    contradictions,
                }))
            })?;
            let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
            Ok(LearntForms(rows.into_iter().flatten().collect()))
        })
    }
}
