//! Signed statements: whole, signed further, and changed after they were signed.

use super::banks::design;
use super::edits;
use super::encrypt::{Encryptor, Placement, Scheme};
use super::fonts::{Fonts, Typeface};
use super::object::{Body, Dict, Id, Object, array, name, raw, text};
use super::signing::{AUTHORITIES, AttributeOrder, FORM, Form, RESERVED, Signer, container};
use super::statement::{Statement, statement};
use super::writer::{Document, FileKind};
use super::{Case, Encryption, GroundTruth, signature_updates};

const BROKEN: &str = "SIGNATURE_BROKEN";
/// The signed range before it is known. As long as the numbers that replace it.
const RANGE: &str = "[0 0000000000 0000000000 0000000000]";
/// The area of a widget that shows nothing.
pub const NO_AREA: [i64; 4] = [0, 0, 0, 0];
/// The area of a widget that shows itself where the page is empty.
const EMPTY_AREA: [i64; 4] = [300, 400, 500, 440];
/// The area of a signature or an annotation that covers a part of the page.
pub const AREA: [i64; 4] = [38, 716, 140, 760];

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let own = [kinds(), orders(), further(), attacks()];
    let own = own.into_iter().flatten();
    own.chain(signature_updates::cases()).collect()
}

fn sample() -> Statement {
    statement(design("federal")).rows(12)
}

pub fn case(name: &str, note: &'static str, bytes: Vec<u8>) -> Case {
    let truth: GroundTruth = sample().truth();
    Case {
        path: format!("signatures/{name}.pdf"),
        note,
        bytes,
        truth,
    }
}

/// A document under construction that is signed once or several times.
pub struct Signed {
    pub document: Document,
    pub file: Vec<u8>,
    pub form: Id,
    pub fields: Vec<Id>,
    /// The annotations of the page in front of the signatures.
    pub annotations: Vec<Id>,
}

impl Signed {
    /// Prepares a statement for signatures, but does not sign it.
    pub fn new(mut document: Document) -> Self {
        let form = document.add_dict(Dict::new().with("Fields", array::<Id>([])));
        document.catalog_mut().set("AcroForm", form);
        Self {
            document,
            file: Vec::new(),
            form,
            fields: Vec::new(),
            annotations: Vec::new(),
        }
    }

    /// Adds a signature field with a signature to be filled in, and returns the objects that
    /// change.
    pub fn add_field(&mut self, form: &Form<'_>, area: [i64; 4]) -> Vec<Id> {
        let is_timestamp = form.sub_filter == "ETSI.RFC3161";
        let kind = if is_timestamp { "DocTimeStamp" } else { "Sig" };
        let mut signature = Dict::new()
            .with("Type", name(kind))
            .with("Filter", name("Adobe.PPKLite"))
            .with("SubFilter", name(form.sub_filter))
            .with("ByteRange", raw(RANGE))
            .with("Contents", raw(format!("<{}>", "0".repeat(2 * RESERVED))));
        if !is_timestamp {
            signature.set("M", text("D:20240603100000+05'30'"));
        }
        let signature = self.document.add_dict(signature);
        let page = self.document.pages[0];
        let title = format!("Signature{}", self.fields.len() + 1);
        let field = Dict::new()
            .with("FT", name("Sig"))
            .with("Type", name("Annot"))
            .with("Subtype", name("Widget"))
            .with("T", text(title))
            .with("F", 132)
            .with("P", page)
            .with("Rect", array(area))
            .with("V", signature);
        let field = self.document.add_dict(field);
        self.fields.push(field);
        let fields = array(self.fields.iter().copied());
        let form = self.document.dict_mut(self.form);
        form.set("SigFlags", 3);
        form.set("Fields", fields);
        let annotations = self.annotations.iter().chain(&self.fields);
        let annotations = array(annotations.copied());
        self.document.dict_mut(page).set("Annots", annotations);
        vec![signature, field, self.form, page]
    }

