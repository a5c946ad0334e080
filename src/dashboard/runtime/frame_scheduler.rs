//! Schedules frames: immediately after a key, rate-limited after anything else.

use std::time::{Duration, Instant};

/// Minimum interval between two frames.
const MIN_INTERVAL: Duration = Duration::from_millis(12);
/// Maximum bytes per second of progress updates over SSH.
const SSH_BYTES_PER_SECOND: f64 = 3000.0;

/// Decides when the next frame is due.
pub(super) struct FrameScheduler {
    ssh: bool,
    last: Option<Instant>,
    /// Until then, only urgent frames are drawn.
    throttled_until: Option<Instant>,
    requested: bool,
    urgent: bool,
}

impl FrameScheduler {
    pub(super) fn new(ssh: bool) -> Self {
        Self {
            ssh,
            last: None,
            throttled_until: None,
            requested: true,
            urgent: true,
        }
    }

    /// Requests a frame; it is `urgent` if the user waits for it.
    pub(super) fn request(&mut self, urgent: bool) {
        self.requested = true;
        self.urgent |= urgent;
    }

    /// Returns when the next frame is due; `None` if none is requested.
    pub(super) fn due(&self) -> Option<Instant> {
        if !self.requested {
            return None;
        }
        let earliest = self.last.and_then(|last| last.checked_add(MIN_INTERVAL));
        if self.urgent {
            earliest.or(self.last)
        } else {
            self.throttled_until.or(earliest)
        }
        .or(self.last)
    }

    /// Returns whether a frame is due.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.requested && self.due().is_none_or(|due| due <= now)
    }

    /// Records a drawn frame and its size.
    pub(super) fn drawn(&mut self, now: Instant, bytes: usize) {
        let mut pause = if self.ssh {
            Duration::from_millis(100)
        } else {
            Duration::from_millis(33)
        };
        if self.ssh {
            // Frames after a key barely delay the progress that follows.
            let cost = if self.urgent { bytes.min(300) } else { bytes };
            pause = pause.max(Duration::from_secs_f64(cost as f64 / SSH_BYTES_PER_SECOND));
        }
        self.last = Some(now);
        self.throttled_until = now.checked_add(pause);
        self.requested = false;
        self.urgent = false;
    }

    /// Postpones a frame that can't be written yet.
    pub(super) fn postpone(&mut self, now: Instant) {
        self.last = Some(now);
        self.throttled_until = now.checked_add(Duration::from_millis(50));
        self.urgent = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_draws_immediately_and_progress_is_throttled() {
        let start = super::super::event::now();
        let mut frames = FrameScheduler::new(true);
        assert!(frames.is_due(start));
        frames.drawn(start, 600);
        assert!(!frames.is_due(start) && frames.due().is_none());
        frames.request(false);
        assert!(!frames.is_due(start + Duration::from_millis(99)));
        frames.request(true);
        assert!(frames.is_due(start + MIN_INTERVAL));
    }

    #[test]
    fn a_large_frame_is_followed_by_a_longer_pause() {
        let start = super::super::event::now();
        let mut frames = FrameScheduler::new(true);
        frames.drawn(start, 10);
        frames.request(false);
        let later = start + Duration::from_millis(100);
        assert!(frames.is_due(later));
        frames.drawn(later, 3000);
        frames.request(false);
        assert!(!frames.is_due(later + Duration::from_millis(900)));
        assert!(frames.is_due(later + Duration::from_secs(1)));
    }
}
