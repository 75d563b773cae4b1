//! From a post as X shows it to a message: does it address us, may we answer, whom must we not call.

use std::collections::HashMap;

use super::wire::{self, Includes, Post};
use crate::model::{Author, Barrier, Feed, Message, OwnPost, Private};

/// One page of mentions, seen from our account.
pub struct Seen<'a> {
    me: &'a str,
    account: &'a str,
    /// Handles by author, where they were asked for.
    handles: HashMap<&'a str, &'a str>,
    /// Authors of the posts that the page's posts refer to.
    authors: HashMap<&'a str, &'a str>,
}

impl<'a> Seen<'a> {
    /// Prepares a page's side tables.
    pub fn new(me: &'a str, account: &'a str, includes: &'a Includes) -> Self {
        let handles = includes.users.iter().filter_map(|user| Some((user.id.as_deref()?, user.username.as_deref()?)));
        let authors = includes.tweets.iter().filter_map(|post| Some((post.id.as_deref()?, post.author_id.as_deref()?)));
        Self { me, account, handles: handles.collect(), authors: authors.collect() }
    }

    /// The message in a post; `None` for a post without an id or a time.
    pub fn message(&self, post: Post) -> Option<Message> {
        let current = post.id.clone()?;
        let created_at = wire::time(post.created_at.as_deref(), &current)?;
        let barrier = self.barrier(&post);
        let bystanders = self.bystanders(&post);
        // Each edit makes a new id; the first one names the message for good.
        let id = post
            .edit_history_tweet_ids
            .into_iter()
            .min_by_key(|id| (id.len(), id.clone()))
            .unwrap_or_else(|| current.clone());
        let author = post.author_id.map(|author| Author {
            is_self: author == self.me,
            handle: self.handles.get(author.as_str()).map(|handle| Private::from(*handle)),
            id: author.into(),
        });
        let text = post.note_tweet.and_then(|note| note.text).or(post.text).unwrap_or_default();
        Some(Message {
            feed: Feed::XMentions,
            thread: post.conversation_id.unwrap_or_else(|| id.clone()).into(),
            id: id.into(),
            current: current.into(),
            post: None,
            author,
            text: plain(&text).into(),
            created_at,
            barrier,
            bystanders,
        })
    }

    fn barrier(&self, post: &Post) -> Option<Barrier> {
        if post
            .referenced_tweets
            .iter()
            .any(|referenced| matches!(referenced.kind.as_deref(), Some("retweeted" | "reposted")))
        {
            return Some(Barrier::NotAMessage);
        }
        let quoted = post.referenced_tweets.iter().filter(|referenced| referenced.kind.as_deref() == Some("quoted"));
        let quotes_us =
            quoted.filter_map(|quoted| self.authors.get(quoted.id.as_deref()?)).any(|author| *author == self.me);
        let answers_us = post.in_reply_to_user_id.as_deref() == Some(self.me);
        if !(self.names_us(post) || answers_us || quotes_us) {
            return Some(Barrier::NotAddressed);
        }
        // Someone named in a post may answer under `mentionedUsers`; the narrower settings shut us out.
        matches!(post.reply_settings.as_deref(), Some("following" | "subscribers")).then_some(Barrier::RepliesClosed)
    }

    /// Whether the post names us in its visible text. A reply deep in a conversation carries everybody in a
    /// hidden prefix, which addresses nobody.
    fn names_us(&self, post: &Post) -> bool {
        let visible_from = post.display_text_range.map_or(0, |(start, _)| start);
        post.entities.mentions.iter().any(|mention| {
            let us = mention.id.as_deref().map_or_else(
                || mention.username.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(self.account)),
                |id| id == self.me,
            );
            us && mention.start.unwrap_or(0) >= visible_from
        })
    }

    fn bystanders(&self, post: &Post) -> Vec<Private<String>> {
        let mut ids: Vec<&str> = post.entities.mentions.iter().filter_map(|mention| mention.id.as_deref()).collect();
        ids.retain(|id| *id != self.me && Some(*id) != post.author_id.as_deref());
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(Private::from).collect()
    }
}

