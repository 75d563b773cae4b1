//! Under a muted post, such as a condolence, nothing is posted.

use crate::{judge::Case, model::Silence};

pub fn check(case: &Case<'_>) -> Option<Silence> {
    let settings = case.zone.feeds.get(&case.message.feed)?;
    let message = case.message;
    let places = [Some(&message.thread), Some(&message.id), message.post.as_ref()];
    let stands_in = |post: &String| places.iter().flatten().any(|id| id.expose() == post);
    settings.muted_posts.iter().any(stands_in).then_some(Silence::MutedPost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{judge::rules::case::Given, model::Feed};

    #[test]
    fn only_the_muted_post_stays_quiet() {
        Given::default().on(Feed::XMentions).in_thread("900").muted("900").expect(check, Some(Silence::MutedPost));
        Given::default().on(Feed::XMentions).in_thread("901").muted("900").expect(check, None);
        let comment = Given::default().on(Feed::FacebookComments).in_thread("900_1").under_post("900");
        comment.clone().muted("900").expect(check, Some(Silence::MutedPost));
        comment.muted("901").expect(check, None);
    }
}
