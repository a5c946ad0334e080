//! Files that are added while the dashboard runs: the case that they belong to, what all files of
//! an account cover together, and the calls that are saved once files are sent.

use super::cases::{screened, statement, states, with_cases};
use super::*;
use crate::bankconnect::wire::SessionRequest;
use crate::dashboard::model::{StoredCase, StoredFile, unfinished};
use crate::screen::cases::{Case, CaseState};

/// Returns the screening of a statement that covers some months of April to June 2026, as a single
/// file is judged.
fn part(digits: &str, (from, to): (i8, i8)) -> Screening {
    let mut screening = statement(digits, to);
    if let Some(period) = &mut screening.statement.period {
        period.from = date(2026, from, 1);
    }
    screening.content = Some(ContentHash::of(format!("{digits} {from}").as_bytes()));
    let finding = Finding::warning(Code::PartialPeriod, "covers the period in part");
    screening.add_finding(finding, &Policy::default());
    screening
}

/// Creates a dashboard without cases that requests April to June 2026, with a file per screening.
fn with_parts(parts: &[Screening]) -> Model {
    let mut model = model();
    model.setup.requested_period = Some(DateRange {
        from: date(2026, 4, 1),
        to: date(2026, 6, 30),
    });
    add(&mut model, parts);
    model
}

/// Adds files, and then their screenings.
fn add(model: &mut Model, parts: &[Screening]) {
    let first = model.queue.files().len();
    let found = (0..parts.len()).map(|index| discovered(&format!("{}.pdf", first + index)));
    let effects = update(model, Message::FilesFound(found.collect()));
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("no screening requested: {effects:?}");
    };
    for (request, part) in requests.clone().iter().zip(parts) {
        screened(model, request.file, request.request_id, part);
    }
}

fn worst(model: &Model) -> Vec<Option<Code>> {
    let files = model.queue.present();
    files.map(|(_, file)| file.worst_finding()).collect()
}

#[test]
fn an_account_may_have_its_months_in_several_files() {
    let april = part("50100000000111", (4, 4));
    let mut model = with_parts(std::slice::from_ref(&april));
    assert_eq!(worst(&model), [Some(Code::PartialPeriod)]);
    add(&mut model, &[part("50100000000111", (5, 6))]);
    assert_eq!(worst(&model), [None, None]);
    // Without the other months, it covers the period in part again.
    press(&mut model, "jd");
    assert_eq!(worst(&model), [Some(Code::PartialPeriod)]);
    press(&mut model, "z");
    assert_eq!(worst(&model), [None, None]);
}

#[test]
fn a_file_covers_the_period_in_part_as_long_as_others_are_screened() {
    let mut model = with_parts(&[part("50100000000111", (4, 4))]);
    let waiting = update(
        &mut model,
        Message::FilesFound(vec![discovered("late.pdf")]),
    );
    assert_eq!(worst(&model), [Some(Code::PartialPeriod), None]);
    let [Effect::Screen(requests)] = waiting.as_slice() else {
        panic!("{waiting:?}");
    };
    let late = part("50100000000111", (5, 6));
    screened(&mut model, FileId(1), requests[0].request_id, &late);
    assert_eq!(worst(&model), [None, None]);
}

#[test]
fn months_that_no_file_of_an_account_has_are_missing() {
    let mut model = with_parts(&[
        part("50100000000111", (4, 4)),
        part("50100000000111", (6, 6)),
        part("50100000000222", (4, 6)),
    ]);
    update(&mut model, Message::Tick(Timestamp::UNIX_EPOCH));
    let file = model.queue.file(FileId(1)).unwrap();
    let codes = file.screening().unwrap().findings.iter();
    let codes: Vec<Code> = codes.map(|finding| finding.code).collect();
    assert!(codes.contains(&Code::MissingMonths), "{codes:?}");
    assert_eq!(worst(&model)[2], None, "the other account is complete");
}

#[test]
fn the_form_adds_files_to_the_open_case_or_to_a_new_one() {
    let mut model = with_cases();
    // The table of cases: the folder of each file decides.
    press(&mut model, "ain/a.pdf");
    assert_eq!(press(&mut model, "\n"), [discover("in/a.pdf", None)]);
    // An open case is offered; typing replaces it.
    press(&mut model, "\nain/a.pdf");
    assert_eq!(
        press(&mut model, "\n"),
        [discover("in/a.pdf", Some("LOAN-1"))]
    );
    press(&mut model, "ain/a.pdf");
    let down = KeyEvent::new(KeyCode::Down, KeyModifiers::NONE);
    update(&mut model, Message::Key(down));
    press(&mut model, "LOAN-9");
    assert_eq!(
        press(&mut model, "\n"),
        [discover("in/a.pdf", Some("LOAN-9"))]
    );
    let pasted = update(&mut model, Message::Paste("in/a.pdf in/b.pdf".to_owned()));
    let expected = ["in/a.pdf", "in/b.pdf"].map(|path| discover(path, Some("LOAN-1")));
    assert_eq!(pasted, expected);
}

