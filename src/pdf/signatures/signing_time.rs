//! The time of a signature, with the offset from UTC that the signer states.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use std::fmt;

/// A time with an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SigningTime {
    offset: Offset,
    timestamp: Timestamp,
}

impl SigningTime {
    pub(super) fn utc(timestamp: Timestamp) -> Self {
        Self {
            offset: Offset::UTC,
            timestamp,
        }
    }

    /// Parses a date string (ISO 32000-2, 7.9.4), such as `D:20250124100000+05'30'`. A date without
    /// an offset is in UTC.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let text = text.strip_prefix("D:").unwrap_or(text);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, zone) = text.split_at_checked(digits)?;
        let year = digits.get(..4)?.parse().ok()?;
        let part = |index: usize, default: i8| match digits.get(4 + 2 * index..6 + 2 * index) {
            Some(part) => part.parse().ok(),
            None => Some(default),
        };
        let (month, day) = (part(0, 1)?, part(1, 1)?);
        let (hour, minute, second) = (part(2, 0)?, part(3, 0)?, part(4, 0)?);
        let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let sign = match zone.bytes().next() {
            Some(b'-') => -1,
            _ => 1,
        };
        let mut parts = zone.split(|c: char| !c.is_ascii_digit());
        let mut parts = parts.by_ref().filter(|part| !part.is_empty());
        let mut number = || parts.next().and_then(|part| part.parse::<i32>().ok());
        let (hours, minutes) = (number().unwrap_or(0), number().unwrap_or(0));
        if hours >= 24 || minutes >= 60 {
            return None;
        }
        let offset = Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()?;
        Some(Self {
            offset,
            timestamp: offset.to_timestamp(local).ok()?,
        })
    }

    pub(super) fn timestamp(self) -> Timestamp {
        self.timestamp
    }
}

impl fmt::Display for SigningTime {
    /// Writes the time as RFC 3339.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.offset == Offset::UTC {
            return write!(f, "{}", self.timestamp);
        }
        write!(f, "{}", self.timestamp.display_with_offset(self.offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_their_offset() {
        let check = |text: &str, expected: Option<&str>| {
            let time = SigningTime::parse(text.as_bytes());
            assert_eq!(time.map(|time| time.to_string()).as_deref(), expected);
            let timestamp = expected.map(|text| text.parse::<Timestamp>().unwrap());
            assert_eq!(time.map(SigningTime::timestamp), timestamp, "{text}");
        };
        check("D:20250124100000+05'30'", Some("2025-01-24T10:00:00+05:30"));
        check("D:20250124100000-08'00", Some("2025-01-24T10:00:00-08:00"));
        check("D:20250124100000Z00'00'", Some("2025-01-24T10:00:00Z"));
        check("D:20250124", Some("2025-01-24T00:00:00Z"));
        check("20250124100000Z", Some("2025-01-24T10:00:00Z"));
        check("D:20251324100000Z", None);
        check("yesterday", None);
    }
}
