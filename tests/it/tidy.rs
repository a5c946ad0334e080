//! What the house looks like: layers, sizes, documents that match the code.

use crate::harness::project;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Layers from the bottom; a module may use those of the layers before its own.
const LAYERS: [&[&str]; 21] = [
    &["prefetch"],
    &["text"],
    &["pdf"],
    &["archive"],
    &["statement"],
    &["applicant"],
    &["screen"],
    &["bankconnect::wire"],
    &["uploads::plan"],
    &["report"],
    &["uploads::convert"],
    &["dashboard"],
    &["bankconnect", "batch", "isolation", "journal", "sandbox"],
    &["error", "event_log"],
    &["interrupt", "settings"],
    &["output"],
    &["connection", "screening_run"],
    &["diagnosis", "history", "session_report", "uploads"],
    &["dashboard::runtime"],
    &["cli"],
    &["fuzzing"],
];
const MAX_LINES_PER_FILE: usize = 800;
const COLUMNS: usize = 100;
const MAX_CLI_LINES: usize = 4_500;
const MAX_README_LINES: usize = 180;
const MAX_FILES_PER_CHANGE: usize = 3;

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(project())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    let folders = ["src", "tests", "examples", "benches"];
    let files = folders
        .iter()
        .flat_map(|folder| rust_files(&project().join(folder)));
    files.map(read).collect()
}

fn layer(module: &str) -> usize {
    let place = LAYERS.iter().position(|layer| layer.contains(&module));
    place.unwrap_or_else(|| panic!("{module} is in no layer: add it to the list, and to lib.rs"))
}

/// The layered module that a path such as `bankconnect::wire::SanitizedText` or `batch::run` lies
/// in: the longest that is in the list, else its first name.
fn layered(path: &str) -> &str {
    let known = LAYERS.iter().copied().flatten().filter(|module| {
        let rest = path.strip_prefix(**module);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    let longest = known.copied().max_by_key(|module| module.len());
    longest.unwrap_or_else(|| path.split("::").next().unwrap())
}

/// Modules of the list that a source names, one by one or in braces.
fn used_modules(source: &str) -> BTreeSet<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => used.extend(members(group).map(leading_path)),
            None => used.extend([leading_path(rest)]),
        }
    }
    used.retain(|path| !path.is_empty());
    used.iter().map(|path| layered(path).to_owned()).collect()
}

/// The members of a group between commas, up to its closing brace.
fn members(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 1;
    let end = group.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    });
    let mut depth = 0;
    let inside = end.and_then(|end| group.get(..end)).unwrap_or(group);
    inside.split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    })
}

/// The path that a text begins with, without what ends it.
fn leading_path(text: &str) -> String {
    let is_part = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let path: String = text.trim_start().chars().take_while(is_part).collect();
    path.trim_end_matches(':').to_owned()
}

#[test]
fn no_way_of_writing_a_use_hides_a_module() {
    let source = "use crate::{batch::{self, run}, report, Style};\n\
        // use crate::cli;\n    use crate::{\n        isolation,\n        screen::screen,\n    };\n\
        fn f(_: crate::pdf::Limits) { crate::statement::banks::all() }\n\
        use crate::bankconnect::wire::SanitizedText;\n";
    let expected = [
        "Style",
        "bankconnect::wire",
        "batch",
        "isolation",
        "pdf",
        "report",
        "screen",
        "statement",
    ];
    assert_eq!(used_modules(source), expected.map(String::from).into());
}

/// The longest chain of `super::` at the start of a line's `use`: how far up a file reaches.
fn reach(source: &str) -> usize {
    let uses = source
        .lines()
        .filter_map(|line| line.split_once("use super::"));
    uses.filter(|(before, _)| !before.starts_with(' '))
        .map(|(_, rest)| 1 + rest.matches("super::").count())
        .max()
        .unwrap_or(0)
}

