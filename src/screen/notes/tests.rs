//! Tests of messages to applicants.

use super::*;
use crate::screen::Request;
use crate::statement::{BankRegistry, DateRange, Month};
use jiff::civil::date;

fn file(name: &str) -> NeededFile {
    NeededFile {
        name: Some(name.to_owned()),
        ..NeededFile::default()
    }
}

fn needs() -> Vec<Need> {
    let banks = BankRegistry::default();
    let hdfc = banks.by_id("hdfc").unwrap();
    let month = |number| Month::of(date(2026, number, 1));
    vec![
        Need::Files {
            request: Request::Password,
            files: vec![file("june.pdf")],
            period: None,
            banks: vec![hdfc.clone()],
        },
        Need::Files {
            request: Request::Original,
            files: vec![NeededFile {
                pages: vec![2, 3],
                folder: Some("old".to_owned()),
                ..file("may.pdf")
            }],
            period: None,
            banks: Vec::new(),
        },
        Need::Months {
            bank: Some(hdfc.clone()),
            account: "XXXXXXXX1234".to_owned(),
            missing: vec![month(3), month(6)],
            partial: vec![month(4)],
            outside: Vec::new(),
            may_be_unread: true,
        },
        Need::AnyStatement {
            period: Some(DateRange {
                from: date(2026, 1, 1),
                to: date(2026, 6, 30),
            }),
        },
    ]
}

#[test]
fn the_message_names_everything_in_english_and_in_hindi() {
    insta::assert_snapshot!(NoteLanguages::default().message(&needs()));
}

#[test]
fn a_team_changes_words_and_adds_languages() {
    let mut languages = NoteLanguages::default();
    languages.add("en", "greeting = Hello,\n").unwrap();
    languages.add("mr", "greeting = प्रिय ग्राहकहो,\n").unwrap();
    let message = languages.message(&needs());
    assert!(message.starts_with("Hello,\n\nto continue"), "{message}");
    assert_eq!(message.matches("\n----\n").count(), 2);
    assert!(
        message.contains("प्रिय ग्राहकहो,\n\nto continue"),
        "{message}"
    );
    assert!(languages.add("en", "x = y").is_err());
}
