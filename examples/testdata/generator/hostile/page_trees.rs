//! Page trees with loops, false counts or excessive depth.

use super::super::object::{Body, Dict, Id, Object, array, name, raw};
use super::super::writer::{Document, FileKind, PAGE_TREE};
use super::{Case, case, compressed_sample_with, first_page, next_id, sample, sample_with};

const TOO_MANY: &str = "STATEMENT_TOO_MANY_PAGES";

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [loops(), counts(), kids(), sizes()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns an inner node of the page tree.
fn node(kids: impl Into<Object>) -> Dict {
    Dict::new()
        .with("Type", name("Pages"))
        .with("Parent", PAGE_TREE)
        .with("Count", 1)
        .with("Kids", kids)
}

fn loops() -> Vec<Case> {
    vec![
        sample_with(
            "tree_in_itself",
            "the root of the page tree is among its own kids",
            |document| {
                let kids = array([document.pages[0], PAGE_TREE]);
                document.page_tree_mut().set("Kids", kids);
            },
        )
        .repairable(),
        sample_with(
            "tree_loop",
            "a node below the root has the root among its kids",
            |document| {
                let below = document.add_dict(node(array([PAGE_TREE])));
                let kids = array([below, document.pages[0]]);
                document.page_tree_mut().set("Kids", kids);
            },
        )
        .repairable(),
        sample_with(
            "kids_of_itself",
            "the kids are an array whose only element is itself",
            |document| {
                let kids = next_id(document);
                document.add(Body::Plain(array([kids])));
                document.page_tree_mut().set("Kids", kids);
            },
        )
        .any_outcome(),
        sample_with(
            "tree_without_types",
            "the nodes of the page tree have no Type",
            |document| {
                let page = document.pages[0];
                let inner = document.add_dict(Dict::new().with("Kids", array([page])));
                let outer = document.add_dict(Dict::new().with("Kids", array([inner])));
                document.page_tree_mut().set("Kids", array([outer]));
            },
        )
        .any_outcome(),
        sample_with(
            "parent_of_itself",
            "the page inherits from itself",
            |document| {
                let page = document.pages[0];
                first_page(document).set("Parent", page);
                first_page(document).remove("MediaBox");
            },
        )
        .repairable(),
        sample_with(
            "parent_loop",
            "the page inherits from two nodes that are each other's parent",
            |document| {
                let first = next_id(document);
                let second = Id(first.0 + 1);
                document.add_dict(node(array([second])).with("Parent", second));
                document.add_dict(node(array([first])).with("Parent", first));
                first_page(document).set("Parent", first);
                first_page(document).remove("MediaBox");
            },
        )
        .repairable(),
    ]
}

fn counts() -> Vec<Case> {
    let counted = |name, note, count: i64| {
        sample_with(name, note, |document| {
            document.page_tree_mut().set("Count", count);
        })
        .repairable()
    };
    vec![
        counted(
            "count_huge",
            "the page tree claims 2,147,483,647 pages and has 1",
            2_147_483_647,
        ),
        counted("count_negative", "the page tree claims -1 pages", -1),
        counted("count_zero", "the page tree claims 0 pages and has 1", 0),
    ]
}

fn kids() -> Vec<Case> {
    vec![
        compressed_sample_with(
            "kids_all_the_same",
            "20,000 kids that are all the same page",
            |document| {
                let reference = format!("{} 0 R ", document.pages[0].0);
                let kids = raw(["[", &reference.repeat(20_000), "]"].concat());
                let tree = document.page_tree_mut();
                tree.set("Kids", kids);
                tree.set("Count", 20_000);
            },
        )
        .any_outcome()
        .tolerating(TOO_MANY),
        sample_with(
            "kids_of_all_types",
            "kids that are null, missing, a number, a string and a font beside the page",
            |document| {
                let page = document.pages[0].0;
                let kids = format!("[null 99999 0 R 7 (page) {page} 0 R << /Type /Font >>]");
                document.page_tree_mut().set("Kids", raw(kids));
            },
        )
        .any_outcome()
        .tolerating("PARTLY_SCANNED"),
        sample_with(
            "kids_missing",
            "the page tree has no kids, though a page is in the file",
            |document| {
                document.page_tree_mut().remove("Kids");
            },
        )
        .any_outcome(),
    ]
}

fn sizes() -> Vec<Case> {
    vec![
        compressed_sample_with(
            "tree_deep",
            "the page is 5,000 levels below the root",
            |document| {
                let mut kid = document.pages[0];
                for _ in 0..5000 {
                    let parent = Dict::new().with("Type", name("Pages"));
                    kid = document.add_dict(parent.with("Kids", array([kid])));
                }
                document.page_tree_mut().set("Kids", array([kid]));
            },
        )
        .any_outcome(),
        many_pages(),
    ]
}

/// Returns a file with more pages than the default limit: distinct objects that share their
/// content.
fn many_pages() -> Case {
    let mut document: Document = sample().document();
    let page = first_page(&mut document).clone();
    for _ in 1..2500 {
        let id = document.add_dict(page.clone());
        document.pages.push(id);
    }
    let bytes = document.write(FileKind::ObjectStreams);
    let note = "2,500 pages, more than the limit of 2,000";
    case("pages_2500", note, bytes)
        .with_unspecified_map()
        .with_code(TOO_MANY)
}
