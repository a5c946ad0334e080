//! `upload --watch`: cases of a folder are uploaded as their files arrive, whatever happens to the
//! folder, the disk, the service or the program.

use crate::archive_files::{mail, zip};
use crate::case_files::CustomerAccount;
use crate::case_server::{CaseServer, Faults};
use crate::cases::write_files;
use crate::harness::{HANG_GUARD, TestDir, project};
use crate::service::rejection;
use crate::upload::{HASH, KEY};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The settle time of most tests, in seconds.
const SETTLE: f64 = 0.4;
const PDF: &str = "application/pdf";
const PERIOD: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-03-31"];

/// A watch that runs. It is killed when it is dropped.
pub(crate) struct Watch {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Watch {
    /// Starts a watch of the folder `in`; its output is appended to `out` and `err`.
    pub(crate) fn start(dir: &TestDir, server: &CaseServer, settle: f64, args: &[&str]) -> Self {
        let settle = settle.to_string();
        let watch = [
            "upload", "--watch", "in", "--cases", "folders", "--settle", &settle,
        ];
        let mut command = dir.command([&watch[..], &["--format", "ndjson"], args].concat());
        command
            .env("BANKSCREEN_BASE_URL", server.base_url())
            .env("BANKSCREEN_API_KEY", KEY)
            .env("BANKSCREEN_SERVER_HASH", HASH);
        Self::spawn(command, dir)
    }

    fn spawn(mut command: Command, dir: &TestDir) -> Self {
        let (stdout, stderr) = (dir.path().join("out"), dir.path().join("err"));
        let append = |path: &Path| {
            File::options()
                .append(true)
                .create(true)
                .open(path)
                .unwrap()
        };
        command.stdout(append(&stdout)).stderr(append(&stderr));
        Self {
            child: command.stdin(Stdio::null()).spawn().unwrap(),
            stdout,
            stderr,
        }
    }

    fn messages(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.stdout).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        self.wait(text, || self.messages().contains(text));
    }

