//! Tests of updates: messages in, model and effects out.

mod added_files;
mod cases;
mod commands;
mod moving;
mod sending;
mod stored;

use super::{begin, update};
use crate::dashboard::keymap::{Key, KeyMap};
use crate::dashboard::model::{
    Alerts, Appearance, Colors, FileId, FirstOffer, Model, Overlay, Palette, Session, SessionName,
    SessionSource, SessionState, Setup, Tab, UploadState,
};
use crate::dashboard::{
    DiscoveredFile, Effect, Message, ScreenedFile, UploadProgress, UploadUpdate,
};
use crate::pdf::{Encryption, EncryptionStatus, PasswordForm};
use crate::report::{FileName, SettledUpload, Symbols};
use crate::screen::{Code, ContentHash, Finding, PeriodOrigin, Policy, Screening, SeverityRules};
use crate::statement::{Bank, BankRegistry, DateRange, Facts, Issuer};
use crate::text::columns::assert_message_agrees;
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::civil::date;
use std::sync::Arc;
use std::time::Duration;

fn model() -> Model {
    let setup = Setup {
        appearance: Appearance {
            symbols: Symbols::Unicode,
            colors: Colors::Sixteen,
            palette: Palette::default(),
        },
        keys: KeyMap::default(),
        ends_with_connection: false,
        profile: None,
        server: Some("FinBox".to_owned()),
        banks: BankRegistry::default(),
        rules: crate::applicant::RuleTable::default(),
        cases: Vec::new(),
        notes: crate::screen::notes::NoteLanguages::default(),
        requested_period: None,
        severities: SeverityRules::default(),
        include_warnings: true,
        files_only: false,
        show_amounts: false,
        today: date(2026, 11, 22),
        time_zone: jiff::tz::TimeZone::UTC,
        initial_session: None,
        first_offer: FirstOffer::Sandbox,
        has_server_hash: false,
        link_id: String::new(),
        interrupted_queue: None,
        alerts: Alerts::default(),
    };
    Model::new(setup, (80, 24), Timestamp::UNIX_EPOCH)
}

/// Creates a dashboard with screened files: names and screenings.
fn with_files(files: &[(&str, Screening)]) -> Model {
    let mut model = model();
    let found = files.iter().map(|(name, _)| discovered(name)).collect();
    let effects = update(&mut model, Message::FilesFound(found));
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("no screening requested: {effects:?}");
    };
    for (request, (_, screening)) in requests.clone().into_iter().zip(files) {
        let screened = ScreenedFile {
            file: request.file,
            request_id: request.request_id,
            bytes: Some(1000),
            screening: screening.clone(),
            shared_before: None,
            stamp: None,
            elapsed: Duration::ZERO,
        };
        update(&mut model, Message::Screened(Box::new(screened)));
    }
    model
}

fn discovered(name: &str) -> DiscoveredFile {
    DiscoveredFile {
        name: FileName {
            text: name.to_owned(),
            bytes: None,
        },
        bytes: None,
        case: None,
        expected: Arc::default(),
    }
}

fn discover(path: &str, case: Option<&str>) -> Effect {
    Effect::Discover {
        path: path.to_owned(),
        case: case.map(str::to_owned),
    }
}

fn passing(seed: &str) -> Screening {
    let mut screening = Screening::not_screened(Finding::note(Code::OverlappingPeriod, "nothing"));
    screening.content = Some(ContentHash::of(seed.as_bytes()));
    screening.statement = Facts {
        issuer: Some(Issuer {
            bank: BankRegistry::default().by_id("hdfc").unwrap().clone(),
            confidence: 0.99,
            evidence: Vec::new(),
            alternatives: Vec::new(),
        }),
        ..Facts::default()
    };
    screening.set_findings(Vec::new(), &Policy::default());
    screening
}

fn with_warning(seed: &str) -> Screening {
    let mut screening = passing(seed);
    let finding = Finding::warning(Code::PartlyScanned, "some pages");
    screening.add_finding(finding, &Policy::default());
    screening
}

fn failing(seed: &str) -> Screening {
    let mut screening = passing(seed);
    let finding = Finding::error(Code::PdfIsImage, "all pages");
    screening.add_finding(finding, &Policy::default());
    screening
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for c in keys.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            '\t' => KeyCode::Tab,
            c => KeyCode::Char(c),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        effects.extend(update(model, Message::Key(key)));
    }
    effects
}

