//! Digests of the images that a page may draw: an image is known again by them, whatever the text
//! around it says.

use super::filter::{self, Undecodable};
use super::limits::{Budget, LimitHit};
use hayro_syntax::Filter;
use hayro_syntax::object::{Name, Stream};
use hayro_syntax::page::Page;
use sha2::{Digest, Sha256};

/// Images of one page that are looked at.
const MOST_IMAGES: usize = 64;
/// Bytes of the largest image that is decoded.
const MOST_BYTES: usize = 4 << 20;

/// The SHA-256 of an image's data: JPEG data as stored, other data decoded.
pub type ImageDigest = [u8; 32];

/// The digests of a page's images of wanted sizes, in pixels.
///
/// # Errors
///
/// When the document's budget is used up.
pub(super) fn digests(
    page: &Page<'_>,
    wanted: &dyn Fn(u32, u32) -> bool,
    budget: &mut Budget<'_>,
) -> Result<Vec<ImageDigest>, LimitHit> {
    let objects = &page.resources().x_objects;
    let mut digests = Vec::new();
    for key in objects.keys().take(MOST_IMAGES) {
        let Some(stream) = objects.get::<Stream<'_>>(&*key) else {
            continue;
        };
        let dict = stream.dict();
        let is_image = dict.get::<Name<'_>>("Subtype").as_deref() == Some(b"Image");
        let side = |key| dict.get::<u32>(key).unwrap_or(0);
        if !is_image || !wanted(side("Width"), side("Height")) {
            continue;
        }
        let data = if stream.filters().as_slice() == [Filter::DctDecode] {
            stream.raw_data().into_owned()
        } else {
            match filter::decode(&stream, MOST_BYTES, budget) {
                Ok(data) => data,
                Err(Undecodable::Limit(hit @ LimitHit::Time(_))) => return Err(hit),
                Err(_) => continue,
            }
        };
        digests.push(Sha256::digest(&data).into());
    }
    Ok(digests)
}
