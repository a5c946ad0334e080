//! Opens the pickers.

use super::{actions, move_files, screening};
use crate::dashboard::keymap::{Action, synonyms};
use crate::dashboard::model::{
    Column, File, Level, Model, Overlay, Picker, PickerAction, PickerItem, Tab,
};
use crate::report::Format;
use crate::screen::Code;
use crate::statement::{AccountCategory, Issuer};
use crate::text::columns::counted;

/// Export formats of the table.
const FORMATS: [(Format, &str); 4] = [
    (Format::Csv, "one row per file, for spreadsheets"),
    (Format::Html, "one page, for browsers"),
    (Format::Json, "one object, for programs"),
    (Format::Ndjson, "one object per line, for programs"),
];

fn open(model: &mut Model, title: &str, items: Vec<PickerItem>) {
    let picker = Picker::new(title, items);
    model.overlays.push(Overlay::Picker(picker));
}

fn item(label: impl Into<String>, detail: impl Into<String>, action: PickerAction) -> PickerItem {
    PickerItem {
        label: label.into(),
        detail: detail.into(),
        names: Vec::new(),
        enabled: true,
        action,
    }
}

/// Opens the list of all actions and their keys.
pub(super) fn actions(model: &mut Model) {
    let has_file = actions::has_selected_file(model);
    // The list would only open itself again.
    let is_listed = |action| !matches!(action, Action::Help | Action::Palette);
    let keys = model.setup.keys.clone();
    let rows = keys.rows().filter(|(binding, _)| is_listed(binding.action));
    let items = rows.map(|(binding, keys)| {
        let keys: Vec<String> = keys.iter().map(|key| key.name()).collect();
        let names = std::iter::once(binding.short).chain(synonyms(binding.action).iter().copied());
        PickerItem {
            names: names.collect(),
            enabled: has_file || !binding.action.needs_file(),
            ..item(
                binding.long,
                keys.join(" "),
                PickerAction::Run(binding.action),
            )
        }
    });
    open(model, "Run a command", items.collect());
}

/// Opens the list of banks. A bank is selected if it is the likely one of all target files.
pub(super) fn banks(model: &mut Model) {
    let banks = &model.setup.banks;
    let mut items: Vec<PickerItem> = banks
        .all()
        .iter()
        .map(|bank| {
            let set = PickerAction::SetBank(Some(bank.clone()));
            item(bank.id(), bank.name(), set)
        })
        .collect();
    let targets = targets(model);
    // The likely banks and their alternatives come first.
    let issuers = targets
        .iter()
        .map(|file| file.screening()?.statement.issuer.as_ref());
    let issuers: Vec<Option<&Issuer>> = issuers.collect();
    let likely = issuers.iter().flatten().map(|issuer| issuer.bank.id());
    let alternatives = issuers.iter().flatten().flat_map(|issuer| {
        let alternatives = issuer.alternatives.iter();
        alternatives.map(|(bank, _)| bank.id())
    });
    let ids: Vec<_> = likely.chain(alternatives).collect();
    items.sort_by_key(|item| {
        let position = ids.iter().position(|id| *id == item.label);
        position.unwrap_or(usize::MAX)
    });
    let mut banks = issuers
        .iter()
        .map(|issuer| Some(issuer.as_ref()?.bank.id()));
    let first = banks.next().flatten();
    let is_likely = first.is_some() && banks.all(|bank| bank == first);
    if targets.iter().any(|file| file.expected.bank.is_some()) {
        let clear = item(
            "clear",
            "use the detected bank",
            PickerAction::SetBank(None),
        );
        items.insert(usize::from(is_likely), clear);
    }
    let title = format!("Set the bank of {}", describe(model, &targets));
    open_for_files(model, &title, items, is_likely);
}

/// Opens the list of account categories. None is selected: the service detects it.
pub(super) fn categories(model: &mut Model) {
    let set = |category: AccountCategory| {
        item(
            category.name(),
            "",
            PickerAction::SetCategory(Some(category)),
        )
    };
    let mut items: Vec<PickerItem> = AccountCategory::ALL.map(set).into();
    let clear = PickerAction::SetCategory(None);
    items.push(item("clear", "leave it to the service", clear));
    let targets = targets(model);
    let title = format!("Set the account category of {}", describe(model, &targets));
    open_for_files(model, &title, items, false);
}

/// Opens the list of cases that the target files can be moved into. None is selected.
pub(super) fn cases(model: &mut Model) {
    if let Some((level, text)) = move_files::obstacle(model) {
        model.show_notice(level, text);
        return;
    }
    let cases = model.queue.cases();
    let items = model.queue.listed_cases().map(|(index, case)| {
        let (counts, _) = model.queue.totals_of_case(index);
        let files = counted(counts.files, "file");
        let detail = match cases.judged(index) {
            Some(judged) => format!("{files}, {}", judged.state.name()),
            None => files,
        };
        item(&case.name, detail, PickerAction::MoveToCase(Some(index)))
    });
    let mut items: Vec<PickerItem> = items.collect();
    let new = PickerAction::MoveToCase(None);
    items.push(item("new case", "asks for its name", new));
    let targets = targets(model);
    let title = format!("Move {} into a case", describe(model, &targets));
    open_for_files(model, &title, items, false);
}

