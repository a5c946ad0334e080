//! Processing: ends the uploads to sessions, and follows what the service does with them.

use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, File, Level, Model, Overlay, ProcessingRequest,
    ProcessingState, SessionState, Tab,
};
use crate::dashboard::{Effect, ProcessingUpdate};
use crate::text::columns::counted;
use crate::text::sanitize;

/// Asks whether to end the uploads to the open session, or to the sessions of cases.
pub(super) fn ask(model: &mut Model) {
    let asked = match &model.session {
        SessionState::Open(session) => {
            let request = ProcessingRequest {
                session: session.name.id.clone(),
                name: if session.sandbox {
                    "the sandbox".to_owned()
                } else {
                    session.name.label().to_owned()
                },
            };
            ask_for_session(model, request, session.has_server_hash)
        }
        SessionState::PerCase { .. } => ask_for_cases(model),
        SessionState::None | SessionState::Planned(_) | SessionState::Opening(_) => {
            Err("Nothing to process: no session is open".to_owned())
        }
    };
    match asked {
        Ok(choice) => model.overlays.push(Overlay::Choice(choice)),
        Err(why) => model.notify(Level::Warning, &why),
    }
}

/// Returns the question for the open session, or why it can't be processed.
fn ask_for_session(
    model: &Model,
    request: ProcessingRequest,
    has_server_hash: bool,
) -> Result<Choice, String> {
    let name = sanitize(&request.name).into_owned();
    let totals = model.queue.upload_totals();
    if model.processing.has_ended_uploads(&request.session) {
        return Err(format!("The service already processes {name}"));
    }
    if !has_server_hash {
        let text = "Processing needs a server hash (BANKSCREEN_SERVER_HASH)";
        return Err(text.to_owned());
    }
    if totals.left() > 0 {
        let uploads = counted(totals.left(), "upload");
        return Err(format!("Wait for {uploads} to {name}, or cancel them"));
    }
    if totals.uploaded == 0 {
        return Err(format!("Nothing to process: no file is uploaded to {name}"));
    }
    let mut text = format!(
        "End uploads to {name} and process? Nothing can be added afterwards. It has {}",
        counted(totals.uploaded, "file")
    );
    if totals.unknown > 0 {
        let count = totals.unknown;
        text = format!(
            "{text}; the outcome of {} is unknown",
            counted(count, "other")
        );
    }
    text.push('.');
    let options = vec![
        ChoiceOption::new('y', format!("Process {name}"), process(vec![request])),
        ChoiceOption::new('n', "Not yet", ChoiceAction::Dismiss),
    ];
    Ok(question(text, options))
}

/// Returns the question for cases: those of the table, or only the selected one.
fn ask_for_cases(model: &Model) -> Result<Choice, String> {
    let shown = model.case_table.rows().iter().copied();
    let all: Vec<ProcessingRequest> = shown.filter_map(|case| complete(model, case)).collect();
    let selected = model.current_case().and_then(|case| uploaded(model, case));
    if model.tab != Tab::Cases || all.is_empty() {
        let Some(request) = selected else {
            let text = "Nothing to process: no case shown is uploaded completely";
            return Err(text.to_owned());
        };
        let name = sanitize(&request.name).into_owned();
        let text = format!("End uploads to {name} and process? Nothing can be added afterwards.");
        let options = vec![
            ChoiceOption::new('y', format!("Process {name}"), process(vec![request])),
            ChoiceOption::new('n', "Not yet", ChoiceAction::Dismiss),
        ];
        return Ok(question(text, options));
    }
    let cases = counted(all.len(), "case");
    let text = format!("End uploads to {cases} and process? Nothing can be added afterwards.");
    let several = all.len() > 1;
    let label = format!("Process {cases}");
    let mut options = vec![ChoiceOption::new('y', label, process(all.clone()))];
    if let Some(request) = selected.filter(|request| several || !all.contains(request)) {
        let label = format!("Process only {}", sanitize(&request.name));
        options.push(ChoiceOption::new('c', label, process(vec![request])));
    }
    options.push(ChoiceOption::new('n', "Not yet", ChoiceAction::Dismiss));
    Ok(question(text, options))
}

fn question(text: String, options: Vec<ChoiceOption>) -> Choice {
    Choice {
        title: "Process".to_owned(),
        text,
        options,
        selected: 0,
    }
}

fn process(requests: Vec<ProcessingRequest>) -> ChoiceAction {
    ChoiceAction::Process(requests)
}

/// Returns the request of a case with an uploaded file, unless files are being sent or its session
/// is processed already.
fn uploaded(model: &Model, case: usize) -> Option<ProcessingRequest> {
    let files: Vec<&File> = model
        .queue
        .files_of_case(case)
        .map(|(_, file)| file)
        .collect();
    if files.iter().any(|file| file.is_uploading()) {
        return None;
    }
    let mut uploads = files.iter().filter_map(|file| file.upload_record());
    let session = uploads
        .find(|record| record.outcome.kind.is_uploaded())?
        .session
        .clone()?;
    let request = ProcessingRequest {
        name: model.queue.cases().list().get(case)?.name.clone(),
        session,
    };
    (!model.processing.has_ended_uploads(&request.session)).then_some(request)
}

/// Returns the request of a case of which every file that can be sent is uploaded.
fn complete(model: &Model, case: usize) -> Option<ProcessingRequest> {
    let mut files = model.queue.files_of_case(case);
    let is_open = |file: &File| match file.outcome() {
        Some(kind) => !kind.is_uploaded(),
        None => file.check_eligibility(model.setup.include_warnings).is_ok(),
    };
    if files.any(|(_, file)| is_open(file)) {
        return None;
    }
    uploaded(model, case)
}

/// Starts the processing of sessions.
pub(super) fn start(model: &mut Model, requests: Vec<ProcessingRequest>) -> Vec<Effect> {
    for request in &requests {
        model.processing.start(request.clone());
    }
    let what = match requests.as_slice() {
        [request] => request.name.clone(),
        requests => counted(requests.len(), "case"),
    };
    model.notify(Level::Info, &format!("Processing of {what} requested"));
    vec![Effect::Process(requests)]
}

/// Stores how far the processing of a session is, and reports its end.
pub(super) fn updated(model: &mut Model, update: ProcessingUpdate) {
    let ProcessingUpdate { session, state } = update;
    let key = model.key(Action::Process);
    let report = match &state {
        ProcessingState::Started | ProcessingState::Progress(..) => None,
        ProcessingState::Retrying(why) => Some((Level::Warning, format!("{why}; retrying"))),
        ProcessingState::Completed(what) => Some((Level::Info, format!("processed, {what}"))),
        ProcessingState::Failed(what) => {
            Some((Level::Error, format!("processed with failures, {what}")))
        }
        ProcessingState::Stopped(why) => Some((
            Level::Error,
            format!("could not follow the processing: {why}; {key} tries again"),
        )),
    };
    let is_running = state.is_running();
    let Some(name) = model.processing.set_state(&session, state) else {
        return;
    };
    let Some((level, text)) = report else { return };
    let text = format!("{name}: {text}");
    if is_running {
        model.log.add(model.now, level, &text);
    } else {
        model.notify(level, &text);
    }
}
