//! Sending and its counts: nothing untrue is shown where money is involved.

use super::*;
use crate::bankconnect::wire::{SessionPeriod, SessionRequest};
use crate::dashboard::model::{FileStamp, ProcessingRequest, ProcessingState, UploadTotals};
use crate::dashboard::{CheckReason, ProcessingUpdate};

fn passing_files(names: &[&str]) -> Model {
    let files: Vec<_> = names.iter().map(|name| (*name, passing(name))).collect();
    with_files(&files)
}

fn open_session_for(model: &mut Model, id: &str, reference: &str) -> Vec<Effect> {
    let session = session(id, Some(reference));
    update(model, Message::SessionOpened(Ok(session)))
}

fn source(reference: &str) -> SessionSource {
    SessionSource::New(Box::new(SessionRequest {
        link_id: reference.to_owned(),
        period: SessionPeriod::between(date(2026, 5, 1), date(2026, 10, 31)),
        ..SessionRequest::default()
    }))
}

#[test]
fn files_outside_of_the_requested_period_are_named_so() {
    let mut out = passing("out");
    let finding = Finding::error(Code::OutOfDateRange, "outside");
    out.add_finding(finding, &Policy::default());
    let mut model = with_files(&[("out.pdf", out), ("bad.pdf", failing("bad"))]);
    open_session(&mut model);
    press(&mut model, "u");
    let (_, notice) = model.notice.clone().unwrap();
    let expected = "Nothing to upload; not eligible: 2 failed (1 outside of the requested period)";
    assert_eq!(notice, expected);
}

