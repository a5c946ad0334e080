//! Scans the bytes of all objects in a file for errors that no PDF writer produces.
//!
//! Such errors are impossible numbers, nesting that no reader follows, and objects that have no end
//! or refer back to themselves. Most readers ignore these objects silently, or never read them. A
//! file that contains them was edited or damaged, even if everything else can be read.
//!
//! The scan also lists the objects that engines may misread, for [`super::object_repair`].

use super::content::object_lexer::{self, Container, Token};
use super::damage::Damage;
use super::keyword_index::{Keyword, KeywordIndex};
use super::object_extent::{split_digits, without_blanks, without_space};
use std::collections::{BTreeSet, HashMap};

/// Bytes read per file, as a multiple of its length. The objects of a sound file cover it once.
const MAX_PASSES: usize = 4;
/// Bytes that are searched for the end of an object first. Only a few arrays are longer.
const OBJECT_WINDOW: usize = 64 << 10;
/// Objects without an end in the window. For each of them, repair reads to the end of the file.
const MAX_UNTERMINATED: usize = 16;
/// Objects without an end in the window that are read to the end of the file.
const MAX_UNTERMINATED_READ: usize = 4;
/// Nesting depth of arrays, dictionaries and parentheses. Real objects stay in single digits.
const MAX_NESTING: usize = 100;
/// The largest object number (ISO 32000-1, annex C).
const MAX_OBJECT_NUMBER: i64 = 8_388_607;
/// The largest generation number (ISO 32000-2, 7.5.4).
const MAX_GENERATION: i64 = 0xFFFF;
/// Digits of a number. No reader keeps so many.
const MAX_DIGITS: usize = 40;
/// Objects that engines may misread. More of them are left to the repair of the engines.
const MAX_IRREGULAR: usize = 100_000;
/// References stored to find loops.
const MAX_REFERENCES: usize = 200_000;

/// Collects damage from the objects of one file.
#[derive(Debug, Default)]
pub(super) struct ObjectScan {
    damage: BTreeSet<Damage>,
    references: Vec<Reference>,
    /// The offset of each object's last definition, which is the one that counts.
    defined: HashMap<u32, usize>,
    unterminated: usize,
    is_exhausting: bool,
    irregular: IrregularObjects,
    /// Objects that are an integer. Streams can refer to them as their length.
    integers: Vec<(u32, i64)>,
    indirect_lengths: Vec<IndirectLength>,
}

/// The objects of a file that engines may misread: a dictionary has a key without a value, or a
/// stream does not begin or end as it should.
#[derive(Debug, Default)]
pub(super) struct IrregularObjects {
    /// The offsets of their keywords ` obj`, ascending.
    pub(super) plain: Vec<usize>,
    /// Objects in object streams.
    pub(super) packed: Vec<PackedObject>,
}

/// An object of an object stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PackedObject {
    pub(super) number: u32,
    /// The offset of the object stream's keyword `stream`.
    pub(super) stream: usize,
    pub(super) bytes: Vec<u8>,
}

/// A stream whose length is an object of its own.
#[derive(Debug, Clone, Copy)]
struct IndirectLength {
    /// The offset of the stream object's keyword ` obj`.
    keyword: usize,
    /// The offset of the data.
    data: usize,
    /// The number of the object that is the length.
    length: u32,
}

/// A reference to the next element of a list, or along a tree. Such references never form loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    kind: ReferenceKind,
    from: u32,
    to: u32,
    /// The offset of the definition that contains the reference.
    defined: usize,
}

/// An object's number, and the offset of its definition in the file.
#[derive(Debug, Clone, Copy)]
struct Definition {
    number: Option<u32>,
    offset: usize,
}

/// The key of a reference that leads along a list or tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ReferenceKind {
    Extends,
    First,
    Kids,
    Next,
    Parent,
    Prev,
}

impl ReferenceKind {
    fn from_key(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"Extends" => Self::Extends,
            b"First" => Self::First,
            b"Kids" => Self::Kids,
            b"Next" => Self::Next,
            b"Parent" => Self::Parent,
            b"Prev" => Self::Prev,
            _ => return None,
        })
    }
}

