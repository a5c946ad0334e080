//! Cases: their states follow their files, and what is sent follows their states.

use super::*;
use crate::dashboard::model::Filter;
use crate::screen::cases::{Case, CaseState};
use crate::statement::{Account, Period, PeriodSource};

const READY: usize = 0;
const INCOMPLETE: usize = 1;
const BLOCKED: usize = 2;

/// Returns the screening of a statement of an account from April to a month of 2026.
pub(super) fn statement(digits: &str, to_month: i8) -> Screening {
    let mut screening = passing(digits);
    screening.statement.account = Account::of_digits(digits);
    screening.statement.period = Some(Period {
        from: date(2026, 4, 1),
        to: date(2026, to_month, 1).last_of_month(),
        source: PeriodSource::Printed,
    });
    screening
}

/// Creates a dashboard with a ready, an incomplete and a blocked case.
pub(super) fn with_cases() -> Model {
    let mut broken = statement("50100000000333", 6);
    let finding = Finding::warning(Code::BalanceMismatch, "a balance does not follow");
    broken.add_finding(finding, &Policy::default());
    with_files_of_cases(&[
        ("LOAN-1", "april.pdf", statement("50100000000111", 6)),
        ("LOAN-2", "may.pdf", statement("50100000000222", 5)),
        ("LOAN-3", "june.pdf", broken),
    ])
}

/// Creates a dashboard with a case per file; it requests April to June 2026.
fn with_files_of_cases(files: &[(&str, &str, Screening)]) -> Model {
    let mut model = model();
    let mut setup = model.setup.clone();
    let mut names: Vec<&str> = files.iter().map(|(case, ..)| *case).collect();
    names.dedup();
    setup.cases = names.iter().map(|name| Case::new(name).unwrap()).collect();
    setup.requested_period = Some(DateRange {
        from: date(2026, 4, 1),
        to: date(2026, 6, 30),
    });
    model = Model::new(setup, (80, 24), Timestamp::UNIX_EPOCH);
    assert!(begin(&mut model).is_empty());
    let found = files.iter().map(|(case, name, _)| {
        let case = names.iter().position(|known| known == case);
        DiscoveredFile {
            case,
            ..discovered(name)
        }
    });
    let effects = update(&mut model, Message::FilesFound(found.collect()));
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("no screening requested: {effects:?}");
    };
    for (request, (.., screening)) in requests.clone().into_iter().zip(files) {
        screened(&mut model, request.file, request.request_id, screening);
    }
    model
}

pub(super) fn screened(model: &mut Model, file: FileId, request_id: u32, screening: &Screening) {
    let screened = ScreenedFile {
        file,
        request_id,
        bytes: Some(1000),
        screening: screening.clone(),
        shared_before: None,
        stamp: None,
        elapsed: Duration::ZERO,
    };
    update(model, Message::Screened(Box::new(screened)));
}

pub(super) fn states(model: &Model) -> Vec<Option<CaseState>> {
    let cases = model.queue.cases();
    let all = 0..cases.list().len();
    all.map(|case| Some(cases.judged(case)?.state)).collect()
}

fn case_uploads(effects: &[Effect]) -> Vec<u32> {
    let requests = effects.iter().flat_map(|effect| match effect {
        Effect::UploadCases(order) => order.requests.as_slice(),
        _ => &[],
    });
    requests.map(|request| request.file.0).collect()
}

#[test]
fn each_case_is_judged_once_all_of_its_files_are_screened() {
    let model = with_cases();
    let expected = [CaseState::Ready, CaseState::Incomplete, CaseState::Blocked];
    assert_eq!(states(&model), expected.map(Some));
    let file = model.queue.file(FileId(1)).unwrap();
    assert_eq!(file.worst_finding(), Some(Code::MissingMonths));
    let missing = model.queue.cases().judged(INCOMPLETE).unwrap();
    assert_eq!(missing.accounts.len(), 1);
    assert!(!missing.needs.is_empty());

    let waiting = with_files_of_cases(&[("A", "a.pdf", statement("50100000000111", 6))]);
    let mut waiting = Model::new(waiting.setup, (80, 24), Timestamp::UNIX_EPOCH);
    let found = DiscoveredFile {
        case: Some(0),
        ..discovered("a.pdf")
    };
    update(&mut waiting, Message::FilesFound(vec![found]));
    assert_eq!(states(&waiting), [None]);
}

