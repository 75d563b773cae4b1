//! Alerts to an address of the zone's own: JSON, signed as the Standard Webhooks specification says.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{About, Channel, Notice, Undelivered};
use crate::{
    clock::Clock,
    http::{Body, Call, Lost, Proof, Transport},
};

/// What a secret begins with when it stands in base64.
const PREFIX: &str = "whsec_";

/// An address, and the secret that proves who writes to it.
pub struct Webhook {
    url: String,
    key: hmac::Key,
    transport: Arc<dyn Transport>,
    clock: Clock,
    zone: String,
}

impl Webhook {
    /// A way to an address; nothing is sent yet.
    ///
    /// # Errors
    /// When the secret begins with `whsec_` and the rest is no base64.
    pub fn new(
        url: String,
        secret: &SecretString,
        transport: Arc<dyn Transport>,
        clock: Clock,
        zone: String,
    ) -> Result<Self, String> {
        let secret = secret.expose_secret();
        let bytes = match secret.strip_prefix(PREFIX) {
            Some(encoded) => {
                STANDARD.decode(encoded).map_err(|_| format!("what stands behind {PREFIX} is no base64"))?
            }
            None => secret.as_bytes().to_vec(),
        };
        Ok(Self { url, key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), transport, clock, zone })
    }

    fn body(&self, notice: &Notice) -> serde_json::Value {
        let counts = notice.counts.iter();
        let counts =
            counts.map(|((feed, kind), total)| json!({ "feed": feed.name(), "kind": kind.name(), "total": total }));
        let links = notice.links.iter().map(|cry| {
            json!({ "feed": cry.feed.name(), "kind": cry.kind.name(), "at": cry.at.to_string(), "link": cry.link })
        });
        let deaf = if let About::Deaf(deaf) = &notice.about { deaf.as_slice() } else { &[] };
        let feeds: Vec<_> = deaf
            .iter()
            .map(|deaf| json!({ "feed": deaf.feed.name(), "since": deaf.since.to_string(), "why": deaf.why }))
            .collect();
        json!({
            "type": notice.about.name(),
            "zone": self.zone,
            "from": notice.from.to_string(),
            "until": notice.until.to_string(),
            "total": notice.total(),
            "counts": counts.collect::<Vec<_>>(),
            "links": links.collect::<Vec<_>>(),
            "feeds": feeds,
        })
    }
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn bring(&self, notice: &Notice) -> Result<(), Undelivered> {
        let (body, at) = (self.body(notice), self.clock.now().as_second());
        let signed = format!("{}.{at}.{body}", notice.id);
        let signature = STANDARD.encode(hmac::sign(&self.key, signed.as_bytes()));
        let call = Call {
            method: Method::POST,
            url: self.url.clone(),
            query: Vec::new(),
            headers: vec![
                ("webhook-id", notice.id.clone()),
                ("webhook-timestamp", at.to_string()),
                ("webhook-signature", format!("v1,{signature}")),
            ],
            body: Some(Body::Json(body)),
            proof: Proof::None,
        };
        match self.transport.send(call).await {
            Ok(answer) if answer.status < 300 => Ok(()),
            Ok(answer) if matches!(answer.status, 408 | 425 | 429 | 500..) => {
                Err(Undelivered::Later(format!("HTTP {}", answer.status)))
            }
            Ok(answer) => Err(Undelivered::Never(format!("HTTP {}", answer.status))),
            Err(lost @ Lost::Forbidden) => Err(Undelivered::Never(lost.to_string())),
            Err(lost) => Err(Undelivered::Later(lost.to_string())),
        }
    }
}
