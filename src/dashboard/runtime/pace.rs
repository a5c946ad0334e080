//! When to draw: at once for a key, calmly for everything else.

use std::time::{Duration, Instant};

/// Frames are at least this far apart, whatever happens.
const LEAST: Duration = Duration::from_millis(12);
/// Bytes a second that progress may cost over SSH.
const SSH_BYTES: f64 = 3000.0;

/// Decides when the next frame is due.
pub(super) struct Pace {
    ssh: bool,
    last: Option<Instant>,
    /// Before then, only a key draws.
    calm_until: Option<Instant>,
    wanted: bool,
    urgent: bool,
}

impl Pace {
    pub(super) fn new(ssh: bool) -> Self {
        Self {
            ssh,
            last: None,
            calm_until: None,
            wanted: true,
            urgent: true,
        }
    }

    /// Something changed; `urgent` is what a person waits for.
    pub(super) fn want(&mut self, urgent: bool) {
        self.wanted = true;
        self.urgent |= urgent;
    }

    /// When to draw; `None` where there is nothing new.
    pub(super) fn due(&self) -> Option<Instant> {
        if !self.wanted {
            return None;
        }
        let least = self.last.and_then(|last| last.checked_add(LEAST));
        if self.urgent {
            least.or(self.last)
        } else {
            self.calm_until.or(least)
        }
        .or(self.last)
    }

    /// Whether to draw now.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.wanted && self.due().is_none_or(|due| due <= now)
    }

    /// A frame was drawn, and cost so many bytes.
    pub(super) fn drawn(&mut self, now: Instant, bytes: usize) {
        let mut calm = if self.ssh {
            Duration::from_millis(100)
        } else {
            Duration::from_millis(33)
        };
        if self.ssh {
            // What a key asked for is not held against the progress that follows.
            let cost = if self.urgent { bytes.min(300) } else { bytes };
            calm = calm.max(Duration::from_secs_f64(cost as f64 / SSH_BYTES));
        }
        self.last = Some(now);
        self.calm_until = now.checked_add(calm);
        self.wanted = false;
        self.urgent = false;
    }

    /// The frame could not be written yet.
    pub(super) fn put_off(&mut self, now: Instant) {
        self.last = Some(now);
        self.calm_until = now.checked_add(Duration::from_millis(50));
        self.urgent = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_answered_at_once_and_progress_calmly() {
        let start = super::super::event_loop::now();
        let mut pace = Pace::new(true);
        assert!(pace.is_due(start));
        pace.drawn(start, 600);
        assert!(!pace.is_due(start) && pace.due().is_none());
        pace.want(false);
        assert!(!pace.is_due(start + Duration::from_millis(99)));
        pace.want(true);
        assert!(pace.is_due(start + LEAST));
    }

    #[test]
    fn a_dear_frame_is_followed_by_a_longer_rest() {
        let start = super::super::event_loop::now();
        let mut pace = Pace::new(true);
        pace.drawn(start, 10);
        pace.want(false);
        let later = start + Duration::from_millis(100);
        assert!(pace.is_due(later));
        pace.drawn(later, 3000);
        pace.want(false);
        assert!(!pace.is_due(later + Duration::from_millis(900)));
        assert!(pace.is_due(later + Duration::from_secs(1)));
    }
}
