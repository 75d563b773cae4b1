//! What will happen, all of it drawn from one seed before anything happens.

use std::time::Duration;

use formez101::{
    clock::after,
    config::{PublicReplies, When, Zone},
    hours::{Hours, Window},
    model,
    sandbox::{Fault, FaultKind, Feed, Flags, Platform as Side},
};
use jiff::Timestamp;

/// When every simulation begins: a Friday night.
pub const NIGHT: &str = "2026-11-20T22:00:00Z";

/// What a citizen writes, the words in which it must be answered, and whether a triage may call it urgent.
const TEXTS: [(&str, &str, bool); 8] = [
    ("Bonjour, il y a une bagarre devant chez moi, envoyez quelqu'un s'il vous plaît", "formez le 101", true),
    ("On m'a volé mon vélo la semaine passée devant la gare, que dois-je faire ?", "formez le 101", false),
    ("Goedenavond, er staat een dronken man aan mijn deur en hij wil niet weggaan", "bel 101", true),
    ("Wanneer is het commissariaat open deze week, en moet ik een afspraak maken?", "bel 101", false),
    ("Il y a quelqu'un dans mon jardin avec une lampe de poche", "formez le 101", true),
    ("Er wordt gevochten op het plein, kom snel", "bel 101", true),
    ("Merci de me dire comment porter plainte pour des dégâts à ma voiture", "formez le 101", false),
    ("Wat kan ik doen tegen de buurman die elke week lawaai maakt?", "bel 101", false),
];

/// What a passage of a call through the network may meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    NoConnection,
    ResetBefore,
    ResetAfter,
    HangBefore,
    HangAfter,
    /// The connection breaks; the platform acts so many seconds later.
    Late(u64),
    Slow(u64),
    Status {
        status: u16,
        html: bool,
        done: bool,
    },
    /// A page of HTML with status 200.
    Page {
        done: bool,
    },
    /// Half of the answer.
    Cut,
}

/// A time of bad weather on the network.
#[derive(Debug, Clone)]
pub struct Weather {
    pub from: Timestamp,
    pub until: Timestamp,
    /// How likely a read meets a mishap.
    pub reads: f64,
    /// How likely a post does.
    pub posts: f64,
    pub mishaps: Vec<Mishap>,
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    Citizen,
    Sister,
    Bot,
    /// Somebody repeats our own standard text.
    OwnWords,
    /// A post on X that names us only in the hidden head.
    Hidden,
}

/// What happens to the world or to the process.
#[derive(Debug, Clone)]
pub enum Event {
    Say {
        feed: Feed,
        who: usize,
        text: String,
        /// The words of which the reply must have one.
        wanted: &'static str,
        /// Whether a triage may call it urgent, so that the short cool-down holds.
        urgent: bool,
        nature: Nature,
        flags: Box<Flags>,
        /// It was written so many seconds before it can be seen.
        hidden_for: u64,
    },
    /// A colleague answers the message of that number.
    Colleague(usize),
    /// Its author deletes it.
    Delete(usize),
    Fault(Box<Fault>),
    Kill {
        down: Duration,
    },
    KillInSteps {
        points: i64,
        down: Duration,
    },
    Stop {
        down: Duration,
    },
    /// The machine's clock is wrong by so many seconds from now on.
    Clock(i64),
    DiskFull(bool),
    /// The X token is void from now on.
    RevokeX,
    /// The Page's token is refused, or taken again.
    FacebookToken(bool),
    SecondProcess,
}

/// One simulation.
pub struct Plan {
    pub zone: Zone,
    pub events: Vec<(Timestamp, Event)>,
    pub weather: Vec<Weather>,
    /// When all trouble is over.
    pub calm_from: Timestamp,
    /// When the service is stopped for good and judged.
    pub end: Timestamp,
    /// How far the machine's clock is ever wrong.
    pub most_wrong: Duration,
    /// How long an X token lives.
    pub x_life: u32,
    pub settings: serde_json::Value,
}

pub const fn minutes(number: u64) -> Duration {
    Duration::from_secs(number * 60)
}

struct Draw {
    random: fastrand::Rng,
    start: Timestamp,
    length: Duration,
    events: Vec<(Timestamp, Event)>,
}

