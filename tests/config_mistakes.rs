//! Broken files, and the whole of what is said of each: the words are what a comms officer reads at three in the morning.

#![allow(clippy::expect_used, reason = "a failed expect is the failure that the test reports")]
#![allow(clippy::needless_raw_string_hashes, reason = "every file and every report is quoted alike")]

use std::fs;

use formez101::config::load;

/// What is said of a zone's file, with the paths below the configuration folder.
fn said(zone: &str, shared: Option<&str>, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("zones")).expect("a folder for zones");
    fs::write(folder.path().join("zones/exemple.toml"), zone).expect("a zone file");
    if let Some(shared) = shared {
        fs::write(folder.path().join("formez101.toml"), shared).expect("a shared file");
    }
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let report = load(folder.path(), "exemple", &environment, &[]).expect_err("a broken file is refused");
    report.render(false).replace(&format!("{}/", folder.path().display()), "")
}

#[track_caller]
fn check(zone: &str, expected: &str) {
    let said = said(zone, None, &[]);
    assert_eq!(said, expected, "it says:\n{said}");
}

#[test]
fn a_misspelt_key_is_told_with_the_right_one_and_reading_goes_on_as_if_it_stood_there() {
    check(
        r#"moed = "observe"
colour = "blue"
[zone]
nmae = "Zone Exemple"
languages = ["fr"]
retention = "30 days"
[facebok]
page = "1"
[facebok.inbx]
pol = 20
"#,
        r#"error: zones/exemple.toml:1:1: there is no key `moed` at the top of the file
  |
1 | moed = "observe"
  | ^^^^
  |
  = help: did you mean `mode`?

error: zones/exemple.toml:2:1: there is no key `colour` at the top of the file
  |
2 | colour = "blue"
  | ^^^^^^
  |
  = help: known here: mode, allow_other_hosts, zone, facebook, instagram, x, bluesky, mastodon, policy, reply, alerts, health, triage, bilingual, cooldown, cooldown_urgent, max_age, colleague_silence, public_cap_per_hour, hours, when, unanswered_after

error: zones/exemple.toml:4:1: there is no key `nmae` in [zone]
  |
4 | nmae = "Zone Exemple"
  | ^^^^
  |
  = help: did you mean `name`?

error: zones/exemple.toml:6:1: there is no key `retention` in [zone]
  |
6 | retention = "30 days"
  | ^^^^^^^^^
  |
  = help: `retention` belongs in [policy]
  = help: known here: name, languages, phone, valid_until, website, timezone, bilingual

error: zones/exemple.toml:7:2: there is no key `facebok` at the top of the file
  |
7 | [facebok]
  |  ^^^^^^^
  |
  = help: did you mean `facebook`?

error: zones/exemple.toml:9:10: there is no key `inbx` in [facebook]
  |
9 | [facebok.inbx]
  |          ^^^^
  |
  = help: did you mean `inbox`?

error: zones/exemple.toml:10:1: there is no key `pol` in [facebook.inbox]
   |
10 | pol = 20
   | ^^^
   |
   = help: did you mean `poll`?

error: zones/exemple.toml:10:7: `poll` must be a duration in quotes, not a number
   |
10 | pol = 20
   |       ^^
   |
   = help: say which unit: `poll = "20s"` for seconds, `"20m"` for minutes, `"20h"` for hours

8 mistakes found.
"#,
    );
}

#[test]
fn a_value_of_the_wrong_type_is_shown_as_it_should_be_written() {
    check(
        r#"mode = true
[zone]
name = 12
languages = "fr"
bilingual = "true"
[facebook]
page = 100000000000001
poll = 20
sisters = "100000000000002"
mentions = { muted_posts = [1, "2"] }
[policy]
public_cap_per_hour = 60.9
cooldown = [1]
[[reply]]
"#,
        r#"error: zones/exemple.toml:1:8: `mode` must be a word in quotes, not true or false
  |
1 | mode = true
  |        ^^^^
  |
  = help: write it like this: `mode = "observe"`

error: zones/exemple.toml:3:8: `name` must be a text in quotes, not a number
  |
3 | name = 12
  |        ^^
  |
  = help: write `name = "12"`

error: zones/exemple.toml:4:13: `languages` must be a list of languages, not a text
  |
4 | languages = "fr"
  |             ^^^^
  |
  = help: write `languages = ["fr"]`

error: zones/exemple.toml:5:13: `bilingual` must be true or false, without quotes, not a text
  |
5 | bilingual = "true"
  |             ^^^^^^
  |
  = help: write `bilingual = true`

error: zones/exemple.toml:7:8: `page` must be the Page's number in quotes, not a number
  |
7 | page = 100000000000001
  |        ^^^^^^^^^^^^^^^
  |
  = help: write `page = "100000000000001"`

error: zones/exemple.toml:8:8: `poll` must be a duration in quotes, not a number
  |
8 | poll = 20
  |        ^^
  |
  = help: say which unit: `poll = "20s"` for seconds, `"20m"` for minutes, `"20h"` for hours

error: zones/exemple.toml:9:11: `sisters` must be a list of texts in quotes, not a text
  |
9 | sisters = "100000000000002"
  |           ^^^^^^^^^^^^^^^^^
  |
  = help: write `sisters = ["100000000000002"]`

error: zones/exemple.toml:10:29: `muted_posts` is a list of texts in quotes, and this item is a number
   |
10 | mentions = { muted_posts = [1, "2"] }
   |                             ^
   |
   = help: write it like this: `muted_posts = ["100000000000002"]`

error: zones/exemple.toml:12:23: `public_cap_per_hour` must be a whole number without quotes, not a number with a decimal point
   |
12 | public_cap_per_hour = 60.9
   |                       ^^^^
   |
   = help: write `public_cap_per_hour = 60`

error: zones/exemple.toml:13:12: `cooldown` must be a duration in quotes, not a list
   |
13 | cooldown = [1]
   |            ^^^
   |
   = help: write it like this: `cooldown = "20s"` or `"12h"`

error: zones/exemple.toml:14:3: `reply` must be a table, not a list
   |
14 | [[reply]]
   |   ^^^^^
   |
   = help: write `[reply]` on a line of its own, and its settings below it

11 mistakes found.
"#,
    );
}

