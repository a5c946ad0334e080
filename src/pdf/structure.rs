//! What hayro-syntax knows of a document's structure, put into our terms.

use super::content::{Area, Interpreter, Matrix, Observer, Workspace};
use super::limits::{Budget, LimitHit};
use hayro_syntax::Pdf;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, ObjRef, Object, ObjectIdentifier, Rect, Stream,
};
use hayro_syntax::page::{Page, Resources, Rotation};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// Annotations run on one page. Forms with more fields are classified by their first ones.
const MAX_ANNOTATIONS: usize = 500;
/// Content streams of one page. Some writers make one a line; a page has no such number of lines.
const MAX_CONTENTS: usize = 200_000;
/// Triggers of one object; there are some twenty kinds (ISO 32000-2, 12.6.3).
const MAX_TRIGGERS: usize = 32;
/// Fonts of one page that are compared.
const MAX_FONTS: usize = 64;
/// Letters of the tag before the name of a subset.
const TAG: usize = 6;
/// Keys that pages have and few other objects (ISO 32000-2, table 31).
const PAGE_KEYS: [&str; 3] = ["Contents", "MediaBox", "Parent"];
/// Annotation flags Hidden and `NoView` (ISO 32000-2, table 167).
const NOT_SHOWN: i32 = 0b10_0010;

/// Where a page's content lies: its visible area, and how user space maps to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageFrame {
    /// The visible area with the origin at its lower left corner, after rotation, in points.
    pub(super) area: Area,
    /// From user space to that area.
    pub(super) to_page: Matrix,
}

impl PageFrame {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let (width, height) = page.base_dimensions();
        let visible = page.intersected_crop_box();
        let origin = Matrix::translate(-visible.x0 as f32, -visible.y0 as f32);
        // Rotation is clockwise (ISO 32000-2, table 31).
        let (turn, width, height) = match page.rotation() {
            Rotation::None => (Matrix::IDENTITY, width, height),
            Rotation::Horizontal => (Matrix([0.0, -1.0, 1.0, 0.0, 0.0, width]), height, width),
            Rotation::Flipped => (Matrix([-1.0, 0.0, 0.0, -1.0, width, height]), width, height),
            Rotation::FlippedHorizontal => {
                (Matrix([0.0, 1.0, -1.0, 0.0, height, 0.0]), height, width)
            }
        };
        Self {
            area: Area {
                x0: 0.0,
                y0: 0.0,
                x1: width,
                y1: height,
            },
            to_page: origin.then(turn),
        }
    }
}

/// `/Count` of the page tree's root; a negative one announces nothing.
pub(super) fn announced_pages(pdf: &Pdf) -> Option<usize> {
    let count = page_tree(pdf)?.get::<i64>("Count")?;
    Some(usize::try_from(count).unwrap_or(0))
}

/// Whether the document has a page tree to walk, rather than pages that lie about.
pub(super) fn has_page_tree(pdf: &Pdf) -> bool {
    page_tree(pdf).is_some_and(|root| root.get::<Array<'_>>("Kids").is_some())
}

/// Whether something stands among the pages that is none, or says that it is none.
///
/// The engine takes everything below a node for a page that does not call itself a node: fonts, and
/// nodes without a type, whose own pages are then lost. Some writers leave the type of pages out.
pub(super) fn has_false_pages(pdf: &Pdf) -> bool {
    pdf.pages().iter().any(|page| {
        let dict = page.raw();
        if let Some(kind) = dict.get::<Name<'_>>("Type").as_deref() {
            return kind != b"Page";
        }
        let is_like_one = PAGE_KEYS.iter().any(|key| dict.contains_key(*key));
        !is_like_one || dict.contains_key("Kids")
    })
}

fn page_tree(pdf: &Pdf) -> Option<Dict<'_>> {
    catalog(pdf)?.get::<Dict<'_>>("Pages")
}

