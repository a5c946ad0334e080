//! The layout of a manifest: its separator, its quotes and its lines.

use std::ops::Range;
use thiserror::Error;

/// Separators that spreadsheets write.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How the text of a manifest is divided into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) separator: u8,
    /// Offset of the first row, after a `sep=` line.
    pub(super) start: u64,
}

/// What is wrong with a layout, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{problem}")]
pub(super) struct InvalidLayout {
    /// Counted from 1.
    pub(super) line: u64,
    problem: Problem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum Problem {
    #[error("sep= does not name a comma, a semicolon or a tab")]
    Separator,
    #[error("the quote that opens on this line is not closed")]
    Unclosed,
    #[error("the quote that opens on this line is not closed before the text on line {0}")]
    TextInQuotes(u64),
    #[error("text follows a closing quote")]
    TextAfterQuote,
}

impl InvalidLayout {
    pub(super) fn hint(&self) -> &'static str {
        match self.problem {
            Problem::Separator => "remove the line, or write sep=, or sep=; instead",
            Problem::Unclosed | Problem::TextInQuotes(_) => {
                "close the quote at the end of its field; write a quote in a field twice"
            }
            Problem::TextAfterQuote => "write a quote in a quoted field twice",
        }
    }
}

impl Layout {
    /// Detects the separator, from a `sep=` line or the header row, and checks all quotes.
    pub(super) fn detect(text: &[u8]) -> Result<Self, InvalidLayout> {
        let (separator, start) = match separator_line(text) {
            Some((Some(separator), end)) => (separator, end),
            Some((None, _)) => {
                return Err(InvalidLayout {
                    line: 1,
                    problem: Problem::Separator,
                });
            }
            None => (header_separator(text), 0),
        };
        check_quotes(text, start, separator)?;
        Ok(Self {
            separator,
            start: start as u64,
        })
    }

    /// Returns the records of the text that this layout was detected from.
    pub(super) fn records(self, text: &[u8]) -> impl Iterator<Item = csv::Result<csv::ByteRecord>> {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(text.get(start..).unwrap_or_default())
            .into_byte_records()
    }
}

/// Returns the separator of a `sep=` line at the start, if it is one of the known, and the end of
/// the line; `None` without such a line.
fn separator_line(text: &[u8]) -> Option<(Option<u8>, usize)> {
    let end = text.iter().position(|byte| is_line_end(*byte));
    let line = text.get(..end.unwrap_or(text.len()))?;
    let unquoted = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""));
    let (name, separator) = unquoted.unwrap_or(line).split_at_checked("sep=".len())?;
    if !name.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let separator = match separator {
        [separator] if SEPARATORS.contains(separator) => Some(*separator),
        _ => None,
    };
    Some((separator, line.len()))
}

/// Returns the separator that the header row has most often, outside of quotes.
fn header_separator(text: &[u8]) -> u8 {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || SEPARATORS.contains(byte);
    let first = text.iter().position(|byte| !is_blank(byte)).unwrap_or(0);
    // The header row begins after the last line end before its first name.
    let before = text.get(..first).unwrap_or_default();
    let start = before.iter().rposition(|byte| is_line_end(*byte));
    let header = text
        .get(start.map_or(0, |end| end + 1)..)
        .unwrap_or_default();
    let mut counts = [0; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in header {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            byte if is_line_end(*byte) => break,
            byte => {
                let index = SEPARATORS.iter().position(|known| known == byte);
                if let Some(count) = index.and_then(|index| counts.get_mut(index)) {
                    *count += 1;
                }
            }
        }
    }
    let mut most = (b',', 0);
    for (separator, count) in SEPARATORS.into_iter().zip(counts) {
        if count > most.1 {
            most = (separator, count);
        }
    }
    most.0
}

/// Where a byte is in a field, by the same rules as those of the parser.
#[derive(Clone, Copy)]
enum State {
    FieldStart,
    Unquoted,
    /// In quotes that open at an offset.
    Quoted(usize),
    /// After a quote in quotes: the end of the field, or the first of two quotes.
    QuoteInQuotes(usize),
}

