//! Tests of the journal in one process: intents, outcomes, recovery, queries and privacy.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: the tests read its files"
)]

mod damage;

use super::storage::{JournalMode, database_path, open_with};
use super::*;
use crate::applicant::RuleUse;
use crate::screen::ContentHash;
use crate::statement::DateRange;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Owner, Receipt, RequestDigest};
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
        request: Some(RequestDigest::new(&[7; 32])),
        predicted: vec!["EDITED_PDF".to_owned()],
        resend: Resend::default(),
        at: at(1),
    }
}

fn owner(number: u8) -> Owner {
    Owner::new(&[number; 32])
}

fn resend(name: &str) -> Intent {
    Intent {
        resend: Resend {
            unknown: true,
            ..Resend::default()
        },
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
        self.open_for(1)
    }

    fn open_for(&self, number: u8) -> Journal {
        Journal::open(self.folder.path(), Some(owner(number)), None).unwrap()
    }

    fn find(&self, query: &HistoryQuery) -> (Vec<UploadEntry>, HistoryTotals) {
        let reader = JournalReader::open(self.folder.path()).unwrap();
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
        let folder = case.folder.path();
        let mut journal = Journal::open_with(folder, Some(owner(1)), None, open).unwrap();
        let Locked::Taken(lock) = journal.locks().take(SESSION, at(0)).unwrap() else {
            panic!("nobody else uses the session");
        };
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
        drop((journal, lock));
        let expected = ["skipped", "unknown", "unknown"];
        assert_eq!(case.outcome_names(), expected, "as a reader reads it");
        let (found, _) = case.find(&HistoryQuery {
            outcome: Some(OutcomeKind::Unknown),
            ..HistoryQuery::default()
        });
        assert_eq!(found.len(), 2);
        let mut journal = case.open();
        let recovered = journal.recover(SESSION, at(100)).unwrap();
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
fn pruning_removes_details_and_keeps_the_protection() {
    let case = TestJournal::new();
    let mut journal = case.open();
    for (name, kind) in [
        ("old", OutcomeKind::Accepted),
        ("unknown", OutcomeKind::Unknown),
    ] {
        let mut outcome = outcome(kind, None);
        outcome.receipt.months = vec!["2026-04".to_owned()];
        send(&mut journal, &intent(name), &outcome);
    }
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
    assert_eq!((pruned.uploads, pruned.runs), (2, 1));
    assert_eq!(journal.prune(at(3)).unwrap().uploads, 0, "only once");
    for name in ["old", "unknown"] {
        assert!(!matches!(
            journal.begin(&intent(name)).unwrap(),
            BeginResult::Recorded(_)
        ));
    }
    let (entries, totals) = case.find(&HistoryQuery::default());
    assert_eq!(totals.runs, 0);
    let texts = format!("{:?}", &entries[..2]);
    assert!(
        !texts.contains("2026-04") && !texts.contains("6789"),
        "{texts}"
    );
    assert!(entries[0].is_pruned && entries[0].name.is_empty());
    drop(journal);
    drop(case.open());
}

#[test]
fn forgetting_a_file_gives_up_its_protection() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let accepted = outcome(OutcomeKind::Accepted, None);
    send(&mut journal, &intent("april.pdf"), &accepted);
    send(&mut journal, &intent("may.pdf"), &accepted);
    assert_eq!(journal.forget("april").unwrap(), 1);
    begin(&mut journal, &intent("april.pdf"));
    assert!(matches!(
        journal.begin(&intent("may.pdf")).unwrap(),
        BeginResult::AlreadyUploaded(_)
    ));
}

#[test]
fn another_key_neither_uses_nor_forgets_uploads_and_sessions() {
    let case = TestJournal::new();
    let (request, link) = (content("request"), content("link"));
    let mut first = case.open_for(1);
    first
        .save_session((request, link), SESSION, None, at(1))
        .unwrap();
    send(
        &mut first,
        &intent("a"),
        &outcome(OutcomeKind::Accepted, None),
    );
    let mut second = case.open_for(2);
    assert_eq!(second.sessions_of(request).unwrap(), []);
    assert_eq!(second.find(content("a"), SESSION).unwrap(), None);
    second.end_session(SESSION).unwrap();
    begin(&mut second, &intent("a"));
    assert_eq!(
        first.sessions_of(request).unwrap()[0].state,
        SessionState::Open
    );
    let result = first.begin(&intent("a")).unwrap();
    assert!(matches!(result, BeginResult::AlreadyUploaded(_)));
    let query = HistoryQuery {
        text: Some("link".to_owned()),
        ..HistoryQuery::default()
    };
    assert_eq!(case.find(&query).0.len(), 2, "found by the link ID");
}

/// Writes a journal as version 3 did, with an accepted file and its session.
fn write_version_3(folder: &Path, request: ContentHash) {
    let old = Connection::open(database_path(folder)).unwrap();
    for sql in [
        include_str!("../migrations/0001_uploads.sql"),
        include_str!("../migrations/0002_sessions.sql"),
        include_str!("../migrations/0003_periods.sql"),
    ] {
        old.execute_batch(sql).unwrap();
    }
    old.pragma_update(None, "user_version", 3).unwrap();
    let upload = "INSERT INTO uploads (content, session, name, bytes, begun_at, attempts, phase,
            outcome, settled_at)
        VALUES (?1, ?2, 'a', 1, 1, 1, 'settled', 'accepted', 1)";
    old.execute(upload, (content("a").to_string(), SESSION))
        .unwrap();
    let session = "INSERT INTO sessions VALUES (?1, ?2, 1, '2026-01-01', '2026-06-30')";
    old.execute(session, (request.to_string(), SESSION))
        .unwrap();
}

