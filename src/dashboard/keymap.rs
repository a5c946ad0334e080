//! The key map: one table dispatches keys and is the source of the footer and the help.

use super::model::{Model, Overlay, SessionState, Tab};
use Key::{Char, Code, Ctrl, Shift};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// An action that a key triggers in the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table describes each action")]
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
    IgnoreWarning,
    Remove,
    Undo,
    Preview,
    Upload,
    CancelUpload,
    Retry,
    ResolveUnknown,
    ScreenAgain,
    Session,
    Period,
    AddFiles,
    WatchFolder,
    Filter,
    Problems,
    Sort,
    ReverseSort,
    Copy,
    Export,
    Requests,
    Show(Tab),
    NextTab,
    Help,
    Palette,
    Repaint,
    Suspend,
    Quit,
}

impl Action {
    /// Returns whether the action applies to the selected file.
    pub fn needs_file(self) -> bool {
        match self {
            Self::Mark
            | Self::MarkRange
            | Self::Bank
            | Self::Category
            | Self::IgnoreWarning
            | Self::Remove
            | Self::Preview => true,
            Self::Down
            | Self::Up
            | Self::PageDown
            | Self::PageUp
            | Self::First
            | Self::Last
            | Self::MarkAll
            | Self::ClearMarks
            // They apply to a case, too.
            | Self::Detail
            | Self::Password
            | Self::Undo
            | Self::Back
            | Self::Upload
            | Self::CancelUpload
            | Self::Retry
            | Self::ResolveUnknown
            | Self::ScreenAgain
            | Self::Session
            | Self::Period
            | Self::AddFiles
            | Self::WatchFolder
            | Self::Filter
            | Self::Problems
            | Self::Sort
            | Self::ReverseSort
            | Self::Copy
            | Self::Export
            | Self::Requests
            | Self::Show(_)
            | Self::NextTab
            | Self::Help
            | Self::Palette
            | Self::Repaint
            | Self::Suspend
            | Self::Quit => false,
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The action.
    pub action: Action,
    /// Its keys. The footer shows the first.
    pub keys: &'static [Key],
    /// Label in the footer.
    pub short: &'static str,
    /// Description in the help.
    pub long: &'static str,
}

/// A key of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A character. A capital letter includes Shift.
    Char(char),
    /// Ctrl and a character.
    Ctrl(char),
    /// Any other key.
    Code(KeyCode),
    /// Shift and any other key.
    Shift(KeyCode),
}

impl Key {
    fn from_event(key: KeyEvent) -> Option<Self> {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        // No binding uses Alt. Esc followed quickly by another key arrives as Alt, too.
        if key.modifiers.contains(KeyModifiers::ALT) {
            return None;
        }
        Some(match key.code {
            // Some terminals report Ctrl with a capital letter.
            KeyCode::Char(c) if ctrl => Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Char(c),
            // Terminals without the keyboard protocol send NUL for Ctrl-Space.
            KeyCode::Null => Ctrl(' '),
            code if shift => Shift(code),
            code => Code(code),
        })
    }

    /// Returns the name of the key, as in `Ctrl-d` or `PgDn`.
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

/// Returns the action of a key.
pub fn action(key: KeyEvent) -> Option<Action> {
    let pressed = Key::from_event(key)?;
    let found = BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&pressed));
    found.map(|binding| binding.action)
}

/// Returns the movement of a key that also marks the files it moves over.
pub fn marking_movement(key: KeyEvent) -> Option<Action> {
    match Key::from_event(key)? {
        Shift(KeyCode::Down) => Some(Action::Down),
        Shift(KeyCode::Up) => Some(Action::Up),
        Char(_) | Ctrl(_) | Code(_) | Shift(_) => None,
    }
}

/// Returns the table row of an action.
pub fn binding(action: Action) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.action == action)
}