#[test]
fn numbers_and_durations_are_taken_at_their_word_only() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
[policy]
cooldown = "-1h"
cooldown_urgent = "soon"
max_age = "0s"
colleague_silence = "1 month"
public_cap_per_hour = -1
retention = "1h"
"#,
        r#"error: zones/exemple.toml:9:12: `cooldown` cannot be negative: "-1h"
  |
9 | cooldown = "-1h"
  |            ^^^^^
  |
  = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

error: zones/exemple.toml:10:19: `cooldown_urgent` is not a duration: "soon"
   |
10 | cooldown_urgent = "soon"
   |                   ^^^^^^
   |
   = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

error: zones/exemple.toml:11:11: `max_age` cannot be zero
   |
11 | max_age = "0s"
   |           ^^^^
   |
   = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

error: zones/exemple.toml:12:21: `colleague_silence` is counted in months or years, whose length varies: "1 month"
   |
12 | colleague_silence = "1 month"
   |                     ^^^^^^^^^
   |
   = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

error: zones/exemple.toml:13:23: `public_cap_per_hour` must be a whole number from 0 to 4294967295
   |
13 | public_cap_per_hour = -1
   |                       ^^
   |
   = help: write it like this: `public_cap_per_hour = 60`

error: zones/exemple.toml:14:13: `retention` is shorter than a day: a message could be forgotten and answered twice
   |
14 | retention = "1h"
   |             ^^^^
   |
   = help: write `retention = "30 days"`, or at least `"1d"`

6 mistakes found.
"#,
    );
}

#[test]
fn a_number_in_quotes_is_not_a_number() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
[policy]
public_cap_per_hour = "60"
"#,
        r#"error: zones/exemple.toml:9:23: `public_cap_per_hour` must be a whole number without quotes, not a text
  |
9 | public_cap_per_hour = "60"
  |                       ^^^^
  |
  = help: write `public_cap_per_hour = 60`

1 mistake found.
"#,
    );
}

#[test]
fn a_word_that_is_not_on_the_list_is_answered_with_the_list() {
    check(
        r#"mode = "replly"
[zone]
name = "Zone Exemple"
languages = ["fr", "vl", "fr"]
timezone = "Europe/Bruxelles"
[facebook]
page = "Zone.Exemple"
version = "26"
[facebook.inbox]
reply_to = "urgnt"
[x]
account = "@zone de police"
vocabulary = "toot"
"#,
        r#"error: zones/exemple.toml:1:8: `mode` must be "observe", "reply" or "pause", not "replly"
  |
1 | mode = "replly"
  |        ^^^^^^^^
  |
  = help: did you mean `"reply"`?

error: zones/exemple.toml:4:20: `languages` names an unknown language: "vl"
  |
4 | languages = ["fr", "vl", "fr"]
  |                    ^^^^
  |
  = help: known are "fr" (French), "nl" (Dutch), "de" (German) and "en" (English)

error: zones/exemple.toml:4:26: "fr" stands twice in `languages`
  |
4 | languages = ["fr", "vl", "fr"]
  |              ----        ^^^^
  |              |
  |              first here
  |
  = help: keep one of the two

error: zones/exemple.toml:5:12: `timezone` is not a known time zone: "Europe/Bruxelles"
  |
5 | timezone = "Europe/Bruxelles"
  |            ^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `"Europe/Brussels"`?

error: zones/exemple.toml:7:8: `page` must be the Page's number, digits only
  |
7 | page = "Zone.Exemple"
  |        ^^^^^^^^^^^^^^
  |
  = help: the number stands on the Page under About, Page transparency, Page ID

error: zones/exemple.toml:8:11: `version` is not a version of the Graph API: "26"
  |
8 | version = "26"
  |           ^^^^
  |
  = help: write it as Meta does, such as `"v26.0"`

error: zones/exemple.toml:10:12: `reply_to` must be "all", "urgent" or "none", not "urgnt"
   |
10 | reply_to = "urgnt"
   |            ^^^^^^^
   |
   = help: did you mean `"urgent"`?

error: zones/exemple.toml:12:11: `account` is not a handle on X: "@zone de police"
   |
12 | account = "@zone de police"
   |           ^^^^^^^^^^^^^^^^^
   |
   = help: a handle has 1 to 15 letters, digits and `_`, such as `"ZPExemple"`; it is what follows `x.com/`

error: zones/exemple.toml:13:14: `vocabulary` must be "tweet" or "post", not "toot"
   |
13 | vocabulary = "toot"
   |              ^^^^^^
   |
   = help: write it like this: `vocabulary = "tweet"`

9 mistakes found.
"#,
    );
}

