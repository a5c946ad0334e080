//! Keys in what lies over the views: lists, questions, pages; and how each of these begins.

use super::{delivery, forms, keys, session, work};
use crate::dashboard::Effect;
use crate::dashboard::keymap::{self, Action, BINDINGS};
use crate::dashboard::model::{
    Chosen, Column, Field, Form, Item, Level, Model, Overlay, PageView, Pick, Picker, Start, Tab,
};
use crate::pdf::Picture;
use crate::report::Format;
use crate::statement::AccountCategory;
use crate::text::sanitize;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Formats that a report of the table can have.
const FORMATS: [(Format, &str); 4] = [
    (Format::Csv, "one row a file, for a spreadsheet"),
    (Format::Html, "one page, for a browser"),
    (Format::Json, "one object, for programs"),
    (Format::Ndjson, "one object a line, for programs"),
];

/// What a key did to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// What was typed stands.
    Done,
    /// It is to be forgotten.
    Closed,
    /// The text, or the place in it, changed.
    Typed,
    /// Nothing.
    Other,
}

/// Takes in a key in a field.
pub(super) fn edit(field: &mut Field, key: KeyEvent) -> Edit {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Enter => return Edit::Done,
        KeyCode::Esc => return Edit::Closed,
        KeyCode::Char('c' | 'g') if ctrl => return Edit::Closed,
        KeyCode::Char('w') if ctrl => field.delete_word(),
        KeyCode::Char('u') if ctrl => field.delete_to_start(),
        KeyCode::Char('a') if ctrl => field.home(),
        KeyCode::Char('e') if ctrl => field.end(),
        KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => {
            field.insert(c.encode_utf8(&mut [0; 4]));
        }
        KeyCode::Backspace => field.backspace(),
        KeyCode::Delete => field.delete(),
        KeyCode::Left => field.go(-1),
        KeyCode::Right => field.go(1),
        KeyCode::Home => field.home(),
        KeyCode::End => field.end(),
        _ => return Edit::Other,
    }
    Edit::Typed
}

/// Takes in a key in what lies on top.
pub(super) fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            let by = match key.code {
                KeyCode::Down => 1,
                KeyCode::Up => -1,
                KeyCode::PageDown => 10,
                KeyCode::PageUp => -10,
                _ => 0,
            };
            if by != 0 {
                picker.go(by);
                return Vec::new();
            }
            match edit(&mut picker.query, key) {
                Edit::Done => pick(model),
                Edit::Closed => close(model),
                Edit::Typed => {
                    picker.search();
                    Vec::new()
                }
                Edit::Other => Vec::new(),
            }
        }
        Some(Overlay::Form(_)) => forms::press(model, key),
        Some(Overlay::Choice(_)) => choose(model, key),
        Some(Overlay::Page(_)) => turn_page(model, key),
        None => Vec::new(),
    }
}

/// Puts pasted text where text is typed.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Picker(picker)) => {
            picker.query.insert(text);
            picker.search();
        }
        Some(Overlay::Form(_)) => return forms::paste(model, text),
        Some(Overlay::Choice(_) | Overlay::Page(_)) => {}
        None => {
            if let Some(line) = &mut model.filter_line {
                line.insert(text);
                let text = line.text();
                keys::apply_filter(model, &text);
            } else if model.tab == Tab::History && model.history.typing {
                model.history.query.insert(text);
                return vec![Effect::ReadHistory(model.history.query.text())];
            } else if !text.trim().is_empty() {
                // Terminals paste the path of a file that is dropped on them.
                return forms::add_pasted(model, text);
            }
        }
    }
    Vec::new()
}

/// Closes what lies on top.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    model.overlays.pop();
    Vec::new()
}

/// Does what the item under the cursor does.
fn pick(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else {
        return Vec::new();
    };
    let Some(item) = picker.current().cloned() else {
        return Vec::new();
    };
    model.overlays.pop();
    match item.pick {
        Pick::Run(action) => keys::run(model, action),
        Pick::Bank(bank) => work::set_bank(model, bank.as_ref()),
        Pick::Category(category) => work::set_category(model, category),
        Pick::Ignore(code) => work::toggle_warning(model, code),
        Pick::Sort(column) => keys::sort_by(model, column),
        Pick::Format(format) => forms::export(model, format),
        Pick::Copy => {
            model.tell(Level::Info, format!("copied: {}", sanitize(&item.detail)));
            vec![Effect::Copy(item.detail)]
        }
    }
}

fn open_picker(model: &mut Model, title: &str, items: Vec<Item>) -> Vec<Effect> {
    model
        .overlays
        .push(Overlay::Picker(Picker::new(title, items)));
    Vec::new()
}

