//! Writes a document as a file: cross-reference tables and streams, object streams, revisions.
//!
//! A [`Document`] is a heap of numbered objects with a catalog; [`Document::write`] lays it out in
//! the order of the numbers. Linearised files have an order of their own, see `linearise`.

use std::collections::{BTreeMap, btree_map as map};

use super::encrypt::{Encryptor, Placement};
use super::filters::flate;
use super::linearise;
use super::object::{Body, Dict, Id, Object, array, name, text};
use super::random::Random;

/// The catalog and the root of the page tree, which every document has.
const CATALOG: Id = Id(1);
pub const PAGE_TREE: Id = Id(2);

/// A4 in points.
pub const PAGE_WIDTH: i64 = 595;
pub const PAGE_HEIGHT: i64 = 842;

/// How objects are found in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A cross-reference table.
    Classic,
    /// Object streams and a cross-reference stream.
    ObjectStreams,
    /// A table for readers of PDF 1.4, and a stream that adds the page dictionaries.
    Hybrid,
    /// A table split for page-at-a-time download, with hint tables.
    Linearised,
}

/// A document on its way to a file.
pub struct Document {
    pub version: &'static str,
    pub objects: BTreeMap<Id, Body>,
    /// The pages in order; the page tree is made of them on writing.
    pub pages: Vec<Id>,
    /// Entries of the trailer besides `Size`.
    pub trailer: Dict,
    file_id: [u8; 16],
    encryptor: Option<Encryptor>,
}

impl Document {
    /// A document without pages whose file identifier follows from `seed`.
    pub fn new(seed: u64) -> Self {
        let file_id: [u8; 16] = Random::new(seed).bytes();
        let catalog = Dict::new()
            .with("Type", name("Catalog"))
            .with("Pages", PAGE_TREE);
        let mut trailer = Dict::new().with("Root", CATALOG);
        trailer.set("ID", vec![text(file_id), text(file_id)]);
        let objects = [
            (CATALOG, Body::Plain(catalog.into())),
            (PAGE_TREE, Body::Plain(Dict::new().into())),
        ];
        Self {
            version: "1.4",
            objects: objects.into(),
            pages: Vec::new(),
            trailer,
            file_id,
            encryptor: None,
        }
    }

    /// Adds an object under the next free number.
    pub fn add(&mut self, body: Body) -> Id {
        let last = self.objects.keys().next_back().map_or(0, |id| id.0);
        let id = Id(last + 1);
        self.objects.insert(id, body);
        id
    }

    /// Adds a dictionary.
    pub fn add_dict(&mut self, dict: Dict) -> Id {
        self.add(Body::Plain(dict.into()))
    }

    /// Adds a stream, compressed.
    pub fn add_flate(&mut self, dict: Dict, bytes: &[u8]) -> Id {
        self.add(Body::Stream(
            dict.with("Filter", name("FlateDecode")),
            flate(bytes),
        ))
    }

    /// Adds an A4 page that shows `content`, an object number or an array of them.
    pub fn add_page(&mut self, content: impl Into<Object>, resources: Dict) -> Id {
        let page = Dict::new()
            .with("Type", name("Page"))
            .with("Parent", PAGE_TREE)
            .with("MediaBox", array([0, 0, PAGE_WIDTH, PAGE_HEIGHT]))
            .with("Resources", resources)
            .with("Contents", content);
        let id = self.add_dict(page);
        self.pages.push(id);
        id
    }

    /// The dictionary of an object that has one.
    ///
    /// # Panics
    ///
    /// Where there is no such object.
    pub fn dict_mut(&mut self, id: Id) -> &mut Dict {
        self.objects
            .get_mut(&id)
            .expect("the object was added")
            .dict_mut()
    }

    /// The catalog.
    pub fn catalog_mut(&mut self) -> &mut Dict {
        self.dict_mut(CATALOG)
    }

    /// The root of the page tree, filled when called and again on writing where it was left empty.
    pub fn page_tree_mut(&mut self) -> &mut Dict {
        self.fill_page_tree();
        self.dict_mut(PAGE_TREE)
    }

    /// Sets the document information dictionary.
    pub fn set_info(&mut self, info: Dict) {
        let id = self.add_dict(info);
        self.trailer.set("Info", id);
    }

    /// Encrypts the file on writing.
    pub fn protect(&mut self, encryptor: Encryptor) {
        self.encryptor = Some(encryptor);
    }

    /// The file identifier, on which keys of old encryption schemes depend.
    pub fn file_id(&self) -> &[u8] {
        &self.file_id
    }

    /// Writes the whole file.
    pub fn write(&mut self, kind: FileKind) -> Vec<u8> {
        self.fill_page_tree();
        self.place_encryption();
        match kind {
            FileKind::Classic => self.write_classic(),
            FileKind::ObjectStreams => self.write_object_streams(),
            FileKind::Hybrid => self.write_hybrid(),
            FileKind::Linearised => linearise::write(self),
        }
    }

