//! Snapshots of the command-line errors: the text on standard error and the exit code.
//!
//! A case consists of input files, environment variables and arguments. No case contacts a host
//! other than this machine. Paths, ports, process IDs and the current date are redacted.

use crate::harness::TestDir;
use bankscreen::journal::Journal;
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

const CONFIG: &str = ".config/bankscreen/config.toml";
const BANKS: &str = ".config/bankscreen/banks.toml";
const CATALOGUE: &str = ".local/state/bankscreen/banks.json";
const JOURNAL: &str = ".local/state/bankscreen/journal.sqlite3";

/// A program run that ends with an error.
#[derive(Default)]
struct Case {
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
    files: Vec<File>,
    folders: Vec<&'static str>,
}

struct File {
    path: &'static str,
    bytes: Vec<u8>,
    mode: u32,
}

/// A case with arguments that are separated by spaces.
fn case(args: &str) -> Case {
    Case::default().args(args)
}

impl Case {
    /// Adds arguments that are separated by spaces.
    fn args(mut self, args: &str) -> Self {
        self.args.extend(args.split_whitespace().map(str::to_owned));
        self
    }

    /// Adds one argument, which may contain spaces.
    fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    /// Adds a file that only its owner can access, as config files and key files require.
    fn file(self, path: &'static str, bytes: impl AsRef<[u8]>) -> Self {
        self.file_with_mode(path, bytes, 0o600)
    }

    fn file_with_mode(mut self, path: &'static str, bytes: impl AsRef<[u8]>, mode: u32) -> Self {
        self.files.push(File {
            path,
            bytes: bytes.as_ref().to_vec(),
            mode,
        });
        self
    }

    fn folder(mut self, path: &'static str) -> Self {
        self.folders.push(path);
        self
    }

    fn run(&self) -> String {
        self.run_in(&TestDir::new())
    }

    /// Runs the case and renders its files, its command line and the output of the program.
    fn run_in(&self, folder: &TestDir) -> String {
        let mut text = String::new();
        for path in &self.folders {
            fs::create_dir_all(folder.path().join(path)).unwrap();
            writeln!(text, "# folder {path}").unwrap();
        }
        for file in &self.files {
            let path = folder.write(file.path, &file.bytes);
            fs::set_permissions(path, Permissions::from_mode(file.mode)).unwrap();
            writeln!(text, "# file {}: {}", file.path, excerpt(&file.bytes)).unwrap();
        }
        let mut command = folder.command(&self.args);
        text.push('$');
        for (name, value) in &self.env {
            command.env(name, value);
            write!(text, " {name}={}", quoted(value, folder)).unwrap();
        }
        text.push_str(" bankscreen");
        for arg in &self.args {
            write!(text, " {}", quoted(arg, folder)).unwrap();
        }
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8(stdout).unwrap(),
            String::from_utf8(stderr).unwrap(),
        );
        assert!(
            !stdout.contains("canary") && !stderr.contains("canary"),
            "a secret was printed: {stdout}{stderr}"
        );
        text.push('\n');
        for line in redacted(&stdout, folder).lines() {
            writeln!(text, "stdout: {line}").unwrap();
        }
        text.push_str(&redacted(&stderr, folder));
        let code = status.code().map_or("none".to_owned(), |c| c.to_string());
        writeln!(text, "exit code: {code}\n").unwrap();
        text
    }
}

/// Shows a file's content on one line; long content is cut.
fn excerpt(bytes: &[u8]) -> String {
    const MAX_BYTES: usize = 100;
    let shown = bytes.get(..MAX_BYTES).unwrap_or(bytes).escape_ascii();
    if bytes.len() > MAX_BYTES {
        format!("{shown}… ({} bytes)", bytes.len())
    } else {
        shown.to_string()
    }
}

/// Quotes a word of a command line if the shell requires it.
fn quoted(word: &str, folder: &TestDir) -> String {
    let word = redacted(&excerpt(word.as_bytes()), folder);
    if word.contains(' ') || word.is_empty() {
        format!("'{word}'")
    } else {
        word
    }
}

