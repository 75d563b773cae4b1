//! What would be posted, and what `check` says of a zone's texts, in the words that people see.

use super::*;

const ALL: [Feed; 12] = Feed::ALL;
const FR_NL: [Language; 2] = [Language::Fr, Language::Nl];

fn facts() -> Facts {
    let names = [
        (Language::Fr, "Zone de police Exemple"),
        (Language::Nl, "Politiezone Voorbeeld"),
        (Language::De, "Polizeizone Beispiel"),
        (Language::En, "Example police zone"),
    ];
    Facts { names: names.map(|(language, name)| (language, name.to_owned())).into(), ..Facts::default() }
}

fn long_facts(length: usize) -> Facts {
    Facts { names: Language::ALL.map(|language| (language, "é".repeat(length))).into(), ..Facts::default() }
}

fn own(scope: Scope, kind: Option<Kind>, language: Language, source: &str) -> Texts {
    let mut texts = Texts::default();
    texts.set(TextKey { scope, kind, language }, source.to_owned());
    texts
}

fn standard_fr(source: &str) -> Texts {
    own(Scope::General, None, Language::Fr, source)
}

fn choice(languages: &[Language]) -> LanguageChoice {
    LanguageChoice::several(languages).expect("the tests choose at least one")
}

fn rendered(texts: &Texts, feed: Feed, kind: Kind, languages: &[Language]) -> String {
    render(texts, &facts(), feed, kind, &choice(languages), &Present::example("03:04:05"))
        .expect("the text can be posted")
}

fn problems(texts: &Texts, languages: &[Language], feeds: &[Feed]) -> Vec<String> {
    check(texts, &facts(), languages, false, feeds, Some("ZPExemple"))
        .into_iter()
        .map(|finding| finding.problem)
        .collect()
}

#[test]
fn the_built_in_texts_of_an_inbox() {
    let text = |kind, language| rendered(&Texts::default(), Feed::FacebookInbox, kind, &[language]);
    insta::assert_snapshot!(text(Kind::None, Language::Fr), @"PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple");
    insta::assert_snapshot!(text(Kind::Police, Language::Nl), @"GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld");
    insta::assert_snapshot!(text(Kind::None, Language::De), @"KEINE dringenden Notrufe über diesen Kanal, wählen Sie 101. Polizeizone Beispiel");
    insta::assert_snapshot!(text(Kind::None, Language::En), @"NO urgent calls via this channel, dial 101. Example police zone");
    insta::assert_snapshot!(text(Kind::Medical, Language::Fr), @"PAS d'appels urgents ici. Ambulance ou pompiers : formez le 112. Zone de police Exemple");
    insta::assert_snapshot!(text(Kind::SelfHarm, Language::Nl), @"Er luistert iemand, dag en nacht: 1813. In direct gevaar: 112. Politiezone Voorbeeld");
}

#[test]
fn built_in_texts_on_x_end_with_the_time_and_the_way_out_and_own_texts_stand_as_written() {
    insta::assert_snapshot!(
        rendered(&Texts::default(), Feed::XMentions, Kind::None, &[Language::Fr]),
        @"PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple (03:04:05, stop = plus de réponse)"
    );
    insta::assert_snapshot!(
        rendered(&Texts::default(), Feed::XInbox, Kind::None, &[Language::Nl]),
        @"GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld (stop = geen antwoord meer)"
    );
    let own = standard_fr("Formez le 101. {{ zone.name }}");
    assert_eq!(rendered(&own, Feed::XMentions, Kind::None, &[Language::Fr]), "Formez le 101. Zone de police Exemple");
}