/// Returns the keys and labels for the footer, the most useful first.
pub fn footer_keys(model: &Model) -> Vec<(String, &'static str)> {
    let named = |keys: &[(&str, &'static str)]| {
        keys.iter()
            .map(|(key, label)| ((*key).to_owned(), *label))
            .collect()
    };
    match model.top_overlay() {
        Some(Overlay::Picker(_)) => {
            return named(&[
                ("Enter", "choose"),
                ("Up/Down", "move"),
                ("type", "search"),
                ("Esc", "close"),
            ]);
        }
        Some(Overlay::Form(form)) => {
            let tab = if form.kind.takes_path() {
                "complete"
            } else {
                "next field"
            };
            return named(&[("Enter", "accept"), ("Tab", tab), ("Esc", "close")]);
        }
        Some(Overlay::Choice(_)) => return named(&[("Enter", "choose"), ("Esc", "close")]),
        Some(Overlay::Text(_)) => {
            return named(&[("y", "copy"), ("Up/Down", "scroll"), ("Esc", "close")]);
        }
        Some(Overlay::Preview(_)) => {
            return named(&[("n/PgDn", "next"), ("N/PgUp", "previous"), ("Esc", "close")]);
        }
        None => {}
    }
    let shown = footer_actions(model).into_iter().filter_map(binding);
    shown
        .filter_map(|binding| Some((binding.keys.first()?.name(), binding.short)))
        .collect()
}

/// Returns the actions for the footer. They depend on the tab and on the selected file.
fn footer_actions(model: &Model) -> Vec<Action> {
    let mut actions = match model.tab {
        Tab::Cases => case_actions(model),
        Tab::Files => file_actions(model),
        Tab::Coverage => vec![Action::Period, Action::Export, Action::NextTab],
        Tab::Log => vec![Action::PageUp, Action::Last, Action::NextTab],
        Tab::History => vec![Action::Filter, Action::Copy, Action::NextTab],
    };
    // Always last: the footer gives the last two a high priority.
    actions.extend([Action::Help, Action::Quit]);
    actions
}

fn case_actions(model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(case) = model.case_table.current() {
        actions.extend([Action::Detail, Action::Upload]);
        let mut files = model.queue.files_of_case(case);
        if files.any(|(_, file)| file.is_locked()) {
            actions.push(Action::Password);
        }
        let judged = model.queue.cases().judged(case);
        if judged.is_some_and(|judged| !judged.needs.is_empty()) {
            actions.push(Action::Requests);
        }
    }
    actions.extend([Action::Problems, Action::Filter, Action::NextTab]);
    actions
}

fn file_actions(model: &Model) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some((_, file)) = model.queue.current() else {
        return vec![
            Action::AddFiles,
            Action::WatchFolder,
            Action::Session,
            Action::NextTab,
        ];
    };
    // Actions that solve a problem of the selected file come first.
    if file.is_locked() {
        actions.push(Action::Password);
    }
    if model.queue.upload_totals().left() > 0 {
        actions.push(Action::CancelUpload);
    }
    if model.queue.upload_totals().unknown > 0 {
        actions.push(Action::ResolveUnknown);
    }
    if file.screening().is_some() && file.confirmed_bank().is_none() && file.pages().is_some() {
        actions.push(Action::Bank);
    }
    match model.session {
        SessionState::None => actions.push(Action::Session),
        SessionState::Planned(_)
        | SessionState::Opening(_)
        | SessionState::Open(_)
        | SessionState::PerCase { .. } => actions.push(Action::Upload),
    }
    if file.pages().is_some() {
        actions.push(Action::Preview);
    }
    actions.extend([
        Action::Mark,
        Action::Filter,
        Action::Detail,
        Action::Problems,
    ]);
    actions
}

