//! Every command, run from the list of commands by each of its names, and its effect.

use super::cases::with_cases;
use super::*;
use crate::dashboard::CheckReason;
use crate::dashboard::keymap::{Action, BINDINGS, synonyms};
use crate::dashboard::model::{FileStamp, FormKind, PickerAction};

/// Files of the dashboard on which commands run.
const FILES: u32 = 30;
/// The row that is selected unless a command needs another one.
const ROW: usize = 5;

/// Returns the screening of a file with pages.
fn with_pages(mut screening: Screening) -> Screening {
    screening.document = Some(crate::screen::DocumentFacts {
        page_count: 2,
        ..crate::screen::DocumentFacts::default()
    });
    screening
}

/// Creates a dashboard with an open session, many files, one with many warnings, and a locked one.
fn with_many_files() -> Model {
    let mut warned = with_pages(passing("0"));
    for page in 0..40 {
        let finding = Finding::warning(Code::DamagedPdf, format!("page {page}"));
        warned.add_finding(finding, &Policy::default());
    }
    let names: Vec<String> = (0..FILES).map(|index| format!("{index:02}.pdf")).collect();
    let screening = |index: usize, name: &str| match index {
        0 => warned.clone(),
        1 => locked("1"),
        _ => with_pages(passing(name)),
    };
    let files = names.iter().enumerate();
    let files: Vec<(&str, Screening)> = files
        .map(|(index, name)| (name.as_str(), screening(index, name)))
        .collect();
    let mut model = with_files(&files);
    open_session(&mut model);
    press(&mut model, &"j".repeat(ROW));
    model
}

/// Creates the dashboard in which a command has an effect.
fn stage(action: Action) -> Model {
    if matches!(action, Action::Requests) {
        let mut model = with_cases();
        press(&mut model, "j");
        return model;
    }
    if matches!(action, Action::MoveToCase) {
        let mut model = with_cases();
        press(&mut model, "2");
        return model;
    }
    let mut model = with_many_files();
    match action {
        Action::MarkRange => drop(press(&mut model, "ggg jj")),
        Action::ClearMarks => drop(press(&mut model, "*")),
        Action::DetailDown | Action::IgnoreWarning => drop(press(&mut model, "g")),
        Action::DetailUp => drop(press(&mut model, "g]]")),
        Action::Back => drop(press(&mut model, "4")),
        Action::Undo => drop(press(&mut model, " ")),
        Action::CancelUpload => drop(press(&mut model, "u\n")),
        Action::Retry => finish(&mut model, OutcomeKind::Skipped),
        Action::ResolveUnknown => finish(&mut model, OutcomeKind::Unknown),
        Action::Process => finish(&mut model, OutcomeKind::Accepted),
        Action::ScreenAgain => {
            let stamp = FileStamp {
                bytes: 1000,
                modified: None,
            };
            model
                .queue
                .change(FileId(3), |file| file.stamp = Some(stamp));
        }
        Action::StopWatching => drop(press(&mut model, "win\n")),
        _ => {}
    }
    model
}

/// Sends the selected file, with this outcome.
fn finish(model: &mut Model, kind: OutcomeKind) {
    press(model, " u\nk");
    finish_upload(model, 5, kind);
}

/// Runs a command from the list by one of its names.
fn run(model: &mut Model, action: Action, name: &str) -> Vec<Effect> {
    press(model, &format!(":{name}"));
    let wanted = PickerAction::Run(action);
    let Some(Overlay::Picker(picker)) = model.overlays.last_mut() else {
        panic!("no list of commands");
    };
    let found: Vec<PickerAction> = picker.matches().map(|item| item.action.clone()).collect();
    let position = found.iter().position(|found| *found == wanted);
    let position = position.unwrap_or_else(|| panic!("{name:?} does not find {action:?}"));
    // A name of several commands finds all of them before any other command.
    let others = found.iter().take(position);
    let share = |other: &PickerAction| match other {
        PickerAction::Run(other) => names(*other).contains(&name),
        _ => false,
    };
    assert!(others.clone().all(share), "{name:?} finds {found:?} first");
    picker.move_selection(position.cast_signed());
    press(model, "\n")
}

