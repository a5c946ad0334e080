//! Overlays: pickers, forms, choices and page previews.

use super::SendOrder;
use super::file::FileId;
use super::fuzzy;
use super::page_preview::PagePreview;
use super::processing::ProcessingRequest;
use super::sort::Column;
use super::stored::RecentSession;
use super::text_input::TextInput;
use crate::dashboard::keymap::Action;
use crate::report::Format;
use crate::screen::Code;
use crate::statement::{AccountCategory, Bank};

/// Something that is drawn over the tab and handles keys before it.
#[derive(Debug)]
pub enum Overlay {
    /// A list with a search field.
    Picker(Picker),
    /// Text fields.
    Form(Form),
    /// A question with a few answers.
    Choice(Choice),
    /// A page of a document as a picture.
    Preview(PagePreview),
    /// A text to read and copy.
    Text(TextPage),
    /// The keys and the symbols.
    Help(HelpPage),
}

/// The scrolled help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HelpPage {
    /// Index of the first visible line.
    pub top: usize,
}

/// A text to read and copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPage {
    /// The title. Untrusted text.
    pub title: String,
    /// The text. Untrusted.
    pub text: String,
    /// Index of the first visible line.
    pub top: usize,
    /// Number of characters before the first visible one, for the text of a page.
    pub left: usize,
    /// ID of the request whose answer replaces the text, if it is the text of a page. Its lines are
    /// cut instead of wrapped, so that its columns stay columns.
    pub request_id: Option<u64>,
    /// The name that a file with the text gets unless the user types another; `None` if the text
    /// is only read and copied.
    pub file_name: Option<String>,
}

/// A list with a search field.
#[derive(Debug)]
pub struct Picker {
    /// The title.
    pub title: String,
    /// The search text.
    pub query: TextInput,
    items: Vec<PickerItem>,
    /// Indices of the matching items, the best match first.
    matches: Vec<usize>,
    /// Index of the selected match, if `is_chosen`; else of the match that the list shows first.
    pub selected: usize,
    /// Whether Enter runs the selected item. If nothing is likely, the user chooses first.
    pub is_chosen: bool,
    /// Whether the first item is selected as long as the user neither moves nor types.
    has_likely: bool,
}

/// An item of a picker.
#[derive(Debug, Clone)]
pub struct PickerItem {
    /// The label.
    pub label: String,
    /// Secondary text: keys, a full name, a value.
    pub detail: String,
    /// Other words by which it is found.
    pub names: Vec<&'static str>,
    /// Whether the item has an effect at present. Other items are dimmed.
    pub enabled: bool,
    /// What the item does.
    pub action: PickerAction,
}

/// What an item of a picker does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickerAction {
    /// Runs an action of the key map.
    Run(Action),
    /// Sets the expected bank; `None` clears it.
    SetBank(Option<Bank>),
    /// Sets the expected account category; `None` clears it.
    SetCategory(Option<AccountCategory>),
    /// Ignores a warning, or restores it.
    ToggleWarning {
        /// The warning.
        code: Code,
        /// Whether it is ignored now.
        is_ignored: bool,
    },
    /// Moves files into the case with this index; `None` into a new one.
    MoveToCase(Option<usize>),
    /// Sorts the table.
    Sort(Column),
    /// Chooses the format of a report.
    ExportAs(Format),
    /// Uses the session of a reference.
    UseSession(RecentSession),
    /// Stops watching the folder with this ID.
    StopWatching(u32),
    /// Copies the detail of the item.
    CopyDetail,
}

/// How a query matches the names of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameMatch {
    None,
    /// A word of the label begins with it.
    Word,
    /// A name begins with it.
    Start,
    /// It is a name.
    Whole,
}

impl PickerItem {
    fn name_match(&self, query: &str) -> NameMatch {
        let query = query.trim().to_lowercase();
        if query.is_empty() {
            return NameMatch::None;
        }
        let starts = |text: &str| text.to_lowercase().starts_with(&query);
        let mut words = self.label.split(|c: char| !c.is_alphanumeric());
        if self.names.contains(&query.as_str()) {
            NameMatch::Whole
        } else if self.names.iter().any(|name| starts(name)) {
            NameMatch::Start
        } else if words.any(starts) {
            NameMatch::Word
        } else {
            NameMatch::None
        }
    }
}

impl Picker {
    /// Creates a picker that shows all items.
    pub fn new(title: impl Into<String>, items: Vec<PickerItem>) -> Self {
        Self {
            title: title.into(),
            query: TextInput::default(),
            matches: (0..items.len()).collect(),
            items,
            selected: 0,
            is_chosen: true,
            has_likely: true,
        }
    }

    /// Selects nothing, so that Enter does nothing until the user moves or types.
    #[must_use]
    pub fn without_choice(self) -> Self {
        Self {
            is_chosen: false,
            has_likely: false,
            ..self
        }
    }

    /// Applies the query and selects the best match; without one, only a likely item.
    pub fn search(&mut self) {
        let query = self.query.text();
        let scored = self.items.iter().enumerate().filter_map(|(index, item)| {
            let label = fuzzy::score(&query, &item.label);
            // At equal scores, a match in the label precedes a match in the detail.
            let both = fuzzy::score(&query, &format!("{} {}", item.label, item.detail));
            let score = label.map(|score| score + 1).max(both);
            let name = item.name_match(&query);
            if name == NameMatch::None {
                score?;
            }
            Some(((name, score.unwrap_or_default()), index))
        });
        let mut scored: Vec<_> = scored.collect();
        // Equal scores keep the order of the items.
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
        self.selected = 0;
        // Text that is deleted again chooses nothing.
        self.is_chosen = self.has_likely || !query.trim().is_empty();
    }