    /// Appends a revision to `file` that replaces or adds the objects in `changed`.
    pub fn append_revision(&self, file: &mut Vec<u8>, changed: &[Id]) {
        let marker = b"startxref\n";
        let at = file
            .windows(marker.len())
            .rposition(|window| window == marker);
        let previous: String = file[at.expect("a written file ends in startxref") + marker.len()..]
            .iter()
            .map(|&b| char::from(b))
            .take_while(char::is_ascii_digit)
            .collect();
        let mut entries = BTreeMap::new();
        for &id in changed {
            entries.insert(id, file.len());
            self.write_indirect(id, file);
        }
        let start = file.len();
        file.extend_from_slice(b"xref\n");
        for (id, offset) in entries {
            let section = format!("{} 1\n{offset:010} 00000 n \n", id.0);
            file.extend_from_slice(section.as_bytes());
        }
        let previous: i64 = previous.parse().expect("digits");
        write_trailer(file, &self.sized_trailer().with("Prev", previous), start);
    }

    /// Makes the root of the page tree where it is still empty.
    pub fn fill_page_tree(&mut self) {
        let kids = array(self.pages.iter().copied());
        let count = self.pages.len();
        let tree = self.dict_mut(PAGE_TREE);
        if tree.find("Type").is_none() {
            tree.set("Type", name("Pages"));
            tree.set("Kids", kids);
            tree.set("Count", count);
        }
    }

    fn place_encryption(&mut self) {
        let Some(encryptor) = &self.encryptor else {
            return;
        };
        let dict = encryptor.dict.clone();
        match encryptor.placement {
            Placement::InTrailer => self.trailer.set("Encrypt", dict),
            Placement::Indirect => {
                let id = self.add_dict(dict);
                self.trailer.set("Encrypt", id);
            }
        }
    }

    /// The first bytes of a file; the comment tells transfer programs that it is binary.
    pub fn header(&self) -> Vec<u8> {
        [
            format!("%PDF-{}\n", self.version).as_bytes(),
            b"%\xE2\xE3\xCF\xD3\n",
        ]
        .concat()
    }

    /// The trailer with the number of objects.
    pub fn sized_trailer(&self) -> Dict {
        Dict::new().with("Size", self.size()).merged(&self.trailer)
    }

    /// Writes `id 0 obj … endobj`.
    pub fn write_indirect(&self, id: Id, out: &mut Vec<u8>) {
        write_indirect(id, &self.objects[&id], self.encryptor_for(id), out);
    }

    /// What encrypts the object: nothing encrypts the encryption dictionary itself.
    fn encryptor_for(&self, id: Id) -> Option<(&Encryptor, Id)> {
        match self.trailer.find("Encrypt") {
            Some(Object::Reference(dict)) if *dict == id => None,
            _ => self.encryptor.as_ref().map(|encryptor| (encryptor, id)),
        }
    }

    fn write_classic(&self) -> Vec<u8> {
        let mut out = self.header();
        let mut offsets = BTreeMap::new();
        for &id in self.objects.keys() {
            offsets.insert(id, out.len());
            self.write_indirect(id, &mut out);
        }
        let start = out.len();
        write_table(&mut out, &offsets, self.size());
        write_trailer(&mut out, &self.sized_trailer(), start);
        out
    }

    /// The number above all objects: the one that the next object gets.
    pub fn size(&self) -> u32 {
        self.objects.keys().next_back().map_or(1, |id| id.0 + 1)
    }

    fn write_object_streams(&mut self) -> Vec<u8> {
        let packed: Vec<Id> = self
            .objects
            .keys()
            .copied()
            .filter(|&id| self.can_pack(id))
            .collect();
        let mut entries = BTreeMap::new();
        for group in packed.chunks(50) {
            self.pack(group, &mut entries);
        }
        self.write_stream_map(entries)
    }

    /// Writes the file with a cross-reference stream that claims that `packed` stand in the object
    /// stream `stream`, in this order. They are not written, and nobody checks the claim.
    pub fn write_packed(&mut self, stream: Id, packed: &[Id]) -> Vec<u8> {
        self.fill_page_tree();
        let entries = packed.iter().enumerate();
        self.write_stream_map(
            entries
                .map(|(place, &id)| (id, Entry::Packed { stream, place }))
                .collect(),
        )
    }

    /// Writes the objects that are not yet placed, and the cross-reference stream.
    fn write_stream_map(&mut self, mut entries: BTreeMap<Id, Entry>) -> Vec<u8> {
        self.version = self.version.max("1.5");
        let mut out = self.header();
        for &id in self.objects.keys() {
            if let map::Entry::Vacant(place) = entries.entry(id) {
                place.insert(Entry::At(out.len()));
                self.write_indirect(id, &mut out);
            }
        }
        let own = Id(self.size());
        let start = out.len();
        entries.insert(own, Entry::At(start));
        let dict = self.trailer.clone().with("Size", own.0 + 1);
        write_indirect(own, &cross_reference_stream(dict, &entries), None, &mut out);
        out.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        out
    }

