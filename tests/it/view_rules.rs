//! Properties of every screen of the dashboard: colors, sanitizing, sizes, speed.

use crate::dashboard::{
    APPEARANCE, add, busy, draw, finished, model, now, requested_period, rows, screening, select,
    text, with_cases,
};
use crate::overlays::{gallery, page_preview, picture, question, session_form, with_overlay};
use bankscreen::dashboard::model::{
    Background, Colors, Column, FileId, Level, Model, Overlay, Picker, PickerAction, PickerItem,
    Session, SessionName, SessionState, Tab, TextInput, UploadState,
};
use bankscreen::dashboard::{max_detail_top, view};
use bankscreen::pdf::{Edit, EditKind, PageClass};
use bankscreen::report::Symbols;
use bankscreen::screen::{Code, Finding};
use bankscreen::uploads::plan::OutcomeKind;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (100, 28);
const LARGE: (u16, u16) = (200, 50);

#[test]
fn colors_are_readable_on_any_background_and_absent_if_disabled() {
    use ratatui::style::Color::{Black, DarkGray, Gray, White};
    for mut model in gallery() {
        let (cells, _) = draw(&mut model, WIDE);
        for cell in cells.content() {
            assert_eq!(cell.bg, Color::Reset, "{cell:?}");
            assert!(
                ![Black, DarkGray, Gray, White].contains(&cell.fg),
                "{cell:?}"
            );
            assert!(
                !matches!(cell.fg, Color::Rgb(..) | Color::Indexed(_)),
                "{cell:?}"
            );
        }
        model.setup.appearance.colors = Colors::None;
        model.setup.appearance.palette.background = Background::Light;
        let (cells, _) = draw(&mut model, WIDE);
        for cell in cells.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{cell:?}");
        }
    }
}

#[test]
fn the_text_does_not_depend_on_colors() {
    for mut model in gallery() {
        let colored = text(&mut model, USUAL);
        model.setup.appearance.colors = Colors::None;
        assert_eq!(text(&mut model, USUAL), colored);
    }
}

#[test]
fn pictures_use_the_colors_that_the_terminal_supports() {
    let mut model = with_overlay(page_preview(Some(Ok(picture()))));
    let mut kinds = |colors| {
        model.setup.appearance.colors = colors;
        let (cells, _) = draw(&mut model, USUAL);
        let count = |is: fn(Color) -> bool| cells.content().iter().filter(|c| is(c.bg)).count();
        (
            count(|color| matches!(color, Color::Rgb(..))) > 500,
            count(|color| matches!(color, Color::Indexed(_))) > 500,
        )
    };
    assert_eq!(kinds(Colors::True), (true, false));
    assert_eq!(kinds(Colors::Indexed), (false, true));
    assert_eq!(kinds(Colors::Sixteen), (false, false));
}

#[test]
fn the_preview_marks_what_screening_found_and_explains_the_marks() {
    let mut model = with_overlay(page_preview(Some(Ok(picture()))));
    // The preview shows page 7 of this file.
    let id = FileId(1);
    let mut screening = model.queue.file(id).unwrap().screening().unwrap().clone();
    let edit = |kind, line, place| Edit {
        page: 7,
        line,
        kind,
        place,
    };
    let other_page = Edit {
        page: 8,
        ..edit(EditKind::LoneFont, Some(1), Some(1_000))
    };
    screening.document.as_mut().unwrap().edits = vec![
        edit(EditKind::CoveredDigits, Some(12), Some(3_000)),
        edit(EditKind::Update, Some(30), Some(6_000)),
        edit(EditKind::Update, None, None),
        other_page,
    ];
    model.queue.set_screening(id, screening);
    let (cells, _) = draw(&mut model, LARGE);
    let screen = rows(&cells);
    let title = &screen[0];
    for legend in ["■ digits covered, line 12", "◆ edited, line 30"] {
        assert!(title.contains(legend), "{title}");
    }
    assert!(!title.contains("balance"), "{title}");
    // At the left of the picture, in the order of their places.
    let row_of = |symbol: &str| {
        let is_mark = |row: &&String| row.chars().take(80).any(|c| c.to_string() == symbol);
        let found: Vec<usize> = (1..screen.len())
            .filter(|row| screen.get(*row).as_ref().is_some_and(is_mark))
            .collect();
        assert_eq!(found.len(), 1, "{symbol}");
        found[0]
    };
    assert!(row_of("■") < row_of("◆"));
}

