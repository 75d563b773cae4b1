//! Tells the demo as it happens: who wrote, what was decided and why, what was posted, after how long.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::cast::{Due, Scene};
use crate::{
    model::{self, Decision, LanguageChoice, Message, Outcome, Target},
    sandbox::{By, Reply, Sandbox},
    service::Observer,
};

/// The story so far.
#[derive(Default)]
pub struct Timeline(Mutex<Story>);

#[derive(Default)]
struct Story {
    told: HashMap<String, Told>,
    /// What was decided before the stage manager had told who wrote it.
    early: HashMap<String, Ending>,
}

struct Told {
    scene: Scene,
    sandbox: Sandbox,
    ending: Option<Ending>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ending {
    /// A reply is on its way, in these languages.
    Intended(LanguageChoice),
    /// It stands on the platform.
    Posted(LanguageChoice),
    Other(Outcome),
}

impl Timeline {
    /// A citizen has written.
    pub fn writes(&self, scene: &Scene, message: &str, sandbox: Sandbox) {
        let mut story = self.lock();
        println!("{:<18} {} writes: {}", feed_name(scene), scene.who, scene.text);
        let ending = story.early.remove(message);
        story.told.insert(message.to_owned(), Told { scene: scene.clone(), sandbox, ending });
    }

    /// How many messages have ended.
    pub fn told(&self) -> usize {
        self.lock().told.values().filter(|told| !matches!(told.ending, None | Some(Ending::Intended(_)))).count()
    }

    /// How many replies stand on the platforms.
    pub fn posted(&self) -> usize {
        self.lock().told.iter().map(|(message, told)| replies(message, told).len()).sum()
    }

    /// The longest time between a message and its reply.
    pub fn slowest(&self) -> Duration {
        let story = self.lock();
        let times = story.told.iter().flat_map(|(message, told)| waited(message, told));
        times.max().unwrap_or_default()
    }

    /// Everything that did not come as it was due.
    pub fn wrong(&self) -> Vec<String> {
        let story = self.lock();
        let mut wrong = Vec::new();
        for (message, told) in &story.told {
            let (who, posted) = (&told.scene.who, replies(message, told).len());
            let as_due = match (told.scene.due, &told.ending) {
                (Due::Anything, _) => true,
                (Due::Reply(language), Some(Ending::Posted(languages))) => {
                    posted == 1 && languages.as_slice() == [language]
                }
                (Due::Silence(silence), Some(Ending::Other(outcome))) => {
                    posted == 0 && *outcome == Outcome::Silent(silence)
                }
                _ => false,
            };
            if !as_due {
                wrong.push(format!(
                    "{who} was due {:?}, got {posted} replies, ended as {:?}",
                    told.scene.due, told.ending
                ));
            }
        }
        wrong
    }

    fn lock(&self) -> MutexGuard<'_, Story> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends(&self, message: &str, ending: Ending) {
        let mut story = self.lock();
        match story.told.get_mut(message) {
            Some(told) => told.ending = Some(ending),
            None => drop(story.early.insert(message.to_owned(), ending)),
        }
    }
}

impl Observer for Timeline {
    fn decided(&self, message: &Message, decision: &Decision) {
        let id = message.id.expose();
        let who = self.lock().told.get(id).map(|told| told.scene.who.clone());
        let who = who.as_deref().unwrap_or("someone from before");
        match decision {
            Decision::Reply(model::Due { answer, .. }) | Decision::Hold(model::Due { answer, .. }) => {
                println!("{:<18}   -> answer {who} in {}", message.feed.name(), answer.languages);
                self.ends(id, Ending::Intended(answer.languages.clone()));
            }
            Decision::Silence(silence) => {
                println!("{:<18}   -> silent to {who}: {}", message.feed.name(), silence.words());
                self.ends(id, Ending::Other(Outcome::Silent(*silence)));
            }
        }
    }

    fn ended(&self, target: &Target, outcome: Outcome) {
        let id = target.message.expose();
        let ending = {
            let story = self.lock();
            let told = story.told.get(id);
            let languages = match told.and_then(|told| told.ending.clone()).or_else(|| story.early.get(id).cloned()) {
                Some(Ending::Intended(languages)) => Some(languages),
                _ => None,
            };
            match (outcome, languages) {
                (Outcome::Sent, Some(languages)) => {
                    if let Some((told, reply)) = told.and_then(|told| Some((told, replies(id, told).pop()?))) {
                        let after = waited(id, told).last().map_or(0.0, Duration::as_secs_f64);
                        println!(
                            "{:<18}   == {} got after {after:.1} s: {}",
                            target.feed.name(),
                            told.scene.who,
                            reply.text.replace('\n', " / ")
                        );
                    }
                    Ending::Posted(languages)
                }
                (outcome, _) => {
                    println!("{:<18}   == ended as {outcome}", target.feed.name());
                    Ending::Other(outcome)
                }
            }
        };
        self.ends(id, ending);
    }
}

fn replies(message: &str, told: &Told) -> Vec<Reply> {
    told.sandbox.replies_to(message).into_iter().filter(|reply| reply.by == By::Service).collect()
}

/// The times between a message and its replies.
fn waited(message: &str, told: &Told) -> Vec<Duration> {
    let Some(written) = told.sandbox.all_messages().into_iter().find(|one| one.id == message).map(|one| one.received)
    else {
        return Vec::new();
    };
    let milliseconds = |reply: &Reply| u64::try_from(reply.at - written).unwrap_or(0);
    replies(message, told).iter().map(|reply| Duration::from_millis(milliseconds(reply))).collect()
}

fn feed_name(scene: &Scene) -> String {
    serde_json::to_value(scene.feed).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
