//! TCP connections that a fault can reset.
//!
//! A normal close sends FIN, which clients read as the end of the response. Some faults need a
//! reset (RST) instead.

use axum::extract::connect_info::Connected;
use axum::serve::{self, IncomingStream};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Delay before the next attempt when `accept` fails, for example without free descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Accepts resettable connections.
pub(super) struct Listener(TcpListener);

impl Listener {
    pub(super) fn new(listener: std::net::TcpListener) -> io::Result<Self> {
        TcpListener::from_std(listener).map(Self)
    }
}

impl serve::Listener for Listener {
    type Io = ResettableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ResettableStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    let handle = ResetHandle::default();
                    return (ResettableStream { stream, handle }, address);
                }
                // Errors such as exhausted file descriptors are temporary.
                Err(_exhausted) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Resets a connection from within a request handler; shared by all requests of the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct ResetHandle(Arc<AtomicBool>);

impl ResetHandle {
    /// Resets the connection at its next read or write, such as writing the response.
    pub(super) fn reset(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Listener>> for ResetHandle {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().handle.clone()
    }
}

/// A TCP stream that fails every operation once its handle is reset.
pub(super) struct ResettableStream {
    stream: TcpStream,
    handle: ResetHandle,
}

impl ResettableStream {
    fn check_reset(&self) -> io::Result<()> {
        if self.handle.0.load(Ordering::Acquire) {
            // With zero linger, closing the socket sends RST and discards unsent data.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_reset()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_reset()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_reset()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_reset()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_reset()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