/// Replaces everything that depends on the machine or the time.
pub(crate) fn redacted(text: &str, folder: &TestDir) -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let text = text
        .replace(folder.path().to_str().unwrap(), "[FOLDER]")
        .replace(&today.to_string(), "[TODAY]")
        .replace(&today.strftime("%d/%m/%Y").to_string(), "[TODAY]")
        .replace(&format!("process {}", std::process::id()), "process [PID]")
        .replace(&format!(" on {} ", host.trim()), " on [HOST] ");
    let text = redacted_after("127.0.0.1:", "[PORT]", &text, |c| c.is_ascii_digit());
    let text = redacted_after(".damaged-", "[TIME]", &text, |c| c.is_ascii_digit());
    let text = redacted_after("/.tmp", "[RANDOM]", &text, char::is_alphanumeric);
    redacted_after("[TODAY]T", "[TIME]", &text, |c| c != 'Z')
}

/// Replaces the characters behind each marker, as long as the predicate matches.
fn redacted_after(
    marker: &str,
    replacement: &str,
    text: &str,
    matches: impl Fn(char) -> bool,
) -> String {
    let mut parts = text.split(marker);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        redacted += marker;
        redacted += replacement;
        redacted += part.trim_start_matches(&matches);
    }
    redacted
}

fn run_all(cases: impl IntoIterator<Item = Case>) -> String {
    let texts = cases.into_iter().map(|case| case.run());
    texts.collect::<String>().trim_end().to_owned()
}

fn config(text: &str) -> Case {
    case("--check a.pdf").file(CONFIG, text)
}