/// Returns the event of a key.
fn event(key: Key) -> KeyEvent {
    let (code, modifiers) = match key {
        Key::Char(c) => (KeyCode::Char(c), KeyModifiers::NONE),
        Key::Ctrl(c) => (KeyCode::Char(c), KeyModifiers::CONTROL),
        Key::Code(code) => (code, KeyModifiers::NONE),
        Key::Shift(code) => (code, KeyModifiers::SHIFT),
    };
    KeyEvent::new(code, modifiers)
}

fn locked(seed: &str) -> Screening {
    let mut screening = failing(seed);
    screening.encryption = Some(Encryption {
        status: EncryptionStatus::Locked,
        method: Some("AES-128".to_owned()),
        revision: Some(4),
        opened_by: None,
        password_form: PasswordForm::default(),
    });
    screening
}

/// Returns the text of the open question.
fn question(model: &Model) -> &str {
    match model.top_overlay() {
        Some(Overlay::Choice(choice)) => &choice.text,
        other => panic!("no question: {other:?}"),
    }
}

/// A session with an ID; a sandbox session has no reference.
fn session(id: &str, reference: Option<&str>) -> Session {
    Session {
        name: SessionName {
            id: id.to_owned(),
            reference: reference.map(str::to_owned),
        },
        sandbox: reference.is_none(),
        requested_period: None,
        expires: None,
        has_server_hash: true,
    }
}

fn open_session_with_period(model: &mut Model) -> Vec<Effect> {
    let period = DateRange {
        from: date(2026, 5, 1),
        to: date(2026, 10, 31),
    };
    let session = Session {
        sandbox: false,
        requested_period: Some(period),
        has_server_hash: false,
        ..session("s-1", None)
    };
    update(model, Message::SessionOpened(Ok(session)))
}

fn open_session(model: &mut Model) {
    update(model, Message::SessionOpened(Ok(session("s-1", None))));
}

fn settled(kind: OutcomeKind) -> SettledUpload {
    SettledUpload {
        outcome: Outcome::without_response(kind, OutcomeCode::from_name("CODE"), 1),
        session: Some("s-1".to_owned()),
        at: Timestamp::UNIX_EPOCH,
        message: String::new(),
        hint: None,
    }
}

fn finish_upload(model: &mut Model, file: u32, kind: OutcomeKind) {
    let record = settled(kind);
    let finished = UploadUpdate {
        file: FileId(file),
        progress: UploadProgress::Finished(Box::new(record)),
    };
    update(model, Message::UploadUpdated(finished));
}

/// Returns the files of the requested uploads, and whether each is confirmed to be sent again.
fn uploads(effects: &[Effect]) -> Vec<(u32, bool)> {
    let requests = effects.iter().filter_map(|effect| match effect {
        Effect::Upload(order) => Some(&order.requests),
        _ => None,
    });
    requests
        .flatten()
        .map(|request| (request.file.0, request.resend))
        .collect()
}

fn shown(model: &Model) -> Vec<&str> {
    let rows = model.queue.rows().iter();
    rows.filter_map(|id| Some(model.queue.file(*id)?.display_name()))
        .collect()
}

#[test]
fn without_an_initial_session_the_user_is_asked_for_one() {
    let mut model = model();
    assert_eq!(begin(&mut model), []);
    assert!(matches!(model.top_overlay(), Some(Overlay::Choice(_))));
    assert_eq!(
        press(&mut model, "s"),
        [Effect::OpenSession(SessionSource::Sandbox(None))]
    );
    assert!(matches!(model.session, SessionState::Opening(_)));
}

#[test]
fn a_sandbox_session_has_the_requested_period() {
    let mut model = model();
    let period = DateRange {
        from: date(2024, 4, 1),
        to: date(2024, 6, 30),
    };
    model.setup.requested_period = Some(period);
    assert_eq!(
        press(&mut model, "Ss"),
        [Effect::OpenSession(SessionSource::Sandbox(Some(period)))]
    );
}

#[test]
fn only_eligible_files_are_uploaded() {
    let mut without_bank = passing("d");
    without_bank.statement.issuer = None;
    let files = [
        ("a.pdf", passing("a")),
        ("b.pdf", with_warning("b")),
        ("c.pdf", failing("c")),
        ("d.pdf", without_bank),
        ("duplicate.pdf", passing("a")),
        ("locked.pdf", locked("e")),
    ];
    let mut model = with_files(&files);
    open_session(&mut model);
    press(&mut model, "u");
    assert_eq!(
        question(&model),
        "Send 2 files (1 with warnings) to the sandbox? Not eligible: 2 failed, 1 locked (p \
         opens), 1 without a bank (b sets it)."
    );
    assert_eq!(uploads(&press(&mut model, "\n")), [(0, false), (1, false)]);
    // Files that are uploading are not uploaded again.
    assert_eq!(uploads(&press(&mut model, "u\n")), []);
}

