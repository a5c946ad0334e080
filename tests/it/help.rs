//! Help, man page and completions: one definition, told whole in each.

use crate::harness::{Sandbox, project};
use std::collections::BTreeSet;

const COMMANDS: [&[&str]; 12] = [
    &[],
    &["banks"],
    &["upload"],
    &["session", "new"],
    &["session", "link"],
    &["session", "status"],
    &["session", "process"],
    &["sandbox"],
    &["history"],
    &["doctor"],
    &["completions"],
    &["schema"],
];

fn help(command: &[&str], flag: &str) -> String {
    let said = Sandbox::new().run([command, &[flag]].concat());
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    said.stdout
}

/// The long flags that a help defines: at the beginning of a line, but for a short one.
fn flags(help: &str) -> BTreeSet<String> {
    let defined = help.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.split_once(", ").map_or(
            line,
            |(short, rest)| {
                if short.len() == 2 { rest } else { line }
            },
        );
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

/// Whether a flag stands somewhere as a whole word.
fn names(text: &str, flag: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    text.split(flag).skip(1).any(ends)
}

#[test]
fn the_list_of_commands_is_whole() {
    let listed = help(&[], "--help");
    let commands = listed.split("Commands:\n").nth(1).unwrap();
    let commands = commands.split("\n\n").next().unwrap().lines();
    let words = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let found: BTreeSet<_> = words
        .filter(|word| !word.is_empty() && *word != "help")
        .collect();
    let known = COMMANDS
        .iter()
        .filter_map(|command| command.first().copied());
    let known: BTreeSet<_> = known.chain(["man"]).collect();
    assert_eq!(found, known);
}

#[test]
fn the_short_help_has_every_flag_and_the_long_one_examples_too() {
    for command in COMMANDS {
        let (short, long) = (help(command, "-h"), help(command, "--help"));
        assert_eq!(flags(&short), flags(&long), "{command:?}");
        assert!(!short.contains("Examples:"), "{command:?}");
    }
    for command in [&[][..], &["upload"], &["sandbox"], &["history"], &["banks"]] {
        assert!(help(command, "--help").contains("Examples:"), "{command:?}");
    }
}

#[test]
fn the_man_page_tells_every_flag_and_command() {
    let said = Sandbox::new().run(["man"]);
    let page = said.stdout.replace("\\-", "-");
    assert!(page.contains(".TH bankscreen 1"));
    for flag in all_flags() {
        assert!(names(&page, &flag), "{flag} is not in the man page");
    }
    for command in COMMANDS.iter().filter(|command| !command.is_empty()) {
        let heading = format!(".SH BANKSCREEN {}", command.join(" ").to_uppercase());
        assert!(page.contains(&heading), "{heading}");
    }
    assert!(page.contains("Exit codes:"));
    assert!(!page.contains("isolation"), "the hidden command is shown");
}

#[test]
fn completions_of_every_shell_tell_every_flag() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = Sandbox::new().run(["completions", shell]);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{shell}");
        for flag in all_flags() {
            // In fish, flags stand without their dashes behind -l.
            let name = flag.trim_start_matches('-');
            let told = match shell {
                "fish" => names(&said.stdout, &format!("-l {name}")),
                _ => names(&said.stdout, &flag),
            };
            assert!(told, "{flag} is not in the completions of {shell}");
        }
    }
}

#[test]
fn documents_tell_every_flag() {
    let documents = [
        "README.md",
        "src/guide/cookbook.md",
        "src/guide/pipelines.md",
        "src/guide/settings.md",
    ];
    let texts = documents.map(|name| std::fs::read_to_string(project().join(name)).unwrap());
    let text = texts.join("\n");
    for flag in all_flags() {
        assert!(names(&text, &flag), "{flag} is in no document");
    }
}

#[test]
fn slips_are_met_with_a_suggestion() {
    for (args, expected) in [
        (&["--chek", "a.pdf"][..], "'--check'"),
        (&["--check", "--format", "jsn", "a.pdf"], "'json'"),
        (&["upload", "--linkid", "x", "a.pdf"], "'--link-id'"),
        (&["session", "stauts"], "'status'"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        let said = Sandbox::new().run(args);
        assert_eq!(said.code, Some(2), "{args:?}");
        assert!(said.stderr.contains(expected), "{args:?}: {}", said.stderr);
    }
}
