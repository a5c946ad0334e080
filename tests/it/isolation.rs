//! Files that no engine can be trusted with cost themselves alone.

use crate::harness::TestDir;
use crate::pty::HANG_GUARD;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Provokes repair that never ends.
fn flood() -> Vec<u8> {
    [
        b"%PDF-1.4\n".to_vec(),
        b"1 0 obj ( endobj\n".repeat(200_000),
    ]
    .concat()
}

/// A composite font that claims two thousand million widths, which exhausts memory.
fn memory_hog() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
      2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
      3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R\
      /Resources<</Font<</F 5 0 R>>>>>>endobj\n\
      4 0 obj<</Length 38>>stream\nBT /F 12 Tf 1 1 Td <00410042> Tj ET    \nendstream endobj\n\
      5 0 obj<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]>>\
      endobj\n6 0 obj<</Type/Font/Subtype/CIDFontType2/BaseFont/X/W[0 2147483647 500]\
      /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>endobj\n\
      trailer<</Root 1 0 R>>\n"
        .to_vec()
}

/// Screens one hostile file between two good ones; gives its record.
fn screened_among_good_ones(hostile: Vec<u8>, time_limit: &str) -> serde_json::Value {
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "in/1.pdf");
    sandbox.write("in/2.pdf", hostile);
    sandbox.copy("banks/sbi.pdf", "in/3.pdf");
    let args = ["--check", "--format", "ndjson", "--time-limit", time_limit];
    let said = sandbox.run(args.iter().chain(&["in"]));
    assert_eq!(said.code, Some(1), "{}", said.all());
    let mut records = said.records();
    let verdicts: Vec<_> = records.iter().map(|r| r["verdict"].clone()).collect();
    assert_eq!(verdicts, ["pass", "fail", "pass"]);
    records.swap_remove(1)
}

#[test]
fn a_file_that_takes_forever_costs_its_own_time_alone() {
    let record = screened_among_good_ones(flood(), "4");
    assert_eq!(record["findings"][0]["code"], "LIMIT_EXCEEDED");
    assert!(
        record["sha256"].is_string(),
        "what was read is still identified"
    );
}

#[test]
fn a_file_that_takes_all_memory_is_told_its_limit() {
    // Time enough to fill the memory on a busy machine.
    let record = screened_among_good_ones(memory_hog(), "120");
    let findings = record["findings"].as_array().unwrap();
    let mut messages = findings.iter().filter_map(|f| f["message"].as_str());
    assert!(
        messages.any(|message| message.contains("MiB")),
        "{findings:?}"
    );
}

#[test]
fn a_font_that_even_its_program_does_not_explain_stays_unmapped() {
    let sandbox = TestDir::new();
    sandbox.copy("pages/cid_unmapped.pdf", "a.pdf");
    let said = sandbox.run(["--check", "--format", "ndjson", "a.pdf"]);
    assert_eq!(said.records()[0]["pages"]["map"], "U");
    assert_eq!(said.code, Some(1));
}

#[test]
fn the_hidden_argument_alone_does_nothing() {
    let said = TestDir::new().run_with_input(["screen-isolated"], b"not a request");
    assert_eq!(said.code, Some(2));
    assert_eq!(said.stdout, "");
}

/// Children of a process, by the kernel's word.
fn children(parent: u32) -> Vec<u32> {
    let list = format!("/proc/{parent}/task/{parent}/children");
    let own = std::fs::read_to_string(list).unwrap_or_default();
    let threads = std::fs::read_dir(format!("/proc/{parent}/task"))
        .into_iter()
        .flatten();
    let lists =
        threads.filter_map(|t| std::fs::read_to_string(t.ok()?.path().join("children")).ok());
    let all = lists.chain([own]).collect::<Vec<_>>().join(" ");
    all.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

fn wait_for(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + HANG_GUARD;
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn start_with_jailed_child(sandbox: &TestDir) -> (Child, u32) {
    sandbox.write("flood.pdf", flood());
    // Far beyond the hang guard: only the signal can end the run.
    let mut command = sandbox.command(["--check", "--time-limit", "3600", "flood.pdf"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let parent = command.spawn().unwrap();
    let mut found = Vec::new();
    assert!(wait_for(|| {
        found = children(parent.id());
        !found.is_empty()
    }));
    (parent, found[0])
}

fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie is dead, and waits for init to notice.
    Path::new(&format!("/proc/{pid}")).exists() && !status.contains(") Z ")
}

#[test]
fn no_child_outlives_its_parent() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let sandbox = TestDir::new();
        let (mut parent, child) = start_with_jailed_child(&sandbox);
        let pid = Pid::from_raw(parent.id().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
        assert!(
            wait_for(|| parent.try_wait().unwrap().is_some()),
            "{signal:?} does not end the run"
        );
        assert!(
            wait_for(|| !is_alive(child)),
            "{signal:?} leaves a child behind"
        );
    }
}