#[test]
fn what_the_filter_hides_is_not_sent() {
    let mut model = passing_files(&["april.pdf", "may.pdf", "june.pdf"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "/may\nu");
    assert_eq!(question(&model), "Send 1 shown of 3 ready to LOAN-4711?");
    assert_eq!(uploads(&press(&mut model, "\n")), [(1, false)]);
    // The second answer sends all.
    press(&mut model, "\x1b/june\nu");
    assert_eq!(uploads(&press(&mut model, "a")), [(2, false), (0, false)]);
}

#[test]
fn marked_files_are_sent_also_if_hidden_and_the_question_says_so() {
    let mut model = passing_files(&["april.pdf", "may.pdf", "june.pdf"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "  /may\nu");
    assert_eq!(
        question(&model),
        "Send 2 marked files, 1 hidden to LOAN-4711?"
    );
    assert_eq!(uploads(&press(&mut model, "\n")), [(1, false), (0, false)]);
}

#[test]
fn a_file_that_fails_meanwhile_is_left_out() {
    let mut model = passing_files(&["a", "b"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "u");
    model.queue.set_screening(FileId(1), failing("b"));
    assert_eq!(uploads(&press(&mut model, "\n")), [(0, false)]);
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "Uploading 1 file; left out: 1 file that can no longer be sent"
    );
}

#[test]
fn outcomes_are_counted_apart() {
    let mut model = passing_files(&["a", "b", "c", "d", "e"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "u\n");
    let outcomes = [
        OutcomeKind::AlreadyUploaded,
        OutcomeKind::Skipped,
        OutcomeKind::Rejected,
        OutcomeKind::Unknown,
    ];
    for (file, kind) in outcomes.into_iter().enumerate() {
        finish_upload(&mut model, u32::try_from(file).unwrap(), kind);
    }
    let totals = model.queue.upload_totals();
    let UploadTotals {
        uploaded,
        unknown,
        not_sent,
        ..
    } = totals;
    assert_eq!((uploaded, unknown, not_sent, totals.left()), (1, 1, 2, 1));
}

#[test]
fn a_file_of_unknown_outcome_stays_in_the_queue() {
    let mut model = passing_files(&["a", "b"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Unknown);
    finish_upload(&mut model, 1, OutcomeKind::Accepted);
    press(&mut model, "*d");
    assert_eq!(shown(&model), ["a"]);
    assert_eq!(model.queue.upload_totals().unknown, 1);
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "1 file removed from the queue; nothing was deleted, z undoes it; 1 file kept: in upload \
         (x cancels) or of unknown outcome (s resolves)"
    );
}

#[test]
fn the_question_names_what_may_be_charged_twice() {
    let mut model = passing_files(&["a.pdf", "b.pdf", "c.pdf"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "u\n");
    for file in 0..3 {
        finish_upload(&mut model, file, OutcomeKind::Unknown);
    }
    // Only the marked one.
    press(&mut model, "j ss");
    assert_eq!(
        question(&model),
        "Send 1 file again to LOAN-4711? The service may have accepted this before, and may charge \
         twice for: b.pdf"
    );
    assert_eq!(uploads(&press(&mut model, "\n")), [(1, true)]);
}

#[test]
fn another_session_starts_with_counts_of_its_own() {
    let mut model = passing_files(&["a", "b"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, " u\n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    open_session_for(&mut model, "s-2", "LOAN-4712");
    assert_eq!(model.queue.upload_totals(), UploadTotals::default());
    let before = model.queue.files()[0].uploaded_before().unwrap();
    assert_eq!(before.label(), "LOAN-4711");
    press(&mut model, "u");
    assert_eq!(question(&model), "Send 2 files to LOAN-4712?");
    press(&mut model, "\x1b");
    // Back in the first session, its outcome counts again.
    open_session_for(&mut model, "s-1", "LOAN-4711");
    assert_eq!(model.queue.upload_totals().uploaded, 1);
    press(&mut model, "u");
    assert_eq!(question(&model), "Send 1 file to LOAN-4711?");
}

#[test]
fn the_first_confirmed_upload_opens_the_session() {
    let mut model = passing_files(&["a"]);
    model.setup.initial_session = Some(source("LOAN-4711"));
    let effects = begin(&mut model);
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenSession(_))),
        "nothing is created before it is confirmed"
    );
    press(&mut model, "u");
    assert_eq!(
        question(&model),
        "Send 1 file to LOAN-4711? Opens the session for LOAN-4711 first."
    );
    assert_eq!(
        press(&mut model, "\n"),
        [Effect::OpenSession(source("LOAN-4711"))]
    );
    let effects = open_session_for(&mut model, "s-1", "LOAN-4711");
    assert_eq!(uploads(&effects), [(0, false)]);
}

#[test]
fn a_session_that_could_not_be_opened_is_tried_again() {
    let mut model = passing_files(&["a"]);
    model.setup.initial_session = Some(source("LOAN-4711"));
    begin(&mut model);
    press(&mut model, "u\n");
    let busy = "another process uses the session".to_owned();
    assert_eq!(update(&mut model, Message::SessionOpened(Err(busy))), []);
    assert_eq!(model.session, SessionState::Planned(source("LOAN-4711")));
    press(&mut model, "u");
    assert!(question(&model).starts_with("Send 1 file to LOAN-4711?"));
}

#[test]
fn the_reason_of_a_stop_stays_until_something_is_sent() {
    let mut model = passing_files(&["a"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    press(&mut model, "u\n");
    let why = "no credit".to_owned();
    update(&mut model, Message::QueueStopped(why));
    finish_upload(&mut model, 0, OutcomeKind::Skipped);
    press(&mut model, "jk");
    assert_eq!(model.stopped.as_deref(), Some("no credit"));
    press(&mut model, "r\n");
    let started = UploadUpdate {
        file: FileId(0),
        progress: UploadProgress::Started,
    };
    update(&mut model, Message::UploadUpdated(started));
    assert_eq!(model.stopped, None);
    finish_upload(&mut model, 0, OutcomeKind::Accepted);

    // The end of a session does not concern the next one; a plan without calls does.
    let mut stop = |why: &str, next: &str| {
        update(&mut model, Message::QueueStopped(why.to_owned()));
        open_session_for(&mut model, next, next);
        model.stopped.clone()
    };
    assert_eq!(stop("SESSION_EXPIRED: the session has ended", "s-2"), None);
    let plan = "PAYMENT_REQUIRED: no calls are left";
    assert_eq!(stop(plan, "s-3").as_deref(), Some(plan));
}

#[test]
fn the_latest_changes_can_be_undone() {
    let mut model = passing_files(&["a", "b", "c"]);
    press(&mut model, " d");
    assert_eq!(shown(&model), ["b", "c"]);
    press(&mut model, "z");
    assert_eq!(shown(&model), ["a", "b", "c"]);
    press(&mut model, "z");
    assert_eq!(model.queue.counts().marked, 0);
    press(&mut model, "gbicici\nz");
    assert_eq!(model.queue.files()[0].expected.bank, None);
    press(&mut model, "z");
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(text, "Nothing to undo");
}

#[test]
fn a_warning_is_ignored_in_all_marked_files() {
    let mut model = with_files(&[("a", with_warning("a")), ("b", with_warning("b"))]);
    press(&mut model, "*i");
    assert_eq!(model.queue.counts().pass, 2);
    press(&mut model, "z");
    assert!(
        model
            .queue
            .files()
            .iter()
            .all(|file| file.ignored.is_empty())
    );
}

#[test]
fn a_search_removes_nothing_without_a_question() {
    let mut model = passing_files(&["a"]);
    press(&mut model, ":drop\n");
    assert_eq!(
        question(&model),
        "Remove 1 file from the queue? Nothing is deleted."
    );
    press(&mut model, "\n");
    assert_eq!(shown(&model), ["a"]);
    press(&mut model, ":drop\ny");
    assert_eq!(shown(&model).len(), 0);
}

#[test]
fn hints_and_commands_follow_the_keys_of_the_user() {
    use crate::dashboard::keymap::{Action, Key, KeyMap};
    let mut model = passing_files(&["a"]);
    let changes = [
        (Action::Remove, vec![Key::Char('D')]),
        (Action::Undo, vec![Key::Char('d')]),
    ];
    model.setup.keys = KeyMap::new(&changes).unwrap();
    press(&mut model, "D");
    assert!(shown(&model).is_empty());
    let (_, text) = model.notice.clone().unwrap();
    assert!(text.ends_with("nothing was deleted, d undoes it"), "{text}");
    press(&mut model, ":undo");
    let Some(Overlay::Picker(picker)) = model.top_overlay() else {
        panic!("no list");
    };
    assert_eq!(picker.current().unwrap().detail, "d");
    press(&mut model, "\x1bd");
    assert_eq!(shown(&model), ["a"]);
}

#[test]
fn the_details_scroll_and_start_at_the_top_of_another_file() {
    let mut long = with_warning("a");
    for page in 0..40 {
        let finding = Finding::warning(Code::DamagedPdf, format!("page {page}"));
        long.add_finding(finding, &Policy::default());
    }
    let mut model = with_files(&[("a", long), ("b", passing("b"))]);
    press(&mut model, "]]");
    assert_eq!(model.viewport.detail_top, 6);
    press(&mut model, "[");
    assert_eq!(model.viewport.detail_top, 3);
    press(&mut model, &"]".repeat(200));
    let end = model.viewport.detail_top;
    assert_eq!(end, crate::dashboard::max_detail_top(&model));
    press(&mut model, "j");
    assert_eq!(model.viewport.detail_top, 0);
}

#[test]
fn the_help_scrolls_to_its_end_and_leads_to_the_commands() {
    let mut model = model();
    press(&mut model, "?");
    press(&mut model, &"j".repeat(300));
    let Some(Overlay::Help(page)) = model.top_overlay() else {
        panic!("no help");
    };
    assert_eq!(page.top, crate::dashboard::max_help_top(&model));
    assert!(page.top > 0);
    press(&mut model, ":");
    assert!(matches!(model.top_overlay(), Some(Overlay::Picker(_))));
    assert_eq!(model.overlays.len(), 1);
}

fn processing(model: &mut Model, session: &str, state: ProcessingState) {
    let session = session.to_owned();
    let update = ProcessingUpdate { session, state };
    super::update(model, Message::ProcessingUpdated(update));
}

#[test]
fn processing_ends_the_uploads_after_one_question() {
    let mut model = passing_files(&["a", "b"]);
    press(&mut model, "P");
    let notice = |model: &Model| model.notice.clone().unwrap().1;
    assert_eq!(notice(&model), "Nothing to process: no session is open");
    update(
        &mut model,
        Message::SessionOpened(Ok(session("s-1", Some("LOAN-1")))),
    );
    press(&mut model, "P");
    assert_eq!(
        notice(&model),
        "Nothing to process: no file is uploaded to LOAN-1"
    );
    press(&mut model, "u\nP");
    assert_eq!(
        notice(&model),
        "Wait for 2 uploads to LOAN-1, or cancel them"
    );
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    finish_upload(&mut model, 1, OutcomeKind::Unknown);
    press(&mut model, "P");
    assert_eq!(
        question(&model),
        "End uploads to LOAN-1 and process? Nothing can be added afterwards. It has 1 file; the \
         outcome of 1 other is unknown."
    );
    assert_eq!(press(&mut model, "n"), []);
    let request = ProcessingRequest {
        session: "s-1".to_owned(),
        name: "LOAN-1".to_owned(),
    };
    assert_eq!(press(&mut model, "P\n"), [Effect::Process(vec![request])]);
    // Nothing can be added, and it is not processed twice.
    assert_eq!(press(&mut model, "u"), []);
    let text = "Uploads to LOAN-1 have ended: the service processes it; S opens another session";
    assert_eq!(notice(&model), text);
    press(&mut model, "P");
    assert_eq!(notice(&model), "The service already processes LOAN-1");
    processing(&mut model, "s-1", ProcessingState::Progress(1, 2));
    assert_eq!(model.processing.progress(), Some((1, 2)));
    processing(
        &mut model,
        "s-1",
        ProcessingState::Completed("1 account".to_owned()),
    );
    assert_eq!(notice(&model), "LOAN-1: processed, 1 account");
    assert_eq!(model.processing.running(), 0);
}

#[test]
fn processing_that_could_not_be_followed_can_be_requested_again() {
    let mut model = passing_files(&["a"]);
    open_session(&mut model);
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    press(&mut model, "P\n");
    processing(
        &mut model,
        "s-1",
        ProcessingState::Stopped("no answer".to_owned()),
    );
    assert!(matches!(
        press(&mut model, "P\n").as_slice(),
        [Effect::Process(_)]
    ));
}

#[test]
fn watched_folders_are_shown_and_can_be_stopped() {
    let mut model = model();
    press(&mut model, "W");
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(text, "No folder is watched; w watches one");
    let watch = Effect::WatchFolder(1, "inbox".to_owned());
    assert_eq!(press(&mut model, "winbox\n"), [watch]);
    assert_eq!(press(&mut model, "winbox\n"), []);
    let other = Effect::WatchFolder(2, "none".to_owned());
    assert_eq!(press(&mut model, "wnone\n"), [other]);
    update(&mut model, Message::FilesArriving(1, 2));
    update(
        &mut model,
        Message::WatchFailed(2, "none is not a folder".to_owned()),
    );
    assert_eq!(model.watched.arriving(), 2);
    assert_eq!(press(&mut model, "W\n"), [Effect::StopWatching(1)]);
    assert!(model.watched.list().is_empty());
    assert_eq!(model.watched.arriving(), 0);
}

#[test]
fn a_page_is_zoomed_moved_and_read() {
    use crate::pdf::Picture;
    let mut screening = passing("a");
    screening.document = Some(crate::screen::DocumentFacts {
        page_count: 2,
        ..crate::screen::DocumentFacts::default()
    });
    let mut model = with_files(&[("a", screening)]);
    let request = |effects: &[Effect]| match effects {
        [
            Effect::RenderPage {
                page, request_id, ..
            },
        ] => (*page, *request_id),
        other => panic!("{other:?}"),
    };
    let (page, request_id) = request(&press(&mut model, "v"));
    assert_eq!(page, 0);
    let picture = Picture::new(600, vec![[0; 3]; 600 * 800]).unwrap();
    update(
        &mut model,
        Message::PageRendered {
            request_id,
            picture: Ok(picture),
        },
    );
    let shown = |model: &Model| match model.top_overlay() {
        Some(Overlay::Preview(preview)) => (preview.page, preview.zoom, preview.offset),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&model), (0, 1, (0, 0)));
    assert_eq!(press(&mut model, "j"), []);
    let (.., (_, down)) = shown(&model);
    assert!(down > 0);
    press(&mut model, "+");
    let (_, zoom, (across, _)) = shown(&model);
    assert!(zoom == 2 && across > 0, "the center stays in place");
    press(&mut model, "-");
    press(&mut model, "-");
    assert_eq!(shown(&model), (0, 0, (0, 0)));
    // All of the page is visible, so that Space turns it.
    assert_eq!(request(&press(&mut model, " ")).0, 1);
    let effects = press(&mut model, "V");
    let [
        Effect::ReadPageText {
            page: 1,
            request_id,
            columns: 76,
            ..
        },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    let text = |id: u64, text: &str| Message::PageTextRead {
        request_id: id,
        text: Ok(text.to_owned()),
    };
    update(&mut model, text(request_id - 1, "of another page"));
    let wide = format!("Date{}Balance", " ".repeat(40));
    update(&mut model, text(*request_id, &wide));
    let left = |model: &Model| match model.top_overlay() {
        Some(Overlay::Text(page)) => page.left,
        other => panic!("{other:?}"),
    };
    // The last columns stay in sight.
    let mut moved = Vec::new();
    for key in [
        KeyCode::Right,
        KeyCode::Right,
        KeyCode::Right,
        KeyCode::Left,
    ] {
        update(&mut model, Message::Key(key.into()));
        moved.push(left(&model));
    }
    assert_eq!(moved, [16, 32, 35, 19]);
    assert_eq!(press(&mut model, "y"), [Effect::CopyToClipboard(wide)]);
}

#[test]
fn uploads_are_cancelled_one_marked_or_all() {
    let mut model = passing_files(&["a", "b", "c"]);
    open_session(&mut model);
    press(&mut model, "x");
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(text, "Nothing to cancel: no upload is in progress");
    press(&mut model, "u\n");
    let files = |ids: &[u32]| {
        let ids = ids.iter().map(|id| FileId(*id)).collect();
        vec![Effect::CancelUploads(ids)]
    };
    press(&mut model, "x");
    assert!(question(&model).starts_with("0 uploads in progress, 3 waiting."));
    assert_eq!(press(&mut model, "\n"), files(&[0]));
    assert_eq!(press(&mut model, "xa"), files(&[0, 1, 2]));
    assert_eq!(press(&mut model, "xn"), []);
    assert_eq!(press(&mut model, " j xx"), files(&[0, 2]));
    // Without a selected file, Enter cancels all.
    assert_eq!(press(&mut model, "4x\n"), files(&[0, 1, 2]));
    // One that has ended is not cancelled.
    finish_upload(&mut model, 1, OutcomeKind::Accepted);
    assert_eq!(press(&mut model, "xa"), files(&[0, 2]));
}

#[test]
fn a_correction_states_its_files_and_selects_only_a_likely_bank() {
    let mut other = passing("b");
    let issuer = other.statement.issuer.as_mut().unwrap();
    issuer.bank = BankRegistry::default().by_id("sbi").unwrap().clone();
    let mut unknown = passing("c");
    unknown.statement.issuer = None;
    let files = [("a", passing("a")), ("b", other), ("c", unknown)];
    let mut model = with_files(&files);
    let list = |model: &Model| match model.top_overlay() {
        Some(Overlay::Picker(picker)) => {
            let current = picker.current().map(|item| item.label.clone());
            (picker.title.clone(), current)
        }
        other => panic!("{other:?}"),
    };
    press(&mut model, "b");
    let hdfc = Some("hdfc".to_owned());
    assert_eq!(list(&model), ("Set the bank of a".to_owned(), hdfc));
    press(&mut model, "\x1bGb");
    assert_eq!(list(&model), ("Set the bank of c".to_owned(), None));
    // Enter does nothing until a bank is chosen.
    assert_eq!(press(&mut model, "\n"), []);
    press(&mut model, "\x1b*b");
    let title = "Set the bank of 3 marked files".to_owned();
    assert_eq!(list(&model), (title, None));
    press(&mut model, "\x1bc");
    let title = "Set the account category of 3 marked files".to_owned();
    assert_eq!(list(&model), (title, None));
    let down = KeyEvent::new(KeyCode::Down, KeyModifiers::NONE);
    update(&mut model, Message::Key(down));
    let effects = press(&mut model, "\n");
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(requests.len(), 3);
    let category = requests[0].expected.account_category.as_deref();
    assert_eq!(category, Some("SAVINGS"));
}

#[test]
fn pasted_lines_stay_lines() {
    let mut model = model();
    let paste = |model: &mut Model, text: &str| update(model, Message::Paste(text.to_owned()));
    assert_eq!(
        paste(&mut model, "in/a.pdf 'in/b c.pdf'\nin/d\\ e.pdf\n"),
        ["in/a.pdf", "in/b c.pdf", "in/d e.pdf"].map(|path| discover(path, None))
    );
    let locked = locked("a");
    let mut model = with_files(&[("a.pdf", locked.clone())]);
    press(&mut model, "p");
    let mut effects = paste(&mut model, "first\nsecond\nthird\n");
    // Each is tried after the one before.
    for attempt in 0..3 {
        let [Effect::Screen(requests)] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        let screened = ScreenedFile {
            file: FileId(0),
            request_id: requests[0].request_id,
            bytes: None,
            screening: locked.clone(),
            shared_before: None,
            stamp: None,
            elapsed: Duration::ZERO,
        };
        effects = update(&mut model, Message::Screened(Box::new(screened)));
        assert_eq!(model.password_trial.is_none(), attempt == 2);
    }
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(text, "None of the 3 passwords matches");
}

#[test]
fn enter_submits_a_form_once_its_fields_are_valid() {
    let mut model = model();
    model.setup.link_id = "L1".to_owned();
    // Typing replaces the prefilled reference.
    press(&mut model, "SnLOAN-2\n");
    let SessionState::Planned(source) = &model.session else {
        panic!("{:?}", model.session);
    };
    assert_eq!(source.label(), "LOAN-2");
}

#[test]
fn what_was_sent_before_this_start_is_shown_at_once() {
    let mut model = passing_files(&["a", "b"]);
    let effects = open_session_for(&mut model, "s-1", "LOAN-4711");
    let [Effect::Recall(files), Effect::RememberSession(_)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(files.len(), 2);
    let records = [OutcomeKind::Accepted, OutcomeKind::Unknown].map(settled);
    let ids = [FileId(0), FileId(1)];
    let records = ids.into_iter().zip(records).collect();
    update(&mut model, Message::Recalled(records));
    let totals = model.queue.upload_totals();
    assert_eq!((totals.uploaded, totals.unknown, totals.left()), (1, 1, 0));
    press(&mut model, "u");
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(text, "Nothing to upload");
}

#[test]
fn the_upload_of_a_file_is_not_that_of_its_copy() {
    let mut model = with_files(&[("a", passing("same")), ("b", passing("same"))]);
    let effects = open_session_for(&mut model, "s-1", "LOAN-4711");
    let [Effect::Recall(files), Effect::RememberSession(_)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(files.len(), 1);
    let records = [FileId(0), FileId(1)].map(|id| (id, settled(OutcomeKind::Accepted)));
    update(&mut model, Message::Recalled(records.into()));
    assert_eq!(model.queue.upload_totals().uploaded, 1);
}

#[test]
fn a_removed_file_that_is_found_again_returns() {
    let mut model = passing_files(&["a", "b"]);
    press(&mut model, "d");
    assert_eq!(shown(&model), ["b"]);
    update(
        &mut model,
        Message::KnownFilesFound(vec![FileId(0), FileId(1)]),
    );
    assert_eq!(shown(&model), ["a", "b"]);
}

#[test]
fn files_that_changed_are_screened_before_the_number_is_stated() {
    let mut model = passing_files(&["april.pdf", "may.pdf"]);
    open_session_for(&mut model, "s-1", "LOAN-4711");
    let stamp = FileStamp {
        bytes: 1000,
        modified: None,
    };
    for id in [FileId(0), FileId(1)] {
        model.queue.change(id, |file| file.stamp = Some(stamp));
    }
    let files = vec![(FileId(0), stamp), (FileId(1), stamp)];
    let check = Effect::CheckFiles(files, CheckReason::Upload);
    assert_eq!(press(&mut model, "u"), [check]);
    assert_eq!(question(&model), "Send 2 files to LOAN-4711?");
    let changed = Message::FilesChecked {
        changed: vec![FileId(1)],
        reason: CheckReason::Upload,
    };
    let effects = update(&mut model, changed);
    assert!(model.overlays.is_empty(), "the number may be wrong now");
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("not screened again: {effects:?}");
    };
    let screened = ScreenedFile {
        file: FileId(1),
        request_id: requests[0].request_id,
        bytes: Some(900),
        screening: failing("may.pdf, changed"),
        shared_before: None,
        stamp: None,
        elapsed: Duration::ZERO,
    };
    update(&mut model, Message::Screened(Box::new(screened)));
    let text = "Send 1 file to LOAN-4711? Not eligible: 1 failed.";
    assert_eq!(question(&model), text);
}

#[test]
fn files_are_screened_again_on_request_only_if_they_changed() {
    let mut model = passing_files(&["april.pdf"]);
    assert_eq!(press(&mut model, "R"), [], "nothing is known of the file");
    let stamp = FileStamp {
        bytes: 1000,
        modified: None,
    };
    model
        .queue
        .change(FileId(0), |file| file.stamp = Some(stamp));
    let effects = press(&mut model, "R");
    assert!(matches!(effects.as_slice(), [Effect::CheckFiles(files, _)] if files.len() == 1));
    let unchanged = Message::FilesChecked {
        changed: Vec::new(),
        reason: CheckReason::Command,
    };
    assert_eq!(update(&mut model, unchanged), []);
    let (_, notice) = model.notice.clone().unwrap();
    assert_eq!(notice, "No file changed since it was screened");
}
