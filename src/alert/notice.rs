//! What is told, in figures and in the words of a mail.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::{Timestamp, tz::TimeZone};

use super::{Cry, Deaf};
use crate::model::{Feed, Kind, Language};

/// One notice: how many, of what, where, and where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The same however often it is brought, so that a receiver can tell a second copy.
    pub id: String,
    /// When the first of the messages was written.
    pub from: Timestamp,
    /// When the last of them was written.
    pub until: Timestamp,
    /// How many, by feed and kind.
    pub counts: BTreeMap<(Feed, Kind), u64>,
    /// Some of them, the gravest first; each with a link.
    pub links: Vec<Cry>,
    /// What it is about.
    pub about: About,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Messages that may tell of a danger.
    Messages,
    /// Feeds that are not read.
    Deaf(Vec<Deaf>),
    /// Every feed is read again.
    Heard,
    /// It only tries the way.
    Test,
}

impl About {
    /// Its name in a webhook.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Messages => "alert",
            Self::Deaf(_) => "stale",
            Self::Heard => "all_clear",
            Self::Test => "test",
        }
    }
}

impl Notice {
    pub(super) const fn new(
        from: Timestamp,
        until: Timestamp,
        counts: BTreeMap<(Feed, Kind), u64>,
        links: Vec<Cry>,
    ) -> Self {
        Self { id: String::new(), from, until, counts, links, about: About::Messages }
    }

    /// A notice that is not about messages.
    pub const fn of(about: About, now: Timestamp) -> Self {
        Self { id: String::new(), from: now, until: now, counts: BTreeMap::new(), links: Vec::new(), about }
    }

    /// How many messages it is about.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The subject of a mail.
    pub fn subject(&self, zone: &str, language: Language) -> String {
        let words = words(language);
        let about = match self.about {
            About::Messages => format!("{} ({})", words.subject, self.total()),
            About::Deaf(_) => words.deaf.to_owned(),
            About::Heard => words.heard.to_owned(),
            About::Test => words.test.to_owned(),
        };
        format!("[formez101 {zone}] {about}")
    }

    /// The text of a mail, on the zone's clock.
    pub fn text(&self, zone: &str, language: Language, tz: &TimeZone) -> String {
        let words = words(language);
        let mut text = format!("{zone}\n\n");
        let on = |at: Timestamp| tz.to_datetime(at).strftime("%d/%m %H:%M").to_string();
        // Writing to a text cannot fail.
        match &self.about {
            About::Messages => self.messages(&mut text, language, &on),
            About::Deaf(deaf) => {
                let _ = writeln!(text, "{}\n", words.deaf_text);
                for Deaf { feed, since, why } in deaf {
                    let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                    let _ = writeln!(text, "  {feed} ({} {}){why}", words.since, on(*since));
                }
            }
            About::Heard => drop(writeln!(text, "{}", words.heard_text)),
            About::Test => drop(writeln!(text, "{}", words.test_text)),
        }
        let _ = writeln!(text, "\n{}", words.end);
        text
    }

    fn messages(&self, text: &mut String, language: Language, on: &impl Fn(Timestamp) -> String) {
        let words = words(language);
        let _ = writeln!(text, "{} {} - {}\n", words.begin, on(self.from), on(self.until));
        for ((feed, kind), total) in &self.counts {
            let _ = writeln!(text, "  {total} x {}, {feed}", kind_words(*kind, language));
        }
        if !self.links.is_empty() {
            let _ = writeln!(text, "\n{}\n", words.look);
        }
        for cry in &self.links {
            let link = cry.link.as_deref().unwrap_or_default();
            let _ = writeln!(text, "  {} {}, {}\n  {link}", on(cry.at), kind_words(cry.kind, language), cry.feed);
        }
    }
}

struct Words {
    subject: &'static str,
    deaf: &'static str,
    deaf_text: &'static str,
    since: &'static str,
    heard: &'static str,
    heard_text: &'static str,
    test: &'static str,
    test_text: &'static str,
    begin: &'static str,
    look: &'static str,
    end: &'static str,
}

