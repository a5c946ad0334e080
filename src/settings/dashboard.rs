//! The tables of the config file for the dashboard: `[keys]`, `[theme]` and `[dashboard]`.

use super::keys::similar;
use super::source::Source;
use crate::dashboard::keymap::{Action, BINDINGS, Binding, Key, KeyConflict, KeyMap};
use crate::dashboard::model::{Alerts, Background, ColorRole, Palette};
use crate::error::AppError;
use ratatui::style::Color;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The tables, which hold for all profiles.
pub(super) const TABLES: [&str; 3] = ["keys", "theme", "dashboard"];

/// The 16 colors of a terminal, as they are written.
const COLORS: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// The settings of the dashboard that only the config file has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DashboardTables {
    /// The keys of the tabs.
    pub(crate) keys: KeyMap,
    /// The colors.
    pub(crate) palette: Palette,
    /// How the end of uploads is announced.
    pub(crate) alerts: Alerts,
    /// What the file sets, in its order.
    pub(crate) entries: Vec<TableEntry>,
}

/// A key of one of the tables, for `doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableEntry {
    /// Its name with that of the table: `keys.upload`.
    pub(crate) name: String,
    /// Its value as text.
    pub(crate) value: String,
    /// Its line in the config file, counted from 1.
    pub(crate) line: usize,
}

/// Parses the tables.
///
/// # Errors
///
/// If a name or a value is unknown, or two actions have the same key.
pub(super) fn parse(file: Source<'_>, table: &DeTable<'_>) -> Result<DashboardTables, AppError> {
    let mut tables = DashboardTables::default();
    if let Some(keys) = sub_table(file, table, "keys")? {
        tables.keys = parse_keys(file, keys, &mut tables.entries)?;
    }
    if let Some(theme) = sub_table(file, table, "theme")? {
        tables.palette = parse_theme(file, theme, &mut tables.entries)?;
    }
    if let Some(switches) = sub_table(file, table, "dashboard")? {
        tables.alerts = parse_alerts(file, switches, &mut tables.entries)?;
    }
    Ok(tables)
}

fn parse_alerts(
    file: Source<'_>,
    table: &DeTable<'_>,
    entries: &mut Vec<TableEntry>,
) -> Result<Alerts, AppError> {
    let mut alerts = Alerts::default();
    for (name, value) in table {
        let written = name.get_ref().as_ref();
        let switch = match written {
            "bell" => &mut alerts.bell,
            "title" => &mut alerts.title,
            _ => {
                let names = ["bell", "title"].map(str::to_owned);
                return Err(unknown(file, name.span(), ("setting", written), &names));
            }
        };
        let Some(on) = value.get_ref().as_bool() else {
            let location = file.location(name.span());
            let message = format!("{location}: dashboard.{written}: expected true or false");
            return Err(AppError::usage(message, "write true or false"));
        };
        *switch = on;
        entries.push(TableEntry {
            name: format!("dashboard.{written}"),
            value: on.to_string(),
            line: file.line(&name.span()),
        });
    }
    Ok(alerts)
}

/// Returns a table of the file, if it is there.
fn sub_table<'t, 'd>(
    file: Source<'_>,
    table: &'t DeTable<'d>,
    name: &str,
) -> Result<Option<&'t DeTable<'d>>, AppError> {
    let Some((key, value)) = table.get_key_value(name) else {
        return Ok(None);
    };
    value.get_ref().as_table().map(Some).ok_or_else(|| {
        let location = file.location(key.span());
        let message = format!("{location}: {name} must be a table");
        AppError::usage(message, format!("write [{name}], with its settings below"))
    })
}

