//! The one place where an HTTP client is built.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret as _;

use super::{Answer, Body, Call, Lost, MAX_BODY, Proof, Transport};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for a whole answer; Meta's slowest measured reads take 8.5 s (`platforms/meta.md` 1).
const WHOLE: Duration = Duration::from_secs(30);
/// A kept connection that was silent for longer is not used for a write: if the platform closed it
/// meanwhile, the result of the write would be unknown for nothing.
const IDLE_WRITE: Duration = Duration::from_secs(4);
/// The same for reads, where a lost answer costs one repeated poll.
const IDLE_READ: Duration = Duration::from_secs(55);

/// Real HTTP: system certificates, proxy from the environment, no redirect, no retry, only the hosts given.
pub struct HttpTransport {
    reads: reqwest::Client,
    writes: reqwest::Client,
    hosts: BTreeSet<String>,
}

impl HttpTransport {
    /// A transport that talks to the hosts of these base addresses and to no other.
    ///
    /// # Errors
    /// When an address cannot be read or the TLS machinery of the system cannot be set up.
    pub fn new<'a>(bases: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        let hosts = bases
            .into_iter()
            .map(|base| origin(base).ok_or_else(|| anyhow::anyhow!("{base} is not an address")))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { reads: build(IDLE_READ)?, writes: build(IDLE_WRITE)?, hosts })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where an HTTP client is built")]
fn build(idle: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent(concat!("formez101/", env!("CARGO_PKG_VERSION")))
        // A redirect would carry the token elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .pool_idle_timeout(idle)
        .tcp_nodelay(true)
        .build()
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<String> {
    let url = reqwest::Url::parse(address).ok()?;
    url.host_str()?;
    Some(url.origin().ascii_serialization())
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: Call) -> Result<Answer, Lost> {
        if !origin(&call.url).is_some_and(|origin| self.hosts.contains(&origin)) {
            return Err(Lost::Forbidden);
        }
        let client = if call.writes() { &self.writes } else { &self.reads };
        let mut request = client.request(call.method, call.url).query(&call.query).headers(authorization(&call.proof)?);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        request = match call.body {
            None => request,
            Some(Body::Form(fields)) => request.form(&fields),
            Some(Body::Encoded(form)) => {
                request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
            }
            Some(Body::Json(json)) => request.header(header::CONTENT_TYPE, "application/json").body(json.to_string()),
        };
        let response = request.send().await.map_err(|error| lost(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: whole_body(response).await? })
    }
}

fn authorization(proof: &Proof) -> Result<HeaderMap, Lost> {
    let value = match proof {
        Proof::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        Proof::Header(value) => value.expose_secret().to_owned(),
        Proof::None => return Ok(HeaderMap::new()),
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| Lost::Forbidden)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
}

/// A failure to connect proves that nothing left; every other failure proves nothing.
fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() || error.is_builder() { Lost::NotSent } else { Lost::Unknown }
}

async fn whole_body(mut response: reqwest::Response) -> Result<Bytes, Lost> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Lost::Unknown)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Lost::Unknown);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
