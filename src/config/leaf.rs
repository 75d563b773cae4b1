//! One value: is it of the right type, and does it make sense on its own?

use std::{ops::Range, sync::Arc};

use config::{Value, ValueKind};
use jiff::tz::TimeZone;
use toml::{Spanned, de::DeValue};

use super::{
    diagnostic::Diagnostic,
    duration, health,
    hosts::Address,
    place::{Origin, Place},
    quiet,
    schema::{Leaf, Zero},
    secrets::quoted,
    suggest::{any_of, nearest},
    words::{Word as _, names},
    zone::{DatedNumber, PublicReplies},
};
use crate::{
    hours::{Exception, Window},
    model::Language,
    triage,
};

/// Says what is wrong with one value of one key.
pub struct Reader<'a> {
    /// What the value stands in.
    pub origin: &'a Arc<Origin>,
    /// The key as written there.
    pub key: &'a str,
    /// What is wrong, so far.
    pub found: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The value in the form in which layers are merged, or at least the sound part of a list.
    pub fn read(&mut self, leaf: Leaf, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let span = value.span();
        let kind = match (leaf, value.get_ref()) {
            (Leaf::Flag, DeValue::Boolean(flag)) => ValueKind::Boolean(*flag),
            (Leaf::PublicReplies, DeValue::Boolean(flag)) => {
                let meant = if *flag { PublicReplies::Public } else { PublicReplies::None };
                ValueKind::String(meant.word().to_owned())
            }
            (Leaf::Count, DeValue::Integer(number)) => ValueKind::I64(self.count(number, span)?),
            (Leaf::Money, DeValue::Integer(number)) => {
                ValueKind::Float(f64::from(u32::try_from(self.count(number, span)?).unwrap_or(u32::MAX)))
            }
            (Leaf::Money, DeValue::Float(number)) => ValueKind::Float(self.money(number, span)?),
            (leaf, DeValue::Array(items)) if leaf.is_list() => ValueKind::Array(self.list(leaf, items, &span)),
            (
                Leaf::Flag
                | Leaf::Count
                | Leaf::Money
                | Leaf::Languages
                | Leaf::Accounts
                | Leaf::Posts
                | Leaf::Words(_)
                | Leaf::Windows
                | Leaf::Exceptions
                | Leaf::DatedNumbers
                | Leaf::Mailboxes
                | Leaf::Phrases
                | Leaf::ShippedPhrases,
                _,
            )
            | (
                _,
                DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_)
                | DeValue::Table(_),
            ) => {
                self.wrong_type(leaf, value);
                return None;
            }
            (_, DeValue::String(text)) => ValueKind::String(self.text(leaf, text, span)?),
        };
        Some(Value::new(None, kind))
    }

    fn count(&mut self, number: &toml::de::DeInteger<'_>, span: Range<usize>) -> Option<i64> {
        let value =
            i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|value| u32::try_from(*value).is_ok());
        if value.is_none() {
            self.complain(
                span,
                &format!("must be a whole number from 0 to {}", u32::MAX),
                vec![example(Leaf::Count, self.key)],
            );
        }
        value
    }

    fn money(&mut self, number: &toml::de::DeFloat<'_>, span: Range<usize>) -> Option<f64> {
        let value = number.as_str().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
        if value.is_none() {
            self.complain(span, "must be an amount from 0 upwards", vec![example(Leaf::Money, self.key)]);
        }
        value
    }

    /// A text that is all there is to say.
    fn text(&mut self, leaf: Leaf, text: &str, span: Range<usize>) -> Option<String> {
        match judged(leaf, text) {
            Ok(text) => Some(text),
            Err((problem, mut help)) => {
                if help.is_empty() {
                    help.push(example(leaf, self.key));
                }
                self.complain(span, &problem, help);
                None
            }
        }
    }

    /// The sound items of a list.
    fn list(&mut self, leaf: Leaf, items: &toml::de::DeArray<'_>, span: &Range<usize>) -> Vec<Value> {
        if items.is_empty() && matches!(leaf, Leaf::Languages) {
            self.complain(span.clone(), "is empty: a zone serves at least one language", vec![example(leaf, self.key)]);
        }
        let mut kept: Vec<(String, Range<usize>)> = Vec::new();
        for item in items {
            let DeValue::String(text) = item.get_ref() else {
                let problem = format!("is a list of texts in quotes, and this item is {}", type_name(item.get_ref()));
                self.complain(item.span(), &problem, vec![example(leaf, self.key)]);
                continue;
            };
            let Some(text) = self.text(leaf, text, item.span()) else {
                continue;
            };
            if let Some((_, first)) = kept.iter().find(|(known, _)| *known == text) {
                let first = Place::new(self.origin, first.clone());
                let again = format!("{} stands twice in `{}`", quoted(&text), self.key);
                self.found.push(
                    Diagnostic::new(Place::new(self.origin, item.span()), again)
                        .also(first, "first here")
                        .help("keep one of the two"),
                );
                continue;
            }
            kept.push((text, item.span()));
        }
        kept.into_iter().map(|(text, _)| Value::new(None, text)).collect()
    }

    fn wrong_type(&mut self, leaf: Leaf, value: &Spanned<DeValue<'_>>) {
        let help = suggestion(leaf, self.key, value.get_ref()).unwrap_or_else(|| example(leaf, self.key));
        let problem = format!("must be {}, not {}", wanted(leaf), type_name(value.get_ref()));
        self.complain(value.span(), &problem, vec![help]);
    }

    /// Notes what is wrong; the problem goes on after the key's name.
    fn complain(&mut self, span: Range<usize>, problem: &str, help: Vec<String>) {
        let mut diagnostic = Diagnostic::new(Place::new(self.origin, span), format!("`{}` {problem}", self.key));
        diagnostic.help = help;
        self.found.push(diagnostic);
    }
}