#[test]
fn a_correction_changes_the_state_and_undo_restores_it() {
    let mut model = with_cases();
    press(&mut model, "jj\n");
    assert_eq!(model.queue.filter.case, Some(BLOCKED));
    press(&mut model, "i");
    assert_eq!(states(&model).get(BLOCKED), Some(&Some(CaseState::Ready)));
    press(&mut model, "z");
    assert_eq!(states(&model).get(BLOCKED), Some(&Some(CaseState::Blocked)));
    press(&mut model, "d");
    assert_eq!(
        states(&model).get(BLOCKED),
        Some(&Some(CaseState::Incomplete)),
        "a case without a file"
    );
}

#[test]
fn a_statement_in_two_cases_blocks_both_until_it_is_removed_from_one() {
    let same = statement("50100000000111", 6);
    let mut model = with_files_of_cases(&[("A", "a.pdf", same.clone()), ("B", "b.pdf", same)]);
    assert_eq!(states(&model), [Some(CaseState::Blocked); 2]);
    press(&mut model, "\nd");
    assert_eq!(
        states(&model),
        [Some(CaseState::Incomplete), Some(CaseState::Ready)]
    );
}

#[test]
fn ready_cases_are_sent_and_the_question_counts_them() {
    let mut model = with_cases();
    assert_eq!(model.tab, Tab::Cases);
    press(&mut model, "u");
    let text = "Send 1 case with 1 file, each case to a session of its own?";
    assert_eq!(question(&model), text);
    assert_eq!(case_uploads(&press(&mut model, "\n")), [0]);

    let mut model = with_cases();
    press(&mut model, "u");
    assert_eq!(
        case_uploads(&press(&mut model, "i")),
        [0, 1],
        "never blocked ones"
    );
}

#[test]
fn the_counts_are_those_that_the_question_states() {
    let mut model = with_files_of_cases(&[
        ("LOAN-1", "april.pdf", statement("50100000000111", 6)),
        ("LOAN-1", "copy.pdf", statement("50100000000111", 6)),
        ("LOAN-1", "locked.pdf", locked("a")),
        ("LOAN-2", "may.pdf", statement("50100000000222", 6)),
        ("LOAN-3", "june.pdf", statement("50100000000333", 6)),
        ("LOAN-3", "july.pdf", statement("50100000000444", 5)),
    ]);
    let counts = |model: &Model, case| {
        let counts = model.ready_counts(case);
        [
            counts.ready,
            counts.on_hold,
            counts.needs_user,
            counts.unsendable,
            counts.waiting,
        ]
    };
    assert_eq!(counts(&model, Some(0)), [0, 1, 1, 1, 0], "a locked file");
    assert_eq!(counts(&model, Some(1)), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&model, Some(2)), [0, 2, 0, 0, 0], "a missing month");
    assert_eq!(counts(&model, None), [1, 3, 1, 1, 0]);
    // A file in no case has to be moved into one, and a new one is not screened yet.
    let found = vec![
        discovered("none.pdf"),
        DiscoveredFile {
            case: Some(1),
            ..discovered("b.pdf")
        },
    ];
    update(&mut model, Message::FilesFound(found));
    screened(&mut model, FileId(6), 1, &passing("none"));
    assert_eq!(counts(&model, None), [0, 4, 2, 1, 1]);
    press(&mut model, "2jjjd");
    assert_eq!(counts(&model, None), [0, 3, 2, 1, 1]);
    screened(&mut model, FileId(7), 1, &statement("50100000000222", 6));
    assert_eq!(counts(&model, None), [1, 3, 2, 1, 0]);
    press(&mut model, "u");
    assert!(
        question(&model).starts_with("Send 1 file to LOAN-2?"),
        "{}",
        question(&model)
    );
    press(&mut model, "\n");
    assert_eq!(
        counts(&model, None),
        [0, 3, 2, 1, 0],
        "its upload is requested"
    );
    // The sums per case are those of all files, also after removals.
    let cases = (0..3).map(|case| counts(&model, Some(case)));
    let sum = cases.fold([0; 5], |sum, own| std::array::from_fn(|i| sum[i] + own[i]));
    assert_eq!(sum, [0, 3, 1, 1, 0]);
}

