//! Reads all objects of a file once, as bytes, for what no writer writes: numbers that can't be
//! true, nesting that no reader follows, objects that never end or lead back to themselves.
//!
//! Readers step over most of it without a word, or never come to it. A file that holds such things
//! was made or damaged by someone, whatever else can be read in it.

use super::content::object_lexer::{self, Token};
use super::marks::{Mark, Marks};
use super::repair::Damage;
use std::collections::{BTreeSet, HashMap};

/// How often the objects of a sound file cover it: once, and less.
const MOST_PASSES: usize = 4;
/// An object that is no stream ends within so many bytes, but for a few long arrays.
const OBJECT_WINDOW: usize = 64 << 10;
/// Objects without an end near by. Repair reads on from each of them to the end of the file.
const MOST_ENDLESS_OBJECTS: usize = 16;
/// Of these, so many are followed to the end of the file.
const ENDLESS_FOLLOWED: usize = 4;
/// Arrays, dictionaries and parentheses inside one another. Real objects stay in single digits.
const MOST_NESTED: usize = 100;
/// The number of an object (ISO 32000-1, annex C).
const LARGEST_OBJECT: i64 = 8_388_607;
/// Digits of a number. No reader keeps so many.
const MOST_DIGITS: usize = 40;
/// References remembered for finding loops.
const MOST_LINKS: usize = 200_000;

/// What the objects of one file show of themselves.
#[derive(Debug, Default)]
pub(super) struct Claims {
    found: BTreeSet<Damage>,
    links: Vec<Link>,
    /// Where each object was defined last: that is the definition which counts.
    defined: HashMap<u32, usize>,
    endless: usize,
    exhausted: bool,
}

/// A reference that leads on in a list or down a tree, and so never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    way: Way,
    from: u32,
    to: u32,
    defined: usize,
}

/// The number of an object, and where in the file it is defined.
#[derive(Debug, Clone, Copy)]
struct Definition {
    number: Option<u32>,
    place: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Extends,
    First,
    Kids,
    Next,
    Parent,
    Prev,
}