#[test]
fn the_preview_of_the_first_page_names_the_logo_that_identifies_the_bank() {
    let Overlay::Preview(page) = page_preview(Some(Ok(picture()))) else {
        panic!("not a preview");
    };
    let id = page.file;
    let title = |page_index: usize, evidence: &str| {
        let Overlay::Preview(mut page) = page_preview(Some(Ok(picture()))) else {
            panic!("not a preview");
        };
        page.page = page_index;
        let mut model = with_overlay(Overlay::Preview(page));
        let mut screening = model.queue.file(id).unwrap().screening().unwrap().clone();
        let issuer = screening.statement.issuer.as_mut().unwrap();
        issuer.evidence = vec![evidence.into()];
        model.queue.set_screening(id, screening);
        let (cells, _) = draw(&mut model, LARGE);
        rows(&cells).swap_remove(0)
    };
    assert!(title(0, "logo").contains("✔ logo of the bank"));
    assert!(!title(1, "logo").contains("logo"), "another page");
    assert!(!title(0, "name in the header").contains("logo of"));
}

/// Returns the cells of the first occurrence of a text.
fn cells_of<'c>(cells: &'c Buffer, text: &str) -> &'c [ratatui::buffer::Cell] {
    let found = rows(cells).into_iter().enumerate().find_map(|(y, row)| {
        let (before, _) = row.split_once(text)?;
        Some(y * usize::from(cells.area.width) + before.width())
    });
    let from = found.unwrap_or_else(|| panic!("{text:?} is not on the screen"));
    &cells.content()[from..from + text.width()]
}

#[test]
fn each_count_and_each_status_has_a_color_a_symbol_and_a_label() {
    let mut model = busy();
    let warns = FileId(1);
    model
        .queue
        .change(warns, |file| file.upload = UploadState::NotRequested);
    select(&mut model, 11);
    let (cells, _) = draw(&mut model, LARGE);
    for (label, color) in [
        ("✔ 1 ready", Color::Cyan),
        ("(▲ 1 warn)", Color::Yellow),
        ("# 2 need you", Color::Yellow),
        ("✖ 2 can't be sent", Color::Red),
        ("✔ uploaded", Color::Cyan),
        ("✖ rejected", Color::Red),
        ("? unknown", Color::Yellow),
    ] {
        assert!(
            cells_of(&cells, label).iter().all(|cell| cell.fg == color),
            "{label}"
        );
    }
}

#[test]
fn the_selected_row_is_reversed_and_keeps_the_color_of_its_status() {
    for background in [Background::Terminal, Background::Light, Background::Dark] {
        let mut model = busy();
        model.setup.appearance.palette.background = background;
        select(&mut model, 0);
        let (other, _) = draw(&mut model, SMALL);
        let status = "# password";
        let color = cells_of(&other, status)[0].fg;
        assert_ne!(color, Color::Reset);
        select(&mut model, 2);
        let (cells, _) = draw(&mut model, SMALL);
        let selected = cells.content().chunks(60).nth(4).unwrap();
        let is_reversed = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
        assert!(selected.iter().all(is_reversed), "below two files");
        let colored = selected.iter().filter(|cell| cell.fg != Color::Reset);
        let colored: Vec<_> = colored.collect();
        assert!(colored.iter().all(|cell| cell.fg == color));
        let text: String = colored.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text.trim_end(), status, "{background:?}");
    }
}

#[test]
fn the_sandbox_badge_is_visible_on_every_screen_size() {
    let mut model = busy();
    if let SessionState::Open(session) = &mut model.session {
        session.sandbox = true;
    }
    for width in [9, 20, 40, 60, 80, 200] {
        for height in [5, 15, 24] {
            let (cells, _) = draw(&mut model, (width, height));
            let badge = cells_of(&cells, "SANDBOX");
            let is_reversed =
                |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
            assert!(badge.iter().all(is_reversed), "{width}x{height}");
        }
    }
}

const HOSTILE: &str = "a\x1b[2J\x1b]0;t\x07b\u{202E}fdp\u{200B}\u{2066}c\r\nd\u{9B}31m\u{FEFF}e\tf\
    \u{E0041}\u{FE0F}g.pdf";

