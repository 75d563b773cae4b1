//! In which order replies leave, how many at a time, and that one which hangs holds nobody else up.

mod world;

use world::{FaultKind, Feed, Side, World, hours, minutes, seconds};

const TEXT: &str = "Er wordt gevochten op het plein";

/// The names of those whom the service answered, in the order in which their answers stand there.
fn answered(world: &World) -> Vec<String> {
    let all = world.sandbox.all_messages();
    let name = |id: &String| all.iter().find(|message| message.id == *id).map(|message| message.author.clone());
    let ours = all.iter().filter(|message| message.by == formez101::sandbox::By::Service);
    ours.filter_map(|reply| name(reply.in_reply_to.as_ref()?)).collect()
}

fn hangs(processed: bool) -> FaultKind {
    FaultKind::Timeout { ms: 28_000, processed }
}

#[tokio::test(start_paused = true)]
async fn urgent_ones_are_answered_first_then_the_oldest_however_many_wait() {
    let mut world = World::closed(|_| {}).await;
    world.starts().await;
    world.stops().await;
    let mut expected = (Vec::new(), Vec::new());
    for number in 0..60 {
        let (name, urgent) = (format!("Burger {number}"), number % 7 == 3);
        let said = world.says(Feed::FacebookInbox, &name, TEXT);
        world.intends(&said, urgent).await;
        if urgent {
            expected.0.push(name);
        } else {
            expected.1.push(name);
        }
        world.pass(seconds(1)).await;
    }
    world.starts().await;
    world.pass(seconds(5)).await;
    let (urgent, others) = expected;
    assert_eq!(answered(&world), [urgent, others].concat());
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_hangs_holds_nobody_else_up() {
    let world = World::open().await;
    world.misfortune(hangs(true), Side::Facebook, "POST", "/messages", 1);
    let first = world.says(Feed::FacebookInbox, "Eerste", TEXT);
    world.pass(seconds(21)).await;
    let others = ["Tweede", "Derde", "Vierde"].map(|name| world.says(Feed::FacebookInbox, name, TEXT));
    let public = world.says(Feed::FacebookMentions, "Vijfde", TEXT);
    world.pass(seconds(8)).await;
    assert!(others.iter().all(|said| !world.answer_to(said).is_empty()), "the inbox goes on");
    world.pass(seconds(60)).await;
    assert!(!world.answer_to(&public).is_empty());
    assert_eq!(world.sandbox.replies_to(&first.message_id).len(), 1, "and what hung is there once");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_each_of_several_posts_under_way() {
    let mut world = World::open().await;
    world.misfortune(FaultKind::Timeout { ms: 6_000, processed: true }, Side::Facebook, "POST", "/messages", 5);
    let all = ["Een", "Twee", "Drie", "Vier", "Vijf"].map(|name| world.says(Feed::FacebookInbox, name, TEXT));
    while world.posted() < all.len() {
        world.pass(seconds(1)).await;
    }
    world.stops().await;
    assert_eq!(world.ended_as("sent").await, 5, "their results are known before the end");
    world.ends().await;
}

#[tokio::test(start_paused = true)]
async fn while_many_results_are_unknown_nothing_more_is_posted() {
    let world = World::open().await;
    // Every post is broken off before it takes effect, and for a while nothing can be looked for either.
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "POST", "/messages", 1000);
    world.misfortune(FaultKind::ResetBefore, Side::Facebook, "GET", "/messages", 1000);
    for number in 0..100 {
        world.says(Feed::FacebookInbox, &format!("Burger {number}"), TEXT);
    }
    world.pass(minutes(3)).await;
    let requests = world.sandbox.snapshot()["requests"].as_array().unwrap().clone();
    let posts = requests.iter().filter(|request| request["method"] == "POST").count();
    assert_eq!(posts, 32, "each of them costs a look, so no more are risked");
    world.pass(hours(3)).await;
    world.ends_with_violations().await;
}