impl ObjectScan {
    /// Scans the objects in the bytes of a file, without those in object streams.
    pub(super) fn of_file(keywords: &KeywordIndex<'_>) -> Self {
        let bytes = keywords.bytes();
        let mut scan = Self::default();
        // Overlapping objects are read repeatedly, so the total is limited.
        let mut remaining = bytes.len().saturating_mul(MAX_PASSES);
        for offset in keywords.offsets(Keyword::Obj) {
            let rest = bytes.get(offset + b" obj".len()..).unwrap_or_default();
            let number = scan.number_before(bytes.get(..offset).unwrap_or_default());
            let own = Definition { number, offset };
            let (read, is_irregular) = scan.object(own, rest, bytes.len());
            if is_irregular && scan.irregular.plain.len() < MAX_IRREGULAR {
                scan.irregular.plain.push(offset);
            }
            let Some(left) = remaining.checked_sub(read) else {
                scan.is_exhausting = true;
                break;
            };
            remaining = left;
            if scan.unterminated > MAX_UNTERMINATED {
                scan.is_exhausting = true;
                break;
            }
        }
        if scan.is_exhausting {
            scan.damage.insert(Damage::Unterminated);
        }
        scan
    }

    /// Returns the objects that engines may misread; `bytes` is the whole file.
    pub(super) fn irregular_objects(&mut self, bytes: &[u8]) -> IrregularObjects {
        let mut found = std::mem::take(&mut self.irregular);
        if !self.indirect_lengths.is_empty() {
            self.integers.sort_unstable();
        }
        for stream in &self.indirect_lengths {
            let start = self
                .integers
                .partition_point(|(number, _)| *number < stream.length);
            let lengths = self.integers.get(start..).unwrap_or_default().iter();
            let mut lengths = lengths
                .take_while(|(number, _)| *number == stream.length)
                .peekable();
            // In an encrypted file, the length can be in an object stream.
            if lengths.peek().is_none() {
                continue;
            }
            let data = bytes.get(stream.data..).unwrap_or_default();
            if !lengths.any(|(_, length)| ends_after(data, *length)) {
                found.plain.push(stream.keyword);
            }
        }
        found.plain.sort_unstable();
        found.plain.dedup();
        found.plain.truncate(MAX_IRREGULAR);
        found
    }

    /// Adds the objects of an inflated object stream.
    ///
    /// The stream has `count` objects from offset `first` on, and before that their numbers and
    /// offsets. `offset` is the position of the stream in the file.
    pub(super) fn add_object_stream(
        &mut self,
        data: &[u8],
        count: usize,
        first: usize,
        offset: usize,
    ) {
        let Some((header, objects)) = data.split_at_checked(first) else {
            return;
        };
        let words = header.split(|byte| byte.is_ascii_whitespace() || *byte == 0);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let pairs = words.as_chunks::<2>().0;
        // Tolerates a count that is a little too large, which some writers produce.
        if pairs.len() < count / 2 {
            self.damage.insert(Damage::ObjectStream);
        }
        let mut remaining = data.len().saturating_mul(MAX_PASSES);
        for [number, start] in pairs.iter().take(count) {
            let start = integer(start).and_then(|start| usize::try_from(start).ok());
            let Some(object) = start.and_then(|start| objects.get(start..)) else {
                self.damage.insert(Damage::ObjectStream);
                continue;
            };
            let number = integer(number).and_then(|number| u32::try_from(number).ok());
            let own = Definition { number, offset };
            let (read, is_irregular) = self.object(own, object, usize::MAX);
            if let (true, Some(number)) = (is_irregular, number)
                && self.irregular.packed.len() < MAX_IRREGULAR
            {
                self.irregular.packed.push(PackedObject {
                    number,
                    stream: offset,
                    bytes: object.get(..read).unwrap_or_default().to_vec(),
                });
            }
            let Some(left) = remaining.checked_sub(read) else {
                self.damage.insert(Damage::ObjectStream);
                break;
            };
            remaining = left;
        }
    }

    /// Returns whether repair would be slow, because too many objects overlap or have no end.
    pub(super) fn is_exhausting(&self) -> bool {
        self.is_exhausting
    }

    pub(super) fn add_damage(&mut self, damage: Damage) {
        self.damage.insert(damage);
    }

    /// Returns the damage found, each kind once.
    pub(super) fn into_damage(mut self) -> BTreeSet<Damage> {
        if self.has_loop() {
            self.damage.insert(Damage::ReferenceLoop);
        }
        self.damage
    }

