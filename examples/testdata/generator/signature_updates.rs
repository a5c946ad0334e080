//! Updates of signed files that readers of PDF understand in different ways, and honest ones that
//! look alike.

use super::Case;
use super::encrypt::{Encryptor, Placement, Scheme};
use super::object::{Body, Dict, Id, Object, array, name, raw, text};
use super::signatures::{
    AREA, NO_AREA, Signed, add_picture, broken, case, document, other_page, signed,
};
use super::signing::{AUTHORITIES, FORM, Signer};
use super::writer::{Document, FileKind};

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    let person = &AUTHORITIES.person;
    vec![
        case(
            "rewritten_objects",
            "a second signature by a program that writes equal objects under other numbers",
            rewritten_objects(),
        ),
        case(
            "separate_widget",
            "a second signature whose widget does not name its field",
            separate_widget(NO_AREA),
        ),
        broken(
            "visible_separate_widget",
            "a further signature covers part of the page by a widget that does not name its field",
            separate_widget(AREA),
        ),
        broken(
            "appended_encrypt",
            "an update with the word /Encrypt changes a string",
            appended_encrypt(),
        ),
        broken(
            "repeated_keys",
            "a further signature has two areas, of which one covers part of the page",
            signed_by(person, |widget| {
                widget.set(
                    "Rect",
                    raw("[0 0 0 0] /Rect [38 716 140 760] /Subtype /Widget"),
                );
            }),
        ),
        broken(
            "exponent",
            "a further signature covers part of the page by an area that not all readers see",
            signed_by(person, |widget| {
                widget.set("Rect", raw("[0 716 500e-400 760]"));
            }),
        ),
        broken(
            "field_action",
            "a further signature without an area runs a script when its page is opened",
            signed_by(person, |widget| {
                let script = raw("<< /S /JavaScript /JS (app.alert\\(1\\)) >>");
                widget.set("AA", Dict::new().with("PO", script));
            }),
        )
        .tolerating("ACTIVE_CONTENT"),
        broken(
            "filled_gap",
            "an update covers the page by an annotation that the signed page listed, but lacked",
            filled_gap(),
        ),
        broken(
            "page_as_stream",
            "an update turns the page into a stream",
            page_as_stream(),
        ),
        broken(
            "repeated_member",
            "an object stream has the page twice, of which one shows other content",
            repeated_member(),
        ),
        broken(
            "other_generation",
            "an update refers to the annotations by a generation that they do not have",
            other_generation(),
        ),
        broken(
            "replaced_metadata",
            "an update has other metadata under another number",
            replaced_metadata(),
        ),
        broken(
            "reordered_annotations",
            "an update lists the annotations of the page in another order",
            reordered_annotations(),
        ),
    ]
}

/// Returns the updates after which the page can't be read. They are no statements any more.
pub fn unreadable() -> Vec<Case> {
    vec![
        broken(
            "reused_number",
            "an update replaces the content of the page by the form of the signatures",
            reused_number(),
        ),
        broken(
            "encryption_removed",
            "an update removes the encryption, so that nothing can be read",
            encryption_removed(),
        ),
    ]
}

/// Signs again, with a change of the widget.
fn signed_by(signer: &Signer, change: impl Fn(&mut Dict)) -> Vec<u8> {
    let mut file = signed();
    let changed = file.add_field(&FORM, NO_AREA);
    change(file.document.dict_mut(changed[1]));
    file.append(&changed);
    file.fill_in(signer, &FORM);
    file.file
}

fn rewritten_objects() -> Vec<u8> {
    let mut signed = signed();
    let mut changed = signed.add_field(&FORM, NO_AREA);
    let page = signed.document.pages[0];
    let Some(Object::Dict(resources)) = signed.document.dict_mut(page).remove("Resources") else {
        panic!("the page has resources");
    };
    let resources = signed.document.add_dict(resources);
    signed.document.dict_mut(page).set("Resources", resources);
    signed.document.fill_page_tree();
    let tree = signed.document.page_tree_mut();
    tree.set("ITXT", text("5.5.13"));
    changed.extend([resources, Id(2)]);
    signed.append(&changed);
    signed.fill_in(&AUTHORITIES.bank_p256, &FORM);
    signed.file
}

/// Signs again, with a field whose only kid is a widget without a parent.
fn separate_widget(area: [i64; 4]) -> Vec<u8> {
    let mut signed = signed();
    let changed = signed.add_field(&FORM, NO_AREA);
    let [signature, field, form, page] = changed[..] else {
        panic!("four objects change");
    };
    let widget = Dict::new()
        .with("Type", name("Annot"))
        .with("Subtype", name("Widget"))
        .with("F", 132)
        .with("P", page)
        .with("Rect", array(area));
    let widget = signed.document.add_dict(widget);
    let parent = Dict::new()
        .with("FT", name("Sig"))
        .with("T", text("Signature2"))
        .with("V", signature)
        .with("Kids", array([widget]));
    *signed.document.dict_mut(field) = parent;
    let annotations = array([signed.fields[0], widget]);
    signed.document.dict_mut(page).set("Annots", annotations);
    signed.append(&[signature, field, widget, form, page]);
    signed.fill_in(&AUTHORITIES.bank_p256, &FORM);
    signed.file
}