    /// Signs the file for the first time.
    pub fn sign(mut self, kind: FileKind, signer: &Signer, form: &Form<'_>) -> Self {
        let changed = self.add_field(form, NO_AREA);
        self.file = match kind {
            // The signature itself must not be in an object stream.
            FileKind::ObjectStreams => {
                let signature = changed[0];
                let stream = self.pack_all_but(signature);
                self.document.write_packed(stream.0, &stream.1)
            }
            kind => self.document.write(kind),
        };
        self.fill_in(signer, form);
        self
    }

    /// Puts all dictionaries except one into an object stream.
    fn pack_all_but(&mut self, signature: Id) -> (Id, Vec<Id>) {
        self.document.fill_page_tree();
        let packed: Vec<Id> = self
            .document
            .objects
            .iter()
            .filter(|(id, body)| matches!(body, Body::Plain(_)) && **id != signature)
            .map(|(id, _)| *id)
            .collect();
        let mut index = Vec::new();
        let mut bodies = Vec::new();
        for id in &packed {
            index.extend(format!("{} {} ", id.0, bodies.len()).bytes());
            self.document.objects[id].write(&mut bodies, None);
            bodies.push(b'\n');
        }
        let dict = Dict::new()
            .with("Type", name("ObjStm"))
            .with("N", packed.len())
            .with("First", index.len());
        let stream = self.document.add_flate(dict, &[index, bodies].concat());
        (stream, packed)
    }

    /// Signs the file again, in an incremental update.
    fn sign_again(mut self, signer: &Signer, form: &Form<'_>, area: [i64; 4]) -> Self {
        let changed = self.add_field(form, area);
        self.append(&changed);
        self.fill_in(signer, form);
        self
    }

    pub fn append(&mut self, changed: &[Id]) {
        self.document.append_update(&mut self.file, changed);
    }

    /// Fills in the signed range and the signature of the last field.
    pub fn fill_in(&mut self, signer: &Signer, form: &Form<'_>) {
        let range = find_last(&self.file, RANGE.as_bytes());
        let contents = format!("<{}>", "0".repeat(2 * RESERVED));
        let gap = find_last(&self.file, contents.as_bytes());
        let end = gap + contents.len();
        let numbers = format!("[0 {gap:010} {end:010} {:010}]", self.file.len() - end);
        self.file[range..range + numbers.len()].copy_from_slice(numbers.as_bytes());
        let signature = container([&self.file[..gap], &self.file[end..]], signer, form);
        assert!(signature.len() <= RESERVED, "{} bytes", signature.len());
        for (index, byte) in signature.iter().enumerate() {
            let digits = format!("{byte:02x}");
            let start = gap + 1 + 2 * index;
            self.file[start..start + 2].copy_from_slice(digits.as_bytes());
        }
    }
}

fn find_last(file: &[u8], text: &[u8]) -> usize {
    let mut places = file.windows(text.len());
    places
        .rposition(|window| window == text)
        .expect("it was written")
}

/// Creates the statement, with metadata.
pub fn document() -> Document {
    let mut document = sample().document();
    let info = Dict::new()
        .with("Producer", text("Example Statements 4.2"))
        .with("CreationDate", text("D:20240603095900+05'30'"));
    document.set_info(info);
    document
}

fn unsigned() -> Signed {
    Signed::new(document())
}

/// Signs a statement in the common form, by a bank with a complete chain.
pub fn signed() -> Signed {
    let authorities = &*AUTHORITIES;
    let chain = [&authorities.authority, &authorities.root];
    let form = Form {
        chain: &chain,
        ..FORM
    };
    unsigned().sign(FileKind::Classic, &authorities.bank, &form)
}

/// Returns an edited copy of a statement of Federal Bank, signed as a whole.
pub fn signed_copy(signer: &Signer) -> Vec<u8> {
    let authorities = &*AUTHORITIES;
    let form = Form {
        chain: &[&authorities.authority, &authorities.root],
        ..FORM
    };
    let copy = Signed::new(edits::edited_copy());
    copy.sign(FileKind::Classic, signer, &form).file
}