    /// Waits until something is true.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is_met: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_met() {
            let hangs = started.elapsed() > HANG_GUARD;
            assert!(!hangs, "{what} did not happen\n{}", self.messages());
            sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills the watch, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the watch, and returns its exit code and all messages.
    pub(crate) fn end(mut self, signal: Signal) -> (Option<i32>, String) {
        self.signal(signal);
        let code = self.child.wait().unwrap().code();
        let messages = self.messages();
        assert!(!messages.contains("canary"), "{messages}");
        (code, messages)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn inbox() -> TestDir {
    let dir = TestDir::new();
    fs::create_dir(dir.path().join("in")).unwrap();
    dir
}

fn account(seed: u64, months: &[usize]) -> Vec<Vec<u8>> {
    CustomerAccount::new("hdfc", seed).months(months)
}

/// Returns the paths of files below a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let inner = files(&entry.path()).into_iter();
            found.extend(inner.map(|file| format!("{name}/{file}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn a_case_is_sent_once_it_is_ready_and_only_moved_on_request() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let statements = account(1, &[1, 2, 3]);
    write_files(&dir, "in/Asha", &statements[..2]);
    dir.write("in/Asha/notes.txt", "not a statement");
    let watch = Watch::start(&dir, &server, SETTLE, &PERIOD);
    watch.wait_for("case Asha: incomplete, 2 skipped");
    assert_eq!(server.sessions().len(), 0);
    // The missing month makes it ready.
    dir.write("in/Asha/march.pdf", &statements[2]);
    watch.wait_for("case Asha: ready, 3 accepted");
    let kept = [
        "Asha/1.pdf",
        "Asha/2.pdf",
        "Asha/march.pdf",
        "Asha/notes.txt",
    ];
    assert_eq!(files(&dir.path().join("in")), kept);
    let records = watch.records();
    let cases = records.iter().filter(|record| record["type"] == "case");
    let cases: Vec<_> = cases.map(|case| case["state"].clone()).collect();
    assert_eq!(cases, ["incomplete", "ready"]);
    let (code, _) = watch.end(Signal::TERM);
    assert_eq!(code, Some(143));
    // The next watch sends nothing again, and moves what is finished.
    dir.write("done/Asha/earlier.pdf", "another application");
    let move_done = [&PERIOD[..], &["--move-done", "done"]].concat();
    let watch = Watch::start(&dir, &server, SETTLE, &move_done);
    watch.wait_for("case Asha: ready, 3 already-uploaded");
    watch.wait_for("case Asha: moved to");
    let (code, _) = watch.end(Signal::INT);
    assert_eq!(code, Some(130));
    assert_eq!(files(&dir.path().join("in")), [""; 0]);
    let mut moved: Vec<_> = kept.map(|file| file.replacen("Asha", "Asha (2)", 1)).into();
    moved.push("Asha/earlier.pdf".to_owned());
    assert_eq!(files(&dir.path().join("done")), moved);
    assert!(server.accepted().values().all(|times| *times == 1));
    assert_eq!(server.accepted().len(), 3);
}

#[test]
fn an_unmounted_folder_is_reported_once_and_watched_again() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    write_files(&dir, "in/Asha", &account(1, &[1]));
    let watch = Watch::start(&dir, &server, SETTLE, &[]);
    watch.wait_for("case Asha: ready, 1 accepted");
    let (folder, away) = (dir.path().join("in"), dir.path().join("away"));
    // First it is missing, then the mount point is empty.
    for is_empty in [false, true] {
        let times = watch.messages().matches("; waiting").count();
        fs::rename(&folder, &away).unwrap();
        if is_empty {
            fs::create_dir(&folder).unwrap();
        }
        let is_reported = || watch.messages().matches("; waiting").count() > times;
        watch.wait("the report", is_reported);
        sleep(Duration::from_secs_f64(SETTLE * 3.0));
        assert_eq!(watch.messages().matches("; waiting").count(), times + 1);
        if is_empty {
            fs::remove_dir(&folder).unwrap();
        }
        fs::rename(&away, &folder).unwrap();
        let returned = || watch.messages().matches("available again").count() > times;
        watch.wait("the return", returned);
    }
    write_files(&dir, "in/Ben", &account(2, &[1]));
    watch.wait_for("case Ben: ready, 1 accepted");
    let (code, messages) = watch.end(Signal::HUP);
    assert_eq!(code, Some(129));
    let screened = messages.matches("case Asha: screening").count();
    assert_eq!(screened, 1, "what was judged is remembered\n{messages}");
}

#[test]
fn a_service_that_is_away_delays_uploads_and_rejected_credentials_end_the_watch() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    server.answer_all(Some(String::new()));
    for case in 1..=3 {
        write_files(&dir, &format!("in/case {case}"), &account(case, &[1]));
    }
    let watch = Watch::start(&dir, &server, SETTLE, &[]);
    watch.wait_for("no upload is lost; next attempt");
    assert_eq!(server.sessions().len(), 0);
    server.answer_all(None);
    watch.wait("all uploads", || server.accepted().len() == 3);
    assert!(server.accepted().values().all(|times| *times == 1));
    server.answer_all(Some(rejection("401 Unauthorized", "UNAUTHORIZED")));
    write_files(&dir, "in/case 4", &account(4, &[1]));
    let mut watch = watch;
    let code = watch.child.wait().unwrap().code();
    assert_eq!(code, Some(2), "{}", watch.messages());
}

#[test]
fn a_full_disk_delays_uploads() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    write_files(&dir, "in/Asha", &account(1, &[1]));
    let watch = Watch::start(&dir, &server, SETTLE, &[]);
    watch.wait_for("case Asha: ready, 1 accepted");
    // No file can grow, which programs see as a full disk. The output has its own limit of sizes.
    let pid = Some(Pid::from_child(&watch.child));
    let limit = |bytes| Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(pid, Resource::Fsize, limit(Some(1))).unwrap();
    write_files(&dir, "in/Ben", &account(2, &[1]));
    sleep(Duration::from_secs_f64(SETTLE * 8.0));
    assert_eq!(server.accepted().len(), 1);
    prlimit(pid, Resource::Fsize, limit(None)).unwrap();
    watch.wait("the upload", || server.accepted().len() == 2);
    watch.wait_for("case Ben: ready, 1 ");
    assert!(server.accepted().values().all(|times| *times == 1));
    let (code, _) = watch.end(Signal::TERM);
    assert_eq!(code, Some(143));
}

#[test]
fn a_new_password_opens_the_files_that_wait_for_it() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    dir.copy("encrypted/user_aes_256_r6.pdf", "in/Leena/locked.pdf");
    dir.write("passwords", "wrong\n");
    let args = ["--password-file", "passwords"];
    let watch = Watch::start(&dir, &server, SETTLE, &args);
    watch.wait_for("case Leena: incomplete");
    dir.write("passwords", "wrong\n512LEENA1988\n");
    watch.wait_for("case Leena: ready, 1 accepted");
    let (_, messages) = watch.end(Signal::TERM);
    assert!(!messages.contains("512LEENA1988"), "{messages}");
}

