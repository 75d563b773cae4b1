//! The judge of a simulation. It knows what the citizens saw, what the policy asked and what the weather was; it knows
//! nothing of how the service works, and shares no code with it but the zone's settings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::AddAssign,
    time::Duration,
};

use formez101::{
    clock::{after, before, between},
    config::{PublicReplies, When},
    model::{Feed, Surface},
    sandbox::{By, Fault, FaultKind, Message},
};
use jiff::Timestamp;

use super::{
    life::{Remains, SECRETS, Written, name},
    plan::{Event, Nature, minutes, side},
    world::lock,
};

/// A poll that finds a message, and a second more; calls for conversations keep a distance besides.
const SOON: Duration = Duration::from_secs(5);

/// What is wrong with a simulation; empty when all promises were kept.
pub fn judge(remains: &Remains) -> Vec<String> {
    let messages = remains.world.sandbox.all_messages();
    let court = Court::new(remains, &messages);
    let mut wrong = Vec::new();
    court.once(&mut wrong);
    court.never_a_loop(&mut wrong);
    court.nothing_old(&mut wrong);
    court.humans_first(&mut wrong);
    court.humans_have_time(&mut wrong);
    court.right_words(&mut wrong);
    court.all(&mut wrong);
    court.counted(&mut wrong);
    court.never_deaf(&mut wrong);
    court.no_words_kept(&mut wrong);
    court.no_rule_broken(&mut wrong);
    wrong
}

/// A reply of the service, as the platform shows it.
struct Reply<'a> {
    message: &'a Message,
    at: Timestamp,
    private: bool,
    /// The message it stands under, or the newest one of its conversation.
    to: Option<&'a Written>,
}

struct Court<'a> {
    remains: &'a Remains,
    messages: &'a [Message],
    replies: Vec<Reply<'a>>,
    trouble: Vec<(Timestamp, Timestamp)>,
    /// How far two readings of the machine's clock may differ.
    slack: Duration,
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

impl<'a> Court<'a> {
    fn new(remains: &'a Remains, messages: &'a [Message]) -> Self {
        let by_id: BTreeMap<&str, &Written> =
            remains.written.iter().map(|written| (written.said.message_id.as_str(), written)).collect();
        let replies = messages.iter().filter(|message| message.by == By::Service).map(|message| Reply {
            message,
            at: at(message.at),
            private: message.feed.is_private(),
            to: message.in_reply_to.as_deref().and_then(|id| by_id.get(id).copied()),
        });
        let slack = remains.plan.most_wrong * 2 + Duration::from_secs(2);
        Self { remains, messages, replies: replies.collect(), trouble: troubles(remains), slack }
    }

    fn number(&self, written: &Written) -> String {
        let old = self.remains.written.iter().filter(|written| written.old).count();
        let place = self.remains.written.iter().position(|other| std::ptr::eq(other, written)).unwrap();
        if written.old { format!("old number {place}") } else { format!("number {}", place - old) }
    }

