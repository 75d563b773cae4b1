//! What the judge decides, and how a message can end: closed lists, each with the words shown to people.

use std::fmt;

use jiff::Timestamp;

use super::{Kind, LanguageChoice, Route};

/// What the judge says of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Post this.
    Reply(Due),
    /// Another reply to the same contact is under way; this message ends when that reply does.
    Hold(Due),
    /// Say nothing, for this reason.
    Silence(Silence),
}

impl Decision {
    /// Whether it is about what a citizen wrote since the first start: neither what stood there before, nor what the zone itself, a
    /// sister zone or a bot wrote.
    pub const fn is_of_a_citizen(&self) -> bool {
        !matches!(
            self,
            Self::Silence(
                Silence::Baseline
                    | Silence::Own
                    | Silence::Sister
                    | Silence::Bot
                    | Silence::OwnWords
                    | Silence::NotAMessage
            )
        )
    }
}

/// An answer that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which text.
    pub answer: Answer,
    /// In which ways.
    pub ways: Ways,
    /// Not before then, and only if no colleague has answered by then.
    pub not_before: Option<Timestamp>,
}

/// Which text to post, before it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The language or languages of the text.
    pub languages: LanguageChoice,
    /// What the message is about.
    pub kind: Kind,
    /// Urgent replies leave first.
    pub urgent: bool,
}

/// Which ways an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ways {
    /// One reply where the message stands.
    Direct,
    /// One private message in answer to a public one.
    Private,
    /// Both, the private one first.
    Both,
}

impl Ways {
    /// The replies that it takes, in the order in which they leave.
    pub const fn routes(self) -> &'static [Route] {
        match self {
            Self::Direct => &[Route::Direct],
            Self::Private => &[Route::Private],
            Self::Both => &[Route::Private, Route::Direct],
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident => $code:literal, $words:literal;)*) => {
        /// Why a message is met with silence. The list is closed: figures and explanations rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Silence { $($(#[$doc])* $name,)* }

        impl Silence {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code used in the ledger, in logs and in figures.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason in plain words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

reasons! {
    /// The service is paused.
    Paused => "paused", "posting is switched off";
    /// The service only observes.
    Observed => "observed", "observe mode: would have replied";
    /// It stood there before the first start.
    Baseline => "baseline", "stood there before the very first start";
    /// Older than the allowed age.
    TooOld => "too_old", "older than the allowed age";
    /// Written by our own account.
    Own => "own", "written by our own account";
    /// Written by a sister zone's account.
    Sister => "sister", "written by a sister zone";
    /// Written by an account listed as a bot.
    Bot => "bot", "written by a known bot";
    /// Nearly one of our own texts.
    OwnWords => "own_words", "nearly one of our own texts";
    /// A colleague is in this conversation.
    Colleague => "colleague", "a colleague is in this conversation";
    /// It asks for no automatic reply any more.
    OptOut => "opt_out", "asks for no automatic reply any more";
    /// Its author asked for no automatic reply.
    OptedOut => "opted_out", "its author wants no automatic reply";
    /// The same, and the message is urgent.
    OptedOutUrgent => "opted_out_urgent", "its author wants no automatic reply, also to an urgent message";
    /// Staff have chosen a quiet period.
    QuietPeriod => "quiet_period", "a quiet period, chosen by staff";
    /// Thanks or praise of somebody who was answered.
    Thanks => "thanks", "thanks or praise after an answer";
    /// The contact was answered a short time ago.
    Cooldown => "cooldown", "the same contact was answered a short time ago";
    /// Its answer stands on the platform, from a time that the ledger lost.
    Answered => "answered", "its answer stands on the platform already";
    /// The hourly cap of public replies is reached.
    PublicCap => "public_cap", "the hourly cap of public replies is reached";
    /// The post is muted.
    MutedPost => "muted_post", "the post is muted";
    /// The feed is not to be answered.
    FeedSilent => "feed_silent", "this feed is only counted";
    /// Public replies are off on this feed.
    PublicOff => "public_off", "public replies are switched off on this feed";
    /// The office is open, and a colleague will answer.
    Open => "open", "the office is open: a colleague answers what is not urgent";
    /// Not addressed to us.
    NotAddressed => "not_addressed", "does not address us";
    /// The author does not let us reply.
    RepliesClosed => "replies_closed", "its author does not let us reply";
    /// A group conversation.
    Group => "group", "a conversation of more than two";
    /// Nothing to read.
    Unreadable => "unreadable", "the platform shows neither text nor author";
    /// Not a person's message.
    NotAMessage => "not_a_message", "not a message of a person";
    /// No way to answer it.
    NoWay => "no_way", "the platform offers no way to answer it";
    /// No text exists for it in this language.
    NoText => "no_text", "no text could be made for it";
}

impl Silence {
    /// The reason that may stand beside a message, in the ledger and in the log. Urgency is counted, and never written
    /// beside anything that leads to a person.
    #[must_use]
    pub const fn beside_message(self) -> Self {
        match self {
            Self::OptedOutUrgent => Self::OptedOut,
            other => other,
        }
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How a message ended: exactly one per message, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The reply stands on the platform.
    Sent,
    /// Nothing was posted, for this reason.
    Silent(Silence),
    /// The platform refuses the reply for good.
    Refused,
    /// The reply could not leave before the message had become too old.
    Expired,
    /// Whether the reply stands on the platform cannot be told; it is not sent again.
    InDoubt,
}

impl Outcome {
    /// Whether the citizen has, or may have, a reply: for the cool-down a reply in doubt counts as sent.
    pub const fn may_have_answered(self) -> bool {
        matches!(self, Self::Sent | Self::InDoubt)
    }

    /// The same, as it may stand beside a message: see [`Silence::beside_message`].
    #[must_use]
    pub const fn beside_message(self) -> Self {
        match self {
            Self::Silent(silence) => Self::Silent(silence.beside_message()),
            other => other,
        }
    }

    /// The name used in the ledger and in figures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Silent(_) => "silent",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::InDoubt => "in_doubt",
        }
    }

    /// The reason's code; empty where the name says it all.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Silent(silence) => silence.code(),
            _ => "",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(silence) => write!(f, "silent ({silence})"),
            other => f.write_str(other.name()),
        }
    }
}