impl Way {
    fn of(key: &[u8]) -> Option<Self> {
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

impl Claims {
    /// Reads the objects that stand in the bytes of a file.
    pub(super) fn read(marks: &Marks<'_>) -> Self {
        let bytes = marks.bytes();
        let mut claims = Self::default();
        // Objects inside one another are read again and again, here as well.
        let mut to_read = bytes.len().saturating_mul(MOST_PASSES);
        for place in marks.places(Mark::Object) {
            let rest = bytes.get(place + b" obj".len()..).unwrap_or_default();
            let number = claims.number_before(bytes.get(..place).unwrap_or_default());
            let read = claims.object(Definition { number, place }, rest, bytes.len());
            let Some(left) = to_read.checked_sub(read) else {
                claims.exhausted = true;
                break;
            };
            to_read = left;
            if claims.endless > MOST_ENDLESS_OBJECTS {
                claims.exhausted = true;
                break;
            }
        }
        if claims.exhausted {
            claims.found.insert(Damage::Endless);
        }
        claims
    }

    /// Reads the objects of an object stream, inflated as far as is worth it: `count` of them from
    /// `first` on, and their numbers and places before. `place` is where it stands in the file.
    pub(super) fn read_packed(&mut self, data: &[u8], count: usize, first: usize, place: usize) {
        let Some((head, objects)) = data.split_at_checked(first) else {
            return;
        };
        let words = head.split(|byte| byte.is_ascii_whitespace() || *byte == 0);
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let pairs = words.as_chunks::<2>().0;
        // Some writers count one too many.
        if pairs.len() < count / 2 {
            self.found.insert(Damage::Packing);
        }
        let mut to_read = data.len().saturating_mul(MOST_PASSES);
        for [number, offset] in pairs.iter().take(count) {
            let offset = integer(offset).and_then(|offset| usize::try_from(offset).ok());
            let Some(object) = offset.and_then(|offset| objects.get(offset..)) else {
                self.found.insert(Damage::Packing);
                continue;
            };
            let number = integer(number).and_then(|number| u32::try_from(number).ok());
            let read = self.object(Definition { number, place }, object, usize::MAX);
            let Some(left) = to_read.checked_sub(read) else {
                self.found.insert(Damage::Packing);
                break;
            };
            to_read = left;
        }
    }

    /// Whether objects overlap, or have no end, more often than a reader that repairs can bear.
    pub(super) fn is_exhausting(&self) -> bool {
        self.exhausted
    }

    /// What was found, each kind once.
    pub(super) fn found(mut self) -> BTreeSet<Damage> {
        if self.has_loop() {
            self.found.insert(Damage::Loop);
        }
        self.found
    }

    /// The number of the object whose generation ends the bytes.
    fn number_before(&mut self, head: &[u8]) -> Option<u32> {
        let (head, generation) = split_digits(head)?;
        let spaced = head.trim_ascii_end();
        if spaced.len() == head.len() {
            return None;
        }
        let (head, number) = split_digits(spaced)?;
        let number = integer(number).filter(|number| *number <= LARGEST_OBJECT);
        let generation = integer(generation).filter(|generation| *generation <= 0xFFFF);
        if head.ends_with(b"-") || number.is_none() || generation.is_none() {
            self.found.insert(Damage::Number);
        }
        u32::try_from(number?).ok()
    }

    /// Reads an object; gives the number of bytes looked at.
    fn object(&mut self, own: Definition, rest: &[u8], file_len: usize) -> usize {
        let window = rest.get(..OBJECT_WINDOW).unwrap_or(rest);
        let mut object = Reading::new(own, file_len);
        let length = object_lexer::object_length(window, |token, open| object.token(token, open));
        let Some(length) = length else {
            self.endless += 1;
            if self.endless > ENDLESS_FOLLOWED {
                self.add(object);
                return window.len();
            }
            let mut object = Reading::new(own, file_len);
            if object_lexer::object_length(rest, |token, open| object.token(token, open)).is_none()
            {
                self.found.insert(Damage::Endless);
            }
            self.add(object);
            return rest.len();
        };
        let behind = rest.get(length..).unwrap_or_default();
        if let Some(data) = stream_data(behind) {
            object.stream(data);
        } else if is_reference(rest) {
            object.found.insert(Damage::Loop);
        }
        self.add(object);
        length
    }

    fn add(&mut self, object: Reading) {
        if let Some(number) = object.own.number {
            let last = self.defined.entry(number).or_default();
            *last = object.own.place.max(*last);
        }
        if object.false_numbers > 0 {
            self.found.insert(Damage::Number);
        }
        if object.refers_to_itself && !object.is_page {
            self.found.insert(Damage::Loop);
        }
        self.found.extend(object.found);
        if self.links.len() < MOST_LINKS {
            self.links.extend(object.links);
        }
    }

    /// Whether a list or a tree leads back to where it was.
    fn has_loop(&mut self) -> bool {
        let defined = &self.defined;
        self.links
            .retain(|link| defined.get(&link.from) == Some(&link.defined));
        self.links.sort_unstable();
        let way = |link: &Link| link.way;
        self.links.chunk_by(|a, b| way(a) == way(b)).any(leads_back)
    }
}

/// Whether links, sorted by where they start, make a loop: whoever leaves out, again and again,
/// what leads nowhere is left with the loops.
fn leads_back(links: &[Link]) -> bool {
    let mut leading: HashMap<u32, usize> = HashMap::new();
    let mut into: HashMap<u32, Vec<u32>> = HashMap::new();
    for link in links {
        *leading.entry(link.from).or_default() += 1;
        into.entry(link.to).or_default().push(link.from);
    }
    let ends = |number: &&u32| !leading.contains_key(*number);
    let mut ended: Vec<u32> = into.keys().filter(ends).copied().collect();
    let mut left = links.len();
    while let Some(end) = ended.pop() {
        for from in into.remove(&end).unwrap_or_default() {
            left -= 1;
            if let Some(count) = leading.get_mut(&from) {
                *count -= 1;
                if *count == 0 {
                    ended.push(from);
                }
            }
        }
    }
    left > 0
}

/// One object as it is read.
struct Reading<'b> {
    own: Definition,
    file_len: usize,
    found: BTreeSet<Damage>,
    /// Whether it says that it stands in another file, if it turns out to be a stream.
    is_external: bool,
    links: Vec<Link>,
    /// The name read last: the key of what follows, but for names that are values.
    key: &'b [u8],
    /// The last two numbers, the later one first.
    numbers: [&'b [u8]; 2],
    /// How many can't be true.
    false_numbers: usize,
    /// The length of the stream, where it is given directly.
    length: Option<i64>,
    is_page: bool,
    refers_to_itself: bool,
}

impl<'b> Reading<'b> {
    fn new(own: Definition, file_len: usize) -> Self {
        Self {
            own,
            file_len,
            found: BTreeSet::new(),
            is_external: false,
            links: Vec::new(),
            key: b"",
            numbers: [b""; 2],
            false_numbers: 0,
            length: None,
            is_page: false,
            refers_to_itself: false,
        }
    }

    fn token(&mut self, token: Token<'b>, open: usize) {
        match token {
            Token::Open if open > MOST_NESTED => {
                self.found.insert(Damage::Nesting);
            }
            Token::String(text) if parentheses(text) > MOST_NESTED => {
                self.found.insert(Damage::Nesting);
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
        self.false_numbers += usize::from(self.is_false(digits));
    }

    /// Whether a number can't be true for its key.
    fn is_false(&self, digits: &[u8]) -> bool {
        let Some(value) = integer(digits) else {
            return digits.len() > MOST_DIGITS || !digits.contains(&b'.');
        };
        let within = match self.key {
            b"FirstChar" | b"LastChar" | b"Differences" => 0..=255,
            b"Predictor" => return !matches!(value, 1 | 2 | 10..=15),
            b"BitsPerComponent" => return !matches!(value, 1 | 2 | 4 | 8 | 16),
            b"Colors" => 1..=32,
            b"Columns" => 1..=1 << 20,
            b"Width" | b"Height" => 0..=1 << 20,
            b"Count" => -LARGEST_OBJECT..=LARGEST_OBJECT,
            b"N" | b"Index" => -1..=LARGEST_OBJECT,
            b"First" => 0..=1 << 26,
            b"Length" => 0..=i64::try_from(self.file_len).unwrap_or(i64::MAX),
            b"W" | b"DW" | b"MediaBox" | b"CropBox" => -1_000_000..=1_000_000,
            b"Rotate" => -36_000..=36_000,
            b"UserUnit" => 0..=10_000,
            _ => return false,
        };
        !within.contains(&value)
    }

    fn reference(&mut self) {
        // What was taken for numbers names an object.
        let no_numbers = self.numbers.iter().filter(|digits| self.is_false(digits));
        self.false_numbers = self.false_numbers.saturating_sub(no_numbers.count());
        let Some(to) = integer(self.numbers[1]).and_then(|number| u32::try_from(number).ok())
        else {
            return;
        };
        if i64::from(to) > LARGEST_OBJECT {
            self.found.insert(Damage::Number);
        }
        self.length = self.length.filter(|_| self.key != b"Length");
        let Some(from) = self.own.number else { return };
        // A signature over the document names the catalog that it stands in.
        self.refers_to_itself |= to == from && self.key != b"Data";
        self.links.extend(Way::of(self.key).map(|way| Link {
            way,
            from,
            to,
            defined: self.own.place,
        }));
    }

    /// What the object is, as it turns out: a stream with this data behind it.
    fn stream(&mut self, data: &[u8]) {
        if self.is_external {
            self.found.insert(Damage::External);
        }
        // A length that is off by some bytes is a slip that readers make good.
        let end = data.iter().position(|byte| !byte.is_ascii_whitespace());
        let data = data.get(end.unwrap_or(data.len())..).unwrap_or_default();
        if self.length == Some(0) && !data.starts_with(b"endstream") {
            self.found.insert(Damage::Length);
        }
    }
}

/// The data behind the keyword that begins a stream, if one does.
fn stream_data(behind: &[u8]) -> Option<&[u8]> {
    let data = behind.trim_ascii_start().strip_prefix(b"stream")?;
    let data = data.strip_prefix(b"\r").unwrap_or(data);
    Some(data.strip_prefix(b"\n").unwrap_or(data))
}

/// Whether bytes are a reference and nothing else.
fn is_reference(bytes: &[u8]) -> bool {
    let near = bytes.get(..64).unwrap_or(bytes);
    let mut words = near
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let mut number = || words.next().is_some_and(|word| integer(word).is_some());
    number() && number() && words.next() == Some(b"R")
}

/// How deep parentheses are nested in a string, whose own are left out.
fn parentheses(text: &[u8]) -> usize {
    let mut open = 0_usize;
    let mut most = 0;
    for byte in text {
        match byte {
            b'(' => open += 1,
            b')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Cuts the digits off the end.
fn split_digits(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit());
    bytes
        .split_at_checked(bytes.len() - digits.count())
        .filter(|(_, digits)| !digits.is_empty())
}

fn integer(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(objects: &str, expected: &[Damage]) {
        let claims = Claims::read(&Marks::of(objects.as_bytes()));
        let found: Vec<_> = claims.found().into_iter().collect();
        assert_eq!(found, expected, "{objects:.200}");
    }

    #[test]
    fn numbers_are_judged_by_their_keys_and_references_are_none() {
        check(
            "1 0 obj<</FirstChar 0/LastChar 255/Predictor 15>>endobj",
            &[],
        );
        check("1 0 obj<</FirstChar -1>>endobj", &[Damage::Number]);
        check(
            "1 0 obj<</Predictor 3 0 R/LastChar 300 0 R/A 1>>endobj",
            &[],
        );
        check("1 0 obj<</Predictor 3/A 2 0 R>>endobj", &[Damage::Number]);
        check("9999999 0 obj<<>>endobj", &[Damage::Number]);
        check("1 0 obj[0.000000000000000000001 -.5]endobj", &[]);
    }

    #[test]
    fn ways_that_lead_back_are_loops_and_parents_with_kids_are_none() {
        check(
            "1 0 obj<</Kids[2 0 R]>>endobj 2 0 obj<</Parent 1 0 R>>endobj",
            &[],
        );
        check(
            "1 0 obj<</Next 2 0 R>>endobj 2 0 obj<</Next 1 0 R>>endobj",
            &[Damage::Loop],
        );
        check("1 0 obj<</A 1 0 R>>endobj", &[Damage::Loop]);
        check("1 0 obj<</Type/Page/Annots[<</P 1 0 R>>]>>endobj", &[]);
        check("1 0 obj 2 0 R endobj", &[Damage::Loop]);
        // A later definition takes the place of an earlier one.
        let replaced =
            "1 0 obj<</Next 2 0 R>>endobj 2 0 obj<</Next 1 0 R>>endobj 2 0 obj<<>>endobj";
        check(replaced, &[]);
    }

    #[test]
    fn nesting_and_streams_that_are_not_what_they_say_are_noticed() {
        let nested =
            |depth: usize| format!("1 0 obj{}{}endobj", "[".repeat(depth), "]".repeat(depth));
        check(&nested(50), &[]);
        check(&nested(200), &[Damage::Nesting]);
        check(
            &format!("1 0 obj{}{}endobj", "(".repeat(200), ")".repeat(200)),
            &[Damage::Nesting],
        );
        check("1 0 obj<</A[1endobj", &[Damage::Endless]);
        check("1 0 obj<</Length 0>>stream\nendstream", &[]);
        check(
            "1 0 obj<</Length 0>>stream\nsomething endstream",
            &[Damage::Length],
        );
        check(
            "1 0 obj<</F(elsewhere)/Length 0>>stream\nendstream",
            &[Damage::External],
        );
    }

    #[test]
    fn packed_objects_are_read_by_the_places_that_stand_before_them() {
        let mut claims = Claims::default();
        claims.read_packed(b"5 0 6 15 <</Next 6 0 R>><</Next 5 0 R>>\n", 2, 9, 100);
        assert_eq!(claims.found(), BTreeSet::from([Damage::Loop]));
        let mut claims = Claims::default();
        claims.read_packed(b"5 0 null\n", 100, 4, 100);
        assert_eq!(claims.found(), BTreeSet::from([Damage::Packing]));
    }
}