#[test]
fn a_file_that_is_not_toml_is_read_to_its_end() {
    check(
        r#"mode = observe
[zone
name = "Zone Exemple"
languages = ["fr" "nl"]
phone = "02 555
websit = "https://police.example.org"
[facebook]
page "100000000000001"
poll = 
[x]
account = “ZPExemple”
[policy]
retention = 12h
cooldown = "later"
"#,
        r#"error: zones/exemple.toml:1:8: text must stand in quotes
  |
1 | mode = observe
  |        ^^^^^^^
  |
  = help: write `"observe"`

error: zones/exemple.toml:2:6: the closing `]` is missing
  |
2 | [zone
  |      ^
  |
  = help: write `]` after the table's name, which holds no blanks

error: zones/exemple.toml:4:19: a comma is missing
  |
4 | languages = ["fr" "nl"]
  |                   ^
  |
  = help: write `,` between the two

error: zones/exemple.toml:5:16: the closing quote is missing
  |
5 | phone = "02 555
  |                ^
  |
  = help: write `"` at the end of the text, on the same line

error: zones/exemple.toml:6:1: there is no key `websit` in [zone]
  |
6 | websit = "https://police.example.org"
  | ^^^^^^
  |
  = help: did you mean `website`?

error: zones/exemple.toml:8:6: a key without a value
  |
8 | page "100000000000001"
  |      ^
  |
  = help: write `key = value`

error: zones/exemple.toml:9:8: the value is missing
  |
9 | poll = 
  |        ^
  |
  = help: write it after the `=`, or remove the line

error: zones/exemple.toml:11:11: these quotes are typographic ones
   |
11 | account = “ZPExemple”
   |           ^^^^^^^^^^^
   |
   = help: write straight quotes, `"`, before and after the text

error: zones/exemple.toml:13:13: text must stand in quotes
   |
13 | retention = 12h
   |             ^^^
   |
   = help: write `"12h"`

error: zones/exemple.toml:14:12: `cooldown` is not a duration: "later"
   |
14 | cooldown = "later"
   |            ^^^^^^^
   |
   = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

10 mistakes found.
"#,
    );
}

#[test]
fn a_list_that_is_never_closed_does_not_hide_the_rest() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr",
  "nl"
[facebook]
page = "1"
colour = "blue"
"#,
        r#"error: zones/exemple.toml:3:13: this list is never closed
  |
3 | languages = ["fr",
  |             ^
  |
  = help: write `]` after its last item

error: zones/exemple.toml:7:1: there is no key `colour` in [facebook]
  |
7 | colour = "blue"
  | ^^^^^^
  |
  = help: known here: page, api_base, version, sisters, bots, poll, app_id, appsecret_proof, people, folders, inbox, mentions, comments

2 mistakes found.
"#,
    );
}

#[test]
fn a_text_that_is_never_closed_is_told_where_it_begins() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
[reply]
fr = """Formez le 101
nl = "Bel 101"
"#,
        r#"error: zones/exemple.toml:9:6: this text is never closed
  |
9 | fr = """Formez le 101
  |      ^
  |
  = help: write the same three quotes again after the last line of the text

1 mistake found.
"#,
    );
}

#[test]
fn a_setting_given_twice_is_told_with_both_places() {
    check(
        r#"cooldown = "1h"
bilingual = true
mode = "observe"
mode = "reply"
[zone]
name = "Zone Exemple"
languages = ["fr"]
[x]
account = "ZPExemple"
[policy]
cooldown = "2h"
[reply]
bilingual = false
[zone]
phone = "02 555 01 01"
"#,
        r#"error: zones/exemple.toml:4:1: the key `mode` is given twice
  |
3 | mode = "observe"
  | ---- first here
4 | mode = "reply"
  | ^^^^
  |
  = help: keep one of the two

error: zones/exemple.toml:11:1: `policy.cooldown` is given in two places of this file
   |
 1 | cooldown = "1h"
   |            ---- first here
...
11 | cooldown = "2h"
   | ^^^^^^^^
   |
   = help: keep one of the two

error: zones/exemple.toml:13:1: `zone.bilingual` is given in two places of this file
   |
 2 | bilingual = true
   |             ---- first here
...
13 | bilingual = false
   | ^^^^^^^^^
   |
   = help: keep one of the two

error: zones/exemple.toml:14:2: the table `zone` is given twice
   |
 5 | [zone]
   |  ---- first here
...
14 | [zone]
   |  ^^^^
   |
   = help: put the settings of both under one of them

4 mistakes found.
"#,
    );
}

#[test]
fn what_is_missing_is_told_at_its_table() {
    check(
        r#"[zone]
name = { fr = "Zone Exemple" }
languages = ["fr", "de"]
[facebook]
poll = "20s"
"#,
        r#"error: zones/exemple.toml:2:1: the zone's name is missing in German
  |
2 | name = { fr = "Zone Exemple" }
  | ^^^^
  |
  = help: write below `[zone]`: `name = { de = "..." }`, with one name per language

error: zones/exemple.toml:4:2: [facebook] lacks its `page`
  |
4 | [facebook]
  |  ^^^^^^^^
  |
  = help: write below `[facebook]`: `page = "100000000000001"`

2 mistakes found.
"#,
    );
}

#[test]
fn an_empty_file_lacks_everything() {
    check(
        r#""#,
        r#"error: zones/exemple.toml:1:1: the zone's languages are missing
 |
 = help: write below `[zone]`, in legal order: `languages = ["fr", "nl"]`

error: zones/exemple.toml:1:1: the zone has no account: there is nothing to answer on
 |
 = help: write `[facebook]` with a `page`, or `[instagram]`, `[x]`, `[bluesky]` or `[mastodon]` with an `account`

2 mistakes found.
"#,
    );
}

