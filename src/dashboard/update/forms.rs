//! Forms: opens them, validates their fields while the user types, and submits them.

use super::{move_files, screening, session, unlock};
use crate::applicant::Details;
use crate::bankconnect::wire::{SessionPeriod, SessionRequest, default_period, format_date};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    Edit, FileId, Form, FormField, FormKind, Level, Model, Overlay, SessionSource, Tab, TextInput,
};
use crate::dashboard::{Effect, ExportRequest};
use crate::report::Format;
use crate::screen::PeriodOrigin;
use crate::screen::cases::Case;
use crate::statement::entered_date::{self, Notation};
use crate::statement::{BankRegistry, DateRange};
use crate::text::capitalize;
use crate::text::columns::counted;
use crate::text::sanitize;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashSet};

const DATE_FORMAT: &str = "DD/MM/YYYY";
/// Index of the case in the form for files to add.
const CASE_FIELD: usize = 1;
/// Indices of the fields of the new session form.
const LINK_ID_FIELD: usize = 0;
const FROM_FIELD: usize = 1;
const BANK_FIELD: usize = 3;
const EXPIRY_FIELD: usize = 4;
/// Names of these fields in the request.
const REQUEST_FIELDS: [&str; 5] = [
    "link_id",
    "from_date",
    "to_date",
    "bank_name",
    "session_expiry",
];

/// Handles a key in the topmost form.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(form) = model.top_form() else {
        return Vec::new();
    };
    let last = form.fields.len().saturating_sub(1);
    match key.code {
        KeyCode::Tab if form.kind.takes_path() && form.focus == 0 => {
            return vec![Effect::CompletePath(form.text(0))];
        }
        KeyCode::Tab | KeyCode::Down => {
            form.focus = if form.focus == last {
                0
            } else {
                form.focus + 1
            };
            return Vec::new();
        }
        KeyCode::BackTab | KeyCode::Up => {
            form.focus = form.focus.checked_sub(1).unwrap_or(last);
            return Vec::new();
        }
        _ => {}
    }
    let Some(input) = form.focused() else {
        return Vec::new();
    };
    match input.handle_key(key) {
        // Enter submits valid fields, and moves to the first that is not.
        Edit::Accepted if !is_complete(model) => {
            if let Some(form) = model.top_form() {
                let mut fields = form.fields.iter();
                let invalid = fields.position(|field| field.error.is_some());
                form.focus = invalid.unwrap_or((form.focus + 1).min(last));
            }
        }
        Edit::Accepted => return submit(model),
        Edit::Cancelled => drop(model.overlays.pop()),
        Edit::Changed => validate(model),
        Edit::Ignored => {}
    }
    Vec::new()
}

/// Whether the fields of the topmost form are valid.
fn is_complete(model: &mut Model) -> bool {
    let today = model.setup.today;
    let banks = model.setup.banks.clone();
    let Some(form) = model.top_form() else {
        return false;
    };
    match form.kind {
        FormKind::NewSession => parse_session(form, today, &banks).is_some(),
        FormKind::Period => parse_period(form, 0, today).is_some(),
        FormKind::Unlock(_) => unlock::parse(form).is_some(),
        FormKind::AddFiles => is_valid_case(form, CASE_FIELD),
        FormKind::NewCase(_) => is_valid_case(form, 0) && !form.text(0).trim().is_empty(),
        FormKind::WatchFolder
        | FormKind::ExistingSession
        | FormKind::Export(_)
        | FormKind::WriteMessage(_) => true,
    }
}

/// Inserts pasted text into the focused field. Several lines are several passwords or paths.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let kind = model.top_form().map(|form| form.kind.clone());
    match kind {
        Some(FormKind::Unlock(files)) if lines.len() > 1 => {
            model.overlays.pop();
            return screening::unlock(model, &files, &lines, Details::default());
        }
        Some(FormKind::AddFiles) if pasted_paths(text).len() > 1 => {
            let case = case_field(model);
            model.overlays.pop();
            return discover(pasted_paths(text), case.as_deref());
        }
        _ => {}
    }
    if let Some(input) = model.top_form().and_then(Form::focused) {
        input.insert(text);
        validate(model);
    }
    Vec::new()
}

/// Returns the paths of pasted text: one or several a line, as a shell would split it.
pub(super) fn pasted_paths(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let split = |line: &str| {
        // A quote that is not closed is part of a name.
        shlex::split(line).unwrap_or_else(|| vec![line.trim().to_owned()])
    };
    lines.flat_map(split).collect()
}

