//! What citizens write below posts and media: answered in private, in public or in both, once each.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the failure that the test reports")]

mod world;

use formez101::{
    config::{PublicReplies, Zone},
    model,
    sandbox::{Colleague, FaultKind, Story},
};
use world::{Fault, Feed, Flags, Side, World, graph_error, hours, minutes, seconds};

const TEXT: &str = "Er wordt gevochten op het plein, kom snel";

/// Sets how the comments on both platforms are answered.
fn answering(mode: PublicReplies) -> impl FnOnce(&mut Zone) {
    move |zone| {
        for feed in [model::Feed::FacebookComments, model::Feed::InstagramComments] {
            zone.feeds.get_mut(&feed).unwrap().public_replies = mode;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_is_answered_in_private_unless_the_zone_says_otherwise() {
    for feed in [Feed::FacebookComments, Feed::InstagramComments] {
        for (mode, wanted) in [
            (PublicReplies::Private, vec![false]),
            (PublicReplies::Public, vec![true]),
            (PublicReplies::Both, vec![false, true]),
            (PublicReplies::None, vec![]),
        ] {
            let world = World::open_with(answering(mode)).await;
            let comment = world.says(feed, "Jan", TEXT);
            world.pass(minutes(3)).await;
            let replies = world.sandbox.replies_to(&comment.message_id);
            let mut public: Vec<bool> =
                replies.iter().map(|reply| !matches!(reply.feed, Feed::FacebookInbox | Feed::InstagramInbox)).collect();
            public.sort_unstable();
            assert_eq!(public, wanted, "{feed:?} {mode:?}: {replies:?}");
            assert!(replies.iter().all(|reply| reply.text.contains("bel 101")), "{replies:?}");
            let ended = if wanted.is_empty() { "silent/public_off" } else { "sent/" };
            assert_eq!(world.ended_as(ended).await, 1, "one message, one outcome");
            world.ends().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_among_replies_and_a_visitors_post_are_answered_too() {
    let world = World::open_with(answering(PublicReplies::Both)).await;
    let flags = Flags { visitor_post: true, ..Flags::default() };
    let visitor =
        world.says_with(Feed::FacebookComments, "An", "Wie kan mij helpen, er staat iemand aan mijn deur", flags);
    let first = world.says(Feed::FacebookComments, "Jan", TEXT);
    let say = formez101::sandbox::Say::new(Feed::FacebookComments, "Bo", "Bij ons ook, op de markt");
    let nested = world.sandbox.say(say.thread(&first.message_id)).unwrap();
    world.pass(minutes(3)).await;
    for message in [&visitor, &first, &nested] {
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 2, "one in private, one in public");
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_visitor_whose_post_tags_the_page_is_shown_by_two_feeds_and_answered_once() {
    let world = World::open().await;
    let tagging = world.says(Feed::FacebookMentions, "Jan", TEXT);
    world.pass(minutes(10)).await;
    assert_eq!(world.sandbox.replies_to(&tagging.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn who_was_answered_in_private_and_writes_there_is_not_answered_again() {
    let world = World::open().await;
    for (comments, inbox) in
        [(Feed::FacebookComments, Feed::FacebookInbox), (Feed::InstagramComments, Feed::InstagramInbox)]
    {
        let comment = world.says(comments, "Jan", TEXT);
        world.pass(minutes(3)).await;
        assert_eq!(world.sandbox.replies_to(&comment.message_id).len(), 1);
        let again = world.says(inbox, "Jan", "Maar ik kan niet bellen");
        world.pass(minutes(3)).await;
        assert!(world.answer_to(&again).is_empty(), "one reply per person and cool-down, wherever");
    }
    assert_eq!(world.ended_as("silent/cooldown").await, 2);
    assert_eq!(world.ended_as("silent/colleague").await, 0, "our private reply is no colleague's word in the inbox");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_private_reply_whose_result_is_unknown_is_there_once() {
    let world = World::open().await;
    let mut comments = Vec::new();
    for (number, fault) in [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::Truncate].into_iter().enumerate()
    {
        world.misfortune(fault, Side::Facebook, "POST", "/messages", 1);
        comments.push(world.says(Feed::FacebookComments, &format!("Burger {number}"), TEXT));
        world.pass(minutes(3)).await;
    }
    for comment in &comments {
        assert_eq!(world.sandbox.replies_to(&comment.message_id).len(), 1);
    }
    assert_eq!(world.ended_as("sent/").await, 3);
    world.pass(hours(1)).await;
    assert_eq!(world.ended_as("silent/colleague").await, 0);
    world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn a_comment_that_a_colleague_answered_privately_keeps_that_one_answer() {
    let world = World::open().await;
    world.misfortune(graph_error(10_900, None), Side::Facebook, "POST", "/messages", 1);
    let comment = world.says(Feed::FacebookComments, "Jan", TEXT);
    world.pass(minutes(3)).await;
    assert!(world.answer_to(&comment).is_empty());
    assert_eq!(world.ended_as("silent/colleague").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_colleague_below_one_comment_does_not_silence_the_others() {
    let world = World::open_with(answering(PublicReplies::Public)).await;
    let mut answered = Vec::new();
    for feed in [Feed::FacebookComments, Feed::InstagramComments] {
        let own = world.sandbox.colleague(&Colleague::posts(feed, "Straatfeest dit weekend")).unwrap();
        let say = |who: &str, under: &str| formez101::sandbox::Say::new(feed, who, TEXT).thread(under);
        let first = world.sandbox.say(say("Jan", &own.thread_id)).unwrap();
        world.colleague_answers(feed, &first, "Dag Jan, er is een ploeg onderweg.");
        let again = world.sandbox.say(say("Jan", &first.message_id)).unwrap();
        let other = world.sandbox.say(say("Bo", &own.thread_id)).unwrap();
        world.pass(minutes(3)).await;
        assert!(world.answer_to(&first).is_empty() && world.answer_to(&again).is_empty(), "{feed:?}");
        answered.push(other);
    }
    for other in answered {
        assert_eq!(world.sandbox.replies_to(&other.message_id).len(), 1);
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn below_a_post_of_condolence_all_stays_quiet() {
    let mut world = World::closed(|_| {}).await;
    let mut muted = Vec::new();
    for (feed, name) in [
        (Feed::FacebookComments, model::Feed::FacebookComments),
        (Feed::InstagramComments, model::Feed::InstagramComments),
    ] {
        let post = world.sandbox.colleague(&Colleague::posts(feed, "In memoriam")).unwrap();
        world.zone.feeds.get_mut(&name).unwrap().muted_posts.push(post.message_id.clone());
        muted.push((feed, post));
    }
    world.starts().await;
    for (feed, post) in &muted {
        let say = formez101::sandbox::Say::new(*feed, "Jan", "Rust zacht").thread(&post.thread_id);
        world.sandbox.say(say).unwrap();
    }
    world.pass(minutes(3)).await;
    assert_eq!((world.posted(), world.ended_as("silent/muted_post").await), (0, 2));
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn instagram_messages_stories_and_tags() {
    let world = World::open().await;
    let message = world.says(Feed::InstagramInbox, "Jan", TEXT);
    let story = Flags { story: Some(Story::Reply), ..Flags::default() };
    let reply = world.says_with(Feed::InstagramInbox, "An", "Dit is bij ons in de straat!", story);
    let story = Flags { story: Some(Story::Mention), ..Flags::default() };
    let mention = world.says_with(Feed::InstagramInbox, "Bo", "", story);
    let tag = world.says(Feed::InstagramMentions, "Cas", TEXT);
    world.pass(minutes(6)).await;
    for message in [&message, &reply, &mention] {
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    }
    assert!(world.answer_to(&tag).is_empty());
    assert_eq!(world.ended_as("silent/no_way").await, 1, "seen and counted, though nothing can be posted there");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_meta_files_as_spam_is_found_within_some_minutes() {
    let world = World::open().await;
    let mut filed = Vec::new();
    for folder in ["spam", "other", "pending"] {
        let flags = Flags { folder: Some(folder.to_owned()), ..Flags::default() };
        filed.push(world.says_with(Feed::FacebookInbox, folder, TEXT, flags));
    }
    world.pass(minutes(6)).await;
    for message in filed {
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_block_silences_the_account_for_a_day_even_over_a_restart() {
    let mut world = World::open_with(answering(PublicReplies::Public)).await;
    world.misfortune(graph_error(368, None), Side::Facebook, "POST", "/comments", 1);
    world.says(Feed::FacebookComments, "Jan", TEXT);
    world.pass(minutes(3)).await;
    world.stops().await;
    world.starts().await;
    world.says(Feed::FacebookInbox, "An", TEXT);
    let elsewhere = world.says(Feed::XInbox, "bo", "Bonjour, on force la porte de mon voisin");
    world.pass(hours(3)).await;
    assert_eq!(world.posted(), 1, "the other account goes on");
    assert_eq!(world.sandbox.replies_to(&elsewhere.message_id).len(), 1);
    assert_eq!(world.ended_as("expired/").await, 2);
    world.pass(hours(22)).await;
    let heard = world.says(Feed::FacebookInbox, "Cas", TEXT);
    world.pass(minutes(1)).await;
    assert_eq!(world.sandbox.replies_to(&heard.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_text_called_a_duplicate_that_is_not_there_silences_the_account_for_a_while() {
    let world = World::open_with(answering(PublicReplies::Public)).await;
    world.misfortune(graph_error(506, None), Side::Facebook, "POST", "/comments", 1);
    let first = world.says(Feed::FacebookComments, "Jan", TEXT);
    let second = world.says(Feed::FacebookInbox, "An", TEXT);
    world.pass(minutes(10)).await;
    assert!(world.posted() <= 1, "at most what left before the platform spoke");
    world.pass(minutes(10)).await;
    for message in [&first, &second] {
        assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    }
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_private_reply_is_sent_in_the_form_that_the_platform_wants() {
    let world = World::open().await;
    world.sandbox.fault(Fault::new(graph_error(100, None)).on(Side::Facebook, "POST", "/messages").times(1));
    let comment = world.says(Feed::FacebookComments, "Jan", TEXT);
    world.pass(minutes(2)).await;
    assert_eq!(world.sandbox.replies_to(&comment.message_id).len(), 1);
    world.pass(seconds(1)).await;
    world.ends_with_violations().await;
}

#[tokio::test(start_paused = true)]
async fn an_app_that_wants_its_secret_proved_is_served_like_any_other() {
    for proving in [true, false] {
        let mut world = World::closed(|zone| zone.facebook.as_mut().unwrap().appsecret_proof = proving).await;
        world.sandbox.set(&serde_json::json!({ "graph_require_app_secret_proof": true })).unwrap();
        world.starts().await;
        let messages = [
            world.says(Feed::FacebookInbox, "Jan", TEXT),
            world.says(Feed::FacebookComments, "An", TEXT),
            world.says(Feed::InstagramInbox, "Bo", TEXT),
        ];
        world.pass(minutes(3)).await;
        for message in messages {
            assert_eq!(world.sandbox.replies_to(&message.message_id).len(), usize::from(proving));
        }
        if proving { world.ends().await } else { world.ends_with_violations().await }
    }
}
