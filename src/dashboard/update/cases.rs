//! The table of cases: opening a case, and what to ask its applicant for.

use super::actions::show_tab;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{Filter, Level, Model, Overlay, Tab, TextPage};

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

/// Shows the files of all cases in the table of files.
pub(super) fn show_all_files(model: &mut Model) {
    let filter = model.queue.filter.clone();
    model.queue.set_filter(filter.in_case(None));
}

/// Shows the message to the applicant of the selected case, to copy it.
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
    };
    model.overlays.push(Overlay::Text(page));
}
