//! The table of keys.

use super::Key::{Char, Code, Ctrl};
use super::{Action, Binding, Key};
use crate::dashboard::model::Tab;
use crossterm::event::KeyCode;

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
