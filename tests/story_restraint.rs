//! Humans first, never a loop, nothing old: when the service says nothing.

mod heard;
mod world;

use formez101::{
    clock::after,
    config::{Mode, QuietAnswer, QuietPeriod, ReplyTo},
    model,
    triage::Family,
};
use heard::Log;
use world::{Feed, Flags, World, hours, minutes, seconds};

#[tokio::test(start_paused = true)]
async fn what_stood_there_before_the_first_start_is_never_answered() {
    let mut world = World::closed(|_| {}).await;
    for number in 0..40 {
        world.said_before(Feed::FacebookInbox, &format!("Old {number}"), "Bonjour, on a volé mon vélo", "-20m");
        world.said_before(Feed::XMentions, &format!("old{number}"), "mijn fiets is gestolen", "-20m");
    }
    world.starts().await;
    world.pass(hours(1)).await;
    assert_eq!(world.posted(), 0);
    let message = world.says(Feed::FacebookInbox, "Old 7", "Bonjour, maintenant le voleur est là");
    world.pass(seconds(20)).await;
    assert_eq!(world.sandbox.replies_to(&message.message_id).len(), 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn where_a_colleague_answers_the_service_is_silent_for_half_an_hour() {
    let world = World::open().await;
    let first = world.says(Feed::FacebookInbox, "Odette", "Bonjour, on a forcé ma cave");
    world.colleague_answers(Feed::FacebookInbox, &first, "Bonjour Madame, quelle est l'adresse ?");
    world.pass(minutes(1)).await;
    assert_eq!(world.answer_to(&first), "");
    let second = world.says(Feed::FacebookInbox, "Odette", "Rue du Moulin 14");
    world.pass(minutes(1)).await;
    assert_eq!(world.answer_to(&second), "");
    assert_eq!(world.ended_as("silent/colleague").await, 2);
    world.pass(minutes(30)).await;
    let third = world.says(Feed::FacebookInbox, "Odette", "Ils sont revenus");
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&third).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_zones_own_word_for_danger_lifts_the_long_silence_like_any_other() {
    let world = World::open_with(|zone| {
        let own = |family, phrase: &str| (family, phrase.to_owned());
        zone.phrases.add = vec![own(Family::Violence, "margaille"), own(Family::Now, "asteure")];
    })
    .await;
    let first = world.says(Feed::FacebookInbox, "Odile", "Bonjour, une question");
    world.pass(minutes(20)).await;
    assert!(!world.answer_to(&first).is_empty());
    world.says(Feed::FacebookInbox, "Odile", "Et sinon ?");
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 1);
    world.says(Feed::FacebookInbox, "Odile", "grosse margaille chez nous asteure, venez");
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 2);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_without_a_word_of_any_language_is_answered_as_he_wrote_before() {
    let mut world = World::open().await;
    let stranger = world.says(Feed::FacebookInbox, "Somebody", "???");
    let jan = world.says(Feed::FacebookInbox, "Jan", "Goedenavond, wanneer is het kantoor open?");
    world.pass(minutes(1)).await;
    assert!(world.answer_to(&stranger).contains("formez le 101"), "French is the zone's first language");
    assert!(world.answer_to(&jan).contains("bel 101"));
    world.stops().await;
    world.starts().await;
    world.pass(hours(13)).await;
    let before = world.posted();
    world.says(Feed::FacebookInbox, "Jan", "???");
    world.says(Feed::FacebookInbox, "Somebody", "112?");
    world.pass(minutes(1)).await;
    let mut posted: Vec<_> = world.sandbox.replies_in(&jan.thread_id).into_iter().map(|reply| reply.text).collect();
    assert_eq!((world.posted() - before, posted.len()), (2, 2));
    assert!(posted.pop().unwrap().contains("bel 101"), "he wrote in Dutch");
    let posted = world.sandbox.replies_in(&stranger.thread_id);
    assert!(posted.iter().all(|reply| reply.text.contains("formez le 101")), "nobody knows better: {posted:?}");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_public_answer_counts_too() {
    let world = World::open().await;
    let mention = world.says(Feed::XMentions, "lucie", "des jeunes jettent des pierres sur les bus");
    world.colleague_answers(Feed::XMentions, &mention, "Merci, une patrouille est en route");
    let tagged = world.says(Feed::FacebookMentions, "Rachid", "Une voiture roule à contresens");
    world.colleague_answers(Feed::FacebookMentions, &tagged, "Merci, nous y allons");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("silent/colleague").await, 2);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn one_contact_gets_one_reply_in_twelve_hours_however_often_he_writes() {
    let world = World::open_with(|zone| {
        zone.x = None;
        zone.feeds.retain(|feed, _| *feed == formez101::model::Feed::FacebookInbox);
        zone.feeds.values_mut().for_each(|settings| settings.poll = minutes(1));
    })
    .await;
    let first = world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.says(Feed::FacebookInbox, "Jan", "Hallo?");
    world.says(Feed::FacebookInbox, "Jan", "Is daar iemand?");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 1);
    world.pass(hours(11)).await;
    world.says(Feed::FacebookInbox, "Jan", "Wanneer zijn jullie open?");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 1);
    assert_eq!(world.ended_as("silent/cooldown").await, 3);
    world.pass(hours(1)).await;
    let later = world.says(Feed::FacebookInbox, "Jan", "Er wordt weer gevochten");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 2);
    assert!(!world.answer_to(&later).is_empty() && !first.message_id.is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn neither_bots_nor_sisters_nor_our_own_words_are_answered() {
    let world = World::open_with(|zone| {
        let known = &mut zone.x.as_mut().unwrap().known;
        known.bots.push("verkeersbot".into());
        known.sisters.push("zpvoisine".into());
    })
    .await;
    world.says(Feed::XMentions, "verkeersbot", "file op de ring");
    world.says(Feed::XMentions, "zpvoisine", "bonjour chers collègues");
    world.says(Feed::XInbox, "ailleurs", "GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Elders");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 0);
    let ends = [
        world.ended_as("silent/bot").await,
        world.ended_as("silent/sister").await,
        world.ended_as("silent/own_words").await,
    ];
    assert_eq!(ends, [1, 1, 1]);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn what_does_not_address_us_is_left_alone() {
    let world = World::open().await;
    world.says_with(Feed::XMentions, "diep", "ja dat vind ik ook", Flags { hidden_mention: true, ..Flags::default() });
    world.says_with(Feed::XMentions, "herhaler", "RT", Flags { repost: true, ..Flags::default() });
    world.says_with(
        Feed::XMentions,
        "gesloten",
        "hallo",
        Flags { reply_settings: Some("following".into()), ..Flags::default() },
    );
    world.says_with(Feed::XInbox, "groep", "hallo allemaal", Flags { group: true, ..Flags::default() });
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 0);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn the_hourly_cap_holds_in_public_and_inboxes_go_on() {
    let world = World::open_with(|zone| zone.policy.public_cap_per_hour = 3).await;
    for number in 0..6 {
        world.says(Feed::XMentions, &format!("citizen{number}"), "er wordt gevochten op het plein");
    }
    world.says(Feed::XInbox, "inbox", "er wordt gevochten op het plein");
    world.pass(minutes(3)).await;
    assert_eq!(world.posted(), 4);
    assert_eq!(world.ended_as("silent/public_cap").await, 3);
    world.pass(hours(1)).await;
    world.says(Feed::XMentions, "citizen9", "er wordt weer gevochten");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 5);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn observe_mode_decides_and_counts_and_posts_nothing() {
    let world = World::open_with(|zone| zone.mode = Mode::Observe).await;
    world.says(Feed::FacebookInbox, "Jan", "Er wordt gevochten");
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("silent/observed").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_is_only_counted_and_a_muted_post_stay_quiet() {
    let mut world = World::closed(|zone| {
        zone.feeds.get_mut(&formez101::model::Feed::XInbox).unwrap().reply_to = ReplyTo::None;
    })
    .await;
    let condolence = world.said_before(Feed::FacebookMentions, "Famille", "Merci pour vos pensées", "-1s");
    world
        .zone
        .feeds
        .get_mut(&formez101::model::Feed::FacebookMentions)
        .unwrap()
        .muted_posts
        .push(condolence.thread_id.clone());
    world.starts().await;
    world.says(Feed::XInbox, "wout", "er staat een man met een mes");
    world.pass(minutes(2)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("silent/feed_silent").await, 1);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn thanks_after_an_answer_get_no_second_one_and_a_new_report_does() {
    let mut world = World::open_with(|zone| zone.policy.cooldown = seconds(0)).await;
    world.says(Feed::FacebookInbox, "Poli", "Merci beaucoup !");
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 1, "he was never answered: nobody knows what he thanks for");
    world.says(
        Feed::FacebookInbox,
        "Odette",
        "On m'a volé mon vélo la semaine passée devant la gare, que dois-je faire ?",
    );
    world.pass(minutes(1)).await;
    assert_eq!(world.posted(), 2);
    for words in ["ok merci !!", "👍", "bedankt, top"] {
        world.says(Feed::FacebookInbox, "Odette", words);
        world.pass(minutes(1)).await;
    }
    world.rests(hours(24 * 20)).await;
    let late = world.says(Feed::FacebookInbox, "Odette", "Merci pour votre aide, bonne journée");
    world.pass(minutes(1)).await;
    assert_eq!((world.posted(), world.answer_to(&late)), (2, String::new()));
    assert_eq!(world.ended_as("silent/thanks").await, 4);
    let again = world.says(Feed::FacebookInbox, "Odette", "merci d'envoyer quelqu'un vite");
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&again).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_says_stop_on_x_is_left_alone_there_for_ninety_days_whatever_he_writes() {
    let mut world = World::open().await;
    let cry = world.says(Feed::XMentions, "els", "STOP aub");
    let first = world.says(Feed::XMentions, "wout", QUESTION);
    world.pass(minutes(2)).await;
    assert!(!world.answer_to(&cry).is_empty(), "nobody has ever written to her");
    assert!(world.answer_to(&first).contains("stop = geen antwoord meer"), "{}", world.answer_to(&first));
    let stop = world.says(Feed::XInbox, "wout", "STOP aub");
    world.pass(minutes(2)).await;
    let question = world.says(Feed::XMentions, "wout", "Moet ik een afspraak maken?");
    world.pass(minutes(2)).await;
    world.rests(hours(24 * 88)).await;
    let urgent = world.says(Feed::XInbox, "wout", CRY);
    let other = world.says(Feed::XMentions, "jeanne", "STOP, il me frappe, au secours");
    world.pass(minutes(2)).await;
    for silent in [&stop, &question, &urgent] {
        assert_eq!(world.answer_to(silent), "");
    }
    assert!(!world.answer_to(&other).is_empty(), "a cry is no wish for silence");
    let ends = [
        world.ended_as("silent/opt_out").await,
        world.ended_as("silent/opted_out").await,
        world.ended_as("silent/opted_out_urgent").await,
    ];
    assert_eq!(ends, [1, 1, 1]);
    world.rests(hours(24 * 2)).await;
    let later = world.says(Feed::XMentions, "wout", QUESTION);
    world.pass(minutes(2)).await;
    assert!(!world.answer_to(&later).is_empty(), "ninety days are over");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn stop_on_facebook_is_a_message_like_any_other() {
    let world = World::open_with(|zone| zone.policy.cooldown = seconds(0)).await;
    let stop = world.says(Feed::FacebookInbox, "Jan", "STOP");
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&stop).is_empty());
    world.ends().await;
}

const QUESTION: &str = "Wanneer is het commissariaat open deze week, en moet ik een afspraak maken?";
const CRY: &str = "Er wordt gevochten op het plein, kom snel";

#[tokio::test(start_paused = true)]
async fn in_a_quiet_period_only_who_is_in_need_is_answered_and_then_all_is_as_usual() {
    let mut world = World::open().await;
    let before = world.says(Feed::FacebookInbox, "Ann", QUESTION);
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&before).is_empty());
    // Staff choose it while the service runs: it reads its file again.
    world.stops().await;
    let waits = world.says(Feed::FacebookInbox, "Bert", QUESTION);
    world.intends(&waits, false).await;
    let until = after(world.clock.now(), hours(2));
    world.zone.policy.quiet_period = Some(QuietPeriod { from: None, until, answer: QuietAnswer::Urgent });
    world.starts().await;
    let asks = world.says(Feed::FacebookInbox, "Chris", QUESTION);
    let cries = world.says(Feed::FacebookInbox, "Dora", CRY);
    world.pass(hours(1)).await;
    assert!(!world.answer_to(&cries).is_empty());
    assert_eq!(world.answer_to(&asks), "");
    assert_eq!(world.answer_to(&waits), "", "what was decided before is not posted in it either");
    assert_eq!(world.ended_as("silent/quiet_period").await, 2);
    world.pass(hours(1)).await;
    let after = world.says(Feed::FacebookInbox, "Eva", QUESTION);
    world.pass(minutes(1)).await;
    assert!(!world.answer_to(&after).is_empty());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn in_a_quiet_period_without_answers_nobody_is_answered() {
    let world = World::open_with(|zone| {
        let until = "2026-11-21T06:00:00Z".parse().unwrap();
        zone.policy.quiet_period = Some(QuietPeriod { from: None, until, answer: QuietAnswer::None });
    })
    .await;
    world.says(Feed::FacebookInbox, "Dora", CRY);
    world.says(Feed::XMentions, "dora", CRY);
    world.pass(minutes(5)).await;
    assert_eq!(world.posted(), 0);
    assert_eq!(world.ended_as("silent/quiet_period").await, 2);
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn the_log_says_when_a_quiet_period_begins_and_ends_and_once_a_day_what_to_look_at() {
    let (log, _listening) = Log::open();
    let world = World::open_with(|zone| {
        (zone.instagram, zone.x) = (None, None);
        zone.feeds.retain(|feed, _| *feed == model::Feed::FacebookInbox);
        zone.feeds.values_mut().for_each(|settings| settings.poll = minutes(5));
        zone.facts.phone = Some("02 555 01 01".to_owned());
        zone.valid_until = vec!["02 555 01 01 until 2026-12-01".parse().unwrap()];
        let (from, until) = ("2026-11-20T23:00:00Z".parse().unwrap(), "2026-11-21T05:00:00Z".parse().unwrap());
        zone.policy.quiet_period = Some(QuietPeriod { from: Some(from), until, answer: QuietAnswer::Urgent });
    })
    .await;
    world.pass(minutes(50)).await;
    assert_eq!(log.count("the number 02 555 01 01 is known to hold until 2026-12-01 only"), 1);
    assert_eq!((log.count("a quiet period begins on"), log.count("a quiet period is on until")), (1, 0));
    world.pass(minutes(20)).await;
    assert_eq!((log.count("a quiet period is on until"), log.count("the quiet period is over")), (1, 0));
    world.pass(hours(6)).await;
    assert_eq!((log.count("a quiet period is on until"), log.count("the quiet period is over")), (1, 1));
    let told = log.count("02 555 01 01");
    world.pass(hours(24)).await;
    assert_eq!(log.count("02 555 01 01"), told + 1, "once a day");
    world.ends().await;
}