#[test]
fn two_languages_stand_below_each_other_in_the_given_order() {
    insta::assert_snapshot!(rendered(&Texts::default(), Feed::FacebookInbox, Kind::None, &FR_NL), @"
    PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple

    GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld
    ");
    insta::assert_snapshot!(rendered(&Texts::default(), Feed::XMentions, Kind::None, &[Language::Nl, Language::Fr]), @"
    GEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld
    PAS d'appels urgents via ce canal, formez le 101. Zone de police Exemple (03:04:05, stop = geen antwoord meer / plus de réponse)
    ");
}

#[test]
fn a_language_in_which_the_zone_wrote_nothing_has_the_built_in_text() {
    let own = standard_fr("Formez le 101. {{ zone.name }}");
    assert_eq!(
        rendered(&own, Feed::XMentions, Kind::None, &FR_NL),
        "Formez le 101. Zone de police Exemple\nGEEN dringende oproepen via dit kanaal, bel 101. Politiezone Voorbeeld (03:04:05, stop = geen antwoord meer)"
    );
}

#[test]
fn every_built_in_text_fits_every_feed_with_a_long_name() {
    for language in Language::ALL {
        assert_eq!(check(&Texts::default(), &long_facts(60), &[language], false, &ALL, None), []);
    }
    for pair in [[Language::Fr, Language::Nl], [Language::Fr, Language::De], [Language::Nl, Language::De]] {
        for languages in [pair, [pair[1], pair[0]]] {
            assert_eq!(check(&Texts::default(), &long_facts(45), &languages, true, &ALL, None), [], "{languages:?}");
        }
    }
}

#[test]
fn languages_that_do_not_fit_are_left_out_rather_than_the_citizen() {
    let text = render(
        &Texts::default(),
        &long_facts(60),
        Feed::XMentions,
        Kind::None,
        &choice(&Language::ALL),
        &Present::example("03:04:05"),
    );
    let lines: Vec<String> = text.expect("two languages fit").lines().map(|line| line[..5].to_owned()).collect();
    assert_eq!(lines, ["PAS d", "GEEN "]);
}

#[test]
fn a_text_that_cannot_be_posted_is_refused() {
    let refused = |source: &str, feed| {
        render(&standard_fr(source), &facts(), feed, Kind::None, &choice(&[Language::Fr]), &Present::example("x"))
            .map_err(|error| error.problem)
    };
    assert_eq!(
        refused(&"x".repeat(281), Feed::XMentions),
        Err("The text is 281 long on x.mentions, 1 over the limit of 280.".to_owned())
    );
    assert_eq!(refused(" \n", Feed::XInbox), Err("The text is empty.".to_owned()));
    assert_eq!(
        refused("{{ zone.phone }}", Feed::XInbox),
        Err("`{{ zone.phone }}` is used but the zone has no phone.".to_owned())
    );
    assert!(refused("{{ zone.name }", Feed::XInbox).is_err());
}

#[test]
fn a_good_zone_has_no_findings() {
    let mut texts = standard_fr("Aucun appel urgent ici : formez le 101. {{ zone.name }}");
    texts.set(
        TextKey { scope: Scope::Feed(Feed::FacebookInbox), kind: None, language: Language::Nl },
        "Bel 101. https://politie.be of @politie".to_owned(),
    );
    assert_eq!(check(&texts, &facts(), &FR_NL, true, &ALL, Some("ZPExemple")), []);
}

#[test]
fn the_number_to_dial_may_not_be_missing() {
    let one = |kind, language, source: &str| {
        problems(&own(Scope::General, kind, language, source), &Language::ALL, &[Feed::FacebookInbox]).join(" | ")
    };
    assert_eq!(
        one(None, Language::Fr, "Formez le 112 ou le 1012."),
        "The standard text must say 101, and this one does not."
    );
    assert_eq!(
        one(Some(Kind::Police), Language::Nl, "Bel ons."),
        "A text for police messages must say 101, and this one does not."
    );
    assert_eq!(
        one(Some(Kind::Medical), Language::De, "101"),
        "A text for medical messages must say 112, and this one does not."
    );
    assert_eq!(
        one(Some(Kind::Fire), Language::En, "Dial 101."),
        "A text for fire messages must say 112, and this one does not."
    );
    assert_eq!(
        one(Some(Kind::SelfHarm), Language::Fr, "Appelez le 1813."),
        "A text for somebody who may harm themselves must name a help line (0800 32 123) or 112."
    );
    for (language, source) in [
        (Language::Fr, "Parlez-en : 0800/32.123"),
        (Language::Fr, "Parlez-en : 080032123"),
        (Language::Nl, "Bel 1813."),
        (Language::De, "Wählen Sie 108."),
        (Language::En, "Dial 112."),
    ] {
        assert_eq!(one(Some(Kind::SelfHarm), language, source), "", "{source}");
    }
}

#[test]
fn a_text_too_long_is_reported_where_it_would_be_used_and_only_there() {
    let long = format!("Formez le 101. {{{{ zone.name }}}} {}", "x".repeat(260));
    let found = check(&standard_fr(&long), &facts(), &FR_NL, false, &ALL, None);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].problem, "The text is 298 long on x.mentions, 18 over the limit of 280.");
    assert_eq!(
        found[0].help,
        "Leave out at least 18, or write a shorter text for this feed alone in [reply.x.mentions]."
    );
    assert_eq!(problems(&standard_fr(&long), &FR_NL, &[Feed::FacebookInbox, Feed::XInbox]), Vec::<String>::new());

    let mut shadowed = standard_fr(&long);
    shadowed.set(
        TextKey { scope: Scope::Feed(Feed::XMentions), kind: None, language: Language::Fr },
        "Formez le 101. {{ zone.name }}".to_owned(),
    );
    assert_eq!(problems(&shadowed, &FR_NL, &ALL), Vec::<String>::new());
}

