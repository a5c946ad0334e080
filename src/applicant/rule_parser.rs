//! Parses a table of password rules. The head of `data/password_rules.tsv` defines the format.

use super::details::Field;
use super::rules::{ANY_BANK, Document, Rule, Segment, Sources, Transform};
use thiserror::Error;

/// The names of the columns, which may be the first row.
const HEADER: &str = "bank\tdocument\trule\tsources";
/// Parts of the longest rule.
const MAX_SEGMENTS: usize = 6;
/// Digits of the longest end of a number.
const MAX_LAST: usize = 12;

/// What is wrong in a table, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct InvalidRule {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: RuleProblem,
}

/// What is wrong in a row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleProblem {
    /// The row does not have four columns.
    #[error("expected four columns separated by tabs: bank, document, rule, sources")]
    Columns,
    /// The bank is not an identifier of a known bank.
    #[error("unknown bank identifier {0:?}")]
    Bank(String),
    /// The document has another name.
    #[error("unknown document {0:?}; expected account or card")]
    Document(String),
    /// A segment names an unknown field.
    #[error("unknown field {0:?}")]
    Field(String),
    /// A segment has an unknown transform.
    #[error("unknown transform {0:?}")]
    Transform(String),
    /// A transform does not suit its field.
    #[error("{0} can't be used with {1}")]
    Unsuitable(String, &'static str),
    /// A literal has no closing quote.
    #[error("a quote is not closed")]
    Quote,
    /// The rule has no field, or too many segments.
    #[error("expected one to six segments, at least one of them a field")]
    Segments,
    /// The sources are not a number.
    #[error("expected a number, a number and B, or -; found {0:?}")]
    Sources(String),
}

/// Parses the rules of a table. Empty lines and lines that begin with `#` are comments.
///
/// Whether a bank is known depends on the registry, and is for the caller to check.
///
/// # Errors
///
/// If a row is invalid.
pub fn parse(table: &str) -> Result<Vec<Rule>, InvalidRule> {
    let text = table.strip_prefix('\u{FEFF}').unwrap_or(table);
    let mut rules = Vec::new();
    for (row, line) in text.lines().zip(1..) {
        if row.trim().is_empty() || row.starts_with('#') || row == HEADER {
            continue;
        }
        rules.push(parse_row(row, line).map_err(|problem| InvalidRule { line, problem })?);
    }
    Ok(rules)
}

fn parse_row(row: &str, line: usize) -> Result<Rule, RuleProblem> {
    let columns: Vec<&str> = row.split('\t').map(str::trim).collect();
    let [bank, document, rule, sources] = columns[..] else {
        return Err(RuleProblem::Columns);
    };
    let is_id = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if bank != ANY_BANK && (bank.is_empty() || !bank.chars().all(is_id)) {
        return Err(RuleProblem::Bank(bank.to_owned()));
    }
    let document = match document {
        "account" => Document::Account,
        "card" => Document::Card,
        other => return Err(RuleProblem::Document(other.to_owned())),
    };
    let segments = split_segments(rule)?.into_iter().map(parse_segment);
    let segments = segments.collect::<Result<Vec<_>, _>>()?;
    let has_field = segments
        .iter()
        .any(|segment| matches!(segment, Segment::Detail(..)));
    if !has_field || segments.len() > MAX_SEGMENTS {
        return Err(RuleProblem::Segments);
    }
    Ok(Rule {
        bank: bank.to_ascii_uppercase(),
        document,
        segments,
        sources: parse_sources(sources)?,
        line,
    })
}

/// Splits a rule at each `+` outside of quotes.
fn split_segments(rule: &str) -> Result<Vec<&str>, RuleProblem> {
    let mut is_quoted = false;
    let segments = rule.split(|c: char| {
        is_quoted ^= c == '"';
        c == '+' && !is_quoted
    });
    let segments = segments.collect();
    if rule.matches('"').count() % 2 == 1 {
        return Err(RuleProblem::Quote);
    }
    Ok(segments)
}