/// Creates a model with hostile text in every untrusted field.
fn hostile() -> Model {
    let mut model = busy();
    model.setup.profile = Some(HOSTILE.to_owned());
    model.session = SessionState::Open(Session {
        name: SessionName {
            id: HOSTILE.to_owned(),
            reference: Some(HOSTILE.to_owned()),
        },
        sandbox: false,
        requested_period: Some(requested_period()),
        expires: None,
        has_server_hash: false,
    });
    let days = Some(("2026-04-01", "2026-09-30"));
    let mut found = screening(Some(("hdfc", 0.5)), Some("77"), days, &[PageClass::Text; 3]);
    found.findings = vec![Finding::warning(Code::EditedPdf, HOSTILE).with_hint(HOSTILE)];
    if let Some(document) = &mut found.document {
        let metadata = &mut document.metadata;
        HOSTILE.clone_into(&mut metadata.version);
        metadata.producer = Some(HOSTILE.to_owned());
        metadata.creator = Some(HOSTILE.to_owned());
    }
    if let Some(issuer) = &mut found.statement.issuer {
        issuer.evidence = vec![HOSTILE.into()];
    }
    found.statement.ifsc = Some(HOSTILE.to_owned());
    let id = add(&mut model, HOSTILE, 1, Some(found));
    model.queue.change(id, |file| {
        file.upload = finished(OutcomeKind::Rejected, Some(HOSTILE), HOSTILE);
    });
    model.queue.refresh();
    model.log.add(now(), Level::Error, HOSTILE);
    model.show_notice(Level::Error, HOSTILE);
    let last = model.queue.rows().len() - 1;
    select(&mut model, last);
    model
}

#[test]
fn hostile_text_is_sanitized_in_every_cell() {
    let mut screens = vec![hostile()];
    let mut full_detail = hostile();
    full_detail.viewport.full_detail = true;
    screens.push(full_detail);
    for tab in [Tab::Coverage, Tab::Log] {
        let mut model = hostile();
        model.tab = tab;
        screens.push(model);
    }
    let item = PickerItem {
        label: HOSTILE.to_owned(),
        detail: HOSTILE.to_owned(),
        names: Vec::new(),
        enabled: true,
        action: PickerAction::Sort(Column::Name),
    };
    let mut form = session_form();
    form.note = HOSTILE.to_owned();
    form.completions = vec![HOSTILE.into()];
    form.fields[1].input = TextInput::new(HOSTILE);
    form.fields[2].error = Some(HOSTILE.to_owned());
    let mut choice = question();
    choice.text = HOSTILE.to_owned();
    choice.options[0].label = HOSTILE.to_owned();
    let overlays = [
        Overlay::Picker(Picker::new(HOSTILE, vec![item])),
        Overlay::Form(form),
        Overlay::Choice(choice),
        page_preview(Some(Err(HOSTILE.to_owned()))),
    ];
    for overlay in overlays {
        let mut model = hostile();
        model.overlays.push(overlay);
        screens.push(model);
    }
    for mut model in screens {
        for size in [SMALL, USUAL, LARGE] {
            let (cells, _) = draw(&mut model, size);
            let screen = rows(&cells).join("\n");
            let raw = |c: char| {
                let invisible = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
                    | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
                    | '\u{E0000}'..='\u{E0FFF}');
                invisible || (c.is_control() && c != '\n')
            };
            assert!(!screen.chars().any(raw), "{screen:?}");
            assert!(
                screen.contains("^["),
                "the escape character is not shown as text: {screen}"
            );
        }
    }
}

#[test]
fn a_wider_table_of_cases_never_shows_less() {
    let mut model = with_cases();
    let mut shown = 0;
    for width in 40..=220 {
        let screen = text(&mut model, (width, 40));
        let headings = screen.lines().find(|line| line.contains("status")).unwrap();
        let columns = ["case", "accounts", "A M J", "Apr May Jun", "files"];
        // The names of months replace their letters.
        let count = columns
            .iter()
            .filter(|name| headings.contains(**name))
            .count();
        assert!(count >= shown, "{width}: {headings}");
        shown = count;
    }
    assert_eq!(shown, 4, "all columns, with the names of months");
}

#[test]
fn wide_characters_are_never_split() {
    let mut model = model();
    for index in 0..40 {
        let name = format!("{}あ漢字{}.pdf", "x".repeat(index % 7), "界".repeat(index));
        add(&mut model, &name, 1, None);
    }
    model.queue.refresh();
    let widths =
        |cells: &Buffer| -> Vec<usize> { rows(cells).iter().map(|row| row.width()).collect() };
    for width in 10..130 {
        model.overlays.clear();
        let (cells, _) = draw(&mut model, (width, 24));
        assert_eq!(widths(&cells), [usize::from(width); 24]);
        model.overlays.push(Overlay::Choice(question()));
        let (cells, _) = draw(&mut model, (width, 24));
        assert_eq!(widths(&cells), [usize::from(width); 24], "under a frame");
    }
}