#[test]
fn a_session_that_expired_is_replaced_on_request_only() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let statements = account(1, &[1, 2]);
    write_files(&dir, "in/Asha", &statements[..1]);
    let watch = Watch::start(&dir, &server, SETTLE, &[]);
    watch.wait_for("case Asha: ready, 1 accepted");
    server.expire("Asha");
    dir.write("in/Asha/2.pdf", &statements[1]);
    watch.wait_for("1 already-uploaded, 1 skipped");
    let _ended = watch.end(Signal::TERM);
    assert_eq!(server.sessions().len(), 1);
    let watch = Watch::start(&dir, &server, SETTLE, &["--resend-expired"]);
    watch.wait_for("case Asha: ready, 2 accepted");
    assert_eq!(server.sessions().len(), 2);
    let _ended = watch.end(Signal::TERM);
}

#[test]
fn a_manifest_describes_the_folders() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let statements = account(1, &[1, 2]);
    write_files(&dir, "in/Asha", &statements[..1]);
    dir.write("m.csv", "path,from,to\nin/Asha,2024-01-01,2024-02-29\n");
    let watch = Watch::start(&dir, &server, SETTLE, &["--manifest", "m.csv"]);
    watch.wait_for("case Asha: incomplete");
    dir.write("m.csv", "path,from,to\nin/Asha,2024-01-01,2024-01-31\n");
    watch.wait_for("case Asha: ready, 1 accepted");
    assert_eq!(server.sessions()[0]["to_date"], "31/01/2024");
    let _ended = watch.end(Signal::TERM);
}

#[test]
fn a_wrong_manifest_is_reported_once_and_judged_once_it_is_corrected() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    write_files(&dir, "in/Asha", &account(1, &[1, 2]));
    dir.write("m.csv", "path,case\nin/Asha,Asha\n");
    let watch = ["upload", "--sandbox", "--watch", "in", "--cases", "folders"];
    let rejected = dir.run([&watch[..], &["--manifest", "m.csv"]].concat());
    assert_eq!(rejected.code, Some(2), "{}", rejected.all());
    dir.write("m.csv", "path,from,to\nin/Asha,2024-01-01,2024-03-31\n");
    let watch = Watch::start(&dir, &server, SETTLE, &["--manifest", "m.csv"]);
    watch.wait_for("case Asha: incomplete");
    dir.write("m.csv", "path,from,to\nin/Asha,2024-01-01,2024-02-31\n");
    watch.wait_for("no case is judged until the manifest is corrected");
    // Another case arrives, and the manifest is read again several times.
    write_files(&dir, "in/Ravi", &account(2, &[1]));
    sleep(Duration::from_secs_f64(5.0 * SETTLE));
    dir.write("m.csv", "path,from,to\nin/Asha,2024-01-01,2024-02-29\n");
    watch.wait_for("case Asha: ready, 2 accepted");
    watch.wait_for("case Ravi: ready, 1 accepted");
    let (_, messages) = watch.end(Signal::TERM);
    let times = |text: &str| messages.matches(text).count();
    assert_eq!(times("until the manifest is corrected"), 1, "{messages}");
    assert_eq!(times("judging unfinished cases again"), 1, "{messages}");
}