#[test]
fn only_marked_files_are_uploaded_if_any_are_marked() {
    let files = [
        ("a.pdf", passing("a")),
        ("b.pdf", passing("b")),
        ("c.pdf", passing("c")),
    ];
    let mut model = with_files(&files);
    open_session(&mut model);
    assert_eq!(uploads(&press(&mut model, "j u\n")), [(1, false)]);
    assert_eq!(model.queue.counts().marked, 0);
}

#[test]
fn a_range_is_marked_from_the_last_marked_file() {
    let files: Vec<_> = ["a", "b", "c", "d"]
        .map(|name| (name, passing(name)))
        .into();
    let mut model = with_files(&files);
    press(&mut model, " jm");
    let marked: Vec<_> = model.queue.marked().map(|(id, _)| id.0).collect();
    assert_eq!(marked, [0, 1, 2]);
    press(&mut model, "-");
    assert_eq!(model.queue.counts().marked, 0);
}

#[test]
fn retry_skips_files_that_the_service_may_have() {
    let files: Vec<_> = ["a", "b", "c", "d"]
        .map(|name| (name, passing(name)))
        .into();
    let mut model = with_files(&files);
    open_session(&mut model);
    press(&mut model, "u\n");
    let outcomes = [
        OutcomeKind::Accepted,
        OutcomeKind::Skipped,
        OutcomeKind::Rejected,
        OutcomeKind::Unknown,
    ];
    for (file, kind) in outcomes.into_iter().enumerate() {
        finish_upload(&mut model, u32::try_from(file).unwrap(), kind);
    }
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "1 of 4 files uploaded; 2 not sent (r retries); 1 unknown (s resolves)"
    );
    assert_eq!(uploads(&press(&mut model, "r\n")), [(1, false)]);
    // A rejected file is retried if it is marked; a file with unknown outcome never is.
    assert_eq!(
        uploads(&press(&mut model, "gjj jm r\n".trim_start())),
        [(2, false)]
    );
}

#[test]
fn a_file_with_unknown_outcome_is_uploaded_again_only_after_confirmation() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    open_session(&mut model);
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Unknown);
    assert_eq!(uploads(&press(&mut model, "u\n")), []);
    let sessions = vec!["s-1".to_owned()];
    assert_eq!(press(&mut model, "sa"), [Effect::Reconcile(sessions)]);
    assert_eq!(uploads(&press(&mut model, "sl")), []);
    assert_eq!(uploads(&press(&mut model, "ss\n")), [(0, true)]);
}

#[test]
fn late_progress_does_not_replace_an_outcome() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    open_session(&mut model);
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    let late = UploadUpdate {
        file: FileId(0),
        progress: UploadProgress::BytesSent { sent: 5, total: 10 },
    };
    update(&mut model, Message::UploadUpdated(late));
    assert!(matches!(
        model.queue.files()[0].upload,
        UploadState::Finished(_)
    ));
    assert_eq!(model.queue.upload_totals().uploaded, 1);
}

#[test]
fn the_answer_to_an_earlier_screening_request_is_dropped() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    let effects = press(&mut model, "bicici\n");
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let expected = requests[0].expected.bank.as_ref();
    assert_eq!(expected.map(Bank::id), Some("icici"));
    assert_eq!(requests[0].request_id, 2);
    let stale = ScreenedFile {
        file: FileId(0),
        request_id: 1,
        bytes: None,
        screening: failing("a"),
        shared_before: None,
        stamp: None,
        elapsed: Duration::ZERO,
    };
    update(&mut model, Message::Screened(Box::new(stale)));
    assert_eq!(model.queue.counts().fail, 0);
}

#[test]
fn a_duplicate_passes_after_the_original_is_removed() {
    let mut model = with_files(&[("a.pdf", passing("a")), ("copy.pdf", passing("a"))]);
    assert_eq!(
        (model.queue.counts().pass, model.queue.counts().fail),
        (1, 1)
    );
    press(&mut model, "d");
    assert_eq!(
        (model.queue.counts().pass, model.queue.counts().fail),
        (1, 0)
    );
    assert_eq!(shown(&model), ["copy.pdf"]);
}

#[test]
fn a_warning_can_be_ignored_but_an_error_can_not() {
    let mut model = with_files(&[("a.pdf", with_warning("a")), ("b.pdf", failing("b"))]);
    press(&mut model, "i");
    assert_eq!(
        (model.queue.counts().pass, model.queue.counts().warn),
        (1, 0)
    );
    press(&mut model, "ji");
    assert_eq!(model.queue.counts().fail, 1);
}

