//! People on X: posts that name the account, direct messages, answers by hand.

use super::super::time::{HOUR, SECOND};
use super::super::world::{By, Citizen, Draft, Feed, Mention, World};
use super::{Flags, Said, Say, said};

/// A post as it is about to appear: what the author typed, and what it answers.
struct NewPost {
    author_id: String,
    by: By,
    text: String,
    at: i64,
    flags: Flags,
    target: Option<String>,
    quotes: Option<String>,
    reposts: Option<String>,
}

/// A post of a citizen. Without any flag or thread that ties it to the account, the handle is put in front
/// when the text does not name it.
pub fn post(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    let us = format!("@{}", world.setup.x_username);
    let mut new = NewPost {
        author_id: citizen.x_id.clone(),
        by: By::Citizen,
        text: say.text,
        at,
        target: None,
        quotes: None,
        reposts: None,
        flags: say.flags,
    };
    if let Some(thread) = &say.thread {
        new.target = Some(last_post(world, thread).ok_or("no such thread or post")?);
    } else if new.flags.reply_to_us {
        new.target = Some(post_of_ours(world, at));
    } else if new.flags.hidden_mention {
        let ours = post_of_ours(world, at);
        new.target = Some(beside_us(world, Some(ours), "dat vind ik ook", at));
    } else if new.flags.quote_of_us {
        new.quotes = Some(post_of_ours(world, at));
    } else if new.flags.repost {
        let original = beside_us(world, None, &format!("{us} {}", new.text), at);
        new.text = format!("RT @IemandAnders: {us} {}", new.text);
        new.reposts = Some(original);
    } else if !new.text.to_lowercase().contains(&us.to_lowercase()) {
        new.text = format!("{us} {}", new.text);
    }
    Ok(write(world, new))
}

/// A direct message of a citizen, alone or in a group.
pub fn message(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    let us = world.setup.x_user_id.clone();
    let thread_id = match (&say.thread, say.flags.group) {
        (Some(thread), _) if world.threads.contains_key(thread) => thread.clone(),
        (Some(_), _) => return Err("no such conversation".to_owned()),
        (None, true) => {
            let id = world.snowflake(at);
            let beside = world.citizen("Nog iemand").x_id;
            world.open_thread(&id, Feed::XInbox, &citizen.x_id, None).participants =
                vec![citizen.x_id.clone(), us, beside];
            id
        }
        (None, false) => {
            let id = conversation(&citizen.x_id, &us);
            world.open_thread(&id, Feed::XInbox, &citizen.x_id, None).participants = vec![citizen.x_id.clone(), us];
            id
        }
    };
    let id = world.snowflake(at);
    let draft = Draft {
        id,
        feed: Feed::XInbox,
        thread_id,
        author_id: citizen.x_id.clone(),
        by: By::Citizen,
        text: say.text,
        at,
        in_reply_to: None,
        flags: say.flags,
    };
    Ok(said(world, draft))
}

/// A post of the account in answer to another; `excluded` people are left out of the head.
pub fn reply(world: &mut World, target: &str, text: &str, at: i64, by: By, excluded: &[String]) -> Said {
    let mut new = ours(world, text, at, by);
    new.target = Some(target.to_owned());
    write_excluding(world, new, excluded)
}

/// A post of the account that answers nobody.
pub fn own_post(world: &mut World, text: &str, at: i64, by: By) -> Said {
    let new = ours(world, text, at, by);
    write(world, new)
}

/// A direct message of the account.
pub fn from_account(world: &mut World, thread_id: &str, target: Option<String>, text: &str, at: i64, by: By) -> Said {
    let target = target.or_else(|| world.last_of_citizen(thread_id).map(|message| message.id.clone()));
    let id = world.snowflake(at);
    let author_id = world.setup.x_user_id.clone();
    let draft = Draft {
        id,
        feed: Feed::XInbox,
        thread_id: thread_id.to_owned(),
        author_id,
        by,
        text: text.to_owned(),
        at,
        in_reply_to: target,
        flags: Flags::default(),
    };
    said(world, draft)
}

/// The id of a conversation between two people: the smaller id comes first.
pub fn conversation(one: &str, other: &str) -> String {
    let number = |id: &str| id.parse::<u64>().unwrap_or(0);
    if number(one) < number(other) { format!("{one}-{other}") } else { format!("{other}-{one}") }
}

fn ours(world: &World, text: &str, at: i64, by: By) -> NewPost {
    NewPost {
        author_id: world.setup.x_user_id.clone(),
        by,
        text: text.to_owned(),
        at,
        flags: Flags::default(),
        target: None,
        quotes: None,
        reposts: None,
    }
}

fn write(world: &mut World, new: NewPost) -> Said {
    write_excluding(world, new, &[])
}

