//! From a status to a message: does it address us, who may see it, where does it stand?

use jiff::Timestamp;

use super::{
    html,
    wire::{self, Notification, Request, Status},
};
use crate::model::{Author, Barrier, Feed, Message, OwnPost, Private};

/// The feed on which a status of this visibility is answered. What only the named may see is the inbox of this network, and a word that we
/// do not know is taken for that.
pub fn feed(visibility: Option<&str>) -> Feed {
    match visibility {
        Some("public" | "unlisted" | "private") => Feed::MastodonMentions,
        _ => Feed::MastodonInbox,
    }
}

/// Who may see the answer: whoever may see the question, and nobody else.
pub fn visibility_of_answer(question: Option<&str>, unlisted: bool) -> &'static str {
    match question {
        Some("public") if !unlisted => "public",
        Some("public" | "unlisted") => "unlisted",
        Some("private") => "private",
        _ => "direct",
    }
}

/// The message in a notification, named by its status; `None` where there is none, or no time.
pub fn notified(me: &str, item: Notification) -> Option<Message> {
    let arrived = wire::time(item.created_at.as_deref());
    item.status.filter(|_| item.kind.as_deref() == Some("mention")).and_then(|status| message(me, &status, arrived))
}

/// The message of somebody whose notifications are filtered. What lies there may also be a post of ours that somebody liked.
pub fn requested(me: &str, item: Request) -> Option<Message> {
    let (sender, arrived) = (item.account?.id?, wire::time(item.updated_at.as_deref()));
    let names_us = |status: &Status| status.mentions.iter().any(|mention| mention.id.as_deref() == Some(me));
    let by_sender = |status: &Status| author_of(status) == Some(sender.as_str());
    message(me, item.last_status.as_ref().filter(|status| names_us(status) && by_sender(status))?, arrived)
}

fn message(me: &str, status: &Status, arrived: Option<Timestamp>) -> Option<Message> {
    let id = status.id.clone()?;
    let written = wire::time(status.created_at.as_deref());
    // A post from another server carries its author's time, which may be to come.
    let created_at = match (written, arrived) {
        (Some(written), Some(arrived)) => written.min(arrived),
        (written, arrived) => written.or(arrived)?,
    };
    let barrier = barrier(status);
    let author = status.account.as_ref().and_then(|account| {
        let id = account.id.clone()?;
        let handle = Some(&account.acct).filter(|acct| !acct.is_empty()).map(|acct| Private::from(acct.clone()));
        Some(Author { is_self: id == me, handle, id: id.into() })
    });
    Some(Message {
        feed: feed(status.visibility.as_deref()),
        current: id.clone().into(),
        // What the zone's file mutes is the post that is answered, by the last part of its link.
        post: status.in_reply_to_id.clone().map(Private::from),
        // A server names no conversation: what we say to one person is one.
        thread: author.as_ref().map_or_else(|| id.clone().into(), |author| author.id.clone()),
        id: id.into(),
        author,
        text: words(status).into(),
        created_at,
        barrier,
        // A reply calls nobody but the author of what it answers.
        bystanders: Vec::new(),
    })
}

fn barrier(status: &Status) -> Option<Barrier> {
    let account = status.account.as_ref()?;
    if account.bot == Some(true) || !status.reblog.is_null() {
        return Some(Barrier::NotAMessage);
    }
    (account.id.is_none() || account.acct.is_empty()).then_some(Barrier::Unreadable)
}

/// What was written, with what stands on its cover, without the names at its head.
fn words(status: &Status) -> String {
    let text = html::text(status.content.as_deref().unwrap_or_default());
    let text = html::without_names(&text);
    match status.spoiler_text.as_deref().map(str::trim).filter(|cover| !cover.is_empty()) {
        Some(cover) => format!("{cover}\n{text}"),
        None => text.to_owned(),
    }
}

/// Who wrote a status.
pub fn author_of(status: &Status) -> Option<&str> {
    status.account.as_ref()?.id.as_deref()
}

