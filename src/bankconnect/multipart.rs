//! Writes the upload form as `multipart/form-data`, with its exact length known before it is sent.

use super::credentials::Wiped;
use super::request_body::Part;
use bytes::Bytes;
use zeroize::Zeroizing;

/// The form, part by part.
pub(super) struct Form {
    boundary: String,
    parts: Vec<Part>,
}

impl Form {
    /// A form whose parts are kept apart by `boundary`, which must not occur in them.
    pub(super) fn new(boundary: String) -> Self {
        Self {
            boundary,
            parts: Vec::new(),
        }
    }

    /// Adds a field. The value may be a password: its copy is wiped once sent.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        let boundary = &self.boundary;
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        let mut text = Zeroizing::new(Vec::with_capacity(head.len() + value.len() + 2));
        text.extend_from_slice(head.as_bytes());
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
        self.parts.push(Part::Plain(Bytes::from_owner(Wiped(text))));
    }

    /// Adds the document as a file.
    pub(super) fn pdf(&mut self, file_name: &str, bytes: Bytes) {
        let (boundary, file_name) = (&self.boundary, plain_name(file_name));
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{file_name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        self.parts.extend([
            Part::Plain(head.into()),
            Part::Plain(bytes),
            Part::Plain(Bytes::from_static(b"\r\n")),
        ]);
    }

    /// Adds the document as a field in base64.
    pub(super) fn base64(&mut self, bytes: Bytes) {
        let boundary = &self.boundary;
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n");
        self.parts.extend([
            Part::Plain(head.into()),
            Part::Base64(bytes),
            Part::Plain(Bytes::from_static(b"\r\n")),
        ]);
    }

    /// The value of `Content-Type`, and the parts. The last one ends the form: without it the
    /// form is not whole.
    pub(super) fn finish(mut self) -> (String, Vec<Part>) {
        let boundary = self.boundary;
        self.parts
            .push(Part::Plain(format!("--{boundary}--\r\n").into()));
        (
            format!("multipart/form-data; boundary={boundary}"),
            self.parts,
        )
    }
}

/// A file name that every reader of forms takes as one: others than plain ASCII letters, digits
/// and `._-` become underscores.
fn plain_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_the_standard_asks_for() {
        let mut form = Form::new("b".to_owned());
        form.field("upload_type", "PDF");
        form.pdf("a\"\r\nX: b é.pdf", Bytes::from_static(b"%PDF"));
        let (kind, parts) = form.finish();
        let text: Vec<u8> = parts
            .iter()
            .flat_map(|part| match part {
                Part::Plain(bytes) | Part::Base64(bytes) => bytes.to_vec(),
            })
            .collect();
        assert_eq!(kind, "multipart/form-data; boundary=b");
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "--b\r\nContent-Disposition: form-data; name=\"upload_type\"\r\n\r\nPDF\r\n\
             --b\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a___X__b__.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n"
        );
    }
}
