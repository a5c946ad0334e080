//! Tests of the journal in one process: intents, outcomes, recovery, queries and privacy.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the tests read its files"
)]

use super::storage::{JournalMode, database_path, open_with};
use super::*;
use crate::screen::ContentHash;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Receipt};
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

const SESSION: &str = "1b5c-session";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn content(name: &str) -> ContentHash {
    ContentHash::of(name.as_bytes())
}

fn intent(name: &str) -> Intent {
    Intent {
        content: content(name),
        session: SESSION.to_owned(),
        name: name.to_owned(),
        bytes: 1000,
        bank: Some("hdfc".to_owned()),
        account: Some("50100123456789".to_owned()),
        resend: Resend::Never,
        at: at(1),
    }
}

fn resend(name: &str) -> Intent {
    Intent {
        resend: Resend::Unknown,
        ..intent(name)
    }
}

fn outcome(kind: OutcomeKind, code: Option<&str>) -> Outcome {
    Outcome {
        kind,
        code: code.map(OutcomeCode::from_name),
        http_status: None,
        attempts: 1,
        receipt: Receipt::default(),
    }
}

/// A folder with a journal for one test.
struct TestJournal {
    folder: TempDir,
}

impl TestJournal {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn open(&self) -> Journal {
        Journal::open(self.folder.path(), at(100)).unwrap()
    }

    fn find(&self, query: &HistoryQuery) -> (Vec<UploadEntry>, HistoryTotals) {
        let reader = JournalReader::open(self.folder.path(), at(100)).unwrap();
        reader.unwrap().history(query).unwrap()
    }

    fn outcome_names(&self) -> Vec<&'static str> {
        let (entries, _) = self.find(&HistoryQuery::default());
        let name = |entry: &UploadEntry| {
            entry
                .settled
                .as_ref()
                .map_or("-", |s| s.outcome.kind.name())
        };
        entries.iter().map(name).collect()
    }
}

/// Records an intent that must be allowed.
fn begin(journal: &mut Journal, intent: &Intent) -> EntryId {
    match journal.begin(intent).unwrap() {
        BeginResult::Recorded(id) => id,
        other => panic!("{other:?}"),
    }
}

/// Records a complete attempt with its outcome.
fn send(journal: &mut Journal, intent: &Intent, outcome: &Outcome) -> Outcome {
    let id = begin(journal, intent);
    journal.body_started(id).unwrap();
    journal.settle(id, outcome, at(2)).unwrap()
}

#[test]
fn an_uploaded_file_is_never_sent_again() {
    let case = TestJournal::new();
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("a"),
        &outcome(OutcomeKind::Accepted, None),
    );
    for again in [intent("a"), resend("a")] {
        let result = journal.begin(&again).unwrap();
        assert!(matches!(result, BeginResult::AlreadyUploaded(entry) if entry.name == "a"));
    }
    let elsewhere = Intent {
        session: "another".to_owned(),
        ..intent("a")
    };
    begin(&mut journal, &elsewhere);
}

#[test]
fn rejected_and_skipped_files_may_be_sent_again() {
    let case = TestJournal::new();
    let mut journal = case.open();
    for (kind, code) in [
        (OutcomeKind::Rejected, "PASSWORD_INCORRECT"),
        (OutcomeKind::Skipped, "RATE_LIMITED"),
    ] {
        send(&mut journal, &intent("a"), &outcome(kind, Some(code)));
    }
    let accepted = send(
        &mut journal,
        &intent("a"),
        &outcome(OutcomeKind::Accepted, None),
    );
    assert_eq!(accepted.kind, OutcomeKind::Accepted);
    let entry = journal.find(content("a"), SESSION).unwrap().unwrap();
    assert_eq!(entry.settled.unwrap().outcome.attempts, 3);
}

