//! Affine transformations and upright boxes in page coordinates (ISO 32000-2, 8.3.4).

/// `[a b c d e f]`: `x' = ax + cy + e`, `y' = bx + dy + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pdf) struct Matrix(pub(in crate::pdf) [f32; 6]);

/// Slope up to which a box counts as upright: about one degree.
const MAX_SKEW: f32 = 0.02;

impl Matrix {
    pub(in crate::pdf) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(in crate::pdf) fn translate(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// Returns the transformation that applies `self` first and `outer` second.
    #[must_use]
    pub(in crate::pdf) fn then(self, outer: Self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let [oa, ob, oc, od, oe, of] = outer.0;
        Self([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    /// Returns this matrix with the origin moved to `(x, y)`, in its own coordinates.
    #[must_use]
    pub(in crate::pdf) fn translated(self, x: f32, y: f32) -> Self {
        let [a, b, c, d, ..] = self.0;
        let (e, f) = self.apply(x, y);
        Self([a, b, c, d, e, f])
    }

    /// Returns this matrix with the origin `(e, f)`, in the outer coordinates.
    #[must_use]
    pub(in crate::pdf) fn with_origin(self, e: f32, f: f32) -> Self {
        let [a, b, c, d, ..] = self.0;
        Self([a, b, c, d, e, f])
    }

    /// Whether an upright box stays upright, apart from the skew of a scan.
    pub(in crate::pdf) fn is_upright(self) -> bool {
        let [a, b, c, d, ..] = self.0.map(f32::abs);
        let (straight, crossed) = (a.max(d), b.max(c));
        straight.min(crossed) <= MAX_SKEW * straight.max(crossed)
    }

    /// Transforms a point.
    pub(in crate::pdf) fn apply(self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// Returns the bounding box of a transformed box.
    pub(in crate::pdf) fn apply_to_area(self, area: Area) -> Area {
        let corners = [
            self.apply(area.x0, area.y0),
            self.apply(area.x1, area.y0),
            self.apply(area.x0, area.y1),
            self.apply(area.x1, area.y1),
        ];
        corners
            .into_iter()
            .fold(Area::EMPTY, |area, (x, y)| area.extended_to(x, y))
    }
}

/// An upright box; empty if `x1 < x0` or `y1 < y0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pdf) struct Area {
    pub(in crate::pdf) x0: f32,
    pub(in crate::pdf) y0: f32,
    pub(in crate::pdf) x1: f32,
    pub(in crate::pdf) y1: f32,
}

impl Area {
    /// The page of the tests.
    #[cfg(test)]
    pub(in crate::pdf) const PAGE: Self = Self {
        x0: 0.0,
        y0: 0.0,
        x1: 600.0,
        y1: 800.0,
    };

    /// The box that contains no point.
    pub(in crate::pdf) const EMPTY: Self = Self {
        x0: f32::INFINITY,
        y0: f32::INFINITY,
        x1: f32::NEG_INFINITY,
        y1: f32::NEG_INFINITY,
    };

    /// The unit square.
    pub(in crate::pdf) const UNIT: Self = Self {
        x0: 0.0,
        y0: 0.0,
        x1: 1.0,
        y1: 1.0,
    };

    /// Returns the smallest box that contains this box and a point.
    #[must_use]
    pub(in crate::pdf) fn extended_to(self, x: f32, y: f32) -> Self {
        Self {
            x0: self.x0.min(x),
            y0: self.y0.min(y),
            x1: self.x1.max(x),
            y1: self.y1.max(y),
        }
    }

    /// Returns the overlap of two boxes, which may be empty.
    #[must_use]
    pub(in crate::pdf) fn intersect(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    pub(in crate::pdf) fn center(self) -> (f32, f32) {
        (
            f32::midpoint(self.x0, self.x1),
            f32::midpoint(self.y0, self.y1),
        )
    }

    pub(in crate::pdf) fn contains(self, x: f32, y: f32) -> bool {
        self.x0 <= x && x <= self.x1 && self.y0 <= y && y <= self.y1
    }

    /// Returns the size in square points; 0 if the box is empty.
    pub(in crate::pdf) fn size(self) -> f32 {
        (self.x1 - self.x0).max(0.0) * (self.y1 - self.y0).max(0.0)
    }

    pub(in crate::pdf) fn is_empty(self) -> bool {
        self.x1 < self.x0 || self.y1 < self.y0
    }
}
