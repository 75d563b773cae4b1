//! The address on this machine to which a platform sends the browser back.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use http::{Method, Request, Response, StatusCode, header};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use oauth2::url::Url;
use secrecy::SecretString;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::auth::{Consent, NoCode};

/// What a browser brought.
pub type Arrival = Result<SecretString, NoCode>;

/// Listens until it is dropped.
pub struct Listener {
    arrivals: mpsc::Receiver<Arrival>,
    accepting: tokio::task::AbortHandle,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener {
    /// Listens at the redirect address of a consent; its host must be this machine.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn open(consent: &Consent) -> io::Result<Self> {
        let unfit = || io::Error::new(io::ErrorKind::InvalidInput, "not a plain http address of this machine");
        let url = Url::parse(&consent.redirect).ok().filter(|url| url.scheme() == "http" && super::is_loopback(url));
        let addresses = url.ok_or_else(unfit)?.socket_addrs(|| None)?;
        let socket = TcpListener::bind(addresses.as_slice()).await?;
        let (sender, arrivals) = mpsc::channel(16);
        let consent = Arc::new(consent.clone());
        let accepting = tokio::spawn(async move {
            loop {
                // A browser opens connections in advance and leaves them silent, so each has a task of its own.
                if let Ok((stream, _)) = socket.accept().await {
                    tokio::spawn(connection(stream, Arc::clone(&consent), sender.clone()));
                }
            }
        });
        Ok(Self { arrivals, accepting: accepting.abort_handle() })
    }

    /// Waits for the next browser that is sent back.
    pub async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }
}

/// Answers one connection, and only then passes on what it brought: the human must see the page.
async fn connection(stream: TcpStream, consent: Arc<Consent>, sender: mpsc::Sender<Arrival>) {
    let brought: Mutex<Option<Arrival>> = Mutex::new(None);
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let arrival = read(&request, &consent);
        let response = page(arrival.as_ref());
        if arrival.is_some() {
            *brought.lock().unwrap_or_else(PoisonError::into_inner) = arrival;
        }
        async { Ok::<_, Infallible>(response) }
    });
    // A connection that ends in an error is the browser's business.
    let _ = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
    if let Some(arrival) = brought.into_inner().unwrap_or_else(PoisonError::into_inner) {
        // Nobody listens any more once a code was taken.
        let _ = sender.send(arrival).await;
    }
}

/// What a request brings; `None` when it is for something else, such as an icon.
fn read<B>(request: &Request<B>, consent: &Consent) -> Option<Arrival> {
    let redirect = Url::parse(&consent.redirect).ok()?;
    if request.method() != Method::GET || request.uri().path() != redirect.path() {
        return None;
    }
    let asked = redirect.join(request.uri().path_and_query()?.as_str()).ok()?;
    Some(consent.code(asked.as_str()))
}

fn page(arrival: Option<&Arrival>) -> Response<String> {
    let (status, text) = match arrival {
        Some(Ok(_)) => (StatusCode::OK, "formez101 has what it needs. Close this page and go back to the terminal.\n"),
        Some(Err(NoCode::Refused(_))) => (StatusCode::OK, "Nothing was granted. Go back to the terminal.\n"),
        Some(Err(_)) => (StatusCode::BAD_REQUEST, "This page belongs to another attempt. Go back to the terminal.\n"),
        None => (StatusCode::NOT_FOUND, "There is nothing here.\n"),
    };
    let mut response = Response::new(text.to_owned());
    *response.status_mut() = status;
    let fields = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    response.headers_mut().extend(fields.map(|(name, value)| (name, header::HeaderValue::from_static(value))));
    response
}
