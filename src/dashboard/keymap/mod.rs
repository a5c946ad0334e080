//! The key map: one table dispatches keys and is the source of the footer and the help.
//!
//! [`BINDINGS`] is the table; a [`KeyMap`] has the keys in use, with those that the user maps.

mod bindings;
mod footer;
mod key;
mod key_map;

pub use bindings::{BINDINGS, synonyms};
pub use footer::footer_keys;
pub use key::Key;
pub use key_map::{KeyConflict, KeyMap};

use super::tab::Tab;
use crossterm::event::{KeyCode, KeyEvent};

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
    DetailDown,
    DetailUp,
    Back,
    Password,
    Bank,
    Category,
    IgnoreWarning,
    MoveToCase,
    Remove,
    Undo,
    Preview,
    PageText,
    Upload,
    CancelUpload,
    Retry,
    ResolveUnknown,
    Process,
    ScreenAgain,
    Session,
    Period,
    AddFiles,
    WatchFolder,
    StopWatching,
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
            | Self::MoveToCase
            | Self::Remove
            | Self::Preview
            | Self::PageText => true,
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
            | Self::DetailDown
            | Self::DetailUp
            | Self::Password
            | Self::Undo
            | Self::Back
            | Self::Upload
            | Self::CancelUpload
            | Self::Retry
            | Self::ResolveUnknown
            | Self::Process
            | Self::ScreenAgain
            | Self::Session
            | Self::Period
            | Self::AddFiles
            | Self::WatchFolder
            | Self::StopWatching
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
    /// The group of the help.
    pub group: Group,
    /// Its keys, unless the user maps others. The footer shows the first.
    pub keys: &'static [Key],
    /// Label in the footer.
    pub short: &'static str,
    /// Description in the palette.
    pub long: &'static str,
    /// Description in the help, in at most five words.
    pub help: &'static str,
}

impl Binding {
    /// Returns the name of the action in the config file: its label with hyphens.
    pub fn name(&self) -> String {
        self.short.replace(' ', "-")
    }
}

/// A group of actions in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Correcting files and the queue.
    Fix,
    /// Sending files and sharing results.
    Send,
    /// Finding, viewing and marking files.
    Find,
    /// Moving through the screen.
    Move,
}

impl Group {
    /// All groups, in the order of the help.
    pub const ALL: [Self; 4] = [Self::Fix, Self::Send, Self::Find, Self::Move];

    /// Returns the heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fix => "Fix",
            Self::Send => "Send",
            Self::Find => "Find",
            Self::Move => "Move",
        }
    }
}

/// Returns the movement of a key that also marks the files it moves over.
pub fn marking_movement(key: KeyEvent) -> Option<Action> {
    match Key::from_event(key)? {
        Key::Shift(KeyCode::Down) => Some(Action::Down),
        Key::Shift(KeyCode::Up) => Some(Action::Up),
        Key::Char(_) | Key::Ctrl(_) | Key::Code(_) | Key::Shift(_) => None,
    }
}

/// Returns the table row of an action.
pub fn binding(action: Action) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.action == action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

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
            let key = KeyEvent::new(code, modifiers);
            assert_eq!(KeyMap::default().action(key), expected);
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
