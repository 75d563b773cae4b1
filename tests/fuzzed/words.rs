//! Texts: those of a zone's officers, and those of citizens.

use std::sync::LazyLock;

use formez101::{
    model::{Feed, Kind, Language, LanguageChoice},
    reply::{Facts, Present, Scope, TextKey, Texts, check, measure, render},
    text::links,
    triage::{ALERT, Triage, URGENT},
};

/// Built once in a process: it reads thousands of phrases.
static TRIAGE: LazyLock<Triage> = LazyLock::new(Triage::new);

/// A zone's own standard text, in French up to a zero byte and in Dutch behind it.
///
/// What passed the check can be posted on every feed, and nothing too long is ever made.
pub fn template(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes);
    let (french, dutch) = source.split_once('\0').map_or((&*source, None), |(french, dutch)| (french, Some(dutch)));
    let key = |language| TextKey { scope: Scope::General, kind: None, language };
    let mut texts = Texts::default();
    texts.set(key(Language::Fr), french.to_owned());
    if let Some(dutch) = dutch {
        texts.set(key(Language::Nl), dutch.to_owned());
    }
    let facts = Facts {
        names: [(Language::Fr, "Zone de police Exemple".to_owned())].into(),
        phone: Some("02 555 01 01".to_owned()),
        ..Facts::default()
    };
    let languages = [Language::Fr, Language::Nl];
    let both = LanguageChoice::several(&languages).unwrap();
    let findings = check(&texts, &facts, &languages, true, &Feed::ALL, Some("ZPExemple"));
    for finding in &findings {
        let source = if finding.key.language == Language::Nl { dutch.unwrap_or_default() } else { french };
        let at = finding.at.clone().unwrap_or(0..0);
        assert!(source.get(at.clone()).is_some(), "{at:?} is not a place: {}", finding.problem);
        assert!(!finding.problem.is_empty() && !finding.help.is_empty());
    }
    for (feed, kind) in Feed::ALL.into_iter().flat_map(|feed| Kind::ALL.map(|kind| (feed, kind))) {
        match render(&texts, &facts, feed, kind, &both, &Present::example("23:05:12")) {
            Ok(text) => assert!(measure(feed, &text).excess() == 0 && !text.trim().is_empty(), "{feed}: {text:?}"),
            Err(error) => assert!(!findings.is_empty(), "passed the check, and then: {}", error.problem),
        }
    }
}

/// A citizen's words: every text has links, lengths, languages and a verdict.
pub fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for link in links(&text) {
        assert!(link.start >= end && link.start < link.end, "links stand behind each other: {link:?}");
        assert!(text.get(link.clone()).is_some(), "{link:?} is not a place");
        end = link.end;
    }
    for feed in Feed::ALL {
        let length = measure(feed, &text);
        assert!(length.used <= 23 * text.chars().count() + 23 && length.limit > 0, "{feed}: {length:?}");
    }
    let served = [Language::Nl, Language::Fr];
    let verdict = TRIAGE.verdict(&text, &served, false, None);
    let chosen = verdict.languages.as_slice();
    assert!(!chosen.is_empty() && chosen.iter().all(|language| served.contains(language)));
    assert!(verdict.score <= 100);
    assert_eq!((verdict.urgent, verdict.alert), (verdict.score >= URGENT, verdict.score >= ALERT));
    assert!(verdict.urgent || verdict.kind == Kind::None);
}
