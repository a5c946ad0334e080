//! Help, man page, completions and documents: all list the same commands and flags.

use crate::documents::{document, documents};
use crate::harness::TestDir;
use std::collections::BTreeSet;

/// Every command except the hidden one, as typed.
const COMMANDS: [&[&str]; 23] = [
    &[],
    &["banks"],
    &["upload"],
    &["session"],
    &["session", "new"],
    &["session", "link"],
    &["session", "status"],
    &["session", "process"],
    &["session", "report"],
    &["session", "webhook"],
    &["session", "forget"],
    &["sandbox"],
    &["history"],
    &["history", "forget"],
    &["forms"],
    &["forms", "export"],
    &["forms", "import"],
    &["forms", "logos"],
    &["forms", "forget"],
    &["doctor"],
    &["schema"],
    &["completions"],
    &["man"],
];

fn help(command: &[&str], flag: &str) -> String {
    let output = TestDir::new().run([command, &[flag]].concat());
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    output.stdout
}

/// Returns the long flags that a help text defines.
fn flags(help: &str) -> BTreeSet<String> {
    let defined = help.lines().filter_map(|line| {
        let line = line.trim_start();
        // A short flag can precede the long one: `-q, --quiet`.
        let line = match line.split_once(", ") {
            Some((short, rest)) if short.len() == 2 => rest,
            _ => line,
        };
        let name: String = line
            .strip_prefix("--")?
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        Some(format!("--{name}"))
    });
    defined.collect()
}

fn all_flags() -> BTreeSet<String> {
    COMMANDS
        .iter()
        .flat_map(|command| flags(&help(command, "--help")))
        .collect()
}

/// Whether a text contains a flag as a whole word.
fn contains_flag(text: &str, flag: &str) -> bool {
    let ends_word = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    text.split(flag).skip(1).any(ends_word)
}

#[test]
fn help_of_every_command() {
    for command in COMMANDS {
        let name = match command {
            [] => "bankscreen".to_owned(),
            words => words.join("_"),
        };
        insta::assert_snapshot!(name, help(command, "--help"));
    }
}

#[test]
fn the_help_lists_every_command() {
    let help = help(&[], "--help");
    let commands = help.split("Commands:\n").nth(1).unwrap();
    let commands = commands.split("\n\n").next().unwrap().lines();
    let names = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let listed: BTreeSet<_> = names
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    let expected = COMMANDS
        .iter()
        .filter_map(|command| command.first().copied());
    assert_eq!(listed, expected.collect());
}

#[test]
fn short_help_lists_every_flag_and_long_help_adds_examples() {
    for command in COMMANDS {
        let (short, long) = (help(command, "-h"), help(command, "--help"));
        assert_eq!(flags(&short), flags(&long), "{command:?}");
        assert!(!short.contains("Examples:"), "{command:?}");
    }
    for command in COMMANDS {
        let help = help(command, "--help");
        let examples = help.split("\nExamples:\n").nth(1).unwrap_or_default();
        let examples = examples.split("\n\n").next().unwrap();
        let calls = examples.lines().filter(|line| line.contains("bankscreen "));
        assert!(calls.count() >= 2, "{command:?}");
    }
}

#[test]
fn the_man_page_lists_every_flag_and_command() {
    let output = TestDir::new().run(["man"]);
    let page = output.stdout.replace("\\-", "-");
    assert!(page.contains(".TH bankscreen 1"));
    for flag in all_flags() {
        assert!(contains_flag(&page, &flag), "the man page lacks {flag}");
    }
    for command in COMMANDS.iter().filter(|command| !command.is_empty()) {
        let heading = format!(".SH BANKSCREEN {}", command.join(" ").to_uppercase());
        assert!(page.contains(&heading), "{heading}");
    }
    assert!(page.contains("Exit codes:"));
    assert!(
        !page.contains("isolation"),
        "the man page lists the hidden command"
    );
}

#[test]
fn completions_of_every_shell_list_every_flag() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = TestDir::new().run(["completions", shell]);
        let result = (output.code, output.stderr.as_str());
        assert_eq!(result, (Some(0), ""), "{shell}");
        for flag in all_flags() {
            // Fish completions write `-l name` instead of `--name`.
            let name = flag.trim_start_matches('-');
            let listed = match shell {
                "fish" => contains_flag(&output.stdout, &format!("-l {name}")),
                _ => contains_flag(&output.stdout, &flag),
            };
            assert!(listed, "the completions of {shell} lack {flag}");
        }
    }
}

#[test]
fn the_documents_mention_every_flag() {
    let texts: Vec<_> = documents().iter().map(|name| document(name)).collect();
    let text = texts.join("\n");
    for flag in all_flags() {
        assert!(contains_flag(&text, &flag), "no document mentions {flag}");
    }
}

#[test]
fn a_misspelled_argument_gets_a_suggestion() {
    for (args, suggestion) in [
        (&["--chek", "a.pdf"][..], "'--check'"),
        (&["--check", "--format", "jsn", "a.pdf"], "'json'"),
        (&["upload", "--linkid", "x", "a.pdf"], "'--link-id'"),
        (&["session", "stauts"], "'status'"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        let output = TestDir::new().run(args);
        assert_eq!(output.code, Some(2), "{args:?}");
        assert!(
            output.stderr.contains(suggestion),
            "{args:?}: {}",
            output.stderr
        );
    }
}