    /// Returns the object number in front of ` obj`; `head` ends with the generation number.
    fn number_before(&mut self, head: &[u8]) -> Option<u32> {
        let (head, generation) = split_digits(head)?;
        let trimmed = head.trim_ascii_end();
        if trimmed.len() == head.len() {
            return None;
        }
        let (head, number) = split_digits(trimmed)?;
        let number = integer(number).filter(|number| *number <= MAX_OBJECT_NUMBER);
        let generation = integer(generation).filter(|generation| *generation <= MAX_GENERATION);
        if head.ends_with(b"-") || number.is_none() || generation.is_none() {
            self.damage.insert(Damage::NumberRange);
        }
        u32::try_from(number?).ok()
    }

    /// Scans one object. Returns the number of bytes read, and whether engines may misread it.
    fn object(&mut self, own: Definition, rest: &[u8], file_len: usize) -> (usize, bool) {
        let window = rest.get(..OBJECT_WINDOW).unwrap_or(rest);
        let mut object = ObjectReader::new(own, file_len);
        let length = object_lexer::object_length(window, |token, open| object.token(token, open));
        let Some(length) = length else {
            // Reading a few such objects to the end of the file finds long arrays that do end.
            self.unterminated += 1;
            if self.unterminated > MAX_UNTERMINATED_READ {
                self.add(object);
                return (window.len(), false);
            }
            let mut object = ObjectReader::new(own, file_len);
            if object_lexer::object_length(rest, |token, open| object.token(token, open)).is_none()
            {
                self.damage.insert(Damage::Unterminated);
            }
            self.add(object);
            return (rest.len(), false);
        };
        let after = rest.get(length..).unwrap_or_default();
        let mut is_irregular = object.entries.is_odd;
        if let Some(stream) = StreamStart::of(after) {
            object.stream(stream.data);
            is_irregular |= !stream.is_regular;
            match (object.length, object.length_object) {
                (_, Some(length)) => self.indirect_lengths.push(IndirectLength {
                    keyword: own.offset,
                    // The data is part of the file, and so is the object.
                    data: own.offset + b" obj".len() + rest.len() - stream.data.len(),
                    length,
                }),
                (Some(length), None) => is_irregular |= !ends_after(stream.data, length),
                (None, None) => is_irregular = true,
            }
        } else if is_reference(rest) {
            object.damage.insert(Damage::ReferenceLoop);
        }
        self.add(object);
        (length, is_irregular)
    }

    fn add(&mut self, object: ObjectReader) {
        if let Some(number) = object.own.number {
            let last = self.defined.entry(number).or_default();
            *last = object.own.offset.max(*last);
        }
        let number = object.own.number;
        self.integers.extend(number.zip(object.integer));
        if object.invalid_numbers > 0 {
            self.damage.insert(Damage::NumberRange);
        }
        if object.refers_to_itself && !object.is_page {
            self.damage.insert(Damage::ReferenceLoop);
        }
        self.damage.extend(object.damage);
        if self.references.len() < MAX_REFERENCES {
            self.references.extend(object.references);
        }
    }

    /// Returns whether references of one kind form a loop.
    fn has_loop(&mut self) -> bool {
        let defined = &self.defined;
        self.references
            .retain(|reference| defined.get(&reference.from) == Some(&reference.defined));
        self.references.sort_unstable();
        self.references
            .chunk_by(|a, b| a.kind == b.kind)
            .any(forms_loop)
    }
}

/// Returns whether references form a loop.
///
/// Removes references to objects without outgoing references until none is left. References that
/// remain are part of a loop or lead to one.
fn forms_loop(references: &[Reference]) -> bool {
    let mut outgoing: HashMap<u32, usize> = HashMap::new();
    let mut incoming: HashMap<u32, Vec<u32>> = HashMap::new();
    for reference in references {
        *outgoing.entry(reference.from).or_default() += 1;
        incoming
            .entry(reference.to)
            .or_default()
            .push(reference.from);
    }
    let is_end = |number: &&u32| !outgoing.contains_key(*number);
    let mut ends: Vec<u32> = incoming.keys().filter(is_end).copied().collect();
    let mut remaining = references.len();
    while let Some(end) = ends.pop() {
        for from in incoming.remove(&end).unwrap_or_default() {
            remaining -= 1;
            if let Some(count) = outgoing.get_mut(&from) {
                *count -= 1;
                if *count == 0 {
                    ends.push(from);
                }
            }
        }
    }
    remaining > 0
}

