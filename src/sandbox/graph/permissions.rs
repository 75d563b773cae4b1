//! Which permissions a call needs, by the table of the fact sheet (`platforms/meta.md` 2).

use super::super::wire::Call;
use super::super::world::World;
use super::error::GraphError;
use super::quota::{self, Pool};
use super::token::{self, Caller};

/// Refuses a call for which the token lacks a permission.
pub fn check(world: &World, call: &Call, caller: Caller) -> Result<(), GraphError> {
    if !matches!(caller, Caller::Page | Caller::Instagram) {
        return Ok(());
    }
    let Some(grant) = token::given(call).and_then(|token| world.grant(&token)) else {
        return Ok(());
    };
    let now = world.now();
    match needed(world, call, caller).iter().find(|scope| !grant.may(scope, now)) {
        None => Ok(()),
        Some(missing) => {
            Err(GraphError::new(200, format!("(#200) Requires {missing} permission to manage the object")))
        }
    }
}

fn needed(world: &World, call: &Call, caller: Caller) -> &'static [&'static str] {
    let edge = call.segments.get(2).map(String::as_str);
    let pool = quota::pool_of(world, call);
    match (caller, pool) {
        (Caller::Instagram, Pool::Messenger) => &["instagram_business_basic", "instagram_business_manage_messages"],
        (Caller::Instagram, _) if matches!(edge, Some("comments" | "replies" | "tags")) => {
            &["instagram_business_basic", "instagram_business_manage_comments"]
        }
        (Caller::Instagram, _) => &["instagram_business_basic"],
        (_, Pool::Messenger) if quota::on_instagram(world, call) => {
            &["instagram_basic", "instagram_manage_messages", "pages_manage_metadata"]
        }
        (_, Pool::Messenger) => &["pages_messaging"],
        (_, Pool::Instagram) if edge.is_some_and(|edge| edge != "media") => {
            &["instagram_basic", "instagram_manage_comments", "pages_read_engagement"]
        }
        (_, Pool::Instagram) => &["instagram_basic", "pages_read_engagement"],
        _ => match (call.method.as_str(), edge) {
            ("GET", Some("tagged")) => &["pages_read_user_content", "pages_show_list"],
            ("GET", Some("feed" | "visitor_posts" | "comments")) => {
                &["pages_read_engagement", "pages_read_user_content"]
            }
            ("GET", Some("posts" | "published_posts")) => &["pages_read_engagement"],
            ("POST", Some("comments")) => &["pages_manage_engagement"],
            _ => &[],
        },
    }
}
