//! The config file, `doctor` and the list of banks, from the outside.

use crate::harness::{Sandbox as Folder, project, said};
use bankscreen::journal::Journal;
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use jiff::Timestamp;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const KEY: &str = "canary-key-17c0";
const HASH: &str = "canary-hash-99ab";

/// A folder with a config file that is nobody else's business.
fn with_config(text: &str) -> Folder {
    let folder = Folder::new();
    let path = folder.write(".config/bankscreen/config.toml", text);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    folder
}

fn secret(folder: &Folder, name: &str, text: &str) {
    let path = folder.write(name, text);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn service() -> Sandbox {
    Sandbox::start(SandboxOptions {
        api_key: KEY.to_owned(),
        server_hash: HASH.to_owned(),
        ..SandboxOptions::default()
    })
    .unwrap()
}

#[test]
fn a_flag_beats_a_profile_which_beats_what_stands_above() {
    let folder = with_config(
        "max_pages = 1\n[profiles.many]\nmax_pages = 100\n[profiles.none]\nbank = \"sbi\"\n",
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
    let both = codes(&["--profile", "none", "--max-pages=9"]);
    assert_eq!(both, ["BANK_NAME_MISMATCH"]);
}

#[test]
fn mistakes_end_with_2_and_are_told_with_their_place() {
    let check = |text: &str, expected: &[&str]| {
        let folder = with_config(text);
        folder.copy("banks/hdfc.pdf", "a.pdf");
        let said = said(folder.command(["--check", "a.pdf"]));
        assert_eq!(said.code, Some(2), "{}", said.stderr);
        for part in expected {
            assert!(said.stderr.contains(part), "{}\n{part}", said.stderr);
        }
    };
    check(
        "jobs = 4\ncolour = \"never\"\n",
        &["config.toml line 2", "\"colour\"", "try: color"],
    );
    check(
        "jobs = 0\n",
        &["config.toml line 1", "jobs", "0 is not in 1..=1024"],
    );
    check("color = \"blue\"\n", &["line 1", "color", "blue"]);
    check(
        "api_key = \"canary\"\n",
        &["line 1", "api_key_command", "BANKSCREEN_API_KEY"],
    );
    check("bank = \"hdfcc\"\n", &["hdfcc"]);
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let folder = with_config("jobs = 1\n");
    let path = folder.path().join(".config/bankscreen/config.toml");
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    let refused = said(folder.command(["banks", "hdfc"]));
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("others can write it (mode 664)"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("chmod 600"), "{}", refused.stderr);
    assert_eq!(folder.run(["--help"]).code, Some(0));
    assert_eq!(folder.run(["schema"]).code, Some(0));
}

#[test]
fn a_profile_or_file_that_is_not_there_is_told() {
    let folder = with_config("[profiles.live]\njobs = 1\n");
    let other = folder.run(["--profile", "life", "banks", "hdfc"]);
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("try: live"), "{}", other.stderr);
    let mut command = folder.command(["banks", "hdfc"]);
    command.env("BANKSCREEN_CONFIG", "nowhere.toml");
    let nowhere = said(command);
    assert_eq!(nowhere.code, Some(2));
    assert!(
        nowhere.stderr.contains("nowhere.toml"),
        "{}",
        nowhere.stderr
    );
    assert_eq!(
        Folder::new().run(["--profile", "x", "banks", "hdfc"]).code,
        Some(2)
    );
}

#[test]
fn a_profile_has_all_that_an_upload_needs_and_the_environment_beats_it() {
    let service = service();
    let base = service.base_url();
    let folder = with_config(&format!(
        "base_url = \"{base}\"\nlink_id = \"c-1\"\n\
         [profiles.file]\napi_key_file = \"key\"\nserver_hash_command = \"echo {HASH}\"\n\
         [profiles.shell]\napi_key_command = \"printf %s canary-key-; echo 17c0\"\n\
         [profiles.program]\napi_key_command = [\"echo\", \"{KEY}\"]\n\
         [profiles.wrong]\napi_key_command = \"exit 3\"\n"
    ));
    secret(&folder, ".config/bankscreen/key", KEY);
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let range = ["--from", "2024-04-01", "--to", "2024-06-30"];
    let upload = |profile: &str| {
        let args = ["upload", "--profile", profile, "--format", "ndjson"];
        folder.command([&args[..], &range, &["a.pdf"]].concat())
    };
    let first = said(upload("file"));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.records()[0]["upload"]["outcome"], "accepted");
    for profile in ["shell", "program"] {
        let again = said(upload(profile));
        assert_eq!(again.code, Some(0), "{}", again.stderr);
        assert_eq!(again.records()[0]["upload"]["outcome"], "already-uploaded");
    }
    let wrong = said(upload("wrong"));
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("api_key_command"), "{}", wrong.stderr);
    let mut beaten = upload("wrong");
    beaten.env("BANKSCREEN_API_KEY", KEY);
    assert_eq!(said(beaten).code, Some(0));
}

