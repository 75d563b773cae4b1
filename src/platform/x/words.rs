//! The request parameters of each vocabulary: the name of a parameter decides the keys of the answer,
//! and the two must never be mixed (`platforms/x.md` 2.1).

use crate::{config::Vocabulary, http::Call};

/// Fields that both vocabularies know.
const COMMON: &str = "created_at,conversation_id,entities,display_text_range,reply_settings";

/// Asks for everything that decides about a mention.
pub fn mentions(call: Call, vocabulary: Vocabulary, handles: bool) -> Call {
    match vocabulary {
        Vocabulary::Tweet => {
            // `author_id` is a free field here; users are expanded, and perhaps billed, only when the
            // zone's file names an account by its handle.
            let expansions = if handles { "referenced_tweets.id,author_id" } else { "referenced_tweets.id" };
            call.with("tweet.fields", format!("{COMMON},author_id,in_reply_to_user_id,referenced_tweets,note_tweet"))
                .with("expansions", expansions)
        }
        Vocabulary::Post => call
            .with("post.fields", format!("{COMMON},note_post"))
            .with("expansions", "author_id,in_reply_to_user_id,referenced_posts"),
    }
}

/// Asks for what recognises our own posts.
pub fn own_posts(call: Call, vocabulary: Vocabulary) -> Call {
    match vocabulary {
        Vocabulary::Tweet => {
            call.with("tweet.fields", "created_at,conversation_id,in_reply_to_user_id,referenced_tweets")
        }
        Vocabulary::Post => {
            call.with("post.fields", "created_at,conversation_id").with("expansions", "referenced_posts")
        }
    }
}

/// Asks for direct messages with their senders: by field, or by expansion where the field is refused.
pub fn events(call: Call, vocabulary: Vocabulary, expand_sender: bool) -> Call {
    const FIELDS: &str = "id,text,event_type,created_at,dm_conversation_id";
    let call = call.with("event_types", "MessageCreate");
    match (expand_sender, vocabulary) {
        (false, _) => call.with("dm_event.fields", format!("{FIELDS},sender_id")),
        (true, Vocabulary::Tweet) => {
            call.with("dm_event.fields", FIELDS).with("expansions", "sender_id").with("tweet.fields", "id")
        }
        (true, Vocabulary::Post) => {
            call.with("dm_event.fields", FIELDS).with("expansions", "sender_id").with("post.fields", "id")
        }
    }
}
