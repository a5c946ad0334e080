//! What is promised about uploads: whose sessions they are, what is remembered, what is answered.

use crate::harness::{RunOutput, TestDir, run_without_leaks};
use crate::service::{Request, Service, receipt, rejection, response};
use crate::upload::{outcome_names, outcomes, statement_folder};
use base64::Engine as _;
use serde_json::Value;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

const KEY: &str = "canary-key-5f1c/+=";
const OTHER_KEY: &str = "canary-other-key";
const PASSWORD: &str = "318840275";

fn command(folder: &TestDir, service: &Service, key: &str, args: &[&str]) -> Command {
    let mut command = folder.command(["upload", "--format", "ndjson"].iter().chain(args));
    command
        .env("BANKSCREEN_BASE_URL", service.base_url())
        .env("BANKSCREEN_API_KEY", key);
    command
}

fn upload(folder: &TestDir, service: &Service, args: &[&str]) -> RunOutput {
    run_without_leaks(command(folder, service, KEY, args))
}

/// Arguments of an upload to the session of a link ID, for statements of any period.
fn link(id: &str) -> Vec<&str> {
    let period = ["--from", "2015-01-01", "--to", "2026-01-31"];
    [&["--link-id", id][..], &period, &["in"]].concat()
}

fn sessions(output: &RunOutput) -> Vec<String> {
    let records = output.records();
    let session = |record: &Value| {
        let id = record["upload"]["session_id"].as_str();
        id.unwrap_or_default().to_owned()
    };
    records.iter().map(session).collect()
}

#[test]
fn keys_on_one_machine_neither_share_nor_forget_sessions() {
    let folder = statement_folder(2);
    let service = Service::start();
    let first = upload(&folder, &service, &link("L1"));
    assert_eq!(outcome_names(&first), ["accepted"; 2], "{}", first.all());
    let other = run_without_leaks(command(&folder, &service, OTHER_KEY, &link("L1")));
    assert_eq!(outcome_names(&other), ["accepted"; 2], "{}", other.all());
    assert_ne!(sessions(&first), sessions(&other));
    let uploads = service.uploads();
    for key in [KEY, OTHER_KEY] {
        let again = run_without_leaks(command(&folder, &service, key, &link("L1")));
        assert_eq!(outcome_names(&again), ["already-uploaded"; 2]);
        assert_eq!(again.code, Some(0));
    }
    assert_eq!(service.uploads(), uploads, "nothing was sent again");
}

#[test]
fn no_session_is_created_without_a_file_to_send() {
    let folder = TestDir::new();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    let service = Service::start();
    let _empty = upload(&folder, &service, &link("L1"));
    folder.copy("pages/scan_fax.pdf", "in/scan.pdf");
    let rejected = upload(&folder, &service, &link("L1"));
    assert_eq!(outcomes(&rejected)[0].1, "PDF_IS_IMAGE");
    let strict = [&link("L1")[..], &["--no-include-warnings"]].concat();
    let _strict = upload(&folder, &service, &strict);
    let _missing = upload(&folder, &service, &["--link-id", "L1", "missing.pdf"]);
    assert_eq!(service.calls(), 0);
}