#[test]
fn rows_of_an_earlier_version_belong_to_the_key_that_proves_it() {
    let case = TestJournal::new();
    let request = content("request");
    write_version_3(case.folder.path(), request);
    let earlier = JournalReader::open_unchanged(case.folder.path())
        .unwrap()
        .unwrap();
    assert_eq!(earlier.rule_uses().unwrap().0, []);
    assert_eq!(earlier.learnt_forms(FormSource::All).unwrap().0, []);
    drop(earlier);
    let mut foreign = case.open_for(2);
    let known = foreign.sessions_of(request).unwrap();
    assert!(!known[0].is_owned && known[0].period.is_some());
    foreign.disclaim_session(request, SESSION, at(1)).unwrap();
    assert_eq!(foreign.sessions_of(request).unwrap(), []);
    assert_eq!(foreign.find(content("a"), SESSION).unwrap(), None);
    let mut own = case.open_for(1);
    assert!(
        own.find(content("a"), SESSION).unwrap().is_some(),
        "protected before the proof"
    );
    own.claim_session(SESSION).unwrap();
    assert!(own.sessions_of(request).unwrap()[0].is_owned);
    let third = case.open_for(3);
    assert_eq!(third.sessions_of(request).unwrap(), []);
    assert_eq!(third.find(content("a"), SESSION).unwrap(), None);
}

#[test]
fn a_refusal_is_remembered_until_the_request_changes() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let refuse = |journal: &mut Journal, name: &str, code: &str, status| {
        let refused = Outcome {
            http_status: Some(status),
            ..outcome(OutcomeKind::Rejected, Some(code))
        };
        send(journal, &intent(name), &refused);
        matches!(
            journal.begin(&intent(name)).unwrap(),
            BeginResult::Refused(_)
        )
    };
    assert!(refuse(&mut journal, "a", "PASSWORD_INCORRECT", 400));
    assert!(refuse(&mut journal, "b", "NEW_FILE_PROBLEM", 422));
    assert!(
        !refuse(&mut journal, "c", "PASSWORD_INCORRECT", 404),
        "the status outweighs the code"
    );
    assert!(!refuse(&mut journal, "d", "RATE_LIMITED_NOW", 400));
    assert!(!refuse(&mut journal, "e", "MISSING_FILE_OBJECT", 400));
    let changed = Intent {
        request: Some(RequestDigest::new(&[8; 32])),
        ..intent("a")
    };
    begin(&mut journal, &changed);
    let requested = Intent {
        resend: Resend {
            refused: true,
            ..Resend::default()
        },
        ..intent("b")
    };
    begin(&mut journal, &requested);
}

#[test]
fn the_statement_of_another_file_is_a_contradiction() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let mut accepted = outcome(OutcomeKind::Accepted, None);
    accepted.receipt.statement_id = Some("s-1".to_owned());
    assert_eq!(
        send(&mut journal, &intent("a"), &accepted).kind,
        OutcomeKind::Accepted
    );
    let second = send(&mut journal, &intent("b"), &accepted);
    assert_eq!(second.kind, OutcomeKind::Unknown);
    assert_eq!(second.receipt.statement_id, None);
}

#[test]
fn ended_and_forgotten_sessions_stay_known() {
    let case = TestJournal::new();
    let (request, link) = (content("request"), content("link"));
    let mut journal = case.open();
    let period = DateRange {
        from: "2026-01-01".parse().unwrap(),
        to: "2026-06-30".parse().unwrap(),
    };
    for (index, session) in ["s-1", "s-2", "s-3"].into_iter().enumerate() {
        let at = at(i64::try_from(index).unwrap());
        journal
            .save_session((request, link), session, Some(period), at)
            .unwrap();
    }
    journal.end_session("s-1").unwrap();
    assert!(journal.forget_session("s-2").unwrap());
    assert!(!journal.forget_session("unknown").unwrap());
    let states: Vec<_> = journal
        .sessions_of(request)
        .unwrap()
        .into_iter()
        .map(|session| (session.id, session.state))
        .collect();
    let expected = [
        ("s-1", SessionState::Ended),
        ("s-2", SessionState::Forgotten),
        ("s-3", SessionState::Open),
    ];
    assert_eq!(states, expected.map(|(id, state)| (id.to_owned(), state)));
    assert_eq!(journal.session_period("s-2").unwrap(), Some(period));
}

