//! `formez101 init --zone Z`: asks for a zone's name, languages and accounts, and writes its file.

mod words;

use std::{
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, BufRead as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{
    Exit, check,
    options::{Folders, Init, Name},
    stop::Stop,
};
use crate::{config, model::Language};
use words::words;

/// Writes a file that did not exist, checks it, and says what to do next.
pub fn init(folders: &Folders, options: &Init) -> Exit {
    let told = answers(options).and_then(|answers| written(&folders.config_dir, options, &answers));
    let (path, accounts) = match told {
        Ok(told) => told,
        Err(stop) => {
            eprintln!("formez101: no file was written: {}", stop.why);
            return stop.exit;
        }
    };
    let zone = &options.zone;
    if let Err(report) = config::load(&folders.config_dir, zone, &super::environment(), &[]) {
        let exit = check::refuse(&report);
        // What is told stands in the report, and nobody wants a file that no service takes.
        let removed = fs::remove_file(&path).is_ok();
        eprintln!("formez101: no file was written{}", if removed { "" } else { ", but it cannot be removed again" });
        return exit;
    }
    let logins: Vec<String> =
        accounts.iter().map(|account| format!("  formez101 login {account} --zone {zone}\n")).collect();
    let logins = logins.concat();
    super::tell(&format!(
        "{} is written: mode = \"observe\", so that nothing is posted yet.\n\nNext:\n{logins}  formez101 doctor --zone {zone}\n  \
         systemctl enable --now formez101@{zone}\n",
        path.display()
    ));
    Exit::Well
}

/// What was given or typed.
struct Answers {
    languages: Vec<Language>,
    names: Vec<(Language, String)>,
    /// The platform's name and the account there.
    accounts: Vec<(&'static str, String)>,
}

fn answers(options: &Init) -> Result<Answers, Stop> {
    let mut lines = io::stdin().lock().lines().map_while(Result::ok);
    let mut ask = |question: &str, flag: &str| {
        super::tell(&format!("{question}: "));
        // A question that cannot be shown is answered by nobody.
        let _ = io::stdout().flush();
        let line = lines.next().map(|line| line.trim().to_owned());
        line.ok_or_else(|| Stop::new(Exit::Usage, format!("{flag} is not given")))
    };
    let languages = if options.languages.is_empty() {
        let typed = ask("Languages, in legal order (fr, nl, de, en)", "--languages")?;
        let codes = typed.split([',', ' ']).filter(|code| !code.is_empty());
        let read: Result<Vec<Language>, _> = codes.map(str::parse).collect();
        read.ok()
            .filter(|read| !read.is_empty())
            .ok_or_else(|| Stop::new(Exit::Usage, format!("\"{typed}\" names no languages: write such as fr, nl")))?
    } else {
        options.languages.clone()
    };
    let words = words(languages[0]);
    let mut names = Vec::new();
    for language in &languages {
        let given =
            options.name.iter().find(|Name { language: of, .. }| of.map_or(languages.len() == 1, |of| of == *language));
        let name = match given {
            Some(given) => given.text.clone(),
            None => ask(&words.name.replace("{}", language.code()), &format!("--name {}=...", language.code()))?,
        };
        names.push((*language, name));
    }
    let given = [
        ("facebook", &options.facebook),
        ("instagram", &options.instagram),
        ("x", &options.x),
        ("bluesky", &options.bluesky),
        ("mastodon", &options.mastodon),
    ];
    let asks = given.iter().all(|(_, account)| account.is_none());
    let mut accounts = Vec::new();
    for (platform, account) in given {
        let account = match account {
            Some(account) => account.clone(),
            None if asks => ask(&words.account.replace("{}", platform), "an account, such as --facebook,")?,
            None => continue,
        };
        if !account.is_empty() {
            accounts.push((platform, account));
        }
    }
    Ok(Answers { languages, names, accounts })
}

/// Writes the file; gives its path, and the platforms on which somebody must log in.
fn written(
    config_dir: &Path,
    options: &Init,
    answers: &Answers,
) -> Result<(std::path::PathBuf, Vec<&'static str>), Stop> {
    let folder = config_dir.join("zones");
    let path = folder.join(format!("{}.toml", options.zone));
    let wrong = |error: &io::Error| {
        let exit = if error.kind() == io::ErrorKind::AlreadyExists { Exit::Usage } else { Exit::Permission };
        Stop::new(exit, format!("{}: {error}", path.display()))
    };
    if !config::is_zone_id(&options.zone) {
        return Err(Stop::new(Exit::Usage, "a zone's id is at most 21 characters of a-z, 0-9 and -, such as brussels"));
    }
    fs::create_dir_all(&folder).map_err(|error| wrong(&error))?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path).map_err(|error| wrong(&error))?;
    file.write_all(text(answers).as_bytes()).and_then(|()| file.sync_all()).map_err(|error| wrong(&error))?;
    Ok((path, answers.accounts.iter().map(|(platform, _)| *platform).collect()))
}

/// The file's text.
fn text(answers: &Answers) -> String {
    let words = words(answers.languages[0]);
    let mut text = String::new();
    let mut line = |line: &str| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{line}");
    };
    for comment in words.file {
        line(&format!("# {comment}"));
    }
    line(&format!("\n# {}\nmode = \"observe\"\n\n[zone]\n# {}", words.mode, words.names));
    let names: Vec<String> =
        answers.names.iter().map(|(language, name)| format!("{} = {}", language.code(), quoted(name))).collect();
    line(&format!("name = {{ {} }}\n# {}", names.join(", "), words.languages));
    let languages: Vec<String> = answers.languages.iter().map(|language| quoted(language.code())).collect();
    line(&format!("languages = [{}]", languages.join(", ")));
    for (platform, account) in &answers.accounts {
        let (comment, key) = match *platform {
            "facebook" => (words.facebook, "page"),
            "instagram" => (words.instagram, "account"),
            _ => (words.handle, "account"),
        };
        line(&format!("\n[{platform}]\n# {comment}\n{key} = {}", quoted(account)));
    }
    line(&format!("\n# {}\n# [reply]", words.reply));
    for language in &answers.languages {
        line(&format!("# {} = \"... 101 ... {{{{ zone.name }}}}\"", language.code()));
    }
    text
}

/// A text in quotes: what JSON escapes, TOML reads.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