/// Kinds of signatures, keys and files.
fn kinds() -> Vec<Case> {
    let authorities = &*AUTHORITIES;
    let chain = [&authorities.authority, &authorities.root];
    let form = Form {
        chain: &chain,
        ..FORM
    };
    let sign =
        |signer: &Signer, form: Form<'_>, kind: FileKind| unsigned().sign(kind, signer, &form).file;
    let sha1 = Form {
        sub_filter: "adbe.pkcs7.sha1",
        ..FORM
    };
    let cades = Form {
        sub_filter: "ETSI.CAdES.detached",
        has_time: false,
        names_certificate: true,
        timestamp: Some(&authorities.clock),
        ..form
    };
    let unknown = Form {
        sub_filter: "adbe.x509.rsa_sha1",
        ..form
    };
    let classic = FileKind::Classic;
    let mut document = document();
    document.encrypt_with(Encryptor::new(
        Scheme::Aes128,
        b"",
        b"owner-7",
        document.file_id(),
        Placement::Indirect,
    ));
    let encrypted = Signed::new(document).sign(classic, &authorities.bank, &form);
    let mut encrypted = case(
        "encrypted",
        "a signed file that is encrypted: AES-128, opens without a password",
        encrypted.file,
    );
    encrypted.truth.encryption = Encryption::Open {
        method: "AES-128",
        owner: "owner-7",
    };
    vec![
        case(
            "pkcs7",
            "a detached signature by RSA with SHA-256, with a complete chain",
            signed().file,
        ),
        case(
            "sha1_leaf_only",
            "adbe.pkcs7.sha1, with the certificate of the signer only",
            sign(&authorities.bank, sha1, classic),
        ),
        case(
            "cades",
            "ETSI.CAdES.detached with a timestamp of the signature",
            sign(&authorities.bank, cades, classic),
        ),
        case(
            "pss",
            "a signature by RSASSA-PSS with a salt of 48 bytes",
            sign(&authorities.bank_pss, form, classic),
        ),
        case(
            "ecdsa_p256",
            "a signature by ECDSA on P-256",
            sign(&authorities.bank_p256, form, classic),
        ),
        case(
            "ecdsa_p384",
            "a signature by ECDSA on P-384 with SHA-384",
            sign(&authorities.bank_p384, form, classic),
        ),
        case(
            "expired",
            "a certificate that had expired when it was used",
            sign(&authorities.expired, form, classic),
        ),
        case(
            "person",
            "a certificate that a person has made, without an organisation",
            sign(&authorities.person, FORM, classic),
        ),
        case(
            "unknown_form",
            "a signature of a form that is not supported",
            sign(&authorities.bank, unknown, classic),
        ),
        case(
            "object_streams",
            "the form and the field of the signature are in an object stream",
            sign(&authorities.bank, form, FileKind::ObjectStreams),
        ),
        encrypted,
    ]
}

/// Signed attributes in other orders than that of DER.
fn orders() -> Vec<Case> {
    let authorities = &*AUTHORITIES;
    let chain = [&authorities.authority, &authorities.root];
    let in_order = |order| {
        let form = Form {
            chain: &chain,
            order,
            ..FORM
        };
        unsigned()
            .sign(FileKind::Classic, &authorities.bank, &form)
            .file
    };
    vec![
        case(
            "attributes_stored_in_other_order",
            "signed attributes stored in another order than that in which they are signed",
            in_order(AttributeOrder::DerSigned),
        ),
        case(
            "attributes_signed_in_other_order",
            "signed attributes signed in another order than that of the standard",
            in_order(AttributeOrder::Stored),
        ),
    ]
}