/// Writes a post; a reply gets the handles of those it speaks to in front, as X puts them there.
fn write_excluding(world: &mut World, new: NewPost, excluded: &[String]) -> Said {
    let head =
        new.target.as_deref().map(|target| head_of_reply(world, target, &new.author_id, excluded)).unwrap_or_default();
    let id = world.snowflake(new.at);
    let answered = new.target.as_deref().and_then(|target| world.message(target));
    let thread_id = answered.map_or_else(|| id.clone(), |message| message.thread_id.clone());
    world.open_thread(&thread_id, Feed::XMentions, &new.author_id, None);
    let draft = Draft {
        id,
        feed: Feed::XMentions,
        thread_id,
        author_id: new.author_id,
        by: new.by,
        text: format!("{head}{}", new.text),
        at: new.at,
        in_reply_to: new.target,
        flags: new.flags,
    };
    let at = world.write(draft);
    let mentions = mentions(world, &world.messages[at].text.clone());
    let message = &mut world.messages[at];
    message.hidden_prefix = head.chars().count();
    message.mentions = mentions;
    message.quotes = new.quotes;
    message.reposts = new.reposts;
    Said { message_id: message.id.clone(), thread_id: message.thread_id.clone(), author_id: message.author_id.clone() }
}

/// The handles in front of a reply: the author of the answered post, then those it names, without the writer himself.
fn head_of_reply(world: &World, target: &str, writer: &str, excluded: &[String]) -> String {
    let Some(answered) = world.message(target) else {
        return String::new();
    };
    let mut ids = vec![answered.author_id.clone()];
    ids.extend(answered.mentions.iter().map(|mention| mention.id.clone()));
    let mut head = String::new();
    let mut done: Vec<&str> = Vec::new();
    for id in &ids {
        if id != writer && !done.contains(&id.as_str()) && !excluded.contains(id) {
            head.push('@');
            head.push_str(&handle_of(world, id));
            head.push(' ');
            done.push(id);
        }
    }
    head
}

/// The handle of an X user.
pub fn handle_of(world: &World, x_id: &str) -> String {
    if x_id == world.setup.x_user_id {
        return world.setup.x_username.clone();
    }
    let found = world.people.by_id(x_id).filter(|citizen| citizen.x_id == x_id);
    found.map_or_else(|| "unknown".to_owned(), |citizen| citizen.handle.clone())
}

/// The known accounts that a text names, with their places in code points.
fn mentions(world: &World, text: &str) -> Vec<Mention> {
    let chars: Vec<char> = text.chars().collect();
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for start in (0..chars.len()).filter(|&at| chars[at] == '@' && (at == 0 || !inside(chars[at - 1]))) {
        let end = (start + 1..chars.len()).find(|&at| !inside(chars[at])).unwrap_or(chars.len());
        let handle: String = chars[start + 1..end].iter().collect();
        let id = if handle.eq_ignore_ascii_case(&world.setup.x_username) {
            Some(world.setup.x_user_id.clone())
        } else {
            let citizen = world.people.by_handle(&handle);
            citizen.map(|citizen| citizen.x_id.clone())
        };
        if let Some(id) = id {
            found.push(Mention { start, end, id, handle });
        }
    }
    found
}

/// The post itself, or the newest post of that conversation.
fn last_post(world: &World, thread_or_post: &str) -> Option<String> {
    if let Some(thread) = world.threads.get(thread_or_post) {
        return world.in_thread(thread).next_back().map(|message| message.id.clone());
    }
    world.message(thread_or_post).filter(|message| message.feed == Feed::XMentions).map(|message| message.id.clone())
}

/// The newest post of the account that answers nobody; an old one is made when there is none.
fn post_of_ours(world: &mut World, at: i64) -> String {
    let us = &world.setup.x_user_id;
    let known = world.messages.iter().rev().find(|message| {
        message.feed == Feed::XMentions && &message.author_id == us && message.in_reply_to.is_none() && message.at <= at
    });
    if let Some(post) = known {
        return post.id.clone();
    }
    let at = at.min(world.opened) - HOUR;
    own_post(world, "Nieuws van de zone.", at, By::Old).message_id
}

/// A post by somebody else that names us. It is deleted at once, so that it is only ever a link between two posts.
fn beside_us(world: &mut World, target: Option<String>, text: &str, at: i64) -> String {
    let bystander = world.citizen("Iemand Anders");
    let new = NewPost {
        author_id: bystander.x_id,
        by: By::Citizen,
        text: text.to_owned(),
        at: at - SECOND,
        flags: Flags { deleted: true, ..Flags::default() },
        target,
        quotes: None,
        reposts: None,
    };
    write(world, new).message_id
}
