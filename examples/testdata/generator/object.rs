//! The PDF object model (ISO 32000-2, 7.3) and its serialization.
//!
//! Offsets, cross-reference tables and incremental updates are in `writer`.

use super::encrypt::Encryptor;

/// The number of an indirect object; the generation is always 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Id(pub u32);

/// A direct object.
#[derive(Clone)]
pub enum Object {
    Bool(bool),
    Int(i64),
    /// A number in thousandths. Integers print equally on every machine.
    Milli(i64),
    /// A number that is zero-padded to the given width.
    Padded(usize, usize),
    Name(String),
    Text(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    Reference(Id),
    /// Bytes that are written verbatim, for invalid syntax.
    Raw(Vec<u8>),
}

/// A dictionary in insertion order.
#[derive(Clone, Default)]
pub struct Dict(Vec<(String, Object)>);

/// The content of an indirect object.
#[derive(Clone)]
pub enum Body {
    Plain(Object),
    /// A stream. The bytes are already encoded as the dictionary states. Writing adds `Length`.
    Stream(Dict, Vec<u8>),
}

/// Creates a name object from its text without the slash.
pub fn name(text: &str) -> Object {
    Object::Name(text.to_owned())
}

/// Creates a string object.
pub fn text(bytes: impl AsRef<[u8]>) -> Object {
    Object::Text(bytes.as_ref().to_vec())
}

/// Creates an object from bytes that are written verbatim.
pub fn raw(bytes: impl AsRef<[u8]>) -> Object {
    Object::Raw(bytes.as_ref().to_vec())
}

/// Creates an array object.
pub fn array<T: Into<Object>>(items: impl IntoIterator<Item = T>) -> Object {
    Object::Array(items.into_iter().map(Into::into).collect())
}

impl Dict {
    /// Creates an empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces one entry.
    pub fn set(&mut self, key: &str, value: impl Into<Object>) {
        let value = value.into();
        match self.0.iter_mut().find(|(existing, _)| existing == key) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// Returns the dictionary with one entry added or replaced.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Object>) -> Self {
        self.set(key, value);
        self
    }

    /// Removes one entry and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Object> {
        let index = self.0.iter().position(|(existing, _)| existing == key)?;
        Some(self.0.remove(index).1)
    }

    /// Reverses the order of the entries, which means nothing.
    pub fn reverse(&mut self) {
        self.0.reverse();
    }

    /// Returns the value of one entry.
    pub fn find(&self, key: &str) -> Option<&Object> {
        self.0
            .iter()
            .find(|(existing, _)| existing == key)
            .map(|(_, value)| value)
    }

    /// Returns the dictionary with all entries of another one added or replaced.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        for (key, value) in &other.0 {
            self.set(key, value.clone());
        }
        self
    }

    /// Writes the dictionary; see [`Object::write`].
    pub fn write(&self, out: &mut Vec<u8>, encryptor: Option<(&Encryptor, Id)>) {
        out.extend_from_slice(b"<<");
        for (key, value) in &self.0 {
            out.extend_from_slice(format!(" /{key} ").as_bytes());
            value.write(out, encryptor);
        }
        out.extend_from_slice(b" >>");
    }
}

impl Object {
    /// Writes the object. The encryptor, if any, encrypts strings.
    pub fn write(&self, out: &mut Vec<u8>, encryptor: Option<(&Encryptor, Id)>) {
        match self {
            Self::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Milli(value) => out.extend_from_slice(milli(*value).as_bytes()),
            Self::Padded(value, width) => {
                out.extend_from_slice(format!("{value:0width$}").as_bytes());
            }
            Self::Name(text) => out.extend_from_slice(format!("/{text}").as_bytes()),
            Self::Text(bytes) => match encryptor {
                Some((encryptor, id)) => write_text(&encryptor.string(id, bytes), out),
                None => write_text(bytes, out),
            },
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    item.write(out, encryptor);
                }
                out.push(b']');
            }
            Self::Dict(dict) => dict.write(out, encryptor),
            Self::Reference(id) => out.extend_from_slice(format!("{} 0 R", id.0).as_bytes()),
            Self::Raw(bytes) => out.extend_from_slice(bytes),
        }
    }

    /// Replaces every reference in this object.
    pub fn renumber(&mut self, renumbered: &dyn Fn(Id) -> Id) {
        match self {
            Self::Reference(id) => *id = renumbered(*id),
            Self::Array(items) => items.iter_mut().for_each(|item| item.renumber(renumbered)),
            Self::Dict(dict) => dict.renumber(renumbered),
            _ => {}
        }
    }
}

