//! Import cycles between files: which file uses which, read from `use` lines and paths.
//!
//! A name that a module only re-exports counts as a use of the file that defines it. Test modules
//! are not read.

use crate::harness::project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files that import each other in a cycle are read together; more than this many can't be.
const MAX_CYCLE: usize = 3;

/// The modules of a crate by their paths, such as `pdf::content::font`.
struct Modules {
    sources: BTreeMap<String, String>,
}

impl Modules {
    fn of_project() -> Self {
        let mut sources = BTreeMap::new();
        let src = project().join("src");
        for path in rust_files(&src) {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap();
            let name = name.trim_end_matches(".rs").trim_end_matches("/mod");
            let source = std::fs::read_to_string(&path).unwrap();
            sources.insert(name.replace('/', "::"), without_tests(&source));
        }
        Self { sources }
    }

    fn of(sources: &[(&str, &str)]) -> Self {
        let sources = sources
            .iter()
            .map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
        Self {
            sources: sources.collect(),
        }
    }

    /// The module that defines what a path names: the longest prefix that is a module, or the
    /// module that its re-exports lead to.
    fn definer(&self, path: &str, depth: usize) -> Option<String> {
        let segments: Vec<_> = path.split("::").collect();
        let module = (1..=segments.len())
            .rev()
            .map(|count| segments[..count].join("::"))
            .find(|prefix| self.sources.contains_key(prefix))?;
        let rest = path.strip_prefix(&module).unwrap_or_default();
        let name = rest
            .trim_start_matches("::")
            .split("::")
            .next()
            .unwrap_or_default();
        if name.is_empty() || depth == 0 {
            return Some(module);
        }
        let reexported = uses(&self.sources[&module], &module)
            .into_iter()
            .filter(|import| import.is_public)
            .find(|import| import.path.rsplit("::").next() == Some(name));
        match reexported {
            Some(import) if import.path != path => self.definer(&import.path, depth - 1),
            _ => Some(module),
        }
    }

    /// For every module, the modules that it uses.
    fn graph(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut graph = BTreeMap::new();
        for (module, source) in &self.sources {
            let mut used = BTreeSet::new();
            for import in uses(source, module)
                .iter()
                .filter(|import| !import.is_public)
            {
                used.extend(self.definer(&import.path, 4));
            }
            for path in inline_paths(source, module) {
                used.extend(self.definer(&path, 4));
            }
            used.remove(module);
            graph.insert(module.clone(), used);
        }
        graph
    }
}

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    /// The path from the crate's root.
    path: String,
    is_public: bool,
}

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
    found
}

/// A source without its inline test module and without comments.
fn without_tests(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A path from the crate's root, if it begins with `crate`, `self` or `super`, or names a child.
fn absolute(path: &str, module: &str) -> Option<String> {
    let path = path.trim();
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    let mut base: Vec<_> = module.split("::").collect();
    let mut rest = path;
    let mut is_relative = false;
    if let Some(after) = rest.strip_prefix("self::") {
        (rest, is_relative) = (after, true);
    }
    while let Some(after) = rest.strip_prefix("super::") {
        base.pop()?;
        (rest, is_relative) = (after, true);
    }
    if !is_relative {
        return None;
    }
    base.push(rest);
    Some(base.join("::"))
}

/// The imports of a source, one per name.
fn uses(source: &str, module: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("use ") {
        let line_start = rest[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let before = rest[line_start..start].trim();
        let after = &rest[start + 4..];
        let Some(end) = after.find(';') else { break };
        let is_use = before.is_empty() || before.starts_with("pub");
        if is_use {
            let is_public = before.starts_with("pub");
            let mut paths = Vec::new();
            expand("", &after[..end].replace('\n', " "), &mut paths);
            for path in paths {
                let declared = path.split("::").next().unwrap_or_default();
                let is_child = source.contains(&format!("mod {declared};"));
                let path = match absolute(&path, module) {
                    Some(path) => path,
                    None if is_child && module != "lib" => format!("{module}::{path}"),
                    None => continue,
                };
                imports.push(Import { path, is_public });
            }
        }
        rest = &after[end..];
    }
    imports
}

/// Expands `a::{b, c::{d, self}}` to `a::b`, `a::c::d` and `a::c`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let prefix = format!("{prefix}{}", &tree[..open]);
        let inside = tree[open + 1..].trim_end().trim_end_matches('}');
        let mut depth = 0;
        let parts = inside.split(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        });
        for part in parts.filter(|part| !part.trim().is_empty()) {
            expand(&prefix, part, paths);
        }
        return;
    }
    let name = tree.split(" as ").next().unwrap().trim();
    if name == "self" {
        paths.push(prefix.trim_end_matches("::").to_owned());
    } else {
        paths.push(format!("{prefix}{name}"));
    }
}