#[test]
fn the_table_follows_the_filter_while_it_is_typed() {
    let files = [
        ("april.pdf", passing("a")),
        ("may.pdf", failing("b")),
        ("june.pdf", passing("c")),
    ];
    let mut model = with_files(&files);
    press(&mut model, "/pdf !may");
    assert_eq!(shown(&model), ["april.pdf", "june.pdf"]);
    press(&mut model, "\nG");
    assert_eq!(model.queue.current().unwrap().1.display_name(), "june.pdf");
    press(&mut model, "\x1b");
    assert_eq!(shown(&model).len(), 3);
    press(&mut model, "f");
    assert_eq!(shown(&model), ["may.pdf"]);
}

#[test]
fn the_selection_stays_on_its_file_when_the_order_changes() {
    let files = [
        ("b.pdf", passing("b")),
        ("c.pdf", failing("c")),
        ("a.pdf", with_warning("a")),
    ];
    let mut model = with_files(&files);
    press(&mut model, "j");
    press(&mut model, "ostatus\n");
    assert_eq!(shown(&model), ["c.pdf", "a.pdf", "b.pdf"]);
    assert_eq!(model.queue.current().unwrap().1.display_name(), "c.pdf");
    press(&mut model, "O");
    assert_eq!(shown(&model), ["b.pdf", "a.pdf", "c.pdf"]);
}

#[test]
fn the_fields_of_a_new_session_are_validated_while_typing() {
    let mut model = model();
    press(&mut model, "Sn");
    let error = |model: &Model, field: usize| match model.top_overlay() {
        Some(Overlay::Form(form)) => form.fields[field].error.clone(),
        other => panic!("{other:?}"),
    };
    press(&mut model, "x\t\t9");
    assert_eq!(
        error(&model, 2).as_deref(),
        Some("Invalid date; expected DD/MM/YYYY or YYYY-MM-DD")
    );
    press(&mut model, "\t\t4");
    assert_eq!(error(&model, 4).as_deref(), Some("Min = 5, Max = 43200"));
    assert_eq!(press(&mut model, "\n"), []);
}

#[test]
fn the_period_of_a_session_causes_all_files_to_be_screened_again() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    let effects = open_session_with_period(&mut model);
    assert!(matches!(
        effects.as_slice(),
        [
            Effect::SetRequestedPeriod(_, PeriodOrigin::Session),
            Effect::Screen(_),
            Effect::Recall(_)
        ]
    ));
}

#[test]
fn files_with_warnings_are_not_uploaded_if_the_setting_excludes_them() {
    let files = [("a.pdf", passing("a")), ("b.pdf", with_warning("b"))];
    let mut model = with_files(&files);
    model.setup.include_warnings = false;
    open_session(&mut model);
    press(&mut model, "u");
    assert_eq!(
        question(&model),
        "Send 1 file to the sandbox? Not eligible: 1 with warnings (include_warnings = false)."
    );
    assert_eq!(uploads(&press(&mut model, "\n")), [(0, false)]);
    // Marking the file does not override the setting.
    assert_eq!(uploads(&press(&mut model, "j u")), []);
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "Nothing to upload; not eligible: 1 with warnings (include_warnings = false)"
    );
    // Ignoring its warning makes it pass.
    press(&mut model, "ji");
    assert_eq!(uploads(&press(&mut model, "u\n")), [(1, false)]);
}

#[test]
fn a_new_period_repeats_screenings_in_progress() {
    let mut model = model();
    let found = vec![discovered("a.pdf")];
    update(&mut model, Message::FilesFound(found));
    // The runtime cancels the screening of a.pdf, which is requested but has no result yet.
    let effects = open_session_with_period(&mut model);
    let [
        Effect::SetRequestedPeriod(_, PeriodOrigin::Session),
        Effect::Screen(requests),
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!((requests[0].file.0, requests[0].request_id), (0, 2));
}

#[test]
fn quitting_needs_confirmation_only_while_uploads_are_in_progress() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    assert_eq!(
        press(&mut model, "q"),
        [Effect::Quit {
            finish_uploads: false
        }]
    );
    open_session(&mut model);
    press(&mut model, "u\n");
    assert_eq!(press(&mut model, "q"), []);
    assert_eq!(
        press(&mut model, "f"),
        [Effect::Quit {
            finish_uploads: true
        }]
    );
    press(&mut model, "q");
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(
        update(&mut model, Message::Key(ctrl_c)),
        [Effect::Quit {
            finish_uploads: false
        }]
    );
}

