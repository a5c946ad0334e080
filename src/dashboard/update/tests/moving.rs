//! Moving files into cases.

use super::cases::{screened, statement, states, with_cases};
use super::*;
use crate::dashboard::model::{RestoredFile, StoredFile};
use crate::screen::cases::CaseState;

/// Creates a dashboard with three cases, and adds a file in none that has what `LOAN-2` lacks.
fn with_file_in_no_case() -> Model {
    let mut model = with_cases();
    update(
        &mut model,
        Message::FilesFound(vec![discovered("rest.pdf")]),
    );
    screened(&mut model, FileId(3), 1, &june());
    model
}

/// Returns the screening of a statement for June 2026 of the account of `LOAN-2`.
fn june() -> Screening {
    let mut june = statement("50100000000222", 6);
    june.content = Some(ContentHash::of(b"june"));
    june.statement.period.as_mut().unwrap().from = date(2026, 6, 1);
    june
}

fn moves(effects: &[Effect]) -> Vec<(u32, Option<usize>)> {
    let moved = effects.iter().flat_map(|effect| match effect {
        Effect::MoveFiles(places) => places.as_slice(),
        _ => &[],
    });
    moved.map(|(id, case)| (id.0, *case)).collect()
}

fn case_of(model: &Model, id: u32) -> Option<usize> {
    model.queue.file(FileId(id)).unwrap().case
}

/// Answers the latest screening request of a file.
fn screen_again(model: &mut Model, id: u32, screening: &Screening) {
    let request_id = model.queue.file(FileId(id)).unwrap().request_id;
    screened(model, FileId(id), request_id, screening);
}

#[test]
fn a_file_in_no_case_completes_the_case_that_it_is_moved_into() {
    let mut model = with_file_in_no_case();
    assert_eq!(states(&model)[1], Some(CaseState::Incomplete));
    // Nothing is chosen before the user types or moves.
    assert_eq!(press(&mut model, "2jjjM\n"), []);
    let effects = press(&mut model, "loan-2\n");
    assert_eq!(moves(&effects), [(3, Some(1))]);
    let [Effect::MoveFiles(_), Effect::Screen(requests), ..] = effects.as_slice() else {
        panic!("the cases first, then the screening: {effects:?}");
    };
    assert_eq!(requests[0].file, FileId(3));
    screen_again(&mut model, 3, &june());
    assert_eq!(states(&model)[1], Some(CaseState::Ready));
    let files: Vec<u32> = model.queue.files_of_case(1).map(|(id, _)| id.0).collect();
    assert_eq!(files, [1, 3]);

    let effects = press(&mut model, "z");
    assert_eq!(moves(&effects), [(3, None)]);
    assert_eq!(case_of(&model, 3), None);
    assert_eq!(states(&model)[1], Some(CaseState::Incomplete));
}

#[test]
fn marked_files_move_together_and_undo_restores_their_marks_and_cases() {
    let mut model = with_file_in_no_case();
    press(&mut model, "2 jj M");
    let Some(Overlay::Picker(picker)) = model.top_overlay() else {
        panic!("no list");
    };
    assert_eq!(picker.title, "Move 2 marked files into a case");
    let effects = press(&mut model, "loan-3\n");
    assert_eq!(moves(&effects), [(0, Some(2)), (3, Some(2))]);
    assert_eq!(model.queue.counts().marked, 0);
    assert_eq!(
        states(&model)[0],
        Some(CaseState::Incomplete),
        "no file is left"
    );
    let effects = press(&mut model, "z");
    assert_eq!(moves(&effects), [(0, Some(0)), (3, None)]);
    assert_eq!(model.queue.counts().marked, 2);
    assert_eq!(states(&model)[0], Some(CaseState::Ready));
}

#[test]
fn a_new_case_is_made_for_a_file() {
    let mut model = with_file_in_no_case();
    press(&mut model, "2jjjMnew case\n");
    assert!(press(&mut model, "\n").is_empty(), "a name is required");
    let effects = press(&mut model, "LOAN-9\n");
    let Some(Effect::AddCase(case)) = effects.first() else {
        panic!("{effects:?}");
    };
    assert_eq!(case.name, "LOAN-9");
    assert_eq!(moves(&effects), [(3, Some(3))]);
    // An existing name is that case.
    press(&mut model, "Mnew case\n");
    let effects = press(&mut model, "LOAN-1\n");
    assert_eq!(moves(&effects), [(3, Some(0))]);
    assert_eq!(model.queue.cases().list().len(), 4);
}