/// Signs a document in the common form.
fn sign(document: Document) -> Signed {
    Signed::new(document).sign(FileKind::Classic, &AUTHORITIES.bank, &FORM)
}

fn appended_encrypt() -> Vec<u8> {
    let mut document = document();
    let labels = Dict::new().with("Nums", raw("[0 << /P (A-) >>]"));
    let labels = document.add_dict(labels);
    document.catalog_mut().set("PageLabels", labels);
    let mut signed = sign(document);
    signed
        .document
        .dict_mut(labels)
        .set("Nums", raw("[0 << /P (B-) >>]"));
    signed.file.extend_from_slice(b"% /Encrypt\n");
    signed.append(&[labels]);
    signed.file
}

fn reused_number() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let Some(Object::Reference(content)) = signed.document.dict_mut(page).find("Contents").cloned()
    else {
        panic!("the page has one content stream");
    };
    let form = signed.document.dict_mut(signed.form).clone();
    signed
        .document
        .objects
        .insert(content, Body::Plain(Object::Dict(form)));
    signed.document.catalog_mut().set("AcroForm", content);
    signed.append(&[Id(1), content]);
    signed.file
}

/// Creates an annotation that covers a part of the page by a picture.
fn stamp(picture: Id) -> Dict {
    Dict::new()
        .with("Type", name("Annot"))
        .with("Subtype", name("Stamp"))
        .with("F", 4)
        .with("Rect", array(AREA))
        .with("AP", Dict::new().with("N", picture))
}

fn filled_gap() -> Vec<u8> {
    let missing = Id(900);
    let mut signed = Signed::new(document());
    signed.annotations.push(missing);
    let mut signed = signed.sign(FileKind::Classic, &AUTHORITIES.bank, &FORM);
    let picture = add_picture(&mut signed.document);
    let stamp = Body::Plain(Object::Dict(stamp(picture)));
    signed.document.objects.insert(missing, stamp);
    signed.append(&[missing, picture]);
    signed.file
}

fn page_as_stream() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let dictionary = signed.document.dict_mut(page).clone();
    // A stream without a length, which would be another change.
    let mut written = Vec::new();
    dictionary.write(&mut written, None);
    written.extend_from_slice(b"\nstream\n\nendstream");
    let stream = Body::Plain(raw(written));
    signed.document.objects.insert(page, stream);
    signed.append(&[page]);
    signed.file
}

fn repeated_member() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let old: Vec<Id> = signed.document.objects.keys().copied().collect();
    let (content, resources) = other_page(&mut signed.document);
    let same = signed.document.dict_mut(page).clone();
    let other = same
        .clone()
        .with("Contents", content)
        .with("Resources", resources);
    let mut bodies = Vec::new();
    other.write(&mut bodies, None);
    bodies.push(b'\n');
    let index = format!("{0} 0 {0} {1} ", page.0, bodies.len());
    same.write(&mut bodies, None);
    let members = Dict::new()
        .with("Type", name("ObjStm"))
        .with("N", 2)
        .with("First", index.len());
    let bytes = [index.as_bytes(), bodies.as_slice()].concat();
    let stream = signed.document.add_flate(members, &bytes);
    let objects = signed.document.objects.keys().copied();
    let added: Vec<Id> = objects.filter(|id| !old.contains(id)).collect();
    let Signed { document, file, .. } = &mut signed;
    document.append_packed_update(file, &added, page, (stream, 1));
    signed.file
}

fn other_generation() -> Vec<u8> {
    let mut signed = signed();
    let page = signed.document.pages[0];
    let annotations = array(signed.fields.iter().copied());
    let list = signed.document.add(Body::Plain(annotations));
    let reference = raw(format!("{} 1 R", list.0));
    signed.document.dict_mut(page).set("Annots", reference);
    signed.append(&[page, list]);
    signed.file
}

fn replaced_metadata() -> Vec<u8> {
    let mut signed = signed();
    let metadata = Dict::new().with("Producer", text("Example Statements 4.2"));
    let metadata = signed.document.add_dict(metadata);
    signed.document.trailer.set("Info", metadata);
    signed.append(&[metadata]);
    signed.file
}

fn reordered_annotations() -> Vec<u8> {
    let mut document = document();
    let picture = add_picture(&mut document);
    let [lower, upper] = [(); 2].map(|()| document.add_dict(stamp(picture)));
    document.dict_mut(lower).set("Contents", text("below"));
    let mut signed = Signed::new(document);
    signed.annotations.extend([lower, upper]);
    let mut signed = signed.sign(FileKind::Classic, &AUTHORITIES.bank, &FORM);
    let page = signed.document.pages[0];
    let annotations = array([upper, lower, signed.fields[0]]);
    signed.document.dict_mut(page).set("Annots", annotations);
    signed.append(&[page]);
    signed.file
}

fn encryption_removed() -> Vec<u8> {
    let mut document = document();
    let id = document.file_id().to_vec();
    let encryptor = Encryptor::new(Scheme::Aes128, b"", b"owner-7", &id, Placement::InTrailer);
    document.encrypt_with(encryptor);
    let mut signed = sign(document);
    signed.document.trailer.remove("Encrypt");
    signed.append(&[]);
    signed.file
}
