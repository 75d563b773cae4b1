//! Our own records: the reply under its key, and what else our account wrote.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    client::{BlueskyAccount, PAGE, behind},
    errors, key, mention,
    wire::{self, POSTS, StrongRef},
};
use crate::{
    clock::before,
    http::Failure,
    model::{LanguageChoice, OwnPost, Target},
    platform::{Posted, ReadBack, readable_items},
    text::links,
};

/// Our own posts are followed for so many pages: more than a server lets us write in two hours.
const MOST_PAGES: usize = 50;
/// How wrong the clock may be by which a record got its key.
const KEY_CLOCK: Duration = Duration::from_secs(3600);
/// A post names so many languages at most.
const LANGUAGES: usize = 3;

impl BlueskyAccount {
    /// Answers a post, under the key that belongs to it: a second write of the same reply changes nothing.
    pub(super) async fn reply(
        &self,
        target: &Target,
        text: &str,
        languages: &LanguageChoice,
    ) -> Result<Posted, Failure> {
        let me = self.me().await?;
        let post = self.shown(target).await?;
        let key = reply_key(me, target)?;
        let body = json!({
            "repo": me,
            "collection": POSTS,
            "rkey": key,
            "record": record(&post, text, languages, self.line.clock.now()),
            // It must not be there yet.
            "swapRecord": null,
        });
        let answer = self.send(self.procedure("com.atproto.repo.putRecord", body)).await?;
        if errors::name(&answer).as_deref() == Some("InvalidSwap") {
            // An earlier attempt got through, with another time in it.
            return match self
                .record(me, &key)
                .await?
                .filter(|found| found.in_reply_to.as_ref() == Some(&target.message))
            {
                Some(found) => Ok(Posted { id: found.id.expose().clone(), recipient: None }),
                None => Err(Failure::Refused { code: "the key of this reply is taken".into() }),
            };
        }
        let written: wire::Written = self.line.read(&answer, true)?;
        Ok(Posted { id: written.uri, recipient: None })
    }

    /// The post to be answered as it stands now. The server would take a reply to any post, and show it to nobody.
    async fn shown(&self, target: &Target) -> Result<wire::PostView, Failure> {
        let call = self.query("app.bsky.feed.getPosts").with("uris", target.message.expose().as_str());
        let posts: wire::Posts = self.call(call).await?;
        let refused = |code: &str| Err(Failure::Refused { code: code.into() });
        let Some(post) = posts.posts.into_iter().find(|post| post.uri == *target.message.expose()) else {
            return refused("the post is gone");
        };
        if post.viewer.reply_disabled {
            return refused("not visible: replies are closed");
        }
        if post.author.viewer.blocked_by || post.author.viewer.blocking.is_some() {
            return refused("not visible: blocked");
        }
        Ok(post)
    }

    /// Our record of that key; `None` when it is certain that there is none.
    async fn record(&self, me: &str, key: &str) -> Result<Option<OwnPost>, Failure> {
        let call =
            self.query("com.atproto.repo.getRecord").with("repo", me).with("collection", POSTS).with("rkey", key);
        let answer = self.send(call).await?;
        if errors::name(&answer).as_deref() == Some("RecordNotFound") {
            return Ok(None);
        }
        let record: wire::Record = self.line.read(&answer, false)?;
        mention::own_post(&record).map(Some).ok_or_else(|| Failure::unreadable(false))
    }

    /// The reply to a message if it stands there, and what else our account wrote since `since`.
    pub(super) async fn replies(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let ours = self.record(me, &reply_key(me, target)?).await?;
        let mut view = self.own_posts(since).await?;
        view.posts.retain(|post| ours.as_ref().is_none_or(|ours| ours.id != post.id));
        view.posts.extend(ours);
        Ok(view)
    }

    /// What our account wrote since `since`, from its own server: no index is behind, and nothing is filtered.
    ///
    /// The list is ordered by key, and most keys tell when they were made.
    pub(super) async fn own_posts(&self, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let (mut posts, mut cursor, mut whole) = (Vec::new(), None, true);
        for _ in 0..MOST_PAGES {
            let call = self.query("com.atproto.repo.listRecords").with("repo", me).with("collection", POSTS);
            let list: wire::Records = self.call(behind(call.with("limit", PAGE), cursor.as_deref())).await?;
            let (records, all) = readable_items::<wire::Record>(list.records);
            let oldest = records.iter().filter_map(|record| key::time(wire::key_of(&record.uri)?)).min();
            let read: Vec<OwnPost> = records.iter().filter_map(mention::own_post).collect();
            whole &= all && read.len() == records.len();
            posts.extend(read.into_iter().filter(|post| post.created_at >= since));
            let reached = oldest.is_some_and(|oldest| oldest < before(since, KEY_CLOCK));
            match list.cursor.filter(|_| !reached && !records.is_empty()) {
                Some(next) => cursor = Some(next),
                None => return Ok(ReadBack { posts, complete: whole }),
            }
        }
        Ok(ReadBack { posts, complete: false })
    }
}

