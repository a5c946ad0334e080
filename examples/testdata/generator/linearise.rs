//! Linearised files (ISO 32000-2, annex F): the first page and what it needs stand in front.
//!
//! Written for readers that check the hint tables, so these are complete. Not for encrypted
//! documents, nor for objects shared by later pages but not by the first one: `write` refuses both.

use std::collections::{BTreeMap, BTreeSet};

use super::filters::Bits;
use super::object::{Body, Dict, Id, Object};
use super::writer::{Document, write_indirect};

/// Wide enough for any offset here; a fixed width lets sizes be known before the offsets are.
const OFFSET_DIGITS: usize = 8;

/// The objects of a document by their place in the file, under their new numbers.
struct Plan {
    /// Each later page with the objects that only it uses.
    later_pages: Vec<Vec<(Id, Body)>>,
    /// Objects for no page in particular: the page tree, document information.
    others: Vec<(Id, Body)>,
    parameters: Id,
    catalog: (Id, Body),
    hints: Id,
    first_page: Vec<(Id, Body)>,
    trailer: Dict,
    /// For each later page, which objects of the first one it uses too, as places in `first_page`.
    shared: Vec<Vec<usize>>,
}

/// Writes `document` linearised.
pub fn write(document: &Document) -> Vec<u8> {
    let plan = Plan::new(document);
    let split = plan.parameters.0;
    let size = split + 3 + u32::try_from(plan.first_page.len()).expect("few objects");

    let lengths = |objects: &[(Id, Body)]| objects.iter().map(length).collect::<Vec<_>>();
    let first = lengths(&plan.first_page);
    let later: Vec<Vec<usize>> = plan.later_pages.iter().map(|page| lengths(page)).collect();
    let hints = |location| plan.hint_stream(location, &first, &later);
    let hint_length = length(&(plan.hints, hints(0)));

    // Lay out with a first guess of every offset, all of fixed width, and once more with the truth.
    let mut offsets = Offsets::default();
    let mut out = Vec::new();
    for _ in 0..2 {
        out = document.header();
        let mut table = BTreeMap::new();
        table.insert(plan.parameters, out.len());
        write_indirect(
            plan.parameters,
            &plan.parameter_dict(&offsets, hint_length),
            None,
            &mut out,
        );

        offsets.first_table = out.len();
        let rows_at = write_empty_table(&mut out, split, size - split);
        let trailer = Dict::new().with("Size", size).merged(&plan.trailer);
        write_trailer(
            &mut out,
            &trailer.with("Prev", fixed(offsets.main_table)),
            0,
        );

        write_objects(&mut out, &mut table, std::slice::from_ref(&plan.catalog));
        offsets.hints = out.len();
        let location = offsets.hints;
        write_objects(&mut out, &mut table, &[(plan.hints, hints(location))]);
        write_objects(&mut out, &mut table, &plan.first_page);
        offsets.first_page_end = out.len();
        for page in &plan.later_pages {
            write_objects(&mut out, &mut table, page);
        }
        write_objects(&mut out, &mut table, &plan.others);

        offsets.main_table = out.len();
        let main_rows_at = write_empty_table(&mut out, 0, split);
        offsets.main_rows = main_rows_at - 1;
        let main_trailer = Dict::new().with("Size", split);
        write_trailer(&mut out, &main_trailer, offsets.first_table);
        offsets.file_length = out.len();

        for (id, offset) in table {
            let row = if id < plan.parameters {
                main_rows_at + 20 * id.0 as usize
            } else {
                rows_at + 20 * (id.0 - split) as usize
            };
            out[row..row + 20].copy_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
        }
    }
    out
}

/// Positions that stand in the file before they are known.
#[derive(Default)]
struct Offsets {
    file_length: usize,
    first_table: usize,
    main_table: usize,
    main_rows: usize,
    hints: usize,
    first_page_end: usize,
}