#[test]
fn a_filter_of_cases_is_in_the_question() {
    let mut model = with_files_of_cases(&[
        ("LOAN-1", "april.pdf", statement("50100000000111", 6)),
        ("LOAN-2", "may.pdf", statement("50100000000222", 6)),
    ]);
    press(&mut model, "/loan-2\nu");
    let text = "Send 1 shown of 2 ready cases with 1 file, each case to a session of its own?";
    assert_eq!(question(&model), text);
}

#[test]
fn a_ready_case_with_an_unknown_upload_needs_the_user() {
    let mut model = with_cases();
    press(&mut model, "f");
    assert_eq!(model.case_table.rows(), [INCOMPLETE, BLOCKED]);
    press(&mut model, "fu\nf");
    assert_eq!(model.case_table.rows(), [INCOMPLETE, BLOCKED]);
    finish_upload(&mut model, 0, OutcomeKind::Unknown);
    assert_eq!(model.case_table.rows(), [READY, INCOMPLETE, BLOCKED]);
    press(&mut model, "u");
    let text = "No case to upload: all ready ones were sent, 1 file with unknown outcome (s \
                resolves). Send 1 case";
    assert!(question(&model).starts_with(text), "{}", question(&model));
    press(&mut model, "n");
    finish_upload(&mut model, 0, OutcomeKind::Accepted);
    assert_eq!(model.case_table.rows(), [INCOMPLETE, BLOCKED]);
}

#[test]
fn only_the_cases_shown_are_sent() {
    let mut model = with_cases();
    press(&mut model, "/loan-2\nu");
    let text = "No case to upload: none of those shown is ready. Send 1 case with 1 file (1 with \
                warnings) of incomplete cases all the same?";
    assert_eq!(question(&model), text);
    press(&mut model, "n");
    press(&mut model, "\x1b/loan-3\nu");
    assert!(model.overlays.is_empty());
    let (_, notice) = model.notice.clone().unwrap();
    assert!(notice.contains("1 of blocked cases"), "{notice}");
}

#[test]
fn files_of_a_case_are_sent_to_its_session() {
    let mut model = with_cases();
    press(&mut model, "\nu");
    assert_eq!(question(&model), "Send 1 file to LOAN-1?");
    assert_eq!(case_uploads(&press(&mut model, "\n")), [READY as u32]);
    press(&mut model, "\x1b");
    assert_eq!(model.tab, Tab::Cases);
    press(&mut model, "j\nu");
    let text = "The case is incomplete. Send 1 file (1 with warnings) to LOAN-2 all the same?";
    assert_eq!(question(&model), text);
    assert_eq!(case_uploads(&press(&mut model, "\n")), [1]);
}

#[test]
fn enter_opens_a_case_and_escape_returns() {
    let mut model = with_cases();
    press(&mut model, "j\n");
    assert_eq!(
        (model.tab, model.queue.rows()),
        (Tab::Files, &[FileId(1)][..])
    );
    press(&mut model, "/none\n");
    assert!(model.queue.rows().is_empty());
    press(&mut model, "\x1b");
    assert_eq!(model.queue.rows(), [FileId(1)]);
    press(&mut model, "\x1b");
    assert_eq!(model.tab, Tab::Cases);
    assert_eq!(model.queue.filter, Filter::default());
    assert_eq!(model.queue.rows().len(), 3);
}

#[test]
fn the_message_to_the_applicant_is_shown_and_copied() {
    let mut model = with_cases();
    press(&mut model, "jQ");
    let Some(Overlay::Text(page)) = model.top_overlay() else {
        panic!("no text is open");
    };
    assert!(page.text.contains("June 2026"), "{}", page.text);
    let effects = press(&mut model, "y");
    assert!(matches!(effects.as_slice(), [Effect::CopyToClipboard(text)] if text.contains("June")));
    press(&mut model, "kQ");
    assert!(model.overlays.is_empty(), "nothing is missing");
}