fn reply_key(me: &str, target: &Target) -> Result<String, Failure> {
    let message = target.message.expose();
    let key = wire::key_of(message).ok_or_else(|| Failure::Refused { code: "no address of a post".into() })?;
    Ok(key::of_reply(me, message, key))
}

/// The reply as it is written. It hangs below the post, in the thread of that post's root.
fn record(post: &wire::PostView, text: &str, languages: &LanguageChoice, now: Timestamp) -> Value {
    let parent = StrongRef { uri: post.uri.clone(), cid: post.cid.clone() };
    let answered = mention::post(&post.record);
    let root = answered.as_ref().and_then(|answered| answered.reply.as_ref()).map_or(&parent, |reply| &reply.root);
    let created = answered.as_ref().and_then(|answered| answered.created_at.as_deref());
    // An answer is not older than the question, whatever our clock says.
    let at = wire::written_at(created, post.indexed_at.as_deref()).map_or(now, |asked| asked.max(now));
    let languages: Vec<&str> = languages.as_slice().iter().map(|language| language.code()).take(LANGUAGES).collect();
    let mut record = json!({
        "$type": POSTS,
        "text": text,
        "langs": languages,
        "createdAt": format!("{at:.3}"),
        "reply": { "root": root, "parent": parent },
    });
    let facets = facets(text);
    if !facets.is_empty() {
        record["facets"] = facets.into();
    }
    record
}

/// What makes the links of a text links, by their places in bytes.
fn facets(text: &str) -> Vec<Value> {
    let facet = |place: std::ops::Range<usize>| {
        let link = &text[place.clone()];
        let schemed = link.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http")) && link.contains("://");
        let uri = if schemed { link.to_owned() } else { format!("https://{link}") };
        json!({
            "index": { "byteStart": place.start, "byteEnd": place.end },
            "features": [{ "$type": "app.bsky.richtext.facet#link", "uri": uri }],
        })
    };
    links(text).into_iter().map(facet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    fn view(reply: &Value) -> wire::PostView {
        serde_json::from_value(json!({
            "uri": "at://did:plc:jan/app.bsky.feed.post/3n2z2aqwd7k22",
            "cid": "new",
            "record": {"$type": POSTS, "text": "x", "createdAt": "2026-11-23T21:12:33.717Z", "reply": reply},
            "indexedAt": "2026-11-23T21:12:34.000Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_reply_hangs_below_the_post_as_it_is_now_in_the_thread_of_its_root() {
        let one = LanguageChoice::one(Language::Nl);
        let at = "2026-11-23T21:12:40Z".parse().unwrap();
        let root = json!({"uri": "at://did:plc:zone/app.bsky.feed.post/3n2z2aaaaaa22", "cid": "root"});
        let below = record(&view(&json!({"root": root, "parent": root})), "Bel 101.", &one, at);
        assert_eq!(below["reply"]["root"], root);
        assert_eq!(below["reply"]["parent"]["cid"], "new");
        assert_eq!((&below["langs"], &below["createdAt"]), (&json!(["nl"]), &json!("2026-11-23T21:12:40.000Z")));
        assert!(below.get("facets").is_none());
        let top = record(&view(&Value::Null), "Bel 101.", &one, "2026-11-23T20:00:00Z".parse().unwrap());
        assert_eq!(top["reply"]["root"], top["reply"]["parent"]);
        assert_eq!(top["createdAt"], "2026-11-23T21:12:33.717Z", "our clock is behind");
    }

    #[test]
    fn links_are_marked_by_their_bytes() {
        let text = "Dépôt de plainte: police.be, ou https://Police-on-web.be/x";
        let marked: Vec<(String, String)> = facets(text)
            .iter()
            .map(|facet| {
                let place = |name| usize::try_from(facet["index"][name].as_u64().unwrap()).unwrap();
                let uri = facet["features"][0]["uri"].as_str().unwrap().to_owned();
                (text[place("byteStart")..place("byteEnd")].to_owned(), uri)
            })
            .collect();
        let same = "https://Police-on-web.be/x".to_owned();
        assert_eq!(marked, [("police.be".to_owned(), "https://police.be".to_owned()), (same.clone(), same)]);
    }
}