/// Returns other names by which the search finds an action.
pub fn synonyms(action: Action) -> &'static [&'static str] {
    match action {
        Action::Password => &["unlock", "details", "decrypt"],
        Action::Bank => &["lender", "issuer"],
        Action::Category => &["account category", "account type"],
        Action::IgnoreWarning => &["dismiss", "restore", "accept"],
        Action::Remove => &["drop", "delete"],
        Action::Undo => &["revert"],
        Action::Preview => &["preview", "picture", "page"],
        Action::Upload => &["send", "submit"],
        Action::CancelUpload => &["abort", "stop", "cancel all"],
        Action::Retry => &["send again", "resend"],
        Action::ResolveUnknown => &["settle", "reconcile", "unknown"],
        Action::ScreenAgain => &["refresh", "rescreen", "reload", "changed"],
        Action::Session => &["sandbox", "connect", "login"],
        Action::Period => &["range", "dates", "from", "to"],
        Action::Mark => &["select", "tag"],
        Action::MarkRange => &["select range"],
        Action::MarkAll => &["select all"],
        Action::ClearMarks => &["clear marks", "deselect"],
        Action::AddFiles => &["open files", "import", "add files"],
        Action::WatchFolder => &["follow", "folder"],
        Action::Filter => &["search", "find"],
        Action::Problems => &["errors", "failed", "warnings"],
        Action::Sort => &["order"],
        Action::ReverseSort => &["descending", "ascending"],
        Action::Copy => &["yank", "clipboard"],
        Action::Export => &["report", "save", "write", "csv", "html", "json"],
        Action::Detail => &["inspect", "findings"],
        Action::Back => &["close", "clear filter"],
        Action::Requests => &["ask", "message", "note", "applicant", "letter"],
        Action::Show(Tab::Cases) => &["cases", "applicants"],
        Action::Show(Tab::Files) => &["queue", "table"],
        Action::Show(Tab::Coverage) => &["months"],
        Action::Show(Tab::Log) => &["activity", "messages"],
        Action::Show(Tab::History) => &["earlier uploads", "journal"],
        Action::Repaint => &["redraw"],
        Action::Suspend => &["background", "shell"],
        Action::Quit => &["exit", "leave", "q"],
        Action::Help => &["keys"],
        Action::Palette => &["command"],
        Action::Down
        | Action::Up
        | Action::PageDown
        | Action::PageUp
        | Action::First
        | Action::Last
        | Action::NextTab => &[],
    }
}

