//! Identifies the bank by a logo on the first page, if nothing else does.

use super::Policy;
use crate::pdf::{Budget, LimitHit, PageReader, Picture, PictureError, PictureSize};
use crate::statement::{Area, Facts, LogoHash, Shades, find_logos};

/// Adds the bank whose logo the first page shows, if the user's table has it.
///
/// The page is rendered, because a logo can be an image of any kind, or drawn.
pub(super) fn add(
    statement: &mut Facts,
    reader: &PageReader<'_>,
    policy: &Policy,
    budget: &Budget<'_>,
) -> Result<(), LimitHit> {
    if policy.logos.is_empty() || !statement.lacks_bank() {
        return Ok(());
    }
    let picture = match reader.draw(0, PictureSize::MAX, budget) {
        Ok(picture) => picture,
        Err(PictureError::Limit(hit)) => return Err(hit),
        Err(PictureError::NoSuchPage | PictureError::NeedsIsolation) => return Ok(()),
    };
    let pixels = shades(&picture);
    let page = page_of(&picture, &pixels);
    let areas = find_logos(page).into_iter().map(|(area, _)| area);
    let found: Vec<_> = areas
        .flat_map(|area| LogoHash::nearby(page, area))
        .collect();
    statement.add_logos(&found, &policy.logos, &policy.banks);
    Ok(())
}

/// Returns what may be logos on a page that was rendered in [`PictureSize::MAX`].
pub fn logos_of(picture: &Picture) -> Vec<(Area, LogoHash)> {
    find_logos(page_of(picture, &shades(picture)))
}

fn shades(picture: &Picture) -> Vec<u8> {
    picture.pixels().iter().copied().map(luminance).collect()
}

fn page_of<'p>(picture: &Picture, pixels: &'p [u8]) -> Shades<'p> {
    Shades {
        width: picture.width() as usize,
        pixels,
    }
}

/// Returns the luminance of a colour (ITU-R BT.601).
fn luminance(pixel: [u8; 3]) -> u8 {
    let [red, green, blue] = pixel.map(u32::from);
    let sum = (299 * red + 587 * green + 114 * blue) / 1000;
    u8::try_from(sum).unwrap_or(u8::MAX)
}