/// Validates the fields as far as possible before the form is submitted.
fn validate(model: &mut Model) {
    let today = model.setup.today;
    let banks = model.setup.banks.clone();
    let Some(form) = model.top_form() else { return };
    form.completions.clear();
    match form.kind {
        FormKind::NewSession => {
            let _request = parse_session(form, today, &banks);
        }
        FormKind::Period => {
            let _period = parse_period(form, 0, today);
        }
        FormKind::Unlock(_) => {
            let _details = unlock::parse(form);
        }
        FormKind::AddFiles => {
            let _is_valid = is_valid_case(form, CASE_FIELD);
        }
        FormKind::NewCase(_) => {
            let _is_valid = is_valid_case(form, 0);
        }
        FormKind::WatchFolder
        | FormKind::ExistingSession
        | FormKind::Export(_)
        | FormKind::WriteMessage(_) => form.clear_errors(),
    }
}

/// Closes the form and performs its purpose, if its fields are valid.
fn submit(model: &mut Model) -> Vec<Effect> {
    let today = model.setup.today;
    let banks = model.setup.banks.clone();
    let case = case_field(model);
    let Some(form) = model.top_form() else {
        return Vec::new();
    };
    let kind = form.kind.clone();
    let text = form.text(0);
    match kind {
        FormKind::NewSession => {
            let Some(request) = parse_session(form, today, &banks) else {
                return Vec::new();
            };
            model.overlays.pop();
            return session::choose_source(model, SessionSource::New(Box::new(request)));
        }
        FormKind::Period => {
            let Some(period) = parse_period(form, 0, today) else {
                return Vec::new();
            };
            model.overlays.pop();
            model.show_notice(Level::Info, "Screening files against the new period");
            return screening::set_requested_period(model, period, PeriodOrigin::User);
        }
        FormKind::Unlock(_) => return unlock::submit(model),
        FormKind::AddFiles
        | FormKind::NewCase(_)
        | FormKind::WatchFolder
        | FormKind::ExistingSession
        | FormKind::Export(_)
        | FormKind::WriteMessage(_) => {
            model.overlays.pop();
        }
    }
    // An empty field cancels the form.
    if text.trim().is_empty() {
        return Vec::new();
    }
    match kind {
        FormKind::AddFiles => discover(vec![text], case.as_deref()),
        FormKind::NewCase(files) => match Case::new(text.trim()) {
            Ok(case) => move_files::move_to_named(model, files, &case),
            Err(_) => Vec::new(),
        },
        FormKind::WatchFolder => watch(model, text.trim()),
        FormKind::ExistingSession => {
            session::choose_source(model, SessionSource::Existing(text.trim().to_owned()))
        }
        FormKind::Export(format) => {
            let (files, cases) = exported(model);
            vec![Effect::Export(ExportRequest {
                files,
                cases,
                format,
                path: text,
            })]
        }
        FormKind::WriteMessage(message) => vec![Effect::WriteMessage {
            text: message,
            path: text,
        }],
        FormKind::NewSession | FormKind::Period | FormKind::Unlock(_) => Vec::new(),
    }
}

fn open(model: &mut Model, form: Form) {
    model.overlays.push(Overlay::Form(form));
}

/// Opens the form for files to add, with an initial path.
pub(super) fn add_files(model: &mut Model, path: &str) {
    let mut fields = vec![FormField::new(
        "Path",
        path,
        "A file or a folder; Tab completes it",
    )];
    let mut note = "";
    if !model.queue.cases().is_empty() {
        let open = model.open_case().unwrap_or_default();
        fields.push(FormField {
            input: TextInput::selected(open),
            ..FormField::new("Case", "", "A new name makes a new case; Down moves here")
        });
        note = "Without a name, files in the folder of a case belong to it, and others to no case: \
                they are screened only.";
    }
    let form = Form::new(FormKind::AddFiles, "Add files", fields);
    open(model, form.note(note));
}

/// Returns the name in the field of the case, if the topmost form has one and it is not empty.
fn case_field(model: &mut Model) -> Option<String> {
    let form = model.top_form()?;
    let is_asked = form.kind == FormKind::AddFiles;
    let name = form.text(CASE_FIELD).trim().to_owned();
    (is_asked && !name.is_empty()).then_some(name)
}

/// Opens the form for the name of a case that files are moved into.
pub(super) fn new_case(model: &mut Model, files: Vec<FileId>) {
    let count = counted(files.len(), "file");
    let field = FormField::new("Case", "", "The applicant's name or reference");
    let kind = FormKind::NewCase(files);
    open(
        model,
        Form::new(kind, "Move into a new case", vec![field]).note(count),
    );
}

