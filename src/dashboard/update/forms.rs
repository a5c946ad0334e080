//! Forms: how each begins, what is checked while one types, what it comes to.

use super::overlays::{Edit, close, edit, top_form};
use super::{session, work};
use crate::bankconnect::wire::{
    SessionPeriod, SessionRequest, default_period, format_date, parse_date,
};
use crate::dashboard::Effect;
use crate::dashboard::Export;
use crate::dashboard::model::{
    Field, FileId, Form, FormField, FormKind, Level, Model, Overlay, Start,
};
use crate::report::Format;
use crate::statement::{BankRegistry, DateRange};
use crossterm::event::{KeyCode, KeyEvent};
use jiff::civil::Date;

/// Completions shown below a field.
const MOST_COMPLETIONS: usize = 6;
const DAY: &str = "DD/MM/YYYY";

/// Takes in a key in a form.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(form) = top_form(model) else {
        return Vec::new();
    };
    let last = form.fields.len().saturating_sub(1);
    let takes_paths = takes_paths(&form.kind);
    match key.code {
        KeyCode::Tab if takes_paths => return vec![Effect::Complete(form.text(0))],
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
    let Some(field) = form.focused() else {
        return Vec::new();
    };
    match edit(field, key) {
        Edit::Closed => close(model),
        Edit::Done if form.focus < last => {
            form.focus += 1;
            Vec::new()
        }
        Edit::Done => submit(model),
        Edit::Typed => {
            typed(model);
            Vec::new()
        }
        Edit::Other => Vec::new(),
    }
}

fn takes_paths(kind: &FormKind) -> bool {
    matches!(kind, FormKind::Add | FormKind::Watch | FormKind::Export(_))
}

/// Puts pasted text into the field.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(field) = top_form(model).and_then(Form::focused) {
        field.insert(text.trim_end_matches(['\r', '\n']));
        typed(model);
    }
    Vec::new()
}

/// Checks what can be checked while one types.
fn typed(model: &mut Model) {
    let today = model.setup.today;
    let banks = model.setup.banks.clone();
    let Some(form) = top_form(model) else { return };
    form.completions.clear();
    match form.kind {
        FormKind::NewSession => {
            let _request = check_session(form, today, &banks);
        }
        FormKind::Range => {
            let _range = check_range(form, today);
        }
        _ => {
            for field in &mut form.fields {
                field.fault = None;
            }
        }
    }
}

/// Takes in what was typed, if nothing is wrong with it.
fn submit(model: &mut Model) -> Vec<Effect> {
    let today = model.setup.today;
    let banks = model.setup.banks.clone();
    let Some(form) = top_form(model) else {
        return Vec::new();
    };
    let text = form.text(0);
    if text.trim().is_empty() && !matches!(form.kind, FormKind::NewSession | FormKind::Range) {
        return close(model);
    }
    match form.kind.clone() {
        FormKind::Password(files) => {
            model.overlays.pop();
            work::try_password(model, &files, &text)
        }
        FormKind::Add => {
            model.overlays.pop();
            vec![Effect::Discover(text)]
        }
        FormKind::Watch => {
            model.overlays.pop();
            vec![Effect::Watch(text)]
        }
        FormKind::Range => match check_range(form, today) {
            Some(range) => {
                model.overlays.pop();
                model.tell(Level::Info, "files are screened by these days now");
                work::use_range(model, range)
            }
            None => Vec::new(),
        },
        FormKind::NewSession => match check_session(form, today, &banks) {
            Some(request) => {
                model.overlays.pop();
                session::open(model, Start::New(Box::new(request)))
            }
            None => Vec::new(),
        },
        FormKind::ExistingSession => {
            model.overlays.pop();
            session::open(model, Start::Existing(text.trim().to_owned()))
        }
        FormKind::Export(format) => {
            model.overlays.pop();
            let files = model.queue.rows().to_vec();
            vec![Effect::Export(Export {
                files,
                format,
                path: text,
            })]
        }
    }
}