fn parse_segment(text: &str) -> Result<Segment, RuleProblem> {
    if let Some(rest) = text.strip_prefix('"') {
        let literal = rest.strip_suffix('"').filter(|text| !text.contains('"'));
        let literal = literal.ok_or(RuleProblem::Quote)?;
        return Ok(Segment::Literal(literal.to_owned()));
    }
    let (name, transform) = text.split_once(':').unwrap_or((text, ""));
    let mut fields = Field::ALL.into_iter();
    let field = fields
        .find(|field| field.in_table() == name)
        .ok_or_else(|| RuleProblem::Field(name.to_owned()))?;
    let transform = parse_transform(transform)?;
    let is_suitable = match transform {
        Transform::AsGiven => !field.is_date(),
        Transform::Upper | Transform::Lower => matches!(field, Field::Name | Field::Pan),
        Transform::Last(_) => !field.is_date() && field != Field::Name,
        _ => field.is_date(),
    };
    if !is_suitable {
        let transform = match text.split_once(':') {
            Some((_, transform)) => transform.to_owned(),
            None => "no transform".to_owned(),
        };
        return Err(RuleProblem::Unsuitable(transform, field.in_table()));
    }
    Ok(Segment::Detail(field, transform))
}

fn parse_transform(text: &str) -> Result<Transform, RuleProblem> {
    Ok(match text {
        "" => Transform::AsGiven,
        "upper" => Transform::Upper,
        "lower" => Transform::Lower,
        "ddmm" => Transform::DayMonth,
        "ddmmyy" => Transform::DayMonthShortYear,
        "ddmmyyyy" => Transform::DayMonthYear,
        "yyyy" => Transform::Year,
        other => {
            let count = other.strip_prefix("last").and_then(|n| n.parse().ok());
            let count = count.filter(|count| (1..=MAX_LAST).contains(count));
            Transform::Last(count.ok_or_else(|| RuleProblem::Transform(other.to_owned()))?)
        }
    })
}

fn parse_sources(text: &str) -> Result<Sources, RuleProblem> {
    if text == "-" {
        return Ok(Sources::default());
    }
    let (count, is_official) = match text.strip_suffix('B') {
        Some(count) => (count, true),
        None => (text, false),
    };
    let is_number = count.bytes().all(|byte| byte.is_ascii_digit());
    let count = count.parse().ok().filter(|_| is_number);
    let count = count.ok_or_else(|| RuleProblem::Sources(text.to_owned()))?;
    Ok(Sources { is_official, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_rows_are_rejected_with_their_line() {
        let problem = |row: &str| {
            let table = format!("# comment\n{HEADER}\n\n{row}\n");
            let invalid = parse(&table).unwrap_err();
            assert_eq!(invalid.line, 4, "{row}");
            invalid.problem.to_string()
        };
        for (row, expected) in [
            ("HDFC\taccount\tdob:ddmm", "expected four columns"),
            ("\taccount\tdob:ddmm\t1", "unknown bank"),
            ("HDFC\tloan\tdob:ddmm\t1", "unknown document \"loan\""),
            ("HDFC\taccount\tbirth:ddmm\t1", "unknown field \"birth\""),
            ("HDFC\taccount\tdob:mmdd\t1", "unknown transform \"mmdd\""),
            (
                "HDFC\taccount\tcard:last0\t1",
                "unknown transform \"last0\"",
            ),
            (
                "HDFC\taccount\tdob\t1",
                "no transform can't be used with dob",
            ),
            (
                "HDFC\taccount\tdob:upper\t1",
                "upper can't be used with dob",
            ),
            (
                "HDFC\taccount\tmobile:ddmm\t1",
                "ddmm can't be used with mobile",
            ),
            ("HDFC\taccount\t\"@\"\t1", "at least one of them a field"),
            ("HDFC\taccount\t\"@+pan\t1", "a quote is not closed"),
            ("HDFC\taccount\tpan\tmany", "expected a number"),
            ("HDFC\taccount\tpan\t+1", "expected a number"),
        ] {
            let found = problem(row);
            assert!(found.contains(expected), "{row}: {found}");
        }
    }

    #[test]
    fn a_plus_in_quotes_is_part_of_the_text() {
        let rules = parse("\u{FEFF}hdfc\taccount\tpan+\"+1\"\t3B\r\n").unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0].bank(), Some("HDFC"));
        assert_eq!(rules[0].to_string(), "HDFC:pan+\"+1\"");
        assert_eq!(
            rules[0].sources,
            Sources {
                is_official: true,
                count: 3
            }
        );
    }
}