#[test]
fn invalid_flags() {
    let text = run_all([
        case("--chek a.pdf"),
        case("--check --password secret a.pdf"),
        case("--check --format jsn a.pdf"),
        case("--check --color blue a.pdf"),
        case("--check --jobs 0 a.pdf"),
        case("--check --jobs many a.pdf"),
        case("--check --max-file-size 0 a.pdf"),
        case("--check --max-file-size 5Q a.pdf"),
        case("--check --max-file-size large a.pdf"),
        case("--check --max-file-size 2000G a.pdf"),
        case("--check --max-pages many a.pdf"),
        case("--check --max-pages 0 a.pdf"),
        case("--check --max-pages=-1 a.pdf"),
        case("--check --time-limit soon a.pdf"),
        case("--check --time-limit 0 a.pdf"),
        case("--check --from 2024-04-01 a.pdf"),
        case("--check --from yesterday --to 2024-04-30 a.pdf"),
        case("--check --from 31/02/2024 --to 2024-04-30 a.pdf"),
        case("--check --from 29/02/2023 --to 2024-04-30 a.pdf"),
        case("--check --from 04/13/2024 --to 2024-04-30 a.pdf"),
        case("--check --from 01/04/24 --to 2024-04-30 a.pdf"),
        case("--check --from 2024-04-30 --to 2024-04-01 a.pdf"),
        case("--check -0 a.pdf"),
        case("--check --quiet --verbose a.pdf"),
        case("--check --bank nobank a.pdf"),
        case("--check --bank hdf a.pdf"),
        case("--check --profile"),
        case("--check"),
        case(""),
        case("a.pdf"),
        case("completions bsh"),
        case("completions"),
        case("schema --format json"),
        case("doctor --format yaml"),
        case("banks --refresh hdfc"),
        case("banks no-such-bank"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_upload_flags() {
    let text = run_all([
        case("upload --linkid c-1 a.pdf"),
        case("upload --link-id c-1 --session-id s-1 a.pdf"),
        case("upload --sandbox --base-url https://service.example a.pdf"),
        case("upload --sandbox --session-id")
            .arg("a b")
            .arg("a.pdf"),
        case("upload --concurrency 0 a.pdf"),
        case("upload --concurrency 65 a.pdf"),
        case("upload --upload-type zip a.pdf"),
        case("upload --link-id").arg("").arg("a.pdf"),
        case("upload --link-id").arg(" ").arg("a.pdf"),
        case("upload --sandbox --from 2024-04-01 --to 2999-01-01 a.pdf"),
        case("upload --sandbox --from 2024-04-01 --to 2024-04-01 a.pdf"),
        case("upload --sandbox"),
        case("upload --dry-run missing.pdf"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_input_files() {
    let latin1 = b"path,bank\nm\xfcller.pdf,hdfc\n";
    let text = run_all([
        case("--check missing.pdf"),
        case("--check empty").folder("empty"),
        case("--check - --files-from -"),
        case("--check --files-from missing.txt"),
        case("--check --files-from list").folder("list"),
        case("--check --files-from list").file("list", b"\xFF\xFEa\0.\0p\0d\0f\0\n\0"),
        case("--check --password-file missing.txt a.pdf"),
        case("--check --password-file folder a.pdf").folder("folder"),
        case("--check --password-file pw.txt a.pdf").file("pw.txt", b"m\xfcller\n"),
        case("--check --password-file pw.txt a.pdf").file("pw.txt", vec![b'x'; (1 << 20) + 1]),
        case("--check --password-file pw.txt --allow-empty empty")
            .folder("empty")
            .file("pw.txt", "canary\n".repeat(1001)),
        case("--check --manifest missing.csv"),
        case("--check --manifest folder").folder("folder"),
        case("--check --manifest list.csv").file("list.csv", ""),
        case("--check --manifest list.csv").file("list.csv", "bank\nhdfc\n"),
        case("--check --manifest list.csv").file("list.csv", "path,branch\na.pdf,Pune\n"),
        case("--check --manifest list.csv").file("list.csv", "path,bank\na.pdf,nobank\n"),
        case("--check --manifest list.csv").file("list.csv", latin1),
        case("--check --manifest list.csv").file("list.csv", "path,bank\na.pdf,\"hdfc\n"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_output_files() {
    let text = run_all([
        case("--check --output folder --allow-empty empty")
            .folder("folder")
            .folder("empty"),
        case("--check --output missing/report --allow-empty empty").folder("empty"),
        case("--check --output /dev/full --allow-empty empty").folder("empty"),
        case("--check --log-file missing/run.log --allow-empty empty").folder("empty"),
        case("--check --log-file empty --allow-empty empty").folder("empty"),
        case("--check --log-file a.pdf --allow-empty empty")
            .folder("empty")
            .file("a.pdf", "%PDF-1.4"),
        case("--check --log-file ./report --output report --allow-empty empty").folder("empty"),
        case("--check --log-file /dev/full --allow-empty empty").folder("empty"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_config_files() {
    let profile = |name: &str, text: &str| {
        case("--check --profile")
            .arg(name)
            .arg("a.pdf")
            .file(CONFIG, text)
    };
    let text = run_all([
        config("jobs = \n"),
        config("jobs = 4\ncolour = \"never\"\n"),
        config("weather = \"fine\"\n"),
        config("jobs = 0\n"),
        config("jobs = \"many\"\n"),
        config("jobs = [1]\n"),
        config("color = \"blue\"\n"),
        config("symbols = \"ebcdic\"\n"),
        config("mouse = 1\n"),
        config("bank = \"hdfcc\"\n"),
        config("bank = \"\"\n"),
        config("api_key = \"canary\"\n"),
        config("server_hash = \"canary\"\n"),
        config("pdf_password = \"canary\"\n"),
        config("api_key_command = true\n"),
        config("api_key_command = [\"pass\", 1]\n"),
        config("api_key_file = \"key\"\napi_key_command = \"pass show key\"\n"),
        config("[profiles]\nlive = 1\n"),
        config("default_profile = \"live\"\n"),
        config("default_profile = \"live\"\n[profiles.life]\njobs = 1\n"),
        config("[profiles.a]\ndefault_profile = \"a\"\n"),
        profile("live", "jobs = 1\n"),
        profile("live", "[profiles.life]\njobs = 1\n"),
        profile("live", "[profiles.a]\njobs = 1\n[profiles.b]\njobs = 1\n"),
        case("--check --profile live a.pdf"),
        case("--check a.pdf").file_with_mode(CONFIG, "jobs = 1\n", 0o664),
        case("--check a.pdf").folder(CONFIG),
        case("--check a.pdf").env("BANKSCREEN_CONFIG", "missing.toml"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_bank_files() {
    let banks = |text: &str| case("banks hdfc").file(BANKS, text);
    let bank = |fields: &str| banks(&format!("[[bank]]\n{fields}\n"));
    let text = run_all([
        banks("[[bank]\n"),
        banks("[[banks]]\nid = \"our_bank\"\n"),
        bank("id = \"our_bank\""),
        bank("id = \"Our Bank\"\nname = \"Our Bank\""),
        bank("id = \"our_bank\"\nname = \" \""),
        bank("id = \"our_bank\"\nname = \"Our Bank\"\nifsc = [\"OUR\"]"),
        bank("id = \"our_bank\"\nname = \"Our Bank\"\ndomains = [\"https://our.example\"]"),
        case("banks hdfc").folder(BANKS),
        case("--check a.pdf").file(BANKS, "[[bank]\n"),
        case("banks hdfc").file(CATALOGUE, "not JSON"),
        case("--check --allow-empty empty")
            .folder("empty")
            .file(CATALOGUE, "not JSON"),
        case("--check --allow-empty empty")
            .folder("empty")
            .folder(CATALOGUE),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn missing_and_invalid_credentials() {
    let new = || case("session new --link-id c-1");
    let status = || case("session status --session-id s-1").env("BANKSCREEN_API_KEY", "canary");
    let key_file = || new().arg("--api-key-file").arg("key");
    let command = |line: &str| new().file(CONFIG, format!("api_key_command = {line}\n"));
    let text = run_all([
        new(),
        new().env("BANKSCREEN_API_KEY", "canary with spaces"),
        new().env("BANKSCREEN_API_KEY", "canary".repeat(2000)),
        key_file(),
        key_file().folder("key"),
        key_file().file("key", ""),
        key_file().file("key", "canary one\ncanary two\n"),
        key_file().file_with_mode("key", "canary\n", 0o644),
        command("\"exit 3\""),
        command("\"true\""),
        command("[\"no-such-program\"]"),
        status(),
        status().env("BANKSCREEN_SERVER_HASH", "canary with spaces"),
        status().file(CONFIG, "server_hash_file = \"missing\"\n"),
        status().file(CONFIG, "server_hash_command = \"false\"\n"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_service_addresses() {
    let new = |url: &str| case("session new --link-id c-1 --base-url").arg(url);
    let upload = |url: &str| {
        case("upload --link-id c-1 a.pdf")
            .env("BANKSCREEN_API_KEY", "canary")
            .env("BANKSCREEN_BASE_URL", url)
    };
    let text = run_all([
        new("nonsense"),
        new("ftp://service.example"),
        new("http://service.example"),
        new("https://service.example/?version=1"),
        new("https://service.example/bank-connect/v1"),
        upload("nonsense"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_session_requests() {
    let new = |args: &str| case("session new --link-id c-1").args(args);
    let text = run_all([
        case("session"),
        case("session stauts"),
        case("session new"),
        case("session new --link-id").arg(" "),
        case("session new --link-id").arg(&"x".repeat(501)),
        new("--from 2024-04-01"),
        new("--from 1/1/24 --to 2024-02-01"),
        new("--from 2024-02-01 --to 2024-02-01"),
        new("--from 2024-02-01 --to 2999-01-01"),
        new("--bank nobank"),
        new("--mode pdf"),
        new("--mode post --bank hdfc"),
        new("--mobile-number 12345"),
        new("--session-expiry 4"),
        new("--session-expiry soon"),
        new("--redirect-url nonsense"),
        new("--logo-url nonsense"),
        new("--metadata missing.json"),
        new("--metadata data.json").file("data.json", r#"{"name": []}"#),
        case("session status"),
        case("session status --session-id a/b")
            .env("BANKSCREEN_API_KEY", "canary")
            .env("BANKSCREEN_SERVER_HASH", "canary"),
        case("session process --session-id s-1 --every soon"),
        case("session link --link-id c-1 --wait 0"),
        case("upload a.pdf").env("BANKSCREEN_API_KEY", "canary"),
        case("upload --session-id a/b a.pdf").env("BANKSCREEN_API_KEY", "canary"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn rejected_and_failed_calls() {
    let sandbox = Sandbox::start(SandboxOptions::default()).unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let unreachable = format!("http://{}/bank-connect", closed.local_addr().unwrap());
    drop(closed);
    let call = |args: &str, base: &str, key: &str| {
        case(args)
            .env("BANKSCREEN_BASE_URL", base)
            .env("BANKSCREEN_API_KEY", key)
            .env("BANKSCREEN_SERVER_HASH", "sandbox-hash")
    };
    let base = sandbox.base_url();
    let text = run_all([
        call("session new --link-id c-1", &base, "wrong"),
        call("session status --session-id s-1", &base, "wrong"),
        call("session status --session-id s-1", &base, "sandbox-key"),
        call("session process --session-id s-1", &base, "sandbox-key"),
        call("session new --link-id c-1", &unreachable, "sandbox-key"),
        call("banks --refresh", &unreachable, "sandbox-key"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn invalid_sandbox_flags() {
    let script = |text: &str| case("sandbox --script script.json").file("script.json", text);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The port differs from run to run, and the program prints it without an address.
    let port_in_use = case(&format!("sandbox --port {port}"))
        .run()
        .replace(&port.to_string(), "[PORT]");
    let cases = run_all([
        case("sandbox --port 70000"),
        case("sandbox --seed x"),
        case("sandbox --processing soon"),
        case("sandbox --fault teapot"),
        case("sandbox --fault cut:2"),
        case("sandbox --fault cut:0.5:some"),
        case("sandbox --fault cut:0.7 --fault slow:0.7"),
        case("sandbox --script missing.json"),
        script("{"),
        script(r#"{"file": {}}"#),
        script(r#"{"files": {"a.pdf": {"fault": "teapot"}}}"#),
        script(r#"{"files": {"a.pdf": {"code": "TEAPOT"}}}"#),
        script(r#"{"otherwise": {"from": "2024-04-01"}}"#),
    ]);
    insta::assert_snapshot!(port_in_use + &cases);
}

#[test]
fn invalid_history_flags_and_journals() {
    let upload = || case("upload --session-id s-1 a.pdf").env("BANKSCREEN_API_KEY", "canary");
    let mut text = run_all([
        case("history --outcome lost"),
        case("history --since soon"),
        case("history --limit few"),
        case("history --prune-older-than 30 april"),
        case("history --set-aside-damaged april"),
        case("history").env("HOME", ""),
        case("history").env("BANKSCREEN_STATE_DIR", "/dev/null/state"),
        case("history").file(JOURNAL, "not a database"),
        case("history --set-aside-damaged").file(JOURNAL, "not a database"),
        upload().env("BANKSCREEN_STATE_DIR", "/dev/null/state"),
        upload().file(JOURNAL, "not a database"),
    ]);
    text += "\n\n";
    let intact = TestDir::new();
    let state = intact.path().join(JOURNAL).parent().unwrap().to_owned();
    let journal = Journal::open(&state, None, None).unwrap();
    text += "# the journal is in use\n";
    text += &case("history --set-aside-damaged").run_in(&intact);
    drop(journal);
    text += "# the journal is intact\n";
    text += &case("history --set-aside-damaged").run_in(&intact);
    insta::assert_snapshot!(text.trim_end());
}
