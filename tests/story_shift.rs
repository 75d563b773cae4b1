//! Some hours on every feed, in each way of answering comments: everybody once, within every rule of the platforms.
//!
//! `FORMEZ101_HOURS=24` makes it a whole day, in some minutes.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use formez101::{
    clock::after,
    config::PublicReplies,
    model,
    sandbox::{Said, Say},
};
use world::{Feed, Flags, World, hours, seconds};

/// Where citizens write, how often an hour, and how many replies each way brings: private, public, both.
const FEEDS: [(Feed, u64, [usize; 3]); 7] = [
    (Feed::FacebookInbox, 12, [1, 1, 1]),
    (Feed::FacebookMentions, 2, [1, 1, 1]),
    (Feed::FacebookComments, 8, [1, 1, 2]),
    (Feed::InstagramInbox, 6, [1, 1, 1]),
    (Feed::InstagramComments, 6, [1, 1, 2]),
    (Feed::XMentions, 6, [1, 1, 1]),
    (Feed::XInbox, 4, [1, 1, 1]),
];

/// Some hours with the comments answered in one way; each citizen writes once.
async fn a_shift(mode: PublicReplies, way: usize) {
    let length = std::env::var("FORMEZ101_HOURS").ok().and_then(|hours| hours.parse().ok()).unwrap_or(3);
    let mut world = World::closed(|zone| {
        for feed in [model::Feed::FacebookComments, model::Feed::InstagramComments] {
            zone.feeds.get_mut(&feed).unwrap().public_replies = mode;
        }
    })
    .await;
    world.renews_its_x_token(Some(after(world.clock.now(), hours(1))));
    world.starts().await;
    let mut random = fastrand::Rng::with_seed(101);
    let mut written: Vec<(Feed, Said)> = Vec::new();
    for hour in 0..length {
        for (feed, often, _) in FEEDS {
            for number in 0..often {
                let who = format!("burger {hour} {number} {}", random.u32(..));
                let mut flags = Flags::default();
                if feed == Feed::FacebookInbox && number == 0 {
                    flags.folder = Some(["spam", "other", "pending"][hour % 3].to_owned());
                }
                let say = Say::new(feed, &who, "Er wordt gevochten op het plein, kom snel").flags(flags);
                written.push((feed, world.sandbox.say(say).unwrap()));
                world.pass(seconds(random.u64(0..120))).await;
            }
        }
    }
    world.pass(hours(1)).await;
    let due = |feed: Feed| FEEDS.iter().find(|(known, ..)| *known == feed).unwrap().2[way];
    for (feed, said) in &written {
        let replies = world.sandbox.replies_to(&said.message_id);
        assert_eq!(replies.len(), due(*feed), "{feed:?} {mode:?}: {replies:?}");
    }
    assert_eq!(world.ended_as("sent/").await, written.len() as u64);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_shift_with_private_answers() {
    a_shift(PublicReplies::Private, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_shift_with_public_answers() {
    a_shift(PublicReplies::Public, 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_shift_with_both() {
    a_shift(PublicReplies::Both, 2).await;
}