#[test]
fn an_unknown_file_is_sent_again_only_on_request_and_stays_unknown_without_evidence() {
    use OutcomeKind::{AlreadyUploaded, Rejected, Skipped, Unknown};
    let case = TestJournal::new();
    let mut journal = case.open();
    let unknown = outcome(Unknown, Some("ANSWER_LOST"));
    send(&mut journal, &intent("a"), &unknown);
    let check = |journal: &mut Journal, kind, code, expected| {
        assert!(matches!(
            journal.begin(&intent("a")).unwrap(),
            BeginResult::Unsettled(_)
        ));
        let outcome = send(journal, &resend("a"), &outcome(kind, Some(code)));
        assert_eq!(outcome.kind, expected);
    };
    check(&mut journal, Skipped, "SERVICE_UNREACHABLE", Unknown);
    check(&mut journal, Rejected, "PASSWORD_INCORRECT", Rejected);
    assert_eq!(journal.unsettled(SESSION).unwrap().len(), 1);
    check(
        &mut journal,
        Rejected,
        "STATEMENT_DUPLICATE",
        AlreadyUploaded,
    );
    assert_eq!(journal.unsettled(SESSION).unwrap(), []);
}

#[test]
fn evidence_resolves_unknown_entries_only() {
    let case = TestJournal::new();
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("a"),
        &outcome(OutcomeKind::Unknown, None),
    );
    send(
        &mut journal,
        &intent("b"),
        &outcome(OutcomeKind::Accepted, None),
    );
    let unsettled = journal.unsettled(SESSION).unwrap();
    assert_eq!(unsettled.len(), 1);
    let accepted = outcome(OutcomeKind::Accepted, None);
    journal.resolve(unsettled[0].id, &accepted, at(3)).unwrap();
    let twice = journal.resolve(unsettled[0].id, &accepted, at(3));
    assert!(matches!(twice, Err(JournalError::NotOpen { .. })));
    assert_eq!(case.outcome_names(), ["accepted", "accepted"]);
}

#[test]
fn an_entry_is_settled_once() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let id = begin(&mut journal, &intent("a"));
    assert!(matches!(
        journal.begin(&resend("a")).unwrap(),
        BeginResult::Unsettled(_)
    ));
    let accepted = outcome(OutcomeKind::Accepted, None);
    journal.settle(id, &accepted, at(2)).unwrap();
    let rejected = outcome(OutcomeKind::Rejected, None);
    assert!(matches!(
        journal.settle(id, &rejected, at(2)),
        Err(JournalError::NotOpen { .. })
    ));
    assert!(matches!(
        journal.body_started(id),
        Err(JournalError::NotOpen { .. })
    ));
}

#[test]
fn a_crash_makes_a_started_body_unknown_and_skips_the_rest() {
    for mode in [JournalMode::WriteAheadLog, JournalMode::Rollback] {
        let case = TestJournal::new();
        let open = |dir: &Path| open_with(dir, mode);
        let mut journal = Journal::open_with(case.folder.path(), at(100), open).unwrap();
        begin(&mut journal, &intent("no byte sent"));
        let sent = begin(&mut journal, &intent("some bytes sent"));
        journal.body_started(sent).unwrap();
        send(
            &mut journal,
            &intent("sent again"),
            &outcome(OutcomeKind::Unknown, None),
        );
        begin(&mut journal, &resend("sent again"));
        assert_eq!(case.outcome_names(), ["-", "-", "-"], "being sent");
        drop(journal);
        let expected = ["skipped", "unknown", "unknown"];
        assert_eq!(case.outcome_names(), expected, "as a reader reads it");
        let (found, _) = case.find(&HistoryQuery {
            outcome: Some(OutcomeKind::Unknown),
            ..HistoryQuery::default()
        });
        assert_eq!(found.len(), 2);
        let mut journal = case.open();
        let recovered = journal.recovered();
        assert_eq!((recovered.unknown, recovered.skipped), (2, 1));
        assert_eq!(case.outcome_names(), expected);
        begin(&mut journal, &intent("no byte sent"));
        let result = journal.begin(&intent("some bytes sent")).unwrap();
        assert!(matches!(result, BeginResult::Unsettled(_)));
    }
}

