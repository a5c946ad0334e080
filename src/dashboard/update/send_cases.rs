//! Sending cases: each ready case of the table to a session of its own.

use super::send::{Question, Scope, Selection, cases_of, is_new, prepare_session};
use crate::dashboard::model::{Level, Model};
use crate::screen::cases::CaseState;
use crate::text::columns::counted;

/// Asks whether to send the ready cases that the table shows.
pub(super) fn upload(model: &mut Model) {
    if !prepare_session(model) {
        return;
    }
    let ready = Selection::new(model, Scope::ShownCases, false, is_new);
    let extended = Selection::new(model, Scope::ShownCases, true, is_new);
    let selected = model.case_table.current().map(|case| {
        let is_ready = is_in_state(model, case, CaseState::Ready);
        let files = Selection::new(model, Scope::Case(case), !is_ready, is_new);
        (case, files)
    });
    if extended.files.is_empty() {
        let mut text = format!("No case to upload: {}", why_none(model));
        if let Some(files) = extended.ineligible_files(model) {
            text = format!("{text}; {files}");
        }
        model.notify(Level::Warning, &text);
        return;
    }
    let (first, text) = if ready.files.is_empty() {
        let cases = describe(model, &extended);
        let text = format!(
            "No case to upload: {}. Send {cases} of incomplete cases all the same?",
            why_none(model)
        );
        (&extended, text)
    } else {
        let cases = describe(model, &ready);
        (
            &ready,
            format!("Send {cases}, each case to a session of its own?"),
        )
    };
    let mut question = Question::new("Upload cases", text, first.order());
    if let Some((case, files)) = selected
        && !files.files.is_empty()
        && files.files.len() < first.files.len()
        && let Some(case) = model.queue.cases().list().get(case)
    {
        let count = counted(files.files.len(), "file");
        question.or('c', &format!("only {} ({count})", case.name), &files);
    }
    if !ready.files.is_empty() && extended.files.len() > ready.files.len() {
        question.or_incomplete(&extended);
    }
    question.ask(model);
}

/// Returns why no ready case can be sent.
fn why_none(model: &Model) -> &'static str {
    let mut shown = model.case_table.rows().iter();
    if shown.any(|case| is_in_state(model, *case, CaseState::Ready)) {
        "all ready ones are sent"
    } else {
        "none of those shown is ready"
    }
}

fn is_in_state(model: &Model, case: usize, state: CaseState) -> bool {
    let judged = model.queue.cases().judged(case);
    judged.is_some_and(|judged| judged.state == state)
}

/// Describes a selection: `41 cases with 123 files (8 with warnings)`.
fn describe(model: &Model, selection: &Selection) -> String {
    let cases = counted(cases_of(model, &selection.files).len(), "case");
    let files = counted(selection.files.len(), "file");
    format!("{cases} with {files}{}", selection.warnings())
}