const fn bind(
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

/// The keys of the tabs, in the order of the help.
pub const BINDINGS: &[Binding] = &[
    bind(
        Action::Password,
        &[Char('p')],
        "password",
        "Open locked files by a password or by details of the applicant",
    ),
    bind(
        Action::Bank,
        &[Char('b')],
        "bank",
        "Set the bank of the marked files or this file",
    ),
    bind(
        Action::Category,
        &[Char('c')],
        "category",
        "Set the account category of the marked files or this file",
    ),
    bind(
        Action::IgnoreWarning,
        &[Char('i')],
        "ignore",
        "Ignore a warning of the marked files or this file, or restore it",
    ),
    bind(
        Action::Remove,
        &[Char('d'), Code(KeyCode::Delete)],
        "remove",
        "Remove the marked files or this file from the queue",
    ),
    bind(
        Action::Undo,
        &[Char('z')],
        "undo",
        "Undo the last removal, correction, ignored warning or mark",
    ),
    bind(
        Action::Preview,
        &[Char('v')],
        "view page",
        "Show a page of this file as a picture",
    ),
    bind(
        Action::Upload,
        &[Char('u')],
        "upload",
        "Upload the marked files, or the files shown; asks first",
    ),
    bind(
        Action::CancelUpload,
        &[Char('x')],
        "cancel",
        "Cancel the upload of the marked files or this file, or all; asks first",
    ),
    bind(
        Action::Retry,
        &[Char('r')],
        "retry",
        "Retry uploads that were not sent; rejected files only if marked",
    ),
    bind(
        Action::ResolveUnknown,
        &[Char('s')],
        "resolve",
        "Resolve uploads with unknown outcome",
    ),
    bind(
        Action::ScreenAgain,
        &[Char('R')],
        "screen again",
        "Screen files again that changed on disk",
    ),
    bind(
        Action::Session,
        &[Char('S')],
        "session",
        "Open a session: sandbox, new or existing",
    ),
    bind(
        Action::Period,
        &[Char('t')],
        "period",
        "Set the requested period",
    ),
    bind(
        Action::Mark,
        &[Char(' ')],
        "mark",
        "Mark or unmark this file, and move to the next",
    ),
    bind(
        Action::MarkRange,
        &[Char('m'), Ctrl(' ')],
        "mark range",
        "Mark the range from the last marked file to this file",
    ),
    bind(
        Action::MarkAll,
        &[Char('*')],
        "mark all",
        "Mark all files shown",
    ),
    bind(
        Action::ClearMarks,
        &[Char('-')],
        "unmark",
        "Clear all marks",
    ),
    bind(
        Action::AddFiles,
        &[Char('a')],
        "add",
        "Add files or a folder",
    ),
    bind(
        Action::WatchFolder,
        &[Char('w')],
        "watch",
        "Watch a folder and add files that arrive",
    ),
    bind(
        Action::Filter,
        &[Char('/')],
        "filter",
        "Show only files that match; ! before a word excludes it",
    ),
    bind(
        Action::Problems,
        &[Char('f')],
        "problems",
        "Show only files with problems, or all files",
    ),
    bind(Action::Sort, &[Char('o')], "sort", "Sort the table"),
    bind(
        Action::ReverseSort,
        &[Char('O')],
        "reverse",
        "Reverse the sort order",
    ),
    bind(
        Action::Copy,
        &[Char('y')],
        "copy",
        "Copy the path or an ID to the clipboard, over SSH too",
    ),
    bind(
        Action::Export,
        &[Char('e')],
        "export",
        "Write a report of the files shown",
    ),
    bind(
        Action::Requests,
        &[Char('Q')],
        "requests",
        "Show what to ask the applicant for, to copy it",
    ),
    bind(
        Action::Detail,
        &[Code(KeyCode::Enter)],
        "open",
        "Open the case, or all details of this file, or return",
    ),
    bind(
        Action::Back,
        &[Code(KeyCode::Esc)],
        "back",
        "Close what is open, or clear the filter",
    ),
    bind(
        Action::Down,
        &[Char('j'), Code(KeyCode::Down)],
        "down",
        "Move down",
    ),
    bind(Action::Up, &[Char('k'), Code(KeyCode::Up)], "up", "Move up"),
    bind(
        Action::PageDown,
        &[Code(KeyCode::PageDown), Ctrl('f'), Ctrl('d')],
        "page down",
        "Move down one screen",
    ),
    bind(
        Action::PageUp,
        &[Code(KeyCode::PageUp), Ctrl('b'), Ctrl('u')],
        "page up",
        "Move up one screen",
    ),
    bind(
        Action::First,
        &[Char('g'), Code(KeyCode::Home)],
        "first",
        "Go to the first row",
    ),
    bind(
        Action::Last,
        &[Char('G'), Code(KeyCode::End)],
        "last",
        "Go to the last row",
    ),
    bind(
        Action::Show(Tab::Cases),
        &[Char('1')],
        "cases",
        "Show the cases",
    ),
    bind(
        Action::Show(Tab::Files),
        &[Char('2')],
        "files",
        "Show the files of all cases",
    ),
    bind(
        Action::Show(Tab::Coverage),
        &[Char('3')],
        "coverage",
        "Show the months that each account covers",
    ),
    bind(
        Action::Show(Tab::Log),
        &[Char('4')],
        "log",
        "Show the activity log",
    ),
    bind(
        Action::Show(Tab::History),
        &[Char('5')],
        "history",
        "Show earlier uploads",
    ),
    bind(
        Action::NextTab,
        &[Code(KeyCode::Tab)],
        "next tab",
        "Show the next tab",
    ),
    bind(
        Action::Help,
        &[Char('?'), Code(KeyCode::F(1))],
        "help",
        "List all keys; type to search, Enter runs",
    ),
    bind(
        Action::Palette,
        &[Char(':')],
        "command",
        "Run a command by name",
    ),
    bind(
        Action::Repaint,
        &[Ctrl('l')],
        "repaint",
        "Repaint the screen",
    ),
    bind(
        Action::Suspend,
        &[Ctrl('z')],
        "suspend",
        "Suspend to the shell; fg resumes, uploads pause meanwhile",
    ),
    bind(
        Action::Quit,
        &[Char('q'), Ctrl('c')],
        "quit",
        "Quit; asks first if uploads are in progress",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_one_action() {
        let keys = BINDINGS.iter().flat_map(|binding| binding.keys);
        let mut names: Vec<String> = keys.map(|key| key.name()).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn each_action_has_one_binding() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            let earlier = BINDINGS.iter().take(index);
            let repeated = earlier.filter(|other| other.action == binding.action);
            assert_eq!(repeated.count(), 0, "{:?}", binding.action);
        }
    }

    #[test]
    fn keys_are_recognized_as_terminals_send_them() {
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