#[test]
fn what_is_typed_beats_its_opposite_and_what_can_not_stand_beside_it() {
    let folder = with_config(
        "include_warnings = false\nbase_url = \"https://nowhere.example\"\nlink_id = \"c-1\"\n\
         api_key_file = \"missing\"\n",
    );
    folder.copy("pages/mixed.pdf", "warns.pdf");
    let outcome = |more: &[&str]| {
        let args = [
            &["upload", "--sandbox", "--format", "ndjson"],
            more,
            &["warns.pdf"],
        ]
        .concat();
        let said = said(folder.command(args));
        said.records()[0]["upload"]["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(outcome(&[]), "skipped");
    assert_eq!(outcome(&["--include-warnings"]), "accepted");
    let service = service();
    let mut new = folder.command(["session", "new", "--format", "json"]);
    new.env("BANKSCREEN_API_KEY", KEY)
        .env("BANKSCREEN_BASE_URL", service.base_url());
    let session: Value = serde_json::from_str(&said(new).stdout).unwrap();
    let id = session["session_id"].as_str().unwrap();
    let mut upload = folder.command(["upload", "--session-id", id, "--include-warnings"]);
    upload.arg("warns.pdf").env("BANKSCREEN_API_KEY", KEY);
    upload.env("BANKSCREEN_BASE_URL", service.base_url());
    assert_eq!(said(upload).code, Some(0));
}

#[test]
fn sessions_take_the_way_to_the_service_but_no_bank() {
    let service = service();
    let base = service.base_url();
    let folder = with_config(&format!(
        "base_url = \"{base}\"\nlink_id = \"c-2\"\nbank = \"hdfc\"\ncolor = \"never\"\n\
         api_key_command = \"echo {KEY}\"\n"
    ));
    let said = said(folder.command(["session", "new", "--format", "json"]));
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

fn doctor(folder: &Folder, more: &[(&str, &str)]) -> (Value, Option<i32>) {
    let mut command = folder.command(["doctor", "--format", "json"]);
    command.envs(more.iter().copied());
    let said = said(command);
    (serde_json::from_str(&said.stdout).unwrap(), said.code)
}

/// Value and source of a fact.
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
fn the_doctor_tells_every_setting_with_its_source() {
    let folder = with_config("jobs = 3\nlink_id = \"c-1\"\n[profiles.live]\nconcurrency = 2\n");
    let proxy = ("HTTPS_PROXY", "http://me:canary@proxy.example:3128");
    let key = ("BANKSCREEN_API_KEY", KEY);
    let (report, code) = doctor(&folder, &[key, ("BANKSCREEN_LINK_ID", "c-9"), proxy]);
    assert_eq!(code, Some(0), "{report:#}");
    let place = fact(&report, "jobs");
    assert_eq!(place.0, "3");
    assert!(place.1.ends_with("config.toml line 1"), "{}", place.1);
    let set = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(fact(&report, "link_id"), set("c-9", "BANKSCREEN_LINK_ID"));
    assert_eq!(fact(&report, "concurrency"), set("4", "default"));
    assert_eq!(fact(&report, "API key"), set("set", "BANKSCREEN_API_KEY"));
    assert_eq!(
        fact(&report, "HTTPS_PROXY").0,
        "http://***@proxy.example:3128/"
    );
    let document = fs::read_to_string(project().join("src/guide/settings.md")).unwrap();
    let settings = report["findings"]["sections"][0]["facts"]
        .as_array()
        .unwrap();
    for name in settings.iter().filter_map(|fact| fact["name"].as_str()) {
        let told = document.contains(&format!("`{name}`")) || name == "profile";
        assert!(told, "src/guide/settings.md lacks {name}");
    }
    let text = said(folder.command(["doctor", "--profile", "live"]));
    assert!(text.stdout.contains("concurrency"), "{}", text.stdout);
    assert!(
        text.stdout.contains("config.toml line 4"),
        "{}",
        text.stdout
    );
}

#[test]
fn the_doctor_ends_with_1_where_an_upload_would_stop() {
    let check = |text: &str, more: &[(&str, &str)], expected: &str| {
        let folder = with_config(text);
        let (report, code) = doctor(&folder, more);
        let problems = report["findings"]["problems"].as_array().unwrap();
        let said = problems
            .iter()
            .any(|p| p["what"].as_str().unwrap().contains(expected));
        assert!(said, "{expected}: {report:#}");
        assert_eq!(code, Some(1), "{report:#}");
    };
    let key = ("BANKSCREEN_API_KEY", KEY);
    check("", &[], "no API key is configured");
    check("jobs = \"many\"", &[key], "jobs");
    check(
        "api_key = \"canary\"",
        &[key],
        "not read from a config file",
    );
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
        "/dev/null can't be written",
    );
}

#[test]
fn the_doctor_looks_at_the_journal_and_tells_who_writes_it() {
    let folder = Folder::new();
    let state = folder.path().join(".local/state/bankscreen");
    let key = ("BANKSCREEN_API_KEY", KEY);
    let journal = Journal::open(&state, Timestamp::now()).unwrap();
    let (report, code) = doctor(&folder, &[key]);
    let writer = format!("process {}", std::process::id());
    assert!(
        fact(&report, "written by").0.starts_with(&writer),
        "{report:#}"
    );
    assert_eq!(code, Some(1), "{report:#}");
    drop(journal);
    let (report, code) = doctor(&folder, &[key]);
    assert_eq!(fact(&report, "holds").0, "0 rows, 0 of unknown outcome");
    assert!(fact(&report, "version").0.parse::<u32>().unwrap() > 0);
    assert_eq!(code, Some(0), "{report:#}");
    fs::write(state.join("journal.sqlite3"), "no database").unwrap();
    let (report, code) = doctor(&folder, &[key]);
    assert!(
        report.to_string().contains("set-aside-damaged"),
        "{report:#}"
    );
    assert_eq!(code, Some(1), "{report:#}");
}

#[test]
fn the_list_of_banks_is_kept_privately_and_used() {
    let service = service();
    let folder = Folder::new();
    let refresh = || {
        let mut command = folder.command(["banks", "--refresh"]);
        command.env("BANKSCREEN_API_KEY", KEY);
        command.env("BANKSCREEN_BASE_URL", service.base_url());
        said(command)
    };
    let first = refresh();
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stdout.contains(" new; kept in "), "{}", first.stdout);
    let state = folder.path().join(".local/state/bankscreen");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&state), mode(&state.join("banks.json"))),
        (0o700, 0o600)
    );
    assert!(refresh().stdout.contains(" 0 new"));
    let mut kept: Value =
        serde_json::from_slice(&fs::read(state.join("banks.json")).unwrap()).unwrap();
    let new = serde_json::json!({"id": "brandnew", "name": "Brand New Bank", "ifsc": "BRND"});
    kept["banks"].as_array_mut().unwrap().push(new);
    fs::write(state.join("banks.json"), kept.to_string()).unwrap();
    let found = folder.run(["banks", "brandnew"]);
    assert!(found.stdout.contains("Brand New Bank"), "{}", found.all());
    let gone = refresh();
    assert!(gone.stdout.contains("1 no longer there"), "{}", gone.stdout);
    let sandbox = folder.run(["--sandbox", "banks", "--refresh"]);
    assert!(sandbox.stdout.contains("not kept"), "{}", sandbox.all());
}
