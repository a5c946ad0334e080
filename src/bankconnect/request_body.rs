//! The request body: sent in chunks and counted as the connection accepts them.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes of one chunk. A multiple of three, so that each chunk is encoded as whole Base64 groups.
const CHUNK_BYTES: usize = 48 << 10;

/// A part of a body.
pub(super) enum BodyPart {
    /// Sent unchanged.
    Plain(Bytes),
    /// Sent as Base64, encoded chunk by chunk.
    Base64(Bytes),
}

impl BodyPart {
    /// Returns the length as sent.
    fn length(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Base64(bytes) => bytes.len().div_ceil(3) as u64 * 4,
        }
    }

    /// Removes and returns the next chunk, or `None` at the end.
    fn next_chunk(&mut self) -> Option<Bytes> {
        use base64::Engine as _;
        let (Self::Plain(bytes) | Self::Base64(bytes)) = self;
        if bytes.is_empty() {
            return None;
        }
        let chunk = bytes.split_to(bytes.len().min(CHUNK_BYTES));
        Some(match self {
            Self::Plain(_) => chunk,
            Self::Base64(_) => base64::engine::general_purpose::STANDARD
                .encode(chunk)
                .into(),
        })
    }
}

/// Called with the bytes handed over so far and the total.
type Observer = Box<dyn Fn(u64, u64) + Send + Sync>;
/// Called before the first byte is handed over, which waits for the future. An error ends the
/// request without sending any.
type StartHook = Box<dyn Fn() -> StartFuture + Send + Sync>;
/// The future that a start hook returns.
pub type StartFuture = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// Counts how much of one body was handed to the connection. Clones share the count.
#[derive(Clone, Default)]
pub struct BodyProgress(Arc<Counts>);

#[derive(Default)]
struct Counts {
    sent: AtomicU64,
    total: AtomicU64,
    /// Milliseconds from the start of the call to the last chunk.
    last_chunk_at: AtomicU64,
    observer: Option<Observer>,
    start_hook: Option<StartHook>,
}

impl BodyProgress {
    /// Creates a counter that calls `observer` after each chunk. The observer must be quick.
    pub fn with_observer(observer: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Counts {
            observer: Some(Box::new(observer)),
            ..Counts::default()
        }))
    }

    /// Creates a counter like [`BodyProgress::with_observer`] that also calls `start_hook` when the
    /// connection is established, and waits for its future before the first byte of the body.
    ///
    /// If the future fails, no byte of the body is sent.
    pub fn with_start_hook(
        start_hook: impl Fn() -> StartFuture + Send + Sync + 'static,
        observer: impl Fn(u64, u64) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Counts {
            observer: Some(Box::new(observer)),
            start_hook: Some(Box::new(start_hook)),
            ..Counts::default()
        }))
    }

    /// Returns the bytes of the body that the connection has accepted. The last of them may still
    /// be in a buffer.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Acquire)
    }

    /// Returns the length of the body; 0 before the call starts.
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Acquire)
    }

    /// Returns whether the last byte was handed over.
    ///
    /// Until then the service certainly cannot process the request. A call that is dropped later
    /// may have been processed.
    pub fn is_complete(&self) -> bool {
        self.total() > 0 && self.sent() == self.total()
    }

    /// Resets the counter for a body of `total` bytes.
    pub(super) fn begin(&self, total: u64) {
        // `total` last: `is_complete` requires it, and must not see the counts of an earlier call.
        self.0.sent.store(0, Ordering::Release);
        self.0.last_chunk_at.store(0, Ordering::Release);
        self.0.total.store(total, Ordering::Release);
    }

    /// Returns the time from the start of the call to the last chunk that was handed over.
    pub(super) fn last_chunk_at(&self) -> Duration {
        Duration::from_millis(self.0.last_chunk_at.load(Ordering::Acquire))
    }

    fn advance(&self, bytes: usize, since_start: Duration) {
        self.0
            .last_chunk_at
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
    parts: VecDeque<BodyPart>,
    /// Bytes that were not handed over yet.
    remaining: u64,
    progress: BodyProgress,
    started: Instant,
    /// Whether `poll_frame` has returned `Pending` before the last part.
    has_flushed: bool,
    start: Start,
}