#[test]
fn a_case_with_contradicting_rows_delays_no_other() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    write_files(&dir, "in/Asha", &account(1, &[1]));
    write_files(&dir, "in/Ravi", &account(2, &[1]));
    let header = "path,from,to\nin/Asha,2024-01-01,2024-01-31\n";
    dir.write(
        "m.csv",
        format!("{header}in/Asha/1.pdf,2024-02-01,2024-02-29\n"),
    );
    let watch = Watch::start(&dir, &server, SETTLE, &["--manifest", "m.csv"]);
    watch.wait_for("case Ravi: ready, 1 accepted");
    watch.wait_for("another period of the case Asha");
    sleep(Duration::from_secs_f64(4.0 * SETTLE));
    assert_eq!(watch.messages().matches("another period").count(), 1);
    dir.write("m.csv", header);
    watch.wait_for("case Asha: ready, 1 accepted");
    let _ended = watch.end(Signal::TERM);
    assert!(server.accepted().values().all(|times| *times == 1));
}

#[test]
fn archives_and_mails_arrive_as_statements_on_request() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let statements = account(1, &[1, 2, 3]);
    let file = |index: usize| statements[index].as_slice();
    let archive = zip(&[("january.pdf", file(0)), ("february.pdf", file(1))]);
    let half = archive.len() / 2;
    dir.write("in/Asha/both.zip", &archive[..half]);
    let args = [&PERIOD[..], &["--archive", "--move-done", "done"]].concat();
    let watch = Watch::start(&dir, &server, SETTLE, &args);
    // A copy that stopped in the middle: it is not judged within the usual time.
    sleep(Duration::from_secs_f64(3.0 * SETTLE));
    assert!(
        !watch.messages().contains("screening"),
        "{}",
        watch.messages()
    );
    dir.write("in/Asha/both.zip", &archive);
    watch.wait_for("case Asha: incomplete, 2 skipped");
    let march = mail("hdfc@example.com", "March", &[("march.pdf", PDF, file(2))]);
    dir.write("in/Asha/march.eml", &march);
    watch.wait_for("case Asha: ready, 3 accepted");
    watch.wait_for("case Asha: moved to");
    // A mail without a statement is a case without one.
    dir.write("in/Ravi/hello.eml", mail("ravi@example.com", "Hello", &[]));
    watch.wait_for("case Ravi: incomplete");
    assert_eq!(
        files(&dir.path().join("done")),
        ["Asha/both.zip", "Asha/march.eml"]
    );
    let records = watch.records();
    let paths = records.iter().filter_map(|record| record["path"].as_str());
    assert!(
        paths
            .clone()
            .any(|path| path == "in/Asha/both.zip!january.pdf")
    );
    assert!(
        paths
            .clone()
            .any(|path| path == "in/Asha/march.eml!march.pdf")
    );
    let _ended = watch.end(Signal::TERM);
    assert_eq!(server.accepted().len(), 3);
}

#[test]
fn metrics_are_those_of_the_whole_watch() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    fs::create_dir(dir.path().join("node")).unwrap();
    let args = [&PERIOD[..], &["--metrics", "node/watch.prom"]].concat();
    let watch = Watch::start(&dir, &server, SETTLE, &args);
    let metrics = || fs::read_to_string(dir.path().join("node/watch.prom")).unwrap_or_default();
    let has = |line: &str| metrics().lines().any(|found| found == line);
    let accepted = |files| format!("bankscreen_upload_files{{outcome=\"accepted\"}} {files}");
    watch.wait("metrics without a case", || {
        has("bankscreen_files{verdict=\"pass\"} 0")
    });
    write_files(&dir, "in/Asha", &account(1, &[1, 2, 3]));
    watch.wait("metrics of one case", || has(&accepted(3)));
    assert!(has("bankscreen_cases{state=\"ready\"} 1"), "{}", metrics());
    // What could not be written does not appear later, beside the next version.
    let (node, away) = (dir.path().join("node"), dir.path().join("away"));
    fs::rename(&node, &away).unwrap();
    write_files(&dir, "in/Chitra", &account(3, &[1, 2, 3]));
    watch.wait_for("trying again after the next case");
    fs::rename(&away, &node).unwrap();
    write_files(&dir, "in/Ben", &account(2, &[1, 2]));
    watch.wait("metrics of two cases", || {
        has("bankscreen_cases{state=\"incomplete\"} 1")
    });
    assert!(has(&accepted(6)), "{}", metrics());
    assert!(has("bankscreen_interrupted 0"), "{}", metrics());
    assert_eq!(metrics().matches("# HELP bankscreen_files ").count(), 1);
    let (code, messages) = watch.end(Signal::TERM);
    assert_eq!(code, Some(143), "{messages}");
    assert!(has("bankscreen_interrupted 1"), "{}", metrics());
}

