//! Writes a document as a file: cross-reference tables and streams, object streams, updates.
//!
//! A [`Document`] consists of numbered objects, among them a catalog. [`Document::write`] writes
//! them in the order of their numbers, except for linearised files (see `linearise`).

use std::collections::{BTreeMap, btree_map as map};

use super::encrypt::{Encryptor, Placement};
use super::filters::flate;
use super::linearise;
use super::object::{Body, Dict, Id, Object, StreamForm, array, name, text};
use super::random::Random;

/// The object number of the catalog.
const CATALOG: Id = Id(1);
/// The object number of the page tree's root.
pub const PAGE_TREE: Id = Id(2);

/// Width of an A4 page in points.
pub const PAGE_WIDTH: i64 = 595;
/// Height of an A4 page in points.
pub const PAGE_HEIGHT: i64 = 842;

/// How a file locates its objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    /// A cross-reference table.
    Classic,
    /// Object streams and a cross-reference stream.
    ObjectStreams,
    /// A cross-reference table for PDF 1.4 readers, and a stream with the page dictionaries.
    Hybrid,
    /// A split cross-reference table for page-at-a-time download, with hint tables.
    Linearised,
}

/// A document under construction.
pub struct Document {
    pub version: &'static str,
    pub objects: BTreeMap<Id, Body>,
    /// The pages in order. Writing creates the page tree from them.
    pub pages: Vec<Id>,
    /// Entries of the trailer, except `Size`.
    pub trailer: Dict,
    /// The form of each stream.
    pub stream_form: Box<dyn Fn(Id) -> StreamForm>,
    file_id: [u8; 16],
    encryptor: Option<Encryptor>,
}

