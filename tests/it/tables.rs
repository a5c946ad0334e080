//! Compares the tables of the documents with the program.
//!
//! Tables that consist of the program's own texts are generated: `BLESS=1` updates them.

use crate::documents::document;
use crate::harness::project;
use bankscreen::cli::ExitStatus;
use bankscreen::dashboard::keymap::BINDINGS;
use bankscreen::sandbox::FaultPlan;
use bankscreen::screen::Code;
use bankscreen::statement::BankRegistry;
use bankscreen::uploads::plan::{LocalCode, OutcomeKind};

/// Splits a document into the text before the rows of a table, the rows, and the text after them.
fn split_table<'t>(text: &'t str, header: &str) -> (&'t str, &'t str, &'t str) {
    let header = text.find(&format!("{header}\n| ---")).unwrap();
    let rows: usize = header
        + text[header..]
            .split_inclusive('\n')
            .take(2)
            .map(str::len)
            .sum::<usize>();
    let end: usize = rows
        + text[rows..]
            .split_inclusive('\n')
            .take_while(|line| line.starts_with('|'))
            .map(str::len)
            .sum::<usize>();
    (&text[..rows], &text[rows..end], &text[end..])
}

/// Compares the rows of a table with generated ones, or replaces them.
fn check_generated(page: &str, header: &str, rows: impl Iterator<Item = String>) {
    let text = document(page);
    let (before, current, after) = split_table(&text, header);
    let generated: String = rows.map(|row| row + "\n").collect();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(project().join(page), [before, &generated, after].concat()).unwrap();
    } else {
        assert_eq!(
            current, generated,
            "{page} is outdated; BLESS=1 cargo test --test it tables updates it"
        );
    }
}

/// Returns the code span in the first cell of each row of a table.
fn listed(page: &str, header: &str) -> Vec<String> {
    let text = document(page);
    let (_, rows, _) = split_table(&text, header);
    let first = |row: &str| Some(row.strip_prefix("| `")?.split('`').next()?.to_owned());
    rows.lines().map(|row| first(row).unwrap()).collect()
}

#[test]
fn the_codes_page_lists_finding_codes_with_the_texts_of_the_program() {
    let rows = Code::ALL.into_iter().map(|code| {
        let explanation = code.explain();
        let severity = explanation.severity.name();
        let (when, hint) = (explanation.when, explanation.hint);
        format!("| `{code}` | {severity} | {when} | {hint} |")
    });
    let header = "| code | severity | when | what to do |";
    check_generated("src/guide/codes.md", header, rows);
}

#[test]
fn the_dashboard_page_lists_keys_with_the_texts_of_the_program() {
    let rows = BINDINGS.iter().map(|binding| {
        let keys: Vec<_> = binding
            .keys
            .iter()
            .map(|key| format!("`{}`", key.name()))
            .collect();
        let keys = keys.join(", ");
        format!("| {keys} | {} | {} |", binding.short, binding.long)
    });
    let header = "| keys | command | description |";
    check_generated("src/guide/dashboard.md", header, rows);
}

#[test]
fn the_codes_page_lists_every_upload_outcome() {
    let listed = listed("src/guide/codes.md", "| outcome | meaning |");
    assert_eq!(listed, OutcomeKind::ALL.map(OutcomeKind::name));
}

#[test]
fn the_codes_page_lists_every_code_of_an_outcome() {
    let listed = listed("src/guide/codes.md", "| code | outcome | meaning |");
    let expected = LocalCode::ALL.iter().map(|code| code.name());
    assert_eq!(listed, expected.collect::<Vec<_>>());
}

#[test]
fn the_codes_page_lists_every_exit_code() {
    const SIGNALS: [i32; 3] = [2, 15, 1];
    let text = document("src/guide/codes.md");
    let section = text.split("\n## Exit codes\n").nth(1).unwrap();
    let (_, rows, _) = split_table(section, "| code | meaning |");
    let cells = rows
        .lines()
        .filter_map(|row| row.strip_prefix("| ")?.split(" |").next());
    let listed: Vec<u8> = cells
        .flat_map(|cell| cell.split(", "))
        .map(|code| code.parse().unwrap())
        .collect();
    let statuses = [
        ExitStatus::Passed,
        ExitStatus::Failed,
        ExitStatus::NotDone,
        ExitStatus::Unavailable,
    ];
    let statuses = statuses.into_iter();
    let statuses = statuses.chain(SIGNALS.map(ExitStatus::Interrupted));
    let statuses = statuses.chain([ExitStatus::ReaderGone]);
    assert_eq!(listed, statuses.map(ExitStatus::code).collect::<Vec<_>>());
}

#[test]
fn the_sandbox_page_lists_every_fault() {
    let listed = listed(
        "src/guide/sandbox.md",
        "| fault | what happens | file processed |",
    );
    assert_eq!(listed.join(", "), FaultPlan::names());
}

#[test]
fn the_readme_counts_the_banks() {
    let count = BankRegistry::default().all().len();
    let expected = format!("identifiers for {count} banks");
    assert!(document("README.md").contains(&expected), "{expected}");
}

#[test]
fn the_readme_names_only_existing_finding_codes() {
    let text = document("README.md");
    let (_, rows, _) = split_table(&text, "| problem | finding codes |");
    for name in rows.split('`').skip(1).step_by(2) {
        assert!(Code::ALL.iter().any(|code| code.name() == name), "{name}");
    }
}