#[test]
fn statements_of_other_cases_block_a_case_that_arrives_later() {
    let dir = inbox();
    let server = CaseServer::start(Faults::default());
    let statements = account(1, &[1, 3]);
    write_files(&dir, "in/Asha", &statements);
    let watch = Watch::start(&dir, &server, SETTLE, &[]);
    watch.wait_for("case Asha: incomplete");
    // Nothing of the first case is in the journal.
    write_files(&dir, "in/Ben", &statements[..1]);
    watch.wait_for("case Ben: blocked");
    dir.write("in/loose.pdf", &statements[0]);
    watch.wait_for("1 file in no folder of a case");
    let _ended = watch.end(Signal::TERM);
    assert_eq!(server.sessions().len(), 0);
}

#[test]
fn the_units_of_systemd_are_valid() {
    let dir = TestDir::new();
    let names = [
        "bankscreen-watch.service",
        "bankscreen-upload.service",
        "bankscreen-upload.timer",
    ];
    for name in names {
        let unit = fs::read_to_string(project().join("examples/systemd").join(name)).unwrap();
        let program = env!("CARGO_BIN_EXE_bankscreen");
        dir.write(name, unit.replace("/usr/bin/bankscreen", program));
        if name.ends_with("watch.service") {
            assert!(unit.contains("SuccessExitStatus=143"), "{unit}");
        }
    }
    let mut verify = Command::new("systemd-analyze");
    let verify = verify.arg("verify").args(names).current_dir(dir.path());
    // The units are checked where the program is installed.
    if let Ok(output) = verify.output() {
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{messages}");
        assert!(!messages.contains("bankscreen-"), "{messages}");
    }
}

#[test]
fn what_a_watch_can_not_do_is_a_usage_error() {
    let dir = inbox();
    dir.write("in/Asha/a.pdf", "x");
    let check = |args: &[&str], expected: &str| {
        let args = [&["upload", "--sandbox"], args].concat();
        let output = dir.run(args);
        assert_eq!(output.code, Some(2), "{}", output.all());
        assert!(output.stderr.contains(expected), "{}", output.all());
    };
    let watch = ["--watch", "in", "--cases", "folders"];
    let with = |args: &[&'static str]| [&watch[..], args].concat();
    check(&["--watch", "in"], "--cases");
    check(&["--settle", "3", "in"], "--watch");
    check(&["--move-done", "done", "in"], "--watch");
    check(&with(&["in"]), "cannot be used with");
    check(&with(&["--dry-run"]), "cannot be used with");
    check(&with(&["--output", "o"]), "cannot be used with");
    check(&with(&["--resend-unknown"]), "cannot be used with");
    check(&with(&["--format", "json"]), "--format ndjson");
    check(&with(&["--settle", "0"]), "0.001");
    check(&with(&["--move-done", "in/done"]), "in the watched folder");
    check(&["--watch", "missing", "--cases", "folders"], "missing");
    let by_manifest = [
        "--watch",
        "in",
        "--cases",
        "manifest",
        "--manifest",
        "m.csv",
    ];
    check(&by_manifest, "--cases folders");
    // The folder of an applicant does not configure the program.
    dir.write("in/Asha/bankscreen.toml", "nonsense = 1");
    let mut command = dir.command(["upload", "--sandbox", "--watch", ".."]);
    command.args(["--cases", "manifest", "--manifest", "m.csv"]);
    let output = command.current_dir(dir.path().join("in/Asha")).output();
    let messages = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(messages.contains("--cases folders"), "{messages}");
    assert!(!dir.path().join("in/done").exists());
}