fn parse_keys(
    file: Source<'_>,
    table: &DeTable<'_>,
    entries: &mut Vec<TableEntry>,
) -> Result<KeyMap, AppError> {
    let mut changes: Vec<(Action, Vec<Key>)> = Vec::new();
    let mut lines: Vec<(Action, usize)> = Vec::new();
    for (name, value) in table {
        let written = name.get_ref().as_ref();
        let binding = BINDINGS.iter().find(|binding| binding.name() == written);
        let Some(binding) = binding else {
            let names: Vec<String> = BINDINGS.iter().map(Binding::name).collect();
            return Err(unknown(file, name.span(), ("command", written), &names));
        };
        let keys = keys_of(file, written, value.get_ref(), name.span())?;
        if keys.is_empty() && matches!(binding.action, Action::Palette | Action::Quit) {
            let location = file.location(name.span());
            let message = format!("{location}: keys.{written} must have a key");
            return Err(AppError::usage(message, "write at least one key"));
        }
        let line = file.line(&name.span());
        let names: Vec<String> = keys.iter().map(|key| key.name()).collect();
        entries.push(TableEntry {
            name: format!("keys.{written}"),
            value: names.join(", "),
            line,
        });
        lines.push((binding.action, line));
        changes.push((binding.action, keys));
    }
    KeyMap::new(&changes).map_err(|conflict| conflict_error(file, &lines, &conflict))
}

