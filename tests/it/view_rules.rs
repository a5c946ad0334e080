//! What holds for every screen of the dashboard: colours, safety, sizes, speed.

use crate::dashboard::{
    LOOK, add, busy, draw, ended, model, now, range, rows, screening, select, text,
};
use crate::overlays::{gallery, over, page, picture, question, session_form};
use bankscreen::dashboard::model::{
    Colors, Column, Field, Item, Level, Model, Overlay, Pick, Picker, Session, SessionState, Tab,
};
use bankscreen::dashboard::{most_detail_top, view};
use bankscreen::pdf::PageClass;
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
fn no_colour_is_a_colour_of_the_background_and_none_where_none_is_wanted() {
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
        model.setup.look.colors = Colors::None;
        let (cells, _) = draw(&mut model, WIDE);
        for cell in cells.content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{cell:?}");
        }
    }
}

#[test]
fn without_colours_the_text_is_the_same() {
    for mut model in gallery() {
        let colored = text(&mut model, USUAL);
        model.setup.look.colors = Colors::None;
        assert_eq!(text(&mut model, USUAL), colored);
    }
}

#[test]
fn pictures_have_the_colours_that_the_terminal_can_show() {
    let mut model = over(page(Some(Ok(picture()))));
    let mut kinds = |colors| {
        model.setup.look.colors = colors;
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

/// The cells of the first row that holds a text, from where the text begins.
fn cells_of<'c>(cells: &'c Buffer, wanted: &str) -> &'c [ratatui::buffer::Cell] {
    let found = rows(cells).into_iter().enumerate().find_map(|(y, row)| {
        let (before, _) = row.split_once(wanted)?;
        Some(y * usize::from(cells.area.width) + before.width())
    });
    let from = found.unwrap_or_else(|| panic!("{wanted:?} is not on the screen"));
    &cells.content()[from..from + wanted.width()]
}

#[test]
fn each_verdict_has_its_colour_sign_and_word() {
    let mut model = busy();
    select(&mut model, 11);
    let (cells, _) = draw(&mut model, LARGE);
    for (words, color) in [
        ("✔ pass", Color::Cyan),
        ("▲ warn", Color::Yellow),
        ("✖ fail", Color::Red),
        ("✔ accepted", Color::Cyan),
        ("✖ rejected", Color::Red),
        ("? unknown", Color::Yellow),
    ] {
        assert!(
            cells_of(&cells, words).iter().all(|cell| cell.fg == color),
            "{words}"
        );
    }
}

#[test]
fn the_row_under_the_cursor_is_reversed_and_has_no_other_colour() {
    let mut model = busy();
    select(&mut model, 2);
    let (cells, _) = draw(&mut model, SMALL);
    let reversed = |row: &[ratatui::buffer::Cell]| {
        let is = |cell: &ratatui::buffer::Cell| {
            cell.modifier.contains(Modifier::REVERSED) && cell.fg == Color::Reset
        };
        row.iter().all(is)
    };
    let rows: Vec<_> = cells.content().chunks(60).map(reversed).collect();
    let places: Vec<_> = (0..rows.len()).filter(|row| rows[*row]).collect();
    assert_eq!(places, [4], "header, headings, two files, this one");
}

#[test]
fn a_sandbox_cannot_be_overlooked_however_narrow_the_screen_is() {
    let mut model = busy();
    if let SessionState::Open(session) = &mut model.session {
        session.sandbox = true;
    }
    for width in [9, 20, 40, 60, 80, 200] {
        for height in [5, 15, 24] {
            let (cells, _) = draw(&mut model, (width, height));
            let badge = cells_of(&cells, "SANDBOX");
            let marked = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
            assert!(badge.iter().all(marked), "{width}x{height}");
        }
    }
}

const HOSTILE: &str = "a\x1b[2J\x1b]0;t\x07b\u{202E}fdp\u{200B}\u{2066}c\r\nd\u{9B}31m\u{FEFF}e\tf\
    \u{E0041}\u{FE0F}g.pdf";

