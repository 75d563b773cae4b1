//! What every call meets while the account or the application is in trouble (`platforms/x.md` 5).

use serde_json::{Value, json};

use super::super::wire::Answer;
use super::settings::Trouble;

/// The refusal that belongs to a trouble; `None` when there is none.
pub fn refusal(trouble: Trouble, host: &str) -> Option<Answer> {
    let kind = |kind: &str| format!("https://{host}/2/problems/{kind}");
    let forbidden =
        |detail: &str| json!({"title": "Forbidden", "detail": detail, "type": "about:blank", "status": 403});
    let (status, body): (u16, Value) = match trouble {
        Trouble::None => return None,
        Trouble::CreditsDepleted => {
            let detail =
                "Your enrolled account [1949003093120876544] does not have any credits to fulfill this request.";
            // A number beyond what a double holds exactly, as it was seen.
            let account = 1_949_003_093_120_876_544_u64;
            let body =
                json!({"account_id": account, "title": "CreditsDepleted", "detail": detail, "type": kind("credits")});
            (402, body)
        }
        Trouble::UsageCapExceeded => {
            let body = json!({
                "title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap",
                "period": "Monthly", "scope": "Product", "type": kind("usage-capped"),
            });
            (429, body)
        }
        Trouble::ClientNotEnrolled => {
            let body = json!({
                "title": "Client Forbidden", "detail": "The application is attached to no project.",
                "type": kind("client-forbidden"), "reason": "client-not-enrolled",
                "required_enrollment": "Appropriate Level of API Access",
                "registration_url": "https://developer.x.com/en/docs/projects/overview",
            });
            (403, body)
        }
        Trouble::SpendCap => (403, forbidden("Your spend cap has been reached.")),
        Trouble::FeatureNotPermitted => (403, forbidden("Your account is not permitted to access this feature")),
        Trouble::Suspended => {
            (403, forbidden("Your account is suspended and is not permitted to access this feature."))
        }
    };
    Some(Answer::json(status, body))
}
