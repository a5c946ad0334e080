//! The table of cases: opening a case, and what to ask its applicant for.

use super::actions::show_tab;
use super::session;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{ChoiceAction, Filter, Level, Model, Overlay, Tab, TextPage};
use crate::screen::cases::Case;
use crate::screen::notes::file_stem;

/// Adds a case. The first one gives each case a session of its own.
pub(super) fn found(model: &mut Model, case: Case) {
    let is_first = model.queue.cases().is_empty();
    model.queue.add_case(case);
    if is_first {
        // The question for one session of all files is answered.
        model
            .overlays
            .retain(|overlay| !is_session_question(overlay));
        session::use_one_per_case(model);
        show_tab(model, model.home_tab());
    }
}

fn is_session_question(overlay: &Overlay) -> bool {
    match overlay {
        Overlay::Choice(choice) => {
            let mut options = choice.options.iter();
            options.any(|option| option.action == ChoiceAction::OpenSandbox)
        }
        Overlay::Picker(_)
        | Overlay::Form(_)
        | Overlay::Preview(_)
        | Overlay::Text(_)
        | Overlay::Help(_) => false,
    }
}

/// Shows the files of the selected case.
pub(super) fn open(model: &mut Model) {
    let Some(case) = model.case_table.current() else {
        model.show_notice(Level::Info, "No case is selected");
        return;
    };
    model
        .queue
        .set_filter(Filter::default().in_case(Some(case)));
    model.queue.refresh();
    model.queue.select(0, model.table_rows());
    show_tab(model, Tab::Files);
}

/// Returns from the files of a case to the cases.
pub(super) fn close(model: &mut Model) {
    show_all_files(model);
    show_tab(model, Tab::Cases);
}

/// Returns from the files of a case that is no longer listed.
pub(super) fn leave_unlisted(model: &mut Model) {
    let open = model.queue.filter.case;
    if open.is_none_or(|case| model.queue.is_listed(case)) {
        return;
    }
    if model.tab == Tab::Files {
        close(model);
    } else {
        show_all_files(model);
    }
}

/// Shows the files of all cases in the table of files.
pub(super) fn show_all_files(model: &mut Model) {
    let filter = model.queue.filter.clone();
    model.queue.set_filter(filter.in_case(None));
}

/// Returns the name of the file for the message to the applicant of a case, like those of
/// `--notes`.
fn message_file(case: &str) -> String {
    /// Characters of the name without its extension.
    const MAX_CHARS: usize = 60;
    let name: String = file_stem(case).chars().take(MAX_CHARS).collect();
    format!("{name}.txt")
}

/// Shows the message to the applicant of the selected case, to copy or write it.
pub(super) fn show_requests(model: &mut Model) {
    let Some(case) = model.current_case() else {
        let key = model.key(Action::Show(Tab::Cases));
        let text = format!("Select a case first: {key} shows the cases");
        model.show_notice(Level::Info, text);
        return;
    };
    let cases = model.queue.cases();
    let (Some(own), Some(judged)) = (cases.list().get(case), cases.judged(case)) else {
        model.show_notice(Level::Info, "The files of the case are not screened yet");
        return;
    };
    if judged.needs.is_empty() {
        model.show_notice(Level::Info, "Nothing to ask the applicant for");
        return;
    }
    let page = TextPage {
        title: format!("Message to the applicant of {}", own.name),
        text: model.setup.notes.message(&judged.needs),
        top: 0,
        left: 0,
        request_id: None,
        file_name: Some(message_file(&own.name)),
    };
    model.overlays.push(Overlay::Text(page));
}