/// Reads the tokens of one object.
struct ObjectReader<'b> {
    own: Definition,
    file_len: usize,
    damage: BTreeSet<Damage>,
    /// Whether the dictionary has a key for external data. It counts only if the object is a
    /// stream.
    is_external: bool,
    references: Vec<Reference>,
    /// The last name: the key of the current value, unless it is a value itself.
    key: &'b [u8],
    /// The last two numbers, the later one first.
    numbers: [&'b [u8]; 2],
    /// How many numbers are impossible for their keys.
    invalid_numbers: usize,
    /// The length of the stream, unless it is a reference.
    length: Option<i64>,
    /// The number of the object that is the length of the stream.
    length_object: Option<u32>,
    /// The integer outside of arrays and dictionaries.
    integer: Option<i64>,
    entries: EntryReader,
    is_page: bool,
    refers_to_itself: bool,
}

impl<'b> ObjectReader<'b> {
    fn new(own: Definition, file_len: usize) -> Self {
        Self {
            own,
            file_len,
            damage: BTreeSet::new(),
            is_external: false,
            references: Vec::new(),
            key: b"",
            numbers: [b""; 2],
            invalid_numbers: 0,
            length: None,
            length_object: None,
            integer: None,
            entries: EntryReader::default(),
            is_page: false,
            refers_to_itself: false,
        }
    }

    /// Processes one token; `open` is the number of open arrays and dictionaries.
    fn token(&mut self, token: Token<'b>, open: usize) {
        self.entries.read(token, open);
        match token {
            Token::Open(_) if open > MAX_NESTING => {
                self.damage.insert(Damage::Nesting);
            }
            Token::String(text) if parenthesis_depth(text) > MAX_NESTING => {
                self.damage.insert(Damage::Nesting);
            }
            Token::Name(name) => self.name(name, open),
            Token::Number(digits) => self.number(digits, open),
            Token::Keyword(b"R") => self.reference(),
            _ => {}
        }
    }

    fn name(&mut self, name: &'b [u8], open: usize) {
        self.is_page |= self.key == b"Type" && name == b"Page";
        self.is_external |= name == b"F" && open == 1;
        self.key = name;
    }

    fn number(&mut self, digits: &'b [u8], open: usize) {
        self.numbers = [digits, self.numbers[0]];
        if self.key == b"Length" && open == 1 && self.length.is_none() {
            self.length = integer(digits);
        }
        if open == 0 {
            self.integer = integer(digits);
        }
        self.invalid_numbers += usize::from(self.is_invalid(digits));
    }

    /// Returns whether a number is impossible for the current key.
    fn is_invalid(&self, digits: &[u8]) -> bool {
        // A number that isn't an integer must be a real number with a decimal point.
        let Some(value) = integer(digits) else {
            return digits.len() > MAX_DIGITS || !digits.contains(&b'.');
        };
        let range = match self.key {
            b"FirstChar" | b"LastChar" | b"Differences" => 0..=255,
            b"Predictor" => return !matches!(value, 1 | 2 | 10..=15),
            b"BitsPerComponent" => return !matches!(value, 1 | 2 | 4 | 8 | 16),
            b"Colors" => 1..=32,
            b"Columns" => 1..=1 << 20,
            b"Width" | b"Height" => 0..=1 << 20,
            b"Count" => -MAX_OBJECT_NUMBER..=MAX_OBJECT_NUMBER,
            b"N" | b"Index" => -1..=MAX_OBJECT_NUMBER,
            b"First" => 0..=1 << 26,
            b"Length" => 0..=i64::try_from(self.file_len).unwrap_or(i64::MAX),
            b"W" | b"DW" | b"MediaBox" | b"CropBox" => -1_000_000..=1_000_000,
            b"Rotate" => -36_000..=36_000,
            b"UserUnit" => 0..=10_000,
            _ => return false,
        };
        !range.contains(&value)
    }

    fn reference(&mut self) {
        // The last two numbers were the parts of a reference, not values of the key.
        let invalid = self.numbers.iter().filter(|digits| self.is_invalid(digits));
        self.invalid_numbers = self.invalid_numbers.saturating_sub(invalid.count());
        let Some(to) = integer(self.numbers[1]).and_then(|number| u32::try_from(number).ok())
        else {
            return;
        };
        if i64::from(to) > MAX_OBJECT_NUMBER {
            self.damage.insert(Damage::NumberRange);
        }
        if self.key == b"Length" {
            self.length = None;
            self.length_object = Some(to);
        }
        let Some(from) = self.own.number else { return };
        // A signature over the document refers to the catalog that contains it, by the key `Data`.
        self.refers_to_itself |= to == from && self.key != b"Data";
        let kind = ReferenceKind::from_key(self.key);
        self.references.extend(kind.map(|kind| Reference {
            kind,
            from,
            to,
            defined: self.own.offset,
        }));
    }

