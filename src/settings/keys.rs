//! The keys of the config file.

/// The type of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// The value of the flag of the same name, which validates it.
    Flag,
    /// A path that is the value of the flag of the same name.
    FlagPath,
    /// A path without a flag.
    Path,
    /// A command that prints a secret.
    Command,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
}

/// A key of the config file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: ValueKind,
    /// Environment variables that override it.
    pub(crate) variables: &'static [&'static str],
    /// The default; empty if there is none.
    pub(crate) default: &'static str,
}

impl Key {
    const fn new(
        name: &'static str,
        kind: ValueKind,
        variables: &'static [&'static str],
        default: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            variables,
            default,
        }
    }

    /// Returns whether `bankscreen session` uses it too. The other flags of that command describe
    /// the journey.
    pub(super) fn applies_to_sessions(&self) -> bool {
        matches!(self.name, "base_url" | "link_id" | "api_key_file")
    }
}

/// Every key, in the order in which `doctor` shows them.
pub(crate) const KEYS: [Key; 20] = [
    Key::new(
        "base_url",
        ValueKind::Flag,
        &["BANKSCREEN_BASE_URL"],
        crate::bankconnect::BaseUrl::PRODUCTION,
    ),
    Key::new("link_id", ValueKind::Flag, &["BANKSCREEN_LINK_ID"], ""),
    Key::new("api_key_file", ValueKind::FlagPath, API_KEY, ""),
    Key::new("api_key_command", ValueKind::Command, API_KEY, ""),
    Key::new("server_hash_file", ValueKind::Path, SERVER_HASH, ""),
    Key::new("server_hash_command", ValueKind::Command, SERVER_HASH, ""),
    Key::new("bank", ValueKind::Flag, &[], ""),
    Key::new("password_file", ValueKind::FlagPath, &[], ""),
    Key::new("jobs", ValueKind::Flag, &[], "all cores"),
    Key::new("max_file_size", ValueKind::Flag, &[], "100M"),
    Key::new("max_pages", ValueKind::Flag, &[], "2000"),
    Key::new("time_limit", ValueKind::Flag, &[], "10"),
    Key::new("concurrency", ValueKind::Flag, &[], "4"),
    Key::new("upload_type", ValueKind::Flag, &[], "pdf"),
    Key::new("include_warnings", ValueKind::Switch, &[], "true"),
    Key::new("log_file", ValueKind::FlagPath, &[], ""),
    Key::new(
        "color",
        ValueKind::Flag,
        &["NO_COLOR", "CLICOLOR_FORCE"],
        "auto",
    ),
    Key::new(
        "symbols",
        ValueKind::Choice(&["auto", "unicode", "ascii"]),
        &[],
        "auto",
    ),
    Key::new("mouse", ValueKind::Switch, &[], "false"),
    Key::new("default_profile", ValueKind::Flag, &[], ""),
];

const API_KEY: &[&str] = &["BANKSCREEN_API_KEY"];
const SERVER_HASH: &[&str] = &["BANKSCREEN_SERVER_HASH"];

/// Pairs of keys of which only one can be set: two sources of the same secret.
pub(super) const EXCLUSIVE_KEYS: [[&str; 2]; 2] = [
    ["api_key_file", "api_key_command"],
    ["server_hash_file", "server_hash_command"],
];

/// Returns what to use instead of a key that would contain a secret, which a config file must not.
pub(super) fn secret_alternative(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let holds = |part: &str| name.contains(part);
    if name == "server_hash" || holds("hash") {
        Some("server_hash_file, server_hash_command, or BANKSCREEN_SERVER_HASH")
    } else if holds("password") || holds("passphrase") {
        Some("password_file, with one password per line")
    } else if holds("key") || holds("secret") || holds("token") {
        Some("api_key_file, api_key_command, or BANKSCREEN_API_KEY")
    } else {
        None
    }
}

/// Returns the name that is most similar to what the user wrote, if one is close.
pub(crate) fn similar<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let normal = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let written = normal(written);
    let scored = names.map(|name| (strsim::jaro_winkler(&written, &normal(name)), name));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_suggest_the_right_one() {
        let find = |written| similar(written, KEYS.iter().map(|key| key.name));
        assert_eq!(find("colour"), Some("color"));
        assert_eq!(find("base-url"), Some("base_url"));
        assert_eq!(find("concurency"), Some("concurrency"));
        assert_eq!(find("max_size"), Some("max_file_size"));
        assert_eq!(find("weather"), None);
    }

    #[test]
    fn keys_that_would_contain_secrets_suggest_alternatives() {
        for name in ["api_key", "API-KEY", "apikey", "x_api_key", "token"] {
            let instead = secret_alternative(name);
            assert!(
                instead.is_some_and(|text| text.contains("api_key_command")),
                "{name}"
            );
        }
        assert!(secret_alternative("server_hash").is_some_and(|t| t.contains("server_hash_file")));
        assert!(secret_alternative("pdf_password").is_some_and(|t| t.contains("password_file")));
        assert_eq!(secret_alternative("jobs"), None);
    }
}
