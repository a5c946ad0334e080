//! `bankscreen history` end to end: formats, filters, pruning and damaged journals.

use crate::harness::TestDir;
use bankscreen::journal::{BeginResult, Intent, Journal, Resend, RunSummary};
use bankscreen::screen::ContentHash;
use bankscreen::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Owner, Receipt};
use jiff::Timestamp;
use std::path::PathBuf;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn folder(sandbox: &TestDir) -> PathBuf {
    sandbox.path().join(".local/state/bankscreen")
}

fn send(journal: &mut Journal, name: &str, kind: OutcomeKind, code: Option<&str>) {
    let intent = Intent {
        content: ContentHash::of(name.as_bytes()),
        session: "0b9c4d1e-7a52-4f13-9a55-6f1d7c1d2e3f".to_owned(),
        name: name.to_owned(),
        bytes: 184_213,
        bank: Some("hdfc".to_owned()),
        account: Some("50100123456789".to_owned()),
        request: None,
        predicted: Vec::new(),
        resend: Resend::default(),
        at: at(0),
    };
    let BeginResult::Recorded(id) = journal.begin(&intent).unwrap() else {
        panic!("{name} is in the journal already");
    };
    let months = ["2026-04", "2026-05", "2026-06"]
        .map(str::to_owned)
        .to_vec();
    let receipt = Receipt {
        statement_id: Some("5f1d".to_owned()),
        bank: None,
        months,
        missing_months: vec!["2026-07".to_owned()],
        answer: None,
    };
    let outcome = Outcome {
        kind,
        code: code.map(OutcomeCode::from_name),
        http_status: Some(if code.is_some() { 400 } else { 200 }),
        attempts: 1,
        receipt: code.map_or(receipt, |_| Receipt::default()),
    };
    journal.settle(id, &outcome, at(60)).unwrap();
}

/// Creates a journal with an accepted, a rejected and an unknown file.
fn filled_journal(sandbox: &TestDir) -> Journal {
    let mut journal = Journal::open(&folder(sandbox), Some(Owner::new(&[1; 32])), None).unwrap();
    send(&mut journal, "april.pdf", OutcomeKind::Accepted, None);
    let rejected = Some("PASSWORD_INCORRECT");
    send(
        &mut journal,
        "may\x1b[2J.pdf",
        OutcomeKind::Rejected,
        rejected,
    );
    let unknown = Some("ANSWER_LOST");
    send(&mut journal, "=june.pdf", OutcomeKind::Unknown, unknown);
    let run = RunSummary {
        at: at(0),
        files: 12,
        failed: 9,
        calls_saved: 7,
    };
    journal.record_run(&run).unwrap();
    journal
}

