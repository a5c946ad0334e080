//! Sending cases: each ready case of the table to a session of its own.

use super::send::{Question, Scope, Selection, cases_of, is_new, prepare_session};
use crate::dashboard::Effect;
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{Level, Model};
use crate::screen::cases::CaseState;
use crate::text::columns::counted;

/// Asks whether to send the ready cases that the table shows. If screening shows that the service
/// would refuse all files that are not sent yet, their calls are saved, as `bankscreen upload`
/// counts them.
pub(super) fn upload(model: &mut Model) -> Option<Effect> {
    if !prepare_session(model) {
        return None;
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
        return extended.saved_calls(model);
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
    None
}

/// Returns why no ready case can be sent.
fn why_none(model: &Model) -> String {
    let shown = || model.case_table.rows().iter();
    if !shown().any(|case| is_in_state(model, *case, CaseState::Ready)) {
        return "none of those shown is ready".to_owned();
    }
    let totals = shown().map(|case| model.queue.totals_of_case(*case).1);
    let open = totals.fold([0; 2], |[unknown, not_sent], totals| {
        [unknown + totals.unknown, not_sent + totals.not_sent]
    });
    let mut text = "all ready ones were sent".to_owned();
    let open = open.into_iter().zip([
        ("with unknown outcome", Action::ResolveUnknown, "resolves"),
        ("not sent", Action::Retry, "retries"),
    ]);
    for (count, (what, action, does)) in open.filter(|(count, _)| *count > 0) {
        let files = counted(count, "file");
        text = format!("{text}, {files} {what} ({} {does})", model.key(action));
    }
    text
}

fn is_in_state(model: &Model, case: usize, state: CaseState) -> bool {
    let judged = model.queue.cases().judged(case);
    judged.is_some_and(|judged| judged.state == state)
}

/// Describes a selection: `41 cases with 123 files (8 with warnings)`, or if a filter hides ready
/// cases, `2 shown of 41 ready cases with 6 files`.
fn describe(model: &Model, selection: &Selection) -> String {
    let count = cases_of(model, &selection.files).len();
    let all = 0..model.queue.cases().list().len();
    let is_ready = |case: &usize| {
        let (counts, _) = model.queue.totals_of_case(*case);
        counts.eligible > 0 && model.check_case(*case).is_ok()
    };
    let ready = all.filter(is_ready).count();
    let cases = if count < ready && !selection.include_incomplete {
        format!("{count} shown of {}", counted(ready, "ready case"))
    } else {
        counted(count, "case")
    };
    let files = counted(selection.files.len(), "file");
    format!("{cases} with {files}{}", selection.warnings())
}