#[test]
fn an_undone_move_leaves_nothing_of_the_case_that_it_made() {
    let mut model = with_file_in_no_case();
    press(&mut model, "2jjjMnew case\nLOAN-9\n");
    screen_again(&mut model, 3, &june());
    let listed = |model: &Model| -> Vec<String> {
        let cases = model.queue.listed_cases();
        cases.map(|(_, case)| case.name.clone()).collect()
    };
    assert_eq!(listed(&model), ["LOAN-1", "LOAN-2", "LOAN-3", "LOAN-9"]);
    assert_eq!(model.case_table.rows().len(), 4);
    let judged = |model: &Model| states(model).into_iter().flatten().count();
    assert_eq!(judged(&model), 4);
    press(&mut model, "z");
    assert_eq!(listed(&model), ["LOAN-1", "LOAN-2", "LOAN-3"]);
    assert_eq!(model.case_table.rows(), [0, 1, 2]);
    assert_eq!(judged(&model), 3);
    press(&mut model, "M");
    let Some(Overlay::Picker(picker)) = model.top_overlay() else {
        panic!("no list");
    };
    let labels: Vec<&str> = picker.matches().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["LOAN-1", "LOAN-2", "LOAN-3", "new case"]);
    // The name is free again.
    let effects = press(&mut model, "new case\nLOAN-9\n");
    assert_eq!(moves(&effects), [(3, Some(3))]);
    assert_eq!(listed(&model).last().unwrap(), "LOAN-9");
}

#[test]
fn the_columns_of_the_table_follow_the_cases_in_it() {
    let mut model = with_file_in_no_case();
    let extent = |model: &Model| {
        let extent = model.case_table.extent(&model.queue);
        (extent.months.len(), extent.name_width)
    };
    assert_eq!(extent(&model), (3, "LOAN-1".len()));
    press(&mut model, "2jjjMnew case\nAn applicant\n");
    screen_again(&mut model, 3, &june());
    assert_eq!(extent(&model), (3, "An applicant".len()));
    press(&mut model, "z");
    assert_eq!(extent(&model), (3, "LOAN-1".len()));
    // Nothing is judged without its files.
    press(&mut model, "1/none of them\n");
    assert_eq!(extent(&model), (0, "LOAN-1".len()));
}

#[test]
fn the_files_of_a_case_that_disappears_are_left() {
    let mut model = with_file_in_no_case();
    press(&mut model, "2jjjMnew case\nLOAN-9\n1jjj\n");
    assert_eq!(model.open_case(), Some("LOAN-9"));
    press(&mut model, "z");
    assert_eq!((model.tab, model.queue.filter.case), (Tab::Cases, None));
    // A case of the start stays, since its applicant owes files.
    press(&mut model, "gg\n");
    assert_eq!(model.open_case(), Some("LOAN-1"));
    press(&mut model, "d");
    assert_eq!(model.open_case(), Some("LOAN-1"));
    assert_eq!(model.queue.listed_cases().count(), 3);
}

#[test]
fn what_the_service_has_or_may_have_stays_in_its_case() {
    for (kind, can_move) in [
        (OutcomeKind::Accepted, false),
        (OutcomeKind::AlreadyUploaded, false),
        (OutcomeKind::Unknown, false),
        (OutcomeKind::Rejected, true),
        (OutcomeKind::Skipped, true),
    ] {
        let mut model = with_cases();
        press(&mut model, "u\n");
        finish_upload(&mut model, 0, kind);
        let effects = press(&mut model, "2Mloan-2\n");
        assert_eq!(!moves(&effects).is_empty(), can_move, "{kind:?}");
        let file = model.queue.file(FileId(0)).unwrap();
        assert_eq!(file.outcome().is_none(), can_move, "{kind:?}");
    }
    let mut model = with_cases();
    press(&mut model, "u\n2M");
    assert!(model.overlays.is_empty(), "in upload");
    let (_, notice) = model.notice.clone().unwrap();
    assert!(notice.starts_with("1 file kept"), "{notice}");
}

#[test]
fn an_interrupted_queue_returns_files_to_the_cases_they_were_moved_into() {
    let mut model = with_file_in_no_case();
    let restored = Message::QueueRestored {
        files: vec![RestoredFile {
            file: FileId(3),
            stored: StoredFile {
                case: Some("LOAN-2".to_owned()),
                ..StoredFile::default()
            },
        }],
        missing: 0,
    };
    let effects = update(&mut model, restored);
    assert_eq!(moves(&effects), [(3, Some(1))]);
    assert_eq!(case_of(&model, 3), Some(1));
}

#[test]
fn without_cases_there_is_nothing_to_move_into() {
    let mut model = with_files(&[("a.pdf", passing("a"))]);
    press(&mut model, "M");
    assert!(model.overlays.is_empty());
    let (_, notice) = model.notice.clone().unwrap();
    assert!(notice.contains("--cases"), "{notice}");
}