    /// Checks the object as a stream; `data` are the bytes after the `stream` keyword.
    fn stream(&mut self, data: &[u8]) {
        if self.is_external {
            self.damage.insert(Damage::ExternalStream);
        }
        // Readers correct a length that is wrong by a few bytes of white space.
        let start = data.iter().position(|byte| !byte.is_ascii_whitespace());
        let data = data.get(start.unwrap_or(data.len())..).unwrap_or_default();
        if self.length == Some(0) && !data.starts_with(b"endstream") {
            self.damage.insert(Damage::StreamLength);
        }
    }
}

/// The start of a stream.
struct StreamStart<'b> {
    /// The bytes after the line end, or directly after the keyword without one.
    data: &'b [u8],
    /// Whether a line end follows the keyword.
    is_regular: bool,
}

impl<'b> StreamStart<'b> {
    /// Returns `None` if the bytes do not start with the keyword.
    fn of(bytes: &'b [u8]) -> Option<Self> {
        let data = without_space(bytes).strip_prefix(b"stream")?;
        let after = data.strip_prefix(b"\r").unwrap_or(data);
        let after = after.strip_prefix(b"\n").unwrap_or(after);
        Some(Self {
            data: after,
            is_regular: after.len() < data.len(),
        })
    }
}

/// Returns whether only white space separates the end of a stream from data of a length.
///
/// All readers tolerate white space that is not counted.
fn ends_after(data: &[u8], length: i64) -> bool {
    let after = usize::try_from(length)
        .ok()
        .and_then(|length| data.get(length..));
    after.is_some_and(|after| without_blanks(after).starts_with(b"endstream"))
}

/// Returns whether a dictionary in the bytes of an object has keys without values.
pub(super) fn has_odd_entries(bytes: &[u8]) -> bool {
    let mut entries = EntryReader::default();
    object_lexer::object_length(bytes, |token, open| entries.read(token, open));
    entries.is_odd
}

/// Checks that keys and values alternate in dictionaries.
///
/// Containers are nested deeper than it follows only in files that are damaged in other ways.
#[derive(Debug, Default)]
struct EntryReader {
    /// For each level of nesting, whether it is a dictionary.
    dictionaries: u64,
    /// For each level of nesting, whether its next token must be a key.
    expects_key: u64,
    /// Numbers since the last value: parts of a reference.
    numbers: u32,
    /// Whether a key has no value, or a value no key.
    is_odd: bool,
}

impl EntryReader {
    fn read(&mut self, token: Token<'_>, open: usize) {
        self.is_odd |= !self.accept(token, open);
    }

    /// Returns whether a token is valid at its place; `open` is the number of containers open after
    /// it.
    fn accept(&mut self, token: Token<'_>, open: usize) -> bool {
        let level = |open: usize| 1_u64.checked_shl(open as u32).unwrap_or(0);
        let (own, inner) = match token {
            Token::Open(_) => (level(open.wrapping_sub(1)), level(open)),
            _ => (level(open), level(open + 1)),
        };
        if let Token::Close = token {
            let is_complete = self.dictionaries & inner == 0 || self.expects_key & inner != 0;
            return is_complete && std::mem::take(&mut self.numbers) == 0;
        }
        if let Token::Open(container) = token {
            match container {
                Container::Dictionary => self.dictionaries |= inner,
                Container::Array => self.dictionaries &= !inner,
            }
        }
        let is_key = self.dictionaries & own != 0 && self.expects_key & own != 0;
        self.expects_key |= inner;
        if self.dictionaries & own == 0 {
            // An object without any token is null.
            return open == 0 || !is_misread(token);
        }
        if !is_key {
            self.expects_key |= own;
            return match token {
                // No value has the name of this key.
                Token::Name(name) => name != b"Type",
                Token::Keyword(b"R") => false,
                _ => !is_misread(token),
            };
        }
        match token {
            Token::Name(_) => {
                self.expects_key &= !own;
                std::mem::take(&mut self.numbers) == 0
            }
            Token::Number(_) => {
                self.numbers += 1;
                self.numbers == 1
            }
            Token::Keyword(b"R") => std::mem::take(&mut self.numbers) == 1,
            // Some writers do not escape the spaces in the name of a font.
            Token::Keyword(_) => !is_misread(token),
            _ => false,
        }
    }
}

