//! The weighted length of a post, counted independently of the service's own count.

/// The greatest weighted length of a post.
pub const MAX: usize = 280;

/// What a link counts, whatever its length.
const LINK: usize = 23;

/// The weighted length of a text: light characters count 1, all others 2, links 23, an emoji sequence 2.
pub fn weighted(text: &str) -> usize {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let bare = word.trim_end();
            let space = word.len() - bare.len();
            if is_link(bare) { LINK + space.min(1) } else { characters(word) }
        })
        .sum()
}

/// True when a text contains something that the platform takes for a link.
pub fn has_link(text: &str) -> bool {
    text.split_whitespace().any(is_link)
}

fn characters(text: &str) -> usize {
    let mut sum = 0;
    let mut joined = false;
    let mut flag_open = false;
    for c in text.chars() {
        let code = u32::from(c);
        let regional = (0x1f1e6..=0x1f1ff).contains(&code);
        let follows = joined
            || c == '\u{200d}'
            || c == '\u{fe0f}'
            || c == '\u{20e3}'
            || (0x1f3fb..=0x1f3ff).contains(&code)
            || (regional && flag_open);
        if !follows {
            sum += weight(code);
        }
        flag_open = regional && !flag_open;
        joined = c == '\u{200d}';
    }
    sum
}

fn weight(code: u32) -> usize {
    let light = matches!(code, 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    if light { 1 } else { 2 }
}

/// A rough sight of a link: a scheme, or a name that ends in a common domain.
fn is_link(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '@');
    if word.contains('@') {
        return false;
    }
    let lower = word.to_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return true;
    }
    let host = lower.split(['/', '?', '#']).next().unwrap_or_default();
    let ending = host.rsplit_once('.').map(|(name, ending)| {
        !name.is_empty()
            && ["be", "com", "eu", "org", "net", "brussels", "vlaanderen", "gov", "nl", "fr", "de", "lu"]
                .contains(&ending)
    });
    ending.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn belgian_texts_are_counted_as_the_platform_counts_them() {
        assert_eq!(weighted("Ça va, où est l’été ?"), 21);
        assert_eq!(weighted("5 € → 6"), 9);
        assert_eq!(weighted("☎ 101"), 6);
        assert_eq!(weighted("🇧🇪👨‍👩‍👧👍🏽"), 6);
        assert_eq!(weighted("zie politie.be nu"), 4 + 23 + 1 + 2);
        assert!(!has_link("Bel 101. Meteen."));
        assert!(has_link("zie https://x.y/z"));
    }
}
