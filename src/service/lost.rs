//! Before a post: does an answer stand on the platform already, from a time of which the ledger may know too little?

use std::time::Duration;

use jiff::Timestamp;

use super::{
    desk::Desk,
    recognise::{self, LATEST},
};
use crate::{
    clock::{after, before},
    config::Policy,
    http::Failure,
    ledger::{LedgerError, Lost, Pending, Sealed},
    model::{OwnPost, Silence, Target},
    platform::Platform,
    reply::{OwnWords, recognisable},
};

/// How far the platform's clock may be behind ours.
const MINUTE: Duration = Duration::from_secs(60);
/// A post that was under way when the ledger was lost is accepted by then.
const UNDER_WAY: Duration = Duration::from_secs(600);
/// A look that takes longer is given up and begun again, so that the turn of the sender ends in time.
const LONGEST_LOOK: Duration = Duration::from_secs(60);

/// What a look before a post says.
pub enum Seen {
    /// Nothing speaks against the post.
    Nothing,
    /// An answer stands there, or the citizen was told a short time ago.
    Answer(Silence),
    /// The platform does not show far enough back to tell.
    TooLittle,
    /// The platform could not be asked.
    Failed(Failure),
}

/// Looks where the reply would stand, if the ledger may have lost what bears on it; `text` is what would be posted.
///
/// # Errors
/// When the ledger cannot be read.
pub async fn look(
    desk: &Desk,
    platform: &dyn Platform,
    pending: &Pending,
    sealed: &Sealed,
    text: &str,
) -> Result<Seen, LedgerError> {
    let Some(lost) = desk.store.note(Lost::NOTE).await?.and_then(|note| note.parse::<Lost>().ok()) else {
        return Ok(Seen::Nothing);
    };
    let reach = Reach::new(&lost, &desk.zone.policy, sealed.answer.urgent, pending.created_at, desk.clock.now());
    if reach.is_empty() {
        return Ok(Seen::Nothing);
    }
    let view = platform.read_back(&sealed.target, before(reach.since, LATEST));
    let view = desk.clock.within(LONGEST_LOOK, view).await;
    desk.keep_quota(platform).await;
    let view = match view.unwrap_or_else(|| Err(Failure::later("look too long"))) {
        Ok(view) => view,
        Err(failure) => return Ok(Seen::Failed(failure)),
    };
    let mut unknown = Vec::new();
    for post in view.posts.iter().filter(|post| post.created_at <= reach.until) {
        let account = sealed.target.feed.platform();
        let key = desk.keys.post(account, post.id.expose());
        // What the ledger knows has had its say when the message was judged, and what it has sent since is not lost.
        let since = post.created_at >= before(lost.until, MINUTE);
        if desk.store.knows_post(&key).await? || since && desk.may_have_posted(account, post, lost.until).await? {
            continue;
        }
        unknown.push(post);
    }
    let words = OwnWords::new(&desk.zone.texts, &desk.zone.facts);
    let ours = |post: &OwnPost| {
        let said = post.text.expose();
        words.is_ours(said) || recognisable(said) == recognisable(text)
    };
    Ok(match reach.answer(&unknown, &sealed.target, pending.created_at, ours) {
        Some(silence) => Seen::Answer(silence),
        None if view.complete => Seen::Nothing,
        None => Seen::TooLittle,
    })
}

/// The time in which an answer may stand that the ledger does not know and that speaks against another one.
struct Reach {
    since: Timestamp,
    until: Timestamp,
    /// An automatic reply after this speaks against another one, whatever it answered.
    told_since: Timestamp,
}

impl Reach {
    fn new(lost: &Lost, policy: &Policy, urgent: bool, created_at: Timestamp, now: Timestamp) -> Self {
        let cooldown: Duration = if urgent { policy.cooldown_urgent } else { policy.cooldown };
        let told_since = before(now, cooldown);
        // A post that was under way when the ledger was lost may have been accepted a little later.
        Self { since: lost.since.max(told_since.min(created_at)), until: after(lost.until, UNDER_WAY), told_since }
    }