#[test]
fn no_session_is_created_for_files_that_the_options_leave_out() {
    let folder = TestDir::new();
    // A period that the statement covers only in part is a warning.
    folder.copy("banks/hdfc.pdf", "in/a.pdf");
    folder.write("empty_path.csv", "path,bank\nin/a.pdf,hdfc\n,hdfc\n");
    folder.write("unclosed.csv", "path,bank\nin/a.pdf,\"hdfc\n");
    folder.write("list", "\n\n");
    let service = Service::start();
    for (options, code) in [
        (&["--strict"][..], 1),
        (&["--no-include-warnings"], 1),
        (&["--error", "PARTIAL_PERIOD"], 1),
        (&["--no-include-warnings", "--exit-zero"], 0),
        (&["--manifest", "empty_path.csv"], 2),
        (&["--manifest", "unclosed.csv"], 2),
        (&["--output", "in/a.pdf"], 2),
        (&["--ignore", "EMPTY_FILE"], 2),
    ] {
        let output = upload(&folder, &service, &[&link("L1")[..], options].concat());
        assert_eq!(output.code, Some(code), "{options:?}\n{}", output.all());
        assert_eq!(service.calls(), 0, "{options:?}");
    }
    let period = [
        "--link-id",
        "L1",
        "--from",
        "2015-01-01",
        "--to",
        "2026-01-31",
    ];
    let empty = upload(
        &folder,
        &service,
        &[&period[..], &["--files-from", "list"]].concat(),
    );
    assert_eq!(empty.code, Some(2), "{}", empty.all());
    assert_eq!(service.calls(), 0);
}

#[test]
fn a_refusal_is_not_paid_for_twice() {
    let folder = statement_folder(1);
    let service = Service::start();
    service.answer(|request| {
        let refusal = || rejection("400 Bad Request", "STATEMENT_UNSUPPORTED_FORMAT");
        request.is_upload().then(refusal)
    });
    let args = link("L1");
    let first = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&first), ["rejected"], "{}", first.all());
    let second = upload(&folder, &service, &args);
    let expected = (
        "skipped".to_owned(),
        "STATEMENT_UNSUPPORTED_FORMAT".to_owned(),
    );
    assert_eq!(outcomes(&second), [expected], "{}", second.all());
    assert_eq!((second.code, service.uploads()), (Some(1), 1));
    let third = upload(
        &folder,
        &service,
        &[&args[..], &["--resend-refused"]].concat(),
    );
    assert_eq!(outcome_names(&third), ["rejected"]);
    assert_eq!(service.uploads(), 2);
    folder.write("manifest.csv", "path,account_category\nin/0.pdf,SAVINGS\n");
    let changed = [&args[..args.len() - 1], &["--manifest", "manifest.csv"]].concat();
    let fourth = upload(&folder, &service, &changed);
    assert_eq!(
        outcome_names(&fourth),
        ["rejected"],
        "another request: {}",
        fourth.all()
    );
    assert_eq!(service.uploads(), 3);
}

#[test]
fn refusals_of_key_route_or_rate_are_not_remembered() {
    for (status, code) in [
        ("404 Not Found", "PASSWORD_INCORRECT"),
        ("400 Bad Request", "MISSING_FILE_OBJECT"),
        ("400 Bad Request", "RATE_LIMIT_EXCEEDED"),
    ] {
        let folder = statement_folder(1);
        let service = Service::start();
        service.answer(move |request| request.is_upload().then(|| rejection(status, code)));
        for _ in 0..2 {
            let output = upload(&folder, &service, &link("L1"));
            assert_eq!(outcome_names(&output), ["rejected"], "{status} {code}");
        }
        assert_eq!(service.uploads(), 2, "{status} {code}");
    }
}

#[test]
fn files_of_an_expired_session_move_only_on_request() {
    let folder = statement_folder(1);
    let service = Service::start();
    let args = link("L1");
    let first = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&first), ["accepted"]);
    folder.copy("banks/uco.pdf", "in/1.pdf");
    service.answer(|request| {
        let is_old = request.is_upload() && request.session == "session-0";
        is_old.then(|| rejection("400 Bad Request", "SESSION_EXPIRED"))
    });
    let expired = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&expired), ["already-uploaded", "skipped"]);
    assert_eq!(expired.code, Some(2), "{}", expired.all());
    let resumed = upload(&folder, &service, &args);
    assert_eq!(outcome_names(&resumed), ["already-uploaded", "accepted"]);
    assert_eq!(sessions(&resumed), ["session-0", "session-1"]);
    assert_eq!(resumed.code, Some(0));
    let moved = upload(
        &folder,
        &service,
        &[&args[..], &["--resend-expired"]].concat(),
    );
    assert_eq!(outcome_names(&moved), ["accepted", "already-uploaded"]);
    assert_eq!(sessions(&moved), ["session-1"; 2]);
}

