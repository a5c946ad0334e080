//! Proxies and root certificates, the terminal, and the locale.

use super::{Diagnosis, Fact};
use crate::bankconnect::BaseUrl;
use crate::report::Symbols;
use crate::settings::environment::{self, variable};
use crate::settings::{ColorChoice, Settings};
use std::io::{self, IsTerminal};
use url::Url;

const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
const CERTIFICATES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Adds network and terminal.
pub(super) fn diagnose(settings: &Settings, diagnosis: &mut Diagnosis) {
    let mut facts = Vec::new();
    for name in PROXIES.into_iter().chain(CERTIFICATES) {
        let value = variable(name);
        let value = value.map(|value| masked(&value.to_string_lossy()));
        facts.extend(value.map(|value| Fact::new(name, value, Some("environment"))));
    }
    let base = variable("BANKSCREEN_BASE_URL");
    let base = base.map(|base| base.to_string_lossy().into_owned());
    let base = base.as_deref().or(settings.profile.text("base_url"));
    let base = BaseUrl::parse(base.unwrap_or(BaseUrl::PRODUCTION));
    if facts.is_empty() {
        facts.push(Fact::new("proxy", "none", Some("environment")));
    } else if base.is_ok_and(|base| base.is_loopback()) {
        facts.push(Fact::new(
            "proxy",
            "not used: the service is on this machine",
            None,
        ));
    }
    diagnosis.add_section("network", facts);
    diagnosis.add_section("terminal", terminal(settings));
}

/// Returns an address with its credentials masked.
fn masked(value: &str) -> String {
    if let Ok(mut url) = Url::parse(value)
        && url.host().is_some()
    {
        let secret = !url.username().is_empty() || url.password().is_some();
        let wiped = url.set_password(None).and_then(|()| url.set_username(""));
        if secret && wiped.is_ok() && url.set_username("***").is_ok() {
            return url.to_string();
        }
        if !secret {
            return value.to_owned();
        }
    }
    match value.rsplit_once('@') {
        Some((_, host)) => format!("***@{host}"),
        None => value.to_owned(),
    }
}

fn terminal(settings: &Settings) -> Vec<Fact> {
    let yes = |on: bool| if on { "yes" } else { "no" };
    let fact = |name: &str| {
        let value = variable(name)?;
        Some(Fact::new(
            name,
            value.to_string_lossy(),
            Some("environment"),
        ))
    };
    let mut facts = vec![Fact::new(
        "standard output is a terminal",
        yes(io::stdout().is_terminal()),
        None,
    )];
    let size = terminal_size::terminal_size();
    facts.extend(size.map(|(width, height)| {
        Fact::new(
            "size",
            format!("{} columns, {} rows", width.0, height.0),
            None,
        )
    }));
    facts.push(Fact::new(
        "colours",
        yes(environment::color(ColorChoice::Auto, None)),
        None,
    ));
    let symbols = match settings.symbols() {
        Symbols::Unicode => "Unicode",
        Symbols::Ascii => "ASCII",
    };
    let source = if settings
        .profile
        .text("symbols")
        .is_some_and(|choice| choice != "auto")
    {
        "settings"
    } else {
        "locale"
    };
    facts.push(Fact::new("symbols", symbols, Some(source)));
    let mouse = if settings.mouse() {
        "captured by the dashboard"
    } else {
        "used by the terminal"
    };
    facts.push(Fact::new("mouse", mouse, None));
    let names = [
        "TERM",
        "COLORTERM",
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
        "SSH_CONNECTION",
        "TMUX",
    ];
    facts.extend(names.into_iter().filter_map(fact));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_proxies_are_masked() {
        let check = |value: &str, expected: &str| {
            assert_eq!(masked(value), expected);
        };
        check("http://proxy.example:3128", "http://proxy.example:3128");
        check(
            "http://user:canary@proxy.example:3128",
            "http://***@proxy.example:3128/",
        );
        check("http://canary@proxy.example", "http://***@proxy.example/");
        check("user:canary@proxy.example:3128", "***@proxy.example:3128");
        check("localhost,.example", "localhost,.example");
    }
}
