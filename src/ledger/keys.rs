//! The zone's secret key: ids become hashes that only this zone can make again, addresses become ciphertext.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Answer, Feed, Kind, LanguageChoice, Platform, Private, Route, Target};

/// Length of the key file in bytes.
pub const KEY_BYTES: usize = 32;

/// Hashes ids and seals addresses. One key per zone, so that two zones' ledgers cannot be joined.
pub struct Keys {
    hash: hmac::Key,
    seal: LessSafeKey,
    random: SystemRandom,
}

/// What a pending reply needs, and what must not stand beside a contact in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Where the reply goes.
    pub target: Target,
    /// Which text.
    pub answer: Answer,
    /// Not to be posted before then, and only if no colleague has answered by then. It would tell who is in need, and so
    /// it does not stand beside the contact.
    pub not_before: Option<Timestamp>,
}

impl Keys {
    /// Makes both keys from the zone's secret.
    ///
    /// # Errors
    /// When the cryptographic library refuses, which it does for no 32-byte secret.
    pub fn new(secret: &[u8; KEY_BYTES]) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"formez101").extract(secret);
        let mut hash = [0; 32];
        root.expand(&[b"hash"], hkdf::HKDF_SHA256)?.fill(&mut hash)?;
        let mut seal = [0; 32];
        root.expand(&[b"seal"], hkdf::HKDF_SHA256)?.fill(&mut seal)?;
        Ok(Self {
            hash: hmac::Key::new(hmac::HMAC_SHA256, &hash),
            seal: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &seal)?),
            random: SystemRandom::new(),
        })
    }

    /// A fresh secret.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn fresh_secret() -> Result<[u8; KEY_BYTES], aws_lc_rs::error::Unspecified> {
        let mut secret = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut secret)?;
        Ok(secret)
    }

    /// The hash of a message's id.
    pub fn message(&self, feed: Feed, id: &Private<String>) -> String {
        // A visitor's post that tags the Page is shown by both feeds, under one id: it is one message.
        let feed = if feed == Feed::FacebookComments { Feed::FacebookMentions } else { feed };
        self.hash(&["message", feed.name(), id.expose()])
    }

    /// The hash of a conversation's or post's id.
    pub fn thread(&self, platform: Platform, id: &Private<String>) -> String {
        self.hash(&["thread", platform.name(), id.expose()])
    }

    /// The hash of a contact: the author over all feeds of the platform, or the conversation where the
    /// platform withholds the author.
    pub fn contact(&self, platform: Platform, author: Option<&Private<String>>, thread: &Private<String>) -> String {
        match author {
            Some(author) => self.hash(&["contact", platform.name(), author.expose()]),
            None => self.hash(&["contact of thread", platform.name(), thread.expose()]),
        }
    }

    /// The hash of the id of something that our own account posted.
    pub fn post(&self, platform: Platform, id: &str) -> String {
        self.hash(&["post", platform.name(), id])
    }

    /// The hash of a text of ours, given in the form in which it is recognised when read back.
    pub fn fingerprint(&self, recognisable: &str) -> String {
        self.hash(&["text", recognisable])
    }

    /// A hash that is the same for the same key, and says nothing of it.
    pub fn sign(&self) -> String {
        self.hash(&["key"])
    }

    fn hash(&self, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.hash);
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        hex(&context.sign().as_ref()[..16])
    }

    /// Encrypts what a pending reply needs, bound to its message.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, message: &str, sealed: &Sealed) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce)?;
        let mut body = serde_json::to_vec(&Wire::from(sealed)).map_err(|_| aws_lc_rs::error::Unspecified)?;
        self.seal.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(message.as_bytes()),
            &mut body,
        )?;
        let mut bytes = nonce.to_vec();
        bytes.append(&mut body);
        Ok(bytes)
    }

    /// Decrypts what [`Keys::seal`] made; `None` when it was made with another key or for another message.
    pub fn open(&self, message: &str, bytes: &[u8]) -> Option<Sealed> {
        let (nonce, body) = bytes.split_at_checked(NONCE_LEN)?;
        let mut body = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.seal.open_in_place(nonce, Aad::from(message.as_bytes()), &mut body).ok()?;
        serde_json::from_slice::<Wire>(plain).ok()?.into_sealed()
    }
}