/// Returns whether hayro-syntax can't read an unknown word: it takes it for one of those that begin
/// with its first letter. It takes all others for null.
fn is_misread(token: Token<'_>) -> bool {
    match token {
        Token::Keyword(b"true" | b"false" | b"null") => false,
        Token::Keyword(word) => matches!(word, [b't' | b'f' | b'n', ..]),
        _ => false,
    }
}

/// Returns whether an object consists of a reference only.
fn is_reference(bytes: &[u8]) -> bool {
    let start = bytes.get(..64).unwrap_or(bytes);
    let mut words = start
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let mut number = || words.next().is_some_and(|word| integer(word).is_some());
    number() && number() && words.next() == Some(b"R")
}

/// Returns the nesting depth of parentheses in a string, without its delimiters.
fn parenthesis_depth(text: &[u8]) -> usize {
    let mut open = 0_usize;
    let mut deepest = 0;
    for byte in text {
        match byte {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn integer(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(objects: &str, expected: &[Damage]) {
        let scan = ObjectScan::of_file(&KeywordIndex::new(objects.as_bytes()));
        let found: Vec<_> = scan.into_damage().into_iter().collect();
        assert_eq!(found, expected, "{objects:.200}");
    }

    #[test]
    fn numbers_are_checked_by_their_keys_except_in_references() {
        check(
            "1 0 obj<</FirstChar 0/LastChar 255/Predictor 15>>endobj",
            &[],
        );
        check("1 0 obj<</FirstChar -1>>endobj", &[Damage::NumberRange]);
        check(
            "1 0 obj<</Predictor 3 0 R/LastChar 300 0 R/A 1>>endobj",
            &[],
        );
        check(
            "1 0 obj<</Predictor 3/A 2 0 R>>endobj",
            &[Damage::NumberRange],
        );
        check("9999999 0 obj<<>>endobj", &[Damage::NumberRange]);
        check("1 0 obj[0.000000000000000000001 -.5]endobj", &[]);
    }

    #[test]
    fn loops_are_damage_but_parents_with_kids_are_not() {
        check(
            "1 0 obj<</Kids[2 0 R]>>endobj 2 0 obj<</Parent 1 0 R>>endobj",
            &[],
        );
        check(
            "1 0 obj<</Next 2 0 R>>endobj 2 0 obj<</Next 1 0 R>>endobj",
            &[Damage::ReferenceLoop],
        );
        check("1 0 obj<</A 1 0 R>>endobj", &[Damage::ReferenceLoop]);
        check("1 0 obj<</Type/Page/Annots[<</P 1 0 R>>]>>endobj", &[]);
        check("1 0 obj 2 0 R endobj", &[Damage::ReferenceLoop]);
        // A later definition replaces an earlier one.
        let replaced =
            "1 0 obj<</Next 2 0 R>>endobj 2 0 obj<</Next 1 0 R>>endobj 2 0 obj<<>>endobj";
        check(replaced, &[]);
    }

    #[test]
    fn deep_nesting_and_contradictory_streams_are_damage() {
        let nested =
            |depth: usize| format!("1 0 obj{}{}endobj", "[".repeat(depth), "]".repeat(depth));
        check(&nested(50), &[]);
        check(&nested(200), &[Damage::Nesting]);
        check(
            &format!("1 0 obj{}{}endobj", "(".repeat(200), ")".repeat(200)),
            &[Damage::Nesting],
        );
        check("1 0 obj<</A[1endobj", &[Damage::Unterminated]);
        check("1 0 obj<</Length 0>>stream\nendstream", &[]);
        check(
            "1 0 obj<</Length 0>>stream\nsomething endstream",
            &[Damage::StreamLength],
        );
        check(
            "1 0 obj<</F(elsewhere)/Length 0>>stream\nendstream",
            &[Damage::ExternalStream],
        );
    }

    #[test]
    fn objects_in_streams_are_read_at_the_offsets_in_the_header() {
        let mut scan = ObjectScan::default();
        scan.add_object_stream(b"5 0 6 15 <</Next 6 0 R>><</Next 5 0 R>>\n", 2, 9, 100);
        assert_eq!(scan.into_damage(), BTreeSet::from([Damage::ReferenceLoop]));
        let mut scan = ObjectScan::default();
        scan.add_object_stream(b"5 0 null\n", 100, 4, 100);
        assert_eq!(scan.into_damage(), BTreeSet::from([Damage::ObjectStream]));
    }
}