/// A status of our own account, as far as it is said to somebody.
pub fn own_post(me: &str, status: &Status) -> Option<OwnPost> {
    if author_of(status) != Some(me) {
        return None;
    }
    let to = status.in_reply_to_account_id.clone().filter(|to| to != me);
    let named = || status.mentions.iter().filter_map(|mention| mention.id.clone()).find(|id| id != me);
    let to = to.or_else(named)?;
    Some(OwnPost {
        id: status.id.clone()?.into(),
        thread: to.clone().into(),
        in_reply_to: status.in_reply_to_id.clone().map(Private::from),
        to: Some(to.into()),
        text: words(status).into(),
        created_at: wire::time(status.created_at.as_deref())?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn status(changes: &Value) -> Status {
        let mut status = json!({
            "id": "01M8556E5BCRSHF5XAG5PAQQNQ",
            "created_at": "2026-11-23T21:32:35.885Z",
            "visibility": "direct",
            "spoiler_text": "",
            "content": "<p><span class=\"h-card\"><a class=\"u-url mention\">@<span>pz</span></a></span> Er wordt gevochten</p>",
            "account": {"id": "jan", "username": "jan", "acct": "jan@elsewhere.example", "bot": false},
            "mentions": [{"id": "me"}],
        });
        changes.as_object().unwrap().iter().for_each(|(key, value)| status[key] = value.clone());
        serde_json::from_value(status).unwrap()
    }

    fn notification(kind: &str, changes: &Value) -> Notification {
        let created_at = Some("2026-11-23T21:32:36.000Z".to_owned());
        Notification { id: Some("7".into()), kind: Some(kind.into()), created_at, status: Some(status(changes)) }
    }

    #[test]
    fn what_only_the_named_may_see_is_the_inbox_and_is_answered_alike() {
        for (question, feed, answer) in [
            ("public", Feed::MastodonMentions, "public"),
            ("unlisted", Feed::MastodonMentions, "unlisted"),
            ("private", Feed::MastodonMentions, "private"),
            ("direct", Feed::MastodonInbox, "direct"),
            ("mutuals_only", Feed::MastodonInbox, "direct"),
        ] {
            let message = notified("me", notification("mention", &json!({"visibility": question}))).unwrap();
            assert_eq!((message.feed, visibility_of_answer(Some(question), false)), (feed, answer), "{question}");
        }
        assert_eq!(visibility_of_answer(Some("public"), true), "unlisted");
        assert_eq!(visibility_of_answer(None, false), "direct");
    }

    #[test]
    fn a_message_is_named_by_its_status_and_stands_in_the_talk_with_its_author() {
        let message = notified("me", notification("mention", &json!({"spoiler_text": "dringend"}))).unwrap();
        assert_eq!(message.id.expose(), "01M8556E5BCRSHF5XAG5PAQQNQ");
        assert_eq!(
            (message.thread.expose().as_str(), message.text.expose().as_str()),
            ("jan", "dringend\nEr wordt gevochten")
        );
        assert_eq!(message.author.unwrap().handle.unwrap().expose(), "jan@elsewhere.example");
        assert_eq!(message.created_at.to_string(), "2026-11-23T21:32:35.885Z");
        assert!(notified("me", notification("favourite", &json!({}))).is_none());
    }

    #[test]
    fn machines_and_repetitions_are_no_messages_and_the_future_is_now() {
        let barrier = |changes: Value| notified("me", notification("mention", &changes)).unwrap().barrier;
        assert_eq!(barrier(json!({"account": {"id": "b", "acct": "b", "bot": true}})), Some(Barrier::NotAMessage));
        assert_eq!(barrier(json!({"reblog": {"id": "1"}})), Some(Barrier::NotAMessage));
        assert_eq!(barrier(json!({"account": {"id": "b"}})), Some(Barrier::Unreadable));
        let early = notified("me", notification("mention", &json!({"created_at": "2027-01-01T00:00:00Z"}))).unwrap();
        assert_eq!(early.created_at.to_string(), "2026-11-23T21:32:36Z");
    }

    #[test]
    fn of_somebody_filtered_only_words_to_us_count() {
        let request = |changes: &Value| {
            let account = serde_json::from_value(json!({"id": "jan", "acct": "jan"})).unwrap();
            let last_status = Some(status(changes));
            Request { updated_at: None, account: Some(account), last_status }
        };
        assert!(requested("me", request(&json!({}))).is_some());
        assert!(requested("me", request(&json!({"mentions": []}))).is_none());
        assert!(requested("me", request(&json!({"account": {"id": "me", "acct": "pz"}}))).is_none());
    }

    #[test]
    fn what_we_say_to_somebody_stands_in_the_talk_with_him() {
        let own = |mut changes: Value| {
            changes["account"] = json!({"id": "me", "acct": "pz"});
            own_post("me", &status(&changes)).map(|post| post.thread.expose().clone())
        };
        let reply = json!({"in_reply_to_id": "9", "in_reply_to_account_id": "an", "mentions": [{"id": "jan"}]});
        assert_eq!(own(reply), Some("an".into()));
        assert_eq!(own(json!({"in_reply_to_account_id": "me", "mentions": [{"id": "jan"}]})), Some("jan".into()));
        assert_eq!(own(json!({"mentions": []})), None, "an announcement");
        assert!(own_post("me", &status(&json!({"mentions": [{"id": "me"}]}))).is_none(), "somebody else's");
    }
}
