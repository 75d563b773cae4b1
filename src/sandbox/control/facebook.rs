//! People on Facebook: messages to the Page, posts that tag it, comments below posts, answers by hand.

use super::super::time::HOUR;
use super::super::world::{By, Citizen, Draft, Feed, World};
use super::{Flags, Said, Say, said};

/// A message to the Page.
pub fn message(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    let own = thread_of(&citizen.psid);
    if say.thread.as_deref().is_some_and(|thread| thread != own) {
        return Err(format!("{} writes in his own thread, {own}", citizen.name));
    }
    world.open_thread(&own, Feed::FacebookInbox, &citizen.psid, say.flags.folder.as_deref());
    let id = message_id(world);
    Ok(said(
        world,
        Draft {
            id,
            feed: Feed::FacebookInbox,
            thread_id: own,
            author_id: citizen.psid.clone(),
            by: By::Citizen,
            text: say.text,
            at,
            in_reply_to: None,
            flags: say.flags,
        },
    ))
}

/// A post that tags the Page.
pub fn post(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    if say.thread.is_some() {
        return Err("a post opens a thread of its own; write below it with facebook.comments".to_owned());
    }
    let author = world.facebook_author(citizen);
    Ok(write_post(world, &author, By::Citizen, say.text, at, say.flags))
}

/// A comment below a post or below another comment; without a thread, below the newest post of the Page.
/// With the flag for it, a post of a visitor on the Page.
pub fn comment(world: &mut World, citizen: &Citizen, say: Say, at: i64) -> Result<Said, String> {
    if say.flags.visitor_post {
        return post(world, citizen, say, at);
    }
    let target = match say.thread {
        Some(thread) => thread,
        None => own_post(world, at),
    };
    let author = world.facebook_author(citizen);
    below(world, &target, &author, By::Citizen, say.text, at, say.flags)
}

/// A message of the Page in a thread.
pub fn from_page(world: &mut World, thread_id: &str, target: Option<String>, text: &str, at: i64, by: By) -> Said {
    let target = target.or_else(|| world.last_of_citizen(thread_id).map(|message| message.id.clone()));
    let id = message_id(world);
    let author_id = world.setup.page_id.clone();
    let draft = Draft {
        id,
        feed: Feed::FacebookInbox,
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

/// The one private message in answer to a public comment or post; it opens or continues the author's conversation.
pub fn privately(world: &mut World, to: &Citizen, target: &str, text: &str, at: i64, by: By) -> Said {
    let thread_id = thread_of(&to.psid);
    world.open_thread(&thread_id, Feed::FacebookInbox, &to.psid, None);
    if let Some(message) = world.message_mut(target) {
        message.privately_answered = true;
    }
    from_page(world, &thread_id, Some(target.to_owned()), text, at, by)
}

/// A comment of anybody below a post or a comment.
pub fn below(
    world: &mut World,
    target: &str,
    author_id: &str,
    by: By,
    text: String,
    at: i64,
    flags: Flags,
) -> Result<Said, String> {
    let parent = world.message(target).filter(|message| message.is_post() || message.is_comment());
    let thread_id = parent.ok_or("no such post or comment")?.thread_id.clone();
    let post_number = thread_id.split_once('_').map_or(thread_id.as_str(), |(_, number)| number).to_owned();
    let id = format!("{post_number}_{}", 2_966_313_500_000_000 + world.serial());
    let draft = Draft {
        id,
        feed: Feed::FacebookComments,
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

/// The id of the thread between the Page and this person.
pub fn thread_of(psid: &str) -> String {
    format!("t_{psid}7")
}

/// The newest post of the Page; an old one is made when there is none.
fn own_post(world: &mut World, at: i64) -> String {
    let page = world.setup.page_id.clone();
    let newest = world.messages.iter().rev().find(|message| message.is_post() && message.author_id == page);
    if let Some(post) = newest {
        return post.id.clone();
    }
    let at = at.min(world.opened) - HOUR;
    write_post(world, &page, By::Old, "Nieuws van de zone.".to_owned(), at, Flags::default()).message_id
}

/// A post of anybody: on the Page by the Page or a visitor, elsewhere by anybody else.
pub fn write_post(world: &mut World, author_id: &str, by: By, text: String, at: i64, flags: Flags) -> Said {
    let serial = world.serial();
    // The first half of a person's post id is not the id by which the Page may write to him.
    let on_page = flags.visitor_post || world.is_us(author_id);
    let owner = if on_page { world.setup.page_id.clone() } else { (940_000_000_000_000 + serial).to_string() };
    let id = format!("{owner}_{}", 122_000_000_000_000 + serial);
    let feed = if flags.visitor_post { Feed::FacebookComments } else { Feed::FacebookMentions };
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

fn message_id(world: &mut World) -> String {
    let serial = world.serial();
    format!("m_ToF35jI-{:011x}_{serial:06x}q", serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20)
}