/// Returns the names of a command: its label, and its synonyms.
fn names(action: Action) -> Vec<&'static str> {
    let binding = BINDINGS.iter().find(|binding| binding.action == action);
    let label = binding.map(|binding| binding.short);
    label
        .into_iter()
        .chain(synonyms(action).iter().copied())
        .collect()
}

fn form(model: &Model) -> &FormKind {
    match model.top_overlay() {
        Some(Overlay::Form(form)) => &form.kind,
        other => panic!("no form: {other:?}"),
    }
}

/// Returns the title of the topmost list or question.
fn title(model: &Model) -> &str {
    match model.top_overlay() {
        Some(Overlay::Picker(picker)) => &picker.title,
        Some(Overlay::Choice(choice)) => &choice.title,
        other => panic!("no list or question: {other:?}"),
    }
}

fn marked(model: &Model) -> Vec<u32> {
    model.queue.marked().map(|(id, _)| id.0).collect()
}

/// Checks the effect of a command that moves or marks.
fn check_movement(action: Action, model: &Model) {
    let (row, last, page) = (model.queue.selected, FILES as usize - 1, model.table_rows());
    match action {
        Action::Down => assert_eq!(row, ROW + 1),
        Action::Up => assert_eq!(row, ROW - 1),
        Action::PageDown => assert_eq!(row, (ROW + page).min(last)),
        Action::PageUp => assert_eq!(row, ROW.saturating_sub(page)),
        Action::First => assert_eq!(row, 0),
        Action::Last => assert_eq!(row, last),
        Action::Mark => assert_eq!((marked(model), row), (vec![5], ROW + 1)),
        Action::MarkRange => assert_eq!(marked(model), [0, 1, 2, 3]),
        Action::MarkAll => assert_eq!(marked(model).len(), FILES as usize),
        Action::ClearMarks | Action::Undo => assert!(marked(model).is_empty()),
        Action::Detail => assert!(model.viewport.full_detail),
        Action::DetailDown | Action::DetailUp => assert_eq!(model.viewport.detail_top, 3),
        Action::Back => assert_eq!(model.tab, Tab::Files),
        Action::Show(tab) => assert_eq!(model.tab, tab),
        Action::NextTab => assert_eq!(model.tab, Tab::Coverage),
        other => panic!("{other:?} neither moves nor marks"),
    }
}