    fn is_empty(&self) -> bool {
        self.since > self.until
    }

    fn answer(
        &self,
        unknown: &[&OwnPost],
        target: &Target,
        created_at: Timestamp,
        ours: impl Fn(&OwnPost) -> bool,
    ) -> Option<Silence> {
        let here = |post: &&&OwnPost| recognise::stands_there(post, target);
        let to_the_contact = |post: &&&OwnPost| here(post) || (post.to.is_some() && post.to == target.author);
        let later = |post: &&OwnPost| post.created_at >= created_at;
        if unknown.iter().filter(to_the_contact).any(|post| later(post) && ours(post)) {
            Some(Silence::Answered)
        } else if unknown.iter().filter(here).any(later) {
            Some(Silence::Colleague)
        } else {
            let told = |post: &&OwnPost| post.created_at > self.told_since && ours(post);
            unknown.iter().filter(to_the_contact).any(told).then_some(Silence::Cooldown)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Zone,
        model::{Feed, Private, Route},
    };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn post(minute: i64, in_reply_to: Option<&str>, to: Option<&str>, text: &str) -> OwnPost {
        OwnPost {
            id: "9".into(),
            thread: "t".into(),
            in_reply_to: in_reply_to.map(Into::into),
            to: to.map(Into::into),
            text: text.into(),
            created_at: at(minute),
        }
    }

    /// What speaks against a reply at minute 100 to what `jan` wrote at minute 90, when 10 to 80 were lost.
    fn answer(post: &OwnPost, urgent: bool) -> Option<Silence> {
        let target = Target {
            feed: Feed::XMentions,
            route: Route::Direct,
            message: "1".into(),
            thread: "t".into(),
            post: None,
            author: Some(Private::from("jan")),
            bystanders: Vec::new(),
        };
        let lost = Lost { since: at(10), until: at(80) };
        let reach = Reach::new(&lost, &Zone::for_testing().policy, urgent, at(90), at(100));
        reach.answer(&[post], &target, at(90), |post| post.text.expose() == "101")
    }

    #[test]
    fn an_answer_that_stands_there_is_not_given_again() {
        assert_eq!(answer(&post(90, Some("1"), None, "101"), false), Some(Silence::Answered));
        assert_eq!(answer(&post(91, None, None, "101"), true), Some(Silence::Answered));
        assert_eq!(answer(&post(91, Some("1"), None, "We sturen iemand"), false), Some(Silence::Colleague));
        // Edited since, so that it has another id: the author is the same.
        assert_eq!(answer(&post(91, Some("0"), Some("jan"), "101"), true), Some(Silence::Answered));
    }

    #[test]
    fn the_cool_down_counts_what_the_ledger_does_not_know() {
        assert_eq!(answer(&post(70, Some("0"), Some("jan"), "101"), false), Some(Silence::Cooldown));
        assert_eq!(answer(&post(70, Some("0"), Some("jan"), "101"), true), None, "a quarter of an hour has passed");
        assert_eq!(answer(&post(89, None, None, "101"), true), Some(Silence::Cooldown));
        assert_eq!(answer(&post(70, None, None, "We sturen iemand"), false), None, "a colleague's silence is over");
        assert_eq!(answer(&post(95, Some("2"), Some("marie"), "101"), false), None, "somebody else was told");
    }

    #[test]
    fn nothing_is_looked_for_once_what_was_lost_is_too_old_to_matter() {
        let policy = Zone::for_testing().policy;
        let lost = Lost { since: at(10), until: at(80) };
        let empty = |urgent, created_at, now| Reach::new(&lost, &policy, urgent, at(created_at), at(now)).is_empty();
        assert!(!empty(false, 100, 100));
        assert!(!empty(false, 800, 810), "90 minutes after the cool-down began to count");
        assert!(empty(false, 811, 811), "twelve hours and ten minutes later");
        assert!(empty(true, 106, 106), "an urgent message asks for a quarter of an hour only");
        assert!(!empty(true, 89, 180), "a message from that time is looked for however late it is answered");
    }
}