#[test]
fn a_name_that_no_case_can_have_is_rejected_in_the_form() {
    let mut model = with_cases();
    press(&mut model, "\nain/a.pdf");
    let down = KeyEvent::new(KeyCode::Down, KeyModifiers::NONE);
    update(&mut model, Message::Key(down));
    press(&mut model, &"x".repeat(501));
    assert!(press(&mut model, "\n").is_empty());
    let form = model.top_form().unwrap();
    let error = form.fields[1].error.clone().unwrap();
    assert!(error.contains("more than 500 characters"), "{error}");
}

#[test]
fn a_new_case_is_judged_and_sent_like_the_others() {
    let mut model = with_cases();
    let case = Case::new("LOAN-9").unwrap();
    update(&mut model, Message::CaseFound(case.clone()));
    update(&mut model, Message::CaseFound(case));
    assert_eq!(model.queue.cases().list().len(), 4, "added once");
    let found = DiscoveredFile {
        case: Some(3),
        ..discovered("new.pdf")
    };
    let effects = update(
        &mut model,
        Message::FilesFound(vec![found, discovered("loose.pdf")]),
    );
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(states(&model)[3], None, "its file waits");
    let own = statement("50100000000999", 6);
    screened(&mut model, FileId(3), requests[0].request_id, &own);
    let loose = statement("50100000000888", 6);
    screened(&mut model, FileId(4), requests[1].request_id, &loose);
    assert_eq!(states(&model)[3], Some(CaseState::Ready));
    press(&mut model, "u");
    let text = "Send 2 cases with 2 files, each case to a session of its own?";
    assert_eq!(question(&model), text);
    press(&mut model, "\x1b2");
    press(&mut model, "u");
    assert!(
        question(&model).contains("1 in no case"),
        "{}",
        question(&model)
    );
}

#[test]
fn the_first_case_gives_each_case_a_session_of_its_own() {
    let mut model = model();
    begin(&mut model);
    assert_eq!(model.overlays.len(), 1, "the question for the session");
    update(&mut model, Message::CaseFound(Case::new("LOAN-1").unwrap()));
    assert_eq!((model.tab, model.overlays.len()), (Tab::Cases, 0));
    assert_eq!(model.session, SessionState::PerCase { sandbox: true });
}

