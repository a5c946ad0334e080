//! Images, colour spaces and page boxes of impossible size.

use super::super::images::{full_page, image_resources};
use super::super::object::{Body, Dict, Object, array, name, raw};
use super::super::writer::{Document, FileKind};
use super::{Case, add_resource, case, first_page, next_id, prepend_operators, sample_with};

/// Returns all cases.
pub fn cases() -> Vec<Case> {
    [rasters(), boxes(), loops()]
        .into_iter()
        .flatten()
        .collect()
}

/// Scanned pages whose decoded image takes gigabytes. Classifying them requires no decoding.
fn rasters() -> Vec<Case> {
    let raster = |path, note, filter: &str, parameters: Dict| {
        let mut document = Document::new(31);
        let dict = Dict::new()
            .with("Type", name("XObject"))
            .with("Subtype", name("Image"))
            .with("Width", 65_535)
            .with("Height", 65_535)
            .with("BitsPerComponent", 8)
            .with("ColorSpace", name("DeviceRGB"))
            .with("Filter", name(filter))
            .with("DecodeParms", parameters);
        let image = document.add(Body::Stream(dict, vec![0x1F; 10]));
        let content = document.add_flate(Dict::new(), &full_page("Im1"));
        document.add_page(Object::from(content), image_resources(image));
        let mut case = case(path, note, document.write(FileKind::Classic)).without_statement();
        "S".clone_into(&mut case.truth.map);
        case.with_code("PDF_IS_IMAGE").repairable()
    };
    let fax = Dict::new()
        .with("K", -1)
        .with("Columns", 2_147_483_647)
        .with("Rows", 2_147_483_647);
    vec![
        raster(
            "image_jbig2_huge",
            "a scan of 65,535 by 65,535 in ten bytes of JBIG2",
            "JBIG2Decode",
            Dict::new(),
        ),
        raster(
            "image_jpx_huge",
            "a scan of 65,535 by 65,535 in ten bytes of JPEG 2000",
            "JPXDecode",
            Dict::new(),
        ),
        raster(
            "image_fax_huge",
            "a scan of 65,535 by 65,535 in ten bytes of CCITT fax",
            "CCITTFaxDecode",
            fax,
        ),
        raster(
            "image_jpeg_huge",
            "a scan of 65,535 by 65,535 in ten bytes of JPEG",
            "DCTDecode",
            Dict::new(),
        ),
        raster(
            "image_flate_huge",
            "a scan of 65,535 by 65,535 in ten bytes of Flate",
            "FlateDecode",
            Dict::new(),
        ),
    ]
}

fn boxes() -> Vec<Case> {
    let boxed = |name, note, entry: &str, value: &str| {
        sample_with(name, note, |document| {
            first_page(document).set(entry, raw(value));
        })
    };
    vec![
        boxed(
            "box_huge",
            "a page of 1,000,000,000 points",
            "MediaBox",
            "[0 0 1000000000 1000000000]",
        )
        .repairable(),
        boxed("box_empty", "a page of size 0", "MediaBox", "[0 0 0 0]").any_outcome(),
        boxed(
            "box_backwards",
            "a page whose corners are in the wrong order",
            "MediaBox",
            "[595 842 0 0]",
        )
        .repairable(),
        boxed(
            "box_not_a_number",
            "a page whose box contains NaN, inf and 1e9999",
            "MediaBox",
            "[NaN -inf 1e9999 --7]",
        )
        .any_outcome(),
        boxed(
            "box_overflow",
            "a page whose box contains numbers of 300 digits",
            "MediaBox",
            &format!("[-{0} -{0} {0} {0}]", "9".repeat(300)),
        )
        .any_outcome(),
        boxed(
            "unit_huge",
            "a page with a unit of 1,000,000,000",
            "UserUnit",
            "1000000000",
        )
        .repairable(),
        boxed(
            "rotation_huge",
            "a page rotated by -2,147,483,648 degrees",
            "Rotate",
            "-2147483648",
        )
        .repairable(),
        boxed(
            "crop_outside",
            "a page whose crop box is outside the page",
            "CropBox",
            "[90000 90000 90001 90001]",
        )
        .any_outcome(),
    ]
}

/// Colour spaces, functions and masks that refer to themselves.
fn loops() -> Vec<Case> {
    vec![
        sample_with(
            "mask_of_itself",
            "an image that is its own soft mask",
            |document| {
                let own = next_id(document);
                let dict = Dict::new()
                    .with("Type", name("XObject"))
                    .with("Subtype", name("Image"))
                    .with("Width", 1)
                    .with("Height", 1)
                    .with("BitsPerComponent", 8)
                    .with("ColorSpace", name("DeviceGray"))
                    .with("SMask", own)
                    .with("Mask", own)
                    .with("Alternates", vec![Dict::new().with("Image", own).into()]);
                document.add(Body::Stream(dict, vec![0]));
                add_resource(document, "XObject", "X", own);
                prepend_operators(document, b"q 9 0 0 9 0 0 cm /X Do Q\n");
            },
        )
        .repairable(),
        sample_with(
            "colour_of_itself",
            "an indexed colour space based on itself",
            |document| {
                let own = next_id(document);
                let parts = vec![
                    name("Indexed"),
                    own.into(),
                    Object::Int(2_147_483_647),
                    own.into(),
                ];
                document.add(Body::Plain(parts.into()));
                add_resource(document, "ColorSpace", "X", own);
                prepend_operators(document, b"/X cs 0 sc\n");
            },
        )
        .repairable(),
        sample_with(
            "function_of_itself",
            "a shading with a stitching function that contains itself",
            |document| {
                let own = next_id(document);
                let function = Dict::new()
                    .with("FunctionType", 3)
                    .with("Domain", array([0, 1]))
                    .with("Bounds", array([0; 0]))
                    .with("Encode", array([0, 1]))
                    .with("Functions", array([own]));
                document.add_dict(function);
                let shading = Dict::new()
                    .with("ShadingType", 2)
                    .with("ColorSpace", name("DeviceGray"))
                    .with("Coords", array([0, 0, 9, 9]))
                    .with("Function", own);
                add_resource(document, "Shading", "X", shading);
                prepend_operators(document, b"q 0 0 9 9 re W n /X sh Q\n");
            },
        )
        .repairable(),
    ]
}