fn item(label: impl Into<String>, detail: impl Into<String>, pick: Pick) -> Item {
    Item {
        label: label.into(),
        detail: detail.into(),
        enabled: true,
        pick,
    }
}

/// Lists every key.
pub(super) fn help(model: &mut Model, title: &str) -> Vec<Effect> {
    let on_file = model.tab == Tab::Queue && model.queue.current().is_some();
    let is_listed = |action| !matches!(action, Action::Help | Action::Palette);
    let bindings = BINDINGS.iter().filter(|binding| is_listed(binding.action));
    let items = bindings.map(|binding| {
        let keys: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
        Item {
            enabled: on_file || !keymap::needs_a_file(binding.action),
            ..item(binding.long, keys.join(" "), Pick::Run(binding.action))
        }
    });
    let items = items.collect();
    open_picker(model, title, items)
}

/// Lists the banks.
pub(super) fn banks(model: &mut Model) -> Vec<Effect> {
    let mut items: Vec<Item> = model
        .setup
        .banks
        .all()
        .iter()
        .map(|bank| item(bank.id(), bank.name(), Pick::Bank(Some(bank.clone()))))
        .collect();
    // What the file itself points at comes first.
    let likely = model.queue.current().and_then(|(_, file)| file.screening());
    if let Some(issuer) = likely.and_then(|screening| screening.statement.issuer.as_ref()) {
        let others = issuer.alternatives.iter().map(|(bank, _)| bank.id());
        let ids: Vec<_> = std::iter::once(issuer.bank.id()).chain(others).collect();
        items.sort_by_key(|item| {
            ids.iter()
                .position(|id| *id == item.label)
                .unwrap_or(usize::MAX)
        });
    }
    let given = work::targets(model).iter().any(|id| {
        model
            .queue
            .file(*id)
            .is_some_and(|file| file.expected.bank.is_some())
    });
    if given {
        items.insert(
            0,
            item(
                "take it back",
                "let the file tell its bank",
                Pick::Bank(None),
            ),
        );
    }
    open_picker(model, "Which bank is it from?", items)
}

/// Lists the categories of accounts.
pub(super) fn categories(model: &mut Model) -> Vec<Effect> {
    let mut items: Vec<Item> = AccountCategory::ALL
        .iter()
        .map(|category| item(category.name(), "", Pick::Category(Some(category.name()))))
        .collect();
    items.push(item(
        "take it back",
        "leave it to the service",
        Pick::Category(None),
    ));
    open_picker(model, "Which category is the account of?", items)
}

/// Ignores the warning of the file under the cursor, or asks which.
pub(super) fn warnings(model: &mut Model) -> Vec<Effect> {
    let warnings = work::warnings(model);
    match warnings.as_slice() {
        [] => {
            model.tell(
                Level::Info,
                "it has no warning to ignore; errors can't be ignored",
            );
            Vec::new()
        }
        [(code, _)] => work::toggle_warning(model, *code),
        several => {
            let word = |ignored| {
                if ignored {
                    "ignored: heed it again"
                } else {
                    "ignore it"
                }
            };
            let items = several
                .iter()
                .map(|(code, ignored)| item(code.name(), word(*ignored), Pick::Ignore(*code)));
            let items = items.collect();
            open_picker(model, "Which warning?", items)
        }
    }
}

/// Lists what the table can be ordered by.
pub(super) fn sort(model: &mut Model) -> Vec<Effect> {
    let (now, backwards) = model.queue.order;
    let detail = |column| match (column == now, backwards) {
        (true, false) => "as it is now; again turns it round",
        (true, true) => "as it is now, backwards",
        (false, _) => "",
    };
    let items = Column::ALL
        .iter()
        .map(|column| item(column.name(), detail(*column), Pick::Sort(*column)));
    let items = items.collect();
    open_picker(model, "Order the table by", items)
}

/// Lists the formats of a report.
pub(super) fn export(model: &mut Model) -> Vec<Effect> {
    let items = FORMATS.map(|(format, what)| item(format.name(), what, Pick::Format(format)));
    open_picker(model, "Write the files shown as", items.into())
}

/// Lists what can be copied.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let mut items = Vec::new();
    if model.tab == Tab::History {
        if let Some(row) = model.history.rows.get(model.history.selected) {
            items.push(item("file name", &row.name, Pick::Copy));
            items.push(item("session", &row.session, Pick::Copy));
            items.push(item("statement id", &row.statement, Pick::Copy));
        }
    } else if let Some((_, file)) = model.queue.current() {
        items.push(item("path", &file.name.text, Pick::Copy));
        let sent = file.sent();
        if let Some(id) = sent.and_then(|sent| sent.outcome.receipt.statement_id.as_deref()) {
            items.push(item("statement id", id, Pick::Copy));
        }
        if let Some(hash) = file.screening().and_then(|screening| screening.content) {
            items.push(item("SHA-256", hash.to_string(), Pick::Copy));
        }
    }
    if let Some(session) = model.open_session() {
        items.push(item("this session", &session.id, Pick::Copy));
    }
    items.retain(|item| !item.detail.is_empty());
    if items.is_empty() {
        model.tell(Level::Info, "there is nothing to copy here");
        return Vec::new();
    }
    open_picker(model, "Copy", items)
}