/// Files that were only signed further.
fn further() -> Vec<Case> {
    let authorities = &*AUTHORITIES;
    let again = signed().sign_again(&authorities.bank_p256, &FORM, NO_AREA);
    let stamp = Form {
        sub_filter: "ETSI.RFC3161",
        ..FORM
    };
    let stamped = signed().sign_again(&authorities.clock, &stamp, NO_AREA);
    let mut validated = signed();
    let certificate = validated
        .document
        .add_flate(Dict::new(), &authorities.root.certificate);
    let store = Dict::new()
        .with("Type", name("DSS"))
        .with("Certs", array([certificate]));
    let store = validated.document.add_dict(store);
    validated.document.catalog_mut().set("DSS", store);
    validated.append(&[Id(1), certificate, store]);
    vec![
        case(
            "signed_twice",
            "a second signature in an update",
            again.file,
        ),
        case(
            "signed_beside",
            "a second signature, by a person, is shown where the page is empty",
            signed()
                .sign_again(&authorities.person, &FORM, EMPTY_AREA)
                .file,
        ),
        case(
            "signed_twice_with_metadata",
            "a second signature and other metadata in an update, keys in another order",
            signed_with_metadata(),
        ),
        case(
            "timestamped",
            "a timestamp of the document in an update",
            stamped.file,
        ),
        case(
            "validation_data",
            "validation data in an update",
            validated.file,
        ),
    ]
}

/// The first page of another statement, with its resources.
pub fn other_page(document: &mut Document) -> (Id, Dict) {
    let fonts = Fonts::install(document, Typeface::Helvetica);
    let sheet = &sample().seed(977).sheets()[0];
    let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
    (content, fonts.resources())
}

/// A case with a broken signature or a change after a valid one.
pub fn broken(name: &str, note: &'static str, bytes: Vec<u8>) -> Case {
    case(name, note, bytes)
        .with_code(BROKEN)
        .tolerating("EDITED_PDF")
        .tolerating("DAMAGED_PDF")
        .tolerating("BALANCE_MISMATCH")
}

/// The known attacks on signed files, and honest changes of them.
fn attacks() -> Vec<Case> {
    vec![
        broken(
            "content_changed",
            "one digit of the signed bytes was changed",
            content_changed(),
        ),
        broken(
            "truncated_range",
            "the signed range ends behind the end of a file that was saved again",
            truncated_range(),
        ),
        broken(
            "incremental_saving",
            "an update replaces the page (incremental saving attack)",
            incremental_saving(),
        ),
        broken(
            "incremental_without_table",
            "an object without a table replaces the page for readers that search for objects",
            incremental_without_table(),
        ),
        broken(
            "wrapping",
            "the signed second part was moved behind other content (signature wrapping)",
            wrapping(),
        ),
        broken(
            "shadow_replace",
            "an update shows prepared content in place of the signed one (shadow attack)",
            shadow_replace(),
        ),
        broken(
            "shadow_hide",
            "an update covers the page by an annotation (shadow attack)",
            shadow_hide(),
        ),
        broken(
            "visible_signature",
            "a further signature covers part of the page (sneaky signature attack)",
            visible_signature(),
        ),
        broken(
            "recycled_signature",
            "an update covers the page by a widget that refers to the bank's own signature",
            recycled_signature(AREA),
        ),
        broken(
            "recycled_beside",
            "an update shows the bank's own signature once more, where the page is empty",
            recycled_signature(EMPTY_AREA),
        ),
        broken(
            "replaced_appearance",
            "an update shows another picture in a signature that is on the page",
            replaced_appearance(),
        ),
        broken(
            "no_range",
            "a signature without a signed range (universal signature forgery)",
            replaced(b"/ByteRange", b"/ByteRang_"),
        ),
        broken(
            "repeated_contents",
            "a second signature in the dictionary (universal signature forgery)",
            repeated_contents(),
        ),
        broken(
            "metadata_only",
            "an update changes the metadata only",
            metadata_only(),
        ),
    ]
}

