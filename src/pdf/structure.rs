//! Reads a document's structure through hayro-syntax: pages, contents, annotations, fonts, images,
//! layers and active content.

use super::content::{Area, Interpreter, Matrix, Observer, RunOutcome, Workspace};
use super::filter::{self, DecodeError};
use super::limits::{Budget, LimitHit};
use super::object_scan;
use hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, ObjRef, Object, ObjectIdentifier, Rect, Stream,
};
use hayro_syntax::page::{Page, Resources, Rotation};
use hayro_syntax::{Filter, Pdf};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// Annotations read per page. Pages with more are classified by the first ones.
const MAX_ANNOTATIONS: usize = 500;
/// Content streams per page. Some writers create one per line of text, which is far fewer.
const MAX_CONTENTS: usize = 200_000;
/// Triggers per object; the standard has some twenty kinds (ISO 32000-2, 12.6.3).
const MAX_TRIGGERS: usize = 32;
/// Images per page that are digested.
const MAX_IMAGES: usize = 64;
/// Images, forms and patterns of a page that are searched for images.
const MAX_SEARCHED_OBJECTS: usize = 64;
/// Forms within forms that are searched for images.
const MAX_FORM_DEPTH: u32 = 4;
/// Decoded bytes of one image that is digested.
const MAX_IMAGE_BYTES: usize = 4 << 20;
/// Opacity from which nothing is seen through a fill.
const MIN_OPACITY: f32 = 0.9;
/// Keys that pages have and few other objects (ISO 32000-2, table 31).
const PAGE_KEYS: [&str; 3] = ["Contents", "MediaBox", "Parent"];
/// Children of the page tree with a wrong type that are corrected.
const MAX_MISNAMED: usize = 10_000;
/// Annotation flags Hidden and `NoView` (ISO 32000-2, table 167).
const HIDDEN_FLAGS: i32 = 0b10_0010;

/// A page's visible area, and the mapping from user space to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageFrame {
    /// The visible area after rotation, in points, with the origin at its lower left corner.
    pub(super) area: Area,
    /// Maps user space to the area.
    pub(super) to_page: Matrix,
}

impl PageFrame {
    pub(super) fn of(page: &Page<'_>) -> Self {
        let (width, height) = page.base_dimensions();
        let visible = page.intersected_crop_box();
        let origin = Matrix::translate(-visible.x0 as f32, -visible.y0 as f32);
        // Rotation is clockwise (ISO 32000-2, table 31).
        let (rotation, width, height) = match page.rotation() {
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
            to_page: origin.then(rotation),
        }
    }
}

/// `/Count` of the page tree's root; zero if it is negative.
pub(super) fn declared_page_count(pdf: &Pdf) -> Option<usize> {
    let count = page_tree(pdf)?.get::<i64>("Count")?;
    Some(usize::try_from(count).unwrap_or(0))
}

/// Returns whether the document has a page tree. If not, hayro-syntax searches the file for pages.
pub(super) fn has_page_tree(pdf: &Pdf) -> bool {
    page_tree(pdf).is_some_and(|root| root.get::<Array<'_>>("Kids").is_some())
}

/// Returns whether the page tree contains objects that are not pages, or have another type.
///
/// hayro-syntax takes every child for a page unless its type is `Pages`. That includes fonts, and
/// nodes without a type, whose own pages are then lost. Some writers omit the type of pages, so an
/// object without a type counts as a page if it has a key that pages have.
pub(super) fn has_invalid_pages(pdf: &Pdf) -> bool {
    pdf.pages().iter().any(|page| {
        let dict = page.raw();
        if let Some(name) = dict.get::<Name<'_>>("Type").as_deref() {
            return name != b"Page";
        }
        let has_page_key = PAGE_KEYS.iter().any(|key| dict.contains_key(*key));
        !has_page_key || dict.contains_key("Kids")
    })
}

/// Returns whether a child in the page tree is a page, whatever its type.
///
/// Annotations, outlines and form fields have some of the keys of pages, but not these values.
fn is_page(dict: &Dict<'_>) -> bool {
    if dict.get::<Name<'_>>("Type").as_deref() == Some(b"Page") {
        return true;
    }
    let is_node = |parent: Dict<'_>| parent.get::<Name<'_>>("Type").as_deref() == Some(b"Pages");
    let has_content = || {
        dict.get::<Stream<'_>>("Contents").is_some() || dict.get::<Array<'_>>("Contents").is_some()
    };
    !dict.contains_key("Kids")
        && (dict.contains_key("MediaBox")
            || has_content()
            || dict.get::<Dict<'_>>("Parent").is_some_and(is_node))
}