#[test]
fn a_saved_call_counts_once_for_a_file_and_a_session() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let calls = [(content("a"), "PDF_IS_IMAGE"), (content("b"), "EMPTY_FILE")];
    let mut record = |scope: &str, calls: &[(ContentHash, &str)]| {
        let calls = calls.iter().copied();
        journal.record_saved_calls(scope, calls, at(1)).unwrap()
    };
    assert_eq!(record("request", &calls[..1]), 1);
    assert_eq!(record("request", &calls), 1, "the first is counted already");
    assert_eq!(record("another", &calls), 2);
}

#[test]
fn a_wait_of_the_service_holds_for_its_key() {
    let case = TestJournal::new();
    let mut journal = case.open();
    journal.set_wait(at(50)).unwrap();
    journal.set_wait(at(20)).unwrap();
    assert_eq!(journal.wait_until(at(10)).unwrap(), Some(at(50)));
    assert_eq!(journal.wait_until(at(50)).unwrap(), None);
    assert_eq!(case.open_for(2).wait_until(at(10)).unwrap(), None);
}

#[test]
fn a_session_has_one_sender_at_a_time() {
    let case = TestJournal::new();
    let (first, second) = (case.open(), case.open());
    let Locked::Taken(lock) = first.locks().take(SESSION, at(0)).unwrap() else {
        panic!("nobody else uses the session");
    };
    let Locked::Held(holder) = second.locks().take(SESSION, at(0)).unwrap() else {
        panic!("the session is in use");
    };
    assert_eq!(holder.unwrap().pid, std::process::id());
    let other = second.locks().take("another", at(0)).unwrap();
    assert!(matches!(other, Locked::Taken(_)));
    drop(lock);
    let taken = second.locks().take(SESSION, at(0)).unwrap();
    assert!(matches!(taken, Locked::Taken(_)));
    drop((taken, other));
    let locks = case.folder.path().join("locks");
    assert_eq!(
        std::fs::read_dir(locks).unwrap().count(),
        0,
        "no lock file is left"
    );
}

#[test]
fn a_group_commits_all_changes_or_none() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let result: Result<(), _> = journal.group(|journal| {
        begin(journal, &intent("a"));
        Err(JournalError::Ended)
    });
    assert!(result.is_err());
    assert_eq!(case.outcome_names(), Vec::<&str>::new());
    let group = journal.group(|journal| {
        begin(journal, &intent("a"));
        // A failing change inside a group undoes only itself.
        let failed: Result<(), _> = journal.group(|journal| {
            begin(journal, &intent("b"));
            Err(JournalError::Ended)
        });
        assert!(failed.is_err());
        Ok(())
    });
    group.unwrap();
    assert_eq!(case.outcome_names().len(), 1);
}

#[test]
fn readers_create_no_files_in_an_empty_folder() {
    let case = TestJournal::new();
    assert!(JournalReader::open(case.folder.path()).unwrap().is_none());
    let missing = case.folder.path().join("missing");
    assert!(JournalReader::open(&missing).unwrap().is_none());
    assert_eq!(std::fs::read_dir(case.folder.path()).unwrap().count(), 0);
}

#[test]
fn all_files_of_the_journal_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let case = TestJournal::new();
    let folder = case.folder.path().join("state/bankscreen");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let mut journal = Journal::open(&folder, Some(owner(1)), None).unwrap();
    begin(&mut journal, &intent("a"));
    assert_eq!(mode(&folder), 0o700);
    let lock = journal.locks().take(SESSION, at(0)).unwrap();
    assert!(matches!(lock, Locked::Taken(_)));
    assert_eq!(mode(&folder.join("locks")), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files.iter().filter(|file| file.is_file()) {
        assert_eq!(mode(file), 0o600, "{}", file.display());
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

#[test]
fn uses_of_rules_are_counted_by_bank_and_producer() {
    let case = TestJournal::new();
    let used = |bank: &str, rule: &str, files| RuleUse {
        bank: bank.to_owned(),
        producer: "00ff00ff00ff00ff".to_owned(),
        rule: rule.to_owned(),
        files,
    };
    let mut journal = case.open();
    for (bank, rule) in [
        ("hdfc", "HDFC:customer_id"),
        ("axis", "AXIS:pan:upper~"),
        ("hdfc", "HDFC:customer_id"),
    ] {
        journal.add_rule_use(&used(bank, rule, 1)).unwrap();
    }
    drop(journal);
    let reader = JournalReader::open(case.folder.path()).unwrap().unwrap();
    let expected = [
        used("axis", "AXIS:pan:upper~", 1),
        used("hdfc", "HDFC:customer_id", 2),
    ];
    assert_eq!(reader.rule_uses().unwrap().0, expected);
}
