//! The OAuth library on our transport: its hosts, its limits, no redirects.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenUrl,
    basic::{BasicClient, BasicErrorResponseType, BasicRequestTokenError, BasicTokenResponse},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::Consent;
use crate::{
    clock::Clock,
    http::{Body, Call, Failure, Lost, Proof, Transport, retry_after},
};

/// The application that asks for tokens.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where tokens are given and renewed.
    pub token_url: String,
    /// The application.
    pub id: String,
    /// The secret of a confidential client; a public one has none.
    pub secret: Option<SecretString>,
    /// Whether the secret goes into the body instead of the header.
    pub secret_in_body: bool,
}

/// The library's client once it knows its two addresses.
type Ready = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

impl Client {
    /// The library's client; `authorize_url` is where the human is sent.
    fn library(&self, authorize_url: &str) -> Result<Ready, Failure> {
        let wrong = |_| Failure::Bug { code: "address of the login".into() };
        let client = BasicClient::new(ClientId::new(self.id.clone()))
            .set_auth_uri(AuthUrl::new(authorize_url.to_owned()).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(self.token_url.clone()).map_err(wrong)?)
            .set_auth_type(if self.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth });
        Ok(match &self.secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
            None => client,
        })
    }

    /// The way to the platform's `page`, with a state of its own and, with `pkce`, a proof that only we can redeem the
    /// code. `scope` is written as the platform wants it: with spaces or with commas.
    ///
    /// # Errors
    /// [`Failure::Bug`] when an address cannot be read.
    pub fn consent(
        &self,
        page: &str,
        redirect: &str,
        scope: &str,
        pkce: bool,
        more: &[(&'static str, &str)],
    ) -> Result<Consent, Failure> {
        let back = RedirectUrl::new(redirect.to_owned())
            .map_err(|_| Failure::Bug { code: "the redirect address cannot be read".into() })?;
        let library = self.library(page)?.set_redirect_uri(back);
        let mut request = library.authorize_url(CsrfToken::new_random);
        if !scope.is_empty() {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        for (name, value) in more {
            request = request.add_extra_param(*name, *value);
        }
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let verifier = pkce.then(|| verifier.into_secret().into());
        if pkce {
            request = request.set_pkce_challenge(challenge);
        }
        let (address, state) = request.url();
        let state = state.into_secret().into();
        Ok(Consent { address: address.into(), redirect: redirect.to_owned(), state, verifier })
    }

    /// Turns a code into tokens; it works once.
    ///
    /// # Errors
    /// As [`super::Issuer::renew`].
    pub async fn redeem(
        &self,
        transport: &Arc<dyn Transport>,
        clock: Clock,
        consent: &Consent,
        code: &SecretString,
    ) -> Result<BasicTokenResponse, Failure> {
        let back = RedirectUrl::new(consent.redirect.clone())
            .map_err(|_| Failure::Bug { code: "the redirect address cannot be read".into() })?;
        let library = self.library(&self.token_url)?.set_redirect_uri(back);
        let mut request = library.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        if let Some(verifier) = &consent.verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        let send = |request| exchange(Arc::clone(transport), clock, request);
        request.request_async(&send).await.map_err(meaning)
    }

    /// Spends a refresh token.
    ///
    /// # Errors
    /// As [`super::Issuer::renew`].
    pub async fn refresh(
        &self,
        transport: &Arc<dyn Transport>,
        clock: Clock,
        refresh: &SecretString,
    ) -> Result<BasicTokenResponse, Failure> {
        let library = self.library(&self.token_url)?;
        let old = RefreshToken::new(refresh.expose_secret().to_owned());
        let send = |request| exchange(Arc::clone(transport), clock, request);
        library.exchange_refresh_token(&old).request_async(&send).await.map_err(meaning)
    }
}

/// No token came back.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Lost(Lost),
    #[error("too many calls")]
    TooMany(Option<Timestamp>),
    #[error("trouble on the platform's side")]
    Theirs,
}

/// What an answer of the token endpoint means (`platforms/x.md` 1 and 5).
fn meaning(error: BasicRequestTokenError<Trouble>) -> Failure {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                Failure::Stopped { code: "the application was refused".into() }
            }
            _ => Failure::LoginNeeded { code: "the token was refused".into() },
        },
        RequestTokenError::Request(Trouble::Lost(Lost::NotSent)) => Failure::later("no connection"),
        RequestTokenError::Request(Trouble::Lost(Lost::Unknown)) => Failure::unknown("no answer"),
        RequestTokenError::Request(Trouble::Lost(Lost::Forbidden)) => Failure::Bug { code: "host not allowed".into() },
        RequestTokenError::Request(Trouble::TooMany(at)) => Failure::Later { at, code: "too many calls".into() },
        RequestTokenError::Request(Trouble::Theirs) => Failure::unknown("trouble on the platform's side"),
        RequestTokenError::Parse(..) => Failure::unknown("unreadable answer"),
        RequestTokenError::Other(_) => Failure::Bug { code: "the token request".into() },
    }
}

/// Carries a request of the library over our transport.
async fn exchange(transport: Arc<dyn Transport>, clock: Clock, request: HttpRequest) -> Result<HttpResponse, Trouble> {
    let (parts, body) = request.into_parts();
    let proof = match parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) {
        Some(value) => Proof::Header(value.into()),
        None => Proof::None,
    };
    let call = Call {
        method: parts.method,
        url: parts.uri.to_string(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Body::Encoded(body)),
        proof,
    };
    let answer = transport.send(call).await.map_err(Trouble::Lost)?;
    match answer.status {
        408 | 429 => return Err(Trouble::TooMany(retry_after(&answer.headers, clock.now()))),
        500.. => return Err(Trouble::Theirs),
        _ => {}
    }
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(|_| Trouble::Theirs)?;
    *response.headers_mut() = json_type(answer.headers);
    Ok(response)
}

/// The library insists on a content type; some answers leave it out.
fn json_type(mut headers: HeaderMap) -> HeaderMap {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    headers
}
