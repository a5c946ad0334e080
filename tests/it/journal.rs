//! The journal among processes that die, contend for it or have no room, and what it never keeps.
//!
//! The other processes are this test binary, started again to run one test that is ignored
//! otherwise. They say what they do in lines that begin with `@`.

use bankscreen::journal::{
    BeginResult, HistoryQuery, Intent, Journal, JournalError, JournalReader, Resend,
};
use bankscreen::screen::ContentHash;
use bankscreen::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Receipt};
use jiff::Timestamp;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const ROLE: &str = "JOURNAL_TEST_ROLE";
const FOLDER: &str = "JOURNAL_TEST_FOLDER";
const FROM: &str = "JOURNAL_TEST_FROM";
const SESSION: &str = "3d0e-session";
const ACCOUNT: &str = "50100123456789";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn intent(index: usize) -> Intent {
    Intent {
        content: ContentHash::of(&index.to_le_bytes()),
        session: SESSION.to_owned(),
        name: format!("{index}.pdf"),
        bytes: 1000,
        bank: None,
        account: None,
        resend: Resend::Never,
        at: at(0),
    }
}

fn accepted() -> Outcome {
    Outcome {
        kind: OutcomeKind::Accepted,
        code: None,
        http_status: Some(200),
        attempts: 1,
        receipt: Receipt::default(),
    }
}

fn other_process(role: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "journal::the_other_process",
            "--ignored",
            "--nocapture",
        ])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
#[ignore = "what the other processes do; started by the tests of this file"]
fn the_other_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let folder = std::env::var_os(FOLDER).unwrap();
    let folder = Path::new(&folder);
    match role.as_str() {
        "send" => send_for_ever(folder),
        "hold" => hold(folder),
        "fill" => fill(folder),
        "look" => look(folder),
        role => panic!("there is no role {role}"),
    }
}

fn say(what: impl std::fmt::Display) {
    let mut out = std::io::stdout();
    writeln!(out, "@{what}").unwrap();
}

/// Sends what the journal lets it, until it is killed.
fn send_for_ever(folder: &Path) {
    let mut journal = Journal::open(folder, at(0)).unwrap();
    let from: usize = std::env::var(FROM).unwrap().parse().unwrap();
    for index in from.. {
        let BeginResult::Recorded(id) = journal.begin(&intent(index)).unwrap() else {
            continue;
        };
        say(format_args!("intended {index}"));
        journal.body_started(id).unwrap();
        say(format_args!("sent {index}"));
        std::thread::sleep(Duration::from_millis(1));
        journal.settle(id, &accepted(), at(1)).unwrap();
        say(format_args!("settled {index}"));
    }
}

/// Holds the journal until its standard input ends, or says who does.
fn hold(folder: &Path) {
    match Journal::open(folder, at(0)) {
        Ok(_journal) => {
            say(format_args!("writer {}", std::process::id()));
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        Err(JournalError::InUse { holder, .. }) => {
            say(format_args!("second {}", holder.unwrap().pid));
        }
        Err(error) => panic!("{error}"),
    }
}

/// Writes until there is no room, then gets some room and settles what it had begun.
fn fill(folder: &Path) {
    let signal = std::sync::Arc::default();
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, signal).unwrap();
    let mut journal = Journal::open(folder, at(0)).unwrap();
    let BeginResult::Recorded(sent) = journal.begin(&intent(0)).unwrap() else {
        panic!("a new journal knows the file");
    };
    journal.body_started(sent).unwrap();
    let room = |bytes| Rlimit {
        current: bytes,
        maximum: None,
    };
    setrlimit(Resource::Fsize, room(Some(200 << 10))).unwrap();
    let mut index = 1;
    let error = loop {
        match journal.begin(&intent(index)) {
            Ok(_) => index += 1,
            Err(error) => break error,
        }
    };
    say(format_args!("begun {index}"));
    say(format_args!("refused {error}"));
    assert!(journal.settle(sent, &accepted(), at(1)).is_err());
    setrlimit(Resource::Fsize, room(None)).unwrap();
    journal.settle(sent, &accepted(), at(1)).unwrap();
}

/// Tries to write, then reads.
fn look(folder: &Path) {
    let error = Journal::open(folder, at(0)).unwrap_err();
    say(format_args!("write {error}"));
    let mut reader = JournalReader::open(folder, at(0)).unwrap().unwrap();
    let (entries, _) = reader.history(&HistoryQuery::default()).unwrap();
    say(format_args!("read {}", entries.len()));
}

/// What a process said until it ended.
fn said(child: Child) -> Vec<(String, String)> {
    let output = child.wait_with_output().unwrap();
    spoken_lines(&String::from_utf8(output.stdout).unwrap())
}

/// A last line without its end was cut by a kill.
fn spoken_lines(text: &str) -> Vec<(String, String)> {
    let lines = text.split_inclusive('\n');
    let whole = lines.filter_map(|line| line.strip_suffix('\n'));
    whole.filter_map(spoken).collect()
}

/// The harness of the test binary may have begun the line.
fn spoken(line: &str) -> Option<(String, String)> {
    let (_, words) = line.split_once('@')?;
    let (verb, rest) = words.split_once(' ')?;
    Some((verb.to_owned(), rest.to_owned()))
}

fn outcomes(folder: &Path) -> BTreeMap<String, &'static str> {
    let Some(mut reader) = JournalReader::open(folder, at(9)).unwrap() else {
        return BTreeMap::new();
    };
    let (entries, _) = reader.history(&HistoryQuery::default()).unwrap();
    let word = |settled: Option<OutcomeKind>| settled.map_or("open", OutcomeKind::name);
    entries
        .into_iter()
        .map(|entry| (entry.name, word(entry.settled.map(|s| s.outcome.kind))))
        .collect()
}