    /// The messages that the plan let people write, but those from before the first start.
    fn new_ones(&self) -> impl Iterator<Item = &'a Written> {
        self.remains.written.iter().filter(|written| !written.old)
    }

    /// What a message or an answer belongs to: a conversation in an inbox, a comment with its answers, a post.
    fn conversation<'m>(&'m self, message: &'m Message) -> &'m str {
        let parent = message.in_reply_to.as_deref().and_then(|id| self.messages.iter().find(|other| other.id == id));
        match parent {
            // A private answer to something public belongs to both; here it counts where it was asked for.
            Some(parent) if parent.by == By::Citizen && parent.feed != message.feed => self.conversation(parent),
            Some(parent) if parent.by == By::Citizen && !message.feed.is_private() && message.by != By::Citizen => {
                self.conversation(parent)
            }
            _ if side_is_comment(message) => &message.id,
            _ => &message.thread_id,
        }
    }

    fn calm(&self, from: Timestamp, until: Timestamp) -> bool {
        self.trouble.iter().all(|(begun, ended)| *ended <= from || until <= *begun)
    }

    /// The longest time without trouble in a stretch of time.
    fn longest_calm(&self, from: Timestamp, until: Timestamp) -> Duration {
        let (mut longest, mut begun) = (Duration::ZERO, from);
        let mut trouble: Vec<_> = self.trouble.iter().filter(|(a, b)| *b > from && *a < until).collect();
        trouble.sort();
        for (a, b) in trouble {
            longest = longest.max(between(begun, *a));
            begun = begun.max(*b);
        }
        longest.max(between(begun, until))
    }

    fn poll(&self, feed: Feed) -> Duration {
        self.remains.plan.zone.feeds[&feed].poll
    }

    /// Promise 1 and the cool-down of promise 5: nobody is told twice.
    fn once(&self, wrong: &mut Vec<String>) {
        let mut public = BTreeSet::new();
        for reply in self.replies.iter().filter(|reply| !reply.private) {
            if !public.insert(reply.message.in_reply_to.as_deref()) {
                wrong.push(format!("{} was answered twice in public", self.target(reply)));
            }
        }
        let (mut by_thread, mut by_author): (BTreeMap<&str, Vec<&Reply<'_>>>, BTreeMap<_, Vec<&Reply<'_>>>) =
            (BTreeMap::new(), BTreeMap::new());
        for reply in &self.replies {
            if reply.private {
                by_thread.entry(reply.message.thread_id.as_str()).or_default().push(reply);
            }
            if let Some(to) = reply.to.filter(|to| to.feed != Feed::FacebookMentions) {
                by_author.entry((to.feed.platform(), to.said.author_id.as_str())).or_default().push(reply);
            }
        }
        for replies in by_thread.values().chain(by_author.values()) {
            for pair in replies.windows(2) {
                let (first, second) = (pair[0], pair[1]);
                // One message may be answered in private and in public.
                if first.message.in_reply_to == second.message.in_reply_to && first.private != second.private {
                    continue;
                }
                // A person's comments carry another id than her messages; the two are known to be one only after a
                // private reply.
                let crossed = |reply: &Reply<'_>| reply.to.is_some_and(|to| to.feed == Feed::FacebookComments);
                if crossed(second) != crossed(first) {
                    continue;
                }
                if second.at < after(first.at, self.least_gap(second).saturating_sub(self.slack)) {
                    wrong.push(format!(
                        "{} was told again {:?} after {}",
                        self.target(second),
                        between(first.at, second.at),
                        self.target(first)
                    ));
                }
            }
        }
    }

    /// The shortest time between two answers to one contact.
    fn least_gap(&self, second: &Reply<'_>) -> Duration {
        let policy = &self.remains.plan.zone.policy;
        let since = before(second.at, policy.max_age + self.slack);
        let urgent = self.remains.written.iter().any(|written| {
            written.urgent && written.visible >= since && second.to.is_none_or(|to| to.who == written.who)
        });
        if urgent { policy.cooldown_urgent } else { policy.cooldown }
    }

    fn target(&self, reply: &Reply<'_>) -> String {
        let at = reply.at.strftime("%d %H:%M:%S");
        match reply.to {
            Some(to) => format!("{} on {} (reply of {at})", self.number(to), to.feed),
            None => format!("something on {:?} (reply of {at})", reply.message.feed),
        }
    }

    /// Promise 5: nobody is answered who must not be, and the public cap holds in every hour.
    fn never_a_loop(&self, wrong: &mut Vec<String>) {
        for reply in &self.replies {
            let Some(to) = reply.to else {
                wrong.push(format!("{} answers nobody who wrote", self.target(reply)));
                continue;
            };
            // In an inbox the reply may be for an earlier message of the same conversation.
            let earlier = reply.private
                && self
                    .new_ones()
                    .any(|other| other.nature == Nature::Citizen && other.who == to.who && other.visible <= reply.at);
            if to.nature != Nature::Citizen && !earlier {
                wrong.push(format!("{} must not be answered: {:?}", self.target(reply), to.nature));
            }
        }
        let cap = self.remains.plan.zone.policy.public_cap_per_hour as usize;
        let public: Vec<Timestamp> = self.replies.iter().filter(|reply| !reply.private).map(|reply| reply.at).collect();
        for at in &public {
            let from = before(*at, minutes(60).saturating_sub(self.slack));
            let count = public.iter().filter(|other| **other > from && *other <= at).count();
            if count > cap {
                wrong.push(format!("{count} public replies in the hour before {at}, the cap is {cap}"));
                break;
            }
        }
    }

    /// Promise 6: nothing from before the first start, nothing beyond the allowed age.
    fn nothing_old(&self, wrong: &mut Vec<String>) {
        // A post under way may hang, and the platform may act some seconds after that.
        let most = self.remains.plan.zone.policy.max_age + self.remains.plan.most_wrong + Duration::from_secs(40);
        for reply in &self.replies {
            let Some(to) = reply.to else { continue };
            if to.old || reply.at > after(to.at, most) {
                wrong.push(format!("{} is too old to be answered", self.target(reply)));
            }
        }
    }

    /// Promise 4: silence where a colleague's answer could have been read.
    fn humans_first(&self, wrong: &mut Vec<String>) {
        let silence = self.remains.plan.zone.policy.colleague_silence.saturating_sub(self.slack);
        let calls = lock(&self.remains.world.calls);
        for colleague in self.messages.iter().filter(|message| message.by == By::Colleague) {
            let (came, place) = (at(colleague.at), self.conversation(colleague));
            for reply in &self.replies {
                let Some(to) = reply.to else { continue };
                if self.conversation(reply.message) != place || reply.at <= came || reply.at > after(came, silence) {
                    continue;
                }
                // A post may be under way for a while before it arrives.
                let fair = self.calm(before(reply.at, minutes(1)), reply.at);
                let decided = before(reply.at, if fair { Duration::from_millis(100) } else { Duration::from_secs(40) });
                let folder = self.messages.iter().any(|message| {
                    message.id == to.said.message_id
                        && message.flags.folder.as_deref().is_some_and(|name| name != "inbox")
                });
                let read = match to.feed {
                    // There colleagues are looked for when somebody new has written.
                    Feed::XMentions => came < to.visible && self.calm(came, reply.at),
                    feed => calls
                        .iter()
                        .filter(|call| call.feed == Some(feed) && call.well && call.at > came && call.until < decided)
                        // What is read while the disk is full cannot be recorded.
                        .any(|call| {
                            !spans(self.remains, full_disk).any(|(from, to)| from <= call.until && call.until <= to)
                        }),
                };
                if read && !folder {
                    wrong.push(format!(
                        "{} came across a colleague who answered at {}",
                        self.target(reply),
                        came.strftime("%H:%M:%S")
                    ));
                }
            }
        }
    }

    /// What can wait is left to a colleague for as long as the policy asks.
    fn humans_have_time(&self, wrong: &mut Vec<String>) {
        let left = self.left();
        for reply in &self.replies {
            let Some(to) = reply.to else { continue };
            let his = |written: &&Written| written.who == to.who && written.visible <= reply.at;
            let waited = |written: &Written| after(written.at, left) <= after(reply.at, self.slack);
            if !self.new_ones().filter(his).any(|written| written.urgent || waited(written)) {
                wrong.push(format!("{} came before a colleague had time to answer", self.target(reply)));
            }
        }
    }

    /// How long a colleague has for what can wait.
    fn left(&self) -> Duration {
        let policy = &self.remains.plan.zone.policy;
        if policy.when == When::ClosedOrUnanswered { policy.unanswered_after } else { Duration::ZERO }
    }

    /// The reply is in the citizen's language and signed.
    fn right_words(&self, wrong: &mut Vec<String>) {
        for reply in &self.replies {
            let Some(to) = reply.to else { continue };
            let since = before(reply.at, self.remains.plan.zone.policy.max_age + self.slack);
            let fits = |written: &Written| {
                written.who == to.who && written.visible >= since && reply.message.text.contains(written.wanted)
            };
            if !self.new_ones().any(fits) {
                wrong.push(format!("{} is answered in other words: {}", self.target(reply), reply.message.text));
            }
        }
    }

    /// Promises 2 and 3: whoever is due an answer gets one, and soon where nothing stood in the way.
    fn all(&self, wrong: &mut Vec<String>) {
        for written in self.new_ones().filter(|written| written.nature == Nature::Citizen) {
            let answer = self.answer_to(written);
            if let Some(reply) = answer {
                let (feed, poll) = (written.feed, self.poll(written.feed));
                let from = before(written.visible, minutes(12) + poll * 3);
                let late = between(written.visible, reply.at);
                let first = self.first_look(written);
                let look = if self.left().is_zero() { Duration::ZERO } else { SOON };
                let soon = poll + SOON + self.left() + look;
                let full = !reply.private && self.cap_is_reached(after(written.visible, soon));
                if late > soon && !full && first && feed != Feed::XInbox && self.calm(from, reply.at) {
                    wrong
                        .push(format!("{} came {late:?} after it could be seen, poll is {poll:?}", self.target(reply)));
                }
            } else if self.excuse(written).is_none() {
                wrong.push(format!("{} on {} was missed", self.number(written), written.feed));
            }
        }
    }

    /// Whether the hour before had as many public replies as it may have, as far as the service can have known.
    fn cap_is_reached(&self, at: Timestamp) -> bool {
        let from = before(at, minutes(60) + self.slack);
        let counts = |reply: &&Reply<'_>| !reply.private && reply.at <= at && self.known(reply) > from;
        self.replies.iter().filter(counts).count() >= self.remains.plan.zone.policy.public_cap_per_hour as usize
    }

    /// Whether nothing but the message itself decides when it is answered.
    fn first_look(&self, written: &Written) -> bool {
        let alone = self.new_ones().all(|other| {
            std::ptr::eq(other, written)
                || other.who != written.who
                || between(other.visible, written.visible) > minutes(60)
        });
        alone && !self.in_folder(written)
    }

    /// What is written is as old as the platform's clock says. Where ours is ahead of it by more than the overlap, what
    /// does not stand on a first page is too old to be read (docs/RELIABILITY.md).
    fn while_clock_was_ahead(&self, written: &Written) -> bool {
        let poll = self.poll(written.feed) + minutes(2);
        let near =
            |(from, until): (Timestamp, Timestamp)| before(from, poll) <= written.visible && written.visible <= until;
        spans(self.remains, clock_ahead).any(near)
    }

    /// A planned fault may have emptied the look for a reply.
    fn emptied(&self, written: &Written) -> bool {
        let (from, until) = (written.visible, after(written.visible, self.remains.plan.zone.policy.max_age));
        self.remains.plan.events.iter().any(|(at, event)| {
            let empties = |fault: &Fault| matches!(fault.kind, FaultKind::EmptyPage | FaultKind::Truncate);
            matches!(event, Event::Fault(fault) if empties(fault)) && *at > before(from, minutes(15)) && *at < until
        })
    }

    /// A colleague answered that message itself.
    fn interrupted(&self, written: &Written) -> bool {
        let Some(place) = self.messages.iter().find(|message| message.id == written.said.message_id) else {
            return false;
        };
        self.messages.iter().any(|message| {
            message.by == By::Colleague
                && at(message.at) >= written.visible
                && self.conversation(message) == self.conversation(place)
        })
    }

    /// When the service can have known that a reply stands there: from then on the cool-down counts.
    fn known(&self, reply: &Reply<'_>) -> Timestamp {
        let hidden = self.trouble.iter().filter(|(from, until)| *from <= reply.at && reply.at < *until);
        hidden.map(|(_, until)| *until).fold(reply.at, Ord::max)
    }

    fn in_folder(&self, written: &Written) -> bool {
        // The folder is the conversation's: a later message may have moved it.
        self.messages.iter().any(|message| {
            message.thread_id == written.said.thread_id
                && message.flags.folder.as_deref().is_some_and(|folder| folder != "inbox")
        })
    }

    fn answer_to(&self, written: &Written) -> Option<&Reply<'a>> {
        self.replies.iter().find(|reply| {
            let direct = reply.message.in_reply_to.as_deref() == Some(written.said.message_id.as_str());
            let same = written.feed.surface() == Surface::Private
                && reply.message.thread_id == written.said.thread_id
                && reply.at >= written.visible;
            direct || same
        })
    }

    /// Why a message may have stayed without an answer.
    fn excuse(&self, written: &Written) -> Option<&'static str> {
        let zone = &self.remains.plan.zone;
        let policy = &zone.policy;
        let end = after(written.at, policy.max_age);
        let platform = written.feed.platform();
        let same = |other: &&'a Written| other.who == written.who && other.feed.platform() == platform;
        if written.deleted.is_some() {
            return Some("it was deleted");
        }
        if self.is_old(written) {
            return Some("it was written before the first start");
        }
        let told = |reply: &Reply<'_>| {
            reply.to.is_some_and(|to| to.who == written.who && to.feed.platform() == platform)
                && self.known(reply) > before(written.at, policy.cooldown + self.slack)
                && reply.at < after(end, self.slack)
        };
        if self.replies.iter().any(told) {
            return Some("the citizen was told already");
        }
        let calls = lock(&self.remains.world.calls);
        let lost = |other: &Written| {
            let ids = [other.said.message_id.as_str(), other.said.author_id.as_str()];
            let is_his = |post: &str| ids.iter().any(|id| post.contains(&encoded(id)) || post.contains(id));
            calls.iter().filter(|call| !call.well && call.post.as_deref().is_some_and(is_his)).count()
        };
        // A process that dies between allowing a send and making it leaves no call.
        let deaths = self.remains.lives.iter().filter(|(_, died)| *died > written.visible && *died < end).count();
        if self.new_ones().filter(same).any(|other| lost(other) >= 3 || (lost(other) > 0 && lost(other) + deaths >= 3))
        {
            return Some("in doubt after three tries");
        }
        // Only where the service itself says that something is in doubt.
        let doubts = self.remains.figures.outcomes.iter().any(|count| count.outcome == "in_doubt" && count.total > 0);
        let doubted = |other: &Written| doubts && lost(other) + deaths > 0;
        if self.new_ones().filter(same).any(|other| doubted(other) && (self.emptied(other) || self.interrupted(other)))
        {
            return Some("in doubt: what the platform shows proves nothing, or a colleague came between");
        }
        drop(calls);
        if self.while_clock_was_ahead(written) {
            return Some("the clock was ahead");
        }
        let place = self.messages.iter().find(|message| message.id == written.said.message_id);
        let from = before(written.visible, policy.colleague_silence + self.slack);
        let human = |message: &&Message| {
            message.by == By::Colleague
                && at(message.at) > from
                && at(message.at) < end
                && place.is_some_and(|place| self.conversation(place) == self.conversation(message))
        };
        if self.messages.iter().any(|message| human(&message)) {
            return Some("a colleague answered");
        }
        let settings = &zone.feeds[&written.feed];
        let is_public = |feed: Feed| {
            feed.surface() == Surface::Public
                && !(feed.has_private_replies() && zone.feeds[&feed].public_replies != PublicReplies::Public)
        };
        let public = self.new_ones().filter(|other| {
            (is_public(other.feed) || zone.feeds[&other.feed].public_replies == PublicReplies::Both)
                && other.feed.surface() == Surface::Public
                && other.visible > before(written.visible, minutes(60) + policy.max_age)
                && other.visible < after(written.visible, policy.max_age)
        });
        if is_public(written.feed) && public.count() > policy.public_cap_per_hour as usize {
            return Some("the cap of public replies");
        }
        let folders = if self.in_folder(written) { 8 } else { 1 };
        if self.longest_calm(written.visible, end.min(self.remains.plan.end))
            < minutes(15) + settings.poll * 4 * folders
        {
            return Some("no opportunity");
        }
        None
    }

    /// Every message ends once, is counted once, and the figures say what the citizens saw.
    fn counted(&self, wrong: &mut Vec<String>) {
        let figures = &self.remains.figures;
        let total = |outcome: &str| -> u64 {
            figures.outcomes.iter().filter(|count| count.outcome == outcome).map(|count| count.total).sum()
        };
        let all: u64 = figures.outcomes.iter().map(|count| count.total).sum();
        // What was in the way to the very end may leave a message open, and so may the cap of the last hour.
        let end = self.remains.plan.end;
        let public = |reply: &&Reply<'_>| !reply.private && self.known(reply) > before(end, minutes(61));
        let full =
            self.replies.iter().filter(public).count() >= self.remains.plan.zone.policy.public_cap_per_hour as usize;
        let calm = !full && self.calm(before(end, minutes(15)), end);
        if figures.open > 0 && calm {
            wrong.push(format!("{} messages have no outcome", figures.open));
        }
        let forgotten = self.remains.plan.zone.policy.retention < between(self.start(), self.remains.plan.end);
        let counted = all + if calm { 0 } else { figures.open };
        if counted < figures.messages || (all > figures.messages && !forgotten) {
            wrong.push(format!("{} messages, {all} counted", figures.messages));
        }
        let sure = |written: &&Written| {
            written.deleted.is_none() && !self.is_old(written) && !self.while_clock_was_ahead(written)
        };
        let shown = self.new_ones().filter(sure).count() as u64;
        if counted < shown {
            wrong.push(format!("{shown} messages were shown, {all} counted"));
        }
        let answered: BTreeSet<_> = self.replies.iter().map(|reply| reply.message.in_reply_to.as_deref()).collect();
        let (answered, sent, doubt) = (answered.len() as u64, total("sent"), total("in_doubt"));
        // One reply may be what a citizen reads below several messages of hers.
        let covered = self.new_ones().filter(|written| self.covers(written)).count() as u64;
        if covered < sent || answered > sent + doubt {
            wrong.push(format!(
                "{answered} messages were answered, {covered} have a reply below them, \
                 {sent} are counted as sent and {doubt} as in doubt"
            ));
        }
    }

    /// Whether its author read a reply there, to it or to another message of hers. The platforms' times are whole seconds.
    fn covers(&self, written: &Written) -> bool {
        let since = before(written.visible, Duration::from_secs(1));
        self.replies.iter().any(|reply| {
            reply.message.in_reply_to.as_deref() == Some(written.said.message_id.as_str())
                || reply.private && reply.message.thread_id == written.said.thread_id && reply.at >= since
        })
    }

    /// It came to light after the first start, but was written before; the platforms' times are whole seconds.
    fn is_old(&self, written: &Written) -> bool {
        written.at < after(self.start(), Duration::from_secs(1))
    }

    fn start(&self) -> Timestamp {
        self.remains.lives[0].0
    }

    /// Promise 7: a feed that is not read is reported once.
    fn never_deaf(&self, wrong: &mut Vec<String>) {
        let calls = lock(&self.remains.world.calls);
        for (feed, settings) in &self.remains.plan.zone.feeds {
            if side(*feed).is_none() {
                continue;
            }
            let limit = minutes(5).max(settings.poll * 3) + Duration::from_secs(90);
            for (born, died) in &self.remains.lives {
                let reads = calls.iter().filter(|call| call.feed == Some(*feed) && call.well);
                let mut fresh: Vec<Timestamp> =
                    reads.map(|call| call.until).filter(|at| at >= born && at <= died).collect();
                fresh.insert(0, *born);
                fresh.push(*died);
                for pair in fresh.windows(2) {
                    let (from, until) = (pair[0], pair[1]);
                    let alerts = self.alerts(*feed, from, until);
                    let gap = between(from, until);
                    // What the platform's limits make slower is said at once.
                    let slow = self.lines(*feed, "read less often", before(from, minutes(120)), until) > 0;
                    let told = alerts > 0 || self.is_stale(*feed, *born, from);
                    if !slow && gap > limit + self.slack && !told {
                        wrong.push(format!("{feed} was not read from {from} to {until}, and nobody was told"));
                    }
                    if alerts > 1 {
                        wrong.push(format!("{alerts} alerts for {feed} between {from} and {until}"));
                    }
                }
            }
        }
    }

    /// Whether an alert of this life was not yet followed by the all-clear: a page was read, but not all of them, or what
    /// it showed could not be recorded.
    fn is_stale(&self, feed: Feed, born: Timestamp, at: Timestamp) -> bool {
        let last = |words: &str| self.times(feed, words, born, at).max();
        last("is stale") > last("is read again")
    }

    fn alerts(&self, feed: Feed, from: Timestamp, until: Timestamp) -> usize {
        self.lines(feed, "is stale", from, until)
    }

    /// How many lines of the log say something of a feed in a stretch of time.
    fn lines(&self, feed: Feed, words: &str, from: Timestamp, until: Timestamp) -> usize {
        self.times(feed, words, from, until).count()
    }

    fn times(&self, feed: Feed, words: &str, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
        let name = format!("feed=\"{feed}\"");
        let lines = self.remains.log.lines().filter(move |line| line.contains(words) && line.contains(&name));
        lines
            .filter_map(|line| line.split(' ').next()?.parse::<Timestamp>().ok())
            .filter(move |at| *at > from && *at <= until)
    }

    /// Promises 8 and 9: no word, name, id or token in the log or on the disk.
    fn no_words_kept(&self, wrong: &mut Vec<String>) {
        for words in ["a loop panicked", "a call panicked", "something hangs"] {
            if self.remains.log.contains(words) {
                wrong.push(format!("the log says '{words}'"));
            }
        }
        // Searching takes longer than all the rest, so one in sixteen is searched.
        if !self.remains.seed.is_multiple_of(16) {
            return;
        }
        // Three letters alone also stand in sealed addresses now and then.
        let words = format!("kwx{}n", self.remains.seed);
        let mut never: Vec<String> = [words.as_str(), "kwold", "Kwnaam"].map(String::from).to_vec();
        never.extend(SECRETS.map(String::from));
        never.extend(self.remains.written.iter().map(|written| written.said.message_id.clone()));
        never.extend(self.remains.written.iter().map(|written| written.said.author_id.clone()));
        never.extend(self.remains.written.iter().map(|written| name(written.who)));
        let disk = String::from_utf8_lossy(&self.remains.bytes);
        for needle in never {
            if self.remains.log.contains(&needle) {
                wrong.push(format!("the log holds '{needle}'"));
            }
            if disk.contains(&needle) {
                wrong.push(format!("the disk holds '{needle}'"));
            }
        }
    }

    /// What a careful client would not do.
    fn no_rule_broken(&self, wrong: &mut Vec<String>) {
        for violation in self.remains.world.sandbox.violations() {
            // A process cannot know which calls the one before it made in the second of its death, nor which call of
            // its own arrived late.
            // The proof of a login does not know of the window that the adapter found used up.
            // A quota that could not be written down in time is not known to the next process, nor one whose answer
            // was lost on the way; and while a clock is wrong, its end comes too early.
            let set = !self.remains.plan.most_wrong.is_zero();
            let unknown = self.remains.lives.len() > 1 || !self.remains.plan.weather.is_empty() || set;
            let reborn = unknown && violation.ends_with("a call while its quota was used up");
            let known =
                ["more than two conversation calls in a second", "/2/users/me: a call while its quota was used up"];
            if !reborn && !known.iter().any(|end| violation.ends_with(end)) {
                wrong.push(format!("violation: {violation}"));
            }
        }
    }
}