#[test]
fn pruning_and_forgetting_a_session_keep_the_protection() {
    let folder = statement_folder(2);
    let service = Service::start();
    service.answer(|request| {
        let is_lost = request.is_upload() && request.body.contains("canara");
        is_lost.then(|| response("500 No", "", ""))
    });
    let first = upload(&folder, &service, &link("L1"));
    assert_eq!(first.records().len(), 2);
    service.answer_as_usual();
    let pruned = folder.run(["history", "--prune-older-than", "0"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.all());
    let uploads = service.uploads();
    let _again = upload(&folder, &service, &link("L1"));
    assert_eq!(service.uploads(), uploads, "pruning");
    let listed = folder.run(["history"]);
    assert!(
        listed.stdout.contains("(details removed)"),
        "{}",
        listed.all()
    );
}

/// Returns a text in every encoding in which a service may repeat it.
fn encodings(secret: &str) -> Vec<String> {
    let mut encoded = vec![secret.to_owned(), secret.to_uppercase()];
    let mut each = |format: &dyn Fn(&mut String, char)| {
        encoded.push(secret.chars().fold(String::new(), |mut text, c| {
            format(&mut text, c);
            text
        }));
    };
    each(&|text, c| write!(text, "\\u{:04x}", u32::from(c)).unwrap());
    each(&|text, c| write!(text, "%{:02x}", u32::from(c)).unwrap());
    each(&|text, c| write!(text, "&#{};", u32::from(c)).unwrap());
    each(&|text, c| write!(text, "{c}\u{200B}").unwrap());
    encoded.push(base64::engine::general_purpose::STANDARD.encode(secret));
    encoded
}

#[test]
fn nothing_secret_leaks_through_what_the_service_repeats() {
    let secrets = [KEY, PASSWORD];
    for echo in secrets.iter().flat_map(|secret| encodings(secret)) {
        let folder = TestDir::new();
        folder.copy("encrypted/user_object_streams.pdf", "in/locked.pdf");
        folder.write("passwords.txt", PASSWORD);
        let bodies = [
            format!(r#"{{"error": {{"code": "{echo}", "message": "no {echo}"}}}}"#),
            format!(r#"{{"error": {{"code": "EMPTY_FILE", "message": "({echo})"}}}}"#),
            format!(
                r#"{{"statement_id": "{echo}", "bank_name": "{echo}", "fraud_type": "{echo}"}}"#
            ),
            format!("<h1>{echo}</h1>"),
            format!("{{\"detail\": \"{echo}"),
        ];
        for (index, body) in bodies.iter().enumerate() {
            let status = [
                "400 Bad Request",
                "400 Bad Request",
                "200 OK",
                "502 No",
                "307 No",
            ][index];
            let location = format!("Location: /{}\r\n", echo.replace('\u{200B}', ""));
            let answer = response(status, &location, body);
            let service = Service::start();
            service.answer(move |request| request.is_upload().then(|| answer.clone()));
            let session = format!("s-{index}");
            let args = [
                "--session-id",
                &session,
                "--password-file",
                "passwords.txt",
                "--bankless",
                "--log-file",
                "log.jsonl",
                "in",
            ];
            let output = run_without_leaks(command(&folder, &service, KEY, &args));
            assert_eq!(service.uploads(), 1, "{}", output.all());
            let log = std::fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
            let history = folder.run(["history", "--format", "json"]);
            let texts = [output.all(), log, history.all()].concat().to_lowercase();
            let texts = texts.replace(PASSWORD.len().to_string().as_str(), "#");
            for secret in secrets {
                let hidden = secret.replace(PASSWORD.len().to_string().as_str(), "#");
                assert!(!texts.contains(&hidden.to_lowercase()), "{echo} in {texts}");
            }
            let encoded = echo.to_lowercase();
            assert!(!texts.contains(&encoded), "{encoded} in {texts}");
        }
    }
}

#[test]
fn an_answer_that_contradicts_itself_is_unknown() {
    let answers: [fn(&Request) -> String; 5] = [
        |request| {
            let other = Request {
                session: "another".to_owned(),
                ..request.clone()
            };
            response("200 OK", "", &receipt(&other, ""))
        },
        |request| response("400 Bad Request", "", &receipt(request, "")),
        |request| {
            let headers = "Retry-After: 0\r\n";
            response("429 Too Many Requests", headers, &receipt(request, ""))
        },
        |request| {
            let body = receipt(request, r#", "error": {"message": "failed"}"#);
            response("200 OK", "", &body)
        },
        |request| {
            let body = receipt(request, "").replace("\"status\": 1", "\"status\": 4");
            response("200 OK", "", &body)
        },
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let folder = statement_folder(1);
        let service = Service::start();
        service.answer(move |request| request.is_upload().then(|| answer(request)));
        let output = upload(&folder, &service, &link("L1"));
        let names = outcome_names(&output);
        assert_eq!(names, ["unknown"], "{index}: {}", output.all());
        assert_eq!(service.uploads(), 1, "{index}");
    }
}

#[test]
fn one_statement_id_for_two_files_is_a_contradiction() {
    let folder = statement_folder(2);
    let service = Service::start();
    service.answer(|request| {
        let receipt = r#"{"statement_id": "same", "status": 1}"#;
        request.is_upload().then(|| response("200 OK", "", receipt))
    });
    let args = [&link("L1")[..], &["--concurrency", "1"]].concat();
    let output = upload(&folder, &service, &args);
    assert_eq!(
        outcome_names(&output),
        ["accepted", "unknown"],
        "{}",
        output.all()
    );
}

#[test]
fn a_received_answer_keeps_its_status() {
    let folder = statement_folder(1);
    let service = Service::start();
    service.answer(|request| {
        let accepted = || response("201 Created", "", &receipt(request, ""));
        request.is_upload().then(accepted)
    });
    let output = upload(&folder, &service, &link("L1"));
    assert_eq!(output.records()[0]["upload"]["http_status"], 201);
}

#[test]
fn a_contradictory_session_is_not_used() {
    let folder = statement_folder(1);
    for body in [
        r#"{"session_id": "s-1", "error": {"code": "X"}}"#,
        r#"{"session_id": "with/slash"}"#,
        r#"{"session_id": ""}"#,
    ] {
        let service = Service::start();
        service.answer(move |_| Some(response("200 OK", "", body)));
        let output = upload(&folder, &service, &link("L1"));
        assert_eq!(
            (output.code, service.uploads()),
            (Some(2), 0),
            "{body}: {}",
            output.all()
        );
    }
}

#[test]
fn what_a_later_call_resolves_ends_with_75() {
    let folder = statement_folder(1);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let mut dead = command(&folder, &Service::start(), KEY, &link("L1"));
    dead.env(
        "BANKSCREEN_BASE_URL",
        format!("http://127.0.0.1:{closed}/x"),
    );
    assert_eq!(run_without_leaks(dead).code, Some(75), "no connection");
    let service = Service::start();
    service.answer(|_| Some(response("500 No", "", "")));
    assert_eq!(
        upload(&folder, &service, &link("L1")).code,
        Some(75),
        "session creation"
    );
    let service = Service::start();
    service.answer(|request| {
        let busy = || response("429 Too Many Requests", "Retry-After: 86400\r\n", "{}");
        request.is_upload().then(busy)
    });
    let first = upload(&folder, &service, &link("L2"));
    assert_eq!(
        (first.code, service.uploads()),
        (Some(75), 1),
        "{}",
        first.all()
    );
    service.answer_as_usual();
    let calls = service.calls();
    let second = upload(&folder, &service, &link("L3"));
    assert_eq!(second.code, Some(75), "{}", second.all());
    assert_eq!(
        service.calls(),
        calls,
        "nothing is sent before the time is over"
    );
    let other = run_without_leaks(command(&folder, &service, OTHER_KEY, &link("L3")));
    assert_eq!(
        other.code,
        Some(0),
        "a wait belongs to a key: {}",
        other.all()
    );
}

#[test]
fn credentials_that_are_refused_stop_the_queue_and_reject_no_file() {
    let folder = statement_folder(3);
    for status in ["401 No", "402 No", "403 No"] {
        let service = Service::start();
        service.answer(move |request| request.is_upload().then(|| response(status, "", "{}")));
        let args = [&link("L1")[..], &["--concurrency", "1"]].concat();
        let output = upload(&folder, &service, &args);
        assert_eq!(outcome_names(&output), ["skipped"; 3], "{}", output.all());
        assert_eq!((output.code, service.uploads()), (Some(2), 1));
    }
}

#[test]
fn a_flag_of_the_service_is_a_warning_in_all_formats_and_survives() {
    let folder = statement_folder(1);
    let service = Service::start();
    service.answer(|request| {
        let fields = r#", "is_fraud": true, "fraud_type": "author_fraud", "page_count": 7"#;
        let accepted = || response("200 OK", "", &receipt(request, fields));
        request.is_upload().then(accepted)
    });
    let args = link("L1");
    let first = upload(&folder, &service, &args);
    assert_eq!(first.code, Some(0), "{}", first.all());
    for format in [
        "text", "json", "ndjson", "csv", "sarif", "junit", "github", "html",
    ] {
        let mut again = folder.command(["upload", "--format", format, "-v"].iter().chain(&args));
        again
            .env("BANKSCREEN_BASE_URL", service.base_url())
            .env("BANKSCREEN_API_KEY", KEY);
        let output = run_without_leaks(again);
        for text in [
            "FLAGGED_BY_SERVICE",
            "author_fraud",
            "is_fraud",
            "page_count",
        ] {
            assert!(
                output.stdout.contains(text),
                "{text} in {format}: {}",
                output.all()
            );
        }
    }
    assert_eq!(service.uploads(), 1);
    let strict = upload(&folder, &service, &[&args[..], &["--strict"]].concat());
    assert_eq!(strict.code, Some(1), "{}", strict.all());
}

#[test]
fn a_saved_call_is_counted_once_for_a_session() {
    let folder = TestDir::new();
    folder.copy("pages/scan_fax.pdf", "in/scan.pdf");
    let service = Service::start();
    let saved = |output: &RunOutput| {
        let summary = output.stdout.lines().last().unwrap();
        let summary: Value = serde_json::from_str(summary).unwrap();
        summary["calls_saved"].as_u64().unwrap()
    };
    let counts = [1, 0, 0].map(|_| saved(&upload(&folder, &service, &link("L1"))));
    assert_eq!(counts, [1, 0, 0]);
    assert_eq!(saved(&upload(&folder, &service, &link("L2"))), 1);
    let history = folder.run(["history", "--format", "json"]);
    let history: Value = serde_json::from_str(&history.stdout).unwrap();
    assert_eq!(history["summary"]["calls_saved"], 2);
    assert_eq!(
        history["summary"]["uploads"], 0,
        "skipped files are no uploads"
    );
}

#[test]
fn processes_upload_at_the_same_time_and_send_nothing_twice() {
    let folder = statement_folder(4);
    let service = Service::start();
    service.answer(|request| {
        // Long enough that the processes overlap.
        std::thread::sleep(std::time::Duration::from_millis(if request.is_upload() {
            30
        } else {
            0
        }));
        None
    });
    let mut children = Vec::new();
    // Four sessions, each requested by two processes at the same time.
    for id in ["L1", "L2", "L3", "L4", "L1", "L2", "L3", "L4"] {
        let mut upload = command(&folder, &service, KEY, &link(id));
        upload.stdout(Stdio::piped()).stderr(Stdio::piped());
        children.push(upload.spawn().unwrap());
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{errors}");
    }
    let accepted = service.accepted();
    assert_eq!(accepted.len(), 16, "four files in four sessions");
    assert!(accepted.values().all(|times| *times == 1), "{accepted:?}");
}

#[test]
fn identities_are_kept_only_on_request_in_a_private_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = statement_folder(1);
    let service = Service::start();
    service.answer(|request| {
        let fields = r#", "identity": {"name": "ASHA EXAMPLE", "address": "Pune"}"#;
        let accepted = || response("200 OK", "", &receipt(request, fields));
        request.is_upload().then(accepted)
    });
    let args = [
        &link("L1")[..],
        &["--identity", "--keep-identity", "identities.jsonl"],
    ]
    .concat();
    let output = upload(&folder, &service, &args);
    assert_eq!(output.code, Some(0), "{}", output.all());
    assert!(!output.all().contains("ASHA"));
    let path = folder.path().join("identities.jsonl");
    let line: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(line["identity"]["name"], "ASHA EXAMPLE");
    assert_eq!(line["path"], "in/0.pdf");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    folder.write("other.txt", "other content");
    let args = [
        &link("L2")[..],
        &["--identity", "--keep-identity", "other.txt"],
    ]
    .concat();
    assert_eq!(upload(&folder, &service, &args).code, Some(2));
    assert_eq!(service.uploads(), 1);
}

#[test]
fn predictions_are_compared_with_answers() {
    let folder = statement_folder(2);
    let service = Service::start();
    service.answer(|request| {
        let refusal = || rejection("400 Bad Request", "STATEMENT_UNSUPPORTED_FORMAT");
        request.is_upload().then(refusal)
    });
    let _refused = upload(&folder, &service, &link("L1"));
    let text = folder.run(["history", "--accuracy"]);
    assert!(text.stdout.contains("too few to judge"), "{}", text.all());
    let json = folder.run(["history", "--accuracy", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let rows = json["accuracy"].as_array().unwrap();
    let not_predicted: u64 = rows
        .iter()
        .map(|row| row["not_predicted"].as_u64().unwrap())
        .sum();
    assert_eq!(not_predicted, 2, "{rows:?}");
    let csv = folder.run(["history", "--accuracy", "--format", "csv"]);
    assert!(
        csv.stdout.starts_with("code,bank,predicted_refused,"),
        "{}",
        csv.all()
    );
}

#[test]
fn forgetting_uploads_requires_a_confirmation() {
    let folder = statement_folder(1);
    let service = Service::start();
    let _sent = upload(&folder, &service, &link("L1"));
    assert_eq!(folder.run(["history", "forget", "L1"]).code, Some(2));
    assert_eq!(
        folder.run(["history", "forget", "nothing", "--yes"]).code,
        Some(1)
    );
    let forgotten = folder.run(["history", "forget", "L1", "--yes"]);
    assert_eq!(forgotten.code, Some(0), "{}", forgotten.all());
    let again = upload(&folder, &service, &link("L1"));
    assert_eq!(
        outcomes(&again)[0].1,
        "STATEMENT_DUPLICATE",
        "it was sent again"
    );
    assert_eq!(folder.run(["history", "no-such-text"]).code, Some(1));
}

#[test]
fn a_journal_in_use_is_waited_for() {
    use std::io::{BufRead as _, BufReader};
    let folder = statement_folder(1);
    let service = Service::start();
    let _creates_the_journal = upload(&folder, &service, &link("L1"));
    let path = folder
        .path()
        .join(".local/state/bankscreen/journal.sqlite3");
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = command(&folder, &service, KEY, &link("L2"));
    waiting.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = waiting.spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let note = lines.find(|line| line.contains("waiting for the journal"));
    assert!(note.is_some());
    other.execute_batch("ROLLBACK").unwrap();
    drop(lines.collect::<Vec<_>>());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
