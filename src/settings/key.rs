//! The keys that a config file may hold.

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The value of the flag of the same name, which checks it.
    Flag,
    /// The same, and a path.
    FlagPath,
    /// A path that no flag gives.
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
    pub(crate) kind: Kind,
    /// Variables that beat it.
    pub(crate) variables: &'static [&'static str],
    /// What is in force without it; empty where nothing is.
    pub(crate) otherwise: &'static str,
}

impl Key {
    const fn new(
        name: &'static str,
        kind: Kind,
        variables: &'static [&'static str],
        otherwise: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            variables,
            otherwise,
        }
    }

    /// Whether it means something to `bankscreen session` too, whose flags are of the journey.
    pub(super) fn is_of_sessions(&self) -> bool {
        matches!(self.name, "base_url" | "link_id" | "api_key_file")
    }
}

/// Every key, in the order in which they are told.
pub(crate) const KEYS: [Key; 20] = [
    Key::new(
        "base_url",
        Kind::Flag,
        &["BANKSCREEN_BASE_URL"],
        crate::bankconnect::BaseUrl::PRODUCTION,
    ),
    Key::new("link_id", Kind::Flag, &["BANKSCREEN_LINK_ID"], ""),
    Key::new("api_key_file", Kind::FlagPath, API_KEY, ""),
    Key::new("api_key_command", Kind::Command, API_KEY, ""),
    Key::new("server_hash_file", Kind::Path, SERVER_HASH, ""),
    Key::new("server_hash_command", Kind::Command, SERVER_HASH, ""),
    Key::new("bank", Kind::Flag, &[], ""),
    Key::new("password_file", Kind::FlagPath, &[], ""),
    Key::new("jobs", Kind::Flag, &[], "all cores"),
    Key::new("max_file_size", Kind::Flag, &[], "100M"),
    Key::new("max_pages", Kind::Flag, &[], "2000"),
    Key::new("time_limit", Kind::Flag, &[], "10"),
    Key::new("concurrency", Kind::Flag, &[], "4"),
    Key::new("upload_type", Kind::Flag, &[], "pdf"),
    Key::new("include_warnings", Kind::Switch, &[], "true"),
    Key::new("log_file", Kind::FlagPath, &[], ""),
    Key::new("color", Kind::Flag, &["NO_COLOR", "CLICOLOR_FORCE"], "auto"),
    Key::new(
        "symbols",
        Kind::Choice(&["auto", "unicode", "ascii"]),
        &[],
        "auto",
    ),
    Key::new("mouse", Kind::Switch, &[], "false"),
    Key::new("default_profile", Kind::Flag, &[], ""),
];

const API_KEY: &[&str] = &["BANKSCREEN_API_KEY"];
const SERVER_HASH: &[&str] = &["BANKSCREEN_SERVER_HASH"];

/// Keys of which one at a time makes sense: two ways to the same secret.
pub(super) const RIVALS: [[&str; 2]; 2] = [
    ["api_key_file", "api_key_command"],
    ["server_hash_file", "server_hash_command"],
];

/// What a config file must not hold, with what to use instead.
pub(super) fn instead_of_secret(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let holds = |part: &str| name.contains(part);
    if name == "server_hash" || holds("hash") {
        Some("server_hash_file, server_hash_command, or BANKSCREEN_SERVER_HASH")
    } else if holds("password") || holds("passphrase") {
        Some("password_file, with one password a line")
    } else if holds("key") || holds("secret") || holds("token") {
        Some("api_key_file, api_key_command, or BANKSCREEN_API_KEY")
    } else {
        None
    }
}

/// The key or name most like what was written, if one is close.
pub(super) fn similar<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_ascii_lowercase().replace('-', "_");
    let scored = names.map(|name| (strsim::jaro_winkler(&written, name), name));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_key() {
        let find = |written| similar(written, KEYS.iter().map(|key| key.name));
        assert_eq!(find("colour"), Some("color"));
        assert_eq!(find("base-url"), Some("base_url"));
        assert_eq!(find("concurency"), Some("concurrency"));
        assert_eq!(find("max_size"), Some("max_file_size"));
        assert_eq!(find("weather"), None);
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["api_key", "API-KEY", "apikey", "x_api_key", "token"] {
            let instead = instead_of_secret(name);
            assert!(
                instead.is_some_and(|text| text.contains("api_key_command")),
                "{name}"
            );
        }
        assert!(instead_of_secret("server_hash").is_some_and(|t| t.contains("server_hash_file")));
        assert!(instead_of_secret("pdf_password").is_some_and(|t| t.contains("password_file")));
        assert_eq!(instead_of_secret("jobs"), None);
    }
}
