//! A case for one rule's tests: an ordinary message that nothing speaks against, and ways to change it.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{after, before},
    config::{Mode, PublicReplies, QuietAnswer, QuietPeriod, ReplyTo, When, Zone},
    hours::{Hours, Window},
    judge::{Case, Rule},
    model::{Aside, Author, Barrier, Feed, History, Kind, Language, LanguageChoice, Message, Silence, Verdict},
    reply::OwnWords,
};

#[derive(Clone)]
pub struct Given {
    zone: Zone,
    message: Message,
    verdict: Verdict,
    history: History,
    now: Timestamp,
}

impl Default for Given {
    fn default() -> Self {
        let now: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
        Self {
            zone: Zone::for_testing(),
            message: Message {
                feed: Feed::FacebookInbox,
                id: "m_1".into(),
                current: "m_1".into(),
                thread: "t_1".into(),
                post: None,
                author: Some(Author { id: "2711".into(), handle: None, is_self: false }),
                text: "Bonjour, il y a une bagarre devant chez moi".into(),
                created_at: before(now, Duration::from_secs(5)),
                barrier: None,
                bystanders: Vec::new(),
            },
            verdict: Verdict {
                languages: LanguageChoice::one(Language::Fr),
                shown: None,
                urgent: false,
                alert: false,
                kind: Kind::None,
                score: 0,
                reasons: Vec::new(),
                aside: None,
            },
            history: History::since(before(now, Duration::from_secs(86_400))),
            now,
        }
    }
}

impl Given {
    #[track_caller]
    pub fn expect(self, rule: Rule, silence: Option<Silence>) {
        assert_eq!(self.ask(rule), silence);
    }

    pub fn ask<T>(self, question: impl Fn(&Case<'_>) -> T) -> T {
        let own_words = OwnWords::new(&self.zone.texts, &self.zone.facts);
        let case = Case {
            zone: &self.zone,
            own_words: &own_words,
            message: &self.message,
            verdict: &self.verdict,
            history: &self.history,
            now: self.now,
        };
        question(&case)
    }

    fn ago(&self, seconds: u64) -> Timestamp {
        before(self.now, Duration::from_secs(seconds))
    }

    pub fn written_seconds_ago(mut self, seconds: u64) -> Self {
        self.message.created_at = self.ago(seconds);
        self
    }

    pub fn baseline_seconds_ago(mut self, seconds: u64) -> Self {
        self.history.baseline = self.ago(seconds);
        self
    }

    pub fn first_view(mut self) -> Self {
        self.history.first_view = true;
        self
    }

    pub fn by_ourselves(mut self) -> Self {
        self.message.author = Some(Author { id: "1".into(), handle: None, is_self: true });
        self
    }

    pub fn by_nobody_known(mut self) -> Self {
        self.message.author = None;
        self
    }

    pub fn by(mut self, id: &str, handle: Option<&str>) -> Self {
        self.message.author = Some(Author { id: id.into(), handle: handle.map(Into::into), is_self: false });
        self
    }

    pub fn sister(mut self, account: &str) -> Self {
        self.zone.facebook.as_mut().unwrap().known.sisters.push(account.into());
        self
    }

    pub fn bot(mut self, account: &str) -> Self {
        self.zone.facebook.as_mut().unwrap().known.bots.push(account.into());
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        self.message.text = text.into();
        self
    }

    pub fn barrier(mut self, barrier: Barrier) -> Self {
        self.message.barrier = Some(barrier);
        self
    }

    pub fn on(mut self, feed: Feed) -> Self {
        self.message.feed = feed;
        self
    }

    pub fn in_thread(mut self, thread: &str) -> Self {
        self.message.thread = thread.into();
        self
    }

    pub fn muted(mut self, post: &str) -> Self {
        self.zone.feeds.get_mut(&self.message.feed).unwrap().muted_posts.push(post.into());
        self
    }

    pub fn reply_to(mut self, reply_to: ReplyTo) -> Self {
        self.zone.feeds.get_mut(&self.message.feed).unwrap().reply_to = reply_to;
        self
    }

    pub fn under_post(mut self, post: &str) -> Self {
        self.message.post = Some(post.into());
        self
    }

    pub fn public_replies(mut self, mode: PublicReplies) -> Self {
        self.zone.feeds.get_mut(&self.message.feed).unwrap().public_replies = mode;
        self
    }

    pub fn urgent(mut self) -> Self {
        self.verdict.urgent = true;
        self
    }

    pub fn colleague_seconds_ago(mut self, seconds: u64) -> Self {
        self.history.colleague_at = Some(self.ago(seconds));
        self
    }

    pub fn answered_seconds_ago(mut self, seconds: u64) -> Self {
        self.history.answered_at = Some(self.ago(seconds));
        self
    }

    pub fn public_replies_so_far(mut self, count: u32) -> Self {
        self.history.public_replies = count;
        self
    }

    /// What the message is made of, where that asks for nothing.
    pub fn aside(mut self, aside: Aside) -> Self {
        self.verdict.aside = Some(aside);
        self
    }

    pub fn opted_out_for_seconds(mut self, seconds: u64) -> Self {
        self.history.opted_out_until = Some(after(self.now, Duration::from_secs(seconds)));
        self
    }

    /// A quiet period that began and ends so many seconds from now.
    pub fn quiet(mut self, from: i64, until: i64, answer: QuietAnswer) -> Self {
        let at = |seconds: i64| Timestamp::from_second(self.now.as_second() + seconds).unwrap();
        self.zone.policy.quiet_period = Some(QuietPeriod { from: Some(at(from)), until: at(until), answer });
        self
    }

    /// An office that is open every day at these times; the case plays at 23:00.
    pub fn office(mut self, when: When, window: &str) -> Self {
        self.zone.policy.when = when;
        let week = (1..=7).map(|day| (day, vec![Window::parse(window).unwrap()])).collect();
        self.zone.hours = Some(Hours { week, ..Hours::default() });
        self
    }

    pub fn paused(mut self) -> Self {
        self.history.paused = true;
        self
    }

    pub fn mode(mut self, mode: Mode) -> Self {
        self.zone.mode = mode;
        self
    }
}