#[test]
fn the_text_format_has_one_line_per_file_and_totals() {
    let sandbox = TestDir::new();
    drop(filled_journal(&sandbox));
    let output = sandbox.run(["history"]);
    // Session IDs repeat; without them the lines are short enough for this snapshot.
    let output = output.all().replace("     185 kB  0b9c4d1e", "");
    insta::assert_snapshot!(output, @r"
      ✔ accepted          2026-09-21 14:14  april.pdf     hdfc        2026-04 to 2026-06, 1 missing
      ✖ rejected          2026-09-21 14:14  may^[[2J.pdf  hdfc        PASSWORD_INCORRECT
      ▲ unknown           2026-09-21 14:14  =june.pdf     hdfc        ANSWER_LOST

      3 uploads: 1 accepted, 1 rejected, 1 unknown.  7 wasted calls saved in 1 run.
    --- exit 0 ---
    ");
}

#[test]
fn json_ndjson_and_csv_contain_all_fields() {
    let sandbox = TestDir::new();
    drop(filled_journal(&sandbox));
    let lines = sandbox
        .run(["history", "--format", "ndjson", "april"])
        .stdout;
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&lines).unwrap(), @r#"
    [
      {
        "account": "XXXXXXXXXX6789",
        "begun_at": "2026-09-21T14:13:20Z",
        "bytes": 184213,
        "name": "april.pdf",
        "schema": 1,
        "session_id": "0b9c4d1e-7a52-4f13-9a55-6f1d7c1d2e3f",
        "sha256": "5a5679f1ebdb22ed80a1c0288b40ce345bd908fc9c15758a9ee55cb7b1d8403d",
        "type": "upload",
        "upload": {
          "answer": null,
          "at": "2026-09-21T14:14:20Z",
          "attempts": 1,
          "bank": "hdfc",
          "code": null,
          "http_status": 200,
          "missing_months": [
            "2026-07"
          ],
          "months": [
            "2026-04",
            "2026-05",
            "2026-06"
          ],
          "outcome": "accepted",
          "session_id": "0b9c4d1e-7a52-4f13-9a55-6f1d7c1d2e3f",
          "statement_id": "5f1d"
        }
      },
      {
        "bytes": 184213,
        "calls_saved": 7,
        "outcomes": {
          "accepted": 1,
          "already-uploaded": 0,
          "rejected": 0,
          "skipped": 0,
          "unknown": 0
        },
        "runs": 1,
        "schema": 1,
        "screened": 12,
        "type": "summary",
        "uploads": 1
      }
    ]
    "#);
    let json = sandbox.run(["history", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["uploads"].as_array().unwrap().len(), 3);
    assert_eq!(json["uploads"][0], lines[0]);
    let csv = sandbox.run(["history", "--format", "csv"]).stdout;
    let rows: Vec<_> = csv.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(
        rows[3].contains("'=june.pdf") && !csv.contains('\x1b'),
        "{csv}"
    );
}

#[test]
fn flags_filter_the_history_and_write_it_to_a_file() {
    let sandbox = TestDir::new();
    drop(filled_journal(&sandbox));
    let count = |args: &[&str]| {
        let mut all = vec!["history", "--format", "ndjson"];
        all.extend(args);
        let output = sandbox.run(all);
        let entries = output.stdout.lines().count() - 1;
        let is_missed = entries == 0 && !args.is_empty() && !args[0].starts_with("--");
        assert_eq!(output.code, Some(i32::from(is_missed)), "{}", output.all());
        entries
    };
    assert_eq!(count(&[]), 3);
    assert_eq!(count(&["password_incorrect"]), 1);
    assert_eq!(count(&["0b9c4d1e"]), 3);
    assert_eq!(count(&["nothing of the kind"]), 0);
    assert_eq!(count(&["--outcome", "unknown"]), 1);
    assert_eq!(count(&["--limit", "2"]), 2);
    assert_eq!(count(&["--since", "2026-09-21"]), 3);
    assert_eq!(count(&["--since", "22/09/2026"]), 0);
    assert_eq!(sandbox.run(["history", "--since", "soon"]).code, Some(2));
    let output = sandbox.run(["history", "--format", "csv", "--output", "out.csv"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
    let written = std::fs::read_to_string(sandbox.path().join("out.csv")).unwrap();
    assert_eq!(written.lines().count(), 4);
}

#[test]
fn an_empty_history_is_valid_and_creates_no_files() {
    let sandbox = TestDir::new();
    let output = sandbox.run(["history"]);
    assert_eq!(output.code, Some(0));
    assert!(output.stdout.contains("0 uploads"), "{}", output.stdout);
    assert_eq!(std::fs::read_dir(sandbox.path()).unwrap().count(), 0);
}

#[test]
fn the_history_can_be_read_and_pruned_during_an_upload() {
    let sandbox = TestDir::new();
    let journal = filled_journal(&sandbox);
    assert_eq!(sandbox.run(["history"]).code, Some(0));
    let pruned = sandbox.run(["history", "--prune-older-than", "0"]);
    assert_eq!(
        pruned.stdout,
        "removed the details of 3 uploads and 1 run; none of these files is sent again\n"
    );
    let left = sandbox.run(["history"]).stdout;
    assert!(
        left.contains("(details removed)") && left.contains("3 uploads:"),
        "{left}"
    );
    drop(journal);
}

#[test]
fn environment_variables_set_the_journal_folder() {
    let sandbox = TestDir::new();
    let state = sandbox.path().join("elsewhere");
    let owner = Some(Owner::new(&[1; 32]));
    drop(Journal::open(&state, owner, None).map(|mut journal| {
        send(&mut journal, "a.pdf", OutcomeKind::Accepted, None);
    }));
    let run = |variable: &str, value: &std::path::Path| {
        let mut command = sandbox.command(["history"]);
        let output = command.env(variable, value).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("BANKSCREEN_STATE_DIR", &state).contains("1 upload:"));
    std::fs::rename(&state, sandbox.path().join("bankscreen")).unwrap();
    assert!(run("XDG_STATE_HOME", sandbox.path()).contains("1 upload:"));
    assert!(run("XDG_STATE_HOME", "relative".as_ref()).contains("0 uploads"));
}

#[test]
fn a_damaged_journal_exits_with_2_and_is_set_aside_only_on_request() {
    let sandbox = TestDir::new();
    drop(filled_journal(&sandbox));
    let path = folder(&sandbox).join("journal.sqlite3");
    let intact = sandbox.run(["history", "--set-aside-damaged"]);
    assert_eq!(intact.code, Some(2), "{}", intact.stderr);
    std::fs::write(&path, "this is not a database").unwrap();
    for _ in 0..2 {
        let output = sandbox.run(["history"]);
        assert_eq!(output.code, Some(2));
        assert!(
            output.stderr.contains("--set-aside-damaged"),
            "{}",
            output.stderr
        );
    }
    assert_eq!(
        sandbox.run(["history", "--set-aside-damaged"]).code,
        Some(0)
    );
    assert_eq!(sandbox.run(["history"]).code, Some(0));
    let set_aside = std::fs::read_dir(folder(&sandbox)).unwrap();
    let set_aside = set_aside.filter(|f| {
        let name = f.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("damaged")
    });
    assert_eq!(set_aside.count(), 1);
}