/// Checks the effect of a command.
fn check(action: Action, model: &Model, effects: &[Effect]) {
    match action {
        Action::Password => assert!(matches!(form(model), FormKind::Unlock(_))),
        Action::Bank => assert_eq!(title(model), "Set the bank of 05.pdf"),
        Action::Category => assert_eq!(title(model), "Set the account category of 05.pdf"),
        Action::IgnoreWarning => {
            assert_eq!(model.queue.files()[0].ignored, [Code::DamagedPdf]);
        }
        Action::MoveToCase => assert_eq!(title(model), "Move april.pdf into a case"),
        Action::Remove => {
            let text = "Remove 1 file from the queue? Nothing is deleted.";
            assert_eq!(question(model), text);
            assert_eq!(model.queue.counts().files, FILES as usize);
        }
        Action::Preview => assert!(matches!(effects, [Effect::RenderPage { page: 0, .. }])),
        Action::PageText => assert!(matches!(effects, [Effect::ReadPageText { page: 0, .. }])),
        Action::Upload => {
            let text = "Send 29 files (1 with warnings) to the sandbox?";
            assert!(question(model).starts_with(text), "{}", question(model));
        }
        Action::CancelUpload => assert_eq!(title(model), "Cancel uploads"),
        Action::Retry => assert!(question(model).starts_with("Retry 1 file to the sandbox?")),
        Action::ResolveUnknown => assert_eq!(title(model), "Unknown outcomes"),
        Action::Process => assert_eq!(
            question(model),
            "End uploads to the sandbox and process? Nothing can be added afterwards. It has 1 \
             file."
        ),
        Action::ScreenAgain => assert!(
            matches!(effects, [Effect::CheckFiles(files, CheckReason::Command)] if files.len() == 1)
        ),
        Action::Session => assert_eq!(title(model), "Session"),
        Action::Period => assert_eq!(form(model), &FormKind::Period),
        Action::AddFiles => assert_eq!(form(model), &FormKind::AddFiles),
        Action::WatchFolder => assert_eq!(form(model), &FormKind::WatchFolder),
        Action::StopWatching => assert_eq!(title(model), "Watched folders"),
        Action::Filter => assert!(model.filter_input.is_some()),
        Action::Problems => assert!(model.queue.filter.only_problems),
        Action::Sort => assert_eq!(title(model), "Sort by"),
        Action::ReverseSort => assert!(model.queue.sort.reversed),
        Action::Copy => assert_eq!(title(model), "Copy"),
        Action::Export => assert_eq!(title(model), "Export the files shown as"),
        Action::Requests => {
            let text = match model.top_overlay() {
                Some(Overlay::Text(page)) => &page.text,
                other => panic!("no message: {other:?}"),
            };
            assert!(text.contains("June 2026"), "{text}");
        }
        Action::Repaint => assert_eq!(effects, [Effect::Repaint]),
        Action::Suspend => assert_eq!(effects, [Effect::Suspend]),
        Action::Quit => assert!(matches!(effects, [Effect::Quit { .. }])),
        Action::Help => assert!(matches!(model.top_overlay(), Some(Overlay::Help(_)))),
        Action::Palette => assert_eq!(title(model), "Run a command"),
        Action::Down
        | Action::Up
        | Action::PageDown
        | Action::PageUp
        | Action::First
        | Action::Last
        | Action::Mark
        | Action::MarkRange
        | Action::MarkAll
        | Action::ClearMarks
        | Action::Undo
        | Action::Detail
        | Action::DetailDown
        | Action::DetailUp
        | Action::Back
        | Action::Show(_)
        | Action::NextTab => check_movement(action, model),
    }
}

#[test]
fn every_command_does_by_each_of_its_names_what_it_is_for() {
    for binding in BINDINGS {
        let action = binding.action;
        // The list of commands lists neither itself nor the help, which leads to it.
        if matches!(action, Action::Help | Action::Palette) {
            continue;
        }
        for name in names(action) {
            let mut model = stage(action);
            let effects = run(&mut model, action, name);
            check(action, &model, &effects);
        }
    }
}

#[test]
fn every_command_does_by_each_of_its_keys_what_it_is_for() {
    for binding in BINDINGS {
        for key in binding.keys {
            let mut model = stage(binding.action);
            let effects = update(&mut model, Message::Key(event(*key)));
            // The key needs no question: it was not found by a search.
            if binding.action == Action::Remove {
                assert_eq!(model.queue.counts().files, FILES as usize - 1);
            } else {
                check(binding.action, &model, &effects);
            }
        }
    }
}

#[test]
fn words_of_the_trade_find_the_command_first() {
    let expected = [
        ("quit", Action::Quit),
        ("exit", Action::Quit),
        ("retry", Action::Retry),
        ("settle", Action::ResolveUnknown),
        ("range", Action::Period),
        ("history", Action::Show(Tab::History)),
        ("sort", Action::Sort),
        ("export", Action::Export),
        ("coverage", Action::Show(Tab::Coverage)),
        ("drop", Action::Remove),
        ("dismiss", Action::IgnoreWarning),
        ("restore", Action::IgnoreWarning),
        ("upload", Action::Upload),
        ("send", Action::Upload),
        ("undo", Action::Undo),
        ("cancel all", Action::CancelUpload),
        ("process", Action::Process),
    ];
    for (query, action) in expected {
        let mut model = model();
        press(&mut model, &format!(":{query}"));
        let Some(Overlay::Picker(picker)) = model.top_overlay() else {
            panic!("no list for {query}");
        };
        let found = picker.current().map(|item| item.action.clone());
        assert_eq!(found, Some(PickerAction::Run(action)), "{query}");
    }
}