fn content_changed() -> Vec<u8> {
    let mut file = signed().file;
    let place = find_last(&file, b"/CreationDate");
    let digit = place
        + file[place..]
            .iter()
            .position(|byte| *byte == b':')
            .expect("a date")
        + 5;
    file[digit] = if file[digit] == b'1' { b'2' } else { b'1' };
    file
}

fn replaced(old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut file = signed().file;
    let place = find_last(&file, old);
    file[place..place + new.len()].copy_from_slice(new);
    file
}

/// Writes the document again, more compactly, with the signature that it had.
fn truncated_range() -> Vec<u8> {
    let signed = signed();
    let range = find_last(&signed.file, b"/ByteRange");
    let old: Vec<u8> = signed.file[range..range + b"/ByteRange ".len() + RANGE.len()].to_vec();
    let contents = find_last(&signed.file, b"/Contents <");
    let digits = signed.file[contents..]
        .iter()
        .position(|byte| *byte == b'>')
        .expect("digits");
    let digits = signed.file[contents + b"/Contents ".len()..=contents + digits].to_vec();
    let mut document = signed.document;
    for body in document.objects.values_mut() {
        if let Body::Plain(Object::Dict(dict)) = body
            && dict.find("ByteRange").is_some()
        {
            dict.set("ByteRange", raw(&old[b"/ByteRange ".len()..]));
            dict.set("Contents", raw(&digits));
        }
    }
    // Without the document information, the file is shorter than it was.
    document.trailer.remove("Info");
    document.write(FileKind::Classic)
}

fn incremental_saving() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let old: Vec<Id> = signed.document.objects.keys().copied().collect();
    let (content, resources) = other_page(&mut signed.document);
    signed.document.dict_mut(page).set("Contents", content);
    signed.document.dict_mut(page).set("Resources", resources);
    let changed: Vec<Id> = signed
        .document
        .objects
        .keys()
        .copied()
        .filter(|id| *id == page || !old.contains(id))
        .collect();
    signed.append(&changed);
    signed.file
}

fn incremental_without_table() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let (content, resources) = other_page(&mut signed.document);
    signed.document.dict_mut(page).set("Contents", content);
    signed.document.dict_mut(page).set("Resources", resources);
    let mut file = signed.file;
    signed.document.write_indirect(page, &mut file);
    file
}

/// Moves the signed second part to the end, and inserts an object in front of it.
fn wrapping() -> Vec<u8> {
    let file = signed().file;
    let contents = find_last(&file, b"/Contents <") + b"/Contents ".len();
    let end = contents
        + file[contents..]
            .iter()
            .position(|byte| *byte == b'>')
            .expect("digits");
    let (first, second) = file.split_at(end + 1);
    let inserted = b" >>\nendobj\n900 0 obj\n<< /Inserted true >>\nendobj\n901 0 obj\n<<";
    let start = first.len() + inserted.len();
    let range = find_last(first, b"/ByteRange [") + b"/ByteRange ".len();
    let mut first = first.to_vec();
    let numbers = format!("[0 {contents:010} {start:010} {:010}]", second.len());
    first[range..range + numbers.len()].copy_from_slice(numbers.as_bytes());
    [&first, &inserted[..], second].concat()
}

fn shadow_replace() -> Vec<u8> {
    let mut document = document();
    let (hidden, resources) = other_page(&mut document);
    let authorities = &*AUTHORITIES;
    let page = document.pages[0];
    let mut fonts = Dict::new();
    if let Some(Object::Dict(old)) = document.dict_mut(page).remove("Resources") {
        fonts = old;
    }
    // Both contents find their fonts in the resources of the page.
    let both = fonts.merged(&resources);
    document.dict_mut(page).set("Resources", both);
    document.dict_mut(page).set("Hidden", hidden);
    let mut signed = Signed::new(document).sign(FileKind::Classic, &authorities.bank, &FORM);
    signed.document.dict_mut(page).set("Contents", hidden);
    signed.append(&[page]);
    signed.file
}