fn open(model: &mut Model, form: Form) -> Vec<Effect> {
    model.overlays.push(Overlay::Form(form));
    Vec::new()
}

/// Asks for the password of the marked files that are locked, else of all that are.
pub(super) fn password(model: &mut Model) -> Vec<Effect> {
    let locked = |wants_mark: bool| -> Vec<FileId> {
        let files = model.queue.present();
        let locked = files.filter(|(_, file)| file.is_locked() && (file.marked || !wants_mark));
        locked.map(|(id, _)| id).collect()
    };
    let mut files = locked(true);
    if files.is_empty() {
        files = locked(false);
    }
    let note = match files.as_slice() {
        [] => {
            model.tell(Level::Info, "no file is locked: no password is needed");
            return Vec::new();
        }
        [_] => "It is tried on the one locked file, on this machine.".to_owned(),
        several => format!(
            "It is tried on all {} locked files, on this machine; mark files to try it on fewer.",
            several.len()
        ),
    };
    let field = FormField {
        label: "Password",
        field: Field::masked(),
        hint: "typed or pasted; not shown, not kept",
        fault: None,
    };
    let form = Form::new(FormKind::Password(files), "Password", vec![field]);
    open(model, form.note(note))
}

/// Asks for files to add.
pub(super) fn add(model: &mut Model) -> Vec<Effect> {
    let field = FormField::new("Path", "", "a file or a folder; Tab completes");
    open(model, Form::new(FormKind::Add, "Add files", vec![field]))
}

/// Asks whether what was pasted outside of a field is a path to add.
pub(super) fn add_pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let path = text.trim().trim_matches(['\'', '"']);
    let field = FormField::new("Path", path, "a file or a folder; Tab completes");
    open(model, Form::new(FormKind::Add, "Add files", vec![field]))
}

/// Asks for a folder to watch.
pub(super) fn watch(model: &mut Model) -> Vec<Effect> {
    let field = FormField::new("Folder", "", "Tab completes");
    let form = Form::new(FormKind::Watch, "Watch a folder", vec![field]);
    open(
        model,
        form.note("Files that arrive there are added once they are whole."),
    )
}

/// Asks for the days that statements must touch.
pub(super) fn range(model: &mut Model) -> Vec<Effect> {
    if model
        .open_session()
        .is_some_and(|session| session.range.is_some())
    {
        model.tell(
            Level::Warning,
            "the days are those of the session: another one has others (S)",
        );
        return Vec::new();
    }
    let days = days(model);
    let fields = vec![
        FormField::new("From", &format_date(days.from), DAY),
        FormField::new("To", &format_date(days.to), "DD/MM/YYYY, before today"),
    ];
    open(
        model,
        Form::new(FormKind::Range, "Days that statements must touch", fields),
    )
}

/// Asks what a new session is to be.
pub(super) fn new_session(model: &mut Model) -> Vec<Effect> {
    let days = days(model);
    let fields = vec![
        FormField::new(
            "Link id",
            &model.setup.link_id,
            "your own name for the customer",
        ),
        FormField::new("From", &format_date(days.from), DAY),
        FormField::new("To", &format_date(days.to), "DD/MM/YYYY, before today"),
        FormField::new("Bank", "", "empty: any bank"),
        FormField::new("Minutes", "", "5 to 43200; empty: as the service has it"),
    ];
    let form = Form::new(FormKind::NewSession, "New session", fields);
    open(
        model,
        form.note("Created at the service as soon as you press Enter on the last line."),
    )
}

/// Asks for the id of a session.
pub(super) fn existing_session(model: &mut Model) -> Vec<Effect> {
    let field = FormField::new("Session id", "", "as session new prints it");
    let form = Form::new(
        FormKind::ExistingSession,
        "Session that exists",
        vec![field],
    );
    open(model, form)
}

/// Asks where a report goes.
pub(super) fn export(model: &mut Model, format: Format) -> Vec<Effect> {
    let count = model.queue.rows().len();
    let field = FormField::new(
        "File",
        &format!("bankscreen-report.{}", format.name()),
        "Tab completes",
    );
    let form = Form::new(FormKind::Export(format), "Write a report", vec![field]);
    let files = crate::text::columns::counted(count, "file");
    open(
        model,
        form.note(format!(
            "{files} as shown. A file of that name is replaced."
        )),
    )
}

