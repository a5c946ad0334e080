//! Finds what is not on the pages of a document: embedded files, and forms that a viewer builds.

use super::encoded_pdf::clean_name;
use super::metadata;
use super::structure::catalog;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, String};

/// Depth of the tree of embedded files.
const MAX_DEPTH: usize = 8;
/// Nodes of that tree.
const MAX_NODES: usize = 200;
/// Names that are returned.
const MAX_NAMES: usize = 100;
/// Pages whose attachments are read.
const MAX_PAGES: usize = 50;
/// Annotations read per page.
const MAX_ANNOTATIONS: usize = 200;

/// A document whose pages are not its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Cover {
    /// The cover of a portfolio: a collection of embedded files (ISO 32000-2, 12.3.5).
    Portfolio,
    /// A page in place of a form that only some viewers build (XFA).
    Form {
        /// Whether the document requires such a viewer.
        is_dynamic: bool,
    },
}

/// Returns what the pages are a cover of.
pub(super) fn cover(pdf: &Pdf) -> Option<Cover> {
    let catalog = catalog(pdf)?;
    if catalog.get::<Dict<'_>>("Collection").is_some() {
        return Some(Cover::Portfolio);
    }
    let form = catalog.get::<Dict<'_>>("AcroForm")?;
    form.contains_key("XFA").then(|| Cover::Form {
        is_dynamic: catalog.get::<bool>("NeedsRendering") == Some(true),
    })
}

/// Returns the names of embedded files, each once: PDFs first, otherwise in file order.
pub(super) fn names(pdf: &Pdf) -> Vec<std::string::String> {
    let Some(catalog) = catalog(pdf) else {
        return Vec::new();
    };
    let mut names = Vec::new();
    let tree = catalog.get::<Dict<'_>>("Names");
    if let Some(root) = tree.and_then(|names| names.get::<Dict<'_>>("EmbeddedFiles")) {
        add_tree(&root, MAX_DEPTH, &mut MAX_NODES.clone(), &mut names);
    }
    if let Some(files) = catalog.get::<Array<'_>>("AF") {
        let files = files.iter::<Dict<'_>>().take(MAX_NAMES);
        files.for_each(|file| add(&file, &mut names));
    }
    for page in pdf.pages().iter().take(MAX_PAGES) {
        let annotations = page.raw().get::<Array<'_>>("Annots").unwrap_or_default();
        for annotation in annotations.iter::<Dict<'_>>().take(MAX_ANNOTATIONS) {
            let subtype = annotation.get::<Name<'_>>("Subtype");
            if subtype.as_deref() == Some(b"FileAttachment")
                && let Some(file) = annotation.get::<Dict<'_>>("FS")
            {
                add(&file, &mut names);
            }
        }
    }
    names.sort_by_key(|name| !is_pdf(name));
    names
}

/// Returns whether a name is that of a PDF.
pub(crate) fn is_pdf(name: &str) -> bool {
    name.to_lowercase().ends_with(".pdf")
}

/// Adds the files of a name tree (ISO 32000-2, 7.9.6).
fn add_tree(
    node: &Dict<'_>,
    depth: usize,
    remaining: &mut usize,
    names: &mut Vec<std::string::String>,
) {
    let Some((depth, left)) = depth.checked_sub(1).zip(remaining.checked_sub(1)) else {
        return;
    };
    *remaining = left;
    // Keys and files alternate.
    let files = node.get::<Array<'_>>("Names").unwrap_or_default();
    for file in files.iter::<Object<'_>>().take(2 * MAX_NAMES) {
        if let Object::Dict(file) = file {
            add(&file, names);
        }
    }
    let kids = node.get::<Array<'_>>("Kids").unwrap_or_default();
    for kid in kids.iter::<Dict<'_>>().take(MAX_NODES) {
        add_tree(&kid, depth, remaining, names);
    }
}

/// Adds the name of a file specification (ISO 32000-2, 7.11.3).
fn add(file: &Dict<'_>, names: &mut Vec<std::string::String>) {
    let text = |key: &str| metadata::text_string(&file.get::<String<'_>>(key)?);
    let name = text("UF").or_else(|| text("F"));
    let name = name.map(|name| clean_name(&name)).unwrap_or_default();
    if file.contains_key("EF")
        && !name.is_empty()
        && names.len() < MAX_NAMES
        && !names.contains(&name)
    {
        names.push(name);
    }
}
