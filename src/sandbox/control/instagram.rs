//! People on Instagram: direct messages, comments below media of the zone, media that tag it, answers by hand.

use super::super::time::HOUR;
use super::super::world::{By, Citizen, Draft, Feed, World};
use super::{Flags, Said, Say, said};

/// A direct message to the zone.
pub fn message(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    let own = thread_of(&citizen.igsid);
    if say.thread.as_deref().is_some_and(|thread| thread != own) {
        return Err(format!("{} writes in his own thread, {own}", citizen.name));
    }
    world.open_thread(&own, Feed::InstagramInbox, &citizen.igsid, say.flags.folder.as_deref());
    let id = message_id(world);
    Ok(said(
        world,
        Draft {
            id,
            feed: Feed::InstagramInbox,
            thread_id: own,
            author_id: citizen.igsid.clone(),
            by: By::Citizen,
            text: say.text,
            at,
            in_reply_to: None,
            flags: say.flags,
        },
    ))
}

/// A comment below a medium or another comment; without a thread, below the newest medium of the zone.
pub fn comment(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    let target = match say.thread {
        Some(thread) => thread,
        None => newest_of_ours(world, at),
    };
    below(world, &target, &citizen.igsid, By::Citizen, say.text, at, say.flags)
}

/// A medium of a citizen that tags the zone.
pub fn tag(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    if say.thread.is_some() {
        return Err("a medium opens a thread of its own".to_owned());
    }
    Ok(write_media(world, Feed::InstagramMentions, &citizen.igsid, By::Citizen, say.text, at, say.flags))
}

/// A medium that the zone publishes.
pub fn own_media(world: &mut World, by: By, text: String, at: i64) -> Said {
    let us = world.setup.instagram_id.clone();
    write_media(world, Feed::InstagramComments, &us, by, text, at, Flags::default())
}

/// A direct message of the zone.
pub fn from_account(world: &mut World, thread_id: &str, target: Option<String>, text: &str, at: i64, by: By) -> Said {
    let target = target.or_else(|| world.last_of_citizen(thread_id).map(|message| message.id.clone()));
    let draft = Draft {
        id: message_id(world),
        feed: Feed::InstagramInbox,
        thread_id: thread_id.to_owned(),
        author_id: world.setup.instagram_id.clone(),
        by,
        text: text.to_owned(),
        at,
        in_reply_to: target,
        flags: Flags::default(),
    };
    said(world, draft)
}

/// The one private message in answer to a public comment or post; it opens or continues the author's conversation.
pub fn privately(world: &mut World, to: &Citizen, target: &str, text: &str, at: i64, by: By) -> Said {
    let thread_id = thread_of(&to.igsid);
    world.open_thread(&thread_id, Feed::InstagramInbox, &to.igsid, None);
    if let Some(message) = world.message_mut(target) {
        message.privately_answered = true;
    }
    from_account(world, &thread_id, Some(target.to_owned()), text, at, by)
}

/// A comment of anybody below a medium or a comment.
pub fn below(
    world: &mut World,
    target: &str,
    author_id: &str,
    by: By,
    text: String,
    at: i64,
    flags: Flags,
) -> Result<Said, String> {
    let parent = world.message(target).filter(|message| message.is_media() || message.is_media_comment());
    let thread_id = parent.ok_or("no such medium or comment")?.thread_id.clone();
    let id = (17_900_000_000_000_000 + world.serial() * 7_001).to_string();
    let draft = Draft {
        id,
        feed: Feed::InstagramComments,
        thread_id,
        author_id: author_id.to_owned(),
        by,
        text,
        at,
        in_reply_to: Some(target.to_owned()),
        flags,
    };
    Ok(said(world, draft))
}

/// The id of the thread between the zone and this person.
pub fn thread_of(igsid: &str) -> String {
    format!("aWdfZAG06MTpJR01lc3NhZA2VUaHJlYWQ6{igsid}ZD")
}

/// The newest medium of the zone; an old one is made when there is none.
fn newest_of_ours(world: &mut World, at: i64) -> String {
    let us = &world.setup.instagram_id;
    let newest = world.messages.iter().rev().find(|message| message.is_media() && &message.author_id == us);
    if let Some(medium) = newest {
        return medium.id.clone();
    }
    let at = at.min(world.opened) - HOUR;
    own_media(world, By::Old, "Nieuws van de zone.".to_owned(), at).message_id
}

fn write_media(world: &mut World, feed: Feed, author_id: &str, by: By, text: String, at: i64, flags: Flags) -> Said {
    let id = (18_000_000_000_000_000 + world.serial() * 9_001).to_string();
    world.open_thread(&id, feed, author_id, None);
    let draft = Draft {
        thread_id: id.clone(),
        id,
        feed,
        author_id: author_id.to_owned(),
        by,
        text,
        at,
        in_reply_to: None,
        flags,
    };
    said(world, draft)
}

/// A long opaque id; ids of this kind carry characters that a path must take as they are.
fn message_id(world: &mut World) -> String {
    let serial = world.serial();
    format!(
        "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3OD-{:011x}_{serial:06x}ZD=",
        serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20
    )
}