/// The places of the page tree in order: an index into the engine's pages, or `None` where there
/// is no page: its object is missing, or is a node that was entered before.
///
/// The engine leaves out such places and the second of two places with the same page, so that
/// later pages move up. Follows the engine's own walk; where that found pages in another way, there
/// is nothing to compare with, and no answer.
pub(super) fn page_places(pdf: &Pdf) -> Option<Vec<Option<usize>>> {
    let root = page_tree(pdf)?;
    let mut visited: HashMap<ObjectIdentifier, Option<usize>> = HashMap::new();
    visited.extend(root.obj_id().map(|id| (id, None)));
    let mut places = Vec::new();
    let mut found = 0;
    let mut stack = vec![root.get::<Array<'_>>("Kids")?.raw_iter()];
    while let Some(kids) = stack.last_mut() {
        let Some(kid) = kids.next() else {
            stack.pop();
            continue;
        };
        let id = kid.as_obj_ref().map(ObjectIdentifier::from);
        if let Some(place) = id.and_then(|id| visited.get(&id)) {
            places.push(*place);
            continue;
        }
        let dict = match kid {
            MaybeRef::Ref(id) => pdf.xref().get::<Dict<'_>>(id.into()),
            MaybeRef::NotRef(object) => object.into_dict(),
        };
        let node = dict.as_ref().and_then(|dict| dict.get::<Name<'_>>("Type"));
        let place = match (dict, node.as_deref()) {
            (Some(dict), Some(b"Pages")) => {
                stack.extend(dict.get::<Array<'_>>("Kids").map(|kids| kids.raw_iter()));
                visited.extend(id.map(|id| (id, None)));
                continue;
            }
            (Some(_), _) => {
                found += 1;
                Some(found - 1)
            }
            (None, _) => None,
        };
        visited.extend(id.map(|id| (id, place)));
        places.push(place);
    }
    (found == pdf.pages().len()).then_some(places)
}

/// Tells pages that have one font in two copies.
#[derive(Debug, Default)]
pub(super) struct FontCopies {
    /// The fonts of the last page, and what was found of them: most pages have the same.
    last: Option<(Vec<ObjRef>, bool)>,
}

impl FontCopies {
    /// Whether two of a page's fonts are the same one in two copies: of one name and one kind,
    /// under different tags (ISO 32000-2, 9.9.2), or one of them whole.
    pub(super) fn are_on(&mut self, page: &Page<'_>) -> bool {
        let fonts = &page.resources().fonts;
        let keys: Vec<_> = fonts.keys().take(MAX_FONTS).collect();
        let places: Vec<_> = keys.iter().filter_map(|key| fonts.get_ref(key)).collect();
        // A font that stands in the resources itself has no place.
        if let Some((last, found)) = &self.last
            && *last == places
            && places.len() == keys.len()
        {
            return *found;
        }
        let found = has_font_twice(fonts, &keys);
        self.last = Some((places, found));
        found
    }
}

fn has_font_twice(fonts: &Dict<'_>, keys: &[Name<'_>]) -> bool {
    let names = keys.iter().filter_map(|key| {
        let font = fonts.get::<Dict<'_>>(key)?;
        let kind = font.get::<Name<'_>>("Subtype")?.as_ref().to_vec();
        let name = font.get::<Name<'_>>("BaseFont")?.as_ref().to_vec();
        Some((kind, name))
    });
    let names: HashSet<_> = names.collect();
    let mut untagged = HashSet::new();
    !names
        .iter()
        .all(|(kind, name)| untagged.insert((kind, without_tag(name))))
}

/// The name of a font without the six letters that tell subsets apart.
fn without_tag(name: &[u8]) -> &[u8] {
    match name.split_at_checked(TAG) {
        Some((tag, [b'+', name @ ..])) if tag.iter().all(u8::is_ascii_uppercase) => name,
        _ => name,
    }
}

/// The content streams of a page, in order.
pub(super) fn contents<'a>(page: &Page<'a>) -> Vec<Stream<'a>> {
    let dict = page.raw();
    if let Some(stream) = dict.get::<Stream<'a>>("Contents") {
        return vec![stream];
    }
    let Some(array) = dict.get::<Array<'a>>("Contents") else {
        return Vec::new();
    };
    array
        .iter::<Object<'a>>()
        .take(MAX_CONTENTS)
        .filter_map(Object::into_stream)
        .collect()
}

