//! How banks form the passwords of their statements, in words.

use super::texts::NoteTexts;
use crate::applicant::{Document, Rule, RuleTable};
use crate::statement::Bank;

/// Rules that a message names: the likeliest ones.
const MAX_RULES: usize = 2;

/// Returns the rules of a bank for account statements, likeliest first.
fn account_rules<'t>(table: &'t RuleTable, bank: &'t Bank) -> impl Iterator<Item = &'t Rule> {
    let rules = table.of_bank(bank.id());
    rules.filter(|rule| rule.document() == Document::Account)
}

/// Describes a rule; `None` if the language has no words for a part of it.
fn words(rule: &Rule, texts: &NoteTexts) -> Option<String> {
    let segments = rule.segments().map(|segment| {
        if let Some(literal) = segment.strip_prefix('"') {
            let literal = literal.trim_end_matches('"');
            return Some(texts.fill("rule.literal", &[("text", literal)]));
        }
        let key = format!("rule.{segment}");
        texts.has(&key).then(|| texts.get(&key).to_owned())
    });
    let segments: Option<Vec<String>> = segments.collect();
    Some(segments?.join(texts.get("rule.join")))
}

/// Returns a sentence about how a bank forms its passwords; `None` if no rule is known.
pub(super) fn password_words(bank: &Bank, texts: &NoteTexts) -> Option<String> {
    let rules = account_rules(texts.rules(), bank).filter_map(|rule| words(rule, texts));
    let rules: Vec<String> = rules.take(MAX_RULES).collect();
    if rules.is_empty() {
        return None;
    }
    let rules = texts.list(&rules, "list.or");
    Some(texts.fill("rule", &[("bank", bank.name()), ("rules", &rules)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::BankRegistry;

    #[test]
    fn the_rules_of_a_bank_are_described() {
        let banks = BankRegistry::default();
        let check = |id, expected: Option<&str>| {
            let bank = banks.by_id(id).unwrap();
            let found = password_words(bank, NoteTexts::english());
            assert_eq!(found.as_deref(), expected);
        };
        check(
            "hdfc",
            Some(
                "HDFC Bank usually forms the password from your customer ID or the first four \
                 letters of your name in capital letters, followed by the day and month of your \
                 birth (DDMM).",
            ),
        );
        check(
            "yesbnk",
            Some(
                "Yes Bank usually forms the password from your date of birth (DDMMYY), followed by \
             the first four letters of your name in small letters or your customer ID, followed \
             by your date of birth (DDMMYYYY).",
            ),
        );
        check("uco", None);
    }

    #[test]
    fn a_rule_of_the_user_comes_first() {
        let rule = crate::applicant::parse("UCO\taccount\tcustomer_id\t1\n").unwrap();
        let texts = crate::screen::notes::NoteLanguages::default();
        let texts = texts.with_rules(&RuleTable::new(rule));
        let banks = BankRegistry::default();
        let found = password_words(banks.by_id("uco").unwrap(), texts.english());
        let expected = "UCO Bank usually forms the password from your customer ID.";
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn every_rule_for_accounts_has_words_in_both_languages() {
        let table = RuleTable::default();
        for bank in BankRegistry::default().all() {
            for rule in account_rules(&table, bank) {
                for texts in [NoteTexts::english(), NoteTexts::hindi()] {
                    assert!(words(rule, texts).is_some(), "{rule}");
                }
            }
        }
    }
}