const fn words(language: Language) -> Words {
    match language {
        Language::Fr => Words {
            subject: "messages à voir tout de suite",
            deaf: "formez101 ne lit plus tout",
            deaf_text: "Ces fils ne sont plus lus. Qui y écrit ne reçoit pas de réponse :",
            since: "depuis le",
            heard: "formez101 lit de nouveau tout",
            heard_text: "Tous les fils sont de nouveau lus. Ce qui a été écrit entre-temps reçoit encore sa réponse, sauf si c'est trop ancien.",
            test: "essai",
            test_text: "Ceci est un essai : les alertes arrivent à cette adresse.",
            begin: "Des messages peuvent signaler un danger. Ils ont été écrits :",
            look: "Où les voir :",
            end: "Message automatique de formez101. Il ne répète jamais ce qui a été écrit, ni par qui.",
        },
        Language::Nl => Words {
            subject: "berichten om meteen te bekijken",
            deaf: "formez101 leest niet meer alles",
            deaf_text: "Deze kanalen worden niet meer gelezen. Wie er schrijft, krijgt geen antwoord:",
            since: "sinds",
            heard: "formez101 leest weer alles",
            heard_text: "Alle kanalen worden weer gelezen. Wat intussen geschreven werd, krijgt nog antwoord, tenzij het te oud is.",
            test: "test",
            test_text: "Dit is een test: de meldingen komen op dit adres aan.",
            begin: "Berichten kunnen op gevaar wijzen. Ze werden geschreven:",
            look: "Waar ze te zien zijn:",
            end: "Automatisch bericht van formez101. Het herhaalt nooit wat er geschreven werd, of door wie.",
        },
        Language::De => Words {
            subject: "Nachrichten, die sofort anzusehen sind",
            deaf: "formez101 liest nicht mehr alles",
            deaf_text: "Diese Kanäle werden nicht mehr gelesen. Wer dort schreibt, bekommt keine Antwort:",
            since: "seit",
            heard: "formez101 liest wieder alles",
            heard_text: "Alle Kanäle werden wieder gelesen. Was inzwischen geschrieben wurde, wird noch beantwortet, außer wenn es zu alt ist.",
            test: "Test",
            test_text: "Dies ist ein Test: Die Meldungen kommen unter dieser Adresse an.",
            begin: "Nachrichten können auf eine Gefahr hinweisen. Sie wurden geschrieben:",
            look: "Wo sie zu sehen sind:",
            end: "Automatische Nachricht von formez101. Sie wiederholt nie, was geschrieben wurde, noch von wem.",
        },
        Language::En => Words {
            subject: "messages to look at now",
            deaf: "formez101 no longer reads everything",
            deaf_text: "These feeds are no longer read. Whoever writes there gets no answer:",
            since: "since",
            heard: "formez101 reads everything again",
            heard_text: "Every feed is read again. What was written meanwhile is still answered, unless it is too old.",
            test: "test",
            test_text: "This is a test: alerts arrive at this address.",
            begin: "Messages may tell of a danger. They were written:",
            look: "Where to see them:",
            end: "Automatic message of formez101. It never repeats what was written, or by whom.",
        },
    }
}

const fn kind_words(kind: Kind, language: Language) -> &'static str {
    let words = match kind {
        Kind::Police | Kind::None => ["urgence", "dringend", "dringend", "urgent"],
        Kind::Medical => ["urgence médicale", "medisch", "medizinischer Notfall", "medical"],
        Kind::Fire => ["incendie ou sauvetage", "brand of redding", "Feuer oder Rettung", "fire or rescue"],
        Kind::SelfHarm => ["idées suicidaires", "zelfdoding", "Suizidgedanken", "thoughts of suicide"],
    };
    match language {
        Language::Fr => words[0],
        Language::Nl => words[1],
        Language::De => words[2],
        Language::En => words[3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_how_many_of_what_and_where_to_look() {
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let cry = |feed, kind, time, link: &str| Cry { feed, kind, at: at(time), link: Some(link.to_owned()) };
        let notice = Notice {
            links: vec![
                cry(Feed::XMentions, Kind::SelfHarm, "2026-11-20T22:01:00Z", "https://x.com/i/status/1"),
                cry(Feed::FacebookInbox, Kind::Police, "2026-11-20T22:00:00Z", "https://www.facebook.com/1/inbox/"),
            ],
            ..Notice::new(
                at("2026-11-20T22:00:00Z"),
                at("2026-11-20T22:03:00Z"),
                [((Feed::FacebookInbox, Kind::Police), 12), ((Feed::XMentions, Kind::SelfHarm), 1)].into(),
                Vec::new(),
            )
        };
        let tz = TimeZone::get("Europe/Brussels").unwrap();
        insta::assert_snapshot!(notice.subject("brux", Language::Fr), @"[formez101 brux] messages à voir tout de suite (13)");
        insta::assert_snapshot!(notice.text("Zone de police Exemple", Language::Fr, &tz), @"
        Zone de police Exemple

        Des messages peuvent signaler un danger. Ils ont été écrits : 20/11 23:00 - 20/11 23:03

          12 x urgence, facebook.inbox
          1 x idées suicidaires, x.mentions

        Où les voir :

          20/11 23:01 idées suicidaires, x.mentions
          https://x.com/i/status/1
          20/11 23:00 urgence, facebook.inbox
          https://www.facebook.com/1/inbox/

        Message automatique de formez101. Il ne répète jamais ce qui a été écrit, ni par qui.
        ");
        let deaf =
            Deaf { feed: Feed::XInbox, since: at("2026-11-20T22:00:00Z"), why: Some("login needed (x 401)".into()) };
        let deaf = Notice::of(About::Deaf(vec![deaf]), at("2026-11-20T22:06:00Z"));
        insta::assert_snapshot!(deaf.subject("brux", Language::Nl), @"[formez101 brux] formez101 leest niet meer alles");
        insta::assert_snapshot!(deaf.text("Politiezone Voorbeeld", Language::Nl, &tz), @"
        Politiezone Voorbeeld

        Deze kanalen worden niet meer gelezen. Wie er schrijft, krijgt geen antwoord:

          x.inbox (sinds 20/11 23:00): login needed (x 401)

        Automatisch bericht van formez101. Het herhaalt nooit wat er geschreven werd, of door wie.
        ");
        let test = Notice::of(About::Test, at("2026-11-20T22:00:00Z"));
        insta::assert_snapshot!(test.subject("brux", Language::Nl), @"[formez101 brux] test");
        assert!(test.text("Zone", Language::De, &tz).contains("Dies ist ein Test"));
    }
}
