//! `--serve-stdio`: frames in, one record per line out, for programs that keep the process.

use crate::harness::{HANG_GUARD, RunOutput, TestDir, project};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Returns a frame with a header and the bytes of a file.
fn frame(header: &Value, file: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    let length = u32::try_from(header.len()).unwrap();
    [&length.to_be_bytes(), header.as_bytes(), file].concat()
}

/// Returns a frame for a file with no expectations.
fn request(id: impl Into<Value>, name: &str, file: &[u8]) -> Vec<u8> {
    let header = json!({"id": id.into(), "name": name, "bytes": file.len()});
    frame(&header, file)
}

fn test_file(case: &str) -> Vec<u8> {
    std::fs::read(project().join("testdata").join(case)).unwrap()
}

/// Returns the files of a folder of `testdata`, by name.
fn test_files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(project().join("testdata").join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_pdf = |path: &Path| path.extension().is_some_and(|extension| extension == "pdf");
    let mut names: Vec<_> = paths
        .filter(|path| is_pdf(path))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let read = |name: String| {
        let bytes = test_file(&format!("{folder}/{name}"));
        (format!("{folder}/{name}"), bytes)
    };
    names.into_iter().map(read).collect()
}

fn serve(folder: &TestDir, args: &[&str], input: &[u8]) -> RunOutput {
    let mut command = folder.command([&["--serve-stdio"], args].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    // Beside the reader of the answers, because nothing is read while they are not. Writing fails
    // if the program exits before it reads.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = RunOutput::new(child.wait_with_output().unwrap());
    writer.join().unwrap();
    output
}

/// Returns the answers, each with its id, in the order of the ids.
fn answers(output: &RunOutput) -> Vec<(Value, Value)> {
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let mut answers: Vec<_> = output.stdout.lines().map(parse).collect();
    answers.sort_by_key(|answer| answer["id"].to_string());
    let split = |mut answer: Value| {
        let id = answer.as_object_mut().unwrap().remove("id").unwrap();
        (id, answer)
    };
    answers.into_iter().map(split).collect()
}

/// A running process that answers requests.
struct Service {
    child: Child,
    answers: mpsc::Receiver<Value>,
}

impl Service {
    fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines() {
                let answer = serde_json::from_str(&line.unwrap()).unwrap();
                drop(sender.send(answer));
            }
        });
        Self { child, answers }
    }

    fn send(&mut self, bytes: &[u8]) {
        let mut input = self.child.stdin.as_ref().unwrap();
        input.write_all(bytes).unwrap();
    }

    fn answer(&self) -> Value {
        self.answers.recv_timeout(HANG_GUARD).unwrap()
    }

    /// Waits for the exit and returns the exit code and standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut stderr = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

#[test]
fn answers_are_the_records_of_check_with_an_id() {
    let folder = TestDir::new();
    let mut input = Vec::new();
    let mut paths = Vec::new();
    for kind in ["banks", "encrypted", "pages", "structure"] {
        for (name, bytes) in test_files(kind) {
            input.extend(request(name.clone(), &name, &bytes));
            folder.write(&name, bytes);
            paths.push(name);
        }
    }
    input.extend(request("empty.pdf", "empty.pdf", b""));
    folder.write("empty.pdf", b"");
    folder.copy("passwords.txt", "pw.txt");
    paths.push("empty.pdf".to_owned());
    let flags = [
        "--password-file",
        "pw.txt",
        "--strict",
        "--max-file-size",
        "90K",
    ];
    let output = serve(&folder, &flags, &input);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let check = ["--check", "--files-only", "--format", "ndjson"];
    let paths = paths.iter().map(String::as_str);
    let expected = folder.run(check.into_iter().chain(flags).chain(paths));
    let mut expected = expected.records();
    expected.sort_by_key(|record| record["path"].to_string());
    let verdicts = expected.iter().map(|record| record["verdict"].clone());
    assert!(verdicts.clone().any(|verdict| verdict == "fail"));
    assert!(verdicts.clone().any(|verdict| verdict == "pass"));
    let too_large = expected.iter().filter(|record| {
        let findings = record["findings"].as_array().unwrap();
        findings
            .iter()
            .any(|finding| finding["code"] == "FILE_TOO_LARGE")
    });
    assert!(too_large.count() > 0, "no file is above the limit");
    let answers = answers(&output);
    assert_eq!(answers.len(), expected.len());
    for ((id, answer), record) in answers.iter().zip(&expected) {
        assert_eq!(*id, record["path"]);
        assert_eq!(answer, record);
    }
}