#[test]
fn dependencies_point_down() {
    for (name, source) in sources() {
        let Some(inner) = name.strip_prefix("src/") else {
            continue;
        };
        let path = inner.trim_end_matches(".rs").replace('/', "::");
        let module = layered(&path);
        if matches!(module, "lib" | "main") {
            continue;
        }
        for used in used_modules(&source) {
            let down = layer(&used) < layer(module) || used == module;
            assert!(down, "{name} reaches up or across to {used}");
        }
        let depth = inner.trim_end_matches("/mod.rs").split('/').count();
        let hidden = reach(&source) >= depth;
        assert!(!hidden, "{name} names a module by way of super");
    }
}

/// The command line holds arguments, printing and exit codes; what the program does is below it.
#[test]
fn the_command_line_stays_thin() {
    let own = sources().into_iter();
    let own = own.filter(|(name, _)| name.starts_with("src/cli/"));
    let lines: usize = own.map(|(_, text)| text.lines().count()).sum();
    assert!(lines > 0 && lines <= MAX_CLI_LINES, "{lines} lines");
}

#[test]
fn files_stay_readable() {
    for (name, source) in sources() {
        let lines = source.lines().count();
        assert!(lines <= MAX_LINES_PER_FILE, "{name} has {lines} lines");
        assert!(
            source.starts_with("//!"),
            "{name} does not say what it is responsible for"
        );
        assert!(
            !has_empty_docs(&source),
            "{name} documents something with nothing"
        );
        for (number, line) in source.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            assert!(line.chars().count() <= COLUMNS, "{place} is too long");
        }
    }
}

/// Returns whether a doc comment starts or ends with an empty line; inside, one separates
/// paragraphs.
fn has_empty_docs(source: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let blocks = lines.split(|line| !line.starts_with("///"));
    blocks.filter(|block| !block.is_empty()).any(|block| {
        let ends = [block.first(), block.last()];
        ends.into_iter().flatten().any(|line| *line == "///")
    })
}

#[test]
fn modules_are_named_for_what_they_hold() {
    let vague = [
        "util", "utils", "helpers", "common", "manager", "data", "types", "misc",
    ];
    for (name, _) in sources() {
        let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap();
        assert!(!vague.contains(&stem), "{name} says nothing");
    }
}

#[test]
fn every_test_file_is_part_of_the_binary() {
    let main = std::fs::read_to_string(project().join("tests/it/main.rs")).unwrap();
    for path in rust_files(&project().join("tests/it")) {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let listed = main.contains(&format!("mod {stem};"));
        assert!(stem == "main" || listed, "{stem} is never run");
    }
}

#[test]
fn the_readme_stays_short() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(
        lines <= MAX_README_LINES,
        "README.md has {lines} lines: move reference material to src/guide"
    );
}

/// Checks the table "Where to change what": every path exists, and a change affects few files.
#[test]
fn contributing_names_at_most_three_existing_files_per_change() {
    let text = std::fs::read_to_string(project().join(".github/CONTRIBUTING.md")).unwrap();
    let section = text.split("\n## Where to change what\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let mut checked = 0;
    for row in rows.skip(2) {
        let spans = row.split('`').skip(1).step_by(2);
        let paths: Vec<_> = spans.filter(|span| span.contains('/')).collect();
        assert!(
            (1..=MAX_FILES_PER_CHANGE).contains(&paths.len()),
            "{row} names {} files",
            paths.len()
        );
        for path in paths {
            assert!(project().join(path).exists(), "{row} names {path}");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} paths found");
}

#[test]
fn the_crate_docs_and_contributing_name_every_module() {
    for name in ["src/lib.rs", ".github/CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(project().join(name)).unwrap();
        for module in LAYERS.iter().flat_map(|layer| layer.iter()) {
            let is_named = text.contains(&format!("`{module}`"));
            assert!(is_named, "{name} does not mention {module}");
        }
    }
}
