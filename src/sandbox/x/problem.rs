//! The error bodies of the X API.

use serde_json::{Value, json};

use super::super::wire::Answer;

/// A refused call.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub title: String,
    pub detail: String,
    /// The last part of the `type` address; `None` is `about:blank`.
    pub kind: Option<String>,
    pub errors: Vec<Value>,
    /// The call itself was wrong, so that it is noted as a violation.
    pub violation: bool,
}

impl Problem {
    fn new(status: u16, title: &str, detail: &str, kind: Option<&str>) -> Self {
        Self {
            status,
            title: title.to_owned(),
            detail: detail.to_owned(),
            kind: kind.map(str::to_owned),
            errors: Vec::new(),
            violation: false,
        }
    }

    /// A wrong parameter or body: 400, which is the caller's fault.
    pub fn invalid(parameter: &str, value: &str, message: &str) -> Self {
        let mut problem = Self::invalid_quietly(parameter, value, message);
        problem.violation = true;
        problem
    }

    /// A refused parameter that a caller could not have known to be refused.
    pub fn invalid_quietly(parameter: &str, value: &str, message: &str) -> Self {
        let detail = "One or more parameters to your request was invalid.";
        let mut problem = Self::new(400, "Invalid Request", detail, Some("invalid-request"));
        problem.errors = vec![json!({"parameters": {parameter: [value]}, "message": message})];
        problem
    }

    /// A refusal in words, 403.
    pub fn forbidden(detail: &str) -> Self {
        Self::new(403, "Forbidden", detail, None)
    }

    /// A token that is missing, wrong or expired.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized", None)
    }

    /// A quota that is used up.
    pub fn too_many() -> Self {
        Self::new(429, "Too Many Requests", "Too Many Requests", None)
    }

    /// A path that does not exist.
    pub fn not_found() -> Self {
        let mut problem = Self::new(404, "Not Found", "Not Found", None);
        problem.violation = true;
        problem
    }

    /// Any problem at all, for planned faults.
    pub fn any(status: u16, title: Option<&str>, detail: Option<&str>, kind: Option<&str>) -> Self {
        Self::new(status, title.unwrap_or("Rehearsed Error"), detail.unwrap_or("An error of the rehearsal"), kind)
    }

    /// The answer that carries this problem.
    pub fn answer(&self, host: &str) -> Answer {
        let kind =
            self.kind.as_ref().map_or("about:blank".to_owned(), |kind| format!("https://{host}/2/problems/{kind}"));
        let mut body = json!({"title": self.title, "detail": self.detail, "type": kind});
        if self.kind.is_none() {
            body["status"] = json!(self.status);
        }
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        Answer::json(self.status, body)
    }
}

/// The entry in `errors` of a good answer for something that could not be found.
pub fn not_found_entry(host: &str, parameter: &str, value: &str, resource: &str) -> Value {
    json!({
        "resource_id": value, "resource_type": resource, "parameter": parameter, "value": value,
        "title": "Not Found Error", "detail": format!("Could not find {resource} with {parameter}: [{value}]."),
        "type": format!("https://{host}/2/problems/resource-not-found"),
    })
}
