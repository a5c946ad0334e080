//! Folders and files with their permissions, and the journal.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where permissions are inspected"
)]

use super::{Diagnosis, Fact, Problem};
use crate::journal::{self, HistoryQuery, JournalReader};
use crate::settings::environment::{config_folder, state_folder};
use crate::settings::{LOGOS, PASSWORD_RULES, Profile, TRUST_ANCHORS, trust_anchors};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use rustix::fs::{Access, access};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Permission bits with which users other than the owner can read or write.
const ACCESSIBLE_BY_OTHERS: u32 = 0o077;
/// Permission bits with which users other than the owner can write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Inspects folders and the journal.
pub(super) fn diagnose(profile: &Profile, diagnosis: &mut Diagnosis) {
    let mut facts = Vec::new();
    if let Some(folder) = config_folder() {
        inspect("config folder", &folder, diagnosis, &mut facts);
        let banks = folder.join("banks.toml");
        inspect("banks.toml", &banks, diagnosis, &mut facts);
        let rules = folder.join(PASSWORD_RULES);
        inspect("password rules", &rules, diagnosis, &mut facts);
        let logos = folder.join(LOGOS);
        inspect("logos", &logos, diagnosis, &mut facts);
        let anchors = folder.join(TRUST_ANCHORS);
        inspect("trust anchors", &anchors, diagnosis, &mut facts);
        if let Err(error) = trust_anchors() {
            diagnosis.add_error(&error);
        }
    }
    if let Some(file) = &profile.path {
        inspect("config file", file, diagnosis, &mut facts);
    }
    let state = state_folder();
    if let Ok(state) = &state {
        inspect("state folder", state, diagnosis, &mut facts);
        check_writable(state, diagnosis);
    }
    diagnosis.add_section("folders", facts);
    match state {
        Ok(state) => inspect_journal(&state, diagnosis),
        Err(error) => diagnosis.add_error(&error),
    }
}

/// Adds a path with its permissions, and a warning if they admit other users.
fn inspect(name: &str, path: &Path, diagnosis: &mut Diagnosis, facts: &mut Vec<Fact>) {
    let Ok(found) = fs::metadata(path) else {
        facts.push(Fact::new(name, path.display().to_string(), Some("missing")));
        return;
    };
    let mode = found.permissions().mode() & 0o777;
    let source = format!("mode {mode:o}");
    facts.push(Fact::new(name, path.display().to_string(), Some(&source)));
    // Uploads are private; settings may be read by others, but not written.
    let (forbidden, can) = match name {
        "state folder" => (ACCESSIBLE_BY_OTHERS, "read"),
        "config folder" => (WRITABLE_BY_OTHERS, "write to"),
        _ => return,
    };
    if mode & forbidden != 0 {
        let path = path.display();
        diagnosis.problems.push(Problem::warning(
            format!("other users can {can} the {name} {path} (mode {mode:o})"),
            format!("run chmod 700 {path}"),
        ));
    }
}

/// Reports a journal that can't be written, which prevents uploads. A missing folder is created in
/// its nearest existing parent.
fn check_writable(state: &Path, diagnosis: &mut Diagnosis) {
    let mut above = state.ancestors().filter(|folder| folder.exists());
    let Some(folder) = above.next() else { return };
    let may_write = access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    if !folder.is_dir() || !may_write {
        diagnosis.problems.push(Problem {
            message: format!(
                "can't write to {}, and uploads need a journal",
                folder.display()
            ),
            hint: Some("set BANKSCREEN_STATE_DIR to a folder that you can write to".to_owned()),
            stops_upload: true,
        });
    }
}

fn inspect_journal(state: &Path, diagnosis: &mut Diagnosis) {
    let status = journal::inspect(state);
    let mut facts = vec![Fact::new(
        "journal",
        status.path.display().to_string(),
        Some(if status.path.exists() {
            "exists"
        } else {
            "missing: nothing was uploaded yet"
        }),
    )];
    let version = status.version.map(|version| version.to_string());
    facts.extend(version.map(|version| Fact::new("version", version, None)));
    if status.on_network {
        let text = "yes: every commit waits for the other machine";
        facts.push(Fact::new("network file system", text, None));
    }
    let query = HistoryQuery {
        limit: Some(0),
        ..HistoryQuery::default()
    };
    let reader = JournalReader::open(state);
    match reader.and_then(|reader| reader.map(|mut reader| reader.history(&query)).transpose()) {
        Ok(Some((_, totals))) => {
            let counts = OutcomeKind::ALL.iter().zip(totals.outcomes);
            let unknown = counts.filter(|(kind, _)| **kind == OutcomeKind::Unknown);
            let unknown: usize = unknown.map(|(_, count)| count).sum();
            let text = format!(
                "{}, {unknown} with unknown outcome",
                counted(totals.uploads, "upload")
            );
            facts.push(Fact::new("contents", text, None));
        }
        Ok(None) => {}
        Err(error) => diagnosis.add_error(&error.into()),
    }
    facts.extend(contradictions(state));
    diagnosis.add_section("journal", facts);
}

/// Returns the predictions that most answers of the service contradict.
fn contradictions(state: &Path) -> Vec<Fact> {
    let reader = JournalReader::open_unchanged(state).ok().flatten();
    let rows = reader.and_then(|reader| reader.accuracy().ok());
    let contradicted = rows.into_iter().flatten().filter_map(|row| {
        let text = row.contradiction()?;
        Some(Fact::new(
            "often wrong",
            format!("{} for {}: {text}", row.code, row.bank),
            None,
        ))
    });
    contradicted.collect()
}
