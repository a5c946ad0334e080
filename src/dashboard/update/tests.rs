//! Messages in, model and effects out.

use super::{begin, update};
use crate::dashboard::model::{
    Colors, Delivery, FileId, Look, Model, Overlay, Session, SessionState, Setup, Start, Tab,
};
use crate::dashboard::{Delivered, Effect, Finished, Found, Message, Step};
use crate::report::{Name, SettledUpload, Symbols};
use crate::screen::{Code, ContentHash, Expected, Finding, Policy, Screening};
use crate::statement::{Bank, BankRegistry, DateRange, Facts, Issuer};
use crate::uploads::plan::{Outcome, OutcomeCode, OutcomeKind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use jiff::civil::date;
use std::time::Duration;

fn model() -> Model {
    let setup = Setup {
        look: Look {
            symbols: Symbols::Unicode,
            colors: Colors::Sixteen,
            fragile: false,
        },
        profile: None,
        range: None,
        strict: false,
        banks: BankRegistry::default(),
        today: date(2026, 11, 22),
        start: None,
        link_id: String::new(),
    };
    Model::new(setup, (80, 24), Timestamp::UNIX_EPOCH)
}

/// A dashboard with screened files: each name with what was found.
fn with_files(files: &[(&str, Screening)]) -> Model {
    let mut model = model();
    let found = files.iter().map(|(name, _)| found(name)).collect();
    let effects = update(&mut model, Message::Found(found));
    let [Effect::Screen(orders)] = effects.as_slice() else {
        panic!("files are screened: {effects:?}");
    };
    for (order, (_, screening)) in orders.clone().into_iter().zip(files) {
        let finished = Finished {
            file: order.file,
            round: order.round,
            bytes: Some(1000),
            screening: screening.clone(),
            elapsed: Duration::ZERO,
        };
        update(&mut model, Message::Screened(Box::new(finished)));
    }
    model
}

fn found(name: &str) -> Found {
    Found {
        name: Name {
            text: name.to_owned(),
            bytes: None,
        },
        bytes: None,
        expected: Expected::default(),
    }
}

fn good(seed: &str) -> Screening {
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
    screening.truncate_findings(0, &Policy::default());
    screening
}

fn warned(seed: &str) -> Screening {
    let mut screening = good(seed);
    let finding = Finding::warning(Code::PartlyScanned, "some pages");
    screening.add_finding(finding, &Policy::default());
    screening
}

fn failed(seed: &str) -> Screening {
    let mut screening = good(seed);
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

fn open_session(model: &mut Model) {
    let session = Session {
        id: "s-1".to_owned(),
        sandbox: true,
        range: None,
        expires: None,
        can_ask: true,
    };
    update(model, Message::Opened(Ok(session)));
}

fn end(model: &mut Model, file: u32, kind: OutcomeKind) {
    let sent = SettledUpload {
        outcome: Outcome::without_response(kind, OutcomeCode::from_name("CODE"), 1),
        session: Some("s-1".to_owned()),
        at: Timestamp::UNIX_EPOCH,
        message: String::new(),
        hint: None,
    };
    let delivered = Delivered {
        file: FileId(file),
        step: Step::Ended(Box::new(sent)),
    };
    update(model, Message::Delivery(delivered));
}

fn sent(effects: &[Effect]) -> Vec<(u32, bool)> {
    let requests = effects.iter().filter_map(|effect| match effect {
        Effect::Send(requests) => Some(requests),
        _ => None,
    });
    requests
        .flatten()
        .map(|request| (request.file.0, request.resend))
        .collect()
}

fn shown(model: &Model) -> Vec<&str> {
    let rows = model.queue.rows().iter();
    rows.filter_map(|id| Some(model.queue.file(*id)?.shown.as_str()))
        .collect()
}

#[test]
fn without_a_session_the_first_question_is_where_to_send() {
    let mut model = model();
    assert_eq!(begin(&mut model), []);
    assert!(matches!(model.top(), Some(Overlay::Choice(_))));
    assert_eq!(press(&mut model, "s"), [Effect::Open(Start::Sandbox)]);
    assert!(matches!(model.session, SessionState::Opening(_)));
}

#[test]
fn all_that_may_be_sent_is_sent_and_nothing_else() {
    let mut unsure = good("d");
    unsure.statement.issuer = None;
    let files = [
        ("a.pdf", good("a")),
        ("b.pdf", warned("b")),
        ("c.pdf", failed("c")),
        ("d.pdf", unsure),
        ("twin.pdf", good("a")),
    ];
    let mut model = with_files(&files);
    open_session(&mut model);
    assert_eq!(sent(&press(&mut model, "u")), [(0, false), (1, false)]);
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "2 files are sent; 2 would be refused; 1 need a bank (b)"
    );
    // What is on its way is not sent a second time.
    assert_eq!(sent(&press(&mut model, "u")), []);
}

#[test]
fn marked_files_go_alone() {
    let files = [
        ("a.pdf", good("a")),
        ("b.pdf", good("b")),
        ("c.pdf", good("c")),
    ];
    let mut model = with_files(&files);
    open_session(&mut model);
    assert_eq!(sent(&press(&mut model, "j u")), [(1, false)]);
    assert_eq!(model.queue.tally().marked, 0);
}

#[test]
fn a_range_is_marked_from_the_last_mark_on() {
    let files: Vec<_> = ["a", "b", "c", "d"].map(|name| (name, good(name))).into();
    let mut model = with_files(&files);
    press(&mut model, " jm");
    let marked: Vec<_> = model.queue.marked().map(|(id, _)| id.0).collect();
    assert_eq!(marked, [0, 1, 2]);
    press(&mut model, "-");
    assert_eq!(model.queue.tally().marked, 0);
}

#[test]
fn only_what_was_certainly_not_taken_is_tried_again() {
    let files: Vec<_> = ["a", "b", "c", "d"].map(|name| (name, good(name))).into();
    let mut model = with_files(&files);
    open_session(&mut model);
    press(&mut model, "u");
    let ends = [
        OutcomeKind::Accepted,
        OutcomeKind::Skipped,
        OutcomeKind::Rejected,
        OutcomeKind::Unknown,
    ];
    for (file, kind) in ends.into_iter().enumerate() {
        end(&mut model, u32::try_from(file).unwrap(), kind);
    }
    let (_, text) = model.notice.clone().unwrap();
    assert_eq!(
        text,
        "the service has 1 of 4; 2 not taken (r tries again); 1 unknown (s settles)"
    );
    assert_eq!(sent(&press(&mut model, "r")), [(1, false)]);
    // A refused file is meant when it is marked; an unknown one never by this key.
    assert_eq!(sent(&press(&mut model, "gjj jm r".trim())), [(2, false)]);
}

#[test]
fn an_unknown_outcome_is_sent_again_only_by_choice() {
    let mut model = with_files(&[("a.pdf", good("a"))]);
    open_session(&mut model);
    press(&mut model, "u");
    end(&mut model, 0, OutcomeKind::Unknown);
    assert_eq!(sent(&press(&mut model, "u")), []);
    assert_eq!(press(&mut model, "sa"), [Effect::Settle]);
    assert_eq!(sent(&press(&mut model, "sl")), []);
    assert_eq!(sent(&press(&mut model, "ss")), [(0, true)]);
}

#[test]
fn a_late_word_of_progress_undoes_no_outcome() {
    let mut model = with_files(&[("a.pdf", good("a"))]);
    open_session(&mut model);
    press(&mut model, "u");
    end(&mut model, 0, OutcomeKind::Accepted);
    let late = Delivered {
        file: FileId(0),
        step: Step::Moved(5, 10),
    };
    update(&mut model, Message::Delivery(late));
    assert!(matches!(
        model.queue.files()[0].delivery,
        Delivery::Ended(_)
    ));
    assert_eq!(model.queue.progress().uploaded, 1);
}

#[test]
fn a_screening_that_was_overtaken_changes_nothing() {
    let mut model = with_files(&[("a.pdf", good("a"))]);
    let effects = press(&mut model, "bicici\n");
    let [Effect::Screen(orders)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let expected = orders[0].expected.bank.as_ref();
    assert_eq!(expected.map(Bank::id), Some("icici"));
    assert_eq!(orders[0].round, 2);
    let stale = Finished {
        file: FileId(0),
        round: 1,
        bytes: None,
        screening: failed("a"),
        elapsed: Duration::ZERO,
    };
    update(&mut model, Message::Screened(Box::new(stale)));
    assert_eq!(model.queue.tally().fail, 0);
}

#[test]
fn a_dropped_original_makes_its_copy_good() {
    let mut model = with_files(&[("a.pdf", good("a")), ("copy.pdf", good("a"))]);
    assert_eq!((model.queue.tally().pass, model.queue.tally().fail), (1, 1));
    press(&mut model, "d");
    assert_eq!((model.queue.tally().pass, model.queue.tally().fail), (1, 0));
    assert_eq!(shown(&model), ["copy.pdf"]);
}

#[test]
fn a_warning_can_be_ignored_and_an_error_can_not() {
    let mut model = with_files(&[("a.pdf", warned("a")), ("b.pdf", failed("b"))]);
    press(&mut model, "i");
    assert_eq!((model.queue.tally().pass, model.queue.tally().warn), (1, 0));
    press(&mut model, "ji");
    assert_eq!(model.queue.tally().fail, 1);
}

#[test]
fn a_filter_follows_what_is_typed() {
    let files = [
        ("april.pdf", good("a")),
        ("may.pdf", failed("b")),
        ("june.pdf", good("c")),
    ];
    let mut model = with_files(&files);
    press(&mut model, "/pdf !may");
    assert_eq!(shown(&model), ["april.pdf", "june.pdf"]);
    press(&mut model, "\nG");
    assert_eq!(model.queue.current().unwrap().1.shown, "june.pdf");
    press(&mut model, "\x1b");
    assert_eq!(shown(&model).len(), 3);
    press(&mut model, "f");
    assert_eq!(shown(&model), ["may.pdf"]);
}

#[test]
fn the_cursor_stays_on_its_file_when_the_order_changes() {
    let files = [
        ("b.pdf", good("b")),
        ("c.pdf", failed("c")),
        ("a.pdf", warned("a")),
    ];
    let mut model = with_files(&files);
    press(&mut model, "j");
    press(&mut model, "overdict\n");
    assert_eq!(shown(&model), ["c.pdf", "a.pdf", "b.pdf"]);
    assert_eq!(model.queue.current().unwrap().1.shown, "c.pdf");
    press(&mut model, "O");
    assert_eq!(shown(&model), ["b.pdf", "a.pdf", "c.pdf"]);
}

#[test]
fn a_new_session_is_checked_while_it_is_typed() {
    let mut model = model();
    press(&mut model, "Sn");
    let fault = |model: &Model, field: usize| match model.top() {
        Some(Overlay::Form(form)) => form.fields[field].fault.clone(),
        other => panic!("{other:?}"),
    };
    press(&mut model, "x\t\t9");
    assert_eq!(
        fault(&model, 2).as_deref(),
        Some("no day: write DD/MM/YYYY")
    );
    press(&mut model, "\t\t4");
    assert_eq!(fault(&model, 4).as_deref(), Some("Min = 5, Max = 43200"));
    assert_eq!(press(&mut model, "\n"), []);
}

#[test]
fn the_days_of_a_session_have_all_files_screened_anew() {
    let mut model = with_files(&[("a.pdf", good("a"))]);
    let range = DateRange {
        from: date(2026, 5, 1),
        to: date(2026, 10, 31),
    };
    let session = Session {
        id: "s-1".to_owned(),
        sandbox: false,
        range: Some(range),
        expires: None,
        can_ask: false,
    };
    let effects = update(&mut model, Message::Opened(Ok(session)));
    assert!(matches!(
        effects.as_slice(),
        [Effect::UseRange(_), Effect::Screen(_)]
    ));
}

#[test]
fn leaving_is_asked_about_only_while_files_are_on_their_way() {
    let mut model = with_files(&[("a.pdf", good("a"))]);
    assert_eq!(press(&mut model, "q"), [Effect::Quit { finish: false }]);
    open_session(&mut model);
    press(&mut model, "u");
    assert_eq!(press(&mut model, "q"), []);
    assert_eq!(press(&mut model, "f"), [Effect::Quit { finish: true }]);
    press(&mut model, "q");
    let twice = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(
        update(&mut model, Message::Key(twice)),
        [Effect::Quit { finish: false }]
    );
}

#[test]
fn the_history_is_read_when_it_is_first_shown() {
    let mut model = model();
    assert_eq!(press(&mut model, "4"), [Effect::ReadHistory(String::new())]);
    assert_eq!(press(&mut model, "14"), []);
    assert_eq!(model.tab, Tab::History);
}

#[test]
fn what_is_pasted_into_the_queue_is_a_path_to_add() {
    let mut model = model();
    update(
        &mut model,
        Message::Paste("'/home/asha/april.pdf'\n".to_owned()),
    );
    assert_eq!(
        press(&mut model, "\n"),
        [Effect::Discover("/home/asha/april.pdf".to_owned())]
    );
}

#[test]
fn an_expiring_session_warns_once() {
    let mut model = model();
    let end = Timestamp::UNIX_EPOCH + Duration::from_hours(1);
    let session = Session {
        id: "s-1".to_owned(),
        sandbox: false,
        range: None,
        expires: Some(end),
        can_ask: false,
    };
    update(&mut model, Message::Opened(Ok(session)));
    let mut warnings = 0;
    for minute in 1..60 {
        model.notice = None;
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(minute * 60);
        update(&mut model, Message::Now(now));
        warnings += usize::from(model.notice.is_some());
    }
    assert_eq!(warnings, 1);
}

mod random {
    use super::*;
    use crate::dashboard::keymap::{BINDINGS, Key};
    use crate::dashboard::view;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    fn event(key: Key) -> KeyEvent {
        let (code, modifiers) = match key {
            Key::Char(c) => (KeyCode::Char(c), KeyModifiers::NONE),
            Key::Ctrl(c) => (KeyCode::Char(c), KeyModifiers::CONTROL),
            Key::Code(code) => (code, KeyModifiers::NONE),
            Key::Shift(code) => (code, KeyModifiers::SHIFT),
        };
        KeyEvent::new(code, modifiers)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            cases: 64,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_row_of_keys_breaks_anything(
            keys in proptest::collection::vec(0usize..60, 0..160),
            sizes in proptest::collection::vec((1u16..140, 1u16..50), 1..6),
        ) {
            let files = [
                ("a.pdf", good("a")),
                ("b.pdf", warned("b")),
                ("c.pdf", failed("c")),
                ("d.pdf", good("a")),
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
                let tally = model.queue.tally();
                let present = model.queue.present().count();
                prop_assert_eq!(tally.files, present);
                prop_assert_eq!(tally.waiting + tally.pass + tally.warn + tally.fail, present);
                prop_assert!(model.queue.selected < model.queue.rows().len().max(1));
            }
        }
    }
}
