//! Where pages show something, so that a further signature beside it hides nothing.

use super::revision::MAX_PARENTS;
use crate::pdf::content::{Area, Fill, Glyph, GlyphStyle, ImagePaint, Matrix, Observer, Workspace};
use crate::pdf::layers::Layers;
use crate::pdf::limits::{Budget, LimitHit};
use crate::pdf::structure::{self, PageFrame};
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Rect};
use hayro_syntax::page::Page;
use std::ops::ControlFlow;

/// Glyphs, images and shapes of a page that are kept. Next to more, nothing is taken to be empty.
const MAX_AREAS: usize = 50_000;
/// Annotations of a page that are read, as for its text.
const MAX_ANNOTATIONS: usize = 500;
/// The height of glyphs above and below their baseline, for a font size of 1.
const ASCENT: f32 = 0.9;
const DESCENT: f32 = -0.25;

/// What the pages with widgets of signatures show.
#[derive(Debug, Default)]
pub(super) struct Occupied {
    pages: Vec<ShownPage>,
    /// Whether a page has so many annotations that not all are read.
    is_incomplete: bool,
}

/// What a page shows.
#[derive(Debug)]
struct ShownPage {
    /// Maps user space to the page.
    to_page: Matrix,
    annotations: Vec<Listed>,
    content: Vec<Area>,
}

impl Occupied {
    /// Reads the pages that have widgets of signatures.
    pub(super) fn read(pdf: &Pdf, budget: &Budget<'_>) -> Result<Self, LimitHit> {
        let mut found = Self::default();
        // What is read here once more counts by its time only.
        let mut budget = budget.renewed();
        let mut workspace = Workspace::new(Layers::of(pdf));
        for page in pdf.pages().iter() {
            budget.check_time()?;
            let frame = PageFrame::of(page);
            let Some(annotations) = annotations(page, &frame) else {
                found.is_incomplete = true;
                continue;
            };
            if annotations.iter().any(|listed| listed.widget.is_some()) {
                found.pages.push(ShownPage {
                    to_page: frame.to_page,
                    annotations,
                    content: content(page, &frame, &mut workspace, &mut budget)?,
                });
            }
        }
        Ok(found)
    }

    /// Returns whether a widget is on a page, and covers nothing there with an area of user space.
    pub(super) fn is_free(&self, widget: u32, area: Area) -> bool {
        let pages = self.pages.iter().filter(|page| page.lists(widget));
        let mut pages = pages.peekable();
        !self.is_incomplete
            && pages.peek().is_some()
            && pages.all(|page| page.is_free(widget, area))
    }
}

impl ShownPage {
    fn lists(&self, widget: u32) -> bool {
        let mut annotations = self.annotations.iter();
        annotations.any(|listed| listed.widget == Some(widget))
    }

    /// Returns whether nothing but the widget is at an area of user space.
    fn is_free(&self, widget: u32, area: Area) -> bool {
        let area = self.to_page.apply_to_area(area);
        let others = self.annotations.iter();
        let others = others.filter(|listed| listed.widget != Some(widget));
        let mut shown = others.map(|listed| &listed.area).chain(&self.content);
        shown.all(|shown| shown.intersect(area).is_empty())
    }
}

/// An annotation in the list of a page.
#[derive(Debug)]
struct Listed {
    /// The object number of a widget that is a signature, as far as itself and its parents show.
    widget: Option<u32>,
    /// The area on the page.
    area: Area,
}

/// Returns the annotations of a page; `None` if there are too many.
fn annotations(page: &Page<'_>, frame: &PageFrame) -> Option<Vec<Listed>> {
    let Some(list) = page.raw().get::<Array<'_>>("Annots") else {
        return Some(Vec::new());
    };
    if list.raw_iter().nth(MAX_ANNOTATIONS).is_some() {
        return None;
    }
    let xref = page.xref();
    let read = |member: MaybeRef<Object<'_>>| {
        let (number, object) = match member {
            MaybeRef::Ref(id) => (Some(id.obj_number), xref.get::<Object<'_>>(id.into())?),
            MaybeRef::NotRef(object) => (None, object),
        };
        let annotation = object.into_dict()?;
        let rect = annotation.get::<Rect>("Rect")?;
        let [x0, y0, x1, y1] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|side| side as f32);
        let area = Area::EMPTY.extended_to(x0, y0).extended_to(x1, y1);
        Some(Listed {
            widget: number.filter(|_| may_be_signature(&annotation)),
            area: frame.to_page.apply_to_area(area),
        })
    };
    Some(list.raw_iter().filter_map(read).collect())
}

/// Returns whether an annotation is the widget of a signature field, or of one that only the field
/// names.
fn may_be_signature(annotation: &Dict<'_>) -> bool {
    let mut next = Some(annotation.clone());
    for _ in 0..MAX_PARENTS {
        let Some(field) = next else { return true };
        if let Some(kind) = field.get::<Name<'_>>("FT") {
            return &*kind == b"Sig";
        }
        next = field.get::<Dict<'_>>("Parent");
    }
    false
}

/// Returns the areas of what the content of a page shows.
fn content(
    page: &Page<'_>,
    frame: &PageFrame,
    workspace: &mut Workspace,
    budget: &mut Budget<'_>,
) -> Result<Vec<Area>, LimitHit> {
    let mut shown = Shown::default();
    structure::run_contents(page, frame, workspace, budget, &mut shown)?;
    if shown.areas.len() >= MAX_AREAS {
        return Ok(vec![frame.area]);
    }
    Ok(shown.areas)
}

/// Collects the areas of glyphs, images and shapes. Rectangles and lines are not collected: a
/// rectangle is the background of a table or a page, and what matters is written on it.
#[derive(Default)]
struct Shown {
    areas: Vec<Area>,
    matrix: Option<Matrix>,
}

impl Shown {
    fn add(&mut self, area: Area) -> ControlFlow<()> {
        self.areas.push(area);
        if self.areas.len() < MAX_AREAS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

impl Observer for Shown {
    const INITIAL_CHUNK_BYTES: usize = 1 << 16;
    const TRACKS_PAINT: bool = true;

    fn style(&mut self, style: GlyphStyle) {
        self.matrix = Some(style.matrix);
    }

    fn glyph(&mut self, glyph: &Glyph, (x, y): (f32, f32)) -> ControlFlow<()> {
        let Some(matrix) = self.matrix else {
            return ControlFlow::Continue(());
        };
        let em = Area::EMPTY
            .extended_to(0.0, DESCENT)
            .extended_to(glyph.advance, ASCENT);
        self.add(matrix.with_origin(x, y).apply_to_area(em))
    }

    fn image(&mut self, image: ImagePaint) -> ControlFlow<()> {
        self.add(image.area)
    }

    fn drawing(&mut self, fill: Option<Fill>) -> ControlFlow<()> {
        match fill {
            Some(fill) if fill.solid.is_none() => self.add(fill.area),
            _ => ControlFlow::Continue(()),
        }
    }
}
