//! Things that go wrong on purpose: what, for which calls, how often.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wire::{Answer, Call, Content, Outcome};
use super::world::World;

/// One planned misfortune.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Which calls it meets; every call when left out.
    #[serde(rename = "where", default)]
    pub on: Where,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many calls it meets before it is used up.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching calls are let through first.
    #[serde(default)]
    pub after: u32,
}

fn once() -> u32 {
    1
}

/// Which calls a fault meets; every given part must fit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// `facebook`, `x`, `bluesky` or `mastodon`.
    pub platform: Option<Platform>,
    /// `GET` or `POST`.
    pub method: Option<String>,
    /// A piece of the path or of the query.
    pub path_contains: Option<String>,
}

/// The platforms of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// The Graph API.
    #[serde(alias = "graph")]
    Facebook,
    /// The X API v2.
    X,
    /// A Bluesky network.
    Bluesky,
    /// A Mastodon server.
    Mastodon,
}

/// What can go wrong. `processed` says whether the platform did what was asked before things went wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection breaks before the platform took notice.
    ResetBefore,
    /// The platform does what was asked, then the connection breaks with no answer.
    ResetAfter,
    /// Nothing comes for `ms` milliseconds; then the answer if processed, else a broken connection.
    Timeout {
        /// Milliseconds of silence.
        ms: u64,
        /// Whether it was done all the same.
        #[serde(default)]
        processed: bool,
    },
    /// An HTTP status, with a JSON body or, when `html`, a page.
    Status {
        /// The HTTP status.
        status: u16,
        /// A page instead of JSON.
        #[serde(default)]
        html: bool,
        /// Whether it was done all the same.
        #[serde(default)]
        processed: bool,
        /// A JSON body instead of the usual one.
        #[serde(default)]
        body: Option<Value>,
    },
    /// A page of HTML with status 200, as a captive proxy sends it.
    Html {
        /// Whether it was done all the same.
        #[serde(default)]
        processed: bool,
    },
    /// Half of the true answer, under the length of the whole.
    Truncate,
    /// An error envelope of the platform: Graph `code`/`subcode`, or an X problem.
    Error {
        /// The Graph code.
        #[serde(default)]
        code: i64,
        /// The Graph subcode.
        #[serde(default)]
        subcode: Option<i64>,
        /// The Graph message, or the detail of an X problem.
        #[serde(default)]
        message: Option<String>,
        /// The HTTP status; 400 or 403 when left out.
        #[serde(default)]
        status: Option<u16>,
        /// The title of an X problem.
        #[serde(default)]
        title: Option<String>,
        /// The last part of an X problem's `type`; `about:blank` when left out.
        #[serde(default)]
        problem: Option<String>,
        /// Whether it was done all the same.
        #[serde(default)]
        processed: bool,
    },
    /// The quota of this kind of call is used up for so many seconds, and stays so until then.
    RateLimit {
        /// Seconds until the quota is back.
        #[serde(default = "two")]
        seconds: u32,
    },
    /// Usage headers show this percentage.
    Usage {
        /// The percentage to show.
        percent: u32,
    },
    /// A page without items that nevertheless has a next page.
    EmptyPage,
    /// Every item of the page comes twice.
    DuplicateItems,
    /// The items of the page come in the opposite order.
    Reorder,
    /// A good page that carries `errors` beside its data (X only).
    PartialErrors,
    /// The token is refused as expired.
    TokenExpired,
}

fn two() -> u32 {
    2
}

impl Fault {
    /// A fault that meets the next call of any kind, once.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self { on: Where::default(), kind, times: 1, after: 0 }
    }

    /// Restricts the fault to a platform, a method and a piece of the path.
    #[must_use]
    pub fn on(mut self, platform: Platform, method: &str, path_contains: &str) -> Self {
        self.on = Where {
            platform: Some(platform),
            method: Some(method.to_owned()),
            path_contains: (!path_contains.is_empty()).then(|| path_contains.to_owned()),
        };
        self
    }

    /// Sets how many calls the fault meets.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Sets how many matching calls are let through first.
    #[must_use]
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    fn meets(&self, platform: Platform, call: &Call, listing: bool) -> bool {
        let fits = |given: &Option<String>, test: &dyn Fn(&str) -> bool| given.as_deref().is_none_or(test);
        self.on.platform.is_none_or(|wanted| wanted == platform)
            && fits(&self.on.method, &|method| method.eq_ignore_ascii_case(&call.method))
            && fits(&self.on.path_contains, &|piece| call.shown().contains(piece))
            && (listing || !self.kind.needs_listing())
    }
}