/// A model in which everything that comes from outside is hostile.
fn hostile() -> Model {
    let mut model = busy();
    model.setup.profile = Some(HOSTILE.to_owned());
    model.session = SessionState::Open(Session {
        id: HOSTILE.to_owned(),
        sandbox: false,
        range: Some(range()),
        expires: None,
        can_ask: false,
    });
    let days = Some(("2026-04-01", "2026-09-30"));
    let mut found = screening(Some(("hdfc", 0.5)), Some("77"), days, &[PageClass::Text; 3]);
    found.findings = vec![Finding::warning(Code::EditedPdf, HOSTILE).with_hint(HOSTILE)];
    found.password_from = Some(HOSTILE.to_owned());
    if let Some(document) = &mut found.document {
        let metadata = &mut document.metadata;
        HOSTILE.clone_into(&mut metadata.version);
        metadata.producer = Some(HOSTILE.to_owned());
        metadata.creator = Some(HOSTILE.to_owned());
    }
    if let Some(issuer) = &mut found.statement.issuer {
        issuer.evidence = vec![HOSTILE.to_owned()];
    }
    found.statement.ifsc = Some(HOSTILE.to_owned());
    let id = add(&mut model, HOSTILE, 1, Some(found));
    model.queue.change(id, |file| {
        file.delivery = ended(OutcomeKind::Rejected, Some(HOSTILE), HOSTILE);
    });
    model.queue.refresh();
    model.log.add(now(), Level::Error, HOSTILE);
    model.tell(Level::Error, HOSTILE);
    let last = model.queue.rows().len() - 1;
    select(&mut model, last);
    model
}

#[test]
fn nothing_hostile_reaches_a_cell() {
    let mut screens = vec![hostile()];
    let mut whole = hostile();
    whole.screen.detail = true;
    screens.push(whole);
    for tab in [Tab::Coverage, Tab::Log] {
        let mut model = hostile();
        model.tab = tab;
        screens.push(model);
    }
    let item = Item {
        label: HOSTILE.to_owned(),
        detail: HOSTILE.to_owned(),
        enabled: true,
        pick: Pick::Sort(Column::Name),
    };
    let mut form = session_form();
    form.note = HOSTILE.to_owned();
    form.completions = vec![HOSTILE.to_owned()];
    form.fields[1].field = Field::new(HOSTILE);
    form.fields[2].fault = Some(HOSTILE.to_owned());
    let mut choice = question();
    choice.text = HOSTILE.to_owned();
    choice.options[0].label = HOSTILE.to_owned();
    let overlays = [
        Overlay::Picker(Picker::new(HOSTILE, vec![item])),
        Overlay::Form(form),
        Overlay::Choice(choice),
        page(Some(Err(HOSTILE.to_owned()))),
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
                "the escape is shown as text: {screen}"
            );
        }
    }
}

#[test]
fn wide_characters_are_never_cut_in_two() {
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
fn the_cursor_is_always_on_screen_and_so_is_its_row() {
    let mut model = busy();
    for height in 5..40 {
        for row in 0..model.queue.rows().len() {
            // As a model that was scrolled for another size.
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
fn the_detail_is_scrolled_to_its_end_and_no_further() {
    let mut model = busy();
    model.screen.detail = true;
    (model.screen.width, model.screen.height) = SMALL;
    model.screen.detail_top = most_detail_top(&model);
    assert!(model.screen.detail_top > 0);
    let end = text(&mut model, SMALL);
    assert!(end.contains("SHA-256"), "{end}");
    model.screen.detail_top = u16::MAX;
    assert_eq!(text(&mut model, SMALL), end);
}

#[test]
fn only_the_visible_of_a_hundred_thousand_rows_are_drawn() {
    let mut model = busy();
    for index in 0..100_000 {
        add(&mut model, &format!("inbox/statement-{index}.pdf"), 1, None);
    }
    model.queue.refresh();
    select(&mut model, 50_000);
    let drawn = text(&mut model, LARGE);
    assert!(
        drawn.contains("statement-50000.pdf") || drawn.contains("statement-49999.pdf"),
        "{drawn}"
    );
    let shown = drawn.matches("statement-").count();
    assert!(shown > 0 && shown <= usize::from(LARGE.1), "{drawn}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_model_is_drawn_at_any_size(
        width in 0_u16..=220,
        height in 0_u16..=60,
        which in any::<prop::sample::Index>(),
        (name, told) in (any::<String>(), any::<String>()),
        (selected, top, back) in (0_usize..40, 0_usize..40, any::<u16>()),
        (ascii, colors) in (any::<bool>(), 0_usize..4),
    ) {
        let mut models = gallery();
        let place = which.index(models.len());
        let mut model = models.swap_remove(place);
        let id = add(&mut model, &name, 1, None);
        model.queue.change(id, |file| {
            file.delivery = ended(OutcomeKind::Unknown, Some(&told), &told);
        });
        model.queue.refresh();
        model.queue.selected = selected.min(model.queue.rows().len().saturating_sub(1));
        model.queue.top = top;
        model.log.back = usize::from(back);
        model.screen.detail_top = back;
        model.screen.coverage_top = top;
        model.history.selected = selected;
        model.setup.look = LOOK;
        if ascii {
            model.setup.look.symbols = Symbols::Ascii;
        }
        let all = [Colors::None, Colors::Sixteen, Colors::Indexed, Colors::True];
        model.setup.look.colors = all[colors];
        (model.screen.width, model.screen.height) = (width, height);
        // A screen inside of a larger one: nothing is drawn beside it.
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
