//! Dashboard overlays for tests of the view.

use crate::dashboard::{busy, model, with_history, with_log};
use bankscreen::dashboard::keymap::{Action, BINDINGS};
use bankscreen::dashboard::model::{
    Choice, ChoiceAction, ChoiceOption, FileId, Form, FormField, FormKind, HelpPage, Model,
    Overlay, PagePreview, Picker, PickerAction, PickerItem, Tab, TextInput,
};
use bankscreen::pdf::Picture;

pub(crate) fn help() -> Picker {
    let items = BINDINGS.iter().map(|binding| {
        let keys: Vec<_> = binding.keys.iter().map(|key| key.name()).collect();
        PickerItem {
            label: binding.long.to_owned(),
            detail: keys.join(", "),
            names: Vec::new(),
            enabled: binding.action != Action::ResolveUnknown,
            action: PickerAction::Run(binding.action),
        }
    });
    Picker::new("Keys", items.collect())
}

pub(crate) fn with_overlay(overlay: Overlay) -> Model {
    let mut model = busy();
    model.overlays.push(overlay);
    model
}

pub(crate) fn session_form() -> Form {
    let mut form = Form::new(
        FormKind::NewSession,
        "New session",
        vec![
            FormField::new("Link ID", "LOAN-4711", "Your own ID for the applicant"),
            FormField::new("From", "01/04/2026", "DD/MM/YYYY"),
            FormField::new("To", "31/13/2026", "DD/MM/YYYY, before today"),
            FormField::new("Bank", "", "Empty: any bank"),
        ],
    )
    .note("The service charges for uploads to a session, not for the session.");
    form.fields[2].error = Some("Invalid date; expected DD/MM/YYYY or YYYY-MM-DD".to_owned());
    form.focus = 1;
    form
}

pub(crate) fn question() -> Choice {
    Choice {
        title: "Quit while uploads are in progress?".to_owned(),
        text:
            "2 uploads in progress. If you quit now, their outcome is unknown, and they are never \
            uploaded again without your confirmation."
                .to_owned(),
        options: vec![
            ChoiceOption::new('f', "Finish them, then quit", ChoiceAction::FinishAndQuit),
            ChoiceOption::new('d', "Quit now", ChoiceAction::QuitNow),
            ChoiceOption::new('s', "Stay", ChoiceAction::Dismiss),
        ],
        selected: 0,
    }
}

/// Creates the picture of a page with lines of text and a dark stamp.
pub(crate) fn picture() -> Picture {
    let (width, height) = (76, 100);
    let ink = |x: u32, y: u32| y % 6 < 2 && x > 6 && x < 66 - y % 30;
    let stamp = |x: u32, y: u32| x.abs_diff(58).pow(2) + y.abs_diff(80).pow(2) < 90;
    let pixel = |index: u32| match (index % width, index / width) {
        (x, y) if stamp(x, y) => [160, 30, 30],
        (x, y) if ink(x, y) => [20, 20, 20],
        _ => [255, 255, 255],
    };
    Picture::new(width, (0..width * height).map(pixel).collect()).unwrap()
}

pub(crate) fn page_preview(picture: Option<Result<Picture, String>>) -> Overlay {
    let mut preview = PagePreview::new(FileId(1), 6, 8);
    if let Some(picture) = picture {
        preview.set_picture(picture);
    }
    Overlay::Preview(preview)
}

/// Returns models for all tabs, overlays and views.
pub(crate) fn gallery() -> Vec<Model> {
    let mut models = vec![model(), busy()];
    for tab in Tab::ALL {
        let mut model = with_history(with_log(busy()));
        model.tab = tab;
        model.history.typing = true;
        models.push(model);
    }
    let overlays = [
        Overlay::Picker(help()),
        Overlay::Form(session_form()),
        Overlay::Choice(question()),
        Overlay::Help(HelpPage::default()),
        page_preview(None),
        page_preview(Some(Ok(picture()))),
    ];
    models.extend(overlays.map(with_overlay));
    let mut full_detail = busy();
    full_detail.viewport.full_detail = true;
    full_detail.viewport.detail_top = 3;
    models.push(full_detail);
    let mut editing = busy();
    editing.filter_input = Some(TextInput::new("hdfc"));
    models.push(editing);
    models
}
