//! The reply, and how it is found again: by what it answers, in the thread below it.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::{
    client::{MastodonAccount, PAGE},
    mention::{author_of, own_post, visibility_of_answer},
    wire::{self, Status},
};
use crate::{
    http::{Body, Failure},
    model::{LanguageChoice, Target},
    platform::{Posted, ReadBack, readable_items},
    text::links,
};

/// Our own statuses are read back for so many pages.
const MOST_PAGES: usize = 20;
/// What a server allows that does not say it (`platforms/mastodon.md` 1).
const CHARACTERS: usize = 500;
/// What a link counts there.
const LINK: usize = 23;

impl MastodonAccount {
    /// Answers a status, with its visibility, naming its author: a direct answer that names nobody reaches nobody.
    ///
    /// `Idempotency-Key` is sent and not relied upon: some servers ignore it, and none keeps it for long.
    pub(super) async fn reply(
        &self,
        target: &Target,
        text: &str,
        languages: &LanguageChoice,
    ) -> Result<Posted, Failure> {
        let asked = self.asked(target).await?;
        let name = asked.account.map(|account| account.acct).unwrap_or_default();
        let status = format!("@{name} {text}");
        if self.characters(&status).await? > self.limit().await? {
            return Err(Failure::Refused { code: "longer than this server allows".into() });
        }
        let message = target.message.expose();
        let mut body = json!({
            "status": status,
            "in_reply_to_id": message,
            "visibility": visibility_of_answer(asked.visibility.as_deref(), self.unlisted),
        });
        if let [language] = languages.as_slice() {
            body["language"] = language.code().into();
        }
        let call = self.request(Method::POST, "/api/v1/statuses", Some(Body::Json(body)));
        let posted: Status = self.call(call.with_header("Idempotency-Key", format!("formez101-{message}"))).await?;
        let id = posted.id.ok_or_else(|| Failure::unreadable(true))?;
        Ok(Posted { id, recipient: None })
    }

    /// The status to be answered as it stands now: who wrote it under which name, and who may see it. Neither is kept by us.
    async fn asked(&self, target: &Target) -> Result<Status, Failure> {
        let refused = |code: &str| Err(Failure::Refused { code: code.into() });
        let call = self.request(Method::GET, &format!("/api/v1/statuses/{}", segment(target.message.expose())?), None);
        let answer = self.line.send(call).await?;
        if matches!(answer.status, 404 | 410) {
            return refused("the post is gone");
        }
        let status: Status = self.line.read(&answer, false)?;
        let named = status.account.as_ref().is_some_and(|account| !account.acct.is_empty());
        if !named || author_of(&status) != target.author.as_ref().map(|author| author.expose().as_str()) {
            return refused("its author cannot be named");
        }
        Ok(status)
    }

    /// What our account wrote below a message: the thread is the server's own view, and never behind.
    pub(super) async fn below(&self, target: &Target, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let path = format!("/api/v1/statuses/{}/context", segment(target.message.expose())?);
        let answer = self.line.send(self.request(Method::GET, &path, None)).await?;
        if matches!(answer.status, 404 | 410) {
            // What was asked is gone; our answer stands among our own posts, if anywhere.
            return self.own_posts(since).await;
        }
        let context: wire::Context = self.line.read(&answer, false)?;
        let (statuses, complete) = readable_items::<Status>(context.descendants);
        // One that cannot be told apart may be ours.
        let complete = complete && statuses.iter().all(is_told);
        let posts = statuses.iter().filter_map(|status| own_post(me, status));
        let posts = posts.filter(|post| post.created_at >= since).collect();
        Ok(ReadBack { posts, complete })
    }

    /// What our account said to people since `since`.
    pub(super) async fn own_posts(&self, since: Timestamp) -> Result<ReadBack, Failure> {
        let me = self.me().await?;
        let path = format!("/api/v1/accounts/{}/statuses", segment(me)?);
        let (mut posts, mut end, mut complete) = (Vec::new(), None::<String>, true);
        for _ in 0..MOST_PAGES {
            let mut call = self.request(Method::GET, &path, None).with("limit", PAGE).with("exclude_reblogs", "true");
            if let Some(end) = &end {
                call = call.with("max_id", end.as_str());
            }
            let answer = self.line.send(call).await?;
            // A server that does not show them proves nothing by it, and is no reason to be deaf.
            if matches!(answer.status, 400 | 404 | 405 | 501) {
                return Ok(ReadBack { posts, complete: false });
            }
            let list: Vec<serde_json::Value> = self.line.read(&answer, false)?;
            let (statuses, all) = readable_items::<Status>(list);
            complete &= all && statuses.iter().all(is_told);
            let written: Vec<Timestamp> =
                statuses.iter().filter_map(|status| wire::time(status.created_at.as_deref())).collect();
            posts.extend(
                statuses.iter().filter_map(|status| own_post(me, status)).filter(|post| post.created_at >= since),
            );
            // A pinned one may stand at the head, whatever its age.
            let reached = !written.is_empty() && written.iter().all(|at| *at < since);
            let oldest = statuses.last().and_then(|status| status.id.clone());
            if reached || oldest.is_none() || oldest == end {
                return Ok(ReadBack { posts, complete });
            }
            end = oldest;
        }
        Ok(ReadBack { posts, complete: false })
    }

    /// How long a status is: each link counts the same, whatever its length, and of a name only what stands before the server's.
    async fn characters(&self, status: &str) -> Result<usize, Failure> {
        let link = self.instance().await?.configuration.statuses.characters_reserved_per_url.unwrap_or(LINK);
        let schemed = |place: &std::ops::Range<usize>| status[place.clone()].contains("://");
        let links: Vec<_> = links(status).into_iter().filter(schemed).collect();
        let in_links: usize = links.iter().map(|place| status[place.clone()].chars().count()).sum();
        let server = status.split_whitespace().next().and_then(|name| name.get(1..)?.split_once('@'));
        let server = server.map_or(0, |(_, server)| server.chars().count() + 1);
        Ok((status.chars().count() + links.len() * link).saturating_sub(in_links + server))
    }

    async fn limit(&self) -> Result<usize, Failure> {
        Ok(self.instance().await?.configuration.statuses.max_characters.unwrap_or(CHARACTERS))
    }
}

/// Whether it is known which status it is, whose, and from when.
fn is_told(status: &Status) -> bool {
    status.id.is_some() && author_of(status).is_some() && wire::time(status.created_at.as_deref()).is_some()
}

/// An id as a part of an address. It is opaque, but never holds what would make another address of it.
fn segment(id: &str) -> Result<&str, Failure> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.~".contains(&byte));
    if plain && !id.starts_with('.') { Ok(id) } else { Err(Failure::Refused { code: "no id of a post".into() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_another_address() {
        for id in ["109", "01M8556E5BCRSHF5XAG5PAQQNQ", "01a20a5b-0000-7000-8000-000000000000"] {
            assert_eq!(segment(id).unwrap(), id);
        }
        for id in ["", "../accounts", "1/2", "1?x=1", "..", "1#2", "1%2f2"] {
            assert!(segment(id).is_err(), "{id}");
        }
    }
}
