//! Tests of journals that must not be used: damaged, of a newer version, of another program.

use super::*;

#[test]
fn no_flip_of_a_byte_allows_a_second_upload() {
    let case = TestJournal::new();
    let mut journal = case.open();
    let (request, link) = (content("request"), content("link"));
    journal
        .save_session((request, link), SESSION, None, at(1))
        .unwrap();
    let mut accepted = outcome(OutcomeKind::Accepted, None);
    for index in 0..40 {
        accepted.receipt.statement_id = Some(format!("s-{index}"));
        send(&mut journal, &intent(&format!("{index}.pdf")), &accepted);
    }
    drop(journal);
    let path = database_path(case.folder.path());
    let intact = std::fs::read(&path).unwrap();
    let mut used = 0;
    let mut check = |damaged: &[u8], what: &str| {
        std::fs::write(&path, damaged).unwrap();
        let Ok(mut journal) = Journal::open(case.folder.path(), Some(owner(1)), None) else {
            return;
        };
        used += 1;
        let sessions = journal.sessions_of(request).unwrap();
        assert_eq!(sessions.len(), 1, "{what}: the session is lost");
        for index in 0..40 {
            let result = journal.begin(&intent(&format!("{index}.pdf"))).unwrap();
            let is_refused = matches!(result, BeginResult::AlreadyUploaded(_));
            assert!(is_refused, "{what}: {index}.pdf would be sent again");
        }
    };
    // A fixed sequence of positions and bits, spread over the whole file.
    let mut state = 0x9E37_79B9_u64;
    for _ in 0..300 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let position = usize::try_from(state >> 33).unwrap() % intact.len();
        let mut damaged = intact.clone();
        damaged[position] ^= 1 << (state >> 30 & 7);
        check(&damaged, &format!("flip at {position}"));
    }
    for cut in [1, 100, 4096, 8192] {
        check(
            &intact[..intact.len() - cut],
            &format!("{cut} bytes cut off"),
        );
    }
    assert!(used > 0, "flips in unused bytes do no harm");
}

#[test]
fn a_lost_commit_is_noticed() {
    let case = TestJournal::new();
    let path = database_path(case.folder.path());
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("a"),
        &outcome(OutcomeKind::Accepted, None),
    );
    drop(journal);
    let before = std::fs::read(&path).unwrap();
    let mut journal = case.open();
    send(
        &mut journal,
        &intent("b"),
        &outcome(OutcomeKind::Accepted, None),
    );
    drop(journal);
    std::fs::write(&path, before).unwrap();
    let reopened = Journal::open(case.folder.path(), Some(owner(1)), None);
    assert!(matches!(reopened, Err(JournalError::Damaged { .. })));
    set_aside(case.folder.path(), at(0)).unwrap();
    drop(case.open());
}

#[test]
fn a_journal_of_a_newer_version_is_not_changed() {
    let case = TestJournal::new();
    drop(case.open());
    let newer = Connection::open(database_path(case.folder.path())).unwrap();
    newer.pragma_update(None, "user_version", 8).unwrap();
    drop(newer);
    let before = std::fs::read(database_path(case.folder.path())).unwrap();
    let writer = Journal::open(case.folder.path(), None, None).map(|_| ());
    let reader = JournalReader::open(case.folder.path()).map(|_| ());
    for result in [writer, reader] {
        assert!(matches!(
            result,
            Err(JournalError::NewerVersion {
                found: 8,
                supported: 7,
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
    let result = Journal::open(case.folder.path(), None, None);
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
        let result = Journal::open(case.folder.path(), None, None);
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