/// Whether it stands below something of ours, so that it is a conversation of its own.
fn side_is_comment(message: &Message) -> bool {
    use formez101::sandbox::Feed::{FacebookComments, InstagramComments};
    matches!(message.feed, FacebookComments | InstagramComments) && message.in_reply_to.is_some()
}

fn encoded(id: &str) -> String {
    id.replace('=', "%3D").replace(':', "%3A")
}

/// Whether an event begins or ends something.
type Turn = fn(&Event) -> Option<bool>;

fn full_disk(event: &Event) -> Option<bool> {
    if let Event::DiskFull(full) = event { Some(*full) } else { None }
}

/// By more than the shortest overlap.
fn clock_ahead(event: &Event) -> Option<bool> {
    if let Event::Clock(wrong) = event { Some(*wrong > 120) } else { None }
}

/// The times in which something planned lasted, with a little after.
fn spans(remains: &Remains, turn: Turn) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut from = None;
    let mut spans = Vec::new();
    for (at, event) in &remains.plan.events {
        match turn(event) {
            Some(true) => from = from.or(Some(*at)),
            Some(false) => spans.extend(from.take().map(|from| (from, after(*at, minutes(2))))),
            None => {}
        }
    }
    spans.into_iter()
}

/// The times in which something stood in the service's way.
fn troubles(remains: &Remains) -> Vec<(Timestamp, Timestamp)> {
    let tail = minutes(2);
    let mut trouble: Vec<_> =
        remains.plan.weather.iter().map(|weather| (weather.from, after(weather.until, tail))).collect();
    trouble.extend(lock(&remains.world.trouble).iter().map(|(from, until)| (*from, after(*until, tail))));
    for pair in remains.lives.windows(2) {
        trouble.push((before(pair[0].1, tail), after(pair[1].0, tail)));
    }
    let mut since: [Option<Timestamp>; 3] = [None; 3];
    let slowest = remains.plan.zone.feeds.values().map(|settings| settings.poll).max().unwrap_or_default();
    for (at, event) in &remains.plan.events {
        let (place, begins) = match event {
            Event::Clock(wrong) => (0, *wrong != 0),
            Event::DiskFull(full) => (1, *full),
            Event::FacebookToken(good) => (2, !*good),
            Event::Fault(_) => {
                trouble.push((*at, after(*at, minutes(22) + slowest * 3)));
                continue;
            }
            Event::RevokeX => {
                trouble.push((*at, after(*at, minutes(3) + slowest)));
                continue;
            }
            _ => continue,
        };
        if begins {
            since[place].get_or_insert(*at);
        } else if let Some(from) = since[place].take() {
            trouble.push((from, after(*at, tail)));
        }
    }
    trouble
}

