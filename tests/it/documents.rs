//! Runs every command in the documents, compares the printed output, and checks links.
//!
//! Each fenced `sh` block runs as one script and must exit with 0. An annotation after the
//! language, which readers do not see, changes that:
//!
//! - `exit=1`: the script must exit with this code.
//! - `until=WORD`: the script runs until it prints the word, then receives SIGINT.
//! - `screen=WORD`: the script runs on a terminal until it shows the word, then `q` is pressed.
//! - `file=NAME`: the block is saved as a script for later blocks.
//! - `build`: the block builds this project; only the program names are checked.
//!
//! A fenced block `text output` must equal the standard output of the `sh` block before it. In it,
//! `…` matches any text within a line, and a line that consists of `…` matches any lines.

use crate::harness::{TestDir, project};
use crate::pty::Terminal;
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the names of all documents.
pub(crate) fn documents() -> Vec<String> {
    let mut names: Vec<_> = [
        "README.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
    ]
    .map(str::to_owned)
    .into();
    for entry in fs::read_dir(project().join("src/guide")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|extension| extension == "md") {
            names.push(format!("src/guide/{name}"));
        }
    }
    names.sort();
    names
}

pub(crate) fn document(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap()
}

/// Returns the script that a document saves under a name.
pub(crate) fn script(document: &str, name: &str) -> String {
    let annotation = format!("file={name}");
    let blocks = blocks(document).into_iter();
    let mut scripts = blocks.filter(|block| block.annotation == annotation);
    scripts.next().unwrap().text
}

/// A fenced code block.
struct Block {
    language: String,
    annotation: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        let (language, annotation) = fence.split_once(' ').unwrap_or((fence, ""));
        let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            language: language.to_owned(),
            annotation: annotation.to_owned(),
            text: text.join("\n") + "\n",
        });
    }
    blocks
}

/// A folder with the files that the documents use, and a sandbox service.
pub(crate) struct Environment {
    folder: TestDir,
    service: Sandbox,
    session: String,
}

