//! `formez101 demo`: the main job on one machine. The sandbox plays the platforms over real HTTP, a dozen
//! citizens write, the service answers, and everything is told as it happens.

mod cast;
mod rehearsal;
mod timeline;

use std::{io::BufRead as _, sync::Arc, time::Duration};

use anyhow::Context as _;

use super::{Exit, options::Demo};
use cast::{Due, Scene};
use rehearsal::Rehearsal;
use timeline::Timeline;

/// A scene is written so long after the one before it.
const BETWEEN_SCENES: Duration = Duration::from_millis(150);
/// Everything that is due is there by then, or the demo has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the demo looks whether all is done.
const LOOK: Duration = Duration::from_millis(50);

/// Plays the demo; [`Exit::Well`] only if every citizen got what was due.
pub async fn demo(options: Demo) -> Exit {
    match play(&options).await {
        Ok(true) => Exit::Well,
        Ok(false) => Exit::NotAsDue,
        Err(error) => {
            eprintln!("formez101: the demo cannot be played: {error:#}");
            Exit::Unavailable
        }
    }
}

async fn play(options: &Demo) -> anyhow::Result<bool> {
    let timeline = Arc::new(Timeline::default());
    let rehearsal = Rehearsal::start(Arc::clone(&timeline)).await?;
    let zone = &rehearsal.zone;
    println!("formez101 demo: the zone \"{}\" on the sandbox at {}", rehearsal.zone_name(), rehearsal.address);
    println!("Real HTTP through the real adapters; ledger in {}\n", rehearsal.ledger.display());
    let scenes = cast::scenes();
    cast::before_the_curtain(&rehearsal.sandbox)?;
    let running = rehearsal.service.start();
    rehearsal.until_listening(&running, PATIENCE).await.context("the feeds are not read")?;
    for scene in &scenes {
        if scene.after_all_others {
            rehearsal
                .until(PATIENCE, || timeline.told() >= scenes.iter().filter(|scene| !scene.after_all_others).count())
                .await;
        }
        let said = rehearsal.sandbox.say(scene.say()).map_err(anyhow::Error::msg)?;
        timeline.writes(scene, &said.message_id, rehearsal.sandbox.clone());
        rehearsal.clock.sleep(BETWEEN_SCENES).await;
    }
    rehearsal.until(PATIENCE, || timeline.told() >= scenes.len()).await;
    let verdict = summary(&rehearsal, &timeline, &scenes).await?;
    if options.keep {
        println!(
            "\nGoing on. Type: FEED NAME: TEXT, such as: facebook.inbox Jan: Er wordt gevochten (end with Ctrl-D)"
        );
        improvise(&rehearsal, &timeline, zone.id.as_str()).await;
    }
    running.stop().await;
    Ok(verdict)
}

/// Says for each citizen whether it got what was due.
async fn summary(rehearsal: &Rehearsal, timeline: &Timeline, scenes: &[Scene]) -> anyhow::Result<bool> {
    let figures = rehearsal.service.store.figures().await?;
    let mut wrong = timeline.wrong();
    wrong.extend(
        rehearsal
            .sandbox
            .violations()
            .into_iter()
            .map(|violation| format!("against the platform's rules: {violation}")),
    );
    if figures.open > 0 {
        wrong.push(format!("{} messages have not ended", figures.open));
    }
    let answered = scenes.iter().filter(|scene| matches!(scene.due, Due::Reply(_))).count();
    println!("\n{} messages: {answered} to answer, {} to leave alone", scenes.len(), scenes.len() - answered);
    println!(
        "{} replies posted, the slowest {:.1} s after it was written",
        timeline.posted(),
        timeline.slowest().as_secs_f64()
    );
    for count in figures.outcomes.iter().filter(|count| count.outcome == "silent" && count.reason != "baseline") {
        println!("  silent on {}: {} × {}", count.feed, count.total, count.reason);
    }
    for wrong in &wrong {
        println!("WRONG: {wrong}");
    }
    println!(
        "{}",
        if wrong.is_empty() { "Every citizen got what was due." } else { "Not every citizen got what was due." }
    );
    Ok(wrong.is_empty())
}

/// Lets the person at the keyboard play citizens.
async fn improvise(rehearsal: &Rehearsal, timeline: &Timeline, zone: &str) {
    let (lines, mut typed) = tokio::sync::mpsc::channel::<String>(16);
    // Reading a terminal blocks; the thread ends with the terminal or the process.
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).try_for_each(|line| lines.blocking_send(line))
    });
    loop {
        let line = tokio::select! {
            line = typed.recv() => line,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(line) = line else { return };
        match Scene::typed(&line) {
            None => {
                let feeds: Vec<&str> = rehearsal.zone.feeds.keys().map(|feed| feed.name()).collect();
                println!("{zone}: FEED is one of {}; then NAME: TEXT", feeds.join(", "));
            }
            Some(scene) => match rehearsal.sandbox.say(scene.say()) {
                Ok(said) => timeline.writes(&scene, &said.message_id, rehearsal.sandbox.clone()),
                Err(error) => println!("{error}"),
            },
        }
    }
}
