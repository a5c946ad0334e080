//! What each key does. The table that handles keys also prints the footer and the help.

mod table;

pub use table::BINDINGS;

use super::model::{Model, Overlay, SessionState, Tab};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Something that a key does in the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says in words what each does")]
pub enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Mark,
    MarkRange,
    MarkAll,
    ClearMarks,
    Detail,
    Back,
    Password,
    Bank,
    Category,
    Ignore,
    Drop,
    Page,
    Upload,
    Cancel,
    Retry,
    Settle,
    Session,
    Range,
    Add,
    Watch,
    Filter,
    Faults,
    Sort,
    Reverse,
    Copy,
    Export,
    Show(Tab),
    NextTab,
    Help,
    Palette,
    Repaint,
    Suspend,
    Quit,
}

/// A line of the table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys, the one to be shown first.
    pub keys: &'static [Key],
    /// A word or two, for the footer.
    pub short: &'static str,
    /// What it does, for the help.
    pub long: &'static str,
}

/// A key, as the table names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character; capitals are typed with shift.
    Char(char),
    /// Control and a character.
    Ctrl(char),
    /// Any other key.
    Code(KeyCode),
    /// Shift and any other key.
    Shift(KeyCode),
}

use Key::{Char, Code, Ctrl, Shift};

/// The key again with shift marks a range in some terminals.
const SHIFTED_MARKS: &[(Key, Action)] = &[
    (Shift(KeyCode::Down), Action::Down),
    (Shift(KeyCode::Up), Action::Up),
];

/// What a key does in the views.
pub fn action(key: KeyEvent) -> Option<Action> {
    let pressed = Key::of(key)?;
    let found = BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&pressed));
    found.map(|binding| binding.action)
}

/// Whether a key moves and marks what it moves over; which way it moves.
pub fn marks_on_the_way(key: KeyEvent) -> Option<Action> {
    let pressed = Key::of(key)?;
    let found = SHIFTED_MARKS
        .iter()
        .find(|(shifted, _)| *shifted == pressed);
    found.map(|(_, action)| *action)
}

/// The line of an action.
pub fn of(action: Action) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.action == action)
}

/// Whether an action does something to the file under the cursor.
pub fn needs_a_file(action: Action) -> bool {
    matches!(
        action,
        Action::Mark
            | Action::MarkRange
            | Action::Detail
            | Action::Password
            | Action::Bank
            | Action::Category
            | Action::Ignore
            | Action::Drop
            | Action::Page
            | Action::Cancel
    )
}

impl Key {
    fn of(key: KeyEvent) -> Option<Self> {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        Some(match key.code {
            KeyCode::Char(c) if ctrl => Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Char(c),
            KeyCode::Null => Ctrl(' '),
            code if shift => Shift(code),
            code => Code(code),
        })
    }

    /// What is printed on it.
    pub fn name(self) -> String {
        let code = |code: KeyCode| match code {
            KeyCode::Enter => "Enter".to_owned(),
            KeyCode::Esc => "Esc".to_owned(),
            KeyCode::Tab => "Tab".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::F(number) => format!("F{number}"),
            other => format!("{other:?}"),
        };
        match self {
            Char(' ') => "Space".to_owned(),
            Char(c) => c.to_string(),
            Ctrl(' ') => "Ctrl-Space".to_owned(),
            Ctrl(c) => format!("Ctrl-{c}"),
            Code(key) => code(key),
            Shift(key) => format!("Shift-{}", code(key)),
        }
    }
}

/// The keys to be shown at this moment, those that help most first.
pub fn for_now(model: &Model) -> Vec<(String, &'static str)> {
    let named = |keys: &[(&str, &'static str)]| {
        keys.iter()
            .map(|(key, word)| ((*key).to_owned(), *word))
            .collect()
    };
    match model.top() {
        Some(Overlay::Picker(_)) => {
            return named(&[
                ("Enter", "choose"),
                ("Up/Down", "move"),
                ("type", "search"),
                ("Esc", "close"),
            ]);
        }
        Some(Overlay::Form(_)) => {
            return named(&[("Enter", "done"), ("Tab", "next"), ("Esc", "close")]);
        }
        Some(Overlay::Choice(_)) => return named(&[("Enter", "choose"), ("Esc", "close")]),
        Some(Overlay::Page(_)) => {
            return named(&[("n/PgDn", "next"), ("N/PgUp", "previous"), ("Esc", "close")]);
        }
        None => {}
    }
    let shown = actions_for_now(model).into_iter().filter_map(of);
    shown
        .filter_map(|binding| Some((binding.keys.first()?.name(), binding.short)))
        .collect()
}

/// Actions worth a place in the footer, by what the cursor is on.
fn actions_for_now(model: &Model) -> Vec<Action> {
    let common = [Action::Help, Action::Quit];
    let mut actions = match model.tab {
        Tab::Queue => queue_actions(model),
        Tab::Coverage => vec![Action::Range, Action::Export, Action::NextTab],
        Tab::Log => vec![Action::PageUp, Action::Last, Action::NextTab],
        Tab::History => vec![Action::Filter, Action::Copy, Action::NextTab],
    };
    actions.extend(common);
    actions
}

fn queue_actions(model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some((_, file)) = model.queue.current() else {
        return vec![Action::Add, Action::Watch, Action::Session, Action::NextTab];
    };
    if file.is_locked() {
        actions.push(Action::Password);
    }
    if file.is_moving() {
        actions.push(Action::Cancel);
    }
    if model.queue.progress().unknown > 0 {
        actions.push(Action::Settle);
    }
    if file.screening().is_some() && file.sure_bank().is_none() && file.pages().is_some() {
        actions.push(Action::Bank);
    }
    match model.session {
        SessionState::None => actions.push(Action::Session),
        SessionState::Opening(_) | SessionState::Open(_) => actions.push(Action::Upload),
    }
    if file.pages().is_some() {
        actions.push(Action::Page);
    }
    actions.extend([Action::Mark, Action::Filter, Action::Detail, Action::Faults]);
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut keys: Vec<Key> = BINDINGS
            .iter()
            .flat_map(|binding| binding.keys)
            .copied()
            .collect();
        let all = keys.len();
        keys.dedup_by_key(|key| key.name());
        let mut names: Vec<String> = keys.iter().map(|key| key.name()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn keys_are_found_as_terminals_send_them() {
        let check = |code, modifiers, expected| {
            assert_eq!(action(KeyEvent::new(code, modifiers)), expected);
        };
        check(
            KeyCode::Char('S'),
            KeyModifiers::SHIFT,
            Some(Action::Session),
        );
        check(
            KeyCode::Char('c'),
            KeyModifiers::CONTROL,
            Some(Action::Quit),
        );
        check(KeyCode::Null, KeyModifiers::NONE, Some(Action::MarkRange));
        check(KeyCode::Char('p'), KeyModifiers::ALT, None);
        check(KeyCode::Enter, KeyModifiers::NONE, Some(Action::Detail));
    }
}