#[test]
fn the_selected_row_is_always_visible() {
    let mut model = busy();
    for height in 5..40 {
        for row in 0..model.queue.rows().len() {
            // As after a change of the size.
            model.queue.top = 0;
            model.queue.selected = row;
            let (cells, _) = draw(&mut model, (60, height));
            let screen = rows(&cells);
            assert!(
                screen.iter().any(|row| row.starts_with('▸')),
                "{height} {row}"
            );
        }
    }
}

#[test]
fn the_detail_scrolls_to_its_end_and_no_further() {
    let mut model = busy();
    model.viewport.full_detail = true;
    (model.viewport.width, model.viewport.height) = SMALL;
    model.viewport.detail_top = max_detail_top(&model);
    assert!(model.viewport.detail_top > 0);
    let end = text(&mut model, SMALL);
    assert!(end.contains("SHA-256"), "{end}");
    model.viewport.detail_top = u16::MAX;
    assert_eq!(text(&mut model, SMALL), end);
}

#[test]
fn what_is_behind_an_overlay_is_dimmed() {
    let is_bright = |cell: &ratatui::buffer::Cell| {
        let has_text = cell.symbol() != " " && !"─│┌┐└┘".contains(cell.symbol());
        has_text && !cell.modifier.contains(Modifier::DIM)
    };
    let bright_rows = |model: &mut Model| {
        let (cells, _) = draw(model, USUAL);
        // The first columns of the table, to the left of the question.
        let body = (3..19).flat_map(|y| (0..5).map(move |x| (x, y)));
        body.filter(|position| is_bright(&cells[*position])).count()
    };
    assert!(bright_rows(&mut busy()) > 10);
    let mut model = with_overlay(Overlay::Choice(question()));
    assert_eq!(bright_rows(&mut model), 0);
    let (cells, _) = draw(&mut model, USUAL);
    assert!(cells_of(&cells, "Stay").iter().all(is_bright));
}

#[test]
fn only_the_visible_rows_of_many_are_drawn() {
    let mut model = busy();
    for index in 0..100_000 {
        add(&mut model, &format!("inbox/statement-{index}.pdf"), 1, None);
    }
    model.queue.refresh();
    select(&mut model, 50_000);
    let screen = text(&mut model, LARGE);
    assert!(
        screen.contains("statement-50000.pdf") || screen.contains("statement-49999.pdf"),
        "{screen}"
    );
    let shown = screen.matches("statement-").count();
    assert!(shown > 0 && shown <= usize::from(LARGE.1), "{screen}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_model_can_be_drawn_at_any_size(
        width in 0_u16..=220,
        height in 0_u16..=60,
        which in any::<prop::sample::Index>(),
        (name, message) in (any::<String>(), any::<String>()),
        (selected, top, back) in (0_usize..40, 0_usize..40, any::<u16>()),
        (ascii, colors) in (any::<bool>(), 0_usize..4),
    ) {
        let mut models = gallery();
        let index = which.index(models.len());
        let mut model = models.swap_remove(index);
        let id = add(&mut model, &name, 1, None);
        model.queue.change(id, |file| {
            file.upload = finished(OutcomeKind::Unknown, Some(&message), &message);
        });
        model.queue.refresh();
        model.queue.selected = selected.min(model.queue.rows().len().saturating_sub(1));
        model.queue.top = top;
        model.log.scrolled_back = usize::from(back);
        model.viewport.detail_top = back;
        model.viewport.coverage_top = top;
        model.history.selected = selected;
        model.setup.appearance = APPEARANCE;
        if ascii {
            model.setup.appearance.symbols = Symbols::Ascii;
        }
        let all = [Colors::None, Colors::Sixteen, Colors::Indexed, Colors::True];
        model.setup.appearance.colors = all[colors];
        (model.viewport.width, model.viewport.height) = (width, height);
        // Within a larger buffer: nothing may be drawn outside of the area.
        let whole = Rect::new(0, 0, width + 2, height + 2);
        let area = Rect::new(1, 1, width, height);
        let mut cells = Buffer::empty(whole);
        let cursor = view(&model, area, &mut cells);
        if let Some(cursor) = cursor {
            prop_assert!(area.contains(cursor), "{cursor:?} of {area:?}");
        }
        let blank = Buffer::empty(whole);
        for position in whole.positions().filter(|position| !area.contains(*position)) {
            prop_assert_eq!(cells.cell(position), blank.cell(position));
        }
        let again = view(&model, area, &mut cells.clone());
        prop_assert_eq!(cursor, again);
    }
}
