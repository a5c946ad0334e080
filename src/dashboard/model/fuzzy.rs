//! Finds what a person means by a few letters.

/// How well letters fit a text, the better the higher; `None` where they don't.
///
/// The whole text beats its beginning, that the beginning of a word, that any part, and that
/// letters which only follow each other somewhere.
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
    if let Some(at) = text.find(word) {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let starts_word = before.is_none_or(|c| !c.is_alphanumeric());
        let place = i32::try_from(at.min(200)).unwrap_or(200);
        return Some(if starts_word { 800 } else { 500 } - place);
    }
    let mut rest = text.chars();
    let mut skipped = 0;
    for wanted in word.chars() {
        loop {
            if rest.next()? == wanted {
                break;
            }
            skipped += 1;
        }
    }
    Some(200 - skipped.min(199))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_better_comes_first() {
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