#[test]
fn the_bytes_of_an_answer_are_those_of_the_record_after_the_id() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let input = request(7, "a.pdf", &test_file("banks/hdfc.pdf"));
    let output = serve(&folder, &[], &input);
    let expected = folder.run(["--check", "--files-only", "--format", "ndjson", "a.pdf"]);
    let record = expected.stdout.lines().next().unwrap();
    let rest = record.strip_prefix('{').unwrap();
    assert_eq!(output.stdout, format!("{{\"id\":7,{rest}\n"));
}

#[test]
fn a_request_can_name_its_bank_and_its_case() {
    let folder = TestDir::new();
    let file = test_file("banks/hdfc.pdf");
    let header = |id: u8, bank: &str| {
        let (name, case, bytes) = ("a", " C 1 ", file.len());
        json!({"id": id, "name": name, "bytes": bytes, "bank": bank, "case": case})
    };
    let input = [
        frame(&header(1, "SBI"), &file),
        frame(&header(2, "hdfc"), &file),
        request(3, "a", &file),
    ];
    let output = serve(&folder, &[], &input.concat());
    let codes = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap().clone();
        let codes = findings.iter().map(|finding| finding["code"].clone());
        codes.collect::<Vec<_>>()
    };
    let answers = answers(&output);
    assert!(codes(&answers[0].1).contains(&json!("BANK_NAME_MISMATCH")));
    assert_eq!(answers[1].1["verdict"], "pass");
    assert_eq!(answers[1].1["case"], "C 1");
    // The same bytes again are not a duplicate: each file is judged by itself.
    assert_eq!(answers[2].1["verdict"], "pass");
    assert_eq!(answers[2].1["case"], Value::Null);
}

#[test]
fn a_request_that_cannot_be_done_is_answered_and_the_next_ones_too() {
    let folder = TestDir::new();
    let file = test_file("banks/hdfc.pdf");
    let size = file.len();
    let unknown_bank = json!({"id": "a", "name": "a", "bytes": size, "bank": "hdf"});
    let wrong_case = json!({"id": "b", "name": "b", "bytes": size, "case": "x\ny"});
    let input = [
        frame(&unknown_bank, &file),
        frame(&wrong_case, &file),
        request("c", "c", &file),
    ];
    let output = serve(&folder, &[], &input.concat());
    assert_eq!(output.code, Some(0), "{}", output.all());
    let answers = answers(&output);
    let (_, error) = &answers[0];
    assert_eq!(error["type"], "error");
    assert_eq!(error["message"], "bank hdf: unknown bank identifier");
    assert!(error["hint"].as_str().unwrap().contains("hdfc"));
    let message = answers[1].1["message"].as_str().unwrap();
    assert!(message.contains("control character"), "{message}");
    assert_eq!(answers[2].1["type"], "file");
}

