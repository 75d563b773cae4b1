//! Where X sees a link in a text, with or without `https://`.
//!
//! Without a scheme a link is a host in plain or accented Latin letters that ends in a known top-level domain, so that
//! `politie.be` is a link and `page.html` is not. With a scheme any script is allowed in the host. A link is not seen right
//! after a letter, a digit, `@`, `#` or `$`; without a scheme, nor after `-`, `_`, `.` or `/`. An e-mail address is not a
//! link. The rules are those of the public conformance tests of X; names in the Punycode form are taken as they stand.

use std::{ops::Range, sync::LazyLock};

use super::{is_directional, is_forbidden};

/// Every top-level domain that X knew in 2021, sorted by code point, one a line: the names given out by IANA.
///
/// A constant, only cut into lines at its first use, since the compiler cannot: nothing ever changes it.
static TOP_LEVEL: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("tlds.txt").lines().collect());

/// The longest top-level domain, in bytes, with room to spare: a longer run of letters is not looked up.
const LONGEST_TOP_LEVEL: usize = 72;

/// The longest label of a host.
const LONGEST_LABEL: usize = 63;

/// The longest link that X recognises, in characters.
const LONGEST_LINK: usize = 4096;

/// The longest code of X's own shortened links.
const LONGEST_SHORT_CODE: usize = 40;

/// Where the links of a text are, in bytes, from left to right and never overlapping.
///
/// The text is expected in Unicode form C.
pub fn links(text: &str) -> Vec<Range<usize>> {
    // Every host has a dot with a name right after it; most messages have none.
    if !text.split('.').skip(1).any(|rest| rest.starts_with(is_host)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = 0;
    let mut before = None;
    while let Some(next) = text[at..].chars().next() {
        if let Some(end) = link_at(text, at, before) {
            found.push(at..end);
            before = text[..end].chars().next_back();
            at = end;
        } else {
            before = Some(next);
            at += next.len_utf8();
        }
    }
    found
}

/// The end of the link that starts at `start`, when one does.
fn link_at(text: &str, start: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|before| before.is_ascii_alphanumeric() || "@＠#＃$".contains(before) || is_forbidden(before))
    {
        return None;
    }
    let rest = &text[start..];
    let schemed = ["https://", "http://"].iter().find(|scheme| starts_with_ignoring_case(rest, scheme));
    let (host, any_script) = match schemed {
        Some(scheme) => (start + scheme.len(), true),
        None if before.is_some_and(|before| "-_./".contains(before) || is_latin(before)) => return None,
        None => (start, false),
    };
    let host_end = host_end(text, host, any_script)?;
    let end = match host_end - host {
        4 if any_script && text[host..host_end].eq_ignore_ascii_case("t.co") => short_link_end(text, host_end)?,
        _ => query_end(text, path_end(text, port_end(text, host_end))),
    };
    (text[start..end].chars().count() <= LONGEST_LINK).then_some(end)
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The end of the longest host at `start` that closes with a known top-level domain.
fn host_end(text: &str, start: usize, any_script: bool) -> Option<usize> {
    let mut best = None;
    let mut label = start;
    loop {
        let allowed = |letter: char| {
            if any_script { is_host(letter) } else { is_latin(letter) || letter == '-' }
        };
        let rest = &text[label..];
        let end = label + rest.find(|letter| !allowed(letter)).unwrap_or(rest.len());
        if label > start {
            // The label just before closes the host only when it may stand in front of a top-level domain.
            let name = text[start..label - 1].rsplit('.').next().unwrap_or_default();
            if !name.contains('_') {
                best = top_level_end(text, label).or(best);
            }
        }
        let name = &text[label..end];
        let sound = !name.is_empty()
            && !name.starts_with(['-', '_'])
            && !name.ends_with(['-', '_'])
            && name.chars().count() <= LONGEST_LABEL
            && !is_broken_punycode(name);
        if !sound || !text[end..].starts_with('.') || text[end + 1..].chars().next().is_none_or(|next| !is_host(next)) {
            return best;
        }
        label = end + 1;
    }
}

/// A name that claims to be in the Punycode form but is not in ASCII.
fn is_broken_punycode(name: &str) -> bool {
    starts_with_ignoring_case(name, "xn--") && !name.is_ascii()
}

/// The end of the top-level domain that starts at `start`: its next character must not carry it on.
fn top_level_end(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let ends =
        rest.char_indices().map(|(at, letter)| at + letter.len_utf8()).take_while(|end| *end <= LONGEST_TOP_LEVEL);
    ends.filter(|end| !rest[*end..].starts_with(|next: char| next.is_ascii_alphanumeric() || "@+-".contains(next)))
        .filter(|end| {
            let name = rest[..*end].to_lowercase();
            let punycode = name.strip_prefix("xn--").is_some_and(|code| {
                !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
            punycode || TOP_LEVEL.binary_search(&name.as_str()).is_ok()
        })
        .last()
        .map(|end| start + end)
}

fn port_end(text: &str, start: usize) -> usize {
    let digits = text[start..].strip_prefix(':').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    if digits == 0 { start } else { start + 1 + digits }
}

/// The end of a link that X itself has shortened: `t.co` and a code of letters and digits.
fn short_link_end(text: &str, start: usize) -> Option<usize> {
    let Some(rest) = text[start..].strip_prefix('/') else {
        return Some(start);
    };
    let code = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match code {
        0 => Some(start + 1),
        1..=LONGEST_SHORT_CODE => Some(query_end(text, start + 1 + code)),
        _ => None,
    }
}

/// The end of the path at `start`. Punctuation at its end belongs to the sentence, a closed pair of brackets to the path.
fn path_end(text: &str, start: usize) -> usize {
    if !text[start..].starts_with('/') {
        return start;
    }
    let mut end = start + 1;
    let mut at = end;
    while let Some(next) = text[at..].chars().next() {
        if next == '(' {
            let Some(close) = brackets_end(text, at) else { break };
            at = close;
            end = close;
        } else if is_path(next) {
            at += next.len_utf8();
            if is_latin(next) || is_cyrillic(next) || "+-=_#/".contains(next) {
                end = at;
            }
        } else {
            break;
        }
    }
    end
}

/// The end of a pair of round brackets that holds only a path, with one pair more inside at most.
fn brackets_end(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_u8;
    for (offset, letter) in text[start..].char_indices().take(LONGEST_LINK) {
        match letter {
            '(' if depth < 2 => depth += 1,
            ')' if depth == 1 => return (offset > 1).then_some(start + offset + 1),
            ')' => depth -= 1,
            _ if is_path(letter) => {}
            _ => return None,
        }
    }
    None
}

fn query_end(text: &str, start: usize) -> usize {
    let Some(rest) = text[start..].strip_prefix('?') else {
        return start;
    };
    let mut end = start;
    for (offset, byte) in rest.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_-&=#/".contains(&byte) {
            end = start + 2 + offset;
        } else if !b"!?*'@();:+$%[].,~|".contains(&byte) {
            break;
        }
    }
    end
}

/// Plain and accented Latin letters, and digits.
const fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24F}' | '\u{253}'..='\u{28B}' | '\u{300}'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}')
}

const fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{4FF}')
}

/// What a host may hold after a scheme, in any script.
fn is_host(letter: char) -> bool {
    let sign = letter.is_ascii_punctuation() && !matches!(letter, '-' | '_' | '"' | '`');
    !(sign || letter.is_whitespace() || letter.is_control() || is_forbidden(letter) || is_directional(letter))
}

fn is_path(letter: char) -> bool {
    is_latin(letter) || is_cyrillic(letter) || "!*';:=+,.$/%#[]-–_~@|&".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<&str> {
        links(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(TOP_LEVEL.is_sorted());
        assert!(TOP_LEVEL.iter().all(|name| name.len() <= LONGEST_TOP_LEVEL && *name == name.to_lowercase()));
    }

    #[test]
    fn links_with_a_scheme() {
        for (text, expected) in [
            ("Zie https://www.politie.be/5998/nl.", "https://www.politie.be/5998/nl"),
            ("(http://police.be)", "http://police.be"),
            ("HTTPS://POLICE.BE:8443/a", "HTTPS://POLICE.BE:8443/a"),
            ("http://www.example.org/wiki/Zone_(police)!", "http://www.example.org/wiki/Zone_(police)"),
            ("voir http://exemple.be/?q=a+b, merci", "http://exemple.be/?q=a+b"),
            ("http://exemple.be?page#", "http://exemple.be?page#"),
            ("http://t.co/AbC123's", "http://t.co/AbC123"),
            ("http://пример.com/путь", "http://пример.com/путь"),
        ] {
            assert_eq!(seen(text), [expected], "{text}");
        }
    }

    #[test]
    fn links_without_a_scheme() {
        assert_eq!(seen("politie.be, www.police.be et stad.gent/nl."), ["politie.be", "www.police.be", "stad.gent/nl"]);
        assert_eq!(seen("https://?politie.be"), ["politie.be"]);
        assert_eq!(seen("Écrivez-nous.Be"), ["Écrivez-nous.Be"]);
        assert_eq!(seen("police.укр"), ["police.укр"]);
    }

    #[test]
    fn what_is_not_a_link() {
        for text in [
            "formez le 101.",
            "appel urgent.formez le 101",
            "page.html et foto.jpeg",
            "zone@police.be",
            "prenom.nom.be@police.example",
            "@police.be #police.be $police.be",
            "http://localhost/ http://-police.be",
            "police.be-zone",
            "12.30 u., 0800 32.123",
        ] {
            assert_eq!(seen(text), Vec::<&str>::new(), "{text}");
        }
    }
}