/// Checks the name of a case in a field; sets the error of this field if it can't be used.
fn is_valid_case(form: &mut Form, index: usize) -> bool {
    form.clear_errors();
    let name = form.text(index);
    match Case::new(&name) {
        Err(invalid) if !name.trim().is_empty() => {
            form.set_error(index, &capitalize(&invalid.to_string()));
            false
        }
        _ => true,
    }
}

/// Returns the effects that discover files under paths and add them to a case.
pub(super) fn discover(paths: Vec<String>, case: Option<&str>) -> Vec<Effect> {
    let paths = paths.into_iter();
    let effects = paths.map(|path| Effect::Discover {
        path,
        case: case.map(str::to_owned),
    });
    effects.collect()
}

/// Opens the form for a folder to watch.
pub(super) fn watch_folder(model: &mut Model) {
    let field = FormField::new("Folder", "", "Tab completes it");
    let form = Form::new(FormKind::WatchFolder, "Watch a folder", vec![field]);
    let note = "PDF files that arrive in it are added once they are complete.";
    open(model, form.note(note));
}

/// Starts watching a folder, unless it is watched already.
fn watch(model: &mut Model, path: &str) -> Vec<Effect> {
    if let Some(id) = model.watched.add(path) {
        return vec![Effect::WatchFolder(id, path.to_owned())];
    }
    let text = format!("{} is watched already", sanitize(path));
    model.notify(Level::Info, &text);
    Vec::new()
}

/// Opens the form for the requested period, unless the open session determines it.
pub(super) fn period(model: &mut Model) {
    let session = model.open_session();
    if session.is_some_and(|session| session.requested_period.is_some()) {
        let text = format!(
            "The open session sets the requested period: {} opens another session",
            model.key(Action::Session)
        );
        model.show_notice(Level::Warning, text);
        return;
    }
    let fields = period_fields(model).into();
    open(
        model,
        Form::new(FormKind::Period, "Requested period", fields),
    );
}

/// Opens the form for a new session.
pub(super) fn new_session(model: &mut Model) {
    let [from, to] = period_fields(model);
    let fields = vec![
        FormField {
            input: TextInput::selected(&model.setup.link_id),
            ..FormField::new(
                "Loan or customer reference",
                "",
                "Your own name of the applicant's case",
            )
        },
        from,
        to,
        FormField::new("Bank", "", "Empty: any bank"),
        FormField::new(
            "Valid for (minutes)",
            "",
            "5 to 43200; empty: the service's default",
        ),
    ];
    let form = Form::new(FormKind::NewSession, "New session", fields);
    let note = "Enter accepts once all fields are valid. The first upload creates the session.";
    open(model, form.note(note));
}

/// Opens the form for the ID of an existing session.
pub(super) fn existing_session(model: &mut Model) {
    let field = FormField::new("Session ID", "", "As printed by bankscreen session new");
    let form = Form::new(FormKind::ExistingSession, "Existing session", vec![field]);
    open(model, form);
}

/// Opens the form for the path of a report.
pub(super) fn export(model: &mut Model, format: Format) {
    let (files, cases) = exported(model);
    let files = counted(files.len(), "file");
    let content = match cases.len() {
        0 => format!("the {files} shown"),
        count => format!("{} with {files}", counted(count, "case")),
    };
    let path = format!("bankscreen-report.{}", format.name());
    let field = FormField::new("File", &path, "Tab completes it");
    let form = Form::new(FormKind::Export(format), "Write a report", vec![field]);
    let note = format!("Contains {content}. Replaces an earlier report, and no other file.");
    open(model, form.note(note));
}

/// Returns what a report contains: the files of the cases shown, else the files shown, those of a
/// case together; and the cases of which all files are among them.
fn exported(model: &Model) -> (Vec<FileId>, Vec<usize>) {
    let queue = &model.queue;
    let all = 0..queue.cases().list().len();
    if model.tab == Tab::Cases && !queue.cases().is_empty() {
        let shown: BTreeSet<usize> = model.case_table.rows().iter().copied().collect();
        let files = shown.iter().flat_map(|case| queue.files_of_case(*case));
        return (
            files.map(|(id, _)| id).collect(),
            shown.into_iter().collect(),
        );
    }
    let mut files = queue.rows().to_vec();
    let case = |id: &FileId| queue.file(*id).and_then(|file| file.case);
    // Stable: within a case, the files keep the order of the table.
    files.sort_by_key(|id| case(id).unwrap_or(usize::MAX));
    let shown: HashSet<FileId> = files.iter().copied().collect();
    let is_whole = |case: &usize| {
        let mut own = queue.files_of_case(*case).peekable();
        own.peek().is_some() && own.all(|(id, _)| shown.contains(&id))
    };
    let cases = all.filter(is_whole).collect();
    (files, cases)
}

