//! The query of a read: fields, expansions, pages, bounds. Anything unknown is refused.

use super::super::settings::{SenderId, Settings, Vocabulary};
use super::super::time;
use super::super::wire::Call;
use super::names::{
    COMMON_EXPANSIONS, COMMON_FIELDS, DM_FIELDS, EVENT_TYPES, POST_EXPANSIONS, POST_FIELDS, TWEET_EXPANSIONS,
    TWEET_FIELDS, USER_FIELDS,
};
use super::problem::Problem;

/// Which kind of read it is; each knows its own parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    User,
    Post,
    Timeline,
    DmList,
    DmOne,
}

/// A query, read and found good.
#[derive(Debug)]
pub struct Query {
    pub vocabulary: Vocabulary,
    pub post_fields: Vec<String>,
    pub user_fields: Vec<String>,
    pub dm_fields: Vec<String>,
    pub expansions: Vec<String>,
    pub event_types: Vec<String>,
    pub exclude: Vec<String>,
    pub max_results: usize,
    /// Items begin below this id.
    pub below: Option<u64>,
    pub since_id: Option<u64>,
    pub until_id: Option<u64>,
    pub start: Option<i64>,
    pub end: Option<i64>,
    /// Something that is allowed but not wise, to be noted.
    pub oddity: Option<&'static str>,
}

impl Query {
    /// Reads the query of a call, or says what is wrong with it.
    pub fn read(call: &Call, read: Read, settings: &Settings, may_exclude: bool) -> Result<Self, Problem> {
        known_parameters(call, read, may_exclude)?;
        let (tweet, post) = (call.param("tweet.fields"), call.param("post.fields"));
        let vocabulary = match (tweet, post) {
            (Some(_), Some(given)) => {
                return Err(Problem::invalid(
                    "post.fields",
                    given,
                    "tweet.fields and post.fields cannot be used together",
                ));
            }
            (Some(_), None) => Vocabulary::Tweet,
            (None, Some(_)) => Vocabulary::Post,
            (None, None) => settings.x_default_vocabulary,
        };
        let expansions = expansions(call, read, vocabulary)?;
        let tied =
            |name: &String| TWEET_EXPANSIONS.contains(&name.as_str()) || POST_EXPANSIONS.contains(&name.as_str());
        let unnamed = tweet.is_none() && post.is_none() && expansions.iter().any(tied);
        let (low, high, usual) = if read == Read::Timeline { (5, 100, 10) } else { (1, 100, 100) };
        let query = Self {
            vocabulary,
            post_fields: post_fields(call, vocabulary, settings)?,
            user_fields: list(call, "user.fields", &|name| USER_FIELDS.contains(&name))?,
            dm_fields: dm_fields(call, vocabulary, settings)?,
            expansions,
            event_types: list(call, "event_types", &|name| EVENT_TYPES.contains(&name))?,
            exclude: list(call, "exclude", &|name| ["replies", "retweets"].contains(&name))?,
            max_results: max_results(call, low, high, usual)?,
            below: call.param("pagination_token").map(|token| untoken(token, read)).transpose()?,
            since_id: id(call, "since_id")?,
            until_id: id(call, "until_id")?,
            start: moment(call, "start_time")?,
            end: moment(call, "end_time")?,
            oddity: unnamed.then_some("an expansion of one vocabulary without tweet.fields or post.fields"),
        };
        match (query.since_id, query.until_id) {
            (Some(since), Some(until)) if since >= until => {
                Err(Problem::invalid("since_id", &since.to_string(), "'since_id' must be smaller than 'until_id'"))
            }
            _ => Ok(query),
        }
    }

    /// True when this expansion was asked for.
    pub fn expands(&self, name: &str) -> bool {
        self.expansions.iter().any(|given| given == name)
    }

    /// True when the answer speaks of tweets.
    pub fn tweets(&self) -> bool {
        self.vocabulary == Vocabulary::Tweet
    }
}

fn known_parameters(call: &Call, read: Read, may_exclude: bool) -> Result<(), Problem> {
    let mut known = vec!["expansions", "user.fields", "tweet.fields", "post.fields"];
    match read {
        Read::User => {}
        Read::Timeline => {
            known.extend(["max_results", "pagination_token", "since_id", "until_id", "start_time", "end_time"]);
            known.extend(["media.fields", "poll.fields", "place.fields"]);
        }
        Read::Post => known.extend(["media.fields", "poll.fields", "place.fields"]),
        Read::DmList => {
            known.extend(["max_results", "pagination_token", "event_types", "dm_event.fields", "media.fields"]);
        }
        Read::DmOne => known.extend(["dm_event.fields", "media.fields"]),
    }
    if may_exclude {
        known.push("exclude");
    }
    for (at, (key, value)) in call.query.iter().enumerate() {
        if !known.contains(&key.as_str()) {
            let message = format!("The query parameter [{key}] is not one of [{}]", known.join(","));
            return Err(Problem::invalid(key, value, &message));
        }
        if call.query[..at].iter().any(|(other, _)| other == key) {
            return Err(Problem::invalid(key, value, &format!("The query parameter [{key}] is given twice")));
        }
    }
    Ok(())
}

