//! Real HTTP on a socket, with connections that can be broken on purpose.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Sandbox;
use super::wire::FAULT_HEADER;

/// Accepts connections until `shutdown` ends; open connections are then dropped.
///
/// # Errors
/// The error of the listener, when it can no longer accept.
pub async fn serve(sandbox: Sandbox, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Without it small answers wait a little longer; nothing else depends on it.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(sandbox.clone(), stream));
                }
                // A client that was killed between connecting and being accepted is no reason to stop.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            },
            // Finished connections are collected so that a long rehearsal does not grow.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream) {
    let cut = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Cuttable { stream, cut: Arc::clone(&cut) });
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let (sandbox, cut) = (sandbox.clone(), Arc::clone(&cut));
        async move {
            let response = sandbox.respond(request.map(axum::body::Body::new)).await;
            if response.headers().contains_key(FAULT_HEADER) {
                cut.store(true, Ordering::SeqCst);
                // An error of the service makes the HTTP layer drop the connection without a byte of answer.
                return Err(io::Error::from(io::ErrorKind::ConnectionReset));
            }
            Ok(response)
        }
    });
    // A connection that ends in an error is the client's business or a fault made on purpose.
    let _ = http1::Builder::new().serve_connection(io, service).await;
}

/// A stream that is reset, not closed politely, once `cut` is set.
struct Cuttable {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Drop for Cuttable {
    fn drop(&mut self) {
        if self.cut.load(Ordering::SeqCst) {
            // Zero linger makes the close an RST. If the system refuses, the peer still sees a close with no answer.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.cut.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A body that ends before the length its header promised; its own length is therefore unknown.
pub struct Half {
    bytes: Option<Bytes>,
    paused: bool,
}

impl Half {
    /// The bytes that do arrive.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Some(Bytes::from(bytes)), paused: false }
    }
}

impl Body for Half {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.paused {
            // The HTTP layer writes out what it holds while it waits; without this pause it would see the
            // missing rest first and drop the first half as well.
            self.paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(None)
    }
}