#[test]
fn a_token_is_sent_to_nobody_else() {
    check(
        r#"allow_other_hosts = true
[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
api_base = "https://graph.facebook.com.example.org"
[x]
account = "ZPExemple"
api_base = "http://api.x.com"
"#,
        r#"error: zones/exemple.toml:1:1: `allow_other_hosts` cannot be set here: a token goes where api_base points, so only the administrator may allow other hosts, in formez101.toml
  |
1 | allow_other_hosts = true
  | ^^^^^^^^^^^^^^^^^
  |
  = help: remove it, and ask the administrator

error: zones/exemple.toml:7:12: `api_base` of [facebook] points at "graph.facebook.com.example.org": the token would go to a host that is not graph.facebook.com
  |
7 | api_base = "https://graph.facebook.com.example.org"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `"https://graph.facebook.com"`, or remove the line
  = help: for a stand-in use this machine, such as `"http://127.0.0.1:8080"`; other hosts need `allow_other_hosts = true` in the administrator's formez101.toml

error: zones/exemple.toml:10:12: `api_base` of [x] would send the token unprotected: only this machine may be reached over http://
   |
10 | api_base = "http://api.x.com"
   |            ^^^^^^^^^^^^^^^^^^
   |
   = help: write `"https://api.x.com"`

3 mistakes found.
"#,
    );
}

#[test]
fn a_poll_below_the_floor_is_told_where_it_was_set() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
poll = "10s"
[x]
account = "ZPExemple"
api_base = "http://127.0.0.1:8080"
[x.mentions]
poll = "200ms"
[x.inbox]
poll = "10ms"
"#,
        r#"error: zones/exemple.toml:6:8: `poll` of facebook.mentions is too short: 10s is less than the 15s that the platform bears
  |
6 | poll = "10s"
  |        ^^^^^
  |
  = help: write at least `poll = "15s"` below `[facebook.mentions]`

error: zones/exemple.toml:6:8: `poll` of facebook.comments is too short: 10s is less than the 15s that the platform bears
  |
6 | poll = "10s"
  |        ^^^^^
  |
  = help: write at least `poll = "15s"` below `[facebook.comments]`

error: zones/exemple.toml:13:8: `poll` of x.inbox is too short: 10ms is less than the 50ms that the platform bears
   |
13 | poll = "10ms"
   |        ^^^^^^
   |
   = help: write at least `poll = "50ms"` below `[x.inbox]`

3 mistakes found.
"#,
    );
}

#[test]
fn a_key_of_another_surface_is_refused_with_the_reason() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
[x.inbox]
public_replies = true
"#,
        r#"error: zones/exemple.toml:9:1: `public_replies` cannot be set here: an inbox is private: nothing there is seen by everybody
  |
9 | public_replies = true
  | ^^^^^^^^^^^^^^
  |
  = help: remove it

1 mistake found.
"#,
    );
}

#[test]
fn a_text_is_judged_where_it_stands() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
[reply]
fr = "Appelez-nous ! {{ zone.name }}"
nl = "Bel 101. {{ zone.nam }}"
de = "Wählen Sie 101."
[reply.x.mentions]
fr = """
Formez le 101, {{ zone.name }}.
@ZPExemple"""
"#,
        r#"error: zones/exemple.toml:9:6: the standard text must say 101, and this one does not
  |
9 | fr = "Appelez-nous ! {{ zone.name }}"
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: tell the citizen to dial 101, in figures: "PAS d'appels urgents via ce canal, formez le 101. {{ zone.name }}"

error: zones/exemple.toml:10:19: `zone.nam` is not a name that a text may use
   |
10 | nl = "Bel 101. {{ zone.nam }}"
   |                   ^^^^^^^^
   |
   = help: did you mean `{{ zone.name }}`?

error: zones/exemple.toml:11:6: the zone does not serve de, so this text would never be used
   |
11 | de = "Wählen Sie 101."
   |      ^^^^^^^^^^^^^^^^^
   |
   = help: remove the text, or add "de" to `languages`, now fr, nl

error: zones/exemple.toml:15:1: `@ZPExemple` names our own account, and a public reply must not call anybody
   |
