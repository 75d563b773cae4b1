//! Where a running zone can be looked at: a socket in its state folder, and a port of this machine where the file asks for one.
//!
//! Only the owner of the state folder and root can open the socket. Neither way changes anything or names anybody.

use std::{
    convert::Infallible,
    fs::{self, Permissions},
    io,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, UnixListener, UnixStream},
    sync::Semaphore,
    task::JoinSet,
};
use tracing::warn;

use crate::{
    clock::Clock,
    service::watch::{Pulse, Watch, metrics},
};

/// The socket's name in the state folder.
const SOCKET: &str = "status.sock";

/// Who has not asked and read within this time is let go.
const LONGEST: Duration = Duration::from_secs(10);
/// The pause after a look that could not be let in.
const AGAIN: Duration = Duration::from_secs(1);
/// So many look at a time.
const MOST: usize = 8;

/// Both ways in, and the sign of life that goes out.
pub struct Window(JoinSet<()>);

impl Window {
    /// Opens them. What cannot be opened is told once and left closed: citizens are answered all the same.
    pub fn open(watch: &Watch, folder: &Path, listen: Option<SocketAddr>, pulse: Option<Pulse>) -> Self {
        let mut ways = JoinSet::new();
        let socket = folder.join(SOCKET);
        match bound(&socket) {
            Ok(listener) => drop(ways.spawn(Way::Socket(listener).serve(watch.clone()))),
            Err(error) => {
                warn!(socket = %socket.display(), %error, "`formez101 status` cannot ask the running service");
            }
        }
        match listen.map(|address| (address, port(address))) {
            Some((_, Ok(listener))) => drop(ways.spawn(Way::Port(listener).serve(watch.clone()))),
            Some((address, Err(error))) => warn!(%address, %error, "the address of [health] cannot be listened on"),
            None => {}
        }
        if let Some(pulse) = pulse {
            ways.spawn(pulse.run(watch.clone()));
        }
        Self(ways)
    }

    /// Closes them, so that the same port can be opened again at once.
    pub async fn close(mut self) {
        self.0.shutdown().await;
    }
}

/// What a running zone shows at a path, such as `/status`, asked from outside through its socket.
///
/// # Errors
/// What the system says: `NotFound` and `ConnectionRefused` when no service runs there.
pub async fn ask(clock: Clock, folder: &Path, path: &str) -> io::Result<String> {
    let asked = async {
        let mut stream = UnixStream::connect(folder.join(SOCKET)).await?;
        // With HTTP/1.0 the answer ends with the connection, and its headers are of no interest.
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        body.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    clock.within(LONGEST, asked).await.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
}

/// The state folder is locked, so that a socket that lies there belongs to nobody any more.
fn bound(socket: &PathBuf) -> io::Result<UnixListener> {
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn port(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// A way in.
enum Way {
    Socket(UnixListener),
    Port(TcpListener),
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Way {
    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        Ok(match self {
            Self::Socket(listener) => Box::new(listener.accept().await?.0),
            Self::Port(listener) => Box::new(listener.accept().await?.0),
        })
    }

    async fn serve(self, watch: Watch) {
        let (places, mut lookers) = (Arc::new(Semaphore::new(MOST)), JoinSet::new());
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            while lookers.try_join_next().is_some() {}
            match self.accept().await {
                Ok(stream) => {
                    let watch = watch.clone();
                    lookers.spawn(async move {
                        let _place = place;
                        shown(watch, stream).await;
                    });
                }
                // Out of descriptors, perhaps: asking at once again would not help.
                Err(_) => watch.clock.sleep(AGAIN).await,
            }
        }
    }
}

async fn shown(watch: Watch, stream: Box<dyn Stream>) {
    let clock = watch.clock;
    let answer = service_fn(move |request: Request<Incoming>| {
        let watch = watch.clone();
        async move { Ok::<_, Infallible>(answer(&watch, &request).await) }
    });
    // Who breaks off has seen enough.
    let _ = clock
        .within(LONGEST, http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), answer))
        .await;
}

async fn answer(watch: &Watch, request: &Request<Incoming>) -> Response<String> {
    const PLAIN: &str = "text/plain; charset=utf-8";
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return page(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "only GET\n".to_owned());
    }
    let standing = |well: bool| if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match request.uri().path() {
        "/healthz" => {
            let ailments = watch.state().await.ailments();
            let text = if ailments.is_empty() { "well\n".to_owned() } else { ailments.join("\n") + "\n" };
            page(standing(ailments.is_empty()), PLAIN, text)
        }
        "/readyz" => {
            let ready = watch.state().await.is_ready();
            let text = if ready { "ready\n" } else { "not every feed has been read yet\n" };
            page(standing(ready), PLAIN, text.to_owned())
        }
        "/metrics" => page(StatusCode::OK, metrics::CONTENT_TYPE, metrics::text(&watch.state().await)),
        "/status" => match serde_json::to_string_pretty(&watch.state().await) {
            Ok(text) => page(StatusCode::OK, "application/json", text + "\n"),
            Err(error) => page(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, format!("{error}\n")),
        },
        _ => page(StatusCode::NOT_FOUND, PLAIN, "/healthz /readyz /metrics /status\n".to_owned()),
    }
}

fn page(status: StatusCode, kind: &'static str, text: String) -> Response<String> {
    let mut response = Response::new(text);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