/// Whether a page's content is in the file, but no stream can be made of it.
///
/// A reference to an object that is nowhere means an empty page (ISO 32000-2, 7.3.10).
pub(super) fn has_lost_contents(pdf: &Pdf, page: &Page<'_>) -> bool {
    let Some(id) = page.raw().get_ref("Contents") else {
        return false;
    };
    let readable = page.raw().get::<Array<'_>>("Contents").is_some();
    if readable || !contents(page).is_empty() {
        return false;
    }
    let head = format!("{} {} obj", id.obj_number, id.gen_number);
    memmem::find(pdf.data().as_ref(), head.as_bytes()).is_some()
}

/// Runs the appearance streams of a page's annotations, which viewers show and extract as well.
pub(super) fn run_annotations<'a>(
    page: &Page<'a>,
    frame: &PageFrame,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
    observer: &mut impl Observer,
) -> Result<ControlFlow<()>, LimitHit> {
    let Some(annotations) = page.raw().get::<Array<'a>>("Annots") else {
        return Ok(ControlFlow::Continue(()));
    };
    let empty = Resources::new(Dict::empty());
    let mut interpreter = Interpreter::new(workspace, budget, observer);
    for annotation in annotations.iter::<Dict<'a>>().take(MAX_ANNOTATIONS) {
        let flags = annotation.get::<i32>("F").unwrap_or(0);
        let subtype = annotation.get::<Name<'_>>("Subtype");
        if flags & NOT_SHOWN != 0 || subtype.as_deref() == Some(b"Popup") {
            continue;
        }
        let (Some(form), Some(rect)) = (appearance(&annotation), annotation.get::<Rect>("Rect"))
        else {
            continue;
        };
        let ctm = placement(&form, rect).then(frame.to_page);
        let flow = interpreter.run_form(form, &empty, ctm, frame.area)?;
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The normal appearance, in the state that the annotation is in (ISO 32000-2, 12.5.5).
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    let appearances = annotation.get::<Dict<'a>>("AP")?;
    if let Some(stream) = appearances.get::<Stream<'a>>("N") {
        return Some(stream);
    }
    let state = annotation.get::<Name<'a>>("AS")?;
    appearances.get::<Dict<'a>>("N")?.get::<Stream<'a>>(state)
}

/// Maps the form's box onto the annotation's rectangle (ISO 32000-2, 12.5.5, algorithm).
fn placement(form: &Stream<'_>, rect: Rect) -> Matrix {
    let numbers = |key| form.dict().get::<Array<'_>>(key);
    let bbox = numbers("BBox").and_then(|bbox| <[f32; 4]>::try_from(bbox).ok());
    let Some([x0, y0, x1, y1]) = bbox else {
        return Matrix::translate(rect.x0 as f32, rect.y0 as f32);
    };
    let matrix = numbers("Matrix").and_then(|matrix| <[f32; 6]>::try_from(matrix).ok());
    let matrix = matrix.map_or(Matrix::IDENTITY, Matrix);
    let shown = matrix.apply_to_area(Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1));
    let scale = |to: f64, from: f32| if from > 0.0 { to as f32 / from } else { 1.0 };
    let sx = scale(rect.width(), shown.x1 - shown.x0);
    let sy = scale(rect.height(), shown.y1 - shown.y0);
    Matrix([
        sx,
        0.0,
        0.0,
        sy,
        rect.x0 as f32 - shown.x0 * sx,
        rect.y0 as f32 - shown.y0 * sy,
    ])
}