#[test]
fn queries_match_name_hash_session_bank_and_code_literally() {
    let case = TestJournal::new();
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("in/april_1.pdf"),
        &outcome(OutcomeKind::Accepted, None),
    );
    let code = outcome(OutcomeKind::Rejected, Some("PDF_IS_IMAGE"));
    send(&mut journal, &intent("in/may 50100123456789.pdf"), &code);
    let check = |text: &str, count| {
        let query = HistoryQuery {
            text: Some(text.to_owned()),
            ..HistoryQuery::default()
        };
        let (entries, totals) = case.find(&query);
        assert_eq!((entries.len(), totals.uploads), (count, count), "{text}");
    };
    check("APRIL", 1);
    check("april_1", 1);
    check("april%1", 0);
    check("_", 2);
    check("50100123456789", 1);
    check(content("in/april_1.pdf").to_string().get(..10).unwrap(), 1);
    check("1b5c", 2);
    check("HDFC", 2);
    check("hdf", 0);
    check("is_image", 1);
    check("'; DROP TABLE uploads; --", 0);
}

#[test]
fn the_latest_entries_are_last_and_counts_ignore_the_limit() {
    let case = TestJournal::new();
    let mut journal = case.open();
    for name in ["a", "b", "c"] {
        send(
            &mut journal,
            &intent(name),
            &outcome(OutcomeKind::Accepted, None),
        );
    }
    journal
        .record_run(&RunSummary {
            at: at(5),
            files: 9,
            failed: 6,
            calls_saved: 4,
        })
        .unwrap();
    let query = HistoryQuery {
        limit: Some(2),
        ..HistoryQuery::default()
    };
    let (entries, totals) = case.find(&query);
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    assert_eq!((totals.uploads, totals.bytes), (3, 3000));
    assert_eq!(
        (totals.runs, totals.screened, totals.calls_saved),
        (1, 9, 4)
    );
    let later = HistoryQuery {
        since: Some(at(6)),
        ..HistoryQuery::default()
    };
    assert_eq!(case.find(&later).1, HistoryTotals::default());
}

#[test]
fn pruning_deletes_old_entries_except_unknown_ones() {
    let case = TestJournal::new();
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("old"),
        &outcome(OutcomeKind::Accepted, None),
    );
    send(
        &mut journal,
        &intent("unknown"),
        &outcome(OutcomeKind::Unknown, None),
    );
    begin(&mut journal, &intent("open"));
    journal
        .record_run(&RunSummary {
            at: at(2),
            files: 1,
            failed: 0,
            calls_saved: 0,
        })
        .unwrap();
    assert_eq!(journal.prune(at(2)).unwrap(), Pruned::default());
    let pruned = journal.prune(at(3)).unwrap();
    assert_eq!(
        pruned,
        Pruned {
            uploads: 1,
            runs: 1,
            retained: 1
        }
    );
    assert_eq!(case.outcome_names(), ["unknown", "-"]);
}

#[test]
fn a_second_writer_gets_the_holder_of_the_lock() {
    let case = TestJournal::new();
    let journal = case.open();
    let second = Journal::open(case.folder.path(), at(100));
    let Err(JournalError::InUse { holder, .. }) = &second else {
        panic!("{second:?}");
    };
    assert_eq!(holder.as_ref().unwrap().pid, std::process::id());
    drop(journal);
    drop(case.open());
}

