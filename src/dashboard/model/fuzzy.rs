//! Fuzzy matching of list entries.

/// Scores how well a query matches a text; `None` if it does not match.
///
/// Each word of the query must match. In descending order, a word scores for equality with the
/// text, for a match at the start of a word, for any other substring, and for characters that occur
/// in the same order. An earlier or denser match scores higher.
pub(super) fn score(query: &str, text: &str) -> Option<i32> {
    let text = text.to_lowercase();
    let mut total = 0;
    for word in query.to_lowercase().split_whitespace() {
        total += word_score(word, &text)?;
    }
    Some(total)
}

fn word_score(word: &str, text: &str) -> Option<i32> {
    if text == word {
        return Some(1000);
    }
    if let Some(offset) = text.find(word) {
        let before = text
            .get(..offset)
            .and_then(|before| before.chars().next_back());
        // Initials and words are what users type, so they rank above inner matches.
        let starts_word = before.is_none_or(|c| !c.is_alphanumeric());
        let distance = i32::try_from(offset.min(200)).unwrap_or(200);
        return Some(if starts_word { 800 } else { 500 } - distance);
    }
    let mut rest = text.chars();
    let mut skipped = 0;
    for expected in word.chars() {
        loop {
            if rest.next()? == expected {
                break;
            }
            skipped += 1;
        }
    }
    // Below every substring match, which scores 300 or more.
    Some(200 - skipped.min(199))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_matches_score_higher() {
        let texts = [
            "sbi state bank of india",
            "yes bank",
            "bank of baroda bob",
            "ubi",
        ];
        let best = |query: &str| {
            let scored = texts
                .iter()
                .filter_map(|text| Some((score(query, text)?, *text)));
            scored.max().map(|(_, text)| text)
        };
        assert_eq!(best("sbi"), Some("sbi state bank of india"));
        assert_eq!(best("bob"), Some("bank of baroda bob"));
        assert_eq!(best("stbk"), Some("sbi state bank of india"));
        assert_eq!(best("india state"), Some("sbi state bank of india"));
        assert_eq!(best("zzz"), None);
    }
}
