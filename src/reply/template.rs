//! The little language of the texts: plain words, and six names in double braces.
//!
//! Nothing else is allowed, so that a text can be checked completely before the service starts: no blocks, no filters, no
//! calculation. What is wrong is reported with its place and with what to write instead.

use std::ops::Range;

use minijinja::{Environment, UndefinedBehavior, Value};

use super::{Facts, Present, TextError, present::next_opening};
use crate::model::Language;

/// Every name that a text may use.
const NAMES: [&str; 6] = ["zone.name", "zone.phone", "zone.website", "opening_hours", "next_opening", "time"];

/// How many steps the rendering of one text may take; a text of a hundred names needs fewer.
const FUEL: u64 = 2_000;

/// How alike a wrong name must be to a known one to be taken for it.
const ALIKE: f64 = 0.6;

/// Something wrong in the source of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes of the source.
    pub at: Range<usize>,
    /// What is wrong, in one sentence.
    pub problem: String,
    /// What to write instead.
    pub help: String,
}

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words to be posted as they stand, and where they start.
    Words(usize, &'a str),
    /// A name between double braces, with its place.
    Name(&'a str, Range<usize>),
}

/// Takes a text apart, or says everything that is wrong with its braces.
pub fn pieces(source: &str) -> Result<Vec<Piece<'_>>, Vec<Mistake>> {
    let mut pieces = Vec::new();
    let mut mistakes = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find(['{', '}']).map(|offset| at + offset) {
        if open > at {
            pieces.push(Piece::Words(at, &source[at..open]));
        }
        let rest = &source[open..];
        let close = rest.find("}}");
        if rest.starts_with("{{")
            && let Some(close) = close
        {
            let (start, end) = (open + 2, open + close);
            let inside = &source[start..end];
            let name = inside.trim();
            let offset = start + (inside.len() - inside.trim_start().len());
            pieces.push(Piece::Name(name, offset..offset + name.len()));
            at = end + 2;
        } else {
            let length = stray_length(rest);
            mistakes.push(stray(rest, open..open + length));
            at = open + length;
        }
    }
    if at < source.len() {
        pieces.push(Piece::Words(at, &source[at..]));
    }
    if mistakes.is_empty() { Ok(pieces) } else { Err(mistakes) }
}

/// How many bytes a mistaken piece of braces takes.
fn stray_length(rest: &str) -> usize {
    let closing = if rest.starts_with("{%") {
        "%}"
    } else if rest.starts_with("{#") {
        "#}"
    } else if rest.starts_with("{{") {
        return rest.len();
    } else if rest.starts_with('{') {
        "}"
    } else {
        return rest.len() - rest.trim_start_matches('}').len();
    };
    // A brace that is never closed is reported alone, so that what follows is still looked at.
    rest.find(closing).map_or(1, |end| end + closing.len())
}

fn stray(rest: &str, at: Range<usize>) -> Mistake {
    let (problem, help) = if rest.starts_with("{%") {
        (
            "Instructions between `{%` and `%}` are not allowed in a text.",
            "Write a text of its own for each kind or feed, for example in [reply.public].".to_owned(),
        )
    } else if rest.starts_with("{#") {
        (
            "A note between `{#` and `#}` is not allowed in a text.",
            "Put the note behind a `#` on a line of its own in the file, outside the quotes.".to_owned(),
        )
    } else if rest.starts_with("{{") {
        ("`{{` is never closed.", "Close the name with two braces: `{{ zone.name }}`.".to_owned())
    } else {
        (
            "A single brace would be posted as it stands.",
            format!("Write names between two braces, such as `{{{{ {} }}}}`.", guess(rest)),
        )
    };
    Mistake { at, problem: problem.to_owned(), help }
}

/// The name probably meant between single braces; the zone's name when nothing is near.
fn guess(rest: &str) -> &'static str {
    let inside: &str = rest.trim_start_matches('{').split(['}', '{']).next().unwrap_or_default().trim();
    nearest(inside).unwrap_or("zone.name")
}

/// The known name most like a wrong one, when one is.
fn nearest(name: &str) -> Option<&'static str> {
    let short: String = name.chars().take(40).flat_map(char::to_lowercase).collect();
    let likeness = |known: &str| {
        let alone = known.rsplit('.').next().unwrap_or(known);
        strsim::normalized_levenshtein(&short, known).max(strsim::normalized_levenshtein(&short, alone))
    };
    let best = NAMES.into_iter().map(|known| (likeness(known), known)).max_by(|left, right| left.0.total_cmp(&right.0));
    best.filter(|(likeness, _)| *likeness >= ALIKE).map(|(_, known)| known)
}