type Complaint = (String, Vec<String>);

/// The text in its plain form, or what is wrong with it.
fn judged(leaf: Leaf, text: &str) -> Result<String, Complaint> {
    match leaf {
        Leaf::Word(words) | Leaf::Words(words) => word(text, &words()),
        Leaf::PublicReplies => word(text, &names::<PublicReplies>()),
        Leaf::Duration(zero) => length_of_time(text, zero),
        Leaf::Languages => language(text),
        Leaf::TimeZone => time_zone(text),
        Leaf::Address => Address::parse(text).map(|address| address.to_string()).map_err(|problem| {
            (problem.to_owned(), vec!["write the address alone, such as `\"https://graph.facebook.com\"`".to_owned()])
        }),
        Leaf::Listen => {
            health::listen(text).map(|address| address.to_string()).map_err(|problem| (problem.to_owned(), Vec::new()))
        }
        Leaf::Page if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(text.to_owned()),
        Leaf::Page => Err((
            "must be the Page's number, digits only".to_owned(),
            vec!["the number stands on the Page under About, Page transparency, Page ID".to_owned()],
        )),
        Leaf::MetaId if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(text.to_owned()),
        Leaf::MetaId => Err((
            "must be a number of Meta's, digits only".to_owned(),
            vec![
                "an Instagram account's number is what Meta calls its professional account ID; `formez101 login instagram` shows it"
                    .to_owned(),
            ],
        )),
        Leaf::Handle => handle(text),
        Leaf::DomainHandle => domain_handle(text),
        Leaf::ServerHandle => server_handle(text),
        Leaf::Version => version(text),
        Leaf::Accounts | Leaf::Posts if text.trim_start_matches('@').trim().is_empty() => {
            Err(("holds an empty item".to_owned(), vec!["write the id in the quotes, or remove the item".to_owned()]))
        }
        Leaf::Accounts => Ok(text.trim().trim_start_matches('@').to_owned()),
        Leaf::Posts => Ok(text.trim().to_owned()),
        Leaf::Moment => quiet::moment(text)
            .map(|_| text.trim().to_owned())
            .map_err(|problem| (format!("{problem}: {}", quoted(text)), Vec::new())),
        Leaf::DatedNumbers => text
            .parse::<DatedNumber>()
            .map(|_| text.trim().to_owned())
            .map_err(|problem| (format!("{problem}: {}", quoted(text)), Vec::new())),
        Leaf::Windows => Window::parse(text).map(|_| text.to_owned()).map_err(|problem| {
            (format!("{problem}: {}", quoted(text)), vec!["write `\"08:00-12:00\"`".to_owned()])
        }),
        Leaf::Exceptions => Exception::parse(text).map(|_| text.to_owned()).map_err(|problem| {
            (
                format!("{problem}: {}", quoted(text)),
                vec!["write `\"2026-12-24 08:00-12:00\"` or `\"2026-12-28 to 2026-12-31 closed\"`".to_owned()],
            )
        }),
        Leaf::Text if text.trim().is_empty() => {
            Err(("is empty".to_owned(), vec!["write the text, or remove the whole line".to_owned()]))
        }
        Leaf::Mailbox | Leaf::Mailboxes => match text.trim().split_once('@') {
            Some((name, server)) if is_plain(name) && is_server(server) => Ok(text.trim().to_owned()),
            _ => Err((
                format!("holds no address for mail: {}", quoted(text)),
                vec!["write the address alone, such as `\"permanence@example.be\"`".to_owned()],
            )),
        },
        Leaf::Server if is_server(text) => Ok(text.to_owned()),
        Leaf::Server => Err((
            format!("is no name of a server: {}", quoted(text)),
            vec!["write the name alone, such as `\"smtp.example.be\"`; a port has a line of its own".to_owned()],
        )),
        Leaf::Phrases => triage::understood(text).map(|()| text.trim().to_owned()).map_err(|problem| {
            (
                format!("holds a phrase that cannot be looked for: {} {problem}", quoted(text)),
                vec!["write words as citizens write them, such as `\"place du marché\"`; docs/TRIAGE.md shows the signs".to_owned()],
            )
        }),
        Leaf::ShippedPhrases if triage::shipped().any(|phrase| phrase == text.trim()) => Ok(text.trim().to_owned()),
        Leaf::ShippedPhrases => Err((
            format!("names a phrase that stands in no list: {}", quoted(text)),
            vec![nearest(text.trim(), triage::shipped()).map_or_else(
                || "copy the line as it stands in the lists of src/triage/lexicon".to_owned(),
                |meant| format!("did you mean {}?", quoted(meant)),
            )],
        )),
        Leaf::Text | Leaf::Flag | Leaf::Count | Leaf::Money => Ok(text.to_owned()),
    }
}