impl FaultKind {
    /// True when the fault changes a page of results and so has no meaning for another call.
    fn needs_listing(&self) -> bool {
        matches!(self, Self::EmptyPage | Self::DuplicateItems | Self::Reorder | Self::PartialErrors)
    }

    /// True when the platform does what was asked although the caller is told otherwise, or is told it badly.
    #[must_use]
    pub fn processes(&self) -> bool {
        match self {
            Self::ResetBefore | Self::RateLimit { .. } | Self::TokenExpired => false,
            Self::Timeout { processed, .. }
            | Self::Status { processed, .. }
            | Self::Html { processed }
            | Self::Error { processed, .. } => *processed,
            _ => true,
        }
    }
}

/// Takes the first fault that meets this call, counting it down and forgetting it when used up.
pub fn take(faults: &mut Vec<Fault>, platform: Platform, call: &Call, listing: bool) -> Option<FaultKind> {
    let mut found = None;
    for (at, fault) in faults.iter_mut().enumerate() {
        if !fault.meets(platform, call, listing) {
            continue;
        }
        if fault.after > 0 {
            fault.after -= 1;
            continue;
        }
        fault.times = fault.times.saturating_sub(1);
        found = Some((at, fault.times == 0, fault.kind.clone()));
        break;
    }
    let (at, used_up, kind) = found?;
    if used_up {
        faults.remove(at);
    }
    Some(kind)
}

/// Lets the fault that meets a call come over its answer, and logs the call: for platforms whose pages are not changed.
pub fn around(
    world: &mut World,
    call: &Call,
    platform: Platform,
    process: fn(&mut World, &Call) -> Answer,
    spoil: fn(&FaultKind, Option<Answer>, i64) -> Outcome,
) -> Outcome {
    let planned = take(&mut world.faults, platform, call, false);
    let answer = match &planned {
        Some(kind) if !kind.processes() => None,
        _ => Some(process(world, call)),
    };
    let outcome = match planned {
        None => answer.map_or(Outcome::Reset, Outcome::Answer),
        Some(kind) => spoil(&kind, answer, world.now()),
    };
    let status = match &outcome {
        Outcome::Answer(answer) => answer.status,
        Outcome::Reset | Outcome::Hang { .. } => 0,
    };
    world.log(call, status);
    outcome
}

/// Changes a page of results as the fault says; answers that are not pages stay as they are.
pub fn spoil_page(kind: &FaultKind, answer: &mut Answer, platform: Platform, start: &str, next: &str) {
    let Some(document) = answer.document() else {
        return;
    };
    match kind {
        FaultKind::EmptyPage if platform == Platform::Facebook => {
            *document = json!({"data": [], "paging": {"cursors": {"before": start, "after": start}, "next": next}});
        }
        FaultKind::EmptyPage => {
            *document = json!({"meta": {"result_count": 0, "next_token": start}});
        }
        FaultKind::DuplicateItems => each_list(document, &|list| {
            *list = list.iter().flat_map(|item| [item.clone(), item.clone()]).collect();
        }),
        FaultKind::Reorder => each_list(document, &|list| list.reverse()),
        FaultKind::PartialErrors => {
            document["errors"] = json!([{
                "resource_id": "1", "resource_type": "tweet", "parameter": "referenced_tweets.id", "value": "1",
                "title": "Not Found Error", "detail": "Could not find tweet with referenced_tweets.id: [1].",
                "type": "https://api.twitter.com/2/problems/resource-not-found"
            }]);
        }
        _ => {}
    }
}

/// Applies a change to the items of a page and to the nested messages or comments of each item.
fn each_list(document: &mut Value, change: &dyn Fn(&mut Vec<Value>)) {
    let Some(items) = document.get_mut("data").and_then(Value::as_array_mut) else {
        return;
    };
    for item in items.iter_mut() {
        for nested in ["/messages/data", "/comments/data"] {
            if let Some(list) = item.pointer_mut(nested).and_then(Value::as_array_mut) {
                change(list);
            }
        }
    }
    change(items);
    let count = items.len();
    if let Some(shown) = document.pointer_mut("/meta/result_count") {
        *shown = json!(count);
    }
}

/// Cuts a JSON answer in half.
pub fn truncate(mut answer: Answer) -> Answer {
    if let Content::Json(value) = answer.body {
        answer.body = Content::Truncated(value);
    }
    answer
}
