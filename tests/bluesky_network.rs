//! One suite for two Bluesky networks: the sandbox, and the real servers that `tests/bluesky/run` starts. The real program
//! serves the zones over real HTTP; people come in through the protocol.
//!
//! `FORMEZ101_BLUESKY` names a real server, `FORMEZ101_KILLS` says how often the program is killed, and
//! `FORMEZ101_TEST_SEED` replays the instants.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

#[allow(dead_code, reason = "each file uses a part")]
#[path = "bluesky/people.rs"]
mod people;
mod served;
#[path = "bluesky/zone.rs"]
mod zone;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use formez101::{
    clock::{Clock, before, between},
    http::HttpTransport,
    sandbox::{Sandbox, Setup},
};
use people::{How, Network, Person, Seen, Written};
use zone::Zone;

/// How often the program is killed when nobody says otherwise; so many people write, each four times.
const KILLS: usize = 12;
const ROUNDS: usize = 4;
/// No reply may take longer than this, on a machine with other work.
const LIMIT: Duration = Duration::from_secs(120);
/// A life lasts so many milliseconds.
const LIFE: std::ops::Range<u64> = 40..1_600;

/// What is written, the language in which it must be answered, and words of the answer.
const TEXTS: [(&str, &str, &str); 3] = [
    ("Bonjour, il y a une bagarre devant chez moi, envoyez quelqu'un s'il vous plaît", "fr", "formez le 101"),
    ("Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan", "nl", "bel 101"),
    ("Guten Abend, vor meinem Haus streiten sich zwei Männer und ich habe Angst", "de", "wählen Sie 101"),
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// A network at an address, with a mark of its own for handles, since a real one may be played on twice.
fn network(root: &str) -> Network {
    let transport = HttpTransport::new([root]).expect("a transport");
    Network { root: root.to_owned(), transport: Arc::new(transport), clock: Clock::system() }
}

/// The sandbox on a port of its own.
async fn sandbox() -> (Sandbox, Network) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let root = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = Clock::system();
    let sandbox = Sandbox::new(Setup::default(), Arc::new(move || clock.now().as_millisecond()));
    let stand_in = sandbox.clone();
    tokio::spawn(async move { stand_in.serve(listener, std::future::pending()).await });
    (sandbox, network(&root))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_on_the_sandbox() {
    let (sandbox, network) = sandbox().await;
    suite(&network).await;
    assert_eq!(sandbox.violations(), Vec::<String>::new());
    let log = sandbox.snapshot();
    let logins =
        |handle: &&serde_json::Value| handle["path"].as_str().is_some_and(|path| path.contains("createSession"));
    let logins = log["requests"].as_array().expect("a log").iter().filter(logins).count();
    assert!(logins <= 6, "{logins} logins: a session is kept over every kill");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real servers: tests/bluesky/run"]
async fn the_suite_on_the_real_network() {
    let root = std::env::var("FORMEZ101_BLUESKY").expect("FORMEZ101_BLUESKY names the server");
    suite(&network(&root)).await;
}

/// Everything, one story after the other.
async fn suite(network: &Network) {
    let seed = number("FORMEZ101_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    let kills = number("FORMEZ101_KILLS").map_or(KILLS, |kills| usize::try_from(kills).expect("few enough"));
    println!("FORMEZ101_TEST_SEED={seed} FORMEZ101_KILLS={kills}");
    let mark = format!("{:05}", seed % 100_000);
    two_zones_named_in_one_post_do_not_talk_to_each_other(network, &mark).await;
    what_nobody_would_see_and_what_is_too_old_is_counted_and_not_answered(network, &mark).await;
    killed_at_any_instant_it_answers_everybody_once(network, &mark, kills, fastrand::Rng::with_seed(seed)).await;
}

/// Waits until something is seen.
async fn until<F: Future<Output = bool>>(network: &Network, what: &str, zone: &Zone, seen: impl Fn() -> F) {
    let begun = network.clock.now();
    while !seen().await {
        assert!(between(begun, network.clock.now()) < LIMIT, "not in time: {what}\n{}", zone.log());
        network.clock.sleep(Duration::from_millis(200)).await;
    }
}

async fn two_zones_named_in_one_post_do_not_talk_to_each_other(network: &Network, mark: &str) {
    let mut one = Zone::new(network, &format!("pz-one-{mark}.test")).await;
    let mut other = Zone::new(network, &format!("pz-other-{mark}.test")).await;
    let jan = network.joins(&format!("jan-{mark}.test")).await;
    one.listens(network).await;
    other.listens(network).await;
    let how = How { names: &[&one.person, &other.person], ..How::default() };
    let post = network.writes(&jan, TEXTS[1].0, how).await;
    for zone in [&one, &other] {
        until(network, "an answer of each zone", zone, || async {
            !network.answers(&jan, &post, &zone.person).await.is_empty()
        })
        .await;
    }
    // A loop would turn every fifth of a second.
    network.clock.sleep(Duration::from_secs(4)).await;
    for zone in [&one, &other] {
        let written = network.all_of(&zone.person).await;
        assert_eq!(written.len(), 1, "{written:?}\n{}", zone.log());
        assert_eq!(written[0].parent, post.uri);
    }
    println!("two zones: one answer each");
}

async fn what_nobody_would_see_and_what_is_too_old_is_counted_and_not_answered(network: &Network, mark: &str) {
    let mut zone = Zone::new(network, &format!("pz-quiet-{mark}.test")).await;
    let marie = network.joins(&format!("marie-{mark}.test")).await;
    zone.listens(network).await;
    let names = [&zone.person];
    let closed = network.writes(&marie, TEXTS[0].0, How { names: &names, closed: true, ..How::default() }).await;
    until(network, "the gate", &zone, || async { zone.log().contains("not visible: replies are closed") }).await;
    let at = Some(before(network.clock.now(), Duration::from_secs(3 * 3600)));
    let old = network.writes(&marie, TEXTS[1].0, How { names: &names, at, ..How::default() }).await;
    // It is older than the service, so that is the reason told first.
    until(network, "the old one", &zone, || async { zone.log().contains("reason=\"baseline\"") }).await;
    let new = network.writes(&marie, TEXTS[2].0, How { names: &names, ..How::default() }).await;
    let answered = || async { !network.answers(&marie, &new, &zone.person).await.is_empty() };
    until(network, "an answer to the new one", &zone, answered).await;
    let written = network.all_of(&zone.person).await;
    assert_eq!(written.iter().map(|reply| &reply.parent).collect::<Vec<_>>(), [&new.uri], "{}", zone.log());
    for post in [&closed, &old] {
        assert_eq!(network.answers(&marie, post, &zone.person).await, []);
    }
    println!("a gate and a backdated mention: counted, not answered");
}

/// A post, and what its answer must be.
struct Asked {
    who: Person,
    post: Written,
    lang: &'static str,
    words: &'static str,
}

async fn killed_at_any_instant_it_answers_everybody_once(
    network: &Network,
    mark: &str,
    kills: usize,
    mut random: fastrand::Rng,
) {
    let mut zone = Zone::new(network, &format!("pz-kill-{mark}.test")).await;
    let mut people = Vec::new();
    for number in 0..kills {
        people.push(network.joins(&format!("citizen-{mark}-{number}.test")).await);
    }
    let news = network.writes(&zone.person, "De wijkagent is er morgen niet.", How::default()).await;
    let aside = network.writes(&people[0], "Wat een lawaai in de straat", How::default()).await;
    zone.listens(network).await;
    let mut asked: Vec<Asked> = Vec::new();
    for round in 0..ROUNDS {
        let times = kills * (round + 1) / ROUNDS - kills * round / ROUNDS;
        let us = zone.person.clone();
        let writing = write_round(network, &us, &people, (&news, &aside), round);
        let (round, ()) = tokio::join!(writing, lives(network, &mut zone, times, &mut random));
        for question in &round {
            until(network, &question.post.uri, &zone, || async {
                !network.answers(&question.who, &question.post, &zone.person).await.is_empty()
            })
            .await;
        }
        asked.extend(round);
        println!("{} of {} answered", asked.len(), kills * ROUNDS);
    }
    check(network, &zone, &asked).await;
    println!("{} posts by {} people, {kills} kills: each answered once", asked.len(), people.len());
}

/// The program is killed so often, each time at an instant of its own, and started again.
async fn lives(network: &Network, zone: &mut Zone, times: usize, random: &mut fastrand::Rng) {
    for _ in 0..times {
        network.clock.sleep(Duration::from_millis(random.u64(LIFE))).await;
        zone.kill();
        zone.start();
    }
}

/// Everybody writes once: half of them name the zone, a quarter answer its news, a quarter name it in somebody's thread.
async fn write_round(
    network: &Network,
    zone: &Person,
    people: &[Person],
    (news, aside): (&Written, &Written),
    round: usize,
) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (number, who) in people.iter().enumerate() {
        let (text, lang, words) = TEXTS[(number + round) % TEXTS.len()];
        let how = match (number + round) % 4 {
            0 | 1 => How { names: &[zone], ..How::default() },
            2 => How { answers: Some(news), ..How::default() },
            _ => How { names: &[zone], answers: Some(aside), ..How::default() },
        };
        let post = network.writes(who, text, how).await;
        asked.push(Asked { who: who.clone(), post, lang, words });
    }
    asked
}

/// Each question has one answer, where everybody sees it and on the zone's own server, and there is nothing else.
async fn check(network: &Network, zone: &Zone, asked: &[Asked]) {
    let mut wrong = Vec::new();
    for Asked { who, post, lang, words } in asked {
        let seen = network.answers(who, post, &zone.person).await;
        let fits = |reply: &Seen| {
            reply.text.contains(words)
                && reply.langs == [*lang]
                && reply.root == post.root.0
                && reply.parent == post.uri
        };
        if seen.len() != 1 || !fits(&seen[0]) {
            wrong.push(format!("{post:?} in {lang}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}\n{}", wrong.len(), wrong.join("\n"), zone.log());
    let written = network.all_of(&zone.person).await;
    let replies: Vec<&Seen> = written.iter().filter(|post| !post.parent.is_empty()).collect();
    let answered: BTreeSet<&str> = replies.iter().map(|reply| reply.parent.as_str()).collect();
    assert_eq!((replies.len(), answered.len()), (asked.len(), asked.len()), "{}", zone.log());
}
