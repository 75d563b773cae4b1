//! The families of phrases: what each stands for, and what it says about urgency and kind.

use crate::model::Kind;

/// What a family is to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Something that happens: evidence of urgency, and of a kind.
    Event(Kind),
    /// Now, a person, a place, fear, a plea: evidence that it is real and here.
    Sign,
    /// Past, resolved, imagined, a question to an office: evidence against.
    Doubt,
    /// A figure of speech: its words say nothing.
    Figure,
}

macro_rules! families {
    ($($name:ident $code:literal $role:expr, $words:literal;)*) => {
        /// A family of phrases. The list is closed: weights and explanations rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the words say it")]
        pub enum Family { $($name,)* }

        impl Family {
            /// Every family.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name used in the lexicons and in reasons.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it is to a verdict.
            pub const fn role(self) -> Role {
                match self { $(Self::$name => $role,)* }
            }

            /// What it means, in plain words.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

use Kind::{Fire as F, Medical as M, Police as P, SelfHarm as S};
use Role::{Doubt, Event, Figure, Sign};

families! {
    SelfHarm "self_harm" Event(S), "means to die or to hurt themselves, or somebody else is feared to";
    Farewell "farewell" Event(S), "a farewell";
    Fire "fire" Event(F), "fire or smoke";
    Gas "gas" Event(F), "gas, carbon monoxide or an explosion";
    Rescue "rescue" Event(F), "trapped, in the water or at a height";
    Medical "medical" Event(M), "life or health in danger";
    Accident "accident" Event(P), "an accident";
    Injured "injured" Event(M), "somebody is hurt or lies there";
    Violence "violence" Event(P), "violence or a threat of it";
    Weapon "weapon" Event(P), "a weapon";
    Intrusion "intrusion" Event(P), "somebody breaks in or is inside";
    Robbery "robbery" Event(P), "a theft or a robbery";
    Stalking "stalking" Event(P), "followed, held, or afraid of somebody";
    Sexual "sexual" Event(P), "a sexual assault";
    Missing "missing" Event(P), "a person is missing, lost or was sighted";
    Hazard "hazard" Event(P), "a danger on the road or the rails";
    Driver "driver" Event(P), "somebody drives dangerously";
    Attack "attack" Event(P), "an attack or a threat to many";
    Welfare "welfare" Event(P), "no sign of life of somebody";
    Child "child" Event(P), "a child or a helpless person in danger";
    Disorder "disorder" Event(P), "disturbance, damage or a suspicious person";
    Fraud "fraud" Event(P), "a fraud under way";
    Covert "covert" Event(P), "a call for help that must stay hidden";
    Plea "plea" Sign, "a plea for help";
    Send "send" Sign, "asks that somebody come at once";
    Now "now" Sign, "at this moment";
    Here "here" Sign, "a place";
    Person "person" Sign, "a person concerned";
    Fear "fear" Sign, "fear";
    Going "going" Sign, "something is going on";
    Alone "alone" Sign, "no help is there yet";
    Loud "loud" Sign, "urgency in signs";
    Past "past" Doubt, "in the past";
    Resolved "resolved" Doubt, "over, or false alarm";
    Thanks "thanks" Doubt, "thanks or praise";
    Imagined "imagined" Doubt, "what would be if";
    Drill "drill" Doubt, "a drill or an event";
    Fiction "fiction" Doubt, "a story, a film or a game";
    Joke "joke" Doubt, "in jest";
    News "news" Doubt, "talk of news or of the press";
    Asks "asks" Doubt, "a question to an office";
    Office "office" Doubt, "papers, fines, complaints or claims";
    Lost "lost" Doubt, "property lost or found";
    Often "often" Doubt, "a nuisance of every week";
    Calm "calm" Doubt, "not urgent, says the author";
    Trade "trade" Doubt, "advertising, jobs or offers";
    Opinion "opinion" Doubt, "an opinion";
    Idiom "idiom" Figure, "a figure of speech";
}

impl Family {
    /// The family of this name.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|family| family.code() == code)
    }
}