/// Checks that every quote is closed, and directly before the end of its field.
///
/// The parser would accept a field that extends over many rows, up to the next quote.
fn check_quotes(text: &[u8], start: usize, separator: u8) -> Result<(), InvalidLayout> {
    let line_at = |offset| 1 + count_lines(text, 0..offset);
    let mut state = State::FieldStart;
    for (offset, byte) in text.iter().copied().enumerate().skip(start) {
        state = match (state, byte) {
            (State::Quoted(opened), b'"') => State::QuoteInQuotes(opened),
            (State::QuoteInQuotes(opened), b'"') => State::Quoted(opened),
            (State::Quoted(_), _) => state,
            (_, byte) if byte == separator || is_line_end(byte) => State::FieldStart,
            (State::QuoteInQuotes(opened), _) => {
                let (line, end) = (line_at(opened), line_at(offset));
                let problem = if line == end {
                    Problem::TextAfterQuote
                } else {
                    Problem::TextInQuotes(end)
                };
                return Err(InvalidLayout { line, problem });
            }
            (State::FieldStart, b'"') => State::Quoted(offset),
            (State::FieldStart | State::Unquoted, _) => State::Unquoted,
        };
    }
    match state {
        State::Quoted(opened) => Err(InvalidLayout {
            line: line_at(opened),
            problem: Problem::Unclosed,
        }),
        _ => Ok(()),
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Counts the line ends (LF, CR LF or CR) whose last byte is in a range.
pub(super) fn count_lines(text: &[u8], range: Range<usize>) -> u64 {
    let is_end = |offset: usize| match text.get(offset) {
        Some(b'\n') => true,
        Some(b'\r') => text.get(offset + 1) != Some(&b'\n'),
        _ => false,
    };
    let part = text.get(range.clone()).unwrap_or_default();
    let ends = memchr::memchr2_iter(b'\n', b'\r', part);
    ends.filter(|offset| is_end(range.start + offset)).count() as u64
}

/// Finds the lines of records in ascending order.
///
/// The parser counts line feeds only.
pub(super) struct LineCounter<'t> {
    text: &'t [u8],
    offset: usize,
    line: u64,
}

impl<'t> LineCounter<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// Returns the line of a record. Its offset, as the parser reports it, may be before the end of
    /// the line before, or before blank lines.
    pub(super) fn line_of_record(&mut self, offset: u64) -> u64 {
        let mut end = usize::try_from(offset).unwrap_or(usize::MAX);
        while self.text.get(end).is_some_and(|byte| is_line_end(*byte)) {
            end += 1;
        }
        self.line += count_lines(self.text, self.offset..end);
        self.offset = end;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_that_of_a_sep_line_or_of_the_header_row() {
        let check = |text: &str, separator: char, start| {
            let layout = Layout::detect(text.as_bytes()).unwrap();
            assert_eq!(char::from(layout.separator), separator, "{text:?}");
            assert_eq!(layout.start, start, "{text:?}");
        };
        check("path,bank\na;b;c.pdf,hdfc\n", ',', 0);
        check("path;bank\na,b,c.pdf;hdfc\n", ';', 0);
        check("path\tbank\r\n", '\t', 0);
        check("\n;;\r\n \n;path;bank\na,b,c,d", ';', 0);
        check("\"path,to,file\";bank;from\n", ';', 0);
        check("path\na,b", ',', 0);
        check("", ',', 0);
        check("sep=;\npath;bank,x,y\n", ';', 5);
        check("SEP=\t\r\npath\tbank\r\n", '\t', 5);
        check("\"sep=;\"\rpath;bank\r", ';', 7);
        for wrong in ["sep=|\npath|bank\n", "sep=\npath\n", "sep=;;\npath;bank"] {
            assert!(Layout::detect(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_quote_is_closed_at_the_end_of_its_field() {
        let problem = |text: &str| {
            Layout::detect(text.as_bytes())
                .err()
                .map(|e| (e.line, e.problem))
        };
        for fine in [
            "path,bank\n\"a,\"\"b\"\".pdf\",hdfc\n",
            "path,bank\n\"a\nb.pdf\",\"\"\r\n\"c\"",
            "path,bank\n5\" statement.pdf,hdfc\n",
        ] {
            assert_eq!(problem(fine), None, "{fine}");
        }
        let check = |text, line, expected| assert_eq!(problem(text), Some((line, expected)));
        check("path\n\"a.pdf\nb.pdf\n", 2, Problem::Unclosed);
        check("sep=,\r\npath,bank\r\n\r\na,\"b\r\nc", 4, Problem::Unclosed);
        check(
            "path\n\"a.pdf\nb.pdf\n\"c.pdf\"\n",
            2,
            Problem::TextInQuotes(4),
        );
        check("path\n\"a\"b.pdf\n", 2, Problem::TextAfterQuote);
        check("path\r\"a\"\"\r", 2, Problem::Unclosed);
    }

    #[test]
    fn records_have_the_lines_of_the_file() {
        for end in ["\n", "\r\n", "\r"] {
            let lines = [
                "sep=;",
                "path;bank",
                "",
                "a.pdf;hdfc",
                "\"b",
                "c\";sbi",
                "",
                "",
                "d.pdf;",
            ];
            let text = lines.join(end);
            let layout = Layout::detect(text.as_bytes()).unwrap();
            let mut counter = LineCounter::new(text.as_bytes());
            let found: Vec<_> = layout
                .records(text.as_bytes())
                .map(|record| {
                    let record = record.unwrap();
                    let start = record.position().unwrap().byte();
                    let line = counter.line_of_record(layout.start + start);
                    (line, String::from_utf8(record[0].to_vec()).unwrap())
                })
                .collect();
            let quoted = format!("b{end}c");
            let expected = [(2, "path"), (4, "a.pdf"), (5, &quoted), (9, "d.pdf")];
            assert_eq!(
                found,
                expected.map(|(line, name)| (line, name.to_owned())),
                "{end:?}"
            );
        }
    }
}