/// The layers that are off when the document is opened (ISO 32000-2, 8.11.4.3).
pub(super) fn hidden_layers(pdf: &Pdf) -> HashSet<ObjectIdentifier> {
    if !pdf.xref().has_optional_content_groups() {
        return HashSet::new();
    }
    catalog(pdf)
        .and_then(|catalog| catalog.get::<Dict<'_>>("OCProperties"))
        .and_then(|properties| properties.get::<Dict<'_>>("D"))
        .and_then(|default| default.get::<Array<'_>>("OFF"))
        .map(|off| {
            let references = off.raw_iter().filter_map(|item| item.as_obj_ref());
            references.map(Into::into).collect()
        })
        .unwrap_or_default()
}

fn catalog(pdf: &Pdf) -> Option<Dict<'_>> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())
}

/// Content that a viewer would execute or unpack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ActiveContent {
    /// Scripts.
    JavaScript,
    /// Actions that start programs.
    Launch,
    /// Files inside the file.
    EmbeddedFile,
    /// Sound, video and 3D.
    RichMedia,
}

impl std::fmt::Display for ActiveContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::JavaScript => "JavaScript",
            Self::Launch => "an action that starts a program",
            Self::EmbeddedFile => "embedded files",
            Self::RichMedia => "rich media",
        })
    }
}

/// Finds active content, each kind once.
pub(super) fn active_content(
    pdf: &Pdf,
    budget: &Budget<'_>,
) -> Result<Vec<ActiveContent>, LimitHit> {
    let Some(catalog) = catalog(pdf) else {
        return Ok(Vec::new());
    };
    let names = catalog.get::<Dict<'_>>("Names").unwrap_or_default();
    let open = catalog.get::<Dict<'_>>("OpenAction");
    let triggers = catalog.get::<Dict<'_>>("AA").into_iter().flat_map(actions);
    let mut found: Vec<_> = open
        .into_iter()
        .chain(triggers)
        .filter_map(|action| kind(&action))
        .collect();
    for (key, kind) in [
        ("JavaScript", ActiveContent::JavaScript),
        ("EmbeddedFiles", ActiveContent::EmbeddedFile),
    ] {
        found.extend(names.contains_key(key).then_some(kind));
    }
    for page in pdf.pages().iter() {
        budget.check_time()?;
        page_actions(page, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn page_actions(page: &Page<'_>, kinds: &mut Vec<ActiveContent>) {
    let dict = page.raw();
    if let Some(triggers) = dict.get::<Dict<'_>>("AA") {
        kinds.extend(actions(triggers).filter_map(|action| kind(&action)));
    }
    let Some(annotations) = dict.get::<Array<'_>>("Annots") else {
        return;
    };
    for annotation in annotations.iter::<Dict<'_>>().take(MAX_ANNOTATIONS) {
        let subtype = annotation.get::<Name<'_>>("Subtype");
        match subtype.as_deref() {
            Some(b"FileAttachment") => kinds.push(ActiveContent::EmbeddedFile),
            Some(b"RichMedia" | b"Screen" | b"Movie" | b"Sound") => {
                kinds.push(ActiveContent::RichMedia);
            }
            _ => {}
        }
        let direct = annotation.get::<Dict<'_>>("A").into_iter();
        let triggers = annotation.get::<Dict<'_>>("AA");
        let triggered = triggers.into_iter().flat_map(actions);
        kinds.extend(direct.chain(triggered).filter_map(|action| kind(&action)));
    }
}

/// The actions of an additional-actions dictionary (ISO 32000-2, 12.6.3).
fn actions(triggers: Dict<'_>) -> impl Iterator<Item = Dict<'_>> {
    let mut keys: Vec<_> = triggers.keys().collect();
    keys.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    keys.truncate(MAX_TRIGGERS);
    keys.into_iter()
        .filter_map(move |key| triggers.get::<Dict<'_>>(key))
}

fn kind(action: &Dict<'_>) -> Option<ActiveContent> {
    match action.get::<Name<'_>>("S").as_deref()? {
        b"JavaScript" => Some(ActiveContent::JavaScript),
        b"Launch" => Some(ActiveContent::Launch),
        b"RichMediaExecute" | b"Rendition" | b"Movie" | b"Sound" => Some(ActiveContent::RichMedia),
        b"GoToE" => Some(ActiveContent::EmbeddedFile),
        _ => None,
    }
}