/// Returns whether the catalog, the page tree's root or a page has keys without values.
pub(super) fn has_odd_entries(pdf: &Pdf) -> bool {
    let roots = [catalog(pdf), page_tree(pdf)].into_iter().flatten();
    let mut roots = roots.map(|dict| dict.data().to_vec());
    roots.any(|data| object_scan::has_odd_entries(&data))
        || pdf
            .pages()
            .iter()
            .any(|page| object_scan::has_odd_entries(page.raw().data()))
}

fn page_tree(pdf: &Pdf) -> Option<Dict<'_>> {
    catalog(pdf)?.get::<Dict<'_>>("Pages")
}

/// Returns the slots of the page tree in order: each is an index into hayro-syntax's pages, or
/// `None` if the page is missing or the slot refers to a node that was visited before.
///
/// hayro-syntax skips missing pages and repeated ones, so that its indices differ from page
/// numbers. It also takes every other dictionary for a page. This walk follows the same rules, but
/// leaves out what is not a page. Returns `None` if hayro-syntax found its pages in another way:
/// the number of pages then differs.
pub(super) fn page_slots(pdf: &Pdf) -> Option<Vec<Option<usize>>> {
    let root = page_tree(pdf)?;
    let mut visited: HashMap<ObjectIdentifier, Option<usize>> = HashMap::new();
    visited.extend(root.obj_id().map(|id| (id, None)));
    let mut others = HashSet::new();
    let mut slots = Vec::new();
    let mut found = 0;
    let mut stack = vec![root.get::<Array<'_>>("Kids")?.raw_iter()];
    while let Some(kids) = stack.last_mut() {
        let Some(kid) = kids.next() else {
            stack.pop();
            continue;
        };
        let id = kid.as_obj_ref().map(ObjectIdentifier::from);
        if id.is_some_and(|id| others.contains(&id)) {
            continue;
        }
        if let Some(slot) = id.and_then(|id| visited.get(&id)) {
            slots.push(*slot);
            continue;
        }
        let dict = match kid {
            MaybeRef::Ref(id) => pdf.xref().get::<Dict<'_>>(id.into()),
            MaybeRef::NotRef(object) => object.into_dict(),
        };
        let node = dict.as_ref().and_then(|dict| dict.get::<Name<'_>>("Type"));
        let slot = match (dict, node.as_deref()) {
            // An inner node: its kids take its place in the order.
            (Some(dict), Some(b"Pages")) => {
                stack.extend(dict.get::<Array<'_>>("Kids").map(|kids| kids.raw_iter()));
                visited.extend(id.map(|id| (id, None)));
                continue;
            }
            (Some(dict), _) => {
                found += 1;
                if !is_page(&dict) {
                    others.extend(id);
                    continue;
                }
                Some(found - 1)
            }
            (None, _) => None,
        };
        visited.extend(id.map(|id| (id, slot)));
        slots.push(slot);
    }
    (found == pdf.pages().len()).then_some(slots)
}

/// Returns the children in the page tree whose type contradicts their keys, with the type that
/// hayro-syntax needs: a node with children that is no `Pages`, or a page that is.
pub(super) fn misnamed_children(pdf: &Pdf) -> Vec<(ObjectIdentifier, Vec<u8>)> {
    let mut found = Vec::new();
    let mut visited = HashSet::new();
    let root = page_tree(pdf).and_then(|root| root.get::<Array<'_>>("Kids"));
    let mut stack: Vec<_> = root.map(|kids| kids.raw_iter()).into_iter().collect();
    while let Some(kids) = stack.last_mut() {
        let Some(kid) = kids.next() else {
            stack.pop();
            continue;
        };
        let MaybeRef::Ref(id) = kid else { continue };
        let id = ObjectIdentifier::from(id);
        if !visited.insert(id) || found.len() >= MAX_MISNAMED {
            continue;
        }
        let Some(dict) = pdf.xref().get::<Dict<'_>>(id) else {
            continue;
        };
        let declared = dict.get::<Name<'_>>("Type");
        let right: &[u8] = match (declared.as_deref(), dict.get::<Array<'_>>("Kids")) {
            (Some(b"Page"), _) => continue,
            (Some(b"Pages"), Some(kids)) => {
                stack.push(kids.raw_iter());
                continue;
            }
            (_, Some(kids)) if dict.contains_key("Count") => {
                stack.push(kids.raw_iter());
                b" /Type /Pages >>"
            }
            (Some(b"Pages"), None) if is_page(&dict) => b" /Type /Page >>",
            _ => continue,
        };
        // The last of equal keys counts.
        if let Some(entries) = dict.data().strip_suffix(b">>") {
            found.push((id, [entries, right].concat()));
        }
    }
    found
}

/// The content streams of a page, in order.
#[derive(Default)]
pub(super) struct Contents<'a> {
    pub(super) streams: Vec<Stream<'a>>,
    /// Whether the list has members that are not streams.
    pub(super) is_incomplete: bool,
}

/// Returns the content streams of a page. Missing members of their list hide only themselves.
pub(super) fn contents<'a>(page: &Page<'a>) -> Contents<'a> {
    let dict = page.raw();
    if let Some(stream) = dict.get::<Stream<'a>>("Contents") {
        return Contents {
            streams: vec![stream],
            is_incomplete: false,
        };
    }
    let Some(array) = dict.get::<Array<'a>>("Contents") else {
        return Contents::default();
    };
    let listed = array.raw_iter().take(MAX_CONTENTS).count();
    let streams = members(page, &array).filter_map(Object::into_stream);
    let streams: Vec<_> = streams.take(MAX_CONTENTS).collect();
    Contents {
        is_incomplete: streams.len() < listed,
        streams,
    }
}

