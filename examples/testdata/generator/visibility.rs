//! Pages whose text a viewer does not show, and scans with a little visible text.

use super::Case;
use super::banks::design;
use super::fonts::{Fonts, Typeface};
use super::images::{Bitmap, Codec, full_page, image_resources};
use super::object::{Body, Dict, Id, Object, array, name, raw};
use super::pages::{case, form, form_resources, truth};
use super::sheet::{POINT, Sheet, Weight};
use super::statement::{Statement, statement};
use super::writer::{Document, PAGE_HEIGHT, PAGE_WIDTH};

/// Returns all cases of hidden text.
pub fn cases() -> Vec<Case> {
    [stamped_scans(), ocr_layers(), unseen_text(), layers()]
        .into_iter()
        .flatten()
        .collect()
}

/// A page under construction: an image of a sheet, and fonts.
struct ScanPage {
    document: Document,
    sheet: Sheet,
    fonts: Fonts,
    image: Id,
}

impl ScanPage {
    fn new(statement: &Statement) -> Self {
        let mut document = Document::new(0x0E1D);
        let sheet = statement.sheets()[0].clone();
        let fonts = Fonts::install(&mut document, Typeface::Courier);
        let image = Bitmap::of(&sheet, 72).add_to(&mut document, Codec::Fax);
        Self {
            document,
            sheet,
            fonts,
            image,
        }
    }

    /// The operators of the sheet's text.
    fn text(&self) -> Vec<u8> {
        self.sheet.operators(&self.fonts)
    }

    /// Finishes the document with one page.
    fn page(mut self, operators: &[&[u8]], extra: &Dict) -> Document {
        let content = self.document.add_flate(Dict::new(), &operators.concat());
        let resources = self.fonts.resources().merged(&image_resources(self.image));
        self.document.add_page(content, resources.merged(extra));
        self.document
    }
}

fn scan() -> (Statement, ScanPage) {
    let statement = statement(design("uco"));
    let page = ScanPage::new(&statement);
    (statement, page)
}

fn one_page(
    name: &str,
    note: &'static str,
    map: &str,
    build: impl FnOnce(ScanPage) -> Document,
) -> Case {
    let (statement, page) = scan();
    let codes: &[&str] = match map {
        "S" => &["PDF_IS_IMAGE"],
        "O" => &["OCR_TEXT_LAYER"],
        _ => &[],
    };
    case(name, note, build(page), truth(&statement, map, codes))
}

/// Shows lines of visible text at the given heights.
fn lines(fonts: &Fonts, lines: &[(i64, &str)]) -> Vec<u8> {
    let mut sheet = Sheet::default();
    for (y, text) in lines {
        sheet.text(36 * POINT, y * POINT, 8 * POINT, Weight::Regular, text);
    }
    sheet.operators(fonts)
}

/// Scans with a stamp, a header or a number that is text.
fn stamped_scans() -> Vec<Case> {
    let camscanner = |page: ScanPage| {
        let stamp = lines(&page.fonts, &[(12, "Scanned with CamScanner")]);
        page.page(&[&full_page("Im1"), &stamp], &Dict::new())
    };
    let fax_first = |page: ScanPage| {
        let header = lines(
            &page.fonts,
            &[(830, "01/07/2024 10:15 FROM 5550123 P. 1/1")],
        );
        let image = format!("q {PAGE_WIDTH} 0 0 820 0 0 cm /Im1 Do Q\n");
        page.page(&[&header, image.as_bytes()], &Dict::new())
    };
    let bates = |page: ScanPage| {
        let stamp = lines(&page.fonts, &[(12, "LOAN000417")]);
        let text = page.text();
        page.page(
            &[&full_page("Im1"), b"3 Tr\n", &text, b"0 Tr\n", &stamp],
            &Dict::new(),
        )
    };
    let header = |page: ScanPage| {
        let header = lines(
            &page.fonts,
            &[
                (820, "UCO BANK, BALLYGUNGE PLACE"),
                (805, "ACCOUNT NUMBER 29830110047162"),
                (790, "IFSC UCBA0002983, MICR 700028099"),
                (775, "PERIOD FROM 01-12-2023 TO 29-02-2024"),
            ],
        );
        let image = format!("q {PAGE_WIDTH} 0 0 700 0 0 cm /Im1 Do Q\n");
        page.page(&[&header, image.as_bytes()], &Dict::new())
    };
    let pattern = |mut page: ScanPage| {
        let cell = Dict::new()
            .with("Type", name("Pattern"))
            .with("PatternType", 1)
            .with("PaintType", 1)
            .with("TilingType", 1)
            .with("BBox", array([0, 0, 1190, 1684]))
            .with("XStep", 1190)
            .with("YStep", 1684)
            .with("Matrix", raw("[0.5 0 0 -0.5 0 842]"))
            .with("Resources", image_resources(page.image));
        let cell = page
            .document
            .add_flate(cell, b"q 1190 0 0 -1684 0 1684 cm /Im1 Do Q\n");
        let patterns = Dict::new().with("Pattern", Dict::new().with("P1", cell));
        let fill = format!("/Pattern cs /P1 scn 0 0 {PAGE_WIDTH} {PAGE_HEIGHT} re f\n");
        page.page(&[fill.as_bytes()], &patterns)
    };
    vec![
        one_page(
            "scan_camscanner",
            "a scan with a line of the scanning app",
            "S",
            camscanner,
        ),
        one_page(
            "scan_fax_header",
            "a fax header that is painted before the scan",
            "S",
            fax_first,
        ),
        one_page(
            "scan_header",
            "a scan below a header of four lines of text",
            "S",
            header,
        ),
        one_page(
            "ocr_bates",
            "a scan with an invisible text layer and a visible number",
            "O",
            bates,
        ),
        one_page(
            "scan_pattern",
            "a scan painted as a tiling pattern",
            "S",
            pattern,
        ),
        letterhead(),
    ]
}