#[test]
fn another_period_judges_all_cases_again() {
    let mut model = with_cases();
    let period = DateRange {
        from: date(2026, 4, 1),
        to: date(2026, 5, 31),
    };
    super::super::screening::set_requested_period(&mut model, period, PeriodOrigin::User);
    update(&mut model, Message::Tick(Timestamp::UNIX_EPOCH));
    assert_eq!(
        states(&model),
        [CaseState::Ready, CaseState::Ready, CaseState::Blocked].map(Some)
    );
}

#[test]
fn details_are_tried_on_the_locked_files_of_the_case() {
    let mut model =
        with_files_of_cases(&[("A", "a.pdf", locked("a")), ("B", "b.pdf", locked("b"))]);
    press(&mut model, "p\tAsha Rao\t31/02/1990");
    assert!(press(&mut model, "\n").is_empty(), "an invalid date");
    let code = KeyCode::Backspace;
    for _ in 0.."31/02/1990".len() {
        update(
            &mut model,
            Message::Key(KeyEvent::new(code, KeyModifiers::NONE)),
        );
    }
    press(&mut model, "05/03/1988");
    let effects = press(&mut model, "\n");
    let [Effect::Screen(requests)] = effects.as_slice() else {
        panic!("not tried: {effects:?}");
    };
    let [request] = requests.as_slice() else {
        panic!("tried on {}", requests.len());
    };
    let names: Vec<&str> = request
        .expected
        .applicants
        .as_ref()
        .unwrap()
        .names()
        .collect();
    assert_eq!((request.file, names), (FileId(0), vec!["Asha Rao"]));
    let (file, id) = (request.file, request.request_id);
    screened(&mut model, file, id, &passing("opened"));
    let (_, notice) = model.notice.clone().unwrap();
    assert_eq!(notice, "The details open the file");
}

#[test]
fn the_uploads_of_all_cases_are_stopped_from_the_table_of_cases() {
    let mut model = with_cases();
    press(&mut model, "u\n");
    press(&mut model, "x");
    assert_eq!(
        question(&model),
        "Stop the uploads of all cases? 0 uploads in progress will end; 1 file will not be sent."
    );
    assert_eq!(press(&mut model, "a"), [Effect::StopCases]);
}

#[test]
fn cases_whose_files_are_all_uploaded_are_processed_with_their_number_first() {
    let mut model = with_files_of_cases(&[
        ("LOAN-1", "april.pdf", statement("50100000000111", 6)),
        ("LOAN-2", "may.pdf", statement("50100000000222", 6)),
        ("LOAN-3", "june.pdf", statement("50100000000333", 6)),
    ]);
    press(&mut model, "P");
    let (_, text) = model.notice.clone().unwrap();
    let expected = "Nothing to process: no case shown is uploaded completely";
    assert_eq!(text, expected);
    press(&mut model, "u\n");
    for (file, kind) in [
        OutcomeKind::Accepted,
        OutcomeKind::Accepted,
        OutcomeKind::Rejected,
    ]
    .into_iter()
    .enumerate()
    {
        let mut record = settled(kind);
        record.session = Some(format!("s-{}", file + 1));
        let update = UploadUpdate {
            file: FileId(u32::try_from(file).unwrap()),
            progress: UploadProgress::Finished(Box::new(record)),
        };
        super::update(&mut model, Message::UploadUpdated(update));
    }
    press(&mut model, "P");
    assert_eq!(
        question(&model),
        "End uploads to 2 cases and process? Nothing can be added afterwards."
    );
    let sessions = |effects: &[Effect]| -> Vec<String> {
        let [Effect::Process(requests)] = effects else {
            panic!("{effects:?}");
        };
        requests
            .iter()
            .map(|request| request.session.clone())
            .collect()
    };
    assert_eq!(sessions(&press(&mut model, "c")), ["s-1"]);
    // The rest of them, and nothing more to the case that is processed.
    assert_eq!(sessions(&press(&mut model, "P\n")), ["s-2"]);
    press(&mut model, "r");
    let (_, text) = model.notice.clone().unwrap();
    assert!(text.starts_with("Nothing to retry"), "{text}");
}
