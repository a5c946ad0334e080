//! Walks through the guide's table of calls: exit code, standard output, standard error.

use crate::documents::{Environment, document};
use std::fmt::Write as _;
use std::fs;

/// A row of the table.
struct Call {
    script: String,
    code: i32,
    stdout: String,
    stderr: String,
}

fn calls() -> Vec<Call> {
    let page = document("src/guide/codes.md");
    let section = page.split("\n## How each call ends\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let call = |row: &str| {
        let row = row.replace("\\|", "\u{1}");
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let script = cells[0].split('`').next().unwrap();
        Call {
            script: script.replace('\u{1}', "|"),
            code: cells[1].parse().unwrap(),
            stdout: cells[2].to_owned(),
            stderr: cells[3].to_owned(),
        }
    };
    rows.map(call).collect()
}

/// Whether a text report is complete: its last line counts the files.
fn is_report(script: &str, stdout: &str) -> bool {
    if script.contains("--format json") {
        return serde_json::from_str::<serde_json::Value>(stdout).is_ok();
    }
    let counts = stdout.lines().rfind(|line| line.contains(" file"));
    counts.is_some_and(|line| line.contains("pass") || line.contains("uploads"))
}

#[test]
fn each_call_of_the_guide_ends_as_documented() {
    let environment = Environment::new("");
    fs::create_dir(environment.folder().join("empty")).unwrap();
    let calls = calls();
    assert!(calls.len() > 40, "{}", calls.len());
    let mut wrong = String::new();
    for call in calls {
        let mut script = environment.script(&call.script);
        script.env("PERIOD", "--from 01/04/2024 --to 30/06/2024");
        let output = script.output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout_matches = match call.stdout.as_str() {
            "report" => is_report(&call.script, &stdout),
            "text" => !stdout.is_empty(),
            "nothing" => stdout.is_empty(),
            other => panic!("{other}"),
        };
        let stderr_matches = match call.stderr.as_str() {
            "message" => ["error:", "warning:", "note:"]
                .iter()
                .any(|start| stderr.starts_with(start)),
            "nothing" => stderr.is_empty(),
            other => panic!("{other}"),
        };
        let code = output.status.code();
        if code != Some(call.code) || !stdout_matches || !stderr_matches {
            let script = &call.script;
            writeln!(
                wrong,
                "{script}: exit code {code:?}\n{stdout}--- stderr ---\n{stderr}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
