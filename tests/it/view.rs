//! What the dashboard looks like, at the sizes of terminals.

use crate::dashboard::{add, busy, model, select, text, with_history, with_log};
use crate::overlays::{help, over, page, picture, question, session_form};
use bankscreen::dashboard::model::{
    Column, Field, FileId, Filter, Form, FormField, FormKind, Level, Model, Overlay, SessionState,
    Tab,
};
use bankscreen::report::Symbols;

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (100, 28);
const LARGE: (u16, u16) = (200, 50);

/// Screens one below another, each under its size.
fn at(model: &mut Model, sizes: &[(u16, u16)]) -> String {
    let screens = sizes.iter().map(|(width, height)| {
        let rule = "=".repeat(usize::from(*width));
        format!(
            "{rule} {width}x{height}\n{}\n",
            text(model, (*width, *height))
        )
    });
    screens.collect()
}

#[test]
fn a_busy_queue() {
    insta::assert_snapshot!(at(&mut busy(), &[SMALL, USUAL, WIDE, LARGE]));
}

#[test]
fn a_locked_file_under_the_cursor() {
    let mut model = busy();
    select(&mut model, 2);
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL, WIDE]));
}

#[test]
fn the_whole_detail_of_a_file() {
    let mut model = busy();
    select(&mut model, 8);
    model.screen.detail = true;
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL]));
}

#[test]
fn a_queue_without_files() {
    insta::assert_snapshot!(at(&mut model(), &[SMALL, USUAL]));
}

#[test]
fn a_filter_while_it_is_typed_and_in_force() {
    let mut model = busy();
    model
        .queue
        .show(Filter::parse("icici !copy", true), (Column::Name, true));
    model.queue.refresh();
    let in_force = at(&mut model, &[SMALL, USUAL]);
    model.filter_line = Some(Field::new("icici !copy"));
    let typed = at(&mut model, &[SMALL]);
    insta::assert_snapshot!(format!("{in_force}\n{typed}"));
}

#[test]
fn a_sandbox_and_a_notice() {
    let mut model = busy();
    if let SessionState::Open(session) = &mut model.session {
        session.sandbox = true;
        session.expires = Some("2026-11-22T10:07:30Z".parse().unwrap());
    }
    model.tell(Level::Warning, "nothing to upload: mark files that passed");
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL]));
}

#[test]
fn the_coverage_of_accounts() {
    let mut model = busy();
    model.tab = Tab::Coverage;
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL, LARGE]));
}

#[test]
fn the_log() {
    let mut model = with_log(busy());
    model.tab = Tab::Log;
    let latest = at(&mut model, &[SMALL, USUAL]);
    model.log.back = 7;
    insta::assert_snapshot!(format!("{latest}\n{}", at(&mut model, &[SMALL])));
}

#[test]
fn the_history() {
    let mut model = with_history(busy());
    model.tab = Tab::History;
    model.history.query = Field::new("inbox");
    model.history.typing = true;
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL, LARGE]));
}

#[test]
fn a_list_to_pick_from() {
    let whole = at(&mut over(Overlay::Picker(help())), &[SMALL, USUAL]);
    let mut picker = help();
    picker.query.insert("mark");
    picker.search();
    picker.selected = 2;
    let found = at(&mut over(Overlay::Picker(picker)), &[USUAL]);
    insta::assert_snapshot!(format!("{whole}\n{found}"));
}

#[test]
fn a_form_to_fill_in() {
    let session = at(&mut over(Overlay::Form(session_form())), &[SMALL, USUAL]);
    let mut form = Form::new(
        FormKind::Add,
        "Add files",
        vec![FormField::new(
            "Path",
            "~/inbox/2026/state",
            "a file or a folder",
        )],
    );
    form.completions = (1..=8)
        .map(|n| format!("~/inbox/2026/statements-{n}/"))
        .collect();
    let add = at(&mut over(Overlay::Form(form)), &[SMALL]);
    insta::assert_snapshot!(format!("{session}\n{add}"));
}

#[test]
fn a_password_is_never_on_the_screen() {
    let mut field = FormField::new("Password", "", "as the bank gave it");
    field.field = Field::masked();
    field.field.insert("hunter2");
    let form = Form::new(
        FormKind::Password(vec![FileId(2)]),
        "Password of stmt(1).pdf",
        vec![field],
    );
    let screen = text(&mut over(Overlay::Form(form)), SMALL);
    assert!(screen.contains("•••••••"), "{screen}");
    assert!(!screen.contains("hunter2"));
}

#[test]
fn a_question() {
    insta::assert_snapshot!(at(&mut over(Overlay::Choice(question())), &[SMALL, USUAL]));
}

#[test]
fn a_page_as_a_picture() {
    let drawing = at(&mut over(page(None)), &[SMALL]);
    let failed = page(Some(Err(
        "the page took longer than 10 s to draw".to_owned()
    )));
    let failed = at(&mut over(failed), &[SMALL]);
    let drawn = at(&mut over(page(Some(Ok(picture())))), &[USUAL]);
    insta::assert_snapshot!(format!("{drawing}\n{failed}\n{drawn}"));
}

#[test]
fn a_locale_without_unicode_gets_ascii_only() {
    let mut model = busy();
    model.setup.look.symbols = Symbols::Ascii;
    add(&mut model, "खाता विवरण あ.pdf", 1, None);
    model.queue.refresh();
    let screen = at(&mut model, &[SMALL, USUAL]);
    assert!(screen.is_ascii(), "{screen}");
    let overlays = [
        Overlay::Picker(help()),
        Overlay::Form(session_form()),
        page(Some(Ok(picture()))),
    ];
    for overlay in overlays {
        model.overlays = vec![overlay];
        let screen = at(&mut model, &[USUAL]);
        assert!(screen.is_ascii(), "{screen}");
    }
    insta::assert_snapshot!(screen);
}
