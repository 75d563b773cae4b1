//! What the service logs, as part of the story.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};

use super::world::{World, lock};

/// The log of one simulation.
pub struct Heard {
    pub log: Log,
    pub guard: DefaultGuard,
}

#[derive(Clone)]
pub struct Log(Arc<std::sync::Mutex<String>>);

impl Log {
    pub fn told(&self) -> String {
        lock(&self.0).clone()
    }
}

impl Heard {
    /// Listens on this thread.
    pub fn open(world: &Arc<World>) -> Self {
        let log = Log(Arc::default());
        let listener = Listener { world: Arc::clone(world), log: log.clone() };
        Self { log, guard: tracing::subscriber::set_default(listener) }
    }
}

struct Listener {
    world: Arc<World>,
    log: Log,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("formez101") && *metadata.level() <= tracing::Level::INFO
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = event.metadata().level();
        let line = format!("  {level} {}{}", line.sentence, line.fields);
        self.world.tell(&line);
        let at = self.world.now();
        let _ = writeln!(lock(&self.log.0), "{at} {line}");
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line {
    sentence: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.sentence = format!("{value:?}");
        } else {
            let _ = write!(self.fields, " {}={value:?}", field.name());
        }
    }
}
