//! Writes linearised files (ISO 32000-2, annex F), which start with the objects of the first page.
//!
//! The hint tables are complete, because some readers check them. [`write`] panics for encrypted
//! documents and for objects that later pages share without the first page.

use std::collections::{BTreeMap, BTreeSet};

use super::filters::Bits;
use super::object::{Body, Dict, Id, Object};
use super::writer::{Document, write_indirect};

/// The width of all offsets. With a fixed width, sizes do not depend on the offsets.
const OFFSET_DIGITS: usize = 8;

/// The objects of a document in file order, under their new numbers.
struct FileOrder {
    /// For each later page, the objects that only this page uses.
    later_pages: Vec<Vec<(Id, Body)>>,
    /// The objects that belong to no page, such as the page tree and document information.
    other_objects: Vec<(Id, Body)>,
    parameters: Id,
    catalog: (Id, Body),
    hints: Id,
    first_page: Vec<(Id, Body)>,
    trailer: Dict,
    /// For each later page, the objects that it shares with the first page, as indices into
    /// `first_page`.
    shared: Vec<Vec<usize>>,
}

/// Writes `document` linearised.
pub fn write(document: &Document) -> Vec<u8> {
    let order = FileOrder::new(document);
    let split = order.parameters.0;
    let size = split + 3 + u32::try_from(order.first_page.len()).expect("few objects");

    let lengths = |objects: &[(Id, Body)]| objects.iter().map(length).collect::<Vec<_>>();
    let first = lengths(&order.first_page);
    let later: Vec<Vec<usize>> = order.later_pages.iter().map(|page| lengths(page)).collect();
    let hints = |location| order.hint_stream(location, &first, &later);
    let hint_length = length(&(order.hints, hints(0)));

    // The first pass computes the offsets, the second pass writes them. Offsets have a fixed width,
    // so both passes have the same layout.
    let mut offsets = Offsets::default();
    let mut out = Vec::new();
    for _ in 0..2 {
        out = document.header();
        let mut table = BTreeMap::new();
        table.insert(order.parameters, out.len());
        write_indirect(
            order.parameters,
            &order.parameter_dict(&offsets, hint_length),
            None,
            &mut out,
        );

        offsets.first_table = out.len();
        let rows_at = write_empty_table(&mut out, split, size - split);
        let trailer = Dict::new().with("Size", size).merged(&order.trailer);
        write_trailer(
            &mut out,
            &trailer.with("Prev", fixed(offsets.main_table)),
            0,
        );

        write_objects(&mut out, &mut table, std::slice::from_ref(&order.catalog));
        offsets.hints = out.len();
        let location = offsets.hints;
        write_objects(&mut out, &mut table, &[(order.hints, hints(location))]);
        write_objects(&mut out, &mut table, &order.first_page);
        offsets.first_page_end = out.len();
        for page in &order.later_pages {
            write_objects(&mut out, &mut table, page);
        }
        write_objects(&mut out, &mut table, &order.other_objects);

        offsets.main_table = out.len();
        let main_rows_at = write_empty_table(&mut out, 0, split);
        offsets.main_rows = main_rows_at - 1;
        let main_trailer = Dict::new().with("Size", split);
        write_trailer(&mut out, &main_trailer, offsets.first_table);
        offsets.file_length = out.len();

        for (id, offset) in table {
            let row = if id < order.parameters {
                main_rows_at + 20 * id.0 as usize
            } else {
                rows_at + 20 * (id.0 - split) as usize
            };
            out[row..row + 20].copy_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
    }
    out
}

/// Offsets that the file contains before the objects they refer to.
#[derive(Default)]
struct Offsets {
    file_length: usize,
    first_table: usize,
    main_table: usize,
    main_rows: usize,
    hints: usize,
    first_page_end: usize,
}

impl FileOrder {
    fn new(document: &Document) -> Self {
        assert!(
            document.trailer.find("Encrypt").is_none(),
            "encrypted documents are not supported"
        );
        let (&first, rest) = document.pages.split_first().expect("a document has a page");
        let first_objects = reachable(document, first);
        let mut page_objects: BTreeSet<Id> = first_objects.iter().copied().collect();
        let mut later = Vec::new();
        let mut shared = Vec::new();
        for &page in rest {
            let used = reachable(document, page);
            shared.push(
                used.iter()
                    .filter_map(|id| first_objects.iter().position(|f| f == id))
                    .collect::<Vec<_>>(),
            );
            let own: Vec<Id> = used
                .into_iter()
                .filter(|id| !first_objects.contains(id))
                .collect();
            assert!(
                own.iter().all(|id| page_objects.insert(*id)),
                "an object is shared by later pages only"
            );
            later.push(own);
        }
        let Some(&Object::Reference(catalog)) = document.trailer.find("Root") else {
            panic!("a trailer has a root");
        };
        let others: Vec<Id> = document
            .objects
            .keys()
            .copied()
            .filter(|id| !page_objects.contains(id) && *id != catalog)
            .collect();

        let mut numbers = BTreeMap::new();
        let mut next = 0;
        let mut assign_number = |id: Id| {
            next += 1;
            numbers.insert(id, Id(next));
        };
        later
            .iter()
            .flatten()
            .chain(&others)
            .copied()
            .for_each(&mut assign_number);
        // The document does not have these two objects. No old number is as high as their
        // temporary numbers.
        let (parameters, hints) = (Id(u32::MAX - 1), Id(u32::MAX));
        [parameters, catalog, hints]
            .iter()
            .chain(&first_objects)
            .copied()
            .for_each(&mut assign_number);

        let renumbered = |id: &Id| {
            let mut body = document.objects[id].clone();
            body.renumber(&|old| numbers[&old]);
            (numbers[id], body)
        };
        let mut trailer = document.trailer.clone();
        trailer.renumber(&|old| numbers[&old]);
        Self {
            later_pages: later
                .iter()
                .map(|page| page.iter().map(renumbered).collect())
                .collect(),
            other_objects: others.iter().map(renumbered).collect(),
            parameters: numbers[&parameters],
            catalog: renumbered(&catalog),
            hints: numbers[&hints],
            first_page: first_objects.iter().map(renumbered).collect(),
            trailer,
            shared,
        }
    }

    fn parameter_dict(&self, offsets: &Offsets, hint_length: usize) -> Body {
        let dict = Dict::new()
            .with("Linearized", 1)
            .with("L", fixed(offsets.file_length))
            .with("H", vec![fixed(offsets.hints), fixed(hint_length)])
            .with("O", self.first_page[0].0.0)
            .with("E", fixed(offsets.first_page_end))
            .with("N", self.later_pages.len() + 1)
            .with("T", fixed(offsets.main_rows));
        Body::Plain(dict.into())
    }

    /// Returns the page offset and shared object hint tables (F.4.1, F.4.2). Their offsets do not
    /// count the hint stream itself.
    fn hint_stream(&self, first_page_at: usize, first: &[usize], later: &[Vec<usize>]) -> Body {
        let mut pages: Vec<&[usize]> = vec![first];
        pages.extend(later.iter().map(Vec::as_slice));
        let counts: Vec<usize> = pages.iter().map(|page| page.len()).collect();
        let sizes: Vec<usize> = pages.iter().map(|page| page.iter().sum()).collect();
        let mut shared: Vec<&[usize]> = vec![&[]];
        shared.extend(self.shared.iter().map(Vec::as_slice));
        let shared_counts: Vec<usize> = shared.iter().map(|used| used.len()).collect();

        let mut bits = Bits::default();
        let (min_count, count_bits) = spread(&counts);
        let (min_size, size_bits) = spread(&sizes);
        let sharing_bits = width(shared_counts.iter().copied().max().unwrap_or(0));
        let index_bits = width(first.len().saturating_sub(1));
        put(
            &mut bits,
            &[(min_count, 32), (first_page_at, 32), (count_bits, 16)],
        );
        put(&mut bits, &[(min_size, 32), (size_bits, 16)]);
        // The content stream offset and length. Like Acrobat, declare the whole page as content.
        put(
            &mut bits,
            &[(0, 32), (0, 16), (min_size, 32), (size_bits, 16)],
        );
        put(
            &mut bits,
            &[(sharing_bits, 16), (index_bits, 16), (0, 16), (4, 16)],
        );
        put_column(
            &mut bits,
            counts.iter().map(|count| count - min_count),
            count_bits,
        );
        put_column(
            &mut bits,
            sizes.iter().map(|size| size - min_size),
            size_bits,
        );
        put_column(&mut bits, shared_counts.iter().copied(), sharing_bits);
        put_column(
            &mut bits,
            shared.iter().flat_map(|used| used.iter().copied()),
            index_bits,
        );
        put_column(
            &mut bits,
            sizes.iter().map(|size| size - min_size),
            size_bits,
        );
        let mut table = bits.finish();
        let shared_at = table.len();

        let mut bits = Bits::default();
        let (min_object, object_bits) = spread(first);
        put(
            &mut bits,
            &[
                (0, 32),
                (0, 32),
                (first.len(), 32),
                (first.len(), 32),
                (0, 16),
            ],
        );
        put(&mut bits, &[(min_object, 32), (object_bits, 16)]);
        put_column(
            &mut bits,
            first.iter().map(|size| size - min_object),
            object_bits,
        );
        put_column(&mut bits, first.iter().map(|_| 0), 1);
        table.extend(bits.finish());
        Body::Stream(Dict::new().with("S", shared_at), table)
    }
}

/// Returns the page and all objects that it refers to, in the order of reference, without the page
/// tree.
fn reachable(document: &Document, page: Id) -> Vec<Id> {
    let mut found = vec![page];
    let mut next = 0;
    while let Some(&id) = found.get(next) {
        next += 1;
        let mut body = document.objects[&id].clone();
        if id == page {
            body.dict_mut().remove("Parent");
        }
        let references = std::cell::RefCell::new(Vec::new());
        body.renumber(&|id| {
            references.borrow_mut().push(id);
            id
        });
        for id in references.into_inner() {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

fn length((id, body): &(Id, Body)) -> usize {
    let mut out = Vec::new();
    write_indirect(*id, body, None, &mut out);
    out.len()
}

fn write_objects(out: &mut Vec<u8>, table: &mut BTreeMap<Id, usize>, objects: &[(Id, Body)]) {
    for (id, body) in objects {
        table.insert(*id, out.len());
        write_indirect(*id, body, None, out);
    }
}

/// Writes a cross-reference table of free entries and returns the offset of its first row.
fn write_empty_table(out: &mut Vec<u8>, from: u32, count: u32) -> usize {
    out.extend_from_slice(format!("xref\n{from} {count}\n").as_bytes());
    let rows_at = out.len();
    for _ in 0..count {
        out.extend_from_slice(b"0000000000 65535 f \n");
    }
    rows_at
}

fn write_trailer(out: &mut Vec<u8>, trailer: &Dict, start: usize) {
    out.extend_from_slice(b"trailer\n");
    trailer.write(out, None);
    out.extend_from_slice(format!("\nstartxref\n{start}\n%%EOF\n").as_bytes());
}

/// Returns a number that is zero-padded to a fixed width.
fn fixed(value: usize) -> Object {
    Object::Padded(value, OFFSET_DIGITS)
}

/// Returns the minimum of some numbers and the bit width of the largest difference from it.
fn spread(values: &[usize]) -> (usize, usize) {
    let min = values.iter().copied().min().unwrap_or(0);
    let max = values.iter().copied().max().unwrap_or(0);
    (min, width(max - min))
}

fn width(value: usize) -> usize {
    (usize::BITS - value.leading_zeros()) as usize
}

fn put(bits: &mut Bits, fields: &[(usize, usize)]) {
    for &(value, width) in fields {
        bits.push(
            u32::try_from(value).expect("small files"),
            u32::try_from(width).expect("at most 32"),
        );
    }
}

/// Writes one field for all pages or objects, then pads to the next byte.
fn put_column(bits: &mut Bits, values: impl Iterator<Item = usize>, width: usize) {
    for value in values {
        put(bits, &[(value, width)]);
    }
    bits.align();
}