#[test]
fn a_writer_killed_at_any_moment_forgets_nothing_and_sends_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut sent: BTreeMap<usize, usize> = BTreeMap::new();
    let mut last_word: BTreeMap<usize, String> = BTreeMap::new();
    for round in 0..40_u64 {
        let from = last_word
            .keys()
            .next_back()
            .map_or(0, |last| last.saturating_sub(3));
        let mut child = other_process("send", folder.path())
            .env(FROM, from.to_string())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        // Some are killed while they start, most while they send.
        while round % 5 != 0 && !text.contains("@sent") {
            assert!(said.read_line(&mut text).unwrap() > 0, "it ended by itself");
        }
        std::thread::sleep(Duration::from_millis(round * 7919 % 13));
        child.kill().unwrap();
        said.read_to_string(&mut text).unwrap();
        child.wait().unwrap();
        for (verb, index) in spoken_lines(&text) {
            let index = index.parse().unwrap();
            if verb == "sent" {
                *sent.entry(index).or_default() += 1;
            }
            last_word.insert(index, verb);
        }
        let outcomes = outcomes(folder.path());
        for (index, word) in &last_word {
            let outcome = outcomes.get(&format!("{index}.pdf"));
            let allowed: &[&str] = match word.as_str() {
                "settled" => &["accepted"],
                // The kill came before the next line, or before the commit.
                "sent" => &["unknown", "accepted"],
                _ => &["skipped", "unknown"],
            };
            let kept = outcome.is_some_and(|outcome| allowed.contains(outcome));
            assert!(kept, "{index} was {word} and is {outcome:?}");
        }
    }
    assert!(
        sent.values().all(|times| *times == 1),
        "sent twice: {sent:?}"
    );
    let outcomes = outcomes(folder.path());
    let unknown = outcomes.values().filter(|outcome| **outcome == "unknown");
    let (sent, unknown) = (sent.len(), unknown.count());
    let telling = sent > 30 && (3..40).contains(&unknown);
    assert!(telling, "{sent} were sent, and {unknown} are unknown");
}

#[test]
fn of_fifty_writers_at_once_one_writes_and_the_others_say_who() {
    let folder = tempfile::tempdir().unwrap();
    let start = |_| other_process("hold", folder.path()).spawn().unwrap();
    let mut children: Vec<_> = (0..50).map(start).collect();
    let first_words = children.iter_mut().map(|child| {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines
            .map(Result::unwrap)
            .find_map(|line| spoken(&line))
            .unwrap()
    });
    let words: Vec<_> = first_words.collect();
    let writers: Vec<_> = words.iter().filter(|(verb, _)| verb == "writer").collect();
    assert_eq!(writers.len(), 1);
    assert!(
        words.iter().all(|(_, pid)| *pid == writers[0].1),
        "{words:?}"
    );
    for mut child in children {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    drop(Journal::open(folder.path(), at(0)).unwrap());
}

#[test]
fn without_room_nothing_is_begun_and_what_was_begun_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let said = said(other_process("fill", folder.path()).spawn().unwrap());
    let begun: usize = said[0].1.parse().unwrap();
    assert!(begun > 1);
    assert!(said[1].1.contains("journal"), "{said:?}");
    let outcomes = outcomes(folder.path());
    assert_eq!(outcomes.len(), begun);
    assert_eq!(
        outcomes["0.pdf"], "accepted",
        "it was settled once there was room again"
    );
    assert_eq!(outcomes["1.pdf"], "skipped");
}

#[test]
fn a_folder_that_can_not_be_written_to_is_refused_for_writing_and_read() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("state");
    let mut journal = Journal::open(&folder, at(0)).unwrap();
    journal.begin(&intent(0)).unwrap();
    drop(journal);
    let mut command = other_process("look", &folder);
    // Permissions mean nothing to the superuser.
    if rustix::process::geteuid().is_root() {
        for path in [parent.path().to_owned(), folder.clone()] {
            chown(path, Some(NOBODY), None).unwrap();
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            chown(file.unwrap().path(), Some(NOBODY), None).unwrap();
        }
        command.uid(NOBODY);
    }
    for file in std::fs::read_dir(&folder).unwrap() {
        let read = std::fs::Permissions::from_mode(0o400);
        std::fs::set_permissions(file.unwrap().path(), read).unwrap();
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    let said = said(command.spawn().unwrap());
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    assert!(said[0].1.contains("can't be used"), "{said:?}");
    assert_eq!(said[1], ("read".to_owned(), "1".to_owned()));
}

#[test]
fn full_account_numbers_are_in_no_file_of_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let check = || {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let found = memchr::memmem::find(&bytes, ACCOUNT.as_bytes());
            assert_eq!(found, None, "{}", path.display());
        }
    };
    let mut journal = Journal::open(folder.path(), at(0)).unwrap();
    let told = Intent {
        name: format!("statement {ACCOUNT}.pdf"),
        account: Some(ACCOUNT.to_owned()),
        ..intent(0)
    };
    let BeginResult::Recorded(id) = journal.begin(&told).unwrap() else {
        panic!("a new journal knows the file");
    };
    let mut outcome = accepted();
    outcome.code = Some(OutcomeCode::from_name(&format!("NO_{ACCOUNT}")));
    outcome.receipt.months = vec![ACCOUNT.to_owned()];
    journal.settle(id, &outcome, at(1)).unwrap();
    check();
    drop(journal);
    check();
}
