//! Snapshots of the dashboard at the sizes of terminals.

use crate::dashboard::{add, busy, model, select, text, with_cases, with_history, with_log};
use crate::overlays::{help, page_preview, picture, question, session_form, with_overlay};
use bankscreen::dashboard::model::{
    Column, File, FileId, Filter, Form, FormField, FormKind, HelpPage, Level, Model, Overlay,
    SessionName, SessionState, SortOrder, Tab, TextInput, TextPage,
};
use bankscreen::report::{FileName, Symbols};
use bankscreen::screen::{Code, Finding};
use std::sync::Arc;

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (100, 28);
const LARGE: (u16, u16) = (200, 50);

/// Draws a model at several sizes, one below the other.
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
fn the_cases() {
    insta::assert_snapshot!(at(
        &mut with_cases(),
        &[SMALL, USUAL, WIDE, (120, 40), LARGE]
    ));
}

#[test]
fn a_blocked_case_and_the_message_of_an_incomplete_one() {
    let mut model = with_cases();
    model.case_table.selected = 3;
    let blocked = at(&mut model, &[USUAL]);
    let needs = &model.queue.cases().judged(1).unwrap().needs;
    let page = TextPage {
        title: "Message to the applicant of LOAN-4712".to_owned(),
        text: model.setup.notes.message(needs),
        top: 0,
        left: 0,
        request_id: None,
        file_name: Some("LOAN-4712.txt".to_owned()),
    };
    model.overlays.push(Overlay::Text(page));
    insta::assert_snapshot!(format!("{blocked}\n{}", at(&mut model, &[USUAL])));
}

#[test]
fn the_files_and_the_months_of_cases() {
    let mut model = with_cases();
    model.tab = Tab::Files;
    let all = at(&mut model, &[USUAL]);
    model.queue.set_filter(Filter::default().in_case(Some(1)));
    model.queue.refresh();
    let of_one = at(&mut model, &[SMALL]);
    model.tab = Tab::Coverage;
    insta::assert_snapshot!(format!("{all}\n{of_one}\n{}", at(&mut model, &[USUAL])));
}

#[test]
fn the_digits_of_an_account_are_never_cut() {
    let mut model = with_cases();
    model.tab = Tab::Coverage;
    model.queue.compute_coverage(None);
    let accounts = model.queue.coverage().iter();
    let digits = accounts.map(|(_, account)| {
        let (_, last) = account.account.split_at(account.account.len() - 4);
        last.to_owned()
    });
    let digits: Vec<String> = digits.collect();
    assert!(digits.len() > 2);
    for width in 40..=120 {
        let screen = text(&mut model, (width, 30));
        for last in &digits {
            assert!(screen.contains(last.as_str()), "{width}: {last}\n{screen}");
        }
    }
}

#[test]
fn a_file_that_is_not_sent_with_its_case_is_not_called_ready() {
    let mut model = with_cases();
    model.tab = Tab::Files;
    let status = |model: &mut Model, size: (u16, u16)| {
        let screen = text(model, size);
        let row = screen.lines().find(|line| line.contains("icici")).unwrap();
        row.split_once("–Sep")
            .unwrap()
            .1
            .chars()
            .skip(5)
            .collect::<String>()
    };
    assert_eq!(
        status(&mut model, (110, 15)).trim(),
        "– ready, case incomplete"
    );
    assert_eq!(status(&mut model, USUAL).trim(), "– case incomplete");
    assert_eq!(status(&mut model, SMALL).trim(), "– case incomplete");
    // Its case is judged again once a new file is screened.
    let name = FileName {
        text: "LOAN-4712/new.pdf".to_owned(),
        bytes: None,
    };
    let file = File::new(name, None, Arc::default()).in_case(Some(1));
    model.queue.add(file);
    model.queue.judge_cases(None);
    assert_eq!(status(&mut model, USUAL).trim(), "– case waiting");
}

#[test]
fn the_status_of_a_file_is_what_blocks_its_case_and_is_never_cut() {
    let mut model = with_cases();
    model.tab = Tab::Files;
    let is_axis = |file: &File| file.name.text.contains("axis");
    let (id, file) = model
        .queue
        .present()
        .find(|(_, file)| is_axis(file))
        .unwrap();
    let mut screening = file.screening().unwrap().clone();
    let partial = Finding::warning(Code::PartialPeriod, "covers May to June only");
    screening.findings.insert(0, partial);
    model.queue.set_screening(id, screening);
    for size in [SMALL, USUAL, WIDE] {
        let screen = text(&mut model, size);
        let row = screen.lines().find(|line| line.contains("axis.pdf"));
        let row = row.unwrap();
        assert!(row.contains("balance breaks"), "{row}");
        assert!(
            !row.contains("balance breaks…") && !row.contains("p.…"),
            "{row}"
        );
    }
}

#[test]
fn a_file_of_an_earlier_session_names_it() {
    let mut model = busy();
    let name = |id: &str, reference: &str| SessionName {
        id: id.to_owned(),
        reference: Some(reference.to_owned()),
    };
    model.shown_session = Some(name("s-1", "LOAN-4711"));
    model.enter_session(&name("s-2", "LOAN-4712"));
    let row = |model: &mut Model, size: (u16, u16)| {
        let screen = text(model, size);
        let row = screen.lines().find(|line| line.contains("hdfc_apr"));
        row.unwrap().to_owned()
    };
    assert!(row(&mut model, LARGE).contains("✔ uploaded to LOAN-4711"));
    assert!(row(&mut model, SMALL).contains("✔ in LOAN-4711"));
}