15 | @ZPExemple"""
   | ^^^^^^^^^^
   |
   = help: write the zone's name without the @

4 mistakes found.
"#,
    );
}

#[test]
fn a_secret_is_refused_and_never_shown() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
access_token = "EAAG-very-secret"
[facebook.inbox]
token = "EAAG-very-secret
[policy]
pasword = "EAAG-very-secret"
"#,
        r#"error: zones/exemple.toml:8:1: there is no key `access_token` in [x]
  |
8 | access_token = ******************
  | ^^^^^^^^^^^^
  |
  = help: secrets never stand in this file: put it in the credentials folder

error: zones/exemple.toml:10:26: the closing quote is missing
   |
10 | token = *****************
   |                          ^
   |
   = help: write `"` at the end of the text, on the same line

error: zones/exemple.toml:12:1: there is no key `pasword` in [policy]
   |
12 | pasword = ******************
   | ^^^^^^^
   |
   = help: secrets never stand in this file: put it in the credentials folder

3 mistakes found.
"#,
    );
}

#[test]
fn a_token_in_the_place_of_an_id_is_not_shown_either() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "EAAG0123456789abcdefghijklmnopqrstuvwxyzABCD"
[x]
account = "ZPExemple"
"#,
        r#"error: zones/exemple.toml:5:8: `page` must be the Page's number, digits only
  |
5 | page = "********************************************"
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: the number stands on the Page under About, Page transparency, Page ID

1 mistake found.
"#,
    );
}

#[test]
fn memory_is_never_shorter_than_what_it_is_needed_for_and_a_zone_is_never_deaf() {
    check(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
comments = { enabled = false }
[x]
account = "ZPExemple"
inbox = { enabled = false }
mentions = { enabled = false }
[facebook.inbox]
enabled = false
[facebook.mentions]
enabled = false
[policy]
retention = "1d"
cooldown = "36h"
"#,
        r#"error: zones/exemple.toml:1:1: every feed is switched off: the zone would be deaf
  |
1 | [zone]
  | ^^^^^^
  |
  = help: remove `enabled = false` from one feed; to read without posting write `mode = "observe"`, to stop posting `mode = "pause"`

error: zones/exemple.toml:17:12: `cooldown` is longer than `retention` (1d): what it needs to remember would be deleted before
   |
17 | cooldown = "36h"
   |            ^^^^^
   |
   = help: write at most `cooldown = "1d"`, or a longer `retention`

2 mistakes found.
"#,
    );
}

#[test]
fn the_environment_is_checked_like_a_file() {
    let said = said(
        r#"[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
"#,
        None,
        &[
            ("FORMEZ101__POLICY__COOLDWN", "1h"),
            ("FORMEZ101__POLICY__MAX_AGE", "old"),
            ("FORMEZ101__POLICY__PUBLIC_CAP_PER_HOUR", "60.9"),
            ("FORMEZ101__ZONE__LANGUAGES", "fr,xx"),
            ("FORMEZ101__ALLOW_OTHER_HOSTS", "true"),
            ("FORMEZ101__X", "ZPExemple"),
            ("FORMEZ101__X__TOKEN", "EAAG-very-secret"),
            ("FORMEZ101__MODE__NOW", "reply"),
            ("FORMEZ101__FACEBOOK__INBOX__ENABLED", "yes"),
        ],
    );
    assert_eq!(
        said,
        r#"error: environment:1:1: FORMEZ101__POLICY__COOLDWN is no setting: there is no key `cooldwn` in [policy]
  |
1 | FORMEZ101__POLICY__COOLDWN=1h
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `cooldown`?

error: environment:1:28: `max_age` is not a duration: "old"
  |
1 | FORMEZ101__POLICY__MAX_AGE=old
  |                            ^^^
  |
  = help: write a number with its unit in quotes, such as `"20s"`, `"15m"`, `"12h"` or `"30 days"`

error: environment:1:40: `public_cap_per_hour` must be a whole number without quotes, not a number with a decimal point
  |
1 | FORMEZ101__POLICY__PUBLIC_CAP_PER_HOUR=60.9
  |                                        ^^^^
  |
  = help: write `public_cap_per_hour = 60`

error: environment:1:31: `languages` names an unknown language: "xx"
  |
1 | FORMEZ101__ZONE__LANGUAGES=fr,xx
  |                               ^^
  |
  = help: known are "fr" (French), "nl" (Dutch), "de" (German) and "en" (English)

error: environment:1:1: `allow_other_hosts` cannot be set here: a token goes where api_base points, so only the administrator may allow other hosts, in formez101.toml
  |
1 | FORMEZ101__ALLOW_OTHER_HOSTS=true
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove it, and ask the administrator

error: environment:1:1: FORMEZ101__X is no setting: [x] is a table
  |
1 | FORMEZ101__X=ZPExemple
  | ^^^^^^^^^^^^
  |
  = help: name one of its keys as well: account, api_base, vocabulary, monthly_budget_usd, owned_app, sisters, bots, poll, mentions, inbox

error: environment:1:1: FORMEZ101__X__TOKEN is no setting: there is no key `token` in [x]
  |
1 | FORMEZ101__X__TOKEN=****************
  | ^^^^^^^^^^^^^^^^^^^
  |
  = help: secrets never stand in this file: put it in the credentials folder

error: environment:1:1: FORMEZ101__MODE__NOW is no setting: `mode` is a value, with nothing below it
  |
1 | FORMEZ101__MODE__NOW=reply
  | ^^^^^^^^^^^^^^^^^^^^
  |
  = help: remove what follows `mode` in the name

error: environment:1:37: `enabled` must be true or false, without quotes, not a text
  |
1 | FORMEZ101__FACEBOOK__INBOX__ENABLED=yes
  |                                     ^^^
  |
  = help: write it like this: `enabled = true` or `false`

9 mistakes found.
"#,
        "it says:\n{said}"
    );
}

#[test]
fn mistakes_of_both_files_are_shown_together() {
    let said = said(
        r#"mode = "rply"
[zone]
name = { fr = "Zone de police Exemple", nl = "Politiezone Voorbeeld" }
languages = ["fr", "nl"]
[facebook]
page = "100000000000001"
[x]
account = "ZPExemple"
"#,
        Some(
            r#"[policy]
max_age = 2
[facebook.inbox]
poll = "1s"
"#,
        ),
        &[],
    );
    assert_eq!(
        said,
        r#"error: formez101.toml:2:11: `max_age` must be a duration in quotes, not a number
  |
2 | max_age = 2
  |           ^
  |
  = help: say which unit: `max_age = "2s"` for seconds, `"2m"` for minutes, `"2h"` for hours

error: formez101.toml:4:8: `poll` of facebook.inbox is too short: 1s is less than the 5s that the platform bears
  |
4 | poll = "1s"
  |        ^^^^
  |
  = help: write at least `poll = "5s"` below `[facebook.inbox]`

error: zones/exemple.toml:1:8: `mode` must be "observe", "reply" or "pause", not "rply"
  |
1 | mode = "rply"
  |        ^^^^^^
  |
  = help: did you mean `"reply"`?

3 mistakes found.
"#,
        "it says:\n{said}"
    );
}

#[test]
fn opening_hours_are_judged_one_by_one_and_together() {
    check(
        r#"when = "open"
[zone]
name = "Zone"
languages = ["fr"]
[facebook]
page = "100000000000001"
[hours]
monday = ["08:00-12:00"]
tue = ["08:00-12:00", "11:30-17:00"]
wed = "08:00-12:00"
thu = ["8-12"]
exceptions = ["24/12/2026 closed"]
also_closed = ["flemish"]
"#,
        r#"error: zones/exemple.toml:1:8: `when` must be "always", "closed" or "closed-or-unanswered", not "open"
  |
1 | when = "open"
  |        ^^^^^^
  |
  = help: write it like this: `when = "always"`

error: zones/exemple.toml:8:1: there is no key `monday` in [hours]
  |
8 | monday = ["08:00-12:00"]
  | ^^^^^^
  |
  = help: did you mean `mon`?

error: zones/exemple.toml:9:7: `tue` has two openings that overlap: 08:00-12:00 and 11:30-17:00
  |
9 | tue = ["08:00-12:00", "11:30-17:00"]
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: let one end before the other begins

error: zones/exemple.toml:10:7: `wed` must be a list of openings in quotes, not a text
   |
10 | wed = "08:00-12:00"
   |       ^^^^^^^^^^^^^
   |
   = help: write `wed = ["08:00-12:00"]`

error: zones/exemple.toml:11:8: `thu` has a time that is not written like `08:30`: "8-12"
   |
11 | thu = ["8-12"]
   |        ^^^^^^
   |
   = help: write `"08:00-12:00"`

error: zones/exemple.toml:12:15: `exceptions` does not begin with a date such as `2026-12-24`: "24/12/2026 closed"
   |
12 | exceptions = ["24/12/2026 closed"]
   |               ^^^^^^^^^^^^^^^^^^^
   |
   = help: write `"2026-12-24 08:00-12:00"` or `"2026-12-28 to 2026-12-31 closed"`

error: zones/exemple.toml:13:16: `also_closed` must be "flemish-community", "french-community", "german-community", "brussels", "all-souls", "dynasty" or "boxing-day", not "flemish"
   |
13 | also_closed = ["flemish"]
   |                ^^^^^^^^^
   |
   = help: write it like this: `also_closed = ["flemish-community"]`

7 mistakes found.
"#,
    );
}

#[test]
fn a_colleague_has_less_time_than_a_message_and_a_text_on_hours_needs_some() {
    check(
        r#"when = "closed-or-unanswered"
unanswered_after = "2h"
[zone]
name = "Zone"
languages = ["fr"]
[facebook]
page = "100000000000001"
[hours]
holidays = true
[reply]
fr = "Formez le 101. {{ opening_hours }}"
"#,
        r#"error: zones/exemple.toml:2:20: `unanswered_after` is not shorter than `max_age`: what a colleague leaves would be too old to be answered
  |
2 | unanswered_after = "2h"
  |                    ^^^^
  |
  = help: write less than `2h`, or a longer `max_age`

error: zones/exemple.toml:11:25: `{{ opening_hours }}` is used but the zone has no opening hours
   |
11 | fr = "Formez le 101. {{ opening_hours }}"
   |                         ^^^^^^^^^^^^^
   |
   = help: add them as `mon-fri = ["08:00-12:00", "13:00-17:00"]` to [hours], or leave the name out of the text

2 mistakes found.
"#,
    );
}

#[test]
fn an_answer_by_the_office_s_hours_needs_these() {
    check(
        r#"[zone]
name = "Zone"
languages = ["fr"]
[facebook]
page = "100000000000001"
[policy]
when = "closed"
"#,
        r#"error: zones/exemple.toml:7:8: `when` asks for the office's hours, and there are none
  |
7 | when = "closed"
  |        ^^^^^^^^
  |
  = help: write `[hours]` and below it `mon-fri = ["08:00-12:00", "13:00-17:00"]`

1 mistake found.
"#,
    );
}

#[test]
fn a_phrase_of_the_zones_own_must_be_one_and_one_taken_away_must_stand_somewhere() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[triage]
remove = ["je sautte", "mots que personne n'a écrits"]
[triage.add]
violance = ["ambras"]
here = ["place du marché", ".."]
fire = "le feu au lac"
"#,
        r#"error: zones/exemple.toml:7:11: `remove` names a phrase that stands in no list: "je sautte"
  |
7 | remove = ["je sautte", "mots que personne n'a écrits"]
  |           ^^^^^^^^^^^
  |
  = help: did you mean "je saute"?

error: zones/exemple.toml:7:24: `remove` names a phrase that stands in no list: "mots que personne n'a écrits"
  |
7 | remove = ["je sautte", "mots que personne n'a écrits"]
  |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: copy the line as it stands in the lists of src/triage/lexicon

error: zones/exemple.toml:9:1: there is no key `violance` in [triage.add]
  |
9 | violance = ["ambras"]
  | ^^^^^^^^
  |
  = help: did you mean `violence`?

error: zones/exemple.toml:10:28: `here` holds a phrase that cannot be looked for: ".." begins with no word
   |
10 | here = ["place du marché", ".."]
   |                            ^^^^
   |
   = help: write words as citizens write them, such as `"place du marché"`; docs/TRIAGE.md shows the signs

error: zones/exemple.toml:11:8: `fire` must be a list of phrases in quotes, not a text
   |
11 | fire = "le feu au lac"
   |        ^^^^^^^^^^^^^^^
   |
   = help: write `fire = ["le feu au lac"]`

5 mistakes found.
"#,
    );
}

#[test]
fn an_alert_says_whom_it_reaches_and_how() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[alerts]
every = "5m"
"#,
        r#"error: zones/exemple.toml:6:2: [alerts] tells nobody: it has neither `[alerts.mail]` nor a `webhook`
  |
6 | [alerts]
  |  ^^^^^^
  |
  = help: write `[alerts.mail]` with `to`, `from` and `server`, or `webhook = "https://..."`, or remove the table

1 mistake found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[alerts.mail]
to = ["permanence@example.be"]
from = "formez101@example.be"
server = "smtp.example.be"
security = "none"
port = 0
"#,
        r#"error: zones/exemple.toml:10:12: `security` of [alerts.mail] would send mails unprotected: only a server on this machine may be reached so
   |
10 | security = "none"
   |            ^^^^^^
   |
   = help: write `security = "starttls"` or `security = "tls"`

error: zones/exemple.toml:11:8: `port` of [alerts.mail] must be from 1 to 65535
   |
11 | port = 0
   |        ^
   |
   = help: write `port = 587`, or remove the line

2 mistakes found.
"#,
    );
}

#[test]
fn every_mistake_of_an_alert_is_told_at_once() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[alerts]
evry = "5m"
webhook = "http://alertes.example.be/x"
[alerts.mail]
to = "permanence"
server = "smtp.example.be:587"
port = 99999
security = "ssl"
"#,
        r#"error: zones/exemple.toml:7:1: there is no key `evry` in [alerts]
  |
7 | evry = "5m"
  | ^^^^
  |
  = help: did you mean `every`?

error: zones/exemple.toml:8:11: `webhook` of [alerts] would send notices unprotected: only this machine may be reached over http://
  |
8 | webhook = "http://alertes.example.be/x"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `"https://alertes.example.be/x"`

error: zones/exemple.toml:9:9: [alerts.mail] lacks its `from`
  |
9 | [alerts.mail]
  |         ^^^^
  |
  = help: write below `[alerts.mail]`: `from = "formez101@example.be"`

error: zones/exemple.toml:10:6: `to` must be a list of texts in quotes, not a text
   |
10 | to = "permanence"
   |      ^^^^^^^^^^^^
   |
   = help: write `to = ["permanence"]`

error: zones/exemple.toml:11:10: `server` is no name of a server: "smtp.example.be:587"
   |
11 | server = "smtp.example.be:587"
   |          ^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write the name alone, such as `"smtp.example.be"`; a port has a line of its own

error: zones/exemple.toml:12:8: `port` of [alerts.mail] must be from 1 to 65535
   |
12 | port = 99999
   |        ^^^^^
   |
   = help: write `port = 587`, or remove the line

error: zones/exemple.toml:13:12: `security` must be "starttls", "tls" or "none", not "ssl"
   |
13 | security = "ssl"
   |            ^^^^^
   |
   = help: write it like this: `security = "starttls"`

7 mistakes found.
"#,
    );
}

#[test]
fn a_quiet_period_says_until_when_and_what_is_answered_in_it() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[policy.quiet_period]
from = "25/11/2026 18:00"
answer = "urgnt"
"#,
        r#"error: zones/exemple.toml:6:2: `quiet_period` does not say until when it lasts
  |
6 | [policy.quiet_period]
  |  ^^^^^^
  |
  = help: write `until = "2026-11-26 06:00"` in it: a quiet period that nobody ends would leave citizens without an answer

error: zones/exemple.toml:7:8: `from` is no date with a time of day: "25/11/2026 18:00"
  |
7 | from = "25/11/2026 18:00"
  |        ^^^^^^^^^^^^^^^^^^
  |
  = help: write it like this: `from = "2026-11-25 18:00"`

error: zones/exemple.toml:8:10: `answer` must be "urgent" or "none", not "urgnt"
  |
8 | answer = "urgnt"
  |          ^^^^^^^
  |
  = help: did you mean `"urgent"`?

3 mistakes found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[policy]
quiet_period = { from = "2026-11-26 18:00", until = 2026-11-26T06:00:00, anser = "none" }
"#,
        r#"error: zones/exemple.toml:7:53: `until` must be a date and a time in quotes, not a date or time
  |
7 | quiet_period = { from = "2026-11-26 18:00", until = 2026-11-26T06:00:00, anser = "none" }
  |                                                     ^^^^^^^^^^^^^^^^^^^
  |
  = help: write `until = "2026-11-26 06:00"`

error: zones/exemple.toml:7:74: there is no key `anser` in [policy.quiet_period]
  |
7 | quiet_period = { from = "2026-11-26 18:00", until = 2026-11-26T06:00:00, anser = "none" }
  |                                                                          ^^^^^
  |
  = help: did you mean `answer`?

2 mistakes found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[policy]
quiet_period = { from = "2026-11-26 18:00", until = "2026-11-26 06:00" }
"#,
        r#"error: zones/exemple.toml:7:53: `quiet_period` ends before it begins
  |
7 | quiet_period = { from = "2026-11-26 18:00", until = "2026-11-26 06:00" }
  |                                                     ^^^^^^^^^^^^^^^^^^
  |
  = help: write an `until` that is later than `from`

1 mistake found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[facebook]
page = "1"
[policy.quiet_period]
"#,
        r#"error: zones/exemple.toml:6:2: `quiet_period` does not say until when it lasts
  |
6 | [policy.quiet_period]
  |  ^^^^^^
  |
  = help: write `until = "2026-11-26 06:00"` in it: a quiet period that nobody ends would leave citizens without an answer

1 mistake found.
"#,
    );
}

#[test]
fn a_number_says_until_which_day_it_holds() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
phone = "02 555 01 01"
valid_until = ["02 555 01 01", "02 555 01 01 until 2027-06-31", "soon until 2027-06-30"]
[facebook]
page = "1"
"#,
        r#"error: zones/exemple.toml:5:16: `valid_until` must say until when a number holds: "02 555 01 01"
  |
5 | valid_until = ["02 555 01 01", "02 555 01 01 until 2027-06-31", "soon until 2027-06-30"]
  |                ^^^^^^^^^^^^^^
  |
  = help: write it like this: `valid_until = ["02 555 01 01 until 2027-06-30"]`

error: zones/exemple.toml:5:32: `valid_until` holds a day that does not exist: "02 555 01 01 until 2027-06-31"
  |
5 | valid_until = ["02 555 01 01", "02 555 01 01 until 2027-06-31", "soon until 2027-06-30"]
  |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write it like this: `valid_until = ["02 555 01 01 until 2027-06-30"]`

error: zones/exemple.toml:5:65: `valid_until` names no number: "soon until 2027-06-30"
  |
5 | valid_until = ["02 555 01 01", "02 555 01 01 until 2027-06-31", "soon until 2027-06-30"]
  |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write it like this: `valid_until = ["02 555 01 01 until 2027-06-30"]`

3 mistakes found.
"#,
    );
}

#[test]
fn a_handle_on_bluesky_is_a_whole_domain_and_its_password_goes_to_its_own_server() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[bluesky]
account = "ZPExemple"
api_base = "https://pds.example.org"
password = "abcd-efgh-ijkl-mnop"
poll = "1s"
[bluesky.inbox]
muted_posts = ["3n2z2aqwd7k22"]
"#,
        r#"error: zones/exemple.toml:5:11: `account` is not a handle on Bluesky: "ZPExemple"
  |
5 | account = "ZPExemple"
  |           ^^^^^^^^^^^
  |
  = help: a handle is a whole domain, such as `"zpexemple.bsky.social"`; it is what follows `bsky.app/profile/`

error: zones/exemple.toml:6:12: `api_base` of [bluesky] points at "pds.example.org": the token would go to a host that is not bsky.social or one below host.bsky.network
  |
6 | api_base = "https://pds.example.org"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `"https://bsky.social"`, or remove the line
  = help: for a stand-in use this machine, such as `"http://127.0.0.1:8080"`; other hosts need `allow_other_hosts = true` in the administrator's formez101.toml

error: zones/exemple.toml:7:1: there is no key `password` in [bluesky]
  |
7 | password = *********************
  | ^^^^^^^^
  |
  = help: secrets never stand in this file: put it in the credentials folder

error: zones/exemple.toml:8:8: `poll` of bluesky.mentions is too short: 1s is less than the 5s that the platform bears
  |
8 | poll = "1s"
  |        ^^^^
  |
  = help: write at least `poll = "5s"` below `[bluesky.mentions]`

error: zones/exemple.toml:8:8: `poll` of bluesky.inbox is too short: 1s is less than the 5s that the platform bears
  |
8 | poll = "1s"
  |        ^^^^
  |
  = help: write at least `poll = "5s"` below `[bluesky.inbox]`

error: zones/exemple.toml:10:1: `muted_posts` cannot be set here: an inbox is private: there are no posts in it
   |
10 | muted_posts = ["3n2z2aqwd7k22"]
   | ^^^^^^^^^^^
   |
   = help: remove it

6 mistakes found.
"#,
    );
}

#[test]
fn a_handle_on_mastodon_names_the_only_server_that_may_have_its_token() {
    let zone = "[zone]\nname = \"Zone Exemple\"\nlanguages = [\"fr\"]\n";
    for sound in [
        "account = \"@zpexemple@mastodon.example\"\n",
        "account = \"zpexemple@mastodon.example\"\napi_base = \"https://mastodon.example\"\n",
        "account = \"zpexemple\"\napi_base = \"http://127.0.0.1:8090\"\nunlisted = true\n",
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("zones")).expect("a folder for zones");
        fs::write(folder.path().join("zones/exemple.toml"), format!("{zone}[mastodon]\n{sound}")).expect("a file");
        let zone = load(folder.path(), "exemple", &[], &[]).map_err(|report| report.render(false)).expect("sound").zone;
        let mastodon = zone.mastodon.expect("an account");
        assert_eq!(mastodon.username(), "zpexemple");
        assert!(["https://mastodon.example", "http://127.0.0.1:8090"].contains(&mastodon.api_base.as_str()));
    }
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[mastodon]
account = "zpexemple@mastodon.example"
api_base = "https://mastodon.exemple"
"#,
        r#"error: zones/exemple.toml:6:12: `api_base` of [mastodon] points at "mastodon.exemple": the token would go to a host that is not mastodon.example
  |
6 | api_base = "https://mastodon.exemple"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `"https://mastodon.example"`, or remove the line
  = help: for a stand-in use this machine, such as `"http://127.0.0.1:8080"`; other hosts need `allow_other_hosts = true` in the administrator's formez101.toml

1 mistake found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[mastodon]
account = "zpexemple"
"#,
        r#"error: zones/exemple.toml:5:11: `account` of [mastodon] does not say on which server it is
  |
5 | account = "zpexemple"
  |           ^^^^^^^^^^^
  |
  = help: write the whole handle, such as `account = "zpexemple@mastodon.example"`

1 mistake found.
"#,
    );
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[mastodon]
account = "https://mastodon.example/@zpexemple"
unlisted = "yes"
[mastodon.mentions]
poll = "1s"
"#,
        r#"error: zones/exemple.toml:5:11: `account` is not a handle on Mastodon: "https://*****************@zpexemple"
  |
5 | account = "https://*****************@zpexemple"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: a handle has two parts, the name and the server, such as `"zpexemple@mastodon.example"`

error: zones/exemple.toml:6:12: `unlisted` must be true or false, without quotes, not a text
  |
6 | unlisted = "yes"
  |            ^^^^^
  |
  = help: write it like this: `unlisted = true` or `false`

error: zones/exemple.toml:8:8: `poll` of mastodon.mentions is too short: 1s is less than the 10s that the platform bears
  |
8 | poll = "1s"
  |        ^^^^
  |
  = help: write at least `poll = "10s"` below `[mastodon.mentions]`

3 mistakes found.
"#,
    );
}

#[test]
fn a_bluesky_table_without_an_account_is_told() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[bluesky]
mentions = { reply_to = "urgent" }
"#,
        r#"error: zones/exemple.toml:4:2: [bluesky] lacks its `account`
  |
4 | [bluesky]
  |  ^^^^^^^
  |
  = help: write below `[bluesky]`: `account = "zpexemple.bsky.social"`

1 mistake found.
"#,
    );
}

#[test]
fn every_host_that_may_have_a_token_is_named() {
    check(
        r#"[zone]
name = "Zone Exemple"
languages = ["fr"]
[instagram]
account = "17841400000000001"
login = "instagram"
api_base = "https://graph.example.org"
"#,
        r#"error: zones/exemple.toml:7:12: `api_base` of [instagram] points at "graph.example.org": the token would go to a host that is not graph.facebook.com or graph.instagram.com
  |
7 | api_base = "https://graph.example.org"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `"https://graph.facebook.com"`, or remove the line
  = help: for a stand-in use this machine, such as `"http://127.0.0.1:8080"`; other hosts need `allow_other_hosts = true` in the administrator's formez101.toml

1 mistake found.
"#,
    );
}