/// Opens the form for the path of a message to an applicant.
pub(super) fn write_message(model: &mut Model, text: String, name: &str) {
    let field = FormField::new("File", name, "Tab completes it");
    let form = Form::new(
        FormKind::WriteMessage(text),
        "Write the message",
        vec![field],
    );
    open(model, form.note("An existing file is not replaced."));
}

/// Stores the completions of a path, unless the user changed the path meanwhile. Extends the path
/// by the prefix that all completions share.
pub(super) fn set_completions(model: &mut Model, typed: &str, list: Vec<String>) {
    let form = model.top_form();
    // Completions arrive late if the folder is on a slow disk.
    let Some(form) = form.filter(|form| form.kind.takes_path() && form.text(0) == typed) else {
        return;
    };
    let prefix = common_prefix(&list);
    if prefix.len() > typed.len()
        && let Some(input) = form.focused()
    {
        input.replace(&prefix);
    }
    // A single completion is in the input already.
    form.completions = if list.len() > 1 { list } else { Vec::new() };
}

fn common_prefix(texts: &[String]) -> String {
    let Some((first, others)) = texts.split_first() else {
        return String::new();
    };
    // By characters, so that the prefix never ends inside of one.
    let shared = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let chars = others.iter().map(|other| shared(first, other)).min();
    first.chars().take(chars.unwrap_or(usize::MAX)).collect()
}

/// Returns the fields of a period. They hold the requested period, else the service's default.
fn period_fields(model: &Model) -> [FormField; 2] {
    let (from, to) = model.setup.requested_period.map_or_else(
        || default_period(model.setup.today),
        |period| (period.from, period.to),
    );
    [
        FormField::new("From", &format_date(from), DATE_FORMAT),
        FormField::new("To", &format_date(to), "DD/MM/YYYY, before today"),
    ]
}

/// Parses the period in the fields `first` and `first + 1`; sets their errors if they are invalid.
fn parse_period(form: &mut Form, first: usize, today: Date) -> Option<DateRange> {
    let mut days = [None; 2];
    for (offset, day) in days.iter_mut().enumerate() {
        let field = form.fields.get_mut(first + offset)?;
        let parsed = entered_date::parse(field.input.text().trim(), Notation::Slashes);
        *day = parsed.ok();
        field.error = parsed.err().map(|invalid| capitalize(&invalid.to_string()));
    }
    let [Some(from), Some(to)] = days else {
        return None;
    };
    if from >= to {
        form.set_error(first + 1, "Must be after the first day");
        None
    } else if to >= today {
        form.set_error(first + 1, "Must be before today");
        None
    } else {
        Some(DateRange { from, to })
    }
}

/// Parses the request for a new session; sets the errors of the fields that are invalid.
fn parse_session(form: &mut Form, today: Date, banks: &BankRegistry) -> Option<SessionRequest> {
    form.clear_errors();
    let days = parse_period(form, FROM_FIELD, today);
    let bank = form.text(BANK_FIELD).trim().to_lowercase();
    if !bank.is_empty() && banks.by_id(&bank).is_none() {
        // Not an obstacle: the service may support a bank that this version does not list.
        form.set_error(BANK_FIELD, "Unknown bank ID; the service may reject it");
    }
    let minutes = form.text(EXPIRY_FIELD);
    let expiry: Option<Result<u32, _>> = Some(minutes.trim())
        .filter(|text| !text.is_empty())
        .map(str::parse);
    if let Some(Err(_)) = expiry {
        form.set_error(EXPIRY_FIELD, "Not a whole number");
        return None;
    }
    let request = SessionRequest {
        link_id: form.text(LINK_ID_FIELD).trim().to_owned(),
        period: days.map_or_else(SessionPeriod::default, |days| {
            SessionPeriod::between(days.from, days.to)
        }),
        bank_name: Some(bank).filter(|bank| !bank.is_empty()),
        session_expiry: expiry.and_then(Result::ok),
        ..SessionRequest::default()
    };
    if let Err(broken) = request.check() {
        let index = REQUEST_FIELDS.iter().position(|name| *name == broken.field);
        form.set_error(index.unwrap_or(LINK_ID_FIELD), &broken.message);
        return None;
    }
    days.map(|_| request)
}