/// Returns the files that a correction applies to.
fn targets(model: &Model) -> Vec<&File> {
    let ids = screening::targets(model).into_iter();
    ids.filter_map(|id| model.queue.file(id)).collect()
}

/// Describes the files that a correction applies to: a name, or the number of marked files and of
/// those of them that the filter hides.
fn describe(model: &Model, files: &[&File]) -> String {
    let marked = model.queue.counts().marked;
    let shown = model.queue.rows().iter();
    let shown = shown.filter(|id| model.queue.file(**id).is_some_and(|file| file.marked));
    match (files, marked.saturating_sub(shown.count())) {
        ([file], 0) => model.queue.short_name(file).to_owned(),
        (files, 0) => counted(files.len(), "marked file"),
        (files, hidden) => format!("{}, {hidden} hidden", counted(files.len(), "marked file")),
    }
}

/// Opens a list whose first item is selected if it is likely.
fn open_for_files(model: &mut Model, title: &str, items: Vec<PickerItem>, is_likely: bool) {
    let picker = Picker::new(title, items);
    let picker = if is_likely {
        picker
    } else {
        picker.without_choice()
    };
    model.overlays.push(Overlay::Picker(picker));
}

/// Opens a list of warnings. The flag of a warning is true if it is ignored.
pub(super) fn warnings(model: &mut Model, warnings: &[(Code, bool)]) {
    let items = warnings.iter().map(|(code, ignored)| {
        let detail = if *ignored {
            "ignored; Enter restores it"
        } else {
            "Enter ignores it"
        };
        let action = PickerAction::ToggleWarning {
            code: *code,
            is_ignored: *ignored,
        };
        item(code.name(), detail, action)
    });
    let items = items.collect();
    open(model, "Ignore a warning", items);
}

/// Opens the list of sort orders.
pub(super) fn sort(model: &mut Model) {
    let current = model.queue.sort;
    let detail = |column| match (column == current.column, current.reversed) {
        (true, false) => "current; Enter reverses it",
        (true, true) => "current, reversed",
        (false, _) => "",
    };
    let items = Column::ALL
        .iter()
        .map(|column| item(column.name(), detail(*column), PickerAction::Sort(*column)));
    let items = items.collect();
    open(model, "Sort by", items);
}

/// Opens the list of report formats.
pub(super) fn export(model: &mut Model) {
    let items =
        FORMATS.map(|(format, detail)| item(format.name(), detail, PickerAction::ExportAs(format)));
    let title = if model.tab == Tab::Cases && !model.queue.cases().is_empty() {
        "Export the cases shown as"
    } else {
        "Export the files shown as"
    };
    open(model, title, items.into());
}

/// Opens the list of watched folders.
pub(super) fn watched_folders(model: &mut Model) {
    let folders = model.watched.list().iter();
    let items = folders.map(|folder| {
        let detail = match folder.arriving {
            0 => "Enter stops watching it".to_owned(),
            count => format!("{count} arriving; Enter stops watching it"),
        };
        item(
            folder.path.clone(),
            detail,
            PickerAction::StopWatching(folder.id),
        )
    });
    let items: Vec<_> = items.collect();
    if items.is_empty() {
        let key = model.key(Action::WatchFolder);
        let text = format!("No folder is watched; {key} watches one");
        model.show_notice(Level::Info, text);
        return;
    }
    open(model, "Watched folders", items);
}

/// Opens the list of values that can be copied.
pub(super) fn copy(model: &mut Model) {
    let mut values: Vec<(&str, String)> = Vec::new();
    if model.tab == Tab::History {
        if let Some(row) = model.history.rows.get(model.history.selected) {
            values.push(("File name", row.name.clone()));
            values.push(("Session ID", row.session.clone()));
            values.push(("Statement ID", row.statement_id.clone()));
        }
    } else if let Some((_, file)) = model.queue.current() {
        values.push(("Path", file.name.text.clone()));
        let record = file.upload_record();
        if let Some(id) = record.and_then(|record| record.outcome.receipt.statement_id.clone()) {
            values.push(("Statement ID", id));
        }
        if let Some(hash) = file.screening().and_then(|screening| screening.content) {
            values.push(("SHA-256", hash.to_string()));
        }
    }
    if let Some(session) = model.open_session() {
        values.push(("Current session ID", session.name.id.clone()));
    }
    // The history has no session or statement ID for some uploads.
    values.retain(|(_, value)| !value.is_empty());
    if values.is_empty() {
        model.show_notice(Level::Info, "Nothing to copy");
        return;
    }
    let items = values
        .into_iter()
        .map(|(label, value)| item(label, value, PickerAction::CopyDetail));
    open(model, "Copy", items.collect());
}
