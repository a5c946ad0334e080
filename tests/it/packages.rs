//! The packages that the program is made of: licences, sources, and how many.

use crate::harness::project;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// Packages in the lock file, with this one, those of the tests and those of other systems.
/// CONTRIBUTING says what brings them. Raising the number is a decision, not an accident.
const MOST_LOCKED: usize = 445;
/// Those that end up in the program on this system.
const MOST_BUILT_IN: usize = 320;

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

/// The licences that the policy allows.
fn allowed() -> BTreeSet<String> {
    let policy = std::fs::read_to_string(project().join(".deny.toml")).unwrap();
    let policy: toml::Table = policy.parse().unwrap();
    let allow = policy["licenses"]["allow"].as_array().unwrap();
    allow
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// Whether an expression such as `(MIT OR Apache-2.0) AND Unicode-3.0` can be met by licences that
/// are allowed. `AND` binds more tightly than `OR`.
fn can_be_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<_> = expression.split_whitespace().collect();
    let (met, rest) = either(&words, allowed);
    assert!(rest.is_empty(), "{expression}");
    met
}

fn either<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = all(words, allowed);
    while let ["OR", more @ ..] = rest {
        let (other, after) = all(more, allowed);
        (met, rest) = (met | other, after);
    }
    (met, rest)
}

fn all<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND", more @ ..] = rest {
        let (other, after) = one(more, allowed);
        (met, rest) = (met & other, after);
    }
    (met, rest)
}

fn one<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => {
            let (met, rest) = either(inside, allowed);
            (met, rest.strip_prefix(&[")"]).unwrap())
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
fn expressions_of_licences_are_understood() {
    let allowed = BTreeSet::from(["MIT", "ISC", "A WITH e"].map(str::to_owned));
    for met in [
        "MIT",
        "GPL/MIT",
        "(GPL OR MIT) AND ISC",
        "GPL OR MIT AND ISC",
        "A WITH e",
    ] {
        assert!(can_be_met(met, &allowed), "{met}");
    }
    for unmet in [
        "GPL",
        "MIT AND GPL",
        "GPL OR (MIT AND GPL)",
        "A",
        "B WITH e",
    ] {
        assert!(!can_be_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_package_may_be_passed_on_and_comes_from_the_registry() {
    // Packages of other systems are not there unless someone has fetched them.
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
    let allowed = allowed();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(can_be_met(licence, &allowed), "{name}: {licence}");
        let source = package["source"].as_str();
        let known = source.is_none_or(|source| source.starts_with("registry+"));
        assert!(
            known && (source.is_some() || name == "bankscreen"),
            "{name}: {source:?}"
        );
    }
}

#[test]
fn packages_do_not_grow_unseen() {
    let lock = std::fs::read_to_string(project().join("Cargo.lock")).unwrap();
    let locked = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        locked <= MOST_LOCKED,
        "{locked} packages are locked: see MOST_LOCKED"
    );
    let tree = cargo(&[
        "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
    ]);
    let built: BTreeSet<_> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(
        built.len() <= MOST_BUILT_IN,
        "{} packages: see MOST_BUILT_IN",
        built.len()
    );
}

#[test]
fn the_package_holds_what_builds_and_no_more() {
    let listed = cargo(&["package", "--list", "--allow-dirty"]);
    let tops: BTreeSet<_> = listed
        .lines()
        .filter_map(|line| line.split('/').next())
        .collect();
    let written = ["Cargo.toml.orig", ".cargo_vcs_info.json"];
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
        .chain(written);
    let unexpected: Vec<_> = tops.difference(&expected.collect()).copied().collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    for needed in [
        "src/main.rs",
        "src/report/record.schema.json",
        "src/report/html/page.css",
    ] {
        assert!(listed.lines().any(|line| line == needed), "{needed}");
    }
}