/// A post of our own account.
pub fn own_post(post: Post) -> Option<OwnPost> {
    let id = post.id?;
    let created_at = wire::time(post.created_at.as_deref(), &id)?;
    let answered =
        post.referenced_tweets.into_iter().find(|referenced| referenced.kind.as_deref() == Some("replied_to"));
    Some(OwnPost {
        thread: post.conversation_id.unwrap_or_else(|| id.clone()).into(),
        id: id.into(),
        to: post.in_reply_to_user_id.map(Private::from),
        in_reply_to: answered.and_then(|referenced| referenced.id).map(Private::from),
        text: plain(&post.text.unwrap_or_default()).into(),
        created_at,
    })
}

/// X writes three characters of a text as HTML entities.
pub fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: &str = "1500";

    #[track_caller]
    fn check(json: &str, barrier: Option<Barrier>) -> Message {
        let post: Post = serde_json::from_str(json).unwrap();
        let includes = Includes {
            tweets: vec![serde_json::from_str(r#"{"id":"800","author_id":"1500"}"#).unwrap()],
            users: vec![serde_json::from_str(r#"{"id":"1400","username":"jan_voorbeeld"}"#).unwrap()],
        };
        let message = Seen::new(US, "PZVoorbeeld", &includes).message(post).unwrap();
        assert_eq!(message.barrier, barrier);
        message
    }

    fn post(fields: &str) -> String {
        format!(r#"{{"id":"2100000000000000123","author_id":"1400","text":"@PZVoorbeeld &lt;help&gt;",{fields}}}"#)
    }

    const NAMED: &str = r#""entities":{"mentions":[{"start":0,"end":12,"username":"PZVoorbeeld","id":"1500"},{"start":20,"username":"ander","id":"1600"}]}"#;

    #[test]
    fn a_visible_mention_addresses_us_and_the_others_named_are_not_called() {
        let message = check(&post(&format!(r#"{NAMED},"display_text_range":[0,45]"#)), None);
        assert_eq!(message.text.expose(), "@PZVoorbeeld <help>");
        assert_eq!(message.author.unwrap().handle.unwrap().expose(), "jan_voorbeeld");
        assert_eq!(message.bystanders, [Private::from("1600")]);
    }

    #[test]
    fn a_mention_in_the_hidden_prefix_does_not_but_a_direct_answer_or_a_quote_does() {
        let hidden = format!(r#"{NAMED},"display_text_range":[13,45]"#);
        check(&post(&hidden), Some(Barrier::NotAddressed));
        check(&post(&format!(r#"{hidden},"in_reply_to_user_id":"1500""#)), None);
        check(&post(r#""referenced_tweets":[{"type":"quoted","id":"800"}]"#), None);
        check(&post(r#""referenced_tweets":[{"type":"quoted","id":"801"}]"#), Some(Barrier::NotAddressed));
    }

    #[test]
    fn reposts_and_posts_closed_to_us_are_left_alone() {
        check(
            &post(&format!(r#"{NAMED},"referenced_posts":[{{"type":"retweeted","id":"1"}}]"#)),
            Some(Barrier::NotAMessage),
        );
        check(&post(&format!(r#"{NAMED},"reply_settings":"following""#)), Some(Barrier::RepliesClosed));
        check(&post(&format!(r#"{NAMED},"reply_settings":"mentionedUsers""#)), None);
    }

    #[test]
    fn an_edited_post_keeps_its_first_id_and_is_answered_at_its_last() {
        let message = check(
            &post(&format!(r#"{NAMED},"edit_history_tweet_ids":["2100000000000000123","2100000000000000100"]"#)),
            None,
        );
        assert_eq!(message.id.expose(), "2100000000000000100");
        assert_eq!(message.current.expose(), "2100000000000000123");
    }
}