impl Document {
    /// Creates a document without pages. The seed determines the file identifier.
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
            stream_form: Box::new(|_| StreamForm::STANDARD),
            file_id,
            encryptor: None,
        }
    }

    /// Adds an object under the next free number and returns the number.
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

    /// Adds a stream that is compressed with Flate.
    pub fn add_flate(&mut self, dict: Dict, bytes: &[u8]) -> Id {
        self.add(Body::Stream(
            dict.with("Filter", name("FlateDecode")),
            flate(bytes),
        ))
    }

    /// Adds an A4 page. `content` is a reference to a content stream or an array of references.
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

    /// Returns the dictionary of an object.
    ///
    /// # Panics
    ///
    /// Panics if the object does not exist or has no dictionary.
    pub fn dict_mut(&mut self, id: Id) -> &mut Dict {
        self.objects
            .get_mut(&id)
            .expect("the object was added")
            .dict_mut()
    }

    /// Returns the catalog.
    pub fn catalog_mut(&mut self) -> &mut Dict {
        self.dict_mut(CATALOG)
    }

    /// Fills the root of the page tree and returns it. If the caller empties it, writing fills it
    /// again.
    pub fn page_tree_mut(&mut self) -> &mut Dict {
        self.fill_page_tree();
        self.dict_mut(PAGE_TREE)
    }

    /// Sets the document information dictionary.
    pub fn set_info(&mut self, info: Dict) {
        let id = self.add_dict(info);
        self.trailer.set("Info", id);
    }

    /// Sets the encryption of the file.
    pub fn encrypt_with(&mut self, encryptor: Encryptor) {
        self.encryptor = Some(encryptor);
    }

    /// Returns the file identifier, on which the keys of older encryption schemes depend.
    pub fn file_id(&self) -> &[u8] {
        &self.file_id
    }

    /// Writes the whole file.
    pub fn write(&mut self, kind: FileKind) -> Vec<u8> {
        self.fill_page_tree();
        self.add_encrypt_dict();
        match kind {
            FileKind::Classic => self.write_classic(),
            FileKind::ObjectStreams => self.write_object_streams(),
            FileKind::Hybrid => self.write_hybrid(),
            FileKind::Linearised => linearise::write(self),
        }
    }

    /// Appends an incremental update to `file` that replaces or adds the objects in `changed`.
    pub fn append_update(&self, file: &mut Vec<u8>, changed: &[Id]) {
        let previous = last_table(file);
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
        write_trailer(file, &self.sized_trailer().with("Prev", previous), start);
    }

    /// Appends an incremental update that replaces one object by the one at `index` of the object
    /// stream `stream`, which `changed` contains.
    pub fn append_packed_update(
        &self,
        file: &mut Vec<u8>,
        changed: &[Id],
        packed: Id,
        (stream, index): (Id, usize),
    ) {
        let previous = last_table(file);
        let mut entries = BTreeMap::from([(packed, XrefEntry::Packed { stream, index })]);
        for &id in changed {
            entries.insert(id, XrefEntry::Offset(file.len()));
            self.write_indirect(id, file);
        }
        let own = Id(self.size());
        let start = file.len();
        entries.insert(own, XrefEntry::Offset(start));
        let dict = self.trailer.clone().with("Size", own.0 + 1);
        let table = cross_reference_stream(dict.with("Prev", previous), &entries);
        write_indirect(own, &table, None, file);
        file.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    }

    /// Fills the root of the page tree if it is empty.
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

    fn add_encrypt_dict(&mut self) {
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

    /// Returns the file header. Its comment line marks the file as binary for transfer programs.
    pub fn header(&self) -> Vec<u8> {
        [
            format!("%PDF-{}\n", self.version).as_bytes(),
            b"%\xE2\xE3\xCF\xD3\n",
        ]
        .concat()
    }

    /// Returns the trailer with `Size`.
    pub fn sized_trailer(&self) -> Dict {
        Dict::new().with("Size", self.size()).merged(&self.trailer)
    }

    /// Writes `id 0 obj … endobj`.
    pub fn write_indirect(&self, id: Id, out: &mut Vec<u8>) {
        let form = (self.stream_form)(id);
        out.extend_from_slice(format!("{} 0 obj\n", id.0).as_bytes());
        let body = &self.objects[&id];
        body.write_as(form, out, self.encryptor_for(id));
        if let Body::Plain(_) = body {
            out.extend_from_slice(b"\nendobj\n");
        }
    }

    /// Returns the encryptor for an object. The encryption dictionary itself is never encrypted.
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

    /// Returns the number of the next object, which is also the trailer's `Size`.
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
        self.write_with_xref_stream(entries)
    }

    /// Writes the file with a cross-reference stream that places `packed` in the object stream
    /// `stream`, in this order. The objects themselves are not written, and the entries are not
    /// checked.
    pub fn write_packed(&mut self, stream: Id, packed: &[Id]) -> Vec<u8> {
        self.fill_page_tree();
        let entries = packed.iter().enumerate();
        self.write_with_xref_stream(
            entries
                .map(|(index, &id)| (id, XrefEntry::Packed { stream, index }))
                .collect(),
        )
    }

    /// Writes all objects without an entry, then the cross-reference stream.
    fn write_with_xref_stream(&mut self, mut entries: BTreeMap<Id, XrefEntry>) -> Vec<u8> {
        self.version = self.version.max("1.5");
        let mut out = self.header();
        for &id in self.objects.keys() {
            if let map::Entry::Vacant(vacant) = entries.entry(id) {
                vacant.insert(XrefEntry::Offset(out.len()));
                self.write_indirect(id, &mut out);
            }
        }
        let own = Id(self.size());
        let start = out.len();
        entries.insert(own, XrefEntry::Offset(start));
        let dict = self.trailer.clone().with("Size", own.0 + 1);
        write_indirect(own, &cross_reference_stream(dict, &entries), None, &mut out);
        out.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        out
    }

    /// Whether an object may be in an object stream. Streams and the encryption dictionary may not
    /// (ISO 32000-2, 7.5.7).
    fn can_pack(&self, id: Id) -> bool {
        let is_encrypt_dict =
            matches!(self.trailer.find("Encrypt"), Some(Object::Reference(e)) if *e == id);
        matches!(self.objects[&id], Body::Plain(_)) && !is_encrypt_dict
    }

    /// Puts objects into a new object stream and adds their entries.
    fn pack(&mut self, group: &[Id], entries: &mut BTreeMap<Id, XrefEntry>) {
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
        for (index, &id) in group.iter().enumerate() {
            entries.insert(id, XrefEntry::Packed { stream, index });
        }
    }

    /// Writes a hybrid file in the form that office programs use. A table marks the hidden objects
    /// as free. An empty section after it refers by `XRefStm` to the stream that locates them.
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
        entries.insert(own, XrefEntry::Offset(stream_start));
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

/// Returns the offset of the last table of a file.
fn last_table(file: &[u8]) -> i64 {
    let marker = b"startxref\n";
    let marker_offset = file
        .windows(marker.len())
        .rposition(|window| window == marker)
        .expect("a written file ends in startxref");
    let digits: String = file[marker_offset + marker.len()..]
        .iter()
        .map(|&b| char::from(b))
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().expect("digits")
}

/// An entry of a cross-reference stream.
enum XrefEntry {
    /// The object is at this offset.
    Offset(usize),
    /// The object is in an object stream.
    Packed { stream: Id, index: usize },
}

/// Creates a cross-reference stream (ISO 32000-2, 7.5.8) with fields of 1, 4 and 2 bytes.
fn cross_reference_stream(dict: Dict, entries: &BTreeMap<Id, XrefEntry>) -> Body {
    let mut rows = vec![0, 0, 0, 0, 0, 0xFF, 0xFF];
    let mut index = vec![Object::Int(0), Object::Int(1)];
    for (id, entry) in entries {
        let (kind, second, third) = match *entry {
            XrefEntry::Offset(offset) => (1, u32::try_from(offset).expect("small files"), 0),
            XrefEntry::Packed { stream, index } => {
                (2, stream.0, u16::try_from(index).expect("groups are small"))
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

/// Writes a cross-reference table with one section. Numbers without an offset are free.
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