/// Returns the members of an array without missing ones, at which hayro-syntax's own iterator ends.
fn members<'a>(page: &Page<'a>, array: &Array<'a>) -> impl Iterator<Item = Object<'a>> {
    let xref = page.xref();
    array.raw_iter().filter_map(move |member| match member {
        MaybeRef::Ref(id) => xref.get::<Object<'_>>(id.into()),
        MaybeRef::NotRef(object) => Some(object),
    })
}

/// Returns the annotations in a page's list.
fn dictionaries<'a>(page: &Page<'a>, annotations: &Array<'a>) -> impl Iterator<Item = Dict<'a>> {
    let dictionaries = members(page, annotations).filter_map(Object::into_dict);
    dictionaries.take(MAX_ANNOTATIONS)
}

/// Returns whether a page's content is in the file but can't be read as a stream.
///
/// If the referenced object is missing from the file, the page is empty (ISO 32000-2, 7.3.10).
pub(super) fn has_lost_contents(pdf: &Pdf, page: &Page<'_>) -> bool {
    let Some(id) = page.raw().get_ref("Contents") else {
        return false;
    };
    let is_array = page.raw().get::<Array<'_>>("Contents").is_some();
    if is_array || !contents(page).streams.is_empty() {
        return false;
    }
    let head = format!("{} {} obj", id.obj_number, id.gen_number);
    memmem::find(pdf.data().as_ref(), head.as_bytes()).is_some()
}

/// Annotations that a reader adds to the content without changing it: their icons and marks show no
/// text and hide none.
const REMARKS: [&[u8]; 7] = [
    b"Popup",
    b"Text",
    b"Link",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
];

/// A kind of annotation that hides what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CoveringAnnotation {
    /// Text that a reader adds.
    FreeText,
    /// A stamp: text or an image.
    Stamp,
    /// A filled rectangle.
    Square,
}

/// Returns the shown annotations of a page that hide what is below them, and their areas.
pub(super) fn covering_annotations(
    page: &Page<'_>,
    frame: &PageFrame,
) -> Vec<(CoveringAnnotation, Area)> {
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else {
        return Vec::new();
    };
    let covering = dictionaries(page, &annotations).filter_map(|annotation| {
        let flags = annotation.get::<i32>("F").unwrap_or(0);
        let kind = match &*annotation.get::<Name<'_>>("Subtype")? {
            b"FreeText" => CoveringAnnotation::FreeText,
            b"Stamp" => CoveringAnnotation::Stamp,
            b"Square" if is_filled(&annotation) => CoveringAnnotation::Square,
            _ => return None,
        };
        let rect = annotation.get::<Rect>("Rect")?;
        let [x0, y0, x1, y1] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| side as f32);
        let area = Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1);
        (flags & HIDDEN_FLAGS == 0).then(|| (kind, frame.to_page.apply_to_area(area)))
    });
    covering.collect()
}