/// A statement over one full-page image, whose last page has little text.
fn letterhead() -> Case {
    let statement = statement(design("axis")).pages(2);
    let mut document = Document::new(0x1E77);
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    let mut paper = Sheet::default();
    paper.text(
        36 * POINT,
        20 * POINT,
        8 * POINT,
        Weight::Regular,
        "LETTERHEAD",
    );
    let image = Bitmap::of(&paper, 72).add_to(&mut document, Codec::Fax);
    let resources = fonts.resources().merged(&image_resources(image));
    let short = lines(&fonts, &[(700, "End of statement")]);
    for sheet in statement.sheets() {
        let content = [full_page("Im1"), sheet.operators(&fonts)].concat();
        let content = document.add_flate(Dict::new(), &content);
        document.add_page(content, resources.clone());
    }
    let content = document.add_flate(Dict::new(), &[full_page("Im1"), short].concat());
    document.add_page(content, resources);
    case(
        "letterhead",
        "a full-page image behind the text of all pages; the last page has one line",
        document,
        truth(&statement, "TTT", &[]),
    )
}

/// Text layers under or over a scan that are invisible, but not by the rendering mode.
fn ocr_layers() -> Vec<Case> {
    let behind = |page: ScanPage| {
        let text = page.text();
        page.page(&[&text, &full_page("Im1")], &Dict::new())
    };
    let transparent = |page: ScanPage| {
        let state = Dict::new().with("ca", 0).with("CA", 0);
        let states = Dict::new().with("ExtGState", Dict::new().with("G0", state));
        let text = page.text();
        page.page(&[&full_page("Im1"), b"/G0 gs\n", &text], &states)
    };
    let clipped = |page: ScanPage| {
        let text = page.text();
        page.page(
            &[&full_page("Im1"), b"q 0 0 1 1 re W n\n", &text, b"Q\n"],
            &Dict::new(),
        )
    };
    let inline = |page: ScanPage| {
        let (_, samples) = Bitmap::of(&page.sheet, 72).encoded(Codec::Fax);
        let image = format!(
            "q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm\nBI /W {PAGE_WIDTH} /H {PAGE_HEIGHT} /CS /G \
             /BPC 1 /F /CCF /DP << /K -1 /Columns {PAGE_WIDTH} /Rows {PAGE_HEIGHT} >> ID "
        );
        let text = page.text();
        page.page(
            &[&text, image.as_bytes(), &samples, b"\nEI Q\n"],
            &Dict::new(),
        )
    };
    vec![
        one_page("ocr_behind", "text that a later image covers", "O", behind),
        one_page(
            "ocr_behind_inline",
            "text that a later inline image covers",
            "O",
            inline,
        ),
        one_page(
            "ocr_transparent",
            "text of opacity 0 over a scan",
            "O",
            transparent,
        ),
        one_page(
            "ocr_clipped",
            "text over a scan that is clipped away",
            "O",
            clipped,
        ),
    ]
}

/// Text that is nowhere to be seen.
fn unseen_text() -> Vec<Case> {
    let off_page = |page: ScanPage| {
        let text = page.text();
        page.page(
            &[&full_page("Im1"), b"q 1 0 0 1 2000 0 cm\n", &text, b"Q\n"],
            &Dict::new(),
        )
    };
    let white = |page: ScanPage| {
        let text = page.text();
        page.page(&[b"1 g 1 G\n", &text], &Dict::new())
    };
    let on_panel = |page: ScanPage| {
        let panel = format!("0 0 0.4 rg 0 0 {PAGE_WIDTH} {PAGE_HEIGHT} re f 1 g 1 G\n");
        let text = page.text();
        page.page(&[panel.as_bytes(), &text], &Dict::new())
    };
    vec![
        one_page(
            "scan_text_off_page",
            "a scan with text outside the page",
            "S",
            off_page,
        ),
        one_page("white_text", "white text on white paper", "O", white),
        one_page(
            "white_text_on_panel",
            "white text on a dark panel",
            "T",
            on_panel,
        ),
        hidden_page(),
    ]
}