#[test]
fn a_bilingual_zone_is_measured_with_its_texts_together() {
    let mut texts = standard_fr(&format!("101 {{{{ zone.name }}}} {}", "x".repeat(130)));
    texts.set(
        TextKey { scope: Scope::General, kind: None, language: Language::Nl },
        format!("101 {{{{ zone.name }}}} {}", "x".repeat(130)),
    );
    let found = check(&texts, &facts(), &FR_NL, true, &ALL, None);
    let said: Vec<&str> = found.iter().map(|finding| finding.problem.as_str()).collect();
    assert_eq!(
        said,
        [
            "The texts in fr and nl together are 314 long on x.mentions, 34 over the limit of 280.",
            "The texts in fr and nl together are 314 long on bluesky.mentions, 14 over the limit of 300."
        ]
    );
    assert_eq!(check(&texts, &facts(), &FR_NL, false, &ALL, None), []);
}

#[test]
fn a_name_too_long_for_the_built_in_text_is_reported() {
    let found = check(&Texts::default(), &long_facts(260), &[Language::Fr], false, &[Feed::XMentions], None);
    assert!(
        found[0]
            .problem
            .starts_with("The built-in text in fr, with the zone's name: The text is 345 long on x.mentions, 65 over")
    );
    assert_eq!(
        found[0].help,
        "Shorten the zone's name, or write your own shorter text in [reply.x.mentions]; at least 65 must go."
    );
}

#[test]
fn a_public_text_on_x_names_the_zone_and_calls_nobody() {
    let on_x = |source: &str| {
        let found = check(&standard_fr(source), &facts(), &[Language::Fr], false, &ALL, Some("@ZPExemple"));
        let said: Vec<String> = found
            .into_iter()
            .map(|finding| format!("{} [{}]", finding.problem, finding.at.map_or("", |at| &source[at])))
            .collect();
        said.join("\n")
    };
    assert_eq!(on_x("Formez le 101. zone de police EXEMPLE"), "");
    insta::assert_snapshot!(on_x("Formez le 101."), @"The text does not name the zone, and X forbids the same text on several accounts. []");
    insta::assert_snapshot!(on_x("101 {{ zone.name }} info: police.be/x."), @"X makes a link of `police.be/x`, and a public reply must not hold one. [police.be/x]");
    insta::assert_snapshot!(on_x("101 {{ zone.name }} @zpexemple, @autre"), @"
    `@zpexemple,` names our own account, and a public reply must not call anybody. [@zpexemple,]
    `@autre` calls an account, and a public reply must not call anybody. [@autre]
    ");
    insta::assert_snapshot!(on_x("101 {{ zone.name }} sur zpexemple."), @"`zpexemple` is our own account, and a public reply must not name it. [zpexemple]");
    assert_eq!(on_x("101 {{ zone.name }} ZPExemples"), "");
}

#[test]
fn a_website_in_a_public_text_on_x_is_a_link() {
    let facts = Facts { website: Some("www.zpz.be".to_owned()), ..facts() };
    let texts = standard_fr("101 {{ zone.name }} {{ zone.website }}");
    let found = check(&texts, &facts, &[Language::Fr], false, &ALL, None);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].problem, "X makes a link of `www.zpz.be`, and a public reply must not hold one.");
}

#[test]
fn all_mistakes_are_found_at_once_with_their_places() {
    let mut texts = standard_fr("Formez le {{ numero }}. {{ zone.nam }}");
    texts.set(TextKey { scope: Scope::General, kind: None, language: Language::De }, "Wählen Sie 101.".to_owned());
    texts.set(TextKey { scope: Scope::General, kind: Some(Kind::Fire), language: Language::Nl }, " ".to_owned());
    insta::assert_snapshot!(problems(&texts, &FR_NL, &ALL).join("\n"), @"
    `numero` is not a name that a text may use.
    `zone.nam` is not a name that a text may use.
    The standard text must say 101, and this one does not.
    The zone does not serve de, so this text would never be used.
    The text is empty.
    ");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    /// What `check` lets pass can be posted, for every kind and feed; what is posted is never too long.
    #[test]
    fn what_passes_the_check_is_posted(
        source in "101 (\\{\\{ (zone\\.name|time|zone\\.phone) \\}\\}|[a-zé@€. {}]|police\\.be){0,40}x{0,300}",
        bilingual in proptest::bool::ANY,
        name in "[A-Za-zé ]{1,90}",
    ) {
        let facts = Facts { names: [(Language::Fr, name)].into(), ..Facts::default() };
        let texts = standard_fr(&source);
        let clean = check(&texts, &facts, &FR_NL, bilingual, &ALL, Some("zp")).is_empty();
        for (feed, kind) in ALL.into_iter().flat_map(|feed| Kind::ALL.map(|kind| (feed, kind))) {
            match render(&texts, &facts, feed, kind, &choice(&FR_NL), &Present::example("12:34:56")) {
                Ok(text) => {
                    proptest::prop_assert!(measure(feed, &text).excess() == 0 && !text.trim().is_empty());
                    let languages_told = if bilingual && clean { 2 } else { 1 };
                    proptest::prop_assert!(text.lines().filter(|line| !line.is_empty()).count() >= languages_told);
                }
                Err(error) => proptest::prop_assert!(!clean, "{}", error.problem),
            }
        }
    }
}