#[test]
fn a_locked_file_is_selected() {
    let mut model = busy();
    select(&mut model, 2);
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL, WIDE]));
}

#[test]
fn the_full_detail_of_a_file() {
    let mut model = busy();
    select(&mut model, 8);
    model.viewport.full_detail = true;
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL]));
}

#[test]
fn a_queue_without_files() {
    insta::assert_snapshot!(at(&mut model(), &[SMALL, USUAL]));
}

#[test]
fn an_active_filter_and_its_input() {
    let mut model = busy();
    model.queue.set_filter(Filter::parse("icici !copy", true));
    model.queue.set_sort(SortOrder {
        column: Column::Name,
        reversed: true,
    });
    model.queue.refresh();
    let active = at(&mut model, &[SMALL, USUAL]);
    model.filter_input = Some(TextInput::new("icici !copy"));
    let editing = at(&mut model, &[SMALL]);
    insta::assert_snapshot!(format!("{active}\n{editing}"));
}

#[test]
fn a_sandbox_and_a_notice() {
    let mut model = busy();
    if let SessionState::Open(session) = &mut model.session {
        session.sandbox = true;
        session.expires = Some("2026-11-22T10:07:30Z".parse().unwrap());
    }
    model.show_notice(Level::Warning, "Nothing to upload; not eligible: 2 failed");
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL]));
}

#[test]
fn the_help_in_one_and_two_columns() {
    let mut model = with_overlay(Overlay::Help(HelpPage::default()));
    let mut screens = at(&mut model, &[SMALL, USUAL, (120, 40)]);
    model.overlays = vec![Overlay::Help(HelpPage { top: usize::MAX })];
    screens += &at(&mut model, &[USUAL]);
    insta::assert_snapshot!(screens);
}

#[test]
fn a_long_notice_covers_the_rows_above_and_leaves_the_keys() {
    let mut model = busy();
    let text = "LIMIT: the service rejects uploads because the plan of this key allows no more \
        than 500 statements per month; solve that, then press r to retry the others";
    model.show_notice(Level::Error, text);
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
    model.log.scrolled_back = 7;
    insta::assert_snapshot!(format!("{latest}\n{}", at(&mut model, &[SMALL])));
}

#[test]
fn the_history() {
    let mut model = with_history(busy());
    model.tab = Tab::History;
    model.history.query = TextInput::new("inbox");
    model.history.typing = true;
    insta::assert_snapshot!(at(&mut model, &[SMALL, USUAL, LARGE]));
}

#[test]
fn a_picker() {
    let all = at(&mut with_overlay(Overlay::Picker(help())), &[SMALL, USUAL]);
    let mut picker = help();
    picker.query.insert("mark");
    picker.search();
    picker.selected = 2;
    let found = at(&mut with_overlay(Overlay::Picker(picker)), &[USUAL]);
    insta::assert_snapshot!(format!("{all}\n{found}"));
}

#[test]
fn a_form() {
    let session = at(
        &mut with_overlay(Overlay::Form(session_form())),
        &[SMALL, USUAL],
    );
    let mut form = Form::new(
        FormKind::AddFiles,
        "Add files",
        vec![FormField::new(
            "Path",
            "~/inbox/2026/state",
            "A file or a folder; Tab completes it",
        )],
    );
    form.completions = (1..=8)
        .map(|n| format!("~/inbox/2026/statements-{n}/"))
        .collect();
    let add = at(&mut with_overlay(Overlay::Form(form)), &[SMALL]);
    insta::assert_snapshot!(format!("{session}\n{add}"));
}

#[test]
fn a_password_is_never_on_the_screen() {
    let mut field = FormField::new("Password", "", "Typed or pasted");
    field.input = TextInput::masked();
    field.input.insert("hunter2");
    let form = Form::new(
        FormKind::Unlock(vec![FileId(2)]),
        "Password of stmt(1).pdf",
        vec![field],
    );
    let screen = text(&mut with_overlay(Overlay::Form(form)), SMALL);
    assert!(screen.contains("•••••••"), "{screen}");
    assert!(!screen.contains("hunter2"));
}

#[test]
fn a_choice() {
    insta::assert_snapshot!(at(
        &mut with_overlay(Overlay::Choice(question())),
        &[SMALL, USUAL]
    ));
}

#[test]
fn a_page_preview() {
    let rendering = at(&mut with_overlay(page_preview(None)), &[SMALL]);
    let failed = page_preview(Some(Err(
        "the page took longer than 10 s to render".to_owned()
    )));
    let failed = at(&mut with_overlay(failed), &[SMALL]);
    let rendered = at(
        &mut with_overlay(page_preview(Some(Ok(picture())))),
        &[USUAL],
    );
    insta::assert_snapshot!(format!("{rendering}\n{failed}\n{rendered}"));
}

#[test]
fn a_locale_without_unicode_gets_only_ascii() {
    let mut model = busy();
    model.setup.appearance.symbols = Symbols::Ascii;
    add(&mut model, "खाता विवरण あ.pdf", 1, None);
    model.queue.refresh();
    let screen = at(&mut model, &[SMALL, USUAL]);
    assert!(screen.is_ascii(), "{screen}");
    let overlays = [
        Overlay::Picker(help()),
        Overlay::Form(session_form()),
        page_preview(Some(Ok(picture()))),
    ];
    for overlay in overlays {
        model.overlays = vec![overlay];
        let screen = at(&mut model, &[USUAL]);
        assert!(screen.is_ascii(), "{screen}");
    }
    insta::assert_snapshot!(screen);
}