/// Returns the keys of a value: a string, or an array of strings.
fn keys_of(
    file: Source<'_>,
    name: &str,
    value: &DeValue<'_>,
    span: Range<usize>,
) -> Result<Vec<Key>, AppError> {
    let reject = |what: &str, hint: &str| {
        let location = file.location(span.clone());
        AppError::usage(format!("{location}: keys.{name}: {what}"), hint)
    };
    let parse = |value: &DeValue<'_>| {
        let text = value
            .as_str()
            .ok_or_else(|| reject("expected a key", r#"write "x", or ["x", "Ctrl-x"]"#))?;
        Key::parse(text).map_err(|hint| reject("unknown key", hint))
    };
    match value {
        DeValue::Array(keys) => keys.iter().map(|key| parse(key.get_ref())).collect(),
        value => Ok(vec![parse(value)?]),
    }
}

/// Returns an error that names both commands, and the lines of those that the file maps.
fn conflict_error(file: Source<'_>, lines: &[(Action, usize)], conflict: &KeyConflict) -> AppError {
    let described = conflict.actions.map(|action| {
        let binding = BINDINGS.iter().find(|binding| binding.action == action);
        let name = binding.map_or_else(String::new, Binding::name);
        match lines.iter().find(|(mapped, _)| *mapped == action) {
            Some((_, line)) => (format!("{name} (line {line})"), *line),
            None => (format!("{name} (its own key)"), 0),
        }
    });
    let [(one, first), (other, second)] = described;
    let (line, key) = (first.max(second), conflict.key.name());
    AppError::usage(
        format!(
            "{} line {line}: the key {key} belongs to both {one} and {other}",
            file.path.display()
        ),
        "give each command a key of its own",
    )
}

fn parse_theme(
    file: Source<'_>,
    table: &DeTable<'_>,
    entries: &mut Vec<TableEntry>,
) -> Result<Palette, AppError> {
    let mut palette = Palette::default();
    for (name, value) in table {
        let written = name.get_ref().as_ref();
        let text = value.get_ref().as_str();
        let reject = |what: &str, hint: String| {
            let location = file.location(name.span());
            Err(AppError::usage(
                format!("{location}: theme.{written}: {what}"),
                hint,
            ))
        };
        if written == "background" {
            let Some(background) = text.and_then(Background::by_name) else {
                let hint = "use one of light, dark, terminal".to_owned();
                return reject("unknown background", hint);
            };
            palette.background = background;
        } else if let Some(role) = ColorRole::ALL.iter().find(|role| role.name() == written) {
            let Some(color) = text.and_then(color) else {
                let names: Vec<&str> = COLORS.iter().map(|(name, _)| *name).collect();
                let near = text.and_then(|text| similar(text, names.iter().copied()));
                let hint = match near {
                    Some(near) => format!("use {near}, or a color such as #8a5a00"),
                    None => format!(
                        "write a color such as #8a5a00, or one of {}",
                        names.join(", ")
                    ),
                };
                return reject("unknown color", hint);
            };
            palette.set_color(*role, color);
        } else {
            let roles = ColorRole::ALL.iter().map(|role| role.name().to_owned());
            let names: Vec<String> = roles.chain(["background".to_owned()]).collect();
            return Err(unknown(file, name.span(), ("role", written), &names));
        }
        entries.push(TableEntry {
            name: format!("theme.{written}"),
            value: text.unwrap_or_default().to_owned(),
            line: file.line(&name.span()),
        });
    }
    Ok(palette)
}

/// Returns a color by its name, or by `#rrggbb`.
fn color(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let is_hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    let found = COLORS.iter().find(|(name, _)| *name == text);
    found.map(|(_, color)| *color)
}

/// Returns an error that suggests the nearest name.
fn unknown(
    file: Source<'_>,
    span: Range<usize>,
    (what, written): (&str, &str),
    names: &[String],
) -> AppError {
    let location = file.location(span);
    let hint = match similar(written, names.iter().map(String::as_str)) {
        Some(name) => format!("use {name}"),
        None => format!("use one of {}", names.join(", ")),
    };
    AppError::usage(format!("{location}: unknown {what} {written:?}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::file;
    use std::path::Path;

    fn tables(text: &str) -> Result<DashboardTables, String> {
        let profile = file::parse(text, Path::new("config.toml"), None);
        profile
            .map(|profile| profile.dashboard)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn keys_and_colors_are_read() {
        let text = "jobs = 2\n[keys]\nupload = \"U\"\nview-page = [\"F3\", \"Ctrl-v\"]\nundo = []\n\
            [dashboard]\nbell = true\n\
            [theme]\nbackground = \"light\"\nwarning = \"#8a5a00\"\nerror = \"bright-red\"\n";
        let tables = tables(text).unwrap();
        assert_eq!(tables.keys.name(Action::Upload), "U");
        assert_eq!(tables.keys.name(Action::Preview), "F3");
        assert_eq!(tables.keys.name(Action::Undo), ":undo");
        assert!(tables.alerts.bell && !tables.alerts.title);
        assert_eq!(tables.palette.background, Background::Light);
        let color = |role| tables.palette.color(role);
        assert_eq!(color(ColorRole::Warning), Some(Color::Rgb(0x8a, 0x5a, 0)));
        assert_eq!(color(ColorRole::Error), Some(Color::LightRed));
        let entries = tables.entries.iter();
        let entries: Vec<_> = entries
            .map(|entry| (entry.name.as_str(), entry.value.as_str(), entry.line))
            .collect();
        assert!(
            entries.contains(&("keys.view-page", "F3, Ctrl-v", 4)),
            "{entries:?}"
        );
        assert!(
            entries.contains(&("theme.background", "light", 9)),
            "{entries:?}"
        );
    }

    #[test]
    fn mistakes_name_the_line_and_the_nearest_name() {
        let check = |text: &str, expected: &[&str]| {
            let error = tables(text).unwrap_err();
            for part in expected {
                assert!(error.contains(part), "{error}\n{part}");
            }
        };
        check(
            "[keys]\nuplaod = \"U\"",
            &["line 2", "\"uplaod\"", "use upload"],
        );
        check("[keys]\nupload = \"hyper-x\"", &["line 2", "keys.upload"]);
        check("[keys]\nupload = 4", &["line 2", "keys.upload"]);
        check(
            "[keys]\nupload = \"r\"",
            &["line 2", "key r", "upload (line 2)", "retry (its own key)"],
        );
        check(
            "[keys]\nupload = \"U\"\nretry = \"U\"",
            &["line 3", "key U", "upload (line 2)", "retry (line 3)"],
        );
        check("[dashboard]\nbel = true", &["line 2", "use bell"]);
        check("[dashboard]\nbell = 1", &["line 2", "true or false"]);
        check("[keys]\nquit = []", &["line 2", "keys.quit"]);
        check("keys = 3", &["line 1", "[keys]"]);
        check(
            "[theme]\nbackground = \"grey\"",
            &["line 2", "light, dark, terminal"],
        );
        check("[theme]\nwarnings = \"red\"", &["line 2", "use warning"]);
        check("[theme]\nwarning = \"yelow\"", &["line 2", "use yellow"]);
        check(
            "[theme]\nwarning = \"#12345\"",
            &["line 2", "theme.warning"],
        );
        check(
            "[profiles.a.keys]\nupload = \"U\"",
            &["line 1", "outside of profiles"],
        );
    }
}
