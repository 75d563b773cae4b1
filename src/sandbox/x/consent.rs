//! The consent page of X: the person says yes at once, and the browser is sent back with a code.

use aws_lc_rs::digest;

use super::super::time::SECOND;
use super::super::wire::{Answer, Call, encode};
use super::super::world::World;
use super::encoding::base64;

/// How long a code can be exchanged (`platforms/x.md` 1).
const CODE_LIFE: i64 = 30 * SECOND;

/// The longest `state`, in bytes.
const LONGEST_STATE: usize = 500;

/// The scopes that X knows.
const KNOWN: [&str; 22] = [
    "tweet.read",
    "tweet.write",
    "tweet.moderate.write",
    "users.email",
    "users.read",
    "follows.read",
    "follows.write",
    "offline.access",
    "space.read",
    "mute.read",
    "mute.write",
    "like.read",
    "like.write",
    "list.read",
    "list.write",
    "block.read",
    "block.write",
    "bookmark.read",
    "bookmark.write",
    "dm.read",
    "dm.write",
    "media.write",
];

/// A code that waits to be exchanged for tokens.
pub struct Code {
    code: String,
    redirect_uri: String,
    challenge: String,
    hashed: bool,
    scopes: Vec<String>,
    ends: i64,
}

/// `GET /i/oauth2/authorize`. Whatever is wrong is told to the person, on a page; nobody is sent back then.
pub fn authorize(world: &mut World, call: &Call) -> Answer {
    let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    if call.method != "GET" || path != ["i", "oauth2", "authorize"] {
        return Answer::html(404);
    }
    let given = |name: &str| call.param(name).unwrap_or_default();
    let scopes: Vec<String> = given("scope").split_whitespace().map(str::to_owned).collect();
    let (state, challenge, redirect_uri) = (given("state"), given("code_challenge"), given("redirect_uri"));
    let hashed = given("code_challenge_method") == "S256";
    let wrong = if given("response_type") != "code" {
        Some("a response_type other than code")
    } else if given("client_id") != world.setup.x_client_id {
        Some("the id of another application")
    } else if !registered(&world.settings.x.x_redirect_uris, redirect_uri) {
        Some("a redirect_uri that is not registered")
    } else if state.is_empty() || state.len() > LONGEST_STATE {
        Some("no state, or one that is too long")
    } else if !is_challenge(challenge, hashed, given("code_challenge_method")) {
        Some("no good code_challenge")
    } else if scopes.is_empty() || scopes.iter().any(|scope| !KNOWN.contains(&scope.as_str())) {
        Some("no scope, or one that does not exist")
    } else {
        None
    };
    if let Some(what) = wrong {
        world.violation(call, what);
        return Answer::html(400);
    }
    if !hashed {
        world.violation(call, "a code_challenge that is the verifier itself");
    }
    let join = if redirect_uri.contains('?') { '&' } else { '?' };
    let back = format!("{redirect_uri}{join}state={}", encode(state));
    if world.settings.x.x_consent_denied {
        return sent_back(format!("{back}&error=access_denied"));
    }
    let code = format!("sandbox-code-{}", world.serial());
    let back = format!("{back}&code={code}");
    let (redirect_uri, challenge) = (redirect_uri.to_owned(), challenge.to_owned());
    let ends = world.now() + CODE_LIFE;
    world.x.codes.push(Code { code, redirect_uri, challenge, hashed, scopes, ends });
    sent_back(back)
}

/// The scopes of a code, which is used up by it; `None` when the code, the address or the verifier does not fit.
pub fn redeem(world: &mut World, code: &str, redirect_uri: &str, verifier: &str) -> Option<Vec<String>> {
    let now = world.now();
    let at = world.x.codes.iter().position(|known| known.code == code)?;
    let known = world.x.codes.swap_remove(at);
    let proved = if known.hashed {
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        is_verifier(verifier) && base64(&known.challenge).as_deref() == Some(hash.as_ref())
    } else {
        known.challenge == verifier
    };
    (now < known.ends && known.redirect_uri == redirect_uri && proved).then_some(known.scopes)
}

fn sent_back(address: String) -> Answer {
    Answer::html(302).with("location", address)
}

/// Exactly one of the registered addresses; without any, an address of this machine.
fn registered(known: &[String], address: &str) -> bool {
    if known.is_empty() {
        let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        return here.iter().filter_map(|host| address.strip_prefix(host)).any(|rest| rest.starts_with([':', '/']));
    }
    known.iter().any(|known| known == address)
}

fn is_challenge(challenge: &str, hashed: bool, method: &str) -> bool {
    let hash = || !challenge.contains('=') && base64(challenge).is_some_and(|bytes| bytes.len() == 32);
    if hashed { hash() } else { method == "plain" && is_verifier(challenge) }
}

/// 43 to 128 unreserved characters (RFC 7636, 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
