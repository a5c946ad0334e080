//! Something of everything that lies over the views of the dashboard.

use crate::dashboard::{busy, model, with_history, with_log};
use bankscreen::dashboard::keymap::{Action, BINDINGS};
use bankscreen::dashboard::model::{
    Choice, ChoiceOption, Chosen, Field, FileId, Form, FormField, FormKind, Item, Model, Overlay,
    PageView, Pick, Picker, Tab,
};
use bankscreen::pdf::Picture;

pub(crate) fn help() -> Picker {
    let items = BINDINGS.iter().map(|binding| {
        let keys: Vec<_> = binding.keys.iter().map(|key| key.name()).collect();
        Item {
            label: binding.long.to_owned(),
            detail: keys.join(", "),
            enabled: binding.action != Action::Settle,
            pick: Pick::Run(binding.action),
        }
    });
    Picker::new("Keys", items.collect())
}

pub(crate) fn over(overlay: Overlay) -> Model {
    let mut model = busy();
    model.overlays.push(overlay);
    model
}

pub(crate) fn session_form() -> Form {
    let mut form = Form::new(
        FormKind::NewSession,
        "New session",
        vec![
            FormField::new("Link ID", "LOAN-4711", "what you know the applicant by"),
            FormField::new("From", "01/04/2026", "DD/MM/YYYY or YYYY-MM-DD"),
            FormField::new("To", "31/13/2026", "a day before today"),
            FormField::new("Bank", "", "any, unless one is named"),
        ],
    )
    .note("The service charges for what is uploaded to a session, not for the session.");
    form.fields[2].fault = Some("there is no month 13".to_owned());
    form.focus = 1;
    form
}

pub(crate) fn question() -> Choice {
    let option = |key, label: &str, chosen| ChoiceOption {
        key,
        label: label.to_owned(),
        chosen,
    };
    Choice {
        title: "2 uploads are under way".to_owned(),
        text: "If you leave now, nothing tells what became of them: their outcome is unknown, \
            and they are not sent again without a question."
            .to_owned(),
        options: vec![
            option('f', "finish them, then leave", Chosen::FinishAndQuit),
            option('d', "leave now", Chosen::QuitNow),
            option('s', "stay", Chosen::Stay),
        ],
        selected: 0,
    }
}

/// A page of lines of text, with a dark stamp.
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

pub(crate) fn page(picture: Option<Result<Picture, String>>) -> Overlay {
    Overlay::Page(PageView {
        file: FileId(1),
        page: 6,
        pages: 8,
        ticket: 1,
        picture,
    })
}

/// All states that a model can be drawn in, roughly.
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
        page(None),
        page(Some(Ok(picture()))),
    ];
    models.extend(overlays.map(over));
    let mut whole = busy();
    whole.screen.detail = true;
    whole.screen.detail_top = 3;
    models.push(whole);
    let mut typed = busy();
    typed.filter_line = Some(Field::new("hdfc"));
    models.push(typed);
    models
}