/// Paths such as `crate::a::b` and `super::a::b` outside `use` lines.
fn inline_paths(source: &str, module: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let mut paths = Vec::new();
    for line in source
        .lines()
        .filter(|line| !line.trim_start().contains("use "))
    {
        for start in ["crate::", "super::"] {
            for (index, _) in line.match_indices(start) {
                // The path in `pub(in crate::a)` is a visibility.
                let before = &line[..index];
                let is_whole = !before.ends_with(is_part) && !before.ends_with("(in ");
                let path: String = line[index..].chars().take_while(|c| is_part(*c)).collect();
                if is_whole {
                    paths.extend(absolute(path.trim_end_matches(':'), module));
                }
            }
        }
    }
    paths
}

/// Groups of modules that use each other in a cycle.
fn cycles(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reachable = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(module) = open.pop() {
            for used in graph.get(&module).into_iter().flatten() {
                if seen.insert(used.clone()) {
                    open.push(used.clone());
                }
            }
        }
        seen
    };
    let reach: BTreeMap<_, _> = graph
        .keys()
        .map(|module| (module, reachable(module)))
        .collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for module in graph.keys() {
        let is_mutual =
            |other: &&String| reach[module].contains(*other) && reach[*other].contains(module);
        let group: Vec<_> = graph.keys().filter(is_mutual).cloned().collect();
        if group.len() > 1 && !found.contains(&group) {
            found.push(group);
        }
    }
    found
}

#[test]
fn no_import_cycle_is_larger_than_three_files() {
    let graph = Modules::of_project().graph();
    let arrows: usize = graph.values().map(BTreeSet::len).sum();
    assert!(arrows > graph.len(), "too few imports were read: {arrows}");
    let large: Vec<_> = cycles(&graph)
        .into_iter()
        .filter(|cycle| cycle.len() > MAX_CYCLE)
        .map(|cycle| {
            let inside = |module: &String| {
                let used = graph[module].iter().filter(|used| cycle.contains(used));
                format!(
                    "{module} -> {}",
                    used.cloned().collect::<Vec<_>>().join(", ")
                )
            };
            cycle.iter().map(inside).collect::<Vec<_>>()
        })
        .collect();
    assert!(large.is_empty(), "{large:#?}");
}

#[test]
fn cycles_are_found_through_reexports_braces_and_paths() {
    let modules = Modules::of(&[
        ("a", "use crate::b::{self, c::C};\n"),
        ("b", "mod c;\npub use c::C;\nuse crate::d::D;\n"),
        ("b::c", "pub struct C;\n"),
        ("d", "fn f() { crate::a::g() }\npub use e::E;\nmod e;\n"),
        ("d::e", "use super::super::a::g;\n"),
        ("f", "use crate::b::C;\n"),
    ]);
    let graph = modules.graph();
    assert_eq!(graph["f"], ["b::c".to_owned()].into());
    let names = |cycle: &[&str]| {
        cycle
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(cycles(&graph), [names(&["a", "b", "d"])]);
    let apart = Modules::of(&[("a", "use crate::b::B;\n"), ("b", "use std::fmt;\n")]);
    assert!(cycles(&apart.graph()).is_empty());
}
