//! What the ledgers of two files of one account can be compared by.

use super::chain::{Chain, Segment};
use super::rows::{Change, Row};
use crate::statement::period::DateRange;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The ends of a ledger and a digest of each day. Balances are compared and never printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuity {
    /// The balance before the first transaction, in minor units.
    opening: i64,
    /// The balance after the last transaction, in minor units.
    closing: i64,
    /// By rising dates; days without transactions are left out.
    days: Vec<Day>,
}

/// The transactions of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    date: Date,
    /// Equal for the same amounts in any order.
    digest: u32,
}

impl Continuity {
    /// Returns the comparable facts of a ledger of one account with dates on all rows.
    pub(super) fn of(chain: &Chain, rows: &[Row]) -> Option<Self> {
        let [segment] = chain.segments.as_slice() else {
            return None;
        };
        Some(Self {
            opening: segment.opening?,
            closing: segment.closing?,
            days: days(segment, rows)?,
        })
    }

    /// Whether another ledger begins with the balance that this one ends with.
    pub fn continues_in(&self, next: &Self) -> bool {
        self.closing == next.opening
    }

    /// Returns the first day of a range whose transactions differ from those of another ledger.
    pub fn first_difference(&self, other: &Self, range: DateRange) -> Option<Date> {
        let within = |day: &&Day| day.date >= range.from && day.date <= range.to;
        let mut own = self.days.iter().filter(within).peekable();
        let mut others = other.days.iter().filter(within).peekable();
        loop {
            match (own.peek(), others.peek()) {
                (None, None) => return None,
                (Some(a), Some(b)) if a == b => {
                    own.next();
                    others.next();
                }
                (Some(a), Some(b)) => return Some(a.date.min(b.date)),
                (Some(day), None) | (None, Some(day)) => return Some(day.date),
            }
        }
    }

    /// Whether a transaction is dated from the first to the last day of a range.
    pub fn has_transactions_in(&self, range: DateRange) -> bool {
        let mut days = self.days.iter();
        days.any(|day| day.date >= range.from && day.date <= range.to)
    }
}

fn days(segment: &Segment, rows: &[Row]) -> Option<Vec<Day>> {
    let mut days: Vec<Day> = Vec::new();
    for row in segment
        .transactions
        .iter()
        .filter_map(|index| rows.get(*index))
    {
        let Some(Change::Signed(value)) = row.change else {
            return None;
        };
        days.push(Day {
            date: row.date?,
            digest: scramble(value),
        });
    }
    days.sort_by_key(|day| day.date);
    days.dedup_by(|next, day| {
        let is_same = next.date == day.date;
        if is_same {
            day.digest = day.digest.wrapping_add(next.digest);
        }
        is_same
    });
    Some(days)
}

/// Mixes the bits of an amount, so that sums of different amounts differ (the finalizer of
/// `SplitMix64`).
fn scramble(value: i64) -> u32 {
    let mut bits = value.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits >> 32) as u32
}
