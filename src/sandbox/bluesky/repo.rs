//! Everybody's records, by collection and key.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value, json};

use super::super::wire::Call;
use super::{Given, Refusal, State, posts, view};

/// The collection of posts.
pub const POSTS: &str = "app.bsky.feed.post";
/// The letters of a key that counts time.
const LETTERS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// Every record, by account, collection and key.
#[derive(Default)]
pub struct Repos {
    records: BTreeMap<(String, String, String), Record>,
    serial: u64,
}

/// A record in its present version.
pub struct Record {
    pub cid: String,
    pub value: Value,
    /// When the network learned of it, unix milliseconds.
    pub indexed: i64,
}

impl Repos {
    /// The record at an address, whose account is a lasting id.
    pub fn at(&self, uri: &str) -> Option<&Record> {
        let mut parts = uri.strip_prefix("at://")?.split('/');
        let mut part = || parts.next().map(str::to_owned);
        self.records.get(&(part()?, part()?, part()?))
    }

    /// The record of an account in a collection.
    pub fn of(&self, did: &str, collection: &str, key: &str) -> Option<&Record> {
        self.records.get(&(did.to_owned(), collection.to_owned(), key.to_owned()))
    }

    /// Every record of a collection, with its address.
    pub fn all<'a>(&'a self, collection: &'a str) -> impl DoubleEndedIterator<Item = (String, &'a Record)> {
        let wanted = move |((_, of, _), _): &(&(String, String, String), &Record)| of == collection;
        self.records.iter().filter(wanted).map(|((did, of, key), record)| (format!("at://{did}/{of}/{key}"), record))
    }

    fn key(&mut self, now: i64) -> String {
        self.serial += 1;
        let number = (u64::try_from(now).unwrap_or(0) * 1000 + self.serial % 1000) << 10;
        (0..13).rev().map(|place| char::from(LETTERS[(number >> (5 * place) & 31) as usize])).collect()
    }
}

/// What a write names.
struct Write {
    did: String,
    collection: String,
    key: Option<String>,
    body: Map<String, Value>,
}

impl Write {
    fn read(state: &State, call: &Call, now: i64) -> Result<Self, Refusal> {
        let caller = state.people.caller(call, now)?;
        let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let repo = text("repo").ok_or_else(|| Refusal::invalid("Missing repo"))?;
        let did = state.people.find(&repo).map(|account| account.did.clone());
        if did.as_ref() != Some(&caller) {
            return Err(Refusal(401, "AuthenticationRequired", "Not your repo".to_owned()));
        }
        let collection = text("collection").ok_or_else(|| Refusal::invalid("Missing collection"))?;
        Ok(Self { did: caller, collection, key: text("rkey"), body })
    }

    fn uri(&self, key: &str) -> String {
        format!("at://{}/{}/{key}", self.did, self.collection)
    }
}

/// `createRecord`: a key that is taken is no clean conflict on the real servers, and so it is none here.
pub fn create(state: &mut State, call: &Call, now: i64) -> Given {
    let write = Write::read(state, call, now)?;
    let key = write.key.clone().unwrap_or_else(|| state.repos.key(now));
    if state.repos.of(&write.did, &write.collection, &key).is_some() {
        return Err(Refusal(500, "InternalServerError", "Internal Server Error".to_owned()));
    }
    store(state, &write, &key, now)
}

/// `putRecord`: the same again writes nothing; with `swapRecord` only what stands there as expected is replaced.
pub fn put(state: &mut State, call: &Call, now: i64) -> Given {
    let write = Write::read(state, call, now)?;
    let key = write.key.clone().ok_or_else(|| Refusal::invalid("Missing rkey"))?;
    let value = write.body.get("record").cloned().unwrap_or_default();
    let known = state.repos.of(&write.did, &write.collection, &key);
    if let Some(known) = known {
        if known.value == value {
            return Ok(json!({"uri": write.uri(&key), "cid": known.cid}));
        }
        let expected = write.body.get("swapRecord");
        if expected.is_some_and(|expected| expected.as_str() != Some(&known.cid)) {
            return Err(Refusal(400, "InvalidSwap", format!("Record was at {}", known.cid)));
        }
    }
    store(state, &write, &key, now)
}