fn shadow_hide() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let appearance = add_picture(&mut signed.document);
    let stamp = Dict::new()
        .with("Type", name("Annot"))
        .with("Subtype", name("Stamp"))
        .with("F", 4)
        .with("Rect", array(AREA))
        .with("AP", Dict::new().with("N", appearance));
    let stamp = signed.document.add_dict(stamp);
    let mut annotations: Vec<Object> = signed.fields.iter().map(|id| (*id).into()).collect();
    annotations.push(stamp.into());
    signed.document.dict_mut(page).set("Annots", annotations);
    signed.append(&[page, appearance, stamp]);
    signed.file
}

fn visible_signature() -> Vec<u8> {
    let authorities = &*AUTHORITIES;
    signed().sign_again(&authorities.person, &FORM, AREA).file
}

/// Adds an opaque picture with the size of a visible signature.
pub fn add_picture(document: &mut Document) -> Id {
    let form = Dict::new()
        .with("Type", name("XObject"))
        .with("Subtype", name("Form"))
        .with("BBox", array([0, 0, 200, 40]));
    document.add_flate(form, b"1 g 0 0 200 40 re f")
}

fn recycled_signature(area: [i64; 4]) -> Vec<u8> {
    let mut signed = signed();
    let first = signed.fields[0];
    let signature = signed.document.dict_mut(first).find("V").cloned();
    let picture = add_picture(&mut signed.document);
    let page = signed.document.pages[0];
    let widget = Dict::new()
        .with("FT", name("Sig"))
        .with("Type", name("Annot"))
        .with("Subtype", name("Widget"))
        .with("T", text("Signature2"))
        .with("F", 132)
        .with("P", page)
        .with("Rect", array(area))
        .with("AP", Dict::new().with("N", picture))
        .with("V", signature.expect("a signed field"));
    let widget = signed.document.add_dict(widget);
    signed.fields.push(widget);
    let fields = array(signed.fields.iter().copied());
    signed
        .document
        .dict_mut(signed.form)
        .set("Fields", fields.clone());
    signed.document.dict_mut(page).set("Annots", fields);
    let changed = [signed.form, page, widget, picture];
    signed.append(&changed);
    signed.file
}

fn replaced_appearance() -> Vec<u8> {
    let bank = &AUTHORITIES.bank_p256;
    let mut signed = signed().sign_again(bank, &FORM, AREA);
    let picture = add_picture(&mut signed.document);
    let field = signed.fields[1];
    let appearance = Dict::new().with("N", picture);
    signed.document.dict_mut(field).set("AP", appearance);
    signed.append(&[field, picture]);
    signed.file
}

fn signed_with_metadata() -> Vec<u8> {
    let mut signed = signed();
    let mut changed = signed.add_field(&FORM, NO_AREA);
    let Some(Object::Reference(info)) = signed.document.trailer.find("Info").cloned() else {
        panic!("the document has metadata");
    };
    let metadata = signed.document.dict_mut(info);
    metadata.set("ModDate", text("D:20240603100500+05'30'"));
    metadata.reverse();
    changed.push(info);
    signed.append(&changed);
    signed.fill_in(&AUTHORITIES.bank_p256, &FORM);
    signed.file
}

fn repeated_contents() -> Vec<u8> {
    let file = signed().file;
    let place = find_last(&file, b"/M (D:");
    let mut file = file;
    let replacement = b"/Contents <00> /X ";
    file[place..place + replacement.len()].copy_from_slice(replacement);
    file
}

fn metadata_only() -> Vec<u8> {
    let mut signed = signed();
    let Some(Object::Reference(info)) = signed.document.trailer.find("Info").cloned() else {
        panic!("the document has metadata");
    };
    signed
        .document
        .dict_mut(info)
        .set("Title", text("Another title"));
    signed.append(&[info]);
    signed.file
}
