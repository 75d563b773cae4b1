//! From the HTML of a post to the text that somebody typed.

/// The plain text of a post: a line for each line, tags dropped, entities read. A long link is taken from its address, since its text is
/// shortened.
pub fn text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    // Whether what stands here is the shortened text of a link whose address was taken.
    let mut in_link = false;
    while let Some(at) = rest.find('<') {
        if !in_link {
            text.push_str(&decoded(&rest[..at]));
        }
        let inner = &rest[at + 1..];
        let Some(end) = inner.find('>') else {
            // A lone sign, not a tag.
            rest = &rest[at..];
            break;
        };
        let tag = &inner[..end];
        rest = &inner[end + 1..];
        match tag.trim_end_matches('/').split_whitespace().next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "br" | "/li" | "/blockquote" | "/pre" => text.push('\n'),
            "/p" => text.push_str("\n\n"),
            "a" if !is_mention(tag) => {
                if let Some(address) = attribute(tag, "href") {
                    text.push_str(&decoded(address));
                    in_link = true;
                }
            }
            "/a" => in_link = false,
            _ => {}
        }
    }
    if !in_link {
        text.push_str(&decoded(rest));
    }
    text.trim().to_owned()
}

/// The text without the names at its head, which the platform or we ourselves put there.
pub fn without_names(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('@') {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest[end..].trim_start();
    }
    rest
}

/// A mention or a hash tag: its text is what was typed.
fn is_mention(tag: &str) -> bool {
    attribute(tag, "class")
        .is_some_and(|classes| classes.split_whitespace().any(|class| matches!(class, "mention" | "hashtag" | "u-url")))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.find(&format!(" {name}="))? + name.len() + 2;
    let quote = tag[at..].chars().next().filter(|sign| matches!(sign, '"' | '\''))?;
    tag[at + 1..].split(quote).next()
}

/// Entities as they are read; what is none stays as it is.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let (letter, end) = end.and_then(|end| Some((entity(&rest[1..end])?, end))).unwrap_or(('&', 0));
        decoded.push(letter);
        rest = &rest[end + 1..];
    }
    decoded.push_str(rest);
    decoded
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_post_is_read_as_it_was_typed() {
        for (html, typed) in [
            ("<p>Bonjour</p><p>Au secours<br>vite</p>", "Bonjour\n\nAu secours\nvite"),
            ("<p>3 &lt; 4 &amp;&amp; 5 > 4 &#39;oui&#x27; &eacute; & co</p>", "3 < 4 && 5 > 4 'oui' &eacute; & co"),
            ("&lt;script> alert", "<script> alert"),
            ("1 < 2", "1 < 2"),
            (
                r#"<p><span class="h-card"><a href="http://localhost/@pz" class="u-url mention">@<span>pz</span></a></span> vraag 3</p>"#,
                "@pz vraag 3",
            ),
            (
                r#"<p>zie <a href="https://www.example.be/a?b=1&amp;c=2" rel="nofollow"><span class="invisible">https://www.</span><span class="ellipsis">example.be/a</span></a> dus</p>"#,
                "zie https://www.example.be/a?b=1&c=2 dus",
            ),
            ("", ""),
        ] {
            assert_eq!(text(html), typed);
        }
    }

    #[test]
    fn names_at_the_head_are_nobodys_words() {
        assert_eq!(without_names(" @pz @jan@example.be  merci @pz"), "merci @pz");
        assert_eq!(without_names("@pz"), "");
        assert_eq!(without_names("merci"), "merci");
    }

    proptest! {
        #[test]
        fn any_html_is_read_to_some_text(html in "(<|>|&|;|#|x|a href=\"|'|\"|/|p|br|é|👮| ){0,60}|\\PC{0,200}") {
            prop_assert!(text(&html).len() <= html.len() * 2);
        }
    }
}