#[test]
fn a_case_is_stored_with_all_of_its_files_until_they_are_all_uploaded() {
    let mut model = with_cases();
    let stored =
        |model: &Model| -> Vec<u32> { unfinished(&model.queue).map(|(id, _)| id.0).collect() };
    assert_eq!(stored(&model), [0, 1, 2]);
    press(&mut model, "u\n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    assert_eq!(stored(&model), [1, 2]);
    let file = model.queue.file(FileId(0)).unwrap();
    assert!(StoredFile::choices_of(file).uploaded);

    let case = &model.queue.cases().list()[1];
    let json = serde_json::to_string(&StoredCase::of(case)).unwrap();
    let read: StoredCase = serde_json::from_str(&json).unwrap();
    assert_eq!(read.case().as_ref(), Some(case));
}

#[test]
fn a_saved_call_is_counted_when_its_file_would_have_been_sent() {
    let refused = |effects: &[Effect]| -> Vec<u32> {
        let orders = effects.iter().filter_map(|effect| match effect {
            Effect::Upload(order) | Effect::UploadCases(order) => Some(order),
            _ => None,
        });
        orders
            .flat_map(|order| &order.refused)
            .map(|id| id.0)
            .collect()
    };
    let mut model = with_files(&[
        ("a.pdf", passing("a")),
        ("b.pdf", failing("b")),
        ("c.pdf", failing("c")),
    ]);
    open_session(&mut model);
    assert_eq!(model.calls_saved, 0, "nothing was sent");
    // Only the marked files would have been sent.
    press(&mut model, "  u");
    assert_eq!(refused(&press(&mut model, "\n")), [1]);
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    update(&mut model, Message::CallsSaved(1));
    assert_eq!(model.calls_saved, 1);
    // The counts are those of the open session.
    update(
        &mut model,
        Message::SessionOpened(Ok(session("s-2", Some("LOAN-2")))),
    );
    assert_eq!(model.calls_saved, 0);
    press(&mut model, "-u");
    assert_eq!(refused(&press(&mut model, "\n")), [1, 2]);
    // Nothing else is shown: without screening, both would have been sent.
    press(&mut model, "/b.pdf\n");
    let effects = press(&mut model, "u");
    assert_eq!((refused(&effects), uploads(&effects)), (vec![1], vec![]));
}

#[test]
fn the_refused_files_of_all_cases_shown_are_saved_calls() {
    let mut model = with_cases();
    // The file of the incomplete case becomes the only one, and the service would refuse it.
    press(&mut model, "2jd");
    press(&mut model, "1/loan-2\n");
    assert_eq!(press(&mut model, "u"), [], "nothing would have been sent");
    press(&mut model, "2\x1bz");
    let request_id = model.queue.file(FileId(1)).unwrap().request_id;
    screened(&mut model, FileId(1), request_id, &failing("may"));
    let effects = press(&mut model, "1u");
    let [Effect::UploadCases(order)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (order.requests.len(), order.refused.clone()),
        (0, vec![FileId(1)])
    );
}

#[test]
fn no_call_is_saved_before_the_session_of_the_upload_is_open() {
    let mut model = with_files(&[("a.pdf", passing("a")), ("b.pdf", failing("b"))]);
    let source = SessionSource::New(Box::new(SessionRequest {
        link_id: "LOAN-1".to_owned(),
        ..SessionRequest::default()
    }));
    super::super::session::choose_source(&mut model, source.clone());
    press(&mut model, "/b.pdf\n");
    assert_eq!(press(&mut model, "u"), [], "no session, no call");
    press(&mut model, "\x1bu");
    assert_eq!(press(&mut model, "\n"), [Effect::OpenSession(source)]);
    assert_eq!(model.calls_saved, 0);
    let opened = session("s-1", Some("LOAN-1"));
    let effects = update(&mut model, Message::SessionOpened(Ok(opened)));
    let order = effects.iter().find_map(|effect| match effect {
        Effect::Upload(order) => Some(order),
        _ => None,
    });
    assert_eq!(order.unwrap().refused, [FileId(1)]);
}

#[test]
fn text_that_is_deleted_again_chooses_no_bank() {
    let mut unknown = passing("a");
    unknown.statement.issuer = None;
    let mut model = with_files(&[("a.pdf", unknown)]);
    press(&mut model, "bx");
    let backspace = KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE);
    update(&mut model, Message::Key(backspace));
    assert!(press(&mut model, "\n").is_empty());
    assert_eq!(model.overlays.len(), 1, "the list is still open");
    press(&mut model, "icici");
    let effects = press(&mut model, "\n");
    assert!(
        matches!(effects.as_slice(), [Effect::Screen(_)]),
        "{effects:?}"
    );
}

#[test]
fn the_message_to_the_applicant_is_written_to_a_file() {
    let mut model = with_cases();
    press(&mut model, "jQw");
    let form = model.top_form().unwrap();
    assert_eq!(form.text(0), "LOAN-2.txt");
    let effects = press(&mut model, "\n");
    let [Effect::WriteMessage { text, path }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(path, "LOAN-2.txt");
    assert!(text.contains("June 2026"), "{text}");
    assert_eq!(model.overlays.len(), 1, "the message is still shown");
}

#[test]
fn a_report_of_cases_has_the_cases_shown_with_all_of_their_files() {
    let exported = |effects: &[Effect]| match effects {
        [Effect::Export(export)] => {
            let files: Vec<u32> = export.files.iter().map(|id| id.0).collect();
            (files, export.cases.clone())
        }
        other => panic!("{other:?}"),
    };
    let mut model = with_cases();
    press(&mut model, "/loan-2\ne\n");
    assert_eq!(exported(&press(&mut model, "\n")), (vec![1], vec![1]));
    press(&mut model, "\x1b2/may\ne\n");
    assert_eq!(exported(&press(&mut model, "\n")), (vec![1], vec![1]));
    press(&mut model, "\x1be\n");
    assert_eq!(
        exported(&press(&mut model, "\n")),
        (vec![0, 1, 2], vec![0, 1, 2])
    );
}