impl Environment {
    pub(crate) fn new(document: &str) -> Self {
        let folder = TestDir::new();
        for (case, names) in [
            (
                "banks/hdfc.pdf",
                &["inbox/april.pdf", "statements/april.pdf"][..],
            ),
            ("banks/sbi.pdf", &["inbox/sbi.pdf"]),
            (
                "encrypted/user_aes_256_r6.pdf",
                &["locked.pdf", "mail/locked.pdf"],
            ),
            ("pages/scan_jpeg.pdf", &["scan.pdf", "statements/scan.pdf"]),
            ("pages/mixed.pdf", &["partly.pdf"]),
            ("passwords.txt", &["pw.txt"]),
        ] {
            for name in names {
                folder.copy(case, name);
            }
        }
        folder.write(
            "inbox/manifest.csv",
            "path,bank\napril.pdf,hdfc\nsbi.pdf,sbi\n",
        );
        symlink(project().join("testdata"), folder.path().join("testdata")).unwrap();
        write_example_files(&folder, document);
        let service = Sandbox::start(SandboxOptions::default()).unwrap();
        let mut environment = Self {
            folder,
            service,
            session: String::new(),
        };
        let new = "bankscreen session new --link-id before --from 01/04/2024 --to 30/09/2024 \
                   --format json";
        let output = environment.script(new).output().unwrap();
        let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        record["session_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut environment.session);
        environment
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn script(&self, text: &str) -> Command {
        let bin = Path::new(env!("CARGO_BIN_EXE_bankscreen"))
            .parent()
            .unwrap();
        let path = std::env::var("PATH").unwrap();
        let options = SandboxOptions::default();
        let mut command = Command::new("bash");
        command
            .args(["-euo", "pipefail", "-c", text])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("BANKSCREEN_BASE_URL", self.service.base_url())
            .env("BANKSCREEN_API_KEY", options.api_key)
            .env("BANKSCREEN_SERVER_HASH", options.server_hash)
            .env("SESSION_ID", &self.session)
            .stdin(Stdio::null());
        command
    }

    /// Runs a script to its end and returns its output.
    fn run(&self, text: &str, code: i32) -> String {
        let output = self.script(text).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{text}\n{stdout}\n{stderr}"
        );
        stdout
    }

    /// Runs a server until it prints a line with a word, then interrupts it. Returns the output.
    fn run_until(&self, text: &str, word: &str) -> String {
        // Use a free port instead of the documented one, which can be in use.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let text = text.replace("8700", &port.to_string());
        let mut script = self.script(&format!("exec {text}"));
        let mut child = script.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !printed.contains(word) {
            assert_ne!(
                lines.read_line(&mut printed).unwrap(),
                0,
                "{text} ended early"
            );
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
        printed
    }

    /// Runs the dashboard until its screen shows a word, then quits it.
    fn run_on_terminal(&self, text: &str, word: &str) {
        let mut script = self.script(&format!("exec {text}"));
        script.env("TERM", "xterm-256color");
        let mut terminal = Terminal::start(&script, 100, 30);
        terminal.wait_for(word);
        terminal.type_text("q");
        assert_eq!(
            terminal.wait_for_exit().code(),
            Some(0),
            "{}",
            terminal.text()
        );
    }
}

/// Writes the config files and the sandbox script that a document shows to their places.
fn write_example_files(folder: &TestDir, document: &str) {
    for block in blocks(document) {
        let name = match block.language.as_str() {
            "toml" if block.text.contains("[[bank]]") => ".config/bankscreen/banks.toml",
            "toml" if block.text.contains("customer_id") => "applicant.toml",
            "toml" if block.text.starts_with("max_pages = 500") => "bankscreen.toml",
            "toml" => ".config/bankscreen/config.toml",
            "json" => "script.json",
            _ => continue,
        };
        let path = folder.write(name, block.text);
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }
}

fn run_all(name: &str) {
    let text = document(name);
    let environment = Environment::new(&text);
    let mut printed = None;
    for block in blocks(&text) {
        let (kind, value) = block
            .annotation
            .split_once('=')
            .unwrap_or((&block.annotation, ""));
        match (block.language.as_str(), kind) {
            ("sh", "") => printed = Some(environment.run(&block.text, 0)),
            ("sh", "exit") => {
                printed = Some(environment.run(&block.text, value.parse().unwrap()));
            }
            ("sh", "until") => printed = Some(environment.run_until(&block.text, value)),
            ("sh", "screen") => environment.run_on_terminal(&block.text, value),
            ("sh", "file") => {
                let path = environment.folder.write(value, &block.text);
                fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
            }
            ("sh", "build") => block.text.lines().for_each(assert_builds_project),
            ("text", "output") => {
                let printed = printed.take().unwrap();
                let lines = |text| str::lines(text).collect::<Vec<_>>();
                assert!(
                    lines_match(&lines(&block.text), &lines(&printed)),
                    "{name} shows\n{}\nbut the program prints\n{printed}",
                    block.text
                );
            }
            (_, "") => {}
            (_, other) => panic!("{name}: unknown annotation {other}"),
        }
    }
}

/// Whether lines match a pattern in which a line `…` matches any number of lines.
fn lines_match(pattern: &[&str], lines: &[&str]) -> bool {
    match pattern {
        [] => lines.is_empty(),
        ["…", rest @ ..] => (0..=lines.len()).any(|skipped| lines_match(rest, &lines[skipped..])),
        [first, rest @ ..] => {
            let line = lines.split_first();
            line.is_some_and(|(line, others)| {
                line_matches(first, line) && lines_match(rest, others)
            })
        }
    }
}

/// Whether a line matches a pattern in which `…` matches any text.
fn line_matches(pattern: &str, line: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('…') else {
        return pattern == line;
    };
    let Some(line) = line.strip_prefix(start) else {
        return false;
    };
    let mut tails = (0..=line.len()).filter_map(|index| line.get(index..));
    tails.any(|tail| line_matches(rest, tail))
}

#[test]
fn shortened_output_matches_the_complete_output() {
    let matches = |pattern: &[&str]| lines_match(pattern, &["one 1", "two 2", "three 3"]);
    assert!(matches(&["one 1", "two 2", "three 3"]));
    assert!(matches(&["one …", "…", "t…e 3"]));
    assert!(matches(&["…", "two 2", "…"]));
    assert!(!matches(&["one 1", "three 3"]));
    assert!(!matches(&["…", "two"]));
    assert!(!matches(&["one 1", "two 2"]));
}

/// Checks a command that builds the project, without running it: the tests are part of the build.
fn assert_builds_project(line: &str) {
    let line = line.strip_prefix("BLESS=1 ").unwrap_or(line);
    assert!(line.starts_with("cargo ") || line == ".ci/run", "{line}");
}

/// Declares one test per document with commands, so that they run in parallel.
macro_rules! documents_with_commands {
    ($($test:ident $name:literal)+) => {
        const WITH_COMMANDS: &[&str] = &[$($name),+];

        $(
            #[test]
            fn $test() {
                run_all($name);
            }
        )+
    };
}

documents_with_commands! {
    the_commands_of_the_readme_work "README.md"
    the_commands_of_the_administration_page_work "src/guide/administration.md"
    the_commands_of_the_cases_page_work "src/guide/cases.md"
    the_commands_of_the_cookbook_work "src/guide/cookbook.md"
    the_commands_of_the_dashboard_page_work "src/guide/dashboard.md"
    the_commands_of_the_drop_folders_page_work "src/guide/drop_folders.md"
    the_commands_of_the_loan_operations_page_work "src/guide/loan_operations.md"
    the_commands_of_the_pipelines_work "src/guide/pipelines.md"
    the_commands_of_the_python_page_work "src/guide/python.md"
    the_commands_of_the_sandbox_page_work "src/guide/sandbox.md"
    the_commands_of_the_screening_page_work "src/guide/screening.md"
    the_commands_of_the_settings_work "src/guide/settings.md"
    the_commands_of_the_transactions_page_work "src/guide/transactions.md"
    the_commands_of_the_upload_page_work "src/guide/upload.md"
}

#[test]
fn the_other_documents_have_only_build_commands() {
    for name in documents() {
        if WITH_COMMANDS.contains(&name.as_str()) {
            continue;
        }
        for block in blocks(&document(&name)) {
            if block.language == "sh" {
                assert_eq!(block.annotation, "build", "{name}: {}", block.text);
                block.text.lines().for_each(assert_builds_project);
            }
        }
    }
}

#[test]
fn the_guide_module_includes_every_page() {
    let module = document("src/guide/mod.rs");
    let pages = module.split("pages!(").nth(1).unwrap();
    let pages = pages.split(')').next().unwrap();
    let mut included: Vec<_> = pages
        .split_whitespace()
        .map(|page| format!("src/guide/{page}.md"))
        .collect();
    included.sort();
    let mut existing = documents();
    existing.retain(|name| name.starts_with("src/guide/"));
    assert_eq!(included, existing);
}

#[test]
fn every_step_of_a_ci_job_is_also_a_tested_command() {
    let text = document("src/guide/pipelines.md");
    let scripts: Vec<_> = blocks(&text)
        .into_iter()
        .filter(|block| block.language == "sh")
        .collect();
    let jobs = blocks(&text)
        .into_iter()
        .filter(|block| block.language == "yaml");
    let steps: Vec<String> = jobs
        .flat_map(|job| {
            let steps = job
                .text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("- run: "));
            steps.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(!steps.is_empty());
    for step in steps {
        let tested = scripts
            .iter()
            .any(|script| script.text.lines().any(|line| line == step));
        assert!(tested, "{step}");
    }
}

/// Returns the targets of the links in a document: inline, or in definitions of references.
fn links(text: &str) -> Vec<&str> {
    let inline = text.split("](").skip(1);
    let inline = inline.filter_map(|rest| rest.split(')').next());
    let definitions = text.lines().filter(|line| line.starts_with('['));
    let definitions = definitions.filter_map(|line| line.split_once("]: "));
    inline.chain(definitions.map(|(_, link)| link)).collect()
}

/// Returns the anchors of the headings in a document.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    headings.map(|line| line.to_lowercase().replace(' ', "-"))
}

#[test]
fn links_between_documents_resolve() {
    for name in documents() {
        let text = document(&name);
        let folder = project().join(&name).parent().unwrap().to_owned();
        for link in links(&text) {
            if link.starts_with("https:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => project().join(&name),
                file => folder.join(file),
            };
            assert!(path.exists(), "{name}: {link}");
            let text = || fs::read_to_string(&path).unwrap();
            assert!(
                anchor.is_empty() || anchors(&text()).any(|found| found == anchor),
                "{name}: {link}"
            );
        }
    }
}

#[test]
fn every_reference_in_a_document_is_defined() {
    for name in documents() {
        let text = document(&name);
        let references = text.split("][").skip(1);
        for reference in references.filter_map(|rest| rest.split(']').next()) {
            let definition = format!("\n[{reference}]: ");
            assert!(text.contains(&definition), "{name}: [{reference}]");
        }
    }
}
