//! How long each phase of a call may take.

use std::time::Duration;

/// Bounds on the phases of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Resolving the name, connecting, and TLS.
    pub connect: Duration,
    /// Between two pieces of the body that the connection takes.
    pub send_idle: Duration,
    /// From the last byte sent to the head of the answer. The service reads the whole PDF in it.
    pub answer: Duration,
    /// The body of the answer, from its first byte to its last.
    pub read: Duration,
    /// The whole call.
    pub total: Duration,
}

impl Default for Deadlines {
    /// Assumed, not measured: the service documents none. The total leaves time for 100 MB at a
    /// megabit a second.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            send_idle: Duration::from_mins(1),
            answer: Duration::from_mins(3),
            read: Duration::from_secs(30),
            total: Duration::from_mins(20),
        }
    }
}