/// Gives the answer under the cursor, or that of a key.
fn choose(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Choice(choice)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let most = choice.options.len().saturating_sub(1);
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let leaving = choice
        .options
        .iter()
        .any(|option| option.chosen == Chosen::QuitNow);
    let chosen = match key.code {
        // The second time, it is meant.
        KeyCode::Char('c') if ctrl && leaving => Some(Chosen::QuitNow),
        KeyCode::Char('c') if ctrl => Some(Chosen::Stay),
        KeyCode::Esc => Some(Chosen::Stay),
        KeyCode::Enter => choice
            .options
            .get(choice.selected)
            .map(|option| option.chosen),
        KeyCode::Down | KeyCode::Tab => {
            choice.selected = (choice.selected + 1).min(most);
            None
        }
        KeyCode::Up | KeyCode::BackTab => {
            choice.selected = choice.selected.saturating_sub(1);
            None
        }
        KeyCode::Char(c) if !ctrl => {
            let option = choice.options.iter().find(|option| option.key == c);
            option.map(|option| option.chosen)
        }
        _ => None,
    };
    let Some(chosen) = chosen else {
        return Vec::new();
    };
    model.overlays.pop();
    match chosen {
        Chosen::Stay => Vec::new(),
        Chosen::FinishAndQuit => vec![Effect::Quit { finish: true }],
        Chosen::QuitNow => vec![Effect::Quit { finish: false }],
        Chosen::Settle => vec![Effect::Settle],
        Chosen::Resend => delivery::resend(model),
        Chosen::Sandbox => session::open(model, Start::Sandbox),
        Chosen::NewSession => forms::new_session(model),
        Chosen::ExistingSession => forms::existing_session(model),
    }
}

/// Shows the first page of the file under the cursor.
pub(super) fn page(model: &mut Model) -> Vec<Effect> {
    let Some((file, pages)) = model
        .queue
        .current()
        .and_then(|(id, file)| Some((id, file.pages()?)))
    else {
        model.tell(Level::Warning, "it has no page that could be shown");
        return Vec::new();
    };
    model.overlays.push(Overlay::Page(PageView {
        file,
        page: 0,
        pages,
        ticket: 0,
        picture: None,
    }));
    draw_page(model)
}

/// Orders the picture of the page that is shown.
pub(super) fn draw_page(model: &mut Model) -> Vec<Effect> {
    let ticket = model.next_ticket();
    let (width, height) = (model.screen.width, model.screen.height);
    let Some(Overlay::Page(view)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    view.ticket = ticket;
    view.picture = None;
    vec![Effect::Draw {
        file: view.file,
        page: view.page,
        cells: (
            width.saturating_sub(2).max(1),
            height.saturating_sub(3).max(1),
        ),
        ticket,
    }]
}

fn turn_page(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Page(view)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let last = view.pages.saturating_sub(1);
    let page = match key.code {
        KeyCode::Char('n' | 'j' | ' ') | KeyCode::PageDown | KeyCode::Down | KeyCode::Right => {
            (view.page + 1).min(last)
        }
        KeyCode::Char('N' | 'k') | KeyCode::PageUp | KeyCode::Up | KeyCode::Left => {
            view.page.saturating_sub(1)
        }
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => last,
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | 'v') => return close(model),
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return close(model),
        _ => return Vec::new(),
    };
    if page == view.page {
        return Vec::new();
    }
    view.page = page;
    draw_page(model)
}

/// Takes in a picture, unless another page is wanted by now.
pub(super) fn drawn(
    model: &mut Model,
    ticket: u64,
    picture: Result<Picture, String>,
) -> Vec<Effect> {
    if let Some(Overlay::Page(view)) = model.overlays.last_mut()
        && view.ticket == ticket
    {
        view.picture = Some(picture.map_err(|why| sanitize(&why).into_owned()));
    }
    Vec::new()
}

/// What lies on top, if it is a form.
pub(super) fn top_form(model: &mut Model) -> Option<&mut Form> {
    match model.overlays.last_mut() {
        Some(Overlay::Form(form)) => Some(form),
        _ => None,
    }
}