/// The sealed bytes before encryption; short names, since one is written for each reply.
#[derive(Serialize, Deserialize)]
struct Wire {
    f: String,
    /// Whether it is a private answer to a public message.
    #[serde(default)]
    p: bool,
    m: String,
    t: String,
    #[serde(default)]
    o: Option<String>,
    a: Option<String>,
    b: Vec<String>,
    l: LanguageChoice,
    k: Kind,
    u: bool,
    /// Unix milliseconds.
    #[serde(default)]
    n: Option<i64>,
}

impl From<&Sealed> for Wire {
    fn from(Sealed { target, answer, not_before }: &Sealed) -> Self {
        Self {
            f: target.feed.name().to_owned(),
            p: target.route == Route::Private,
            m: target.message.expose().clone(),
            t: target.thread.expose().clone(),
            o: target.post.as_ref().map(|post| post.expose().clone()),
            a: target.author.as_ref().map(|author| author.expose().clone()),
            b: target.bystanders.iter().map(|id| id.expose().clone()).collect(),
            l: answer.languages.clone(),
            k: answer.kind,
            u: answer.urgent,
            n: not_before.map(Timestamp::as_millisecond),
        }
    }
}

impl Wire {
    fn into_sealed(self) -> Option<Sealed> {
        Some(Sealed {
            target: Target {
                feed: self.f.parse().ok()?,
                route: if self.p { Route::Private } else { Route::Direct },
                message: self.m.into(),
                thread: self.t.into(),
                post: self.o.map(Private::from),
                author: self.a.map(Private::from),
                bystanders: self.b.into_iter().map(Private::from).collect(),
            },
            answer: Answer { languages: self.l, kind: self.k, urgent: self.u },
            not_before: self.n.and_then(|at| Timestamp::from_millisecond(at).ok()),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    fn sealed() -> Sealed {
        Sealed {
            target: Target {
                feed: Feed::XMentions,
                route: Route::Private,
                message: "2100".into(),
                thread: "2099".into(),
                post: Some("2098".into()),
                author: Some("1400".into()),
                bystanders: vec!["1500".into()],
            },
            answer: Answer { languages: LanguageChoice::one(Language::Nl), kind: Kind::Medical, urgent: true },
            not_before: Some("2026-11-20T22:10:00Z".parse().unwrap()),
        }
    }

    #[test]
    fn an_address_opens_only_with_its_own_key_and_message() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let bytes = keys.seal("m1", &sealed()).unwrap();
        assert_eq!(keys.open("m1", &bytes), Some(sealed()));
        assert_eq!(keys.open("m2", &bytes), None);
        assert_eq!(Keys::new(&[8; 32]).unwrap().open("m1", &bytes), None);
        assert_eq!(keys.open("m1", &bytes[..5]), None);
    }

    #[test]
    fn a_sealed_address_shows_neither_id_nor_kind() {
        let bytes = Keys::new(&[7; 32]).unwrap().seal("m1", &sealed()).unwrap();
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!shown.contains("1400") && !shown.contains("medical"));
    }

    #[test]
    fn hashes_differ_by_zone_platform_and_purpose() {
        let (one, other) = (Keys::new(&[1; 32]).unwrap(), Keys::new(&[2; 32]).unwrap());
        let id = Private::from("42");
        let mut hashes = vec![
            one.thread(Platform::X, &id),
            one.thread(Platform::Facebook, &id),
            other.thread(Platform::X, &id),
            one.contact(Platform::X, Some(&id), &id),
            one.contact(Platform::X, None, &id),
            one.post(Platform::X, "42"),
        ];
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
        assert_eq!(hashes[0].len(), 32);
    }
}
