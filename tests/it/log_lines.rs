//! Reads event logs and checks every line against the documented table of events.

use crate::harness::{TestDir, project};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The name of the log file in the tests.
pub(crate) const LOG: &str = "night.log";

/// Returns the documented events with the fields that are specific to each.
pub(crate) fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string(project().join("src/guide/pipelines.md")).unwrap();
    let section = page.split("\n## The event log\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let code_spans = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let name: Vec<String> = code_spans(cells[1]);
        (name[0].clone(), code_spans(cells[3]).into_iter().collect())
    };
    rows.map(row).collect()
}

/// Reads the events of a log and checks each against the documented table.
pub(crate) fn events(folder: &TestDir) -> Vec<Value> {
    let documented = documented();
    let text = fs::read_to_string(folder.path().join(LOG)).unwrap();
    assert!(text.ends_with('\n'));
    let mut last_times: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut events = Vec::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        let fields = event.as_object().unwrap();
        let name = event["event"].as_str().unwrap();
        let own_fields = documented
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not documented"));
        let common = ["time", "level", "run", "event"].map(str::to_owned);
        let expected: BTreeSet<_> = own_fields.iter().cloned().chain(common).collect();
        assert_eq!(
            fields.keys().cloned().collect::<BTreeSet<_>>(),
            expected,
            "{name}"
        );
        let level = event["level"].as_str().unwrap();
        assert!(["info", "warning", "error"].contains(&level), "{line}");
        let time = event["time"].as_str().unwrap();
        let timestamp: Timestamp = time.parse().unwrap();
        assert_eq!(format!("{timestamp:.3}"), time, "UTC, with milliseconds");
        let run = event["run"].as_str().unwrap().to_owned();
        let previous = last_times.insert(run, timestamp);
        assert!(
            previous.is_none_or(|previous| previous <= timestamp),
            "{line}"
        );
        events.push(event);
    }
    events
}

/// Returns the events with a name.
pub(crate) fn named<'e>(events: &'e [Value], name: &str) -> Vec<&'e Value> {
    events
        .iter()
        .filter(|event| event["event"] == name)
        .collect()
}

/// Returns the event with a name and asserts that there is only one.
pub(crate) fn only<'e>(events: &'e [Value], name: &str) -> &'e Value {
    let found = named(events, name);
    assert_eq!(found.len(), 1, "{name}: {events:#?}");
    found[0]
}

/// Creates a folder with duplicate statements, a scan and a file that is not a PDF. The name of the
/// scan contains a line break, a forged event and an account number.
pub(crate) fn mixed() -> TestDir {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "in/a.pdf");
    folder.copy("banks/hdfc.pdf", "in/b.pdf");
    let name = "in/c\n{\"event\":\"run_ended\"}\u{2028}\u{202e}_50100123456789.pdf";
    folder.copy("pages/scan_jpeg.pdf", name);
    folder.write("in/d.pdf", "not a PDF");
    folder
}
