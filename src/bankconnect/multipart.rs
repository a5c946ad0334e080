//! Builds the upload form as `multipart/form-data`. Its exact length is known before it is sent.

use super::credentials::Wiped;
use super::request_body::BodyPart;
use bytes::Bytes;
use zeroize::Zeroizing;

/// A form under construction.
pub(super) struct Form {
    boundary: String,
    parts: Vec<BodyPart>,
}

impl Form {
    /// Creates an empty form. `boundary` separates its parts and must not occur in them.
    pub(super) fn new(boundary: String) -> Self {
        Self {
            boundary,
            parts: Vec::new(),
        }
    }

    /// Adds a text field. The copy of the value is wiped after use, because it may be a password.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        let boundary = &self.boundary;
        let header =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        // The exact capacity: a buffer that grows would leave copies of a password in memory.
        let mut text = Zeroizing::new(Vec::with_capacity(header.len() + value.len() + 2));
        text.extend_from_slice(header.as_bytes());
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
        self.parts
            .push(BodyPart::Plain(Bytes::from_owner(Wiped(text))));
    }

    /// Adds the document as a file.
    pub(super) fn pdf(&mut self, file_name: &str, bytes: Bytes) {
        let (boundary, file_name) = (&self.boundary, safe_file_name(file_name));
        let header = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{file_name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        self.parts.extend([
            BodyPart::Plain(header.into()),
            BodyPart::Plain(bytes),
            BodyPart::Plain(Bytes::from_static(b"\r\n")),
        ]);
    }

    /// Adds the document as a Base64 text field.
    pub(super) fn base64(&mut self, bytes: Bytes) {
        let boundary = &self.boundary;
        let header =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n");
        self.parts.extend([
            BodyPart::Plain(header.into()),
            BodyPart::Base64(bytes),
            BodyPart::Plain(Bytes::from_static(b"\r\n")),
        ]);
    }

    /// Returns the value of `Content-Type` and the parts.
    ///
    /// The last part is the closing boundary: the service cannot process a form without it.
    pub(super) fn finish(mut self) -> (String, Vec<BodyPart>) {
        let boundary = self.boundary;
        self.parts
            .push(BodyPart::Plain(format!("--{boundary}--\r\n").into()));
        (
            format!("multipart/form-data; boundary={boundary}"),
            self.parts,
        )
    }
}

/// Returns a file name that every form parser accepts. Characters other than ASCII letters, digits
/// and `._-` become underscores.
fn safe_file_name(name: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars()
        .map(|c| if is_safe(c) { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_follow_the_multipart_standard() {
        let mut form = Form::new("b".to_owned());
        form.field("upload_type", "PDF");
        form.pdf("a\"\r\nX: b é.pdf", Bytes::from_static(b"%PDF"));
        let (content_type, parts) = form.finish();
        let text: Vec<u8> = parts
            .iter()
            .flat_map(|part| match part {
                BodyPart::Plain(bytes) | BodyPart::Base64(bytes) => bytes.to_vec(),
            })
            .collect();
        assert_eq!(content_type, "multipart/form-data; boundary=b");
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "--b\r\nContent-Disposition: form-data; name=\"upload_type\"\r\n\r\nPDF\r\n\
             --b\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a___X__b__.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n"
        );
    }
}