/// The part of an address for mail before its `@`.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_server(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

fn word(text: &str, words: &[&str]) -> Result<String, Complaint> {
    if words.contains(&text) {
        return Ok(text.to_owned());
    }
    let listed: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let mut help = Vec::new();
    if let Some(meant) = nearest(text, words.iter().copied()) {
        help.push(format!("did you mean `\"{meant}\"`?"));
    }
    Err((format!("must be {}, not {}", any_of(&listed), quoted(text)), help))
}

fn length_of_time(text: &str, zero: Zero) -> Result<String, Complaint> {
    let help = || {
        vec![
            "write a number with its unit in quotes, such as `\"20s\"`, `\"15m\"`, `\"12h\"` or `\"30 days\"`"
                .to_owned(),
        ]
    };
    match duration::parse(text) {
        Ok(duration) if duration.is_zero() && zero == Zero::Refused => Err(("cannot be zero".to_owned(), help())),
        Ok(_) => Ok(text.to_owned()),
        Err(problem) => Err((format!("{problem}: {}", quoted(text)), help())),
    }
}

fn language(text: &str) -> Result<String, Complaint> {
    if text.parse::<Language>().is_ok() {
        return Ok(text.to_owned());
    }
    let mut help = Vec::new();
    if let Some(meant) = nearest(text, Language::ALL.map(Language::code)) {
        help.push(format!("did you mean `\"{meant}\"`?"));
    }
    help.push("known are \"fr\" (French), \"nl\" (Dutch), \"de\" (German) and \"en\" (English)".to_owned());
    Err((format!("names an unknown language: {}", quoted(text)), help))
}

