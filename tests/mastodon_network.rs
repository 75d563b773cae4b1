//! One suite for servers that speak Mastodon's client API: the sandbox in each of its flavours, and any real one. The real program serves
//! the zone over real HTTP and is killed while people write.
//!
//! `FORMEZ101_MASTODON` names a real server as `ADDRESS ZONE:TOKEN PERSON:TOKEN...`; `FORMEZ101_KILLS` says how often the program is
//! killed, and `FORMEZ101_TEST_SEED` replays the instants.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is the failure that the test reports")]

#[allow(dead_code, reason = "each file uses a part")]
#[path = "mastodon/people.rs"]
mod people;
mod served;

use std::{sync::Arc, time::Duration};

use formez101::{
    clock::{Clock, between},
    http::HttpTransport,
    sandbox::{Sandbox, Setup},
};
use people::{Person, Server};
use serde_json::json;
use served::Served;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How often the program is killed when nobody says otherwise.
const KILLS: usize = 12;
/// How many people write in each life.
const PER_LIFE: usize = 3;
/// A life lasts so many milliseconds.
const LIFE: std::ops::Range<u64> = 40..1_200;
/// No reply may take longer than this, on a machine with other work: the second look at a lost one comes after a minute.
const LIMIT: Duration = Duration::from_secs(150);

