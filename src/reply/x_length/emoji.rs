//! Emoji, and the sequences of code points that are drawn as one.

/// Joins emoji into one picture: families, professions.
const JOINER: char = '\u{200D}';
/// Asks for a coloured picture.
const AS_PICTURE: char = '\u{FE0F}';
/// Asks for a plain sign.
const AS_TEXT: char = '\u{FE0E}';
/// Draws a key around a digit.
const KEYCAP: char = '\u{20E3}';

/// How many bytes at the start of `text` are drawn as one emoji; 0 when it does not start with one.
pub fn length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    if matches!(first, '0'..='9' | '#' | '*') {
        return keycap(text);
    }
    if is_flag_letter(first) {
        let second = text[first.len_utf8()..].chars().next().filter(|second| is_flag_letter(*second));
        return second.map_or(0, |second| first.len_utf8() + second.len_utf8());
    }
    let mut end = picture(text);
    while end > 0 {
        let Some(joined) = text[end..].strip_prefix(JOINER) else { break };
        let more = picture(joined);
        if more == 0 {
            break;
        }
        end += JOINER.len_utf8() + more;
    }
    end
}

/// A digit, `#` or `*` on a key.
fn keycap(text: &str) -> usize {
    let rest = &text[1..];
    let rest = rest.strip_prefix(AS_PICTURE).unwrap_or(rest);
    rest.strip_prefix(KEYCAP).map_or(0, |rest| text.len() - rest.len())
}

/// One picture with what belongs to it: its style, a skin tone, the tags of a regional flag.
fn picture(text: &str) -> usize {
    let Some(base) = text.chars().next().filter(|base| is_picture(*base)) else {
        return 0;
    };
    let after = &text[base.len_utf8()..];
    if after.starts_with(AS_TEXT) || (is_plain_by_default(base) && !after.starts_with(AS_PICTURE)) {
        return 0;
    }
    let after = after.strip_prefix(AS_PICTURE).unwrap_or(after);
    let after = after.strip_prefix(|tone| matches!(tone, '\u{1F3FB}'..='\u{1F3FF}')).unwrap_or(after);
    let after = after.strip_prefix(AS_PICTURE).unwrap_or(after);
    let untagged = after.trim_start_matches(|tag| matches!(tag, '\u{E0020}'..='\u{E007E}'));
    let after = untagged.strip_prefix('\u{E007F}').unwrap_or(after);
    text.len() - after.len()
}

/// Half of a country's flag.
const fn is_flag_letter(character: char) -> bool {
    matches!(character, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Signs older than emoji, which are pictures only on request.
const fn is_plain_by_default(character: char) -> bool {
    matches!(character, '©' | '®' | '™')
}

/// Whether a code point can be a picture.
///
/// Blocks rather than a list of single code points: inside them, what is no emoji weighs the same alone.
const fn is_picture(character: char) -> bool {
    matches!(character,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | 'Ⓜ' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{2194}'..='\u{21AA}'
        | '\u{231A}'..='\u{23FF}'
        | '\u{25AA}'..='\u{25FE}'
        | '\u{2600}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}'
        | '\u{2B05}'..='\u{2B55}'
        | '\u{1F000}'..='\u{1F1E5}'
        | '\u{1F200}'..='\u{1FAFF}')
}