/// Takes in how a path may go on.
pub(super) fn complete(model: &mut Model, typed: &str, list: Vec<String>) -> Vec<Effect> {
    let Some(form) = top_form(model).filter(|form| takes_paths(&form.kind)) else {
        return Vec::new();
    };
    if form.text(0) != typed {
        return Vec::new();
    }
    let common = common_start(&list);
    if common.len() > typed.len()
        && let Some(field) = form.focused()
    {
        field.replace(&common);
    }
    form.completions = if list.len() > 1 {
        list.into_iter().take(MOST_COMPLETIONS).collect()
    } else {
        Vec::new()
    };
    Vec::new()
}

/// What all texts begin with.
fn common_start(texts: &[String]) -> String {
    let Some((first, others)) = texts.split_first() else {
        return String::new();
    };
    let shared = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let chars = others.iter().map(|other| shared(first, other)).min();
    first.chars().take(chars.unwrap_or(usize::MAX)).collect()
}

/// The days in force, else those of a session where none are given.
fn days(model: &Model) -> DateRange {
    model.setup.range.unwrap_or_else(|| {
        let (from, to) = default_period(model.setup.today);
        DateRange { from, to }
    })
}

/// The days typed, if they make sense; else every field says what is wrong with it.
fn check_range(form: &mut Form, today: Date) -> Option<DateRange> {
    check_days(form, 0, today)
}

fn check_days(form: &mut Form, first: usize, today: Date) -> Option<DateRange> {
    let mut days = [None; 2];
    for (place, day) in days.iter_mut().enumerate() {
        let field = form.fields.get_mut(first + place)?;
        *day = parse_date(field.field.text().trim());
        field.fault = day.is_none().then(|| format!("no day: write {DAY}"));
    }
    let [Some(from), Some(to)] = days else {
        return None;
    };
    let fault = if from >= to {
        Some("must be later than the first day")
    } else if to >= today {
        Some("must be before today")
    } else {
        None
    };
    let last = form.fields.get_mut(first + 1)?;
    last.fault = fault.map(str::to_owned);
    fault.is_none().then_some(DateRange { from, to })
}

/// The session typed, if the service would take it; else the field at fault says why.
fn check_session(form: &mut Form, today: Date, banks: &BankRegistry) -> Option<SessionRequest> {
    for field in &mut form.fields {
        field.fault = None;
    }
    let days = check_days(form, 1, today);
    let bank = form.text(3).trim().to_lowercase();
    let minutes = form.text(4);
    let expiry: Option<Result<u32, _>> = Some(minutes.trim())
        .filter(|text| !text.is_empty())
        .map(str::parse);
    if !bank.is_empty() && banks.by_id(&bank).is_none() {
        fault(
            form,
            3,
            "no such identifier here: the service has the last word",
        );
    }
    if let Some(Err(_)) = expiry {
        fault(form, 4, "no whole number");
        return None;
    }
    let request = SessionRequest {
        link_id: form.text(0).trim().to_owned(),
        period: days.map_or_else(SessionPeriod::default, |days| {
            SessionPeriod::between(days.from, days.to)
        }),
        bank_name: Some(bank).filter(|bank| !bank.is_empty()),
        session_expiry: expiry.and_then(Result::ok),
        ..SessionRequest::default()
    };
    if let Err(broken) = request.check() {
        let place = [
            "link_id",
            "from_date",
            "to_date",
            "bank_name",
            "session_expiry",
        ]
        .iter()
        .position(|field| *field == broken.field);
        fault(form, place.unwrap_or(0), &broken.message);
        return None;
    }
    days.map(|_| request)
}

fn fault(form: &mut Form, place: usize, what: &str) {
    if let Some(field) = form.fields.get_mut(place) {
        field.fault = Some(what.to_owned());
    }
}