impl Dict {
    /// Replaces every reference in this dictionary.
    pub fn renumber(&mut self, renumbered: &dyn Fn(Id) -> Id) {
        self.0
            .iter_mut()
            .for_each(|(_, value)| value.renumber(renumbered));
    }
}

/// How a file marks the data of a stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamForm {
    /// From the end of the dictionary to the data.
    pub start: &'static str,
    /// From the data to the end of the object.
    pub end: &'static str,
    /// The declared length for the true one.
    pub length: fn(usize) -> Option<usize>,
}

impl StreamForm {
    /// The form that the standard requires (ISO 32000-2, 7.3.8.1).
    pub const STANDARD: Self = Self {
        start: "\nstream\n",
        end: "\nendstream\nendobj\n",
        length: Some,
    };
}

impl Body {
    /// Writes the body, without `obj` and `endobj`.
    pub fn write(&self, out: &mut Vec<u8>, encryptor: Option<(&Encryptor, Id)>) {
        let form = StreamForm {
            end: "\nendstream",
            ..StreamForm::STANDARD
        };
        self.write_as(form, out, encryptor);
    }

    /// The same with a form of the data if the body is a stream. The form ends the object.
    pub fn write_as(
        &self,
        form: StreamForm,
        out: &mut Vec<u8>,
        encryptor: Option<(&Encryptor, Id)>,
    ) {
        match self {
            Self::Plain(object) => object.write(out, encryptor),
            Self::Stream(dict, bytes) => {
                let bytes = match encryptor {
                    Some((encryptor, id)) => encryptor.stream(id, bytes),
                    None => bytes.clone(),
                };
                let mut dict = dict.clone();
                if let Some(length) = (form.length)(bytes.len()) {
                    dict.set("Length", length);
                }
                dict.write(out, encryptor);
                out.extend_from_slice(form.start.as_bytes());
                out.extend_from_slice(&bytes);
                out.extend_from_slice(form.end.as_bytes());
            }
        }
    }

    /// Returns the dictionary of this body.
    ///
    /// # Panics
    ///
    /// Panics if the body is neither a dictionary nor a stream.
    pub fn dict_mut(&mut self) -> &mut Dict {
        match self {
            Self::Plain(Object::Dict(dict)) | Self::Stream(dict, _) => dict,
            Self::Plain(_) => panic!("the object is not a dictionary"),
        }
    }

    /// Replaces every reference in this body.
    pub fn renumber(&mut self, renumbered: &dyn Fn(Id) -> Id) {
        match self {
            Self::Plain(object) => object.renumber(renumbered),
            Self::Stream(dict, _) => dict.renumber(renumbered),
        }
    }
}

/// Formats thousandths as a PDF number without trailing zeros.
pub fn milli(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let whole = value.abs() / 1000;
    let part = format!("{:03}", value.abs() % 1000);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

/// Writes a literal string, or a hexadecimal string if the bytes are not printable ASCII.
pub fn write_text(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.iter().all(|b| (b' '..=b'~').contains(b)) {
        out.push(b'(');
        for byte in bytes {
            if matches!(byte, b'(' | b')' | b'\\') {
                out.push(b'\\');
            }
            out.push(*byte);
        }
        out.push(b')');
    } else {
        out.push(b'<');
        for byte in bytes {
            out.extend_from_slice(format!("{byte:02X}").as_bytes());
        }
        out.push(b'>');
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Object {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Object {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<usize> for Object {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).expect("sizes of test files fit in 64 bits"))
    }
}

impl From<bool> for Object {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Id> for Object {
    fn from(value: Id) -> Self {
        Self::Reference(value)
    }
}

impl From<Dict> for Object {
    fn from(value: Dict) -> Self {
        Self::Dict(value)
    }
}

impl From<Vec<Object>> for Object {
    fn from(value: Vec<Object>) -> Self {
        Self::Array(value)
    }
}
