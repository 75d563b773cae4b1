//! What a post must be, or the server does not take it.

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::time;
use super::repo;

/// Says what is wrong with a post and its key.
pub fn check(key: &str, post: &Value) -> Result<(), String> {
    if !repo::is_time_key(key) {
        return Err(format!("Invalid record key for app.bsky.feed.post: {key} is no TID"));
    }
    let text = post["text"].as_str().ok_or("Record must have the property text")?;
    let graphemes = text.graphemes(true).count();
    if graphemes > 300 {
        return Err(format!("grapheme too big (maximum 300, got {graphemes}) at $.record.text"));
    }
    if text.len() > 3000 {
        return Err(format!("string too big (maximum 3000, got {}) at $.record.text", text.len()));
    }
    post["createdAt"].as_str().and_then(time::rfc3339).ok_or("createdAt must be a time")?;
    if post["langs"].as_array().is_some_and(|langs| langs.len() > 3) {
        return Err("langs has more than 3 items".to_owned());
    }
    if !post["reply"].is_null() {
        for place in ["root", "parent"] {
            let part = |name: &str| post["reply"][place][name].as_str().unwrap_or_default();
            if !part("uri").starts_with("at://") || part("cid").is_empty() {
                return Err(format!("reply.{place} is no strong reference"));
            }
        }
    }
    for facet in post["facets"].as_array().into_iter().flatten() {
        let place = |name: &str| facet["index"][name].as_u64().and_then(|at| usize::try_from(at).ok());
        let fits = place("byteStart").zip(place("byteEnd"));
        if !fits.is_some_and(|(start, end)| start < end && text.get(start..end).is_some()) {
            return Err("a facet lies outside its text".to_owned());
        }
    }
    Ok(())
}

/// The accounts that a post names.
pub fn named(post: &Value) -> Vec<String> {
    let facets = post["facets"].as_array().into_iter().flatten();
    let features = facets.flat_map(|facet| facet["features"].as_array().into_iter().flatten());
    features
        .filter(|feature| feature["$type"] == "app.bsky.richtext.facet#mention")
        .filter_map(|feature| feature["did"].as_str().map(str::to_owned))
        .collect()
}