impl Plan {
    fn new(document: &Document) -> Self {
        assert!(
            document.trailer.find("Encrypt").is_none(),
            "linearised files are not encrypted here"
        );
        let (&first, rest) = document.pages.split_first().expect("a document has a page");
        let in_first = reachable(document, first);
        let mut taken: BTreeSet<Id> = in_first.iter().copied().collect();
        let mut later = Vec::new();
        let mut shared = Vec::new();
        for &page in rest {
            let used = reachable(document, page);
            shared.push(
                used.iter()
                    .filter_map(|id| in_first.iter().position(|f| f == id))
                    .collect::<Vec<_>>(),
            );
            let own: Vec<Id> = used
                .into_iter()
                .filter(|id| !in_first.contains(id))
                .collect();
            assert!(
                own.iter().all(|id| taken.insert(*id)),
                "later pages share an object"
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
            .filter(|id| !taken.contains(id) && *id != catalog)
            .collect();

        let mut numbers = BTreeMap::new();
        let mut next = 0;
        let mut give = |id: Id| {
            next += 1;
            numbers.insert(id, Id(next));
        };
        later
            .iter()
            .flatten()
            .chain(&others)
            .copied()
            .for_each(&mut give);
        // Numbers for the two objects that the document does not have: no old number is that high.
        let (parameters, hints) = (Id(u32::MAX - 1), Id(u32::MAX));
        [parameters, catalog, hints]
            .iter()
            .chain(&in_first)
            .copied()
            .for_each(&mut give);

        let moved = |id: &Id| {
            let mut body = document.objects[id].clone();
            body.renumber(&|old| numbers[&old]);
            (numbers[id], body)
        };
        let mut trailer = document.trailer.clone();
        trailer.renumber(&|old| numbers[&old]);
        Self {
            later_pages: later
                .iter()
                .map(|page| page.iter().map(moved).collect())
                .collect(),
            others: others.iter().map(moved).collect(),
            parameters: numbers[&parameters],
            catalog: moved(&catalog),
            hints: numbers[&hints],
            first_page: in_first.iter().map(moved).collect(),
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

    /// The page offset and shared object hint tables (F.4.1, F.4.2), positions as if the hint
    /// stream itself were not there.
    fn hint_stream(&self, first_page_at: usize, first: &[usize], later: &[Vec<usize>]) -> Body {
        let mut pages: Vec<&[usize]> = vec![first];
        pages.extend(later.iter().map(Vec::as_slice));
        let counts: Vec<usize> = pages.iter().map(|page| page.len()).collect();
        let sizes: Vec<usize> = pages.iter().map(|page| page.iter().sum()).collect();
        let mut shared: Vec<&[usize]> = vec![&[]];
        shared.extend(self.shared.iter().map(Vec::as_slice));
        let shared_counts: Vec<usize> = shared.iter().map(|used| used.len()).collect();

        let mut bits = Bits::default();
        let (least_count, count_bits) = spread(&counts);
        let (least_size, size_bits) = spread(&sizes);
        let sharing_bits = width(shared_counts.iter().copied().max().unwrap_or(0));
        let place_bits = width(first.len().saturating_sub(1));
        put(
            &mut bits,
            &[(least_count, 32), (first_page_at, 32), (count_bits, 16)],
        );
        put(&mut bits, &[(least_size, 32), (size_bits, 16)]);
        // Where content starts within a page, and how long it is: as Acrobat does, the whole page.
        put(
            &mut bits,
            &[(0, 32), (0, 16), (least_size, 32), (size_bits, 16)],
        );
        put(
            &mut bits,
            &[(sharing_bits, 16), (place_bits, 16), (0, 16), (4, 16)],
        );
        put_column(
            &mut bits,
            counts.iter().map(|count| count - least_count),
            count_bits,
        );
        put_column(
            &mut bits,
            sizes.iter().map(|size| size - least_size),
            size_bits,
        );
        put_column(&mut bits, shared_counts.iter().copied(), sharing_bits);
        put_column(
            &mut bits,
            shared.iter().flat_map(|used| used.iter().copied()),
            place_bits,
        );
        put_column(
            &mut bits,
            sizes.iter().map(|size| size - least_size),
            size_bits,
        );
        let mut table = bits.finish();
        let shared_at = table.len();

        let mut bits = Bits::default();
        let (least, object_bits) = spread(first);
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
        put(&mut bits, &[(least, 32), (object_bits, 16)]);
        put_column(
            &mut bits,
            first.iter().map(|size| size - least),
            object_bits,
        );
        put_column(&mut bits, first.iter().map(|_| 0), 1);
        table.extend(bits.finish());
        Body::Stream(Dict::new().with("S", shared_at), table)
    }
}

/// The page and all it refers to, in the order of reference, without the page tree.
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

/// Writes a table of free entries and returns where its rows start.
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

/// A number with leading zeros: its length does not depend on its value.
fn fixed(value: usize) -> Object {
    Object::Padded(value, OFFSET_DIGITS)
}

/// The least of some numbers, and the bits that the differences to it need.
fn spread(values: &[usize]) -> (usize, usize) {
    let least = values.iter().copied().min().unwrap_or(0);
    let most = values.iter().copied().max().unwrap_or(0);
    (least, width(most - least))
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

/// One item for all pages or objects, then to the next full byte.
fn put_column(bits: &mut Bits, values: impl Iterator<Item = usize>, width: usize) {
    for value in values {
        put(bits, &[(value, width)]);
    }
    bits.align();
}
