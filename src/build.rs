//! The build script: the version with the commit that is built, for `--version`.
//!
//! The commit comes from `BANKSCREEN_COMMIT`, else from the files of Git or of a published package.
//! Debug builds have none, because every commit would compile the crate again.

#![expect(
    clippy::disallowed_methods,
    reason = "Cargo passes variables to a build script and reads its standard output"
)]

use std::env;
use std::path::{Path, PathBuf};

/// Number of digits of the commit that are shown.
const COMMIT_DIGITS: usize = 12;

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    println!("cargo:rerun-if-env-changed=BANKSCREEN_COMMIT");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let mut commit = variable("BANKSCREEN_COMMIT");
    if commit.is_empty() && variable("PROFILE") != "debug" {
        commit = git_commit(&root)
            .or_else(|| package_commit(&root))
            .unwrap_or_default();
    }
    let is_commit = |text: &str| text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let version = variable("CARGO_PKG_VERSION");
    let shown = commit.get(..COMMIT_DIGITS).unwrap_or(&commit);
    if is_commit(shown) {
        println!("cargo:rustc-env=BANKSCREEN_VERSION={version} ({shown})");
    } else {
        println!("cargo:rustc-env=BANKSCREEN_VERSION={version}");
    }
}

/// Returns the commit that is checked out.
fn git_commit(root: &Path) -> Option<String> {
    let mut folder = root.join(".git");
    if let Some(pointer) = read(&folder) {
        // A linked work tree has a file that names its folder.
        folder = root.join(pointer.strip_prefix("gitdir: ")?);
    }
    let head = read(&watched(folder.join("HEAD")))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(head);
    };
    let common = read(&folder.join("commondir"));
    let common = common.map_or_else(|| folder.clone(), |common| folder.join(common));
    if let Some(commit) = read(&watched(common.join(name))) {
        return Some(commit);
    }
    let packed = read(&watched(common.join("packed-refs")))?;
    let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(_, packed_name)| *packed_name == name);
    found.map(|(commit, _)| commit.to_owned())
}

/// Returns the commit that Cargo has recorded in a published package.
fn package_commit(root: &Path) -> Option<String> {
    let info = read(&root.join(".cargo_vcs_info.json"))?;
    let (_, rest) = info.split_once("\"sha1\"")?;
    rest.split('"').nth(1).map(str::to_owned)
}

fn read(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim_end().to_owned())
}

/// Runs this script again when the file changes, if it exists: a missing file would count as
/// changed.
fn watched(path: PathBuf) -> PathBuf {
    if path.exists() {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    path
}