/// Returns whether an annotation has an opaque interior (ISO 32000-2, tables 172 and 180).
fn is_filled(annotation: &Dict<'_>) -> bool {
    let colour = annotation.get::<Array<'_>>("IC");
    let opacity = annotation.get::<f32>("CA").unwrap_or(1.0);
    opacity >= MIN_OPACITY && colour.is_some_and(|colour| colour.raw_iter().next().is_some())
}

/// Interprets the content of a page.
pub(super) fn run_contents(
    page: &Page<'_>,
    frame: &PageFrame,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
    observer: &mut impl Observer,
) -> Result<RunOutcome, LimitHit> {
    Interpreter::new(workspace, budget, observer).run(
        contents(page).streams,
        page.resources(),
        frame.to_page,
        frame.area,
    )
}

/// Interprets the appearance streams of a page's annotations, which viewers show with the page.
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
    for annotation in dictionaries(page, &annotations) {
        let flags = annotation.get::<i32>("F").unwrap_or(0);
        let subtype = annotation.get::<Name<'_>>("Subtype");
        let is_remark = subtype.is_some_and(|subtype| REMARKS.contains(&&*subtype));
        if flags & HIDDEN_FLAGS != 0 || is_remark || interpreter.hides_layer_of(&annotation) {
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

/// Returns the normal appearance for the annotation's current state (ISO 32000-2, 12.5.5).
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    let appearances = annotation.get::<Dict<'a>>("AP")?;
    if let Some(stream) = appearances.get::<Stream<'a>>("N") {
        return Some(stream);
    }
    let state = annotation.get::<Name<'a>>("AS")?;
    appearances.get::<Dict<'a>>("N")?.get::<Stream<'a>>(state)
}

/// Maps the form's bounding box to the annotation's rectangle (ISO 32000-2, 12.5.5, algorithm).
fn placement(form: &Stream<'_>, rect: Rect) -> Matrix {
    let numbers = |key| form.dict().get::<Array<'_>>(key);
    let bbox = numbers("BBox").and_then(|bbox| <[f32; 4]>::try_from(bbox).ok());
    let Some([x0, y0, x1, y1]) = bbox else {
        return Matrix::translate(rect.x0 as f32, rect.y0 as f32);
    };
    let matrix = numbers("Matrix").and_then(|matrix| <[f32; 6]>::try_from(matrix).ok());
    let matrix = matrix.map_or(Matrix::IDENTITY, Matrix);
    let transformed = matrix.apply_to_area(Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1));
    let scale = |to: f64, from: f32| if from > 0.0 { to as f32 / from } else { 1.0 };
    let sx = scale(rect.width(), transformed.x1 - transformed.x0);
    let sy = scale(rect.height(), transformed.y1 - transformed.y0);
    Matrix([
        sx,
        0.0,
        0.0,
        sy,
        rect.x0 as f32 - transformed.x0 * sx,
        rect.y0 as f32 - transformed.y0 * sy,
    ])
}

/// Images that a page can draw, and that it has not drawn yet.
#[derive(Debug, Default)]
pub(super) struct UndrawnImages {
    ids: HashSet<ObjRef>,
    /// Objects that were searched for images.
    searched: usize,
    /// Whether there are too many objects to search.
    has_others: bool,
}

impl UndrawnImages {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && !self.has_others
    }

    pub(super) fn remove(&mut self, id: ObjRef) {
        self.ids.remove(&id);
    }

    /// Adds the images of a resource dictionary, and of the forms and patterns in it.
    fn add(&mut self, resources: &Resources<'_>, depth: u32) {
        for objects in [&resources.x_objects, &resources.patterns] {
            for key in objects.keys() {
                if self.searched >= MAX_SEARCHED_OBJECTS || depth >= MAX_FORM_DEPTH {
                    self.has_others = true;
                    return;
                }
                self.searched += 1;
                let Some(stream) = objects.get::<Stream<'_>>(&*key) else {
                    continue;
                };
                if stream.dict().get::<Name<'_>>("Subtype").as_deref() != Some(b"Image") {
                    let own = stream.dict().get::<Dict<'_>>("Resources");
                    if let Some(own) = own {
                        self.add(&Resources::new(own), depth + 1);
                    }
                } else if let Some(id) = objects.get_ref(&*key) {
                    self.ids.insert(id);
                }
            }
        }
    }
}

