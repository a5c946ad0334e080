//! Makes the pictures of the README from the real program on a real terminal.
//!
//! `cargo run --release --example pictures -- target/release/bankscreen .github/pictures`

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a tool for developers: what it can't do, it says by failing"
)]

#[expect(dead_code, reason = "pictures need a part of what tests do")]
#[path = "../../tests/it/pty.rs"]
mod pty;
mod svg;

use pty::Terminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Files of testdata, and the names that they have in the pictures.
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
/// Opens one of the two locked files.
const PASSWORD: &str = "512LEENA1988";
const SIZE: (u16, u16) = (110, 30);

fn main() {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(program), Some(folder)) = (args.next(), args.next()) else {
        panic!("give the program and the folder for the pictures");
    };
    let program = std::fs::canonicalize(program).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let home = tempfile::tempdir().unwrap();
    for (case, name) in INBOX {
        let path = home.path().join("inbox").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(Path::new("testdata").join(case), path).unwrap();
    }
    let mut terminal = start(&program, home.path());
    terminal.wait_for("SANDBOX");
    terminal.wait("all verdicts", |screen| {
        !screen.contents().contains("screening")
    });
    select(&mut terminal, "kotak_locked.pdf");
    save(&mut terminal, &folder, "queue");
    terminal.type_text("p");
    terminal.wait_for("locked files");
    terminal.type_text(PASSWORD);
    save(&mut terminal, &folder, "password");
    terminal.type_text("\r");
    terminal.wait_for("opens 1 of 2");
    terminal.type_text("u");
    terminal.wait_for("the service has");
    save(&mut terminal, &folder, "uploaded");
    terminal.type_text("2");
    terminal.wait_for("account");
    save(&mut terminal, &folder, "coverage");
    terminal.type_text("1?");
    terminal.wait_for("Help: every key");
    terminal.type_text("upload");
    save(&mut terminal, &folder, "help");
    terminal.type_text("\x1b");
    terminal.wait_until_gone("Help: every key");
    select(&mut terminal, "hdfc_jan-mar.pdf");
    terminal.type_text("v");
    terminal.wait("the page", |screen| screen.contents().contains('▀'));
    save(&mut terminal, &folder, "page");
}

fn start(program: &Path, home: &Path) -> Terminal {
    let mut command = Command::new(program);
    command.args(["--sandbox", "inbox"]).current_dir(home);
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

/// Puts the cursor on a file.
fn select(terminal: &mut Terminal, name: &str) {
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
    panic!("{name} is not there:\n{}", terminal.text());
}

fn save(terminal: &mut Terminal, folder: &Path, name: &str) {
    terminal.settle(Duration::from_millis(300));
    let path = folder.join(name).with_extension("svg");
    std::fs::write(&path, svg::draw(terminal.screen())).unwrap();
    println!("{}", path.display());
}