impl Draw {
    /// A moment of the simulation.
    fn moment(&mut self) -> Timestamp {
        after(self.start, self.length.mul_f64(self.random.f64()))
    }

    fn chance(&mut self, hundredths: u32) -> bool {
        self.random.u32(..100) < hundredths
    }

    fn seconds(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.random.u64(range.start * 1000..range.end * 1000))
    }

    fn add(&mut self, at: Timestamp, event: Event) {
        self.events.push((at, event));
    }
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let mut draw = Draw {
            random: fastrand::Rng::with_seed(seed),
            start: NIGHT.parse().unwrap(),
            length: minutes(60),
            events: Vec::new(),
        };
        // One in sixteen lasts days: cool-downs end, hashes are forgotten, tokens are renewed again and again.
        let long = draw.random.u32(..16) == 0;
        draw.length = if long { minutes(60 * draw.random.u64(24..24 * 6)) } else { minutes(draw.random.u64(20..90)) };
        let zone = zone(&mut draw.random, long);
        let feeds: Vec<Feed> = zone.feeds.keys().filter_map(|feed| side(*feed)).collect();
        speak(&mut draw, &feeds, seed);
        let weather = cloud(&mut draw, long);
        let most_wrong = disturb(&mut draw, &zone);
        let last = after(draw.start, draw.length);
        let calm_from = after(last, minutes(20));
        let mut events = draw.events;
        events.sort_by_key(|(at, _)| *at);
        Self {
            end: after(calm_from, zone.policy.max_age.min(minutes(if long { 360 } else { 45 }))),
            calm_from,
            weather,
            events,
            most_wrong,
            x_life: *draw.random.choice(&[1_800, 7_200]).unwrap_or(&7_200),
            settings: serde_json::json!({
                "graph_token_error_status": *draw.random.choice(&[400, 401]).unwrap_or(&401),
                "graph_comment_author_is_psid": draw.random.bool(),
                "x_since_id_inclusive": draw.random.bool(),
            }),
            zone,
        }
    }
}

/// A zone with some of the accounts and a policy of its own.
fn zone(random: &mut fastrand::Rng, long: bool) -> Zone {
    // Bluesky has no place in the sandbox's lists: tests/story_bluesky.rs.
    let mut zone = Zone { bluesky: None, mastodon: None, ..Zone::for_testing() };
    let accounts = random.u32(..6);
    let (facebook, instagram, x) = (accounts != 0, matches!(accounts, 1 | 2), matches!(accounts, 0 | 2 | 3));
    if !facebook {
        zone.facebook = None;
    }
    if !instagram {
        zone.instagram = None;
    }
    if !x {
        zone.x = None;
    }
    zone.feeds.retain(|feed, _| match feed.platform() {
        model::Platform::Facebook => facebook,
        model::Platform::Instagram => instagram,
        model::Platform::X => x,
        model::Platform::Bluesky | model::Platform::Mastodon => false,
    });
    // A feed may be left out of a zone.
    let names: Vec<model::Feed> = zone.feeds.keys().copied().collect();
    for feed in names {
        if zone.feeds.len() > 1 && random.u32(..4) == 0 {
            zone.feeds.remove(&feed);
        }
    }
    let mode = [PublicReplies::Private, PublicReplies::Public, PublicReplies::Both][random.usize(..3)];
    for (feed, settings) in &mut zone.feeds {
        let seconds = if long { random.u64(1500..2700) } else { random.u64(45..240) };
        settings.poll = Duration::from_secs(seconds);
        settings.floor = settings.poll / 3;
        if feed.has_private_replies() {
            settings.public_replies = mode;
        }
    }
    zone.bilingual = random.u32(..5) == 0;
    let policy = &mut zone.policy;
    policy.max_age = minutes(if long { 360 } else { random.u64(90..150) });
    policy.cooldown = minutes([20, 60, 12 * 60][random.usize(..3)]);
    policy.cooldown_urgent = policy.cooldown.min(minutes(15));
    policy.colleague_silence = minutes([10, 30][random.usize(..2)]);
    policy.public_cap_per_hour = [2, 5, 60][random.usize(..3)];
    policy.retention = minutes(60 * 24 * [1, 3, 30][random.usize(..3)]);
    // Somebody is always there, and has some minutes for what can wait.
    if random.u32(..4) == 0 {
        policy.when = When::ClosedOrUnanswered;
        policy.unanswered_after = minutes(random.u64(1..6));
        let open = vec![Window::parse("00:00-24:00").unwrap()];
        zone.hours = Some(Hours { week: (1..=7).map(|day| (day, open.clone())).collect(), ..Hours::default() });
    }
    zone
}

