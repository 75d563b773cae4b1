//! Who has an account, and the sessions: an access token for two hours, a refresh token for ninety days.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::graph::base64_url;
use super::super::time::{DAY, HOUR, MINUTE};
use super::super::wire::Call;
use super::{Given, Refusal};

/// How long the tokens live, milliseconds.
const ACCESS: i64 = 2 * HOUR;
const REFRESH: i64 = 90 * DAY;
/// A refresh token that was used stays good for so long.
const GRACE: i64 = 2 * HOUR;
/// What a session may do, by what it was made with: the account's own password, an app password with leave for messages, one without.
const OWN: &str = "com.atproto.access";
const PRIVILEGED: &str = "com.atproto.appPassPrivileged";
const PLAIN: &str = "com.atproto.appPass";
/// So many logins of one account are taken in five minutes.
const LOGINS: usize = 30;

/// Everybody, and every token.
#[derive(Default)]
pub struct People {
    accounts: Vec<Account>,
    tokens: HashMap<String, Token>,
    serial: u64,
}

pub struct Account {
    pub did: String,
    pub handle: String,
    password: String,
    app_password: Option<String>,
    /// Whether the app password may read and write messages.
    privileged: bool,
    /// When somebody tried to log in, unix milliseconds.
    logins: Vec<i64>,
}

struct Token {
    did: String,
    /// What the session may do.
    scope: &'static str,
    refreshes: bool,
    ends: i64,
    /// The refresh token that took its place.
    next: Option<String>,
}

impl People {
    /// Gives somebody an account.
    pub fn add(&mut self, handle: &str, password: &str, app_password: Option<&str>) -> &Account {
        self.serial += 1;
        let letters = b"abcdefghijklmnopqrstuvwxyz234567";
        let number = self.serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let name: String =
            (0..24_u32).map(|at| char::from(letters[(number.rotate_left(at * 5) % 32) as usize])).collect();
        self.accounts.push(Account {
            did: format!("did:plc:{name}"),
            handle: handle.to_lowercase(),
            password: password.to_owned(),
            app_password: app_password.map(str::to_owned),
            privileged: true,
            logins: Vec::new(),
        });
        &self.accounts[self.accounts.len() - 1]
    }

    /// The account of that handle or lasting id.
    pub fn find(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.did == name || account.handle.eq_ignore_ascii_case(name))
    }

    /// Whose access token a call carries.
    pub fn caller(&self, call: &Call, now: i64) -> Result<String, Refusal> {
        self.token(call, false, now).map(|token| token.did.clone())
    }

    fn token(&self, call: &Call, refreshes: bool, now: i64) -> Result<&Token, Refusal> {
        let given = call.bearer().ok_or_else(|| Refusal(401, "AuthMissing", "Authentication Required".to_owned()))?;
        let known = self.tokens.get(given).filter(|token| token.refreshes == refreshes);
        let token = known.ok_or_else(|| Refusal(400, "InvalidToken", "Token could not be verified".to_owned()))?;
        if token.ends <= now {
            return Err(Refusal(400, "ExpiredToken", "Token has expired".to_owned()));
        }
        Ok(token)
    }

    /// Whether the token of a call may be used for messages.
    pub fn may_chat(&self, call: &Call) -> bool {
        call.bearer().and_then(|given| self.tokens.get(given)).is_some_and(|token| token.scope != PLAIN)
    }

    /// A token in three parts, of which the second says what it may do.
    fn give(&mut self, did: &str, refreshes: bool, scope: &'static str, now: i64) -> String {
        self.serial += 1;
        let (said, life) = if refreshes { ("com.atproto.refresh", REFRESH) } else { (scope, ACCESS) };
        let claims = base64_url(json!({"scope": said, "sub": did}).to_string().as_bytes());
        let name = format!("sandbox.{claims}.{}", self.serial);
        self.tokens.insert(name.clone(), Token { did: did.to_owned(), scope, refreshes, ends: now + life, next: None });
        name
    }

    fn pair(&mut self, did: &str, refresh: Option<String>, scope: &'static str, now: i64) -> Value {
        let access = self.give(did, false, scope, now);
        let refresh = refresh.unwrap_or_else(|| self.give(did, true, scope, now));
        let handle = self.find(did).map(|account| account.handle.clone());
        json!({"accessJwt": access, "refreshJwt": refresh, "did": did, "handle": handle, "active": true})
    }
}

/// `createAccount`.
pub fn create(people: &mut People, call: &Call, now: i64) -> Given {
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (handle, password) = (text("handle"), text("password"));
    if !handle.contains('.') || password.is_empty() {
        return Err(Refusal::invalid("Invalid handle or password"));
    }
    if people.find(&handle).is_some() {
        return Err(Refusal(400, "HandleNotAvailable", "Handle already taken".to_owned()));
    }
    let did = people.add(&handle, &password, None).did.clone();
    Ok(people.pair(&did, None, OWN, now))
}

/// `createAppPassword`: one for each account is enough here.
pub fn app_password(people: &mut People, call: &Call, now: i64) -> Given {
    let did = people.caller(call, now)?;
    let privileged = call.json().is_some_and(|body| body.get("privileged") == Some(&Value::Bool(true)));
    people.serial += 1;
    let password = format!("sand-boxx-{:04}-pass", people.serial);
    for account in people.accounts.iter_mut().filter(|account| account.did == did) {
        account.app_password = Some(password.clone());
        account.privileged = privileged;
    }
    Ok(json!({"name": "app", "password": password, "privileged": privileged}))
}

/// `createSession`.
pub fn login(people: &mut People, call: &Call, now: i64) -> Given {
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = || Refusal(401, "AuthenticationRequired", "Invalid identifier or password".to_owned());
    let name = text("identifier");
    let found = people.accounts.iter_mut().find(|account| account.did == name || account.handle == name.to_lowercase());
    let account = found.ok_or_else(wrong)?;
    account.logins.retain(|at| *at > now - 5 * MINUTE);
    if account.logins.len() >= LOGINS {
        return Err(Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded".to_owned()));
    }
    account.logins.push(now);
    let password = text("password");
    if account.password != password && account.app_password.as_deref() != Some(password) {
        return Err(wrong());
    }
    let scope = if account.password == password {
        OWN
    } else if account.privileged {
        PRIVILEGED
    } else {
        PLAIN
    };
    let did = account.did.clone();
    Ok(people.pair(&did, None, scope, now))
}

/// `refreshSession`: the same refresh token always leads to the same next one.
pub fn refresh(people: &mut People, call: &Call, now: i64) -> Given {
    let token = people.token(call, true, now)?;
    let (did, next, scope) = (token.did.clone(), token.next.clone(), token.scope);
    let pair = people.pair(&did, next, scope, now);
    if let Some(old) = call.bearer().and_then(|given| people.tokens.get_mut(given)) {
        old.ends = old.ends.min(now + GRACE);
        old.next = pair["refreshJwt"].as_str().map(str::to_owned);
    }
    Ok(pair)
}

/// `getSession`.
pub fn session(people: &People, call: &Call, now: i64) -> Given {
    let did = people.caller(call, now)?;
    let handle = people.find(&did).map(|account| account.handle.clone());
    Ok(json!({"did": did, "handle": handle, "active": true}))
}