/// What is written, and words of the answer.
const TEXTS: [(&str, &str, &str); 3] = [
    ("Bonjour, il y a une bagarre devant chez moi, envoyez quelqu'un s'il vous plaît", "fr", "formez le 101"),
    ("Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan", "nl", "bel 101"),
    ("Guten Abend, vor meinem Haus streiten sich zwei Männer und ich habe Angst", "de", "wählen Sie 101"),
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn server(root: &str) -> Server {
    let transport = HttpTransport::new([root]).expect("a transport");
    Server { root: root.to_owned(), transport: Arc::new(transport) }
}

/// Who has an account there beside the zone.
struct Place {
    server: Server,
    zone: Person,
    token: String,
    people: Vec<Person>,
}

async fn sandbox(flavour: &str) -> (Sandbox, Place) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let root = format!("http://{}", listener.local_addr().expect("an address"));
    let (clock, setup) = (Clock::system(), Setup::default());
    let (name, token) = (setup.mastodon_username.clone(), setup.mastodon_token.clone());
    let sandbox = Sandbox::new(setup, Arc::new(move || clock.now().as_millisecond()));
    let filters = matches!(flavour, "mastodon" | "activities");
    let settings = json!({"mastodon_flavour": flavour, "mastodon_filters_strangers": filters});
    sandbox.set(&settings).expect("a flavour");
    let stand_in = sandbox.clone();
    tokio::spawn(async move { stand_in.serve(listener, std::future::pending()).await });
    // Whoever writes twice while an answer is under way gets that one.
    let people = (0..100).map(|number| Person::named(&format!("burger{number}"))).collect();
    (sandbox, Place { server: server(&root), zone: Person::with(&name, &token), token, people })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_instant_it_answers_everybody_once_on_every_server() {
    let on = async |flavour| {
        let (sandbox, place) = sandbox(flavour).await;
        suite(&place, Shows::All { widens: flavour == "mitra" }).await;
        assert_eq!(sandbox.violations(), Vec::<String>::new(), "{flavour}");
    };
    tokio::join!(on("gotosocial"), on("mitra"), on("activities"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a real server: FORMEZ101_MASTODON"]
async fn the_suite_on_a_real_server() {
    let given = std::env::var("FORMEZ101_MASTODON").expect("FORMEZ101_MASTODON names the server");
    let mut words = given.split_whitespace();
    let root = words.next().expect("an address").to_owned();
    let mut people: Vec<(String, String)> = words
        .map(|word| word.split_once(':').expect("NAME:TOKEN"))
        .map(|(name, token)| (name.to_owned(), token.to_owned()))
        .collect();
    let (name, token) = people.remove(0);
    let less = std::env::var_os("FORMEZ101_MASTODON_SHOWS_LESS").is_some();
    let shows = if less { Shows::Less } else { Shows::All { widens: false } };
    let people = people.iter().map(|(name, token)| Person::with(name, token)).collect();
    suite(&Place { server: server(&root), zone: Person::with(&name, &token), token, people }, shows).await;
}

/// A question, and what its answer must be.
struct Asked {
    who: Person,
    id: String,
    visibility: &'static str,
    lang: &'static str,
    words: &'static str,
}

/// What a server shows of a status.
#[derive(Clone, Copy)]
enum Shows {
    /// Who may see it, its language, and whom it names; `widens` where it makes everything unlisted public.
    All { widens: bool },
    /// Fewer kinds than it takes, no language, and not everybody who is named.
    Less,
}

async fn suite(place: &Place, shows: Shows) {
    let seed = number("FORMEZ101_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    let kills = number("FORMEZ101_KILLS").map_or(KILLS, |kills| usize::try_from(kills).expect("few enough"));
    println!("FORMEZ101_TEST_SEED={seed} FORMEZ101_KILLS={kills}");
    let (mut random, clock) = (fastrand::Rng::with_seed(seed), Clock::system());
    let account = format!("[mastodon]\naccount = \"{}\"\napi_base = \"{}\"", place.zone.name, place.server.root);
    let mut zone = Served::new(&account, ("mastodon.token", &place.token));
    zone.start();
    let begun = clock.now();
    while !zone.log().contains("replies are posted") {
        assert!(between(begun, clock.now()) < LIMIT, "it does not start: {}", zone.log());
        clock.sleep(Duration::from_millis(50)).await;
    }
    clock.sleep(Duration::from_secs(2)).await;
    let mut asked: Vec<Asked> = Vec::new();
    for _ in 0..kills {
        let life = random.u64(LIFE);
        for _ in 0..PER_LIFE {
            clock.sleep(Duration::from_millis(random.u64(0..=life / 3))).await;
            let number = asked.len();
            let who = place.people[number % place.people.len()].clone();
            let (text, lang, words) = TEXTS[number % TEXTS.len()];
            let visibility = ["direct", "public", "unlisted", "direct", "private"][number % 5];
            let text = format!("@{} {text} ({number})", place.zone.name);
            let id = place.server.writes(&who, &text, visibility).await;
            asked.push(Asked { who, id, visibility, lang, words });
        }
        zone.kill();
        zone.start();
    }
    for question in &asked {
        let begun = clock.now();
        while place.server.answers(&question.who, &question.id, &place.zone).await.is_empty() {
            assert!(between(begun, clock.now()) < LIMIT, "{} is not answered\n{}", question.id, zone.log());
            clock.sleep(Duration::from_millis(100)).await;
        }
    }
    // Whatever might still be posted again has been by now.
    clock.sleep(Duration::from_secs(13)).await;
    for Asked { who, id, visibility, lang, words } in &asked {
        let answers = place.server.answers(who, id, &place.zone).await;
        let [answer] = &answers[..] else { panic!("{id}: {answers:?}\n{}", zone.log()) };
        assert!(answer.text.contains(words), "{answer:?}");
        match shows {
            Shows::All { widens } => {
                let wanted = if widens && *visibility == "unlisted" { "public" } else { visibility };
                assert_eq!((answer.visibility.as_str(), answer.language.as_deref()), (wanted, Some(*lang)), "{id}");
                assert!(answer.names.contains(&who.name), "{answer:?}");
            }
            // Whoever sees the question sees the answer, and nobody else.
            Shows::Less => {
                let wanted = place.server.shown(who, id).await.visibility;
                assert_eq!(answer.visibility, wanted, "{id}, asked as {visibility}");
                assert!(answer.text.contains(&format!("@{}", who.username())), "{answer:?}");
            }
        }
    }
    for word in ["in_doubt", "panicked", "bagarre", "dronken"] {
        assert!(!zone.log().contains(word), "{word}\n{}", zone.log());
    }
    println!("{} questions, {kills} kills: each answered once", asked.len());
}

/// Lets each connection carry one call, and ends it without having said so: as snac 2.75 does.
async fn curt(behind: String) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let root = format!("http://{}", listener.local_addr().expect("an address"));
    let behind = behind.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let behind = behind.clone();
            tokio::spawn(async move {
                let Some(call) = message(&mut client).await else { return };
                let Ok(mut server) = tokio::net::TcpStream::connect(&behind).await else { return };
                // Whoever is gone needs no answer.
                let _ = server.write_all(&call).await;
                let Some(answer) = message(&mut server).await else { return };
                let said = String::from_utf8_lossy(&answer).replace("connection: close\r\n", "");
                let _ = client.write_all(said.as_bytes()).await;
            });
        }
    });
    root
}

/// One call or one answer, by its length.
async fn message(stream: &mut tokio::net::TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some(head) = text.find("\r\n\r\n") {
            let length = text[..head].lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if bytes.len() >= head + 4 + length.unwrap_or(0_usize) {
                return Some(bytes);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_each_connection_without_a_word_loses_no_call() {
    let clock = Clock::system();
    let (_sandbox, place) = sandbox("gotosocial").await;
    let root = curt(place.server.root.clone()).await;
    let account = format!("[mastodon]\naccount = \"{}\"\napi_base = \"{root}\"", place.zone.name);
    let mut zone = Served::new(&account, ("mastodon.token", &place.token));
    zone.start();
    clock.sleep(Duration::from_secs(2)).await;
    for who in &place.people[..5] {
        let id = place.server.writes(who, &format!("@{} {}", place.zone.name, TEXTS[0].0), "direct").await;
        let begun = clock.now();
        while place.server.answers(who, &id, &place.zone).await.is_empty() {
            assert!(between(begun, clock.now()) < LIMIT, "{id} is not answered\n{}", zone.log());
            clock.sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(zone.log().contains("reply ended: sent") && !zone.log().contains("no answer"), "{}", zone.log());
}