/// The state of the start hook.
enum Start {
    /// It was not called yet.
    Pending,
    /// Its future is not ready. The mutex makes the body `Sync`; it is never locked.
    Running(Mutex<StartFuture>),
    Done,
}

impl RequestBody {
    pub(super) fn new(parts: Vec<BodyPart>, progress: BodyProgress, started: Instant) -> Self {
        let remaining = parts.iter().map(BodyPart::length).sum();
        progress.begin(remaining);
        Self {
            parts: parts.into(),
            remaining,
            progress,
            started,
            has_flushed: false,
            start: Start::Pending,
        }
    }

    /// Polls the start hook, if there is one.
    fn poll_start(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.start, Start::Pending) {
            let start_hook = self.progress.0.start_hook.as_ref();
            self.start = start_hook.map_or(Start::Done, |hook| Start::Running(Mutex::new(hook())));
        }
        let Start::Running(future) = &mut self.start else {
            return Poll::Ready(Ok(()));
        };
        let future = future.get_mut().unwrap_or_else(PoisonError::into_inner);
        let ended = std::task::ready!(future.as_mut().poll(context));
        self.start = Start::Done;
        Poll::Ready(ended)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // The connection polls the first chunk only after it is established.
        if let Err(error) = std::task::ready!(self.poll_start(context)) {
            return Poll::Ready(Some(Err(error)));
        }
        // The connection buffers chunks while more are ready. Returning `Pending` once before the
        // last part makes it write the buffer. A dead connection then fails while the request is
        // certainly incomplete.
        if self.parts.len() == 1 && !self.has_flushed {
            self.has_flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while let Some(part) = self.parts.front_mut() {
            if let Some(chunk) = part.next_chunk() {
                self.remaining -= chunk.len() as u64;
                self.progress.advance(chunk.len(), self.started.elapsed());
                return Poll::Ready(Some(Ok(Frame::data(chunk))));
            }
            self.parts.pop_front();
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    /// Returns all bytes of a body and how often it returned `Pending`.
    fn drain(mut body: RequestBody) -> (Vec<u8>, usize) {
        let (mut bytes, mut pending) = (Vec::new(), 0);
        loop {
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Ready(Some(Ok(frame))) => bytes.extend(frame.into_data().unwrap()),
                Poll::Ready(_) => return (bytes, pending),
                Poll::Pending => pending += 1,
            }
        }
    }

    #[test]
    fn a_failing_start_hook_sends_no_byte() {
        let fail = || -> StartFuture { Box::pin(async { Err(io::Error::other("failed")) }) };
        let progress = BodyProgress::with_start_hook(fail, |_, _| ());
        let parts = vec![BodyPart::Plain(Bytes::from_static(b"head"))];
        let mut body = RequestBody::new(parts, progress.clone(), Instant::now());
        let mut context = Context::from_waker(Waker::noop());
        let polled = Pin::new(&mut body).poll_frame(&mut context);
        assert!(matches!(polled, Poll::Ready(Some(Err(_)))));
        assert_eq!(progress.sent(), 0);
    }

    #[test]
    fn the_announced_length_is_sent_and_each_chunk_is_counted() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let progress = BodyProgress::with_observer(move |sent, _| sink.lock().unwrap().push(sent));
        let parts = vec![
            BodyPart::Plain(Bytes::from_static(b"head")),
            BodyPart::Base64(Bytes::from(vec![7; 2 * CHUNK_BYTES + 1])),
            BodyPart::Plain(Bytes::from_static(b"tail")),
        ];
        let body = RequestBody::new(parts, progress.clone(), Instant::now());
        let announced = body.size_hint().exact().unwrap();
        assert!(!progress.is_complete());
        let (bytes, pending) = drain(body);
        assert_eq!((bytes.len() as u64, pending), (announced, 1));
        assert!(progress.is_complete());
        assert_eq!(seen.lock().unwrap().last(), Some(&announced));
        assert_eq!(seen.lock().unwrap().len(), 5);
    }
}
