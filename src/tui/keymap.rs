//! What each key does. The table that handles keys also prints the footer and the help.

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

const fn binding(
    action: Action,
    keys: &'static [Key],
    short: &'static str,
    long: &'static str,
) -> Binding {
    Binding {
        action,
        keys,
        short,
        long,
    }
}

/// Every key of the views, in the order of the help.
pub const BINDINGS: &[Binding] = &[
    binding(
        Action::Password,
        &[Char('p')],
        "password",
        "type a password for this file, or for all that are locked",
    ),
    binding(
        Action::Bank,
        &[Char('b')],
        "bank",
        "say which bank the marked files, or this one, are from",
    ),
    binding(
        Action::Category,
        &[Char('c')],
        "category",
        "say which category the account is of: savings, current, overdraft",
    ),
    binding(
        Action::Ignore,
        &[Char('i')],
        "ignore",
        "ignore a warning of this file, or heed it again",
    ),
    binding(
        Action::Drop,
        &[Char('d'), Code(KeyCode::Delete)],
        "drop",
        "take the marked files, or this one, out of the queue; nothing is deleted",
    ),
    binding(
        Action::Page,
        &[Char('v')],
        "view page",
        "show a page of this file as a picture",
    ),
    binding(
        Action::Upload,
        &[Char('u')],
        "upload",
        "upload the marked files, or all that may be sent",
    ),
    binding(
        Action::Cancel,
        &[Char('x')],
        "cancel",
        "cancel the upload of the marked files, or of this one",
    ),
    binding(
        Action::Retry,
        &[Char('r')],
        "retry",
        "try again what was not taken, and nothing else",
    ),
    binding(
        Action::Settle,
        &[Char('s')],
        "settle",
        "find out what became of uploads whose outcome is unknown",
    ),
    binding(
        Action::Session,
        &[Char('S')],
        "session",
        "open a session: a sandbox, a new one, or one that exists",
    ),
    binding(
        Action::Range,
        &[Char('t')],
        "range",
        "set the days that statements must touch",
    ),
    binding(
        Action::Mark,
        &[Char(' ')],
        "mark",
        "mark or unmark this file, and go on to the next",
    ),
    binding(
        Action::MarkRange,
        &[Char('m'), Ctrl(' ')],
        "mark range",
        "mark all from the last marked file to this one",
    ),
    binding(
        Action::MarkAll,
        &[Char('*')],
        "mark all",
        "mark all files shown",
    ),
    binding(
        Action::ClearMarks,
        &[Char('-')],
        "unmark",
        "clear all marks",
    ),
    binding(Action::Add, &[Char('a')], "add", "add files or a folder"),
    binding(
        Action::Watch,
        &[Char('w')],
        "watch",
        "watch a folder: files that arrive there are added once they are whole",
    ),
    binding(
        Action::Filter,
        &[Char('/')],
        "filter",
        "show only files that match; ! before a word means without",
    ),
    binding(
        Action::Faults,
        &[Char('f')],
        "faults",
        "show only files that need you, or all again",
    ),
    binding(
        Action::Sort,
        &[Char('o')],
        "order",
        "choose what the table is ordered by",
    ),
    binding(
        Action::Reverse,
        &[Char('O')],
        "reverse",
        "turn the order of the table round",
    ),
    binding(
        Action::Copy,
        &[Char('y')],
        "copy",
        "copy what identifies this file to the clipboard, over SSH too",
    ),
    binding(
        Action::Export,
        &[Char('e')],
        "export",
        "write the files shown to a report",
    ),
    binding(
        Action::Detail,
        &[Code(KeyCode::Enter)],
        "detail",
        "show all about this file, or go back to the table",
    ),
    binding(
        Action::Back,
        &[Code(KeyCode::Esc)],
        "back",
        "close what is open; then the filter",
    ),
    binding(
        Action::Down,
        &[Char('j'), Code(KeyCode::Down)],
        "down",
        "go down",
    ),
    binding(Action::Up, &[Char('k'), Code(KeyCode::Up)], "up", "go up"),
    binding(
        Action::PageDown,
        &[Code(KeyCode::PageDown), Ctrl('f'), Ctrl('d')],
        "page down",
        "go down a screen",
    ),
    binding(
        Action::PageUp,
        &[Code(KeyCode::PageUp), Ctrl('b'), Ctrl('u')],
        "page up",
        "go up a screen",
    ),
    binding(
        Action::First,
        &[Char('g'), Code(KeyCode::Home)],
        "first",
        "go to the first row",
    ),
    binding(
        Action::Last,
        &[Char('G'), Code(KeyCode::End)],
        "last",
        "go to the last row",
    ),
    binding(
        Action::Show(Tab::Queue),
        &[Char('1')],
        "queue",
        "show the files",
    ),
    binding(
        Action::Show(Tab::Coverage),
        &[Char('2')],
        "coverage",
        "show which months each account covers",
    ),
    binding(
        Action::Show(Tab::Log),
        &[Char('3')],
        "log",
        "show what was asked and answered",
    ),
    binding(
        Action::Show(Tab::History),
        &[Char('4')],
        "history",
        "show what was sent before",
    ),
    binding(
        Action::NextTab,
        &[Code(KeyCode::Tab)],
        "next view",
        "show the next view",
    ),
    binding(
        Action::Help,
        &[Char('?'), Code(KeyCode::F(1))],
        "help",
        "list all keys; type to search, Enter runs",
    ),
    binding(
        Action::Palette,
        &[Char(':')],
        "command",
        "run a command by its name",
    ),
    binding(
        Action::Repaint,
        &[Ctrl('l')],
        "repaint",
        "paint the screen anew",
    ),
    binding(
        Action::Suspend,
        &[Ctrl('z')],
        "suspend",
        "go back to the shell; fg comes back. Uploads pause",
    ),
    binding(
        Action::Quit,
        &[Char('q'), Ctrl('c')],
        "quit",
        "leave; what is under way is asked about",
    ),
];

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