/// What many simulations came to.
#[derive(Default, Clone)]
pub struct Tally(BTreeMap<&'static str, u64>);

pub fn tally(remains: &Remains) -> Tally {
    let logged = |words: &str| remains.log.lines().filter(|line| line.contains(words)).count() as u64;
    let story = remains.world.story();
    let happened = |words: &str| story.lines().filter(|line| line.contains(words)).count() as u64;
    let outcome = |name: &str| -> u64 {
        remains.figures.outcomes.iter().filter(|count| count.outcome == name).map(|count| count.total).sum()
    };
    let messages = remains.world.sandbox.all_messages();
    let court = Court::new(remains, &messages);
    let length = between(remains.lives[0].0, remains.plan.end);
    let calls = lock(&remains.world.calls).len() as u64;
    let silent: Vec<_> = court
        .new_ones()
        .filter(|written| written.nature == Nature::Citizen && court.answer_to(written).is_none())
        .map(|written| court.excuse(written))
        .collect();
    let trouble = |excuse: Option<&str>| matches!(excuse, Some("no opportunity" | "in doubt after three tries"));
    Tally(BTreeMap::from([
        ("seeds", 1),
        ("hours", length.as_secs() / 3600),
        ("written", remains.written.iter().filter(|written| !written.old).count() as u64),
        ("replies", court.replies.len() as u64),
        ("sent", outcome("sent")),
        ("in doubt", outcome("in_doubt")),
        ("expired", outcome("expired")),
        ("refused", outcome("refused")),
        ("kills", happened("*** the process is killed")),
        ("calls", calls),
        ("mishaps", happened(" meets ")),
        ("stood there after all", logged("the reply stands on the platform")),
        ("posted again", logged("does not stand on the platform")),
        ("excused", silent.len() as u64),
        ("excused by trouble", silent.iter().filter(|excuse| trouble(**excuse)).count() as u64),
    ]))
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        for (name, number) in other.0 {
            *self.0.entry(name).or_default() += number;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|(name, number)| format!("{name} {number}")).collect();
        f.write_str(&all.join(", "))
    }
}
