//! The body on its way out: in pieces, counted as the connection takes them.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes handed over at a time; a multiple of three, so that each piece ends a group of base64.
const PIECE: usize = 48 << 10;

/// A part of a body.
pub(super) enum Part {
    /// Sent as it is.
    Plain(Bytes),
    /// Sent in base64, encoded piece by piece.
    Base64(Bytes),
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Base64(bytes) => bytes.len().div_ceil(3) as u64 * 4,
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        use base64::Engine as _;
        let (Self::Plain(bytes) | Self::Base64(bytes)) = self;
        if bytes.is_empty() {
            return None;
        }
        let piece = bytes.split_to(bytes.len().min(PIECE));
        Some(match self {
            Self::Plain(_) => piece,
            Self::Base64(_) => base64::engine::general_purpose::STANDARD
                .encode(piece)
                .into(),
        })
    }
}

/// Called with the bytes handed over so far and the bytes in all.
type Observer = Box<dyn Fn(u64, u64) + Send + Sync>;
/// Called before the first byte is handed over; an error ends the request without any.
type Gate = Box<dyn Fn() -> io::Result<()> + Send + Sync>;

/// How much of one body was handed to the connection. Clones share the count.
#[derive(Clone, Default)]
pub struct BodyProgress(Arc<Counts>);

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    total: AtomicU64,
    /// Milliseconds from the start of the call to the last piece.
    moved: AtomicU64,
    observer: Option<Observer>,
    gate: Option<Gate>,
}

impl BodyProgress {
    /// Counts and tells `observer` after every piece; it must be quick.
    pub fn with_observer(observer: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Counts {
            observer: Some(Box::new(observer)),
            ..Counts::default()
        }))
    }

    /// As [`BodyProgress::with_observer`], and asks `gate` once there is a connection, before the first byte
    /// of the body. Where that fails, no byte of the body is sent.
    pub fn with_start_hook(
        gate: impl Fn() -> io::Result<()> + Send + Sync + 'static,
        observer: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Counts {
            observer: Some(Box::new(observer)),
            gate: Some(Box::new(gate)),
            ..Counts::default()
        }))
    }

    /// Bytes of the body that the connection has taken, not yet necessarily sent.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Acquire)
    }

    /// Bytes of the body in all; 0 before the call begins.
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Acquire)
    }

    /// Whether the last byte was handed over. Until then the request certainly can't be processed;
    /// a call that is dropped later may have been.
    pub fn is_complete(&self) -> bool {
        self.total() > 0 && self.sent() == self.total()
    }

    pub(super) fn begin(&self, total: u64) {
        self.0.sent.store(0, Ordering::Release);
        self.0.moved.store(0, Ordering::Release);
        self.0.total.store(total, Ordering::Release);
    }

    /// From the start of the call to the last piece handed over.
    pub(super) fn moved(&self) -> Duration {
        Duration::from_millis(self.0.moved.load(Ordering::Acquire))
    }

    fn advance(&self, bytes: usize, since_start: Duration) {
        self.0
            .moved
            .store(since_start.as_millis() as u64, Ordering::Release);
        let before = self.0.sent.fetch_add(bytes as u64, Ordering::AcqRel);
        if let Some(observer) = &self.0.observer {
            observer(before + bytes as u64, self.total());
        }
    }
}

impl fmt::Debug for BodyProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyProgress({} of {})", self.sent(), self.total())
    }
}

/// A body of known length.
pub(super) struct RequestBody {
    parts: VecDeque<Part>,
    left: u64,
    progress: BodyProgress,
    started: Instant,
    flushed: bool,
}

impl RequestBody {
    pub(super) fn new(parts: Vec<Part>, progress: BodyProgress, started: Instant) -> Self {
        let left = parts.iter().map(Part::length).sum();
        progress.begin(left);
        Self {
            parts: parts.into(),
            left,
            progress,
            started,
            flushed: false,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.progress.sent() == 0
            && let Some(gate) = &self.progress.0.gate
            && let Err(refused) = gate()
        {
            return Poll::Ready(Some(Err(refused)));
        }
        // The connection gathers pieces as long as more are ready. Waiting a turn before the last
        // part makes it write what it has, so that a connection already dead shows it while the
        // request is certainly not whole.
        if self.parts.len() == 1 && !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while let Some(part) = self.parts.front_mut() {
            if let Some(piece) = part.next() {
                self.left -= piece.len() as u64;
                self.progress.advance(piece.len(), self.started.elapsed());
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            self.parts.pop_front();
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::task::Waker;

    /// Everything a body gives, and how often it made the connection wait.
    fn drain(mut body: RequestBody) -> (Vec<u8>, usize) {
        let (mut bytes, mut waits) = (Vec::new(), 0);
        loop {
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => bytes.extend(frame.into_data().unwrap()),
                Poll::Ready(_) => return (bytes, waits),
                Poll::Pending => waits += 1,
            }
        }
    }

    #[test]
    fn a_gate_that_stays_shut_lets_no_byte_out() {
        let progress = BodyProgress::with_start_hook(|| Err(io::Error::other("shut")), |_, _| ());
        let parts = vec![Part::Plain(Bytes::from_static(b"head"))];
        let mut body = RequestBody::new(parts, progress.clone(), Instant::now());
        let mut context = Context::from_waker(Waker::noop());
        let polled = Pin::new(&mut body).poll_frame(&mut context);
        assert!(matches!(polled, Poll::Ready(Some(Err(_)))));
        assert_eq!(progress.sent(), 0);
    }

    #[test]
    fn the_length_told_is_the_length_sent_and_every_piece_is_counted() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let progress = BodyProgress::with_observer(move |sent, _| sink.lock().unwrap().push(sent));
        let parts = vec![
            Part::Plain(Bytes::from_static(b"head")),
            Part::Base64(Bytes::from(vec![7; 2 * PIECE + 1])),
            Part::Plain(Bytes::from_static(b"tail")),
        ];
        let body = RequestBody::new(parts, progress.clone(), Instant::now());
        let told = body.size_hint().exact().unwrap();
        assert!(!progress.is_complete());
        let (bytes, waits) = drain(body);
        assert_eq!((bytes.len() as u64, waits), (told, 1));
        assert!(progress.is_complete());
        assert_eq!(seen.lock().unwrap().last(), Some(&told));
        assert_eq!(seen.lock().unwrap().len(), 5);
    }
}