#[cfg(test)]
impl FromIterator<ObjRef> for UndrawnImages {
    fn from_iter<I: IntoIterator<Item = ObjRef>>(ids: I) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// Returns the images that a page and its annotations can draw over its text.
pub(super) fn undrawn_images(page: &Page<'_>) -> UndrawnImages {
    let mut images = UndrawnImages::default();
    images.add(page.resources(), 0);
    let annotations = page.raw().get::<Array<'_>>("Annots").unwrap_or_default();
    for annotation in dictionaries(page, &annotations) {
        let form = appearance(&annotation);
        let own = form.and_then(|form| form.dict().get::<Dict<'_>>("Resources"));
        if let Some(own) = own {
            images.add(&Resources::new(own), 1);
        }
    }
    images
}

/// The SHA-256 of an image's data: JPEG data as stored, other data decoded.
pub type ImageDigest = [u8; 32];

/// Returns the digests of a page's images whose width and height, in pixels, pass `filter`.
///
/// Digests identify known logos, whatever the text around them. Images that can't be decoded are
/// skipped.
pub(super) fn image_digests(
    page: &Page<'_>,
    filter: &dyn Fn(u32, u32) -> bool,
    budget: &mut Budget<'_>,
) -> Result<Vec<ImageDigest>, LimitHit> {
    let objects = &page.resources().x_objects;
    let mut digests = Vec::new();
    for key in objects.keys().take(MAX_IMAGES) {
        let Some(stream) = objects.get::<Stream<'_>>(&*key) else {
            continue;
        };
        let dict = stream.dict();
        let is_image = dict.get::<Name<'_>>("Subtype").as_deref() == Some(b"Image");
        let side = |key| dict.get::<u32>(key).unwrap_or(0);
        if !is_image || !filter(side("Width"), side("Height")) {
            continue;
        }
        // Copies of a JPEG image have the same compressed data, so it need not be decoded.
        let data = if stream.filters().as_slice() == [Filter::DctDecode] {
            stream.raw_data().into_owned()
        } else {
            match filter::decode(&stream, MAX_IMAGE_BYTES, budget) {
                Ok(data) => data,
                Err(DecodeError::Limit(hit @ LimitHit::Time(_))) => return Err(hit),
                Err(_) => continue,
            }
        };
        digests.push(Sha256::digest(&data).into());
    }
    Ok(digests)
}

/// Returns the document catalog (ISO 32000-2, 7.7.2).
pub(super) fn catalog(pdf: &Pdf) -> Option<Dict<'_>> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())
}

/// Content that a viewer would execute or unpack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ActiveContent {
    /// Scripts.
    JavaScript,
    /// Actions that launch programs.
    Launch,
    /// Embedded files.
    EmbeddedFile,
    /// Sound, video and 3D.
    RichMedia,
}

impl std::fmt::Display for ActiveContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::JavaScript => "JavaScript",
            Self::Launch => "actions that launch programs",
            Self::EmbeddedFile => "embedded files",
            Self::RichMedia => "rich media",
        })
    }
}

/// Finds active content: in the catalog, in pages and in annotations. Returns each kind once.
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
        .filter_map(|action| active_kind(&action))
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
        kinds.extend(actions(triggers).filter_map(|action| active_kind(&action)));
    }
    let Some(annotations) = dict.get::<Array<'_>>("Annots") else {
        return;
    };
    for annotation in dictionaries(page, &annotations) {
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
        kinds.extend(
            direct
                .chain(triggered)
                .filter_map(|action| active_kind(&action)),
        );
    }
}

/// Returns the actions of an additional-actions dictionary (ISO 32000-2, 12.6.3).
fn actions(triggers: Dict<'_>) -> impl Iterator<Item = Dict<'_>> {
    let mut keys: Vec<_> = triggers.keys().collect();
    // Sorting makes the choice of the first triggers deterministic.
    keys.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    keys.truncate(MAX_TRIGGERS);
    keys.into_iter()
        .filter_map(move |key| triggers.get::<Dict<'_>>(key))
}

/// Returns the kind of active content that an action runs.
fn active_kind(action: &Dict<'_>) -> Option<ActiveContent> {
    match action.get::<Name<'_>>("S").as_deref()? {
        b"JavaScript" => Some(ActiveContent::JavaScript),
        b"Launch" => Some(ActiveContent::Launch),
        b"RichMediaExecute" | b"Rendition" | b"Movie" | b"Sound" => Some(ActiveContent::RichMedia),
        b"GoToE" => Some(ActiveContent::EmbeddedFile),
        _ => None,
    }
}
