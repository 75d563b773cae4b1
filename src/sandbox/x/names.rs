//! The names that X accepts in the parameters of a read, in both vocabularies.

/// Post fields that both vocabularies have.
pub const COMMON_FIELDS: [&str; 26] = [
    "article",
    "attachments",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "entities",
    "geo",
    "id",
    "lang",
    "media_metadata",
    "non_public_metrics",
    "organic_metrics",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "reply_settings",
    "scopes",
    "source",
    "suggested_source_links",
    "suggested_source_links_with_counts",
    "text",
    "withheld",
];
pub const TWEET_FIELDS: [&str; 5] =
    ["author_id", "edit_history_tweet_ids", "in_reply_to_user_id", "note_tweet", "referenced_tweets"];
pub const POST_FIELDS: [&str; 5] =
    ["article_title", "matched_media_notes", "note_post", "note_request_suggestions", "paid_partnership"];

pub const COMMON_EXPANSIONS: [&str; 9] = [
    "article.cover_media",
    "article.media_entities",
    "attachments.media_keys",
    "attachments.media_source_tweet",
    "attachments.poll_ids",
    "author_id",
    "entities.mentions.username",
    "geo.place_id",
    "in_reply_to_user_id",
];
pub const TWEET_EXPANSIONS: [&str; 5] = [
    "edit_history_tweet_ids",
    "entities.note.mentions.username",
    "referenced_tweets.id",
    "referenced_tweets.id.attachments.media_keys",
    "referenced_tweets.id.author_id",
];
pub const POST_EXPANSIONS: [&str; 3] = ["edit_history_post_ids", "referenced_posts", "username"];

pub const USER_FIELDS: [&str; 28] = [
    "affiliation",
    "confirmed_email",
    "connection_status",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "receives_your_dm",
    "subscribes_to_you",
    "subscription",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_followers_count",
    "verified_type",
    "withheld",
    "most_recent_post_id",
];
pub const DM_FIELDS: [&str; 7] =
    ["attachments", "created_at", "dm_conversation_id", "entities", "event_type", "id", "text"];
pub const EVENT_TYPES: [&str; 3] = ["MessageCreate", "ParticipantsJoin", "ParticipantsLeave"];