/// The sandbox's name for a feed; mentions on Instagram cannot be answered and are left to other tests.
pub fn side(feed: model::Feed) -> Option<Feed> {
    Some(match feed {
        model::Feed::FacebookInbox => Feed::FacebookInbox,
        model::Feed::FacebookMentions => Feed::FacebookMentions,
        model::Feed::FacebookComments => Feed::FacebookComments,
        model::Feed::InstagramInbox => Feed::InstagramInbox,
        model::Feed::InstagramComments => Feed::InstagramComments,
        model::Feed::InstagramMentions
        | model::Feed::BlueskyMentions
        | model::Feed::BlueskyInbox
        | model::Feed::MastodonMentions
        | model::Feed::MastodonInbox => return None,
        model::Feed::XMentions => Feed::XMentions,
        model::Feed::XInbox => Feed::XInbox,
    })
}

/// Who writes what, and which colleague answers.
fn speak(draw: &mut Draw, feeds: &[Feed], seed: u64) {
    if feeds.is_empty() {
        return;
    }
    let many = draw.random.usize(4..28);
    let people = draw.random.usize(3..12);
    let mut moments: Vec<Timestamp> = (0..many).map(|_| draw.moment()).collect();
    // Some write all at once.
    if draw.chance(30) {
        let burst = draw.moment();
        for moment in moments.iter_mut().take(many / 2) {
            *moment = after(burst, draw.seconds(0..20));
        }
    }
    moments.sort_unstable();
    for (number, at) in moments.into_iter().enumerate() {
        let feed = feeds[draw.random.usize(..feeds.len())];
        let (words, mut wanted, urgent) = TEXTS[draw.random.usize(..TEXTS.len())];
        let mut text = format!("{words} kwx{seed}n{number}q");
        let nature = match draw.random.u32(..24) {
            0 => Nature::Sister,
            1 => Nature::Bot,
            2 => {
                text = "PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple".into();
                Nature::OwnWords
            }
            3 if feed == Feed::XMentions => Nature::Hidden,
            _ => Nature::Citizen,
        };
        if nature != Nature::Citizen {
            wanted = "";
        }
        let mut flags = Flags { hidden_mention: nature == Nature::Hidden, ..Flags::default() };
        // Where the platform withholds the author, nobody can know who it is.
        if feed == Feed::FacebookMentions && matches!(nature, Nature::Sister | Nature::Bot) {
            flags.withhold_from = Some(false);
        }
        // Only the other folders are read less often than the list.
        if feed == Feed::FacebookInbox && draw.chance(5) {
            flags.folder = Some(["spam", "other"][draw.random.usize(..2)].into());
        }
        let hidden_for = if draw.chance(15) { draw.random.u64(1..100) } else { 0 };
        let who = match nature {
            Nature::Sister => 1000,
            Nature::Bot => 1001,
            _ => draw.random.usize(..people),
        };
        draw.add(at, Event::Say { feed, who, text, wanted, urgent, nature, flags: Box::new(flags), hidden_for });
        if draw.chance(12) {
            let later = draw.seconds(0..300);
            draw.add(after(at, later), Event::Colleague(number));
        }
        if draw.chance(5) {
            let later = draw.seconds(0..120);
            draw.add(after(at, later), Event::Delete(number));
        }
    }
}