fn time_zone(text: &str) -> Result<String, Complaint> {
    if TimeZone::get(text).is_ok() {
        return Ok(text.to_owned());
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let meant = nearest(text, known.iter().map(String::as_str)).unwrap_or("Europe/Brussels");
    Err((format!("is not a known time zone: {}", quoted(text)), vec![format!("did you mean `\"{meant}\"`?")]))
}

/// A handle is 1 to 15 letters, digits and underscores (X's own rule for new accounts).
fn handle(text: &str) -> Result<String, Complaint> {
    let plain = text.trim().trim_start_matches('@');
    if (1..=15).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(plain.to_owned());
    }
    Err((
        format!("is not a handle on X: {}", quoted(text)),
        vec![
            "a handle has 1 to 15 letters, digits and `_`, such as `\"ZPExemple\"`; it is what follows `x.com/`"
                .to_owned(),
        ],
    ))
}

/// A handle is a domain name of at least two labels, in small letters (the AT Protocol's rule for handles).
fn domain_handle(text: &str) -> Result<String, Complaint> {
    let plain = text.trim().trim_start_matches('@').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = plain.rsplit('.').next().unwrap_or_default();
    let named = plain.len() <= 253 && plain.contains('.') && top.starts_with(|c: char| c.is_ascii_alphabetic());
    if named && plain.split('.').all(label) {
        return Ok(plain);
    }
    Err((
        format!("is not a handle on Bluesky: {}", quoted(text)),
        vec![
            "a handle is a whole domain, such as `\"zpexemple.bsky.social\"`; it is what follows `bsky.app/profile/`"
                .to_owned(),
        ],
    ))
}

/// A handle, with the server that it is on unless `api_base` says where that is.
fn server_handle(text: &str) -> Result<String, Complaint> {
    let plain = text.trim().trim_start_matches('@');
    let name = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let server = |server: &str| Address::parse(&format!("https://{server}")).is_ok_and(|address| address.is_bare());
    let (user, on) = plain.split_once('@').map_or((plain, None), |(user, on)| (user, Some(on)));
    if name(user) && on.is_none_or(server) {
        return Ok(plain.to_owned());
    }
    Err((
        format!("is not a handle on Mastodon: {}", quoted(text)),
        vec!["a handle has two parts, the name and the server, such as `\"zpexemple@mastodon.example\"`".to_owned()],
    ))
}

fn version(text: &str) -> Result<String, Complaint> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if text
        .strip_prefix('v')
        .and_then(|numbers| numbers.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
    {
        return Ok(text.to_owned());
    }
    Err((
        format!("is not a version of the Graph API: {}", quoted(text)),
        vec!["write it as Meta does, such as `\"v26.0\"`".to_owned()],
    ))
}

/// What a key wants, in words.
fn wanted(leaf: Leaf) -> &'static str {
    match leaf {
        Leaf::Text => "a text in quotes",
        Leaf::Word(_) | Leaf::PublicReplies => "a word in quotes",
        Leaf::Words(_) => "a list of words in quotes",
        Leaf::Languages => "a list of languages",
        Leaf::Flag => "true or false, without quotes",
        Leaf::Count => "a whole number without quotes",
        Leaf::Money => "an amount without quotes",
        Leaf::Duration(_) => "a duration in quotes",
        Leaf::Accounts | Leaf::Posts | Leaf::Exceptions | Leaf::DatedNumbers | Leaf::Mailboxes => {
            "a list of texts in quotes"
        }
        Leaf::Phrases | Leaf::ShippedPhrases => "a list of phrases in quotes",
        Leaf::Mailbox => "an address for mail in quotes",
        Leaf::Server => "the name of a server in quotes",
        Leaf::Windows => "a list of openings in quotes",
        Leaf::Moment => "a date and a time in quotes",
        Leaf::Page => "the Page's number in quotes",
        Leaf::MetaId => "a number in quotes",
        Leaf::Handle | Leaf::DomainHandle | Leaf::ServerHandle => "a handle in quotes",
        Leaf::Address | Leaf::Listen => "an address in quotes",
        Leaf::Version => "a version in quotes",
        Leaf::TimeZone => "the name of a time zone in quotes",
    }
}

