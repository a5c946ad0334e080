//! End-to-end tests of the isolated process: a hostile file affects only its own result.

use crate::harness::{HANG_GUARD, TestDir};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Returns a file whose repair takes longer than any time limit.
fn slow_repair_file() -> Vec<u8> {
    [
        b"%PDF-1.4\n".to_vec(),
        b"1 0 obj ( endobj\n".repeat(200_000),
    ]
    .concat()
}

/// Returns a file with a composite font of 2,147,483,647 widths, which exhausts memory.
fn memory_exhausting_file() -> Vec<u8> {
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

/// Screens a hostile file between two good ones and returns its record.
fn screen_between_good_files(hostile: Vec<u8>, time_limit: &str) -> serde_json::Value {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "in/1.pdf");
    folder.write("in/2.pdf", hostile);
    folder.copy("banks/sbi.pdf", "in/3.pdf");
    let args = ["--check", "--format", "ndjson", "--time-limit", time_limit];
    let output = folder.run(args.iter().chain(&["in"]));
    assert_eq!(output.code, Some(1), "{}", output.all());
    let mut records = output.records();
    let verdicts: Vec<_> = records.iter().map(|r| r["verdict"].clone()).collect();
    assert_eq!(verdicts, ["pass", "fail", "pass"]);
    records.swap_remove(1)
}

#[test]
fn a_file_that_exceeds_the_time_limit_does_not_affect_other_files() {
    let record = screen_between_good_files(slow_repair_file(), "4");
    assert_eq!(record["findings"][0]["code"], "LIMIT_EXCEEDED");
    assert!(
        record["sha256"].is_string(),
        "the hash is reported even if screening was stopped"
    );
}

#[test]
fn a_file_that_exhausts_memory_reports_the_memory_limit() {
    // Long enough to exhaust the memory on a busy machine.
    let record = screen_between_good_files(memory_exhausting_file(), "120");
    let findings = record["findings"].as_array().unwrap();
    let mut messages = findings.iter().filter_map(|f| f["message"].as_str());
    assert!(
        messages.any(|message| message.contains("MiB")),
        "{findings:?}"
    );
}

#[test]
fn a_font_without_a_mapping_in_its_font_program_stays_unmapped() {
    let folder = TestDir::new();
    folder.copy("pages/cid_unmapped.pdf", "a.pdf");
    let output = folder.run(["--check", "--format", "ndjson", "a.pdf"]);
    assert_eq!(output.records()[0]["pages"]["map"], "U");
    assert_eq!(output.code, Some(1));
}

#[test]
fn the_hidden_subcommand_rejects_an_invalid_request() {
    let output = TestDir::new().run_with_input(["screen-isolated"], b"not a request");
    assert_eq!(output.code, Some(2));
    assert_eq!(output.stdout, "");
}

/// Returns the child processes of all threads of a process.
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

/// Starts a run and waits for its isolated process.
fn start_with_isolated_child(folder: &TestDir) -> (Child, u32) {
    folder.write("slow.pdf", slow_repair_file());
    // Far beyond the hang guard: only the signal can end the run.
    let mut command = folder.command(["--check", "--time-limit", "3600", "slow.pdf"]);
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
    // A zombie has exited and is not reaped yet.
    Path::new(&format!("/proc/{pid}")).exists() && !status.contains(") Z ")
}

#[test]
fn no_child_outlives_its_parent() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::KILL, Signal::TERM, Signal::INT] {
        let folder = TestDir::new();
        let (mut parent, child) = start_with_isolated_child(&folder);
        let pid = Pid::from_raw(parent.id().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
        assert!(
            wait_for(|| parent.try_wait().unwrap().is_some()),
            "{signal:?} does not end the run"
        );
        assert!(wait_for(|| !is_alive(child)), "a child survives {signal:?}");
    }
}

/// Returns the lines of the status of each thread that start with a field's name.
fn thread_fields(pid: u32, field: &str) -> Vec<String> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    let statuses = threads
        .into_iter()
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("status")).ok());
    let field = format!("{field}:");
    let values = statuses.filter_map(|status| {
        let mut lines = status.lines();
        let value = lines.find_map(|line| line.strip_prefix(&field))?;
        Some(value.trim().to_owned())
    });
    values.collect()
}

#[test]
fn every_thread_of_the_isolated_process_is_filtered() {
    let folder = TestDir::new();
    let (mut parent, child) = start_with_isolated_child(&folder);
    let mut modes = Vec::new();
    // The filter is applied once the file is read.
    let filtered = wait_for(|| {
        modes = thread_fields(child, "Seccomp");
        modes.len() > 1 && modes.iter().all(|mode| mode == "2")
    });
    let privileges = thread_fields(child, "NoNewPrivs");
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(
        filtered,
        "the main thread or the worker is not filtered: {modes:?}"
    );
    assert!(privileges.iter().all(|flag| flag == "1"), "{privileges:?}");
}

/// What the isolated process attempts by itself, which only builds with debug assertions can do.
#[cfg(debug_assertions)]
mod probes {
    use crate::harness::HANG_GUARD;
    use bankscreen::isolation::{Probe, ProbeResult, probe_with_program};
    use bankscreen::pdf::LimitHit;
    use std::collections::BTreeMap;
    use std::path::Path;

    const PROGRAM: &str = env!("CARGO_BIN_EXE_bankscreen");
    const EPERM: i32 = 1;

    fn probe(probe: Probe) -> ProbeResult {
        probe_with_program(Path::new(PROGRAM), probe, HANG_GUARD).unwrap()
    }

    #[test]
    fn no_thread_of_the_isolated_process_can_do_anything_forbidden() {
        let result = probe(Probe::Forbidden);
        let mut attempts: BTreeMap<&str, usize> = BTreeMap::new();
        for attempt in &result.attempts {
            assert_eq!(attempt.errno, Some(EPERM), "{attempt:?}");
            *attempts.entry(&attempt.thread).or_default() += 1;
        }
        let threads: Vec<_> = attempts.keys().copied().collect();
        assert_eq!(threads, ["main", "worker"]);
        assert!(
            attempts.values().all(|attempts| *attempts > 30),
            "{attempts:?}"
        );
    }

    #[test]
    fn exceeded_limits_are_still_recognized() {
        let stack = probe(Probe::Stack);
        assert_eq!(stack.limit, Some(LimitHit::Nesting), "{stack:?}");
        let memory = probe(Probe::Memory);
        assert!(
            matches!(memory.limit, Some(LimitHit::Memory(_))),
            "{memory:?}"
        );
        let processor = probe(Probe::Processor);
        assert!(
            matches!(processor.limit, Some(LimitHit::Time(_))),
            "{processor:?}"
        );
    }
}
