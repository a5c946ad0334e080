//! End-to-end tests of the config file, `bankscreen doctor` and the bank list.

use crate::errors::redacted;
use crate::harness::{TestDir, project, run_without_leaks as run};
use bankscreen::journal::Journal;
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const KEY: &str = "canary-key-17c0";
const HASH: &str = "canary-hash-99ab";

/// Creates a folder with a private config file.
fn with_config(text: &str) -> TestDir {
    let folder = TestDir::new();
    let path = folder.write(".config/bankscreen/config.toml", text);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    folder
}

/// Writes a file that only its owner can read.
fn write_private(folder: &TestDir, name: &str, text: &str) {
    let path = folder.write(name, text);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn start_service() -> Sandbox {
    Sandbox::start(SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        ..SandboxOptions::default()
    })
    .unwrap()
}

#[test]
fn a_flag_overrides_a_profile_which_overrides_the_top_level() {
    let folder = with_config(
        "max_pages = 1\n[profiles.many]\nmax_pages = 100\n[profiles.sbi]\nbank = \"sbi\"\n",
    );
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let codes = |args: &[&str]| {
        let args = [&["--check", "--format", "ndjson"], args, &["a.pdf"]].concat();
        let records = folder.run(args).records();
        let findings = records[0]["findings"].as_array().unwrap().clone();
        let codes = findings
            .iter()
            .map(|f| f["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(codes(&[]), ["STATEMENT_TOO_MANY_PAGES"]);
    assert_eq!(codes(&["--max-pages", "3"]), [""; 0]);
    assert_eq!(codes(&["--profile", "many"]), [""; 0]);
    let profile_and_flag = codes(&["--profile", "sbi", "--max-pages=9"]);
    assert_eq!(profile_and_flag, ["BANK_NAME_MISMATCH"]);
}

#[test]
fn an_unusable_list_of_banks_is_reported_once_and_blocks_nothing() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let list = folder.write(".local/state/bankscreen/banks.json", "{\"banks\": [");
    let list = list.to_str().unwrap();
    for args in [
        &["--check", "a.pdf"][..],
        &["banks", "hdfc"],
        &[
            "--sandbox",
            "upload",
            "--from",
            "01/04/2024",
            "--to",
            "30/06/2024",
            "a.pdf",
        ],
    ] {
        let output = folder.run(args);
        assert_eq!(output.code, Some(0), "{}", output.all());
        assert_eq!(output.stderr.matches(list).count(), 1, "{}", output.stderr);
        let hint = "hint: remove it; bankscreen banks --refresh downloads it again";
        assert!(output.stderr.starts_with("warning:") && output.stderr.contains(hint));
    }
    // The user's own file is different: its banks are expected to be known.
    let banks = folder.write(".config/bankscreen/banks.toml", "[[bank]]\nid = 7\n");
    let banks = banks.to_str().unwrap();
    for args in [&["--check", "a.pdf"][..], &["banks"], &["upload", "a.pdf"]] {
        let output = folder.run(args);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        assert_eq!(output.stderr.matches(banks).count(), 1, "{}", output.stderr);
        assert!(output.stderr.contains("line 2"), "{}", output.stderr);
    }
    let report = folder.run(["doctor", "--format", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let problems = report["findings"]["problems"].as_array().unwrap();
    let about = |path: &str| {
        let texts = problems.iter().map(ToString::to_string);
        texts.filter(|text| text.contains(path)).count()
    };
    assert_eq!(about("banks.toml"), 1, "{report}");
}

#[test]
fn help_and_schema_ignore_an_invalid_config_file() {
    let folder = with_config("jobz = 1\n");
    assert_eq!(folder.run(["banks", "hdfc"]).code, Some(2));
    assert_eq!(folder.run(["--help"]).code, Some(0));
    assert_eq!(folder.run(["schema"]).code, Some(0));
}

#[test]
fn a_profile_can_configure_an_upload_and_the_environment_overrides_it() {
    let service = start_service();
    let base = service.base_url();
    let folder = with_config(&format!(
        "base_url = \"{base}\"\nlink_id = \"c-1\"\n\
         [profiles.file]\napi_key_file = \"key\"\nserver_hash_command = \"echo {HASH}\"\n\
         [profiles.shell]\napi_key_command = \"printf %s canary-key-; echo 17c0\"\n\
         [profiles.program]\napi_key_command = [\"echo\", \"{KEY}\"]\n\
         [profiles.wrong]\napi_key_command = \"exit 3\"\n"
    ));
    write_private(&folder, ".config/bankscreen/key", KEY);
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let range = ["--from", "2024-04-01", "--to", "2024-06-30"];
    let upload = |profile: &str| {
        let args = ["upload", "--profile", profile, "--format", "ndjson"];
        folder.command([&args[..], &range, &["a.pdf"]].concat())
    };
    let first = run(upload("file"));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.records()[0]["upload"]["outcome"], "accepted");
    for profile in ["shell", "program"] {
        let repeated = run(upload(profile));
        assert_eq!(repeated.code, Some(0), "{}", repeated.stderr);
        assert_eq!(
            repeated.records()[0]["upload"]["outcome"],
            "already-uploaded"
        );
    }
    let wrong = run(upload("wrong"));
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("api_key_command"), "{}", wrong.stderr);
    let mut overridden = upload("wrong");
    overridden.env("BANKSCREEN_API_KEY", KEY);
    assert_eq!(run(overridden).code, Some(0));
}

#[test]
fn a_flag_overrides_its_negation_and_conflicting_settings() {
    let folder = with_config(
        "include_warnings = false\nbase_url = \"https://nowhere.example\"\nlink_id = \"c-1\"\n\
         api_key_file = \"missing\"\n",
    );
    folder.copy("pages/mixed.pdf", "warns.pdf");
    let outcome = |flags: &[&str]| {
        let args = [
            &["upload", "--sandbox", "--format", "ndjson"],
            &["--from", "01/01/2024", "--to", "31/03/2024"],
            flags,
            &["warns.pdf"],
        ]
        .concat();
        let output = run(folder.command(args));
        output.records()[0]["upload"]["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(outcome(&[]), "skipped");
    assert_eq!(outcome(&["--include-warnings"]), "accepted");
    let service = start_service();
    let mut new = folder.command(["session", "new", "--format", "json"]);
    new.env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_BASE_URL", service.base_url());
    let session: Value = serde_json::from_str(&run(new).stdout).unwrap();
    let id = session["session_id"].as_str().unwrap();
    let mut upload = folder.command(["upload", "--session-id", id, "--include-warnings"]);
    upload.arg("warns.pdf").env("BANKSCREEN_API_KEY", KEY);
    upload.env("BANKSCREEN_BASE_URL", service.base_url());
    assert_eq!(run(upload).code, Some(0));
}

#[test]
fn session_commands_use_the_service_settings_only() {
    let service = start_service();
    let base = service.base_url();
    let folder = with_config(&format!(
        "base_url = \"{base}\"\nlink_id = \"c-2\"\nbank = \"hdfc\"\ncolor = \"never\"\n\
         api_key_command = \"echo {KEY}\"\n"
    ));
    // Session commands have neither --bank nor --color.
    let output = run(folder.command(["session", "new", "--format", "json"]));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
}

fn doctor(folder: &TestDir, env: &[(&str, &str)]) -> (Value, Option<i32>) {
    let mut command = folder.command(["doctor", "--format", "json"]);
    command.envs(env.iter().copied());
    let output = run(command);
    (serde_json::from_str(&output.stdout).unwrap(), output.code)
}

/// Returns the value and the source of a fact.
fn fact(report: &Value, name: &str) -> (String, String) {
    let sections = report["findings"]["sections"].as_array().unwrap();
    let mut facts = sections
        .iter()
        .flat_map(|section| section["facts"].as_array().unwrap());
    let fact = facts.find(|fact| fact["name"] == name).unwrap();
    let text = |field: &str| fact[field].as_str().unwrap_or_default().to_owned();
    (text("value"), text("source"))
}

#[test]
fn doctor_reports_every_setting_with_its_source() {
    let folder = with_config("jobs = 3\nlink_id = \"c-1\"\n[profiles.live]\nconcurrency = 2\n");
    let proxy = ("HTTPS_PROXY", "http://me:canary@proxy.example:3128");
    let key = ("BANKSCREEN_API_KEY", KEY);
    let (report, code) = doctor(&folder, &[key, ("BANKSCREEN_LINK_ID", "c-9"), proxy]);
    assert_eq!(code, Some(0), "{report:#}");
    let (jobs, source) = fact(&report, "jobs");
    assert_eq!(jobs, "3");
    assert!(source.ends_with("config.toml line 1"), "{source}");
    let from = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(fact(&report, "link_id"), from("c-9", "BANKSCREEN_LINK_ID"));
    assert_eq!(fact(&report, "concurrency"), from("4", "default"));
    assert_eq!(fact(&report, "API key"), from("set", "BANKSCREEN_API_KEY"));
    assert_eq!(
        fact(&report, "HTTPS_PROXY").0,
        "http://***@proxy.example:3128/"
    );
    let document = fs::read_to_string(project().join("src/guide/settings.md")).unwrap();
    let settings = report["findings"]["sections"][0]["facts"]
        .as_array()
        .unwrap();
    for name in settings.iter().filter_map(|fact| fact["name"].as_str()) {
        let documented = document.contains(&format!("`{name}`")) || name == "profile";
        assert!(documented, "src/guide/settings.md lacks {name}");
    }
    let text = run(folder.command(["doctor", "--profile", "live"]));
    assert!(text.stdout.contains("concurrency"), "{}", text.stdout);
    assert!(
        text.stdout.contains("config.toml line 4"),
        "{}",
        text.stdout
    );
}

#[test]
fn doctor_reports_the_keys_and_colours_of_the_dashboard() {
    let folder = with_config("[keys]\nupload = \"U\"\n[theme]\nbackground = \"light\"\n");
    let key = ("BANKSCREEN_API_KEY", KEY);
    let (report, code) = doctor(&folder, &[key]);
    assert_eq!(code, Some(0), "{report:#}");
    let (value, source) = fact(&report, "keys.upload");
    assert_eq!(value, "U");
    assert!(source.ends_with("config.toml line 2"), "{source}");
    assert_eq!(fact(&report, "theme.background").0, "light");
    let folder = with_config("[keys]\nupload = \"r\"\n");
    let ended = run(folder.command(["--check", "a.pdf"]));
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let both = "the key r belongs to both upload (line 2) and retry (its own key)";
    assert!(ended.stderr.contains(both), "{}", ended.stderr);
}

#[test]
fn doctor_exits_with_1_if_an_upload_would_fail() {
    let check = |config: &str, env: &[(&str, &str)], expected: &str| {
        let folder = with_config(config);
        let (report, code) = doctor(&folder, env);
        let problems = report["findings"]["problems"].as_array().unwrap();
        let reported = problems
            .iter()
            .any(|p| p["what"].as_str().unwrap().contains(expected));
        assert!(reported, "{expected}: {report:#}");
        assert_eq!(code, Some(1), "{report:#}");
    };
    let key = ("BANKSCREEN_API_KEY", KEY);
    check("", &[], "API key");
    check("jobs = \"many\"", &[key], "jobs");
    check("api_key = \"canary\"", &[key], "api_key");
    check("bank = \"nobank\"", &[key], "nobank");
    check("api_key_command = \"exit 1\"", &[], "api_key_command");
    check(
        "",
        &[key, ("BANKSCREEN_BASE_URL", "http://me:canary@x.example")],
        "base URL",
    );
    check(
        "",
        &[key, ("BANKSCREEN_STATE_DIR", "/dev/null/state")],
        "/dev/null",
    );
}

#[test]
fn doctor_inspects_the_journal() {
    let folder = TestDir::new();
    let state = folder.path().join(".local/state/bankscreen");
    let key = ("BANKSCREEN_API_KEY", KEY);
    drop(Journal::open(&state, None, None).unwrap());
    let (report, code) = doctor(&folder, &[key]);
    assert_eq!(
        fact(&report, "contents").0,
        "0 uploads, 0 with unknown outcome"
    );
    assert!(fact(&report, "version").0.parse::<u32>().unwrap() > 0);
    assert_eq!(code, Some(0), "{report:#}");
    fs::write(state.join("journal.sqlite3"), "not a database").unwrap();
    let (report, code) = doctor(&folder, &[key]);
    assert!(
        report.to_string().contains("set-aside-damaged"),
        "{report:#}"
    );
    assert_eq!(code, Some(1), "{report:#}");
}

#[test]
fn a_refreshed_bank_list_is_stored_privately_and_used() {
    let service = start_service();
    let folder = TestDir::new();
    let refresh = || {
        let mut command = folder.command(["banks", "--refresh"]);
        command.env("BANKSCREEN_API_KEY", KEY);
        command.env("BANKSCREEN_BASE_URL", service.base_url());
        run(command)
    };
    let first = refresh();
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let state = folder.path().join(".local/state/bankscreen");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&state), mode(&state.join("banks.json"))),
        (0o700, 0o600)
    );
    let unchanged = refresh();
    let mut stored: Value =
        serde_json::from_slice(&fs::read(state.join("banks.json")).unwrap()).unwrap();
    let new = serde_json::json!({"id": "brandnew", "name": "Brand New Bank", "ifsc": "BRND"});
    stored["banks"].as_array_mut().unwrap().push(new);
    fs::write(state.join("banks.json"), stored.to_string()).unwrap();
    let found = folder.run(["banks", "brandnew"]);
    assert!(found.stdout.contains("Brand New Bank"), "{}", found.all());
    let removed = refresh();
    let sandbox = folder.run(["--sandbox", "banks", "--refresh"]);
    let outputs = [first, unchanged, removed, sandbox].map(|output| output.all());
    insta::assert_snapshot!(redacted(&outputs.concat(), &folder));
}