/// Everything that is wrong with the source of a text, apart from what it says.
pub fn mistakes(source: &str, facts: &Facts) -> Vec<Mistake> {
    match pieces(source) {
        Err(mistakes) => mistakes,
        Ok(pieces) => pieces.into_iter().filter_map(|piece| wrong_name(piece, facts)).collect(),
    }
}

fn wrong_name(piece: Piece<'_>, facts: &Facts) -> Option<Mistake> {
    let Piece::Name(name, at) = piece else { return None };
    let missing = match name {
        "opening_hours" | "next_opening" if facts.opening_hours.is_empty() => {
            return Some(Mistake {
                at,
                problem: format!("`{{{{ {name} }}}}` is used but the zone has no opening hours."),
                help: "Add them as `mon-fri = [\"08:00-12:00\", \"13:00-17:00\"]` to [hours], or leave the name out of the text.".to_owned(),
            });
        }
        "zone.name" | "time" | "opening_hours" | "next_opening" => return None,
        "zone.phone" if facts.phone.is_some() => return None,
        "zone.website" if facts.website.is_some() => return None,
        "zone.phone" => "phone",
        "zone.website" => "website",
        "" => {
            let help = "Write a name between the braces, such as `{{ zone.name }}`.".to_owned();
            return Some(Mistake { at, problem: "There is no name between the braces.".to_owned(), help });
        }
        _ => {
            let shown: String = name.chars().take(60).collect();
            let help = nearest(name).map_or_else(
                || "A text may use zone.name, zone.phone, zone.website, opening_hours, next_opening and time, alone between the braces.".to_owned(),
                |known| format!("Did you mean `{{{{ {known} }}}}`?"),
            );
            return Some(Mistake { at, problem: format!("`{shown}` is not a name that a text may use."), help });
        }
    };
    Some(Mistake {
        at,
        problem: format!("`{{{{ {name} }}}}` is used but the zone has no {missing}."),
        help: format!("Add `{missing} = \"...\"` to [zone], or leave the name out of the text."),
    })
}

/// Whether a text uses this name.
pub fn uses(source: &str, name: &str) -> bool {
    pieces(source).is_ok_and(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Name(used, _) if *used == name)))
}

/// The words of a text without its names, each piece with its place; wrong braces count as words.
pub fn words(source: &str) -> Vec<(usize, &str)> {
    let Ok(pieces) = pieces(source) else { return vec![(0, source)] };
    let words = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Words(at, words) => Some((at, words)),
        Piece::Name(..) => None,
    });
    words.collect()
}

/// Fills a text in.
///
/// # Errors
/// When the text uses anything but the six names, or a name that the zone gives no value.
pub fn fill(source: &str, facts: &Facts, language: Language, present: &Present) -> Result<String, TextError> {
    if let Some(mistake) = mistakes(source, facts).into_iter().next() {
        return Err(TextError { problem: mistake.problem });
    }
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    let zone = [
        ("name", zone_name(facts, language)),
        ("phone", facts.phone.as_deref()),
        ("website", facts.website.as_deref()),
    ];
    let zone = zone.into_iter().filter_map(|(name, value)| value.map(|value| (name, Value::from(value))));
    let hours = facts.opening_hours.get(&language).or_else(|| facts.opening_hours.values().next());
    let context = Value::from_pairs([
        ("zone", Value::from_pairs(zone)),
        ("time", Value::from(present.time.as_str())),
        ("opening_hours", Value::from(hours.map(String::as_str).unwrap_or_default())),
        ("next_opening", Value::from(next_opening(present.opens, language))),
    ]);
    environment.render_str(source, context).map(|text| text.trim().to_owned()).map_err(|error| TextError {
        problem: format!("The text in {language} cannot be filled in: {}.", error.kind()),
    })
}

