//! From a notification to a message: does it address us, may we answer, where does it stand?

use serde::Deserialize as _;

use super::wire::{self, Facet, Notification, Post, ReplyRef};
use crate::model::{Author, Barrier, Feed, Message, OwnPost, Private};

/// The label by which an account says that it is automatic.
const BOT: &str = "bot";

/// The message in a notification, named by its post; `None` where there is no post or no time.
///
/// A post that both answers and names us brings one notification, and an edited one another: the address of the post
/// stays the same (`platforms/bluesky.md` 3).
pub fn message(me: &str, item: Notification) -> Option<Message> {
    let post = post(&item.record)?;
    let created_at = wire::written_at(post.created_at.as_deref(), item.indexed_at.as_deref())?;
    let barrier = barrier(me, &item, &post);
    let thread = post.reply.map_or_else(|| item.uri.clone(), |reply| reply.root.uri);
    let author = item.author.did.map(|did| Author {
        is_self: did == me,
        handle: item.author.handle.map(Private::from),
        id: did.into(),
    });
    Some(Message {
        feed: Feed::BlueskyMentions,
        id: item.uri.clone().into(),
        current: item.uri.into(),
        // What the zone's file mutes is the last part of a post's link.
        post: wire::key_of(&thread).map(Private::from),
        thread: thread.into(),
        author,
        text: post.text.into(),
        created_at,
        barrier,
        // A reply calls nobody but the author of what it answers.
        bystanders: Vec::new(),
    })
}

fn barrier(me: &str, item: &Notification, post: &Post) -> Option<Barrier> {
    // Only the account itself may say so of itself; what others call it is another matter.
    let is_bot = |label: &wire::Label| label.val.as_deref() == Some(BOT) && label.src == item.author.did;
    if item.author.labels.iter().any(is_bot) {
        return Some(Barrier::NotAMessage);
    }
    if item.author.viewer.blocked_by || item.author.viewer.blocking.is_some() {
        return Some(Barrier::RepliesClosed);
    }
    // Everybody above a post in its thread is told of it; only an answer to our own post addresses us.
    let answers_us = post.reply.as_ref().is_some_and(|reply| wire::account_of(&reply.parent.uri) == Some(me));
    let addressed = item.reason.as_deref() == Some("mention") || answers_us || names(me, post);
    (!addressed).then_some(Barrier::NotAddressed)
}

/// Whether the text names an account: typed as plain text it does not count.
fn names(did: &str, post: &Post) -> bool {
    let facets = post.facets.iter().filter_map(|facet| Facet::deserialize(facet).ok());
    facets.flat_map(|facet| facet.features).any(|feature| {
        feature.kind.as_deref() == Some("app.bsky.richtext.facet#mention") && feature.did.as_deref() == Some(did)
    })
}

/// A record as a post; `None` when it is another kind of record.
pub fn post(record: &serde_json::Value) -> Option<Post> {
    let post = Post::deserialize(record).ok()?;
    (post.kind.as_deref() == Some(wire::POSTS)).then_some(post)
}

/// A record of our own.
pub fn own_post(record: &wire::Record) -> Option<OwnPost> {
    let post = post(&record.value)?;
    let created_at = wire::time(post.created_at.as_deref())?;
    let (root, parent) = match post.reply {
        Some(ReplyRef { root, parent }) => (root.uri, Some(parent.uri)),
        None => (record.uri.clone(), None),
    };
    Some(OwnPost {
        id: record.uri.clone().into(),
        thread: root.into(),
        to: parent.as_deref().and_then(wire::account_of).map(Private::from),
        in_reply_to: parent.map(Private::from),
        text: post.text.into(),
        created_at,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ME: &str = "did:plc:zone";

    fn notification(reason: &str, record: &serde_json::Value, author: &serde_json::Value) -> Notification {
        let mut record = record.clone();
        record["$type"] = json!(wire::POSTS);
        record["createdAt"] = json!("2026-11-23T21:12:33.717Z");
        serde_json::from_value(json!({
            "uri": "at://did:plc:jan/app.bsky.feed.post/3n2z2aqwd7k22",
            "cid": "bafy",
            "author": author,
            "reason": reason,
            "record": record,
            "indexedAt": "2026-11-23T21:12:34.000Z",
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(reason: &str, record: &serde_json::Value, barrier: Option<Barrier>) {
        let author = json!({"did": "did:plc:jan", "handle": "jan.example"});
        let message = message(ME, notification(reason, record, &author)).unwrap();
        assert_eq!(message.barrier, barrier);
    }

    fn answer_to(parent: &str) -> serde_json::Value {
        let at = |account: &str| json!({"uri": format!("at://{account}/app.bsky.feed.post/3n2z2aaaaaa22"), "cid": "b"});
        json!({"text": "En dan?", "reply": {"root": at("did:plc:root"), "parent": at(parent)}})
    }

    #[test]
    fn a_mention_and_an_answer_to_us_address_us_and_the_depths_of_a_thread_do_not() {
        check("mention", &json!({"text": "Help @zp"}), None);
        check("reply", &answer_to(ME), None);
        check("reply", &answer_to("did:plc:other"), Some(Barrier::NotAddressed));
        let mut named = answer_to("did:plc:other");
        named["facets"] = json!([{"index": {}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": ME}]}]);
        check("reply", &named, None);
    }

    #[test]
    fn what_calls_itself_a_bot_is_left_alone_and_what_others_call_one_is_not() {
        for (src, barrier) in [("did:plc:jan", Some(Barrier::NotAMessage)), ("did:plc:rude", None)] {
            let author = json!({"did": "did:plc:jan", "labels": [{"val": "bot", "src": src}]});
            assert_eq!(message(ME, notification("mention", &json!({}), &author)).unwrap().barrier, barrier);
        }
        let blocked = json!({"did": "did:plc:jan", "viewer": {"blockedBy": true}});
        let message = message(ME, notification("mention", &json!({}), &blocked)).unwrap();
        assert_eq!(message.barrier, Some(Barrier::RepliesClosed));
    }

    #[test]
    fn a_message_stands_in_the_thread_of_its_root_and_is_named_by_its_own_address() {
        let author = json!({"did": ME, "handle": "zp.example"});
        let message = message(ME, notification("reply", &answer_to(ME), &author)).unwrap();
        assert_eq!(message.id.expose(), "at://did:plc:jan/app.bsky.feed.post/3n2z2aqwd7k22");
        assert_eq!(message.thread.expose(), "at://did:plc:root/app.bsky.feed.post/3n2z2aaaaaa22");
        assert_eq!(message.post.unwrap().expose(), "3n2z2aaaaaa22");
        assert!(message.author.unwrap().is_self);
    }

    #[test]
    fn a_record_of_another_kind_is_no_message() {
        let mut like = notification("mention", &json!({}), &json!({}));
        like.record["$type"] = json!("app.bsky.feed.like");
        assert!(message(ME, like).is_none());
    }
}