#[test]
fn a_malformed_frame_ends_the_process_after_the_requests_before_it() {
    let folder = TestDir::new();
    let whole = request(1, "a.pdf", &test_file("banks/hdfc.pdf"));
    for (rest, expected) in [
        (
            &b"%PDF-1.4 without a frame"[..],
            "the header has 626017350 bytes",
        ),
        (
            b"\0\0",
            "the stream ends after 2 of the 4 bytes of a length",
        ),
        (b"\0\0\0\x09{\"id\": 1}", "the header is not valid"),
        (b"\0\0\0\x02{}", "the header is not valid"),
        (
            b"\0\0\0\x1f{\"id\":2,\"name\":\"b\",\"bytes\":999}",
            "the stream ends after 0 of the 999 bytes of the file",
        ),
    ] {
        let output = serve(&folder, &[], &[&whole, rest].concat());
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert_eq!(output.records().len(), 1, "{}", output.stdout);
        let message = format!("request 2 is malformed: {expected}");
        assert!(output.stderr.contains(&message), "{}", output.stderr);
        assert!(output.stderr.contains("hint: "), "{}", output.stderr);
    }
    let empty = serve(&folder, &[], b"");
    assert_eq!(empty.all(), "--- exit 0 ---\n");
}

#[test]
fn flags_without_meaning_for_a_stream_are_usage_errors() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    for args in [
        &["a.pdf"][..],
        &["--files-from", "list.txt"],
        &["--manifest", "m.csv"],
        &["--cases", "folders"],
        &["--allow-empty"],
        &["--format", "json"],
        &["--output", "out.json"],
        &["--report", "json=out.json"],
        &["--force"],
        &["--exit-zero"],
        &["--csv-bom"],
        &["--verbose"],
        &["--show-amounts"],
        &["--link-id", "x"],
        &["--sandbox"],
        &["--mouse"],
    ] {
        let output = serve(&folder, args, b"");
        assert_eq!(output.code, Some(2), "{args:?}: {}", output.all());
        assert!(output.stdout.is_empty(), "{args:?}");
        let message = "cannot be used with";
        assert!(output.stderr.contains(message), "{}", output.stderr);
    }
    let upload = folder.run(["upload", "--serve-stdio"]);
    assert_eq!(upload.code, Some(2), "{}", upload.all());
    for args in [&["--bank", "hdf"][..], &["--password-file", "none.txt"]] {
        assert_eq!(serve(&folder, args, b"").code, Some(2), "{args:?}");
    }
}

#[test]
fn settings_of_the_config_file_apply_and_those_for_reports_are_ignored() {
    let folder = TestDir::new();
    let config = "bank = \"sbi\"\nlink_id = \"x\"\nconcurrency = 2\ncolor = \"always\"\n";
    folder.write(".config/bankscreen/config.toml", config);
    let input = request(1, "a", &test_file("banks/hdfc.pdf"));
    let output = serve(&folder, &["--check"], &input);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(output.stdout.contains("BANK_NAME_MISMATCH"));
}

#[test]
fn each_answer_is_sent_before_the_next_request_arrives() {
    let folder = TestDir::new();
    let mut service = Service::start(folder.command(["--serve-stdio", "--timings"]));
    let file = test_file("banks/sbi.pdf");
    for id in 0..20 {
        service.send(&request(id, "a.pdf", &file));
        let answer = service.answer();
        assert_eq!(answer["id"], id);
        assert!(answer["elapsed_ms"].as_f64().unwrap() > 0.0);
    }
    drop(service.child.stdin.take());
    assert_eq!(service.end(), (Some(0), String::new()));
}

