//! Recognizes the reports and lists of this program by their first and last bytes.
//!
//! An output replaces such a file without a question, and no other file.

/// Beginnings of reports and lists. Objects and headers are compared up to the first field that
/// varies.
const HEADS: [&str; 17] = [
    "{\"schema\":1,\"files\":[",
    "{\"schema\":1,\"type\":\"file\",",
    "{\"schema\":1,\"type\":\"case\",",
    "{\"schema\":1,\"type\":\"summary\",",
    "path,verdict,codes,message,hint,",
    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\
     \"runs\":[{\n\"tool\":{\"driver\":{\"name\":\"bankscreen\",",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"bankscreen\" ",
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
     <meta name=\"generator\" content=\"bankscreen\">",
    // Lists of `history`.
    "{\"schema\":1,\"uploads\":[",
    "{\"schema\":1,\"type\":\"upload\",",
    "at,outcome,code,name,bank,account,bytes,session_id,statement_id,",
    "{\"schema\":1,\"accuracy\":[",
    "{\"code\":\"",
    "code,bank,predicted_refused,predicted_accepted,",
    "  code  ",
    "  no upload has an answer about a prediction yet\n",
    // Metrics in the text format of Prometheus.
    "# HELP bankscreen_",
];

/// Lines at the end that may follow the summary of a text report.
const MAX_LINES_AFTER_SUMMARY: usize = 60;

/// Returns whether a file with this beginning and end was written by this program.
pub(crate) fn is_own_report(head: &[u8], tail: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let head = head.strip_prefix('\u{FEFF}').unwrap_or(&head);
    if let Some(list) = HEADS.iter().find(|known| head.starts_with(**known)) {
        // Two beginnings alone are too common. A text report may begin with one of them, too.
        let is_known = match *list {
            "{\"code\":\"" => head.contains("\"predicted_refused\":"),
            "  code  " => head.lines().next().is_some_and(is_accuracy_header),
            _ => true,
        };
        if is_known {
            return true;
        }
    }
    let tail = without_colors(&String::from_utf8_lossy(tail));
    let mut last = tail.lines().rev().take(MAX_LINES_AFTER_SUMMARY);
    last.any(|line| is_summary(line) || is_totals(line) || is_github_summary(line))
}

fn is_accuracy_header(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    words.starts_with(&["code", "bank", "refused", "accepted"])
}

/// Returns whether a line is the summary of a text report, such as
/// `  2 files, 3 pages: 1 pass, 0 warn, 1 fail.`.
fn is_summary(line: &str) -> bool {
    let Some((files, rest)) = line.trim_start().split_once(", ") else {
        return false;
    };
    let (Some(pages), Some((_, verdicts))) = (rest.split(": ").next(), rest.split_once(": "))
    else {
        return false;
    };
    let pages = pages.split(" in ").next().unwrap_or_default();
    let mut counts = verdicts.split(", ");
    let mut is_count = |noun: &str| {
        let count = counts.next().unwrap_or_default();
        let count = count.split('.').next().unwrap_or_default();
        is_counted(count, noun, noun)
    };
    is_counted(files, "file", "files")
        && is_counted(pages, "page", "pages")
        && is_count("pass")
        && is_count("warn")
        && is_count("fail")
}

/// Returns whether a line has the totals of the history, such as `  2 uploads: 2 accepted.`.
fn is_totals(line: &str) -> bool {
    let uploads = line.trim_start().split([':', ';', '.']).next();
    line.starts_with("  ") && uploads.is_some_and(|text| is_counted(text, "upload", "uploads"))
}

fn is_github_summary(line: &str) -> bool {
    line.starts_with("::notice title=bankscreen::")
}

/// Returns whether a text is a number, perhaps with separators, and one of two nouns.
fn is_counted(text: &str, singular: &str, plural: &str) -> bool {
    text.split_once(' ').is_some_and(|(number, noun)| {
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b',';
        !number.is_empty() && number.bytes().all(is_digit) && [singular, plural].contains(&noun)
    })
}

/// Removes the escape sequences of colours.
fn without_colors(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_not_recognized() {
        for text in [
            "",
            "%PDF-1.4\n",
            "{\"schema\":1,\"items\":[]}",
            "{\"code\":\"x\"}",
            "path,bank,password\na.pdf,hdfc,secret\n",
            "path\tverdict\n",
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>bankscreen</title>",
            "3 files, 4 pages to print\n",
            "2 files, 3 pages: all fine\n",
            "secret\nuploads: 2\n",
            "# HELP http_requests_total\n",
        ] {
            assert!(!is_own_report(text.as_bytes(), text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn summaries_of_text_are_recognized() {
        for text in [
            "  1 file, 1,234 pages in 0.21 s: 1 pass, 0 warn, 0 fail.  1 wasted call saved.\n",
            "  \x1b[1m2 files, 3 pages:\x1b[0m 1 pass, 0 warn, 1 fail.\n  Uploads: 2 accepted.\n",
            "  1 upload: 1 accepted; 2 files skipped.\n",
            "  code    files\n  REMADE_PDF  1\n\n  1 file, 1 page: 1 pass, 0 warn, 0 fail.\n",
            "::notice title=bankscreen::2 files, 3 pages: 1 pass, 0 warn, 1 fail\n",
        ] {
            assert!(is_own_report(text.as_bytes(), text.as_bytes()), "{text}");
        }
    }
}
