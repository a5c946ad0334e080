//! The documents: every command in them is run, and what they list is what there is.
//!
//! A fenced block of `sh` is run as one script that must succeed. What else is expected of it
//! stands behind the language, where readers do not see it: `exit=1`; `until=WORD`, for what serves
//! until it is interrupted; `file=NAME`, for a script that later blocks call; `build`, for what
//! builds this project, of which only the programs' being there is looked at.

use crate::harness::{Sandbox as Folder, project};
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

/// A fenced block: its language, what is expected of it, its text.
struct Block {
    language: String,
    expected: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        let (language, expected) = fence.split_once(' ').unwrap_or((fence, ""));
        let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(Block {
            language: language.to_owned(),
            expected: expected.to_owned(),
            text: text.join("\n") + "\n",
        });
    }
    blocks
}

/// The files that the documents speak of, and a service that takes uploads.
struct Scene {
    folder: Folder,
    service: Sandbox,
    session: String,
}

impl Scene {
    fn new(document: &str) -> Self {
        let folder = Folder::new();
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
        settle(&folder, document);
        let service = Sandbox::start(SandboxOptions::default()).unwrap();
        let mut scene = Self {
            folder,
            service,
            session: String::new(),
        };
        let new = "bankscreen session new --link-id before --from 01/04/2024 --to 30/09/2024 \
                   --format json";
        let said = scene.script(new).output().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        said["session_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut scene.session);
        scene
    }

    fn script(&self, text: &str) -> Command {
        let bin = Path::new(env!("CARGO_BIN_EXE_bankscreen"))
            .parent()
            .unwrap();
        let path = std::env::var("PATH").unwrap();
        let settings = SandboxOptions::default();
        let mut command = Command::new("bash");
        command
            .args(["-euo", "pipefail", "-c", text])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("BANKSCREEN_BASE_URL", self.service.base_url())
            .env("BANKSCREEN_API_KEY", settings.api_key)
            .env("BANKSCREEN_SERVER_HASH", settings.server_hash)
            .env("SESSION_ID", &self.session)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, text: &str, code: i32) {
        let output = self.script(text).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{text}\n{said}\n{complaint}"
        );
    }

    /// Runs what serves, until it has said a word, and interrupts it.
    fn serve(&self, text: &str, word: &str) {
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let text = text.replace("8700", &free.port().to_string());
        let mut script = self.script(&format!("exec {text}"));
        let mut child = script.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = Vec::new();
        let mut byte = [0];
        let mut out = child.stdout.take().unwrap();
        while !String::from_utf8_lossy(&said).contains(word) {
            assert_eq!(out.read(&mut byte).unwrap(), 1, "{text} ended early");
            said.push(byte[0]);
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    }
}

/// Puts the config files that a document shows, and the sandbox's script, where they belong.
fn settle(folder: &Folder, document: &str) {
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
    let scene = Scene::new(&text);
    let mut run = 0;
    for block in blocks(&text)
        .into_iter()
        .filter(|block| block.language == "sh")
    {
        let (how, what) = block
            .expected
            .split_once('=')
            .unwrap_or((&block.expected, ""));
        match how {
            "" => scene.run(&block.text, 0),
            "exit" => scene.run(&block.text, what.parse().unwrap()),
            "until" => scene.serve(&block.text, what),
            "file" => {
                let path = scene.folder.write(what, &block.text);
                fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
            }
            "build" => block.text.lines().for_each(builds),
            other => panic!("{name}: {other} is nothing that a block can expect"),
        }
        run += 1;
    }
    assert!(
        run > 0 || name.ends_with("SECURITY.md"),
        "{name} has no commands"
    );
}

/// Commands that build the project are run by whoever runs this.
fn builds(line: &str) {
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
fn the_pipelines_work() {
    run_all("src/guide/pipelines.md");
}

#[test]
fn the_commands_of_the_settings_work() {
    run_all("src/guide/settings.md");
}

#[test]
fn other_documents_have_commands_that_build_only() {
    run_all(".github/CONTRIBUTING.md");
    run_all(".github/SECURITY.md");
}

#[test]
fn steps_of_ci_jobs_are_run_as_commands_too() {
    let text = document("src/guide/pipelines.md");
    let scripts: Vec<_> = blocks(&text)
        .into_iter()
        .filter(|b| b.language == "sh")
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
        let run = scripts
            .iter()
            .any(|script| script.text.lines().any(|line| line == step));
        assert!(run, "{step}");
    }
}

#[test]
fn the_readme_explains_codes_in_the_words_of_the_program() {
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
fn links_between_documents_lead_somewhere() {
    for name in DOCUMENTS {
        let text = document(name);
        let folder = project().join(name).parent().unwrap().to_owned();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if let Some(heading) = link.strip_prefix('#') {
                let known = text.lines().filter_map(|line| line.strip_prefix("## "));
                let mut known = known.map(|line| line.to_lowercase().replace(' ', "-"));
                assert!(known.any(|known| known == heading), "{name}: #{heading}");
            } else if !link.starts_with("https:") {
                assert!(folder.join(link).exists(), "{name}: {link}");
            }
        }
    }
}
