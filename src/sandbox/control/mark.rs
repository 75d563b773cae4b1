//! What a rehearsal may change in something that was written: hide it, delete it, close it, file it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::world::World;

/// A change of the circumstances of a message, post, comment or medium.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mark {
    /// Its id.
    pub id: String,
    /// The zone hid the comment.
    pub hidden: Option<bool>,
    /// Its private reply was given.
    pub privately_answered: Option<bool>,
    /// Flags as `say` takes them; those that are not named stay as they are.
    pub flags: Map<String, Value>,
}

/// Changes what was written.
pub fn mark(world: &mut World, mark: &Mark) -> Result<(), String> {
    let message = world.message_mut(&mark.id).ok_or("no such message")?;
    let mut flags = serde_json::to_value(&message.flags).map_err(|error| error.to_string())?;
    for (name, value) in &mark.flags {
        flags[name] = value.clone();
    }
    message.flags = serde_json::from_value(flags).map_err(|error| error.to_string())?;
    message.hidden = mark.hidden.unwrap_or(message.hidden);
    message.privately_answered = mark.privately_answered.unwrap_or(message.privately_answered);
    let (thread, folder) = (message.thread_id.clone(), message.flags.folder.clone());
    if let (true, Some(folder), Some(thread)) =
        (mark.flags.contains_key("folder"), folder, world.threads.get_mut(&thread))
    {
        thread.folder = folder;
    }
    Ok(())
}
