//! What must never be shown, even in a file where it should not have been written.

use super::suggest::nearest;

use std::ops::Range;

/// What to tell someone who wrote a secret into a settings file.
pub const ADVICE: &str = "secrets never stand in this file: put it in the credentials folder";

/// Parts of a name that give a secret away, without `_` and `-`.
const TELLTALE: &[&str] = &["token", "secret", "password", "passwd", "apikey", "bearer", "credential", "privatekey"];

/// Whether a key's name says that its value is a secret, be it with a slip of the pen.
pub fn looks_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if plain.ends_with("appsecretproof") {
        // A switch of ours, not the secret itself.
        return false;
    }
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
    TELLTALE.iter().any(|word| plain.contains(word))
        || parts.into_iter().any(|part| nearest(part, TELLTALE.iter().copied()).is_some())
}

/// The text with every secret-looking value replaced by asterisks, byte for byte, so that places stay true.
///
/// Works on lines and not on parsed values, because a file that does not parse is shown as well.
pub fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut until: Option<&str> = None;
    let mut secret_table = false;
    for line in text.split_inclusive('\n') {
        if let Some(closer) = until {
            push_stars(&mut shown, line);
            if line.contains(closer) {
                until = None;
            }
            continue;
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with('[') && !trimmed.contains('=') {
            secret_table = looks_secret(trimmed);
        }
        match secret_value(line, secret_table) {
            Some(start) => {
                shown.push_str(&line[..start]);
                push_stars(&mut shown, &line[start..]);
                until = still_open(line[start..].trim_start());
            }
            None => push_without_tokens(&mut shown, line),
        }
    }
    shown
}

/// Where the secret part of a line begins: after the first `=` whose key looks like a secret, or after such a key alone.
fn secret_value(line: &str, secret_table: bool) -> Option<usize> {
    let mut key_start = 0;
    for (at, _) in line.match_indices('=') {
        if secret_table || looks_secret(&line[key_start..at]) {
            return Some(at + 1);
        }
        key_start = at + 1;
    }
    // `token: abc` and `token "abc"` do not parse, and are shown for that very reason.
    let key = line.trim_start();
    let end = key.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(key.len());
    let value = key[end..].trim_start_matches([' ', ':']);
    (key_start == 0 && looks_secret(&key[..end])).then(|| line.len() - value.len())
}

/// What closes a value that goes on over the next lines.
fn still_open(value: &str) -> Option<&'static str> {
    [("\"\"\"", "\"\"\""), ("'''", "'''"), ("[", "]")]
        .into_iter()
        .find(|(open, close)| value.strip_prefix(open).is_some_and(|rest| !rest.contains(close)))
        .map(|(_, close)| close)
}

/// A word as long as an access token, of the letters that tokens are made of.
pub fn looks_like_token(word: &str) -> bool {
    word.len() >= 40
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn push_without_tokens(shown: &mut String, line: &str) {
    let mut rest = line;
    while let Some(user) = user_of_an_address(rest) {
        push_without_long_words(shown, &rest[..user.start]);
        push_stars(shown, &rest[user.clone()]);
        rest = &rest[user.end..];
    }
    push_without_long_words(shown, rest);
}

/// The `name:password` of the first `https://name:password@host`.
fn user_of_an_address(line: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(sign) = line[from..].find("://") {
        let start = from + sign + 3;
        let word = &line[start..line[start..].find([' ', '"', '\'', '\n']).map_or(line.len(), |end| start + end)];
        match word.rfind('@') {
            Some(end) if end > 0 => return Some(start..start + end),
            _ => from = start,
        }
    }
    None
}

fn push_without_long_words(shown: &mut String, line: &str) {
    let in_token = |c: char| c.is_ascii_alphanumeric() || "_-|%".contains(c);
    let mut rest = line;
    while let Some(start) = rest.find(in_token) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !in_token(c)).unwrap_or(from.len()));
        shown.push_str(before);
        if looks_like_token(word) {
            push_stars(shown, word);
        } else {
            shown.push_str(word);
        }
        rest = after;
    }
    shown.push_str(rest);
}

fn push_stars(shown: &mut String, hidden: &str) {
    for byte in hidden.bytes() {
        shown.push(if byte == b'\n' || byte == b'\r' || byte == b' ' { char::from(byte) } else { '*' });
    }
}

/// A value as it may be quoted in a sentence: short, and never a token.
pub fn quoted(value: &str) -> String {
    let mut safe = String::new();
    push_without_tokens(&mut safe, value);
    let line: String = safe.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if line.chars().count() < safe.chars().count() { format!("\"{line}...\"") } else { format!("\"{line}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        assert_eq!(masked(text), shown);
        assert_eq!(masked(text).len(), text.len());
    }

    #[test]
    fn values_of_secret_keys_are_masked() {
        check("token = \"abc\"\nmode = \"reply\"\n", "token = *****\nmode = \"reply\"\n");
        check("x = { account = \"a\", app-secret = \"é\" }", "x = { account = \"a\", app-secret = **** *");
        check("API_KEY=abc", "API_KEY=***");
        check("pasword = 1", "pasword = *");
    }

    #[test]
    fn a_secret_on_a_line_that_does_not_parse_is_masked() {
        check("token: abc\nmode = 1\n", "token: ***\nmode = 1\n");
        check("app-secret \"abc\"\n", "app-secret *****\n");
        check("mode \"reply\"\n", "mode \"reply\"\n");
    }

    #[test]
    fn a_password_in_an_address_is_masked() {
        check(
            "a = \"https://u:p@x.com\", b = \"https://v@y.com/@z\", c = \"@d\"",
            "a = \"https://***@x.com\", b = \"https://********@z\", c = \"@d\"",
        );
    }

    #[test]
    fn a_secret_over_several_lines_is_masked_to_its_end() {
        check("token = \"\"\"\nabc\n\"\"\"\nmode = 1\n", "token = ***\n***\n***\nmode = 1\n");
        check("tokens = [\n 'a',\n]\nmode = 1\n", "tokens = *\n ****\n*\nmode = 1\n");
    }

    #[test]
    fn a_table_named_after_secrets_is_masked_whole() {
        check(
            "[facebook.credentials]\nvalue = 1\n[x]\nvalue = 1\n",
            "[facebook.credentials]\nvalue = *\n[x]\nvalue = 1\n",
        );
    }

    #[test]
    fn a_token_is_masked_under_any_key() {
        let token = "EAAG0123456789abcdefghijklmnopqrstuvwxyzABCD";
        check(&format!("page = \"{token}\""), &format!("page = \"{}\"", "*".repeat(token.len())));
        assert_eq!(quoted(token), format!("\"{}\"", "*".repeat(token.len())));
    }
}
