//! Folders and files with their permissions, and the journal.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where permissions are looked at"
)]

use super::{Fact, Findings, Problem};
use crate::journal::{self, HistoryQuery, JournalReader};
use crate::settings::resolve;
use crate::settings::{self, Profile};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use jiff::Timestamp;
use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Others than the owner may read or write.
const OTHERS: u32 = 0o077;
/// Others than the owner may write.
const WRITERS: u32 = 0o022;

/// Tells folders and the journal.
pub(super) fn tell(profile: &Profile, findings: &mut Findings) {
    let mut facts = Vec::new();
    if let Some(folder) = settings::folder() {
        place("config folder", &folder, findings, &mut facts);
        place(
            "banks.toml",
            &folder.join("banks.toml"),
            findings,
            &mut facts,
        );
    }
    if let Some(file) = &profile.path {
        place("config file", file, findings, &mut facts);
    }
    let state = resolve::state_folder();
    if let Ok(state) = &state {
        place("state folder", state, findings, &mut facts);
        writable(state, findings);
    }
    findings.section("folders", facts);
    match state {
        Ok(state) => journal(&state, findings),
        Err(failure) => findings.fail(&failure),
    }
}

/// A path with its permissions, and whether they let others in.
fn place(name: &str, path: &Path, findings: &mut Findings, facts: &mut Vec<Fact>) {
    let Ok(found) = fs::metadata(path) else {
        facts.push(Fact::new(
            name,
            path.display().to_string(),
            Some("not there"),
        ));
        return;
    };
    let mode = found.permissions().mode() & 0o777;
    let source = format!("mode {mode:o}");
    facts.push(Fact::new(name, path.display().to_string(), Some(&source)));
    // What a person uploads is nobody else's business; settings may be read, but not planted.
    let (others, can) = match name {
        "state folder" => (OTHERS, "look into"),
        "config folder" => (WRITERS, "write to"),
        _ => return,
    };
    if mode & others != 0 {
        let path = path.display();
        findings.problems.push(Problem::harmless(
            format!("others can {can} the {name} {path} (mode {mode:o})"),
            format!("chmod 700 {path}"),
        ));
    }
}

/// A journal that can't be written stops uploads. A folder that is not there is made in the first
/// one above it that is.
fn writable(state: &Path, findings: &mut Findings) {
    let mut above = state.ancestors().filter(|folder| folder.exists());
    let Some(folder) = above.next() else { return };
    let may_write = access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if !folder.is_dir() || !may_write {
        findings.problems.push(Problem {
            what: format!(
                "{} can't be written, and uploads need a journal",
                folder.display()
            ),
            remedy: Some("BANKSCREEN_STATE_DIR with a folder that you may write to".to_owned()),
            stops_upload: true,
        });
    }
}

fn journal(state: &Path, findings: &mut Findings) {
    let condition = journal::inspect(state);
    let mut facts = vec![Fact::new(
        "journal",
        condition.path.display().to_string(),
        Some(if condition.path.exists() {
            "there"
        } else {
            "not there: nothing was uploaded yet"
        }),
    )];
    let version = condition.version.map(|version| version.to_string());
    facts.extend(version.map(|version| Fact::new("version", version, None)));
    if condition.on_network {
        let words = "yes: every commit waits for the other machine";
        facts.push(Fact::new("network file system", words, None));
    }
    if let Some(writer) = condition.writer {
        let who = writer.map_or_else(|| "some process".to_owned(), |holder| holder.to_string());
        facts.push(Fact::new("written by", who.clone(), None));
        findings.problems.push(Problem {
            what: format!("the journal is being written: {who}"),
            remedy: Some("an upload again when that process has ended".to_owned()),
            stops_upload: true,
        });
    }
    let query = HistoryQuery {
        limit: Some(0),
        ..HistoryQuery::default()
    };
    let reader = JournalReader::open(state, Timestamp::now());
    match reader.and_then(|reader| reader.map(|mut reader| reader.history(&query)).transpose()) {
        Ok(Some((_, totals))) => {
            let counts = OutcomeKind::ALL.iter().zip(totals.outcomes);
            let unknown = counts.filter(|(kind, _)| **kind == OutcomeKind::Unknown);
            let unknown: usize = unknown.map(|(_, count)| count).sum();
            let words = format!(
                "{}, {unknown} of unknown outcome",
                counted(totals.uploads, "row")
            );
            facts.push(Fact::new("holds", words, None));
        }
        Ok(None) => {}
        Err(error) => findings.fail(&error.into()),
    }
    findings.section("journal", facts);
}
