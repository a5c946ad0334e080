//! Checks the dependencies (licences, sources, number) and the content of the package.

use crate::harness::project;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Maximum number of packages in the lock file, including test dependencies and other platforms.
///
/// CONTRIBUTING.md lists which dependencies bring them. Increase the limit only on purpose.
const MAX_LOCKED_PACKAGES: usize = 455;
/// Maximum number of packages in the program on this platform.
const MAX_LINKED_PACKAGES: usize = 329;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(project())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the licences that `.deny.toml` allows.
fn allowed_licences() -> BTreeSet<String> {
    let policy = std::fs::read_to_string(project().join(".deny.toml")).unwrap();
    let policy: toml::Table = policy.parse().unwrap();
    let allow = policy["licenses"]["allow"].as_array().unwrap();
    allow
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// Returns whether allowed licences satisfy an SPDX expression.
///
/// An example is `(MIT OR Apache-2.0) AND Unicode-3.0`; `AND` binds more tightly than `OR`.
fn is_satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<_> = expression.split_whitespace().collect();
    let (satisfied, rest) = parse_or(&words, allowed);
    assert!(rest.is_empty(), "{expression}");
    satisfied
}

fn parse_or<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut satisfied, mut rest) = parse_and(words, allowed);
    while let ["OR", more @ ..] = rest {
        let (other, after) = parse_and(more, allowed);
        (satisfied, rest) = (satisfied | other, after);
    }
    (satisfied, rest)
}

fn parse_and<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut satisfied, mut rest) = parse_licence(words, allowed);
    while let ["AND", more @ ..] = rest {
        let (other, after) = parse_licence(more, allowed);
        (satisfied, rest) = (satisfied & other, after);
    }
    (satisfied, rest)
}

fn parse_licence<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => {
            let (satisfied, rest) = parse_or(inside, allowed);
            (satisfied, rest.strip_prefix(&[")"]).unwrap())
        }
        [licence, "WITH", exception, rest @ ..] => (
            allowed.contains(&format!("{licence} WITH {exception}")),
            rest,
        ),
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, words),
    }
}

#[test]
fn licence_expressions_are_evaluated() {
    let allowed = BTreeSet::from(["MIT", "ISC", "A WITH e"].map(str::to_owned));
    for satisfied in [
        "MIT",
        "GPL/MIT",
        "(GPL OR MIT) AND ISC",
        "GPL OR MIT AND ISC",
        "A WITH e",
    ] {
        assert!(is_satisfied(satisfied, &allowed), "{satisfied}");
    }
    for unsatisfied in [
        "GPL",
        "MIT AND GPL",
        "GPL OR (MIT AND GPL)",
        "A",
        "B WITH e",
    ] {
        assert!(!is_satisfied(unsatisfied, &allowed), "{unsatisfied}");
    }
}

#[test]
fn every_package_has_an_allowed_licence_and_comes_from_the_registry() {
    // Packages of other platforms may be missing, because the test runs offline.
    let version = cargo(&["version", "--verbose"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata = [
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        host,
    ];
    let metadata = cargo(&metadata);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let allowed = allowed_licences();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_satisfied(licence, &allowed), "{name}: {licence}");
        let source = package["source"].as_str();
        let is_registry = source.is_none_or(|source| source.starts_with("registry+"));
        assert!(
            is_registry && (source.is_some() || name == "bankscreen"),
            "{name}: {source:?}"
        );
    }
}

#[test]
fn the_number_of_packages_is_limited() {
    let lock = std::fs::read_to_string(project().join("Cargo.lock")).unwrap();
    let locked = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        locked <= MAX_LOCKED_PACKAGES,
        "{locked} locked packages exceed MAX_LOCKED_PACKAGES"
    );
    let tree = cargo(&[
        "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
    ]);
    let linked: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(
        linked.len() <= MAX_LINKED_PACKAGES,
        "{} linked packages exceed MAX_LINKED_PACKAGES",
        linked.len()
    );
}

#[test]
fn the_package_contains_only_what_the_build_needs() {
    let listed = cargo(&["package", "--list", "--allow-dirty"]);
    let top_level: BTreeSet<_> = listed
        .lines()
        .filter_map(|line| line.split('/').next())
        .collect();
    let generated = ["Cargo.toml.orig", ".cargo_vcs_info.json"];
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
    ];
    let expected = expected
        .into_iter()
        .chain(["README.md", "src"])
        .chain(generated);
    let unexpected: Vec<_> = top_level.difference(&expected.collect()).copied().collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    for required in [
        "src/main.rs",
        "src/report/record.schema.json",
        "src/report/html/page.css",
    ] {
        assert!(listed.lines().any(|line| line == required), "{required}");
    }
}

/// With an override for the package itself, cargo does not apply `strip` to it, and the released
/// program has all symbols.
#[test]
fn no_profile_overrides_the_package_itself() {
    let manifest = std::fs::read_to_string(project().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("strip = \"symbols\""));
    let mut overrides = manifest
        .lines()
        .filter(|line| line.starts_with("[profile."));
    assert!(overrides.all(|line| !line.ends_with(".bankscreen]")));
}
