//! What lies over the views: lists to pick from, forms, questions, pages.

use super::field::Field;
use super::file::FileId;
use super::fuzzy;
use super::sort::Column;
use crate::dashboard::keymap::Action;
use crate::pdf::Picture;
use crate::report::Format;
use crate::screen::Code;
use crate::statement::Bank;

/// Something over the views.
#[derive(Debug)]
pub enum Overlay {
    /// A list to pick from.
    Picker(Picker),
    /// Fields to fill in.
    Form(Form),
    /// A question with a few answers.
    Choice(Choice),
    /// A page as a picture.
    Page(PageView),
}

/// A list that is searched while one types.
#[derive(Debug)]
pub struct Picker {
    /// What is picked.
    pub title: String,
    /// What is looked for.
    pub query: Field,
    items: Vec<Item>,
    shown: Vec<usize>,
    /// The place of the cursor among what is shown.
    pub selected: usize,
}

/// One thing to pick.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// More of it: keys, a full name.
    pub detail: String,
    /// Whether picking it does something now.
    pub enabled: bool,
    /// What picking it does.
    pub pick: Pick,
}

/// What picking does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// Does what a key does.
    Run(Action),
    /// Says which bank the files are from; none takes that back.
    Bank(Option<Bank>),
    /// Says which category the accounts are of; none takes that back.
    Category(Option<&'static str>),
    /// Ignores a warning.
    Ignore(Code),
    /// Orders the table.
    Sort(Column),
    /// Chooses the format of a report.
    Format(Format),
    /// Copies the item's detail.
    Copy,
}

impl Picker {
    /// A list of all items.
    pub fn new(title: impl Into<String>, items: Vec<Item>) -> Self {
        Self {
            title: title.into(),
            query: Field::default(),
            shown: (0..items.len()).collect(),
            items,
            selected: 0,
        }
    }

    /// Looks for what was typed; the best comes first.
    pub fn search(&mut self) {
        let query = self.query.text();
        let scored = self.items.iter().enumerate().filter_map(|(index, item)| {
            let label = fuzzy::score(&query, &item.label);
            // A label says more of an item than its detail does.
            let both = fuzzy::score(&query, &format!("{} {}", item.label, item.detail));
            Some((label.map(|score| score + 1).max(both)?, index))
        });
        let mut scored: Vec<_> = scored.collect();
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.shown = scored.into_iter().map(|(_, index)| index).collect();
        self.selected = 0;
    }

    /// How many there are to pick from, found or not.
    pub fn all(&self) -> usize {
        self.items.len()
    }

    /// What was found.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Item> {
        let items = &self.items;
        self.shown.iter().map(move |index| {
            #[expect(clippy::indexing_slicing, reason = "shown holds places of items only")]
            &items[*index]
        })
    }

    /// What the cursor is on.
    pub fn current(&self) -> Option<&Item> {
        self.shown().nth(self.selected)
    }

    /// Goes up or down.
    pub fn go(&mut self, by: isize) {
        let most = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(most);
    }
}

/// Fields to fill in.
#[derive(Debug)]
pub struct Form {
    /// What it is for.
    pub kind: FormKind,
    /// What it says above its fields.
    pub title: String,
    /// What a person should know, below them.
    pub note: String,
    /// The fields.
    pub fields: Vec<FormField>,
    /// The field that is typed in.
    pub focus: usize,
    /// How what was typed may go on.
    pub completions: Vec<String>,
}

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormKind {
    /// A password for files.
    Password(Vec<FileId>),
    /// Paths to add.
    Add,
    /// A folder to watch.
    Watch,
    /// The days that statements must touch.
    Range,
    /// A new session.
    NewSession,
    /// The id of a session.
    ExistingSession,
    /// Where a report of this format goes.
    Export(Format),
}

/// A field of a form.
#[derive(Debug)]
pub struct FormField {
    /// What it is called.
    pub label: &'static str,
    /// What was typed.
    pub field: Field,
    /// What an empty one means, or what is expected.
    pub hint: &'static str,
    /// What is wrong with what was typed.
    pub fault: Option<String>,
}

impl Form {
    /// A form whose first field is typed in.
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

    /// With a word below the fields.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        let note = note.into();
        Self { note, ..self }
    }

    /// The field that is typed in.
    pub fn focused(&mut self) -> Option<&mut Field> {
        self.fields
            .get_mut(self.focus)
            .map(|field| &mut field.field)
    }

    /// What was typed into a field.
    pub fn text(&self, index: usize) -> String {
        self.fields
            .get(index)
            .map_or_else(String::new, |field| field.field.text())
    }
}

impl FormField {
    /// A field with text in it.
    pub fn new(label: &'static str, text: &str, hint: &'static str) -> Self {
        Self {
            label,
            field: Field::new(text),
            hint,
            fault: None,
        }
    }
}

/// A question with a few answers.
#[derive(Debug)]
pub struct Choice {
    /// The question.
    pub title: String,
    /// What a person should know to answer it.
    pub text: String,
    /// The answers.
    pub options: Vec<ChoiceOption>,
    /// The answer under the cursor.
    pub selected: usize,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct ChoiceOption {
    /// The key that gives it.
    pub key: char,
    /// What it says.
    pub label: String,
    /// What it does.
    pub chosen: Chosen,
}

/// What an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing.
    Stay,
    /// Ends when attempts under way have ended.
    FinishAndQuit,
    /// Ends now.
    QuitNow,
    /// Asks the service about unknown outcomes.
    Settle,
    /// Sends files of unknown outcome again.
    Resend,
    /// Opens a session in a sandbox.
    Sandbox,
    /// Shows the form of a new session.
    NewSession,
    /// Asks for the id of a session.
    ExistingSession,
}

/// A page as a picture.
#[derive(Debug)]
pub struct PageView {
    /// The file.
    pub file: FileId,
    /// The page, from 0.
    pub page: usize,
    /// Pages of the file.
    pub pages: usize,
    /// What the picture is known by.
    pub ticket: u64,
    /// The picture, once it is drawn, or why it can't be.
    pub picture: Option<Result<Picture, String>>,
}