/// A statement whose last page shows nothing, because its text is in a layer that is off.
fn hidden_page() -> Case {
    let statement = statement(design("axis")).pages(2);
    let mut document = Document::new(0x0FF);
    let fonts = Fonts::install(&mut document, Typeface::Helvetica);
    let layer = add_layer(&mut document);
    set_layers(&mut document, layer, "<< /OFF [{}] >>");
    let sheets = statement.sheets();
    for sheet in &sheets {
        let content = document.add_flate(Dict::new(), &sheet.operators(&fonts));
        document.add_page(content, fonts.resources());
    }
    let text = sheets[0].operators(&fonts);
    let content = [b"/OC /MC0 BDC\n".to_vec(), text, b"EMC\n".to_vec()].concat();
    let content = document.add_flate(Dict::new(), &content);
    let properties = Dict::new().with("Properties", Dict::new().with("MC0", layer));
    document.add_page(content, fonts.resources().merged(&properties));
    case(
        "layer_off_page",
        "the last page shows nothing: its text is in a layer that is off",
        document,
        truth(&statement, "TTB", &["PARTLY_SCANNED"]),
    )
}

fn add_layer(document: &mut Document) -> Id {
    let layer = Dict::new()
        .with("Type", name("OCG"))
        .with("Name", super::object::text("Text"));
    document.add_dict(layer)
}

/// Sets the layers of a document to one layer. `{}` in the configuration is its reference.
fn set_layers(document: &mut Document, layer: Id, configuration: &str) {
    let reference = format!("{} 0 R", layer.0);
    let configuration = raw(configuration.replace("{}", &reference));
    let properties = Dict::new()
        .with("OCGs", array([layer]))
        .with("D", configuration);
    document.catalog_mut().set("OCProperties", properties);
}

/// Scans with text in a layer that is hidden in different ways.
fn layers() -> Vec<Case> {
    // `membership` is the dictionary of a membership, with `{}` for the layer.
    let hidden = |name, note, configuration: &'static str, membership: Option<&'static str>| {
        one_page(name, note, "S", move |mut page| {
            let layer = add_layer(&mut page.document);
            set_layers(&mut page.document, layer, configuration);
            if configuration.contains("/AS") {
                let usage = raw("<< /View << /ViewState /OFF >> >>");
                page.document.dict_mut(layer).set("Usage", usage);
            }
            let target = membership.map_or(layer, |membership| {
                let dict = membership.replace("{}", &format!("{} 0 R", layer.0));
                page.document.add(Body::Plain(raw(dict)))
            });
            let properties = Dict::new().with("Properties", Dict::new().with("MC0", target));
            let text = page.text();
            page.page(
                &[&full_page("Im1"), b"/OC /MC0 BDC\n", &text, b"EMC\n"],
                &properties,
            )
        })
    };
    let form_off = one_page(
        "layer_form",
        "a scan with a form whose membership has only a layer that is off",
        "S",
        |mut page| {
            let layer = add_layer(&mut page.document);
            set_layers(&mut page.document, layer, "<< /OFF [{}] >>");
            let text = page.text();
            let resources = page.fonts.resources();
            let form = form(&mut page.document, &text, resources);
            let membership = format!("<< /Type /OCMD /OCGs {} 0 R >>", layer.0);
            page.document.dict_mut(form).set("OC", raw(membership));
            let Some(Object::Dict(objects)) = form_resources(form).remove("XObject") else {
                unreachable!("form_resources sets the form")
            };
            let objects = objects.with("Im1", page.image);
            let content = [full_page("Im1"), b"/Fm1 Do\n".to_vec()].concat();
            let content = page.document.add_flate(Dict::new(), &content);
            page.document
                .add_page(content, Dict::new().with("XObject", objects));
            page.document
        },
    );
    vec![
        hidden(
            "layer_base_off",
            "a scan with text in a layer that the base state turns off",
            "<< /BaseState /OFF >>",
            None,
        ),
        hidden(
            "layer_all_off",
            "a scan with text that is shown only if a layer is off, which is on",
            "<< >>",
            Some("<< /Type /OCMD /OCGs [{} null] /P /AllOff >>"),
        ),
        hidden(
            "layer_expression",
            "a scan with text in a membership whose expression is false",
            "<< >>",
            Some("<< /Type /OCMD /OCGs [{}] /VE [/And {} [/Not {}]] >>"),
        ),
        hidden(
            "layer_usage",
            "a scan with text in a layer that is off for viewing by its usage",
            "<< /AS [<< /Event /View /Category [/View] /OCGs [{}] >>] >>",
            None,
        ),
        form_off,
    ]
}
