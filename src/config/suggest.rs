//! Did you mean …? One rule for keys, words, zones and time zones.

/// Other names that people use for a key.
const ALSO_CALLED: &[(&str, &str)] = &[
    ("twitter", "x"),
    ("fb", "facebook"),
    ("messenger", "inbox"),
    ("dm", "inbox"),
    ("handle", "account"),
    ("page_id", "page"),
    ("lang", "languages"),
    ("tel", "phone"),
    ("url", "website"),
    ("interval", "poll"),
    ("monday", "mon"),
    ("maandag", "mon"),
    ("lundi", "mon"),
    ("montag", "mon"),
    ("tuesday", "tue"),
    ("dinsdag", "tue"),
    ("mardi", "tue"),
    ("dienstag", "tue"),
    ("wednesday", "wed"),
    ("woensdag", "wed"),
    ("mercredi", "wed"),
    ("mittwoch", "wed"),
    ("thursday", "thu"),
    ("donderdag", "thu"),
    ("jeudi", "thu"),
    ("donnerstag", "thu"),
    ("friday", "fri"),
    ("vrijdag", "fri"),
    ("vendredi", "fri"),
    ("freitag", "fri"),
    ("saturday", "sat"),
    ("zaterdag", "sat"),
    ("samedi", "sat"),
    ("samstag", "sat"),
    ("sunday", "sun"),
    ("zondag", "sun"),
    ("dimanche", "sun"),
    ("sonntag", "sun"),
];

/// The candidate that was probably meant, if one is close enough.
///
/// At most one slip for every three letters; in words of one or two letters only the case may differ.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let other_name = ALSO_CALLED.iter().find(|(called, _)| *called == lower).map(|(_, name)| *name);
    let allowed = lower.chars().count() / 3;
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let candidate_lower = candidate.to_lowercase();
            if other_name == Some(candidate) {
                return Some((0, candidate));
            }
            let slips = strsim::osa_distance(&lower, &candidate_lower);
            (slips <= allowed).then_some((slips, candidate))
        })
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// `a, b or c`.
pub fn any_of<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} or {}", first.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let keys = ["mode", "zone", "facebook", "x", "policy"];
        assert_eq!(nearest("moed", keys), Some("mode"));
        assert_eq!(nearest("facebok", keys), Some("facebook"));
        assert_eq!(nearest("X", keys), Some("x"));
        assert_eq!(nearest("twitter", keys), Some("x"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("be", ["de", "fr"]), None);
        assert_eq!(nearest("Donderdag", ["mon", "thu"]), Some("thu"));
    }

    #[test]
    fn lists_read_like_a_sentence() {
        assert_eq!(any_of(&["a"]), "a");
        assert_eq!(any_of(&["a", "b", "c"]), "a, b or c");
    }
}