    /// Streams and the encryption dictionary have to stand on their own (7.5.7).
    fn can_pack(&self, id: Id) -> bool {
        let encrypts =
            matches!(self.trailer.find("Encrypt"), Some(Object::Reference(e)) if *e == id);
        matches!(self.objects[&id], Body::Plain(_)) && !encrypts
    }

    /// Puts objects into one new object stream and notes where they went.
    fn pack(&mut self, group: &[Id], entries: &mut BTreeMap<Id, Entry>) {
        let mut index = Vec::new();
        let mut bodies = Vec::new();
        for id in group {
            index.extend(format!("{} {} ", id.0, bodies.len()).bytes());
            self.objects[id].write(&mut bodies, None);
            bodies.push(b'\n');
        }
        let dict = Dict::new()
            .with("Type", name("ObjStm"))
            .with("N", group.len())
            .with("First", index.len());
        let stream = self.add_flate(dict, &[index, bodies].concat());
        for (place, &id) in group.iter().enumerate() {
            entries.insert(id, Entry::Packed { stream, place });
        }
    }

    /// The form that office programs write: a table for the rest, which says that the hidden
    /// objects are free, and after it a section without rows whose `XRefStm` knows them.
    fn write_hybrid(&mut self) -> Vec<u8> {
        self.version = "1.5";
        let hidden = self.pages.clone();
        let mut entries = BTreeMap::new();
        self.pack(&hidden, &mut entries);
        let mut out = self.header();
        let mut offsets = BTreeMap::new();
        for &id in self.objects.keys() {
            if !hidden.contains(&id) {
                offsets.insert(id, out.len());
                self.write_indirect(id, &mut out);
            }
        }
        let own = Id(self.size());
        let stream_start = out.len();
        entries.insert(own, Entry::At(stream_start));
        let dict = Dict::new().with("Size", own.0 + 1);
        write_indirect(own, &cross_reference_stream(dict, &entries), None, &mut out);
        offsets.insert(own, stream_start);

        let first_start = out.len();
        let trailer = self.trailer.clone().with("Size", own.0 + 1);
        write_table(&mut out, &offsets, own.0 + 1);
        write_trailer(&mut out, &trailer, first_start);
        let second_start = out.len();
        out.extend_from_slice(b"xref\n0 0\n");
        let trailer = trailer
            .with("Prev", first_start)
            .with("XRefStm", stream_start);
        write_trailer(&mut out, &trailer, second_start);
        out
    }
}

/// Where a cross-reference stream says an object is.
enum Entry {
    At(usize),
    Packed { stream: Id, place: usize },
}

/// A cross-reference stream (7.5.8) with fields of 1, 4 and 2 bytes.
fn cross_reference_stream(dict: Dict, entries: &BTreeMap<Id, Entry>) -> Body {
    let mut rows = vec![0, 0, 0, 0, 0, 0xFF, 0xFF];
    let mut index = vec![Object::Int(0), Object::Int(1)];
    for (id, entry) in entries {
        let (kind, second, third) = match *entry {
            Entry::At(offset) => (1, u32::try_from(offset).expect("small files"), 0),
            Entry::Packed { stream, place } => {
                (2, stream.0, u16::try_from(place).expect("groups are small"))
            }
        };
        rows.push(kind);
        rows.extend_from_slice(&second.to_be_bytes());
        rows.extend_from_slice(&third.to_be_bytes());
        index.extend([Object::from(id.0), Object::Int(1)]);
    }
    let dict = dict
        .with("Type", name("XRef"))
        .with("W", array([1, 4, 2]))
        .with("Index", index)
        .with("Filter", name("FlateDecode"));
    Body::Stream(dict, flate(&rows))
}

/// Writes `id 0 obj … endobj`.
pub fn write_indirect(id: Id, body: &Body, encryptor: Option<(&Encryptor, Id)>, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("{} 0 obj\n", id.0).as_bytes());
    body.write(out, encryptor);
    out.extend_from_slice(b"\nendobj\n");
}

/// Writes a cross-reference table in one section; numbers without an offset are free.
fn write_table(out: &mut Vec<u8>, offsets: &BTreeMap<Id, usize>, size: u32) {
    out.extend_from_slice(format!("xref\n0 {size}\n").as_bytes());
    for number in 0..size {
        let row = match offsets.get(&Id(number)) {
            Some(offset) => format!("{offset:010} 00000 n \n"),
            None => "0000000000 65535 f \n".to_owned(),
        };
        out.extend_from_slice(row.as_bytes());
    }
}

fn write_trailer(out: &mut Vec<u8>, trailer: &Dict, start: usize) {
    out.extend_from_slice(b"trailer\n");
    trailer.write(out, None);
    out.extend_from_slice(format!("\nstartxref\n{start}\n%%EOF\n").as_bytes());
}
