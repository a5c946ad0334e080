//! What is stored between runs, and how the end of uploads is announced.

use super::*;
use crate::dashboard::model::{RecentSession, RestoredFile, StoredFile, unfinished};

#[test]
fn an_interrupted_queue_is_offered_and_returns_with_its_choices() {
    let mut model = model();
    model.setup.interrupted_queue = Some((2, Timestamp::UNIX_EPOCH));
    begin(&mut model);
    let text = question(&model);
    assert!(
        text.starts_with("The last dashboard was interrupted at 1970-01-01 00:00, with 2 files")
    );
    assert_eq!(press(&mut model, "\n"), [Effect::RestoreQueue]);
    let found = ["a.pdf", "b.pdf"].map(discovered).into();
    update(&mut model, Message::FilesFound(found));
    let stored = StoredFile {
        marked: true,
        bank: Some("icici".to_owned()),
        category: Some("CURRENT".to_owned()),
        ignored: vec![
            "PARTLY_SCANNED".to_owned(),
            "FROM_ANOTHER_VERSION".to_owned(),
        ],
        ..StoredFile::default()
    };
    let files = vec![
        RestoredFile {
            file: FileId(0),
            stored: stored.clone(),
        },
        RestoredFile {
            file: FileId(1),
            stored: StoredFile::default(),
        },
    ];
    let effects = update(&mut model, Message::QueueRestored { files, missing: 1 });
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        requests[0].expected.bank.as_ref().map(Bank::id),
        Some("icici")
    );
    let file = &model.queue.files()[0];
    assert!(file.marked);
    assert_eq!(file.ignored, [Code::PartlyScanned]);
    assert_eq!(
        model.notice.clone().unwrap().1,
        "2 files of the interrupted queue returned; 1 file no longer there"
    );
    // An uploaded file, which its case needs, is not among those that the question counted.
    let uploaded = StoredFile {
        uploaded: true,
        ..StoredFile::default()
    };
    let files = [(0, StoredFile::default()), (1, uploaded)].map(|(id, stored)| RestoredFile {
        file: FileId(id),
        stored,
    });
    let files = files.into();
    let mut again = with_files(&[("a.pdf", passing("a")), ("b.pdf", passing("b"))]);
    update(&mut again, Message::QueueRestored { files, missing: 0 });
    assert_eq!(
        again.notice.clone().unwrap().1,
        "1 file of the interrupted queue returned, and 1 uploaded of the same cases"
    );
    // Stored again, it is what it was, without what this version can't have.
    let ignored = vec!["PARTLY_SCANNED".to_owned()];
    assert_eq!(
        StoredFile::choices_of(file),
        StoredFile { ignored, ..stored }
    );
}

#[test]
fn only_files_that_are_not_uploaded_are_stored_and_never_a_secret() {
    let files = [("a", passing("a")), ("b", locked("b")), ("c", passing("c"))];
    let mut model = with_files(&files);
    open_session(&mut model);
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    finish_upload(&mut model, 2, OutcomeKind::Unknown);
    press(&mut model, "jp");
    press(&mut model, "canary-password\n");
    let stored: Vec<_> = unfinished(&model.queue).collect();
    let ids: Vec<u32> = stored.iter().map(|(id, _)| id.0).collect();
    assert_eq!(ids, [1, 2]);
    for (_, file) in stored {
        let json = serde_json::to_string(&StoredFile::choices_of(file)).unwrap();
        assert!(!json.contains("canary"), "{json}");
    }
}

#[test]
fn recent_sessions_are_offered_by_their_reference() {
    let mut model = model();
    model.setup.first_offer = FirstOffer::Service;
    let effects = update(
        &mut model,
        Message::SessionOpened(Ok(session("s-1", Some("LOAN-4711")))),
    );
    let recent = RecentSession {
        reference: "LOAN-4711".to_owned(),
        period: None,
        used_at: Timestamp::UNIX_EPOCH,
    };
    assert!(
        effects.contains(&Effect::RememberSession(recent.clone())),
        "{effects:?}"
    );
    press(&mut model, "S");
    let Some(Overlay::Choice(choice)) = model.top_overlay() else {
        panic!("no question");
    };
    let labels: Vec<_> = choice
        .options
        .iter()
        .map(|option| option.label.as_str())
        .collect();
    assert_eq!(labels[0], "New BankConnect session");
    assert_eq!(labels[1], "Recent session: LOAN-4711");
    press(&mut model, "r\n");
    let SessionState::Planned(SessionSource::New(request)) = &model.session else {
        panic!("{:?}", model.session);
    };
    assert_eq!(request.link_id, "LOAN-4711");
    // The default period moves with the day.
    let days = request.period.days().ok().flatten();
    assert_eq!(days, Some((date(2026, 5, 1), date(2026, 11, 21))));
}

#[test]
fn a_sandbox_session_is_not_remembered() {
    let mut model = model();
    open_session(&mut model);
    assert!(model.recent_sessions.is_empty());
}

#[test]
fn the_end_of_uploads_is_announced_only_if_the_user_wants_it() {
    let alerts = |bell, title| {
        let mut model = with_files(&[("a", passing("a")), ("b", passing("b"))]);
        model.setup.alerts = Alerts { bell, title };
        open_session(&mut model);
        press(&mut model, "u\n");
        let mut effects = Vec::new();
        for file in [0, 1] {
            let finished = UploadUpdate {
                file: FileId(file),
                progress: UploadProgress::Finished(Box::new(settled(OutcomeKind::Accepted))),
            };
            effects.extend(update(&mut model, Message::UploadUpdated(finished)));
        }
        effects
    };
    assert_eq!(alerts(false, false), []);
    let title = Some("bankscreen: 2 of 2 uploaded".to_owned());
    assert_eq!(alerts(false, true), [Effect::Alert { bell: false, title }]);
    assert_eq!(
        alerts(true, false),
        [Effect::Alert {
            bell: true,
            title: None
        }]
    );
}