/// Times of bad weather, from a bad line to an outage.
fn cloud(draw: &mut Draw, long: bool) -> Vec<Weather> {
    use Mishap::{Cut, HangAfter, HangBefore, Late, NoConnection, Page, ResetAfter, ResetBefore, Slow, Status};
    let all = [
        NoConnection,
        ResetBefore,
        ResetAfter,
        HangBefore,
        HangAfter,
        Late(draw.random.u64(1..8)),
        Slow(draw.random.u64(1..25)),
        Status { status: 500, html: false, done: false },
        Status { status: 502, html: true, done: true },
        Status { status: 503, html: true, done: false },
        Page { done: true },
        Page { done: false },
        Cut,
    ];
    let often = if long { 8 } else { 5 };
    (0..draw.random.usize(0..often))
        .map(|_| {
            let (from, length) = (draw.moment(), draw.seconds(30..900));
            let some = draw.random.usize(1..6);
            Weather {
                from,
                until: after(from, length),
                reads: [0.0, 0.2, 0.6, 1.0][draw.random.usize(..4)],
                posts: [0.2, 0.5, 0.9, 1.0][draw.random.usize(..4)],
                mishaps: draw.random.choose_multiple(all, some),
            }
        })
        .collect()
}

/// What happens to the platforms, the machine and the process. Returns how wrong the clock gets.
fn disturb(draw: &mut Draw, zone: &Zone) -> Duration {
    let mut closed = false;
    for _ in 0..draw.random.usize(0..6) {
        let at = draw.moment();
        let kind = match draw.random.u32(..7) {
            0 => FaultKind::DuplicateItems,
            1 => FaultKind::Reorder,
            2 => FaultKind::EmptyPage,
            3 => FaultKind::RateLimit { seconds: draw.random.u32(5..600) },
            4 => FaultKind::Error {
                code: [1, 2, 4, 613][draw.random.usize(..4)],
                subcode: None,
                message: None,
                status: None,
                title: None,
                problem: None,
                processed: false,
            },
            5 => FaultKind::PartialErrors,
            _ => FaultKind::Truncate,
        };
        let on_x = zone.x.is_some() && draw.chance(50);
        let (side, method) =
            (if on_x { Side::X } else { Side::Facebook }, if draw.chance(75) { "GET" } else { "POST" });
        let mut times = draw.random.u32(1..4);
        // A pool that Meta closes without naming an end stays closed for a quarter of an hour, then for half an hour.
        if matches!(kind, FaultKind::Error { code: 4 | 613, .. }) {
            if std::mem::replace(&mut closed, true) {
                continue;
            }
            times = 1;
        }
        // A Graph code means nothing on X.
        let kind = if on_x && matches!(kind, FaultKind::Error { .. }) { FaultKind::Reorder } else { kind };
        draw.add(at, Event::Fault(Box::new(Fault::new(kind).on(side, method, "").times(times))));
    }
    for _ in 0..draw.random.usize(0..6) {
        let at = draw.moment();
        let down = draw.seconds(0..240);
        let event = match draw.random.u32(..4) {
            0 => Event::Kill { down },
            1 => Event::Stop { down },
            _ => Event::KillInSteps { points: draw.random.i64(0..40), down },
        };
        draw.add(at, event);
    }
    let mut most_wrong = 0;
    if draw.chance(25) {
        let from = draw.moment();
        let wrong = [-2400, -600, -61, -5, 5, 61, 600, 2400][draw.random.usize(..8)];
        most_wrong = i64::abs(wrong);
        let length = draw.seconds(1..1800);
        draw.add(from, Event::Clock(wrong));
        draw.add(after(from, length), Event::Clock(0));
    }
    if draw.chance(20) {
        let (from, length) = (draw.moment(), draw.seconds(1..600));
        draw.add(from, Event::DiskFull(true));
        draw.add(after(from, length), Event::DiskFull(false));
    }
    if draw.chance(30) {
        let at = draw.moment();
        draw.add(at, Event::SecondProcess);
    }
    if zone.x.is_some() && draw.chance(20) {
        let at = draw.moment();
        draw.add(at, Event::RevokeX);
    }
    if zone.facebook.is_some() && draw.chance(15) {
        let (from, length) = (draw.moment(), draw.seconds(10..900));
        draw.add(from, Event::FacebookToken(false));
        draw.add(after(from, length), Event::FacebookToken(true));
    }
    Duration::from_secs(most_wrong.unsigned_abs())
}
