//! Generates the screenshots of the README by running the program in a pseudo-terminal.
//!
//! `cargo run --release --example pictures -- target/release/bankscreen .github/pictures`

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a developer tool: it panics on any failure"
)]

#[expect(
    dead_code,
    reason = "the screenshots use only part of the test harness"
)]
#[path = "../../tests/it/pty.rs"]
mod pty;
mod svg;

use pty::Terminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Test documents and the file names that the screenshots show for them.
const INBOX: [(&str, &str); 14] = [
    ("banks/hdfc.pdf", "hdfc_jan-mar.pdf"),
    ("banks/sbi.pdf", "sbi savings.pdf"),
    ("banks/icici.pdf", "icici.pdf"),
    ("banks/icici.pdf", "icici (1).pdf"),
    ("banks/axis.pdf", "axis-2024.pdf"),
    ("pages/mixed.pdf", "half scanned.pdf"),
    ("pages/scan_jpeg.pdf", "IMG_2041.pdf"),
    ("encrypted/user_aes_256_r6.pdf", "kotak_locked.pdf"),
    ("encrypted/user_aes_128.pdf", "idfc_locked.pdf"),
    ("banks/baroda.pdf", "bob.pdf"),
    ("banks/canara.pdf", "canara.pdf"),
    ("banks/federal.pdf", "federal.pdf"),
    ("banks/karnataka.pdf", "karnataka.pdf"),
    ("banks/uco.pdf", "uco.pdf"),
];
/// The files of applicants: document and path.
const APPLICANTS: [(&str, &str); 7] = [
    ("banks/hdfc.pdf", "LOAN-4711/hdfc.pdf"),
    ("banks/sbi.pdf", "LOAN-4712/sbi.pdf"),
    ("banks/icici.pdf", "LOAN-4712/icici.pdf"),
    ("encrypted/user_aes_128.pdf", "LOAN-4713/kotak.pdf"),
    ("banks/axis.pdf", "LOAN-4714/axis.pdf"),
    ("pages/scan_camscanner.pdf", "LOAN-4714/page.pdf"),
    ("banks/kotak.pdf", "LOAN-4715/kotak.pdf"),
];
/// The period of the test documents.
const PERIOD: [&str; 4] = ["--from", "01/01/2024", "--to", "30/09/2024"];
/// The password of one of the two encrypted files.
const PASSWORD: &str = "512LEENA1988";
/// Columns and rows of the terminal.
const SIZE: (u16, u16) = (120, 30);

fn main() {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(program), Some(folder)) = (args.next(), args.next()) else {
        panic!("usage: pictures PROGRAM OUTPUT_FOLDER");
    };
    let program = std::fs::canonicalize(program).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let home = tempfile::tempdir().unwrap();
    copy_files(&INBOX, &home.path().join("inbox"));
    copy_files(&APPLICANTS, &home.path().join("applicants"));
    // The README shows the picture that fits the reader's own theme.
    set_background(home.path(), "light");
    let mut terminal = start_queue(&program, home.path());
    save_as(&mut terminal, &folder, "queue-light", &svg::LIGHT);
    drop(terminal);
    set_background(home.path(), "dark");
    let cases = ["--cases", "folders", "applicants"];
    let mut terminal = start(&program, home.path(), &cases);
    terminal.wait_for("3 ready");
    terminal.type_text("jjj");
    save_screen(&mut terminal, &folder, "cases");
    terminal.type_text("q");
    terminal.wait_for_exit();
    let mut terminal = start_queue(&program, home.path());
    save_screen(&mut terminal, &folder, "queue");
    terminal.type_text("p");
    terminal.wait_for("locked files");
    terminal.type_text(PASSWORD);
    save_screen(&mut terminal, &folder, "password");
    terminal.type_text("\r");
    terminal.wait_for("matches 1 of 2");
    terminal.type_text("u");
    terminal.wait_for("Send nothing");
    terminal.type_text("\r");
    terminal.wait_for("files uploaded");
    save_screen(&mut terminal, &folder, "uploaded");
    terminal.type_text("3");
    terminal.wait_for("account");
    save_screen(&mut terminal, &folder, "coverage");
    terminal.type_text("2?");
    terminal.wait_for("open locked files");
    save_screen(&mut terminal, &folder, "help");
    terminal.type_text("\x1b");
    terminal.wait_until_gone("open locked files");
    select_file(&mut terminal, "hdfc_jan-mar.pdf");
    terminal.type_text("v");
    terminal.wait("the page", |screen| screen.contents().contains('▀'));
    save_screen(&mut terminal, &folder, "page");
}

/// Writes the config file: the background of the terminal.
fn set_background(home: &Path, background: &str) {
    let folder = home.join(".config/bankscreen");
    std::fs::create_dir_all(&folder).unwrap();
    let theme = format!("[theme]\nbackground = \"{background}\"\n");
    std::fs::write(folder.join("config.toml"), theme).unwrap();
}

/// Starts the dashboard with the queue, and selects a locked file.
fn start_queue(program: &Path, home: &Path) -> Terminal {
    let mut terminal = start(program, home, &[&["inbox"], &PERIOD[..]].concat());
    terminal.wait_for("SANDBOX");
    terminal.wait("all verdicts", |screen| {
        !screen.contents().contains("screening")
    });
    select_file(&mut terminal, "kotak_locked.pdf");
    terminal
}

fn copy_files(files: &[(&str, &str)], folder: &Path) {
    for (document, name) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(Path::new("testdata").join(document), path).unwrap();
    }
}

fn start(program: &Path, home: &Path, args: &[&str]) -> Terminal {
    let mut command = Command::new(program);
    command.arg("--sandbox").args(args);
    command.current_dir(home);
    let environment = [
        ("HOME", home.to_str().unwrap()),
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
    ];
    command.envs(environment);
    Terminal::start(&command, SIZE.0, SIZE.1)
}

/// Moves the cursor to a file.
fn select_file(terminal: &mut Terminal, name: &str) {
    terminal.type_text("g");
    for _ in 0..INBOX.len() {
        terminal.settle(Duration::from_millis(100));
        let text = terminal.text();
        if text
            .lines()
            .any(|line| line.contains('▸') && line.contains(name))
        {
            return;
        }
        terminal.type_text("j");
    }
    panic!("{name} is not in the list:\n{}", terminal.text());
}

/// Writes the current screen as an SVG file, in a dark theme.
fn save_screen(terminal: &mut Terminal, folder: &Path, name: &str) {
    save_as(terminal, folder, name, &svg::DARK);
}

fn save_as(terminal: &mut Terminal, folder: &Path, name: &str, theme: &svg::Theme) {
    terminal.settle(Duration::from_millis(300));
    let path = folder.join(name).with_extension("svg");
    std::fs::write(&path, svg::render(terminal.screen(), theme)).unwrap();
    println!("{}", path.display());
}