fn list(call: &Call, name: &str, known: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Problem> {
    let Some(text) = call.param(name) else {
        return Ok(Vec::new());
    };
    let given: Vec<String> = text.split(',').map(str::to_owned).collect();
    match given.iter().find(|value| !known(value)) {
        Some(odd) => Err(Problem::invalid(
            name,
            odd,
            &format!("The `{name}` query parameter value [{odd}] is not one of the accepted values"),
        )),
        None => Ok(given),
    }
}

fn post_fields(call: &Call, vocabulary: Vocabulary, settings: &Settings) -> Result<Vec<String>, Problem> {
    let tweet = list(call, "tweet.fields", &|name| {
        COMMON_FIELDS.contains(&name) || TWEET_FIELDS.contains(&name) || name == "referenced_tweets.id"
    })?;
    let post = list(call, "post.fields", &|name| {
        COMMON_FIELDS.contains(&name)
            || POST_FIELDS.contains(&name)
            || (name == "author_id" && settings.x_post_author_id)
    })?;
    Ok(if vocabulary == Vocabulary::Tweet { tweet } else { post })
}

fn expansions(call: &Call, read: Read, vocabulary: Vocabulary) -> Result<Vec<String>, Problem> {
    let own: &[&str] = match (read, vocabulary) {
        (Read::User, Vocabulary::Tweet) => &["affiliation.user_id", "most_recent_tweet_id", "pinned_tweet_id"],
        (Read::User, Vocabulary::Post) => &["affiliation", "most_recent_post_id", "pinned_post_id"],
        (Read::Timeline | Read::Post, Vocabulary::Tweet) => &TWEET_EXPANSIONS,
        (Read::Timeline | Read::Post, Vocabulary::Post) => &POST_EXPANSIONS,
        (_, Vocabulary::Tweet) => &["attachments.media_keys", "participant_ids", "referenced_tweets.id", "sender_id"],
        (_, Vocabulary::Post) => &["attachments.media_keys", "participant_ids", "referenced_posts", "sender_id"],
    };
    list(call, "expansions", &|name| {
        own.contains(&name) || (matches!(read, Read::Timeline | Read::Post) && COMMON_EXPANSIONS.contains(&name))
    })
}

fn dm_fields(call: &Call, vocabulary: Vocabulary, settings: &Settings) -> Result<Vec<String>, Problem> {
    let refuses = match settings.x_dm_sender_id {
        SenderId::Accepted => false,
        SenderId::RefusedWithPostFields => vocabulary == Vocabulary::Post,
        SenderId::Refused => true,
    };
    let given = list(call, "dm_event.fields", &|name| {
        DM_FIELDS.contains(&name) || ["sender_id", "participant_ids", "referenced_tweets"].contains(&name)
    })?;
    match given.iter().find(|name| refuses && !DM_FIELDS.contains(&name.as_str())) {
        // Which documents are right is not known, so that meeting the refusal is no violation.
        Some(odd) => {
            let message =
                format!("The `dm_event.fields` query parameter value [{odd}] is not one of [{}]", DM_FIELDS.join(","));
            Err(Problem::invalid_quietly("dm_event.fields", odd, &message))
        }
        None => Ok(given),
    }
}

fn max_results(call: &Call, low: usize, high: usize, usual: usize) -> Result<usize, Problem> {
    let Some(text) = call.param("max_results") else {
        return Ok(usual);
    };
    match text.parse::<usize>() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => {
            let message = format!("The `max_results` query parameter value [{text}] is not between {low} and {high}");
            Err(Problem::invalid("max_results", text, &message))
        }
    }
}

fn id(call: &Call, name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = call.param(name) else {
        return Ok(None);
    };
    let good = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|_| good);
    number.map(Some).ok_or_else(|| {
        Problem::invalid(
            name,
            text,
            &format!("The `{name}` query parameter value [{text}] does not match ^[0-9]{{1,19}}$"),
        )
    })
}

fn moment(call: &Call, name: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = call.param(name) else {
        return Ok(None);
    };
    // Posts before this day cannot be asked for.
    let first = time::rfc3339("2010-11-06T00:00:00Z").unwrap_or(0);
    let read = time::rfc3339(text).filter(|&at| at >= first);
    read.map(Some).ok_or_else(|| {
        Problem::invalid(name, text, &format!("The `{name}` query parameter value [{text}] is not a valid time"))
    })
}

/// The token of the page that begins below an id: base 36 for posts, base 32 hex of at least 16 characters for messages.
pub fn token(below: u64, read: Read) -> String {
    match read {
        Read::DmList => format!("{:0>16}", radix(below, 32).to_uppercase()),
        _ => format!("7140d{}", radix(below, 36)),
    }
}

fn untoken(text: &str, read: Read) -> Result<u64, Problem> {
    let number = match read {
        Read::DmList if text.len() >= 16 => u64::from_str_radix(text, 32).ok(),
        Read::DmList => None,
        _ => text.strip_prefix("7140d").and_then(|rest| u64::from_str_radix(rest, 36).ok()),
    };
    number.ok_or_else(|| {
        Problem::invalid("pagination_token", text, "The `pagination_token` query parameter value is not valid")
    })
}

fn radix(mut number: u64, base: u32) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % u64::from(base)).unwrap_or(0);
        digits.push(char::from_digit(digit, base).unwrap_or('0'));
        number /= u64::from(base);
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_tokens_lead_back_to_the_id_they_were_made_from() {
        for id in [0, 1, 2_100_000_000_000_000_123, u64::MAX] {
            for read in [Read::Timeline, Read::DmList] {
                assert_eq!(untoken(&token(id, read), read).ok(), Some(id));
            }
        }
        assert!(untoken("18LAA5", Read::DmList).is_err(), "too short");
    }
}