    /// Returns the number of items, matching or not.
    pub fn total(&self) -> usize {
        self.items.len()
    }

    /// Returns the matching items.
    pub fn matches(&self) -> impl ExactSizeIterator<Item = &PickerItem> {
        let items = &self.items;
        self.matches.iter().map(move |index| {
            #[expect(
                clippy::indexing_slicing,
                reason = "matches holds indices of items only"
            )]
            &items[*index]
        })
    }

    /// Returns the selected item.
    pub fn current(&self) -> Option<&PickerItem> {
        self.matches().nth(self.selected).filter(|_| self.is_chosen)
    }

    /// Moves the selection down by a number of items; up if negative.
    pub fn move_selection(&mut self, by: isize) {
        let max = self.matches.len().saturating_sub(1);
        // The first movement chooses the item that is shown first.
        if !std::mem::replace(&mut self.is_chosen, true) {
            return;
        }
        self.selected = self.selected.saturating_add_signed(by).min(max);
    }
}

/// Text fields to fill in.
#[derive(Debug)]
pub struct Form {
    /// The purpose.
    pub kind: FormKind,
    /// The title.
    pub title: String,
    /// Additional information below the fields.
    pub note: String,
    /// The fields.
    pub fields: Vec<FormField>,
    /// Index of the field with the cursor.
    pub focus: usize,
    /// Completions of the path in the first field.
    pub completions: Vec<String>,
}

/// The purpose of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// Open locked files by a password or by details of the applicant.
    Unlock(Vec<FileId>),
    /// Add files.
    AddFiles,
    /// Move files into a new case.
    NewCase(Vec<FileId>),
    /// Watch a folder.
    WatchFolder,
    /// Set the requested period.
    Period,
    /// Create a session.
    NewSession,
    /// Use an existing session.
    ExistingSession,
    /// Write a report of this format.
    Export(Format),
    /// Write this message to an applicant. Untrusted text.
    WriteMessage(String),
}

impl FormKind {
    /// Returns whether the field of the form is a path, which Tab completes.
    pub fn takes_path(&self) -> bool {
        match self {
            Self::AddFiles | Self::WatchFolder | Self::Export(_) | Self::WriteMessage(_) => true,
            Self::Unlock(_)
            | Self::NewCase(_)
            | Self::Period
            | Self::NewSession
            | Self::ExistingSession => false,
        }
    }
}

/// A field of a form.
#[derive(Debug)]
pub struct FormField {
    /// The label.
    pub label: &'static str,
    /// The text.
    pub input: TextInput,
    /// The expected format, or the meaning of an empty field.
    pub hint: &'static str,
    /// What is wrong with the text.
    pub error: Option<String>,
}

impl Form {
    /// Creates a form with the cursor in the first field.
    pub fn new(kind: FormKind, title: impl Into<String>, fields: Vec<FormField>) -> Self {
        Self {
            kind,
            title: title.into(),
            note: String::new(),
            fields,
            focus: 0,
            completions: Vec::new(),
        }
    }

    /// Sets the note below the fields.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { note, ..self }
    }

    /// Returns the input with the cursor.
    pub fn focused(&mut self) -> Option<&mut TextInput> {
        self.fields
            .get_mut(self.focus)
            .map(|field| &mut field.input)
    }

    /// Returns the text of a field.
    pub fn text(&self, index: usize) -> String {
        self.fields
            .get(index)
            .map_or_else(String::new, |field| field.input.text())
    }

    /// Sets the error of a field.
    pub fn set_error(&mut self, index: usize, error: &str) {
        if let Some(field) = self.fields.get_mut(index) {
            field.error = Some(error.to_owned());
        }
    }

    /// Clears the errors of all fields.
    pub fn clear_errors(&mut self) {
        for field in &mut self.fields {
            field.error = None;
        }
    }
}

impl FormField {
    /// Creates a field that holds `text`.
    pub fn new(label: &'static str, text: &str, hint: &'static str) -> Self {
        Self {
            label,
            input: TextInput::new(text),
            hint,
            error: None,
        }
    }
}

/// A question with a few answers.
#[derive(Debug)]
pub struct Choice {
    /// The title.
    pub title: String,
    /// The information that the user needs for the decision.
    pub text: String,
    /// The answers.
    pub options: Vec<ChoiceOption>,
    /// Index of the selected answer.
    pub selected: usize,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct ChoiceOption {
    /// The key that chooses it.
    pub key: char,
    /// The label.
    pub label: String,
    /// What it does.
    pub action: ChoiceAction,
}

impl ChoiceOption {
    /// Creates an answer.
    pub fn new(key: char, label: impl Into<String>, action: ChoiceAction) -> Self {
        Self {
            key,
            label: label.into(),
            action,
        }
    }
}

/// What an answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoiceAction {
    /// Closes the question.
    Dismiss,
    /// Quits after the attempts in flight have finished.
    FinishAndQuit,
    /// Quits at once.
    QuitNow,
    /// Asks the service for the unknown outcomes.
    Reconcile,
    /// Sends files to the session, which is opened first if necessary.
    Send(SendOrder),
    /// Ends the uploads to sessions, and processes them.
    Process(Vec<ProcessingRequest>),
    /// Asks whether to send files with unknown outcome again.
    AskToResend,
    /// Cancels the uploads of files.
    CancelUploads(Vec<FileId>),
    /// Starts no more uploads of cases.
    StopCases,
    /// Removes files from the queue.
    Remove(Vec<FileId>),
    /// Adds the files of the interrupted run.
    RestoreQueue,
    /// Opens the list of recent sessions.
    RecentSessions,
    /// Opens a sandbox session.
    OpenSandbox,
    /// Opens the form for a new session.
    NewSession,
    /// Opens the form for an existing session.
    ExistingSession,
}