#[test]
fn readers_create_no_files_in_an_empty_folder() {
    let case = TestJournal::new();
    assert!(
        JournalReader::open(case.folder.path(), at(0))
            .unwrap()
            .is_none()
    );
    let missing = case.folder.path().join("missing");
    assert!(JournalReader::open(&missing, at(0)).unwrap().is_none());
    assert_eq!(std::fs::read_dir(case.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_of_a_newer_version_is_not_changed() {
    let case = TestJournal::new();
    drop(case.open());
    let newer = Connection::open(database_path(case.folder.path())).unwrap();
    newer.pragma_update(None, "user_version", 7).unwrap();
    drop(newer);
    let before = std::fs::read(database_path(case.folder.path())).unwrap();
    let writer = Journal::open(case.folder.path(), at(0)).map(|_| ());
    let reader = JournalReader::open(case.folder.path(), at(0)).map(|_| ());
    for result in [writer, reader] {
        assert!(matches!(
            result,
            Err(JournalError::NewerVersion {
                found: 7,
                supported: 3,
                ..
            })
        ));
    }
    assert_eq!(
        std::fs::read(database_path(case.folder.path())).unwrap(),
        before
    );
}

#[test]
fn a_database_of_another_program_is_not_used() {
    let case = TestJournal::new();
    let other = Connection::open(database_path(case.folder.path())).unwrap();
    other
        .execute_batch("CREATE TABLE songs (name TEXT)")
        .unwrap();
    drop(other);
    let result = Journal::open(case.folder.path(), at(0));
    assert!(matches!(result, Err(JournalError::NotAJournal { .. })));
}

#[test]
fn a_damaged_journal_is_set_aside_only_on_request() {
    let case = TestJournal::new();
    let path = database_path(case.folder.path());
    let mut journal = case.open();
    for index in 0..200 {
        begin(&mut journal, &intent(&format!("{index}.pdf")));
    }
    drop(journal);
    assert!(matches!(
        set_aside(case.folder.path(), at(0)),
        Err(JournalError::NotDamaged { .. })
    ));
    let intact = std::fs::read(&path).unwrap();
    for (offset, length) in [(0, 16), (4096, 4096), (intact.len() / 2, 8192)] {
        let mut damaged = intact.clone();
        damaged[offset..offset + length].fill(0xA5);
        std::fs::write(&path, &damaged).unwrap();
        let result = Journal::open(case.folder.path(), at(0));
        assert!(
            matches!(result, Err(JournalError::Damaged { .. })),
            "{offset}"
        );
        assert_eq!(
            std::fs::read(&path).unwrap(),
            damaged,
            "nothing was repaired"
        );
    }
    let new_path = set_aside(case.folder.path(), at(0)).unwrap();
    assert!(new_path.exists());
    begin(&mut case.open(), &intent("0.pdf"));
}

#[test]
fn all_files_of_the_journal_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let case = TestJournal::new();
    let folder = case.folder.path().join("state/bankscreen");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let mut journal = Journal::open(&folder, at(0)).unwrap();
    begin(&mut journal, &intent("a"));
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn account_numbers_are_stored_masked() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let named = Intent {
        name: "50100123456789 statement.pdf".to_owned(),
        ..intent("a")
    };
    let id = begin(&mut journal, &named);
    let mut accepted = outcome(
        OutcomeKind::Accepted,
        Some("50100123456789".repeat(100).as_str()),
    );
    accepted.receipt.months = vec!["canary".to_owned(), "2026-04".to_owned()];
    journal.settle(id, &accepted, at(2)).unwrap();
    let entry = &case.find(&HistoryQuery::default()).0[0];
    assert_eq!(entry.name, "XXXXXXXXXX6789 statement.pdf");
    assert_eq!(entry.account.as_deref(), Some("XXXXXXXXXX6789"));
    let stored = &entry.settled.as_ref().unwrap().outcome;
    assert_eq!(stored.receipt.months, ["2026-04"]);
    assert_eq!(stored.code.as_ref().unwrap().name(), "X".repeat(128));
}

#[test]
fn commits_are_flushed_and_deleted_rows_overwritten() {
    let case = TestJournal::new();
    let journal = case.open();
    let query = |pragma: &str| {
        let sql = format!("PRAGMA {pragma}");
        let row = journal
            .connection
            .query_row(&sql, [], |row| row.get::<_, i64>(0));
        row.unwrap()
    };
    assert_eq!(query("synchronous"), 3, "EXTRA");
    assert_eq!(query("secure_delete"), 1);
}
