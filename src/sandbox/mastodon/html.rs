//! How a server writes what somebody typed.

/// Paragraphs, names and links as HTML.
pub fn written(text: &str) -> String {
    let paragraph = |paragraph: &str| {
        let lines: Vec<String> = paragraph.split('\n').map(line).collect();
        format!("<p>{}</p>", lines.join("<br />"))
    };
    text.split("\n\n").map(paragraph).collect()
}

fn line(line: &str) -> String {
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    let escaped = word.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;");
    if let Some(name) = escaped.strip_prefix('@').filter(|name| !name.is_empty()) {
        // A name from elsewhere is shown without its server.
        let short = name.split('@').next().unwrap_or_default();
        return format!(
            "<span class=\"h-card\"><a href=\"http://localhost/@{name}\" class=\"u-url mention\">@<span>{short}</span></a></span>"
        );
    }
    match escaped.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let shown: String = rest.chars().take(30).collect();
            format!(
                "<a href=\"{scheme}://{rest}\" rel=\"nofollow noopener\"><span class=\"invisible\">{scheme}://</span><span class=\"ellipsis\">{shown}</span></a>"
            )
        }
        _ => escaped,
    }
}

/// The names in a text, without their sign.
pub fn names(text: &str) -> Vec<String> {
    let names = text.split_whitespace().filter_map(|word| word.strip_prefix('@'));
    names.map(|name| name.trim_end_matches([',', '.', '!', '?', ':']).to_owned()).collect()
}