#[test]
fn a_slow_file_does_not_delay_the_answers_behind_it() {
    let folder = TestDir::new();
    let mut service =
        Service::start(folder.command(["--serve-stdio", "--jobs=2", "--time-limit=2"]));
    let slow = test_file("hostile/operator_unended.pdf");
    service.send(&request("slow", "slow.pdf", &slow));
    let fast = test_file("banks/sbi.pdf");
    for id in 0..50 {
        service.send(&request(id, "a.pdf", &fast));
    }
    drop(service.child.stdin.take());
    let ids: Vec<_> = (0..51).map(|_| service.answer()["id"].clone()).collect();
    assert_ne!(ids[0], "slow", "{ids:?}");
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn no_requests_are_read_while_answers_are_not() {
    let folder = TestDir::new();
    let mut command = folder.command(["--serve-stdio", "--jobs", "1"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // Sixteen megabytes do not fit into the pipes; nobody reads the answers until all of them are
    // written or the writer is blocked.
    let file = test_file("banks/sbi.pdf");
    let total = 16_000_000 / file.len();
    let (sender, written) = mpsc::channel();
    let writer = std::thread::spawn(move || {
        for id in 0..total {
            input.write_all(&request(id, "a.pdf", &file)).unwrap();
            let _ = sender.send(id);
        }
    });
    // Answers of one screening thread fill the pipe; from then on, the writer is blocked.
    let mut last = 0;
    while let Ok(id) = written.recv_timeout(Duration::from_secs(5)) {
        last = id;
    }
    assert!(last + 1 < total, "all {total} requests were read");
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(answers.by_ref().map(Result::unwrap).count(), total);
    writer.join().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_ends_the_process() {
    let folder = TestDir::new();
    let mut command = folder.command(["--serve-stdio"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let file = request(1, "a.pdf", &test_file("banks/sbi.pdf"));
    input.write_all(&file).unwrap();
    // Standard input stays open.
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    drop(input);
}

#[test]
fn a_signal_ends_the_process_although_standard_input_stays_open() {
    let folder = TestDir::new();
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut service = Service::start(folder.command(["--serve-stdio"]));
        service.send(&request(1, "a.pdf", &test_file("banks/sbi.pdf")));
        service.answer();
        let began = Instant::now();
        kill_process(Pid::from_child(&service.child), signal).unwrap();
        let input = service.child.stdin.take();
        let (exit, stderr) = service.end();
        assert_eq!(exit, Some(code));
        assert!(
            stderr.contains("interrupted: 0 requests not answered"),
            "{stderr}"
        );
        assert!(began.elapsed() < HANG_GUARD);
        drop(input);
    }
}

#[test]
fn a_signal_in_the_middle_leaves_whole_lines() {
    let folder = TestDir::new();
    let mut service = Service::start(folder.command(["--serve-stdio", "--jobs", "2"]));
    let file = test_file("banks/sbi.pdf");
    let (mut input, child) = (service.child.stdin.take().unwrap(), &service.child);
    let pid = Pid::from_child(child);
    let writer = std::thread::spawn(move || {
        // Fails when the process has ended.
        (0..).try_for_each(|id| input.write_all(&request(id, "a.pdf", &file)))
    });
    for _ in 0..10 {
        service.answer();
    }
    kill_process(pid, Signal::TERM).unwrap();
    // The thread that reads the answers panics at a line that is cut.
    while service.answers.recv_timeout(HANG_GUARD).is_ok() {}
    assert!(writer.join().unwrap().is_err());
    let status = service.child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(143), None));
}

#[test]
fn the_event_log_has_one_line_per_file() {
    let folder = TestDir::new();
    let input = request(1, "a.pdf", &test_file("banks/sbi.pdf"));
    let output = serve(&folder, &["--log-file", "run.log"], &input);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let log = std::fs::read_to_string(folder.path().join("run.log")).unwrap();
    let events = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events: Vec<_> = events.collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["run_began", "file_screened", "run_ended"]);
    assert_eq!(events[0]["mode"], "serve");
    assert_eq!(events[1]["path"], "a.pdf");
}

#[test]
fn errors_are_valid_by_the_schema() {
    let schema: Value = serde_json::from_str(bankscreen::report::JSON_SCHEMA).unwrap();
    let required = schema["$defs"]["error"]["required"].as_array().unwrap();
    let mut required: Vec<_> = required.iter().map(|name| name.as_str().unwrap()).collect();
    required.sort_unstable();
    let folder = TestDir::new();
    let header = json!({"id": 1, "name": "a", "bytes": 0, "bank": "x"});
    let output = serve(&folder, &[], &frame(&header, b""));
    let answer: Value = serde_json::from_str(&output.stdout).unwrap();
    let members: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, required);
}
