//! Opening locked files: one form for a password and for details of the applicant.
//!
//! Details give the passwords that banks form of them. They live in memory only, as long as the
//! files that they are tried on.

use super::screening;
use crate::applicant::{Details, Field};
use crate::dashboard::Effect;
use crate::dashboard::model::{
    FileId, Form, FormField, FormKind, Level, Model, Overlay, TextInput,
};
use crate::text::capitalize;
use zeroize::Zeroizing;

/// The fields after the password.
const DETAILS: [(Field, &str, &str); 5] = [
    (Field::Name, "Name", "As on the account"),
    (Field::Dob, "Birth date", "DD/MM/YYYY"),
    (Field::Mobile, "Mobile", "Ten digits"),
    (Field::Pan, "PAN", "Ten letters and digits"),
    (Field::CustomerId, "Customer ID", "As the bank assigned it"),
];

/// Opens the form for locked files: of the case, the marked ones, else all that are shown.
pub(super) fn open(model: &mut Model) {
    let files = locked_files(model);
    let note = match files.as_slice() {
        [] => {
            model.show_notice(Level::Info, "No file is locked");
            return;
        }
        [_] => "Tried on one locked file, on this machine.".to_owned(),
        several => format!(
            "Tried on {} locked files, on this machine. Mark files to try it on fewer.",
            several.len()
        ),
    };
    let note = format!("{note} From details, bankscreen forms passwords as banks do.");
    let password = FormField {
        label: "Password",
        input: TextInput::masked(),
        hint: "Typed or pasted; not shown, not stored",
        error: None,
    };
    let details = DETAILS.map(|(_, label, hint)| FormField {
        label,
        input: TextInput::private(),
        hint,
        error: None,
    });
    let fields = std::iter::once(password).chain(details).collect();
    let form = Form::new(
        FormKind::Unlock(files),
        "Password, or details of the applicant",
        fields,
    );
    model.overlays.push(Overlay::Form(form.note(note)));
}

/// Returns the locked files that a password is for. Marks and the open case restrict them only if
/// one of those files is locked.
fn locked_files(model: &Model) -> Vec<FileId> {
    let case = model.current_case();
    let locked = |is_chosen: &dyn Fn(FileId) -> bool| -> Vec<FileId> {
        let files = model.queue.present();
        let locked = files.filter(|(id, file)| file.is_locked() && is_chosen(*id));
        locked.map(|(id, _)| id).collect()
    };
    let file = |id: FileId| model.queue.file(id);
    let marked = locked(&|id| file(id).is_some_and(|file| file.marked));
    if !marked.is_empty() {
        return marked;
    }
    let of_case = locked(&|id| file(id).is_some_and(|file| case.is_some() && file.case == case));
    if !of_case.is_empty() || case.is_some() {
        return of_case;
    }
    locked(&|_| true)
}

/// Reads the details of the form; sets the errors of its fields. Returns `None` if one is invalid.
pub(super) fn parse(form: &mut Form) -> Option<Details> {
    form.clear_errors();
    let mut details = Details::default();
    let mut is_valid = true;
    for (index, (field, ..)) in (1..).zip(DETAILS) {
        let text = Zeroizing::new(form.text(index));
        if let Err(invalid) = details.set(field, &text) {
            form.set_error(index, &capitalize(invalid.hint()));
            is_valid = false;
        }
    }
    is_valid.then_some(details)
}

/// Tries what the form contains, if its fields are valid. An empty form is closed.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(form) = model.top_form() else {
        return Vec::new();
    };
    let Some(details) = parse(form) else {
        return Vec::new();
    };
    let password = Zeroizing::new(form.text(0));
    let FormKind::Unlock(files) = form.kind.clone() else {
        return Vec::new();
    };
    model.overlays.pop();
    let passwords: &[&str] = if password.is_empty() {
        &[]
    } else {
        &[password.as_str()]
    };
    screening::unlock(model, &files, passwords, details)
}
