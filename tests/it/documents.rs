//! Runs every command in the documents and checks their lists and links.
//!
//! Each fenced `sh` block runs as one script and must exit with 0. An annotation after the
//! language, which readers do not see, changes that:
//!
//! - `exit=1`: the script must exit with this code.
//! - `until=WORD`: the script runs until it prints the word, then receives SIGINT.
//! - `file=NAME`: the block is saved as a script for later blocks.
//! - `build`: the block builds this project; only the program names are checked.

use crate::harness::{TestDir, project};
use bankscreen::sandbox::{Sandbox, SandboxOptions};
use bankscreen::screen::Code;
use std::fs::{self, Permissions};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

const DOCUMENTS: [&str; 6] = [
    "README.md",
    "src/guide/cookbook.md",
    "src/guide/pipelines.md",
    "src/guide/settings.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
];

fn document(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap()
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
struct Environment {
    folder: TestDir,
    service: Sandbox,
    session: String,
}

impl Environment {
    fn new(document: &str) -> Self {
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

    fn script(&self, text: &str) -> Command {
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

    fn run(&self, text: &str, code: i32) {
        let output = self.script(text).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{text}\n{stdout}\n{stderr}"
        );
    }

    /// Runs a server until it prints a word, then interrupts it.
    fn run_until(&self, text: &str, word: &str) {
        // Use a free port instead of the documented one, which can be in use.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let text = text.replace("8700", &port.to_string());
        let mut script = self.script(&format!("exec {text}"));
        let mut child = script.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = Vec::new();
        let mut byte = [0];
        let mut stdout = child.stdout.take().unwrap();
        while !String::from_utf8_lossy(&printed).contains(word) {
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{text} ended early");
            printed.push(byte[0]);
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    }
}

/// Writes the config files and the sandbox script that a document shows to their places.
fn write_example_files(folder: &TestDir, document: &str) {
    for block in blocks(document) {
        let name = match block.language.as_str() {
            "toml" if block.text.contains("[[bank]]") => ".config/bankscreen/banks.toml",
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
    let mut blocks_run = 0;
    for block in blocks(&text)
        .into_iter()
        .filter(|block| block.language == "sh")
    {
        let (kind, value) = block
            .annotation
            .split_once('=')
            .unwrap_or((&block.annotation, ""));
        match kind {
            "" => environment.run(&block.text, 0),
            "exit" => environment.run(&block.text, value.parse().unwrap()),
            "until" => environment.run_until(&block.text, value),
            "file" => {
                let path = environment.folder.write(value, &block.text);
                fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
            }
            "build" => block.text.lines().for_each(assert_builds_project),
            other => panic!("{name}: unknown annotation {other}"),
        }
        blocks_run += 1;
    }
    assert!(
        blocks_run > 0 || name.ends_with("SECURITY.md"),
        "{name} has no commands"
    );
}

/// Checks a command that builds the project, without running it: the tests are part of the build.
fn assert_builds_project(line: &str) {
    let line = line.strip_prefix("BLESS=1 ").unwrap_or(line);
    assert!(line.starts_with("cargo ") || line == ".ci/run", "{line}");
}

#[test]
fn the_commands_of_the_readme_work() {
    run_all("README.md");
}

#[test]
fn the_commands_of_the_cookbook_work() {
    run_all("src/guide/cookbook.md");
}

#[test]
fn the_commands_of_the_pipelines_work() {
    run_all("src/guide/pipelines.md");
}

#[test]
fn the_commands_of_the_settings_work() {
    run_all("src/guide/settings.md");
}

#[test]
fn the_other_documents_have_only_build_commands() {
    run_all(".github/CONTRIBUTING.md");
    run_all(".github/SECURITY.md");
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

#[test]
fn the_readme_lists_finding_codes_with_the_texts_of_the_program() {
    let readme = document("README.md");
    for code in Code::ALL {
        let explanation = code.explain();
        let row = format!(
            "| `{code}` | {} | {} | {} |",
            explanation.severity.name(),
            explanation.when,
            explanation.hint
        );
        assert!(readme.contains(&row), "the README lacks:\n{row}");
    }
}

#[test]
fn links_between_documents_resolve() {
    for name in DOCUMENTS {
        let text = document(name);
        let folder = project().join(name).parent().unwrap().to_owned();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if let Some(heading) = link.strip_prefix('#') {
                let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
                let mut anchors = headings.map(|line| line.to_lowercase().replace(' ', "-"));
                assert!(
                    anchors.any(|anchor| anchor == heading),
                    "{name}: #{heading}"
                );
            } else if !link.starts_with("https:") {
                assert!(folder.join(link).exists(), "{name}: {link}");
            }
        }
    }
}
