//! What a zone's file asks of the platforms in an ordinary day and month, for `check`.

use crate::{
    config::{FeedSettings, Vocabulary, X, Zone},
    model::Feed,
    platform::{
        quota::{Allowance, Costs, Forecast, Planned, Pool, Usd},
        sweep::{DEEP_EVERY, DEEP_PAGES, FOLDER_EVERY},
    },
};

/// The month for which the cost is estimated: so many answered mentions and messages on X.
const MONTH: (u64, u64) = (100, 100);
/// Calls that X allows in 15 minutes (`platforms/x.md` 4.2).
const MENTIONS: u32 = 300;
const EVENTS: u32 = 15;

/// Calls a day and their cost, a line for each matter.
pub fn describe(zone: &Zone) -> String {
    let feeds = zone.feeds.iter().flat_map(|(feed, settings)| planned(zone, *feed, settings)).collect();
    Forecast::new(feeds, zone.x.as_ref().map(|x| costs(zone, x))).describe(MONTH.0, MONTH.1)
}

/// A feed's polls, and what is read now and then beside them.
fn planned(zone: &Zone, feed: Feed, settings: &FeedSettings) -> Vec<Planned> {
    let from = match feed {
        Feed::FacebookInbox | Feed::InstagramInbox => Allowance::Meta(Pool::Messenger),
        Feed::FacebookMentions | Feed::FacebookComments => Allowance::Meta(Pool::Pages),
        Feed::InstagramComments | Feed::InstagramMentions => Allowance::Meta(Pool::Instagram),
        Feed::XMentions => Allowance::X("mentions", MENTIONS),
        Feed::XInbox => Allowance::X("dm_events", EVENTS),
        Feed::BlueskyMentions | Feed::BlueskyInbox => Allowance::Bluesky,
        Feed::MastodonMentions | Feed::MastodonInbox => Allowance::Mastodon,
    };
    let poll = |name, every, calls| Planned { feed: name, interval: settings.poll * every, calls, from };
    let mut polls = vec![poll(feed.name(), 1, 1)];
    match feed {
        Feed::FacebookInbox if zone.facebook.as_ref().is_some_and(|facebook| !facebook.folders.is_empty()) => {
            polls.push(poll("facebook.inbox, another folder", FOLDER_EVERY, 1));
        }
        Feed::MastodonInbox => polls.push(poll("mastodon.inbox, filtered people and talks", 1, 2)),
        Feed::FacebookComments => polls.push(poll("facebook.comments, older posts", DEEP_EVERY, DEEP_PAGES - 1)),
        Feed::InstagramComments => polls.push(poll("instagram.comments, older media", DEEP_EVERY, DEEP_PAGES - 1)),
        _ => {}
    }
    polls
}

fn costs(zone: &Zone, x: &X) -> Costs {
    let by_handle = |account: &String| account.bytes().any(|byte| !byte.is_ascii_digit());
    let handles = x.known.sisters.iter().chain(&x.known.bots).any(by_handle);
    Costs {
        budget: x.monthly_budget_usd.map(Usd::from_dollars),
        owned: x.owned_app,
        users: match x.vocabulary {
            Vocabulary::Tweet => handles.into(),
            Vocabulary::Post => 2,
        },
        inbox: zone.feeds.contains_key(&Feed::XInbox),
    }
}