/// The same value, written as it should be.
fn suggestion(leaf: Leaf, key: &str, value: &DeValue<'_>) -> Option<String> {
    let written = match (leaf, value) {
        (Leaf::Flag, DeValue::String(text)) if matches!(&**text, "true" | "false") => text.to_string(),
        (Leaf::Count, DeValue::String(text)) => text.parse::<u32>().ok()?.to_string(),
        (Leaf::Count, DeValue::Float(number)) => number.as_str().split('.').next()?.parse::<u32>().ok()?.to_string(),
        (Leaf::Money, DeValue::String(text)) => text.parse::<f64>().ok()?.to_string(),
        (Leaf::Page | Leaf::MetaId | Leaf::Text | Leaf::Handle | Leaf::DomainHandle, DeValue::Integer(number)) => {
            format!("\"{}\"", number.as_str())
        }
        (Leaf::Languages, DeValue::String(text)) if text.parse::<Language>().is_ok() => {
            format!("[\"{text}\"]")
        }
        (Leaf::Accounts | Leaf::Posts, DeValue::Integer(number)) => {
            format!("[\"{}\"]", number.as_str())
        }
        (Leaf::Moment, DeValue::Datetime(moment)) => {
            let written = moment.to_string().replace('T', " ");
            quoted(written.get(..16).filter(|moment| quiet::moment(moment).is_ok())?)
        }
        (
            Leaf::Accounts
            | Leaf::Posts
            | Leaf::Windows
            | Leaf::Exceptions
            | Leaf::DatedNumbers
            | Leaf::Mailboxes
            | Leaf::Phrases
            | Leaf::ShippedPhrases,
            DeValue::String(text),
        ) if !text.is_empty() => {
            format!("[{}]", quoted(text))
        }
        (Leaf::Duration(_), DeValue::Integer(number)) => {
            let number = number.as_str();
            return Some(format!(
                "say which unit: `{key} = \"{number}s\"` for seconds, `\"{number}m\"` for minutes, `\"{number}h\"` for hours"
            ));
        }
        _ => return None,
    };
    Some(format!("write `{key} = {written}`"))
}

/// How a key is written rightly.
fn example(leaf: Leaf, key: &str) -> String {
    let value = match leaf {
        Leaf::Text => "\"...\"".to_owned(),
        Leaf::Word(words) => format!("\"{}\"", words().first().unwrap_or(&"")),
        Leaf::Languages => "[\"fr\", \"nl\"]".to_owned(),
        Leaf::Flag => "true` or `false".to_owned(),
        Leaf::Words(words) => format!("[\"{}\"]", words().first().unwrap_or(&"")),
        Leaf::PublicReplies => "\"public\"".to_owned(),
        Leaf::Count => "60".to_owned(),
        Leaf::Money => "10.00".to_owned(),
        Leaf::Duration(_) => "\"20s\"` or `\"12h\"".to_owned(),
        Leaf::Accounts | Leaf::Posts => "[\"100000000000002\"]".to_owned(),
        Leaf::Page => "\"100000000000001\"".to_owned(),
        Leaf::MetaId => "\"17841400000000001\"".to_owned(),
        Leaf::Handle => "\"ZPExemple\"".to_owned(),
        Leaf::DomainHandle => "\"zpexemple.bsky.social\"".to_owned(),
        Leaf::ServerHandle => "\"zpexemple@mastodon.example\"".to_owned(),
        Leaf::Address => "\"https://...\"".to_owned(),
        Leaf::Listen => "\"127.0.0.1:9101\"".to_owned(),
        Leaf::Mailbox => "\"formez101@example.be\"".to_owned(),
        Leaf::Mailboxes => "[\"permanence@example.be\"]".to_owned(),
        Leaf::Server => "\"smtp.example.be\"".to_owned(),
        Leaf::Phrases | Leaf::ShippedPhrases => "[\"place du marché\"]".to_owned(),
        Leaf::Version => "\"v26.0\"".to_owned(),
        Leaf::TimeZone => "\"Europe/Brussels\"".to_owned(),
        Leaf::Moment => "\"2026-11-25 18:00\"".to_owned(),
        Leaf::DatedNumbers => "[\"02 555 01 01 until 2027-06-30\"]".to_owned(),
        Leaf::Windows => "[\"08:00-12:00\", \"13:00-17:00\"]".to_owned(),
        Leaf::Exceptions => "[\"2026-12-24 08:00-12:00\"]".to_owned(),
    };
    format!("write it like this: `{key} = {value}`")
}

/// What a value is, in words.
pub fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