/// The zone's name in a language, or else in the first language that it has a name in.
pub fn zone_name(facts: &Facts, language: Language) -> Option<&str> {
    facts.names.get(&language).or_else(|| facts.names.values().next()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            names: [(Language::Fr, "Zone Exemple".to_owned())].into(),
            phone: Some("02 000 00 00".to_owned()),
            website: None,
            ..Facts::default()
        }
    }

    fn only_mistake(source: &str) -> Mistake {
        let mut found = mistakes(source, &facts());
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn the_names_are_filled_in() {
        let text = fill(
            "101 ! {{ zone.name }}, {{zone.phone}} ({{ time }})\n",
            &facts(),
            Language::Fr,
            &Present::example("03:04:05"),
        );
        assert_eq!(text.as_deref(), Ok("101 ! Zone Exemple, 02 000 00 00 (03:04:05)"));
    }

    #[test]
    fn a_zone_without_a_name_in_a_language_uses_the_one_it_has() {
        assert_eq!(
            fill("{{ zone.name }}", &facts(), Language::De, &Present::example("")).as_deref(),
            Ok("Zone Exemple")
        );
    }

    #[test]
    fn nothing_is_escaped() {
        let facts = Facts { names: [(Language::En, "A & B <C>".to_owned())].into(), ..Facts::default() };
        assert_eq!(
            fill("\"{{ zone.name }}\" & co", &facts, Language::En, &Present::example("")).as_deref(),
            Ok("\"A & B <C>\" & co")
        );
    }

    #[test]
    fn a_wrong_name_is_shown_with_its_place_and_the_right_one() {
        let source = "Formez le 101. {{ zone.nmae }}";
        let mistake = only_mistake(source);
        assert_eq!(&source[mistake.at], "zone.nmae");
        assert_eq!(mistake.problem, "`zone.nmae` is not a name that a text may use.");
        assert_eq!(mistake.help, "Did you mean `{{ zone.name }}`?");
        for (wrong, right) in [
            ("zone.telephone", "zone.phone"),
            ("name", "zone.name"),
            ("Time", "time"),
            ("opening hours", "opening_hours"),
            ("zone.next_opening", "next_opening"),
            ("zone.web_site", "zone.website"),
        ] {
            assert_eq!(only_mistake(&format!("{{{{ {wrong} }}}}")).help, format!("Did you mean `{{{{ {right} }}}}`?"));
        }
        assert!(only_mistake("{{ xyzzy }}").help.starts_with("A text may use zone.name"));
    }

    #[test]
    fn anything_but_a_name_is_refused() {
        for source in [
            "{{ zone.name | upper }}",
            "{{ 'x' * 1000000 }}",
            "{{ range(9) }}",
            "{{ }}",
            "{{}}",
            "{% for a in b %}",
            "{% x",
            "{# note #}",
            "{{ zone.name",
            "{zone.name}",
            "a } b",
            "{{ '}}",
        ] {
            assert!(!only_mistake(source).help.is_empty());
            assert!(fill(source, &facts(), Language::Fr, &Present::example("")).is_err());
        }
    }

    #[test]
    fn every_mistake_is_found_at_once() {
        let source = "{% if %} é {zone.phone} {{ zone.website }} {{ zone.name";
        let found: Vec<String> =
            mistakes(source, &facts()).into_iter().map(|mistake| source[mistake.at].to_owned()).collect();
        assert_eq!(found, ["{% if %}", "{zone.phone}", "{{ zone.name"]);
    }

    #[test]
    fn the_hours_are_filled_in_where_the_zone_has_some() {
        let source = "{{ opening_hours }} / {{ next_opening }}";
        assert_eq!(mistakes(source, &facts()).len(), 2);
        assert_eq!(
            only_mistake("{{ next_opening }}").problem,
            "`{{ next_opening }}` is used but the zone has no opening hours."
        );
        let facts = Facts { opening_hours: [(Language::Nl, "maandag 08:00-12:00".to_owned())].into(), ..facts() };
        let text = fill(source, &facts, Language::Nl, &Present::example(""));
        assert_eq!(text.as_deref(), Ok("maandag 08:00-12:00 / woensdag 25/11 om 08:00"));
    }

    #[test]
    fn a_fact_that_the_zone_lacks_is_named() {
        let mistake = only_mistake("101 {{ zone.website }}");
        assert_eq!(mistake.problem, "`{{ zone.website }}` is used but the zone has no website.");
        assert_eq!(mistake.help, "Add `website = \"...\"` to [zone], or leave the name out of the text.");
    }

    proptest::proptest! {
        #[test]
        fn no_source_panics_and_what_passes_can_be_filled_in(source in "[a-z{}%# é.]{0,30}|(\\{\\{ ?(zone\\.name|time|x) ?\\}\\}|[{}a-é]){0,8}") {
            let clean = mistakes(&source, &facts()).is_empty();
            proptest::prop_assert_eq!(clean, fill(&source, &facts(), Language::Fr, &Present::example("t")).is_ok());
        }
    }
}