fn store(state: &mut State, write: &Write, key: &str, now: i64) -> Given {
    let value = write.body.get("record").cloned().unwrap_or_default();
    if value["$type"] != json!(write.collection) {
        return Err(Refusal::invalid("the record is not of its collection"));
    }
    if write.collection == POSTS {
        posts::check(key, &value).map_err(Refusal::invalid)?;
    }
    let mut hash = DefaultHasher::new();
    value.to_string().hash(&mut hash);
    let cid = format!("bafyreisandbox{:016x}", hash.finish());
    let (uri, at) = (write.uri(key), (write.did.clone(), write.collection.clone(), key.to_owned()));
    // An edit does not make a post newer.
    let indexed = state.repos.records.get(&at).map_or(now, |known| known.indexed);
    state.repos.records.insert(at, Record { cid: cid.clone(), value, indexed });
    if write.collection == POSTS {
        view::notify(state, &write.did, &uri);
    }
    Ok(json!({"uri": uri, "cid": cid, "commit": {"cid": cid, "rev": key}, "validationStatus": "valid"}))
}

/// `applyWrites`, of which only new records are taken.
pub fn apply(state: &mut State, call: &Call, now: i64) -> Given {
    let caller = state.people.caller(call, now)?;
    let body = call.json().ok_or_else(|| Refusal::invalid("a JSON body is needed"))?;
    if body.get("repo").and_then(Value::as_str) != Some(&caller) {
        return Err(Refusal(401, "AuthenticationRequired", "Not your repo".to_owned()));
    }
    let mut results = Vec::new();
    for one in body.get("writes").and_then(Value::as_array).into_iter().flatten() {
        if one["$type"] != "com.atproto.repo.applyWrites#create" {
            return Err(Refusal::invalid("only new records are taken here"));
        }
        let collection = one["collection"].as_str().unwrap_or_default().to_owned();
        let key = one["rkey"].as_str().map_or_else(|| state.repos.key(now), str::to_owned);
        let body = Map::from_iter([("record".to_owned(), one["value"].clone())]);
        let write = Write { did: caller.clone(), collection, key: None, body };
        results.push(store(state, &write, &key, now)?);
    }
    Ok(json!({"results": results}))
}

/// `deleteRecord`, which may be done again.
pub fn delete(state: &mut State, call: &Call, now: i64) -> Given {
    let write = Write::read(state, call, now)?;
    let key = write.key.clone().unwrap_or_default();
    state.repos.records.remove(&(write.did, write.collection, key));
    Ok(json!({}))
}

/// `getRecord`, open to all.
pub fn get(state: &State, call: &Call) -> Given {
    let (did, collection) = named(state, call)?;
    let key = call.param("rkey").unwrap_or_default();
    let absent = || Refusal(400, "RecordNotFound", "Could not locate record".to_owned());
    let record = state.repos.of(&did, collection, key).ok_or_else(absent)?;
    Ok(json!({"uri": format!("at://{did}/{collection}/{key}"), "cid": record.cid, "value": record.value}))
}

/// `listRecords`, by key, the greatest first.
pub fn list(state: &State, call: &Call) -> Given {
    let (did, collection) = named(state, call)?;
    let limit = limit(call)?;
    let below = call.param("cursor");
    let own = format!("at://{did}/");
    let key = |uri: &str| uri.rsplit('/').next().unwrap_or_default().to_owned();
    let found = state.repos.all(collection).rev().filter(|(uri, _)| uri.starts_with(&own));
    let page: Vec<_> =
        found.filter(|(uri, _)| below.is_none_or(|below| key(uri).as_str() < below)).take(limit).collect();
    let records: Vec<Value> =
        page.iter().map(|(uri, record)| json!({"uri": uri, "cid": record.cid, "value": record.value})).collect();
    let mut body = json!({"records": records});
    if let Some((last, _)) = page.last() {
        body["cursor"] = json!(key(last));
    }
    Ok(body)
}

fn named<'a>(state: &State, call: &'a Call) -> Result<(String, &'a str), Refusal> {
    let repo = call.param("repo").ok_or_else(|| Refusal::invalid("Missing repo"))?;
    let account = state.people.find(repo).ok_or_else(|| Refusal::invalid("Could not find repo"))?;
    Ok((account.did.clone(), call.param("collection").ok_or_else(|| Refusal::invalid("Missing collection"))?))
}

/// How many items a page is to have.
pub fn limit(call: &Call) -> Result<usize, Refusal> {
    let given = call.param("limit").map_or(Some(50), |limit| limit.parse().ok());
    given.filter(|limit| (1..=100).contains(limit)).ok_or_else(|| Refusal::invalid("limit must be from 1 to 100"))
}

/// Whether a key counts time.
pub fn is_time_key(key: &str) -> bool {
    key.len() == 13 && key.bytes().all(|letter| LETTERS.contains(&letter)) && key.as_bytes()[0] <= b'j'
}