#[test]
fn the_history_is_read_when_it_is_first_shown() {
    let mut model = model();
    assert_eq!(press(&mut model, "5"), [Effect::ReadHistory(String::new())]);
    assert_eq!(press(&mut model, "15"), []);
    assert_eq!(model.tab, Tab::History);
}

#[test]
fn text_pasted_into_the_queue_is_a_path_to_add() {
    let mut model = model();
    update(
        &mut model,
        Message::Paste("'/home/asha/april.pdf'\n".to_owned()),
    );
    assert_eq!(
        press(&mut model, "\n"),
        [discover("/home/asha/april.pdf", None)]
    );
}

#[test]
fn the_user_is_warned_once_before_a_session_expires() {
    let mut model = model();
    let expires = Timestamp::UNIX_EPOCH + Duration::from_hours(1);
    let session = Session {
        sandbox: false,
        expires: Some(expires),
        has_server_hash: false,
        ..session("s-1", None)
    };
    update(&mut model, Message::SessionOpened(Ok(session)));
    let mut warnings = 0;
    for minute in 1..60 {
        model.notice = None;
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(minute * 60);
        update(&mut model, Message::Tick(now));
        warnings += usize::from(model.notice.is_some());
    }
    assert_eq!(warnings, 1);
}

/// Returns the texts that the dashboard shows about counts.
fn texts_with_counts(model: &Model) -> Vec<String> {
    let mut texts: Vec<String> = model.notice.iter().map(|(_, text)| text.clone()).collect();
    for overlay in &model.overlays {
        if let Overlay::Choice(choice) = overlay {
            texts.push(choice.text.clone());
            texts.extend(choice.options.iter().map(|option| option.label.clone()));
        }
    }
    texts
}

#[test]
fn notices_agree_with_their_counts() {
    let names = ["a.pdf", "b.pdf"];
    let kinds: [fn(&str) -> Screening; 3] = [passing, with_warning, failing];
    for (count, kind) in (0..=names.len()).flat_map(|count| kinds.map(|kind| (count, kind))) {
        let files: Vec<_> = names
            .iter()
            .take(count)
            .map(|name| (*name, kind(name)))
            .collect();
        let mut model = if files.is_empty() {
            model()
        } else {
            with_files(&files)
        };
        model.setup.include_warnings = false;
        open_session(&mut model);
        let step = |model: &mut Model, keys: &str| {
            let effects = press(model, keys);
            for text in texts_with_counts(model) {
                assert_message_agrees(&text);
            }
            effects
        };
        let sent = uploads(&step(&mut model, "u"));
        step(&mut model, "q\x1b");
        for (outcome, keys) in [(OutcomeKind::Skipped, "r"), (OutcomeKind::Unknown, "s")] {
            for (file, _) in &sent {
                finish_upload(&mut model, *file, outcome);
            }
            step(&mut model, keys);
            step(&mut model, "\x1b");
        }
        step(&mut model, "s");
        step(&mut model, "s");
        for (file, _) in &sent {
            finish_upload(&mut model, *file, OutcomeKind::Accepted);
        }
        step(&mut model, "d");
    }
}

mod properties {
    use super::*;
    use crate::dashboard::keymap::BINDINGS;
    use crate::dashboard::view;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            cases: 64,
            ..ProptestConfig::default()
        })]

        #[test]
        fn any_sequence_of_keys_keeps_the_model_consistent(
            keys in proptest::collection::vec(0usize..60, 0..160),
            sizes in proptest::collection::vec((1u16..140, 1u16..50), 1..6),
        ) {
            let files = [
                ("a.pdf", passing("a")),
                ("b.pdf", with_warning("b")),
                ("c.pdf", failing("c")),
                ("d.pdf", passing("a")),
            ];
            let mut model = with_files(&files);
            let all: Vec<Key> = BINDINGS.iter().flat_map(|binding| binding.keys).copied().collect();
            for (step, key) in keys.into_iter().enumerate() {
                update(&mut model, Message::Key(event(all[key % all.len()])));
                if step % 30 == 7 {
                    open_session(&mut model);
                }
                let (width, height) = sizes[step % sizes.len()];
                update(&mut model, Message::Resized(width, height));
                let area = Rect::new(0, 0, width, height);
                view(&model, area, &mut Buffer::empty(area));
                let counts = model.queue.counts();
                let present = model.queue.present().count();
                prop_assert_eq!(counts.files, present);
                prop_assert_eq!(counts.waiting + counts.pass + counts.warn + counts.fail, present);
                prop_assert!(model.queue.selected < model.queue.rows().len().max(1));
            }
        }
    }
}
