//! An email-security submission: mail that someone asked to be reclassified. Every member may be missing or null.

use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A submission, as the API wrote it.
///
/// ```
/// let row = serde_json::json!({"submission_id": "a-1", "requested_ts": "2026-11-01T00:00:00Z", "outcome": null});
/// let submission = botform::model::Submission::read(row).ok_or("no object")?;
/// assert_eq!(submission.requested_at(), Some("2026-11-01T00:00:00Z"));
/// assert_eq!(submission.outcome(), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Submission(Map<String, Json>);

impl Submission {
    /// Reads a row of the list; only an object is one.
    #[must_use]
    pub fn read(row: Json) -> Option<Self> {
        match row {
            Json::Object(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// All members, as the API named and wrote them.
    #[must_use]
    pub fn members(&self) -> &Map<String, Json> {
        &self.0
    }

    /// A member that is a text and not empty.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// The id.
    #[must_use]
    pub fn submission_id(&self) -> Option<&str> {
        self.text("submission_id")
    }

    /// When it was asked for; the deprecated `requested_ts` is used where there is no other.
    #[must_use]
    pub fn requested_at(&self) -> Option<&str> {
        self.text("requested_at").or_else(|| self.text("requested_ts"))
    }

    /// When it was asked for, as an instant.
    #[must_use]
    pub fn requested_instant(&self) -> Option<jiff::Timestamp> {
        self.requested_at()?.parse().ok()
    }

    /// Who asked: `Team` or `User`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.text("type")
    }

    /// The review state: `escalated`, `reviewed` or `unreviewed`.
    #[must_use]
    pub fn customer_status(&self) -> Option<&str> {
        self.text("customer_status")
    }

    /// Whether nobody has reviewed it yet.
    #[must_use]
    pub fn is_unreviewed(&self) -> bool {
        self.customer_status().is_some_and(|status| status.eq_ignore_ascii_case("unreviewed"))
    }

    /// The members that are shown: all but the deprecated `requested_ts` where `requested_at` is there.
    #[must_use]
    pub fn shown(&self) -> Map<String, Json> {
        let mut members = self.0.clone();
        if self.text("requested_at").is_some() {
            members.remove("requested_ts");
        }
        members
    }

    /// How far Cloudflare is with it.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.text("status")
    }

    /// The subject of the mail.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.text("subject")
    }

    /// The person who asked.
    #[must_use]
    pub fn requested_by(&self) -> Option<&str> {
        self.text("requested_by")
    }

    /// The disposition before.
    #[must_use]
    pub fn original_disposition(&self) -> Option<&str> {
        self.text("original_disposition")
    }

    /// The disposition that was asked for.
    #[must_use]
    pub fn requested_disposition(&self) -> Option<&str> {
        self.text("requested_disposition")
    }

    /// The disposition after.
    #[must_use]
    pub fn outcome_disposition(&self) -> Option<&str> {
        self.text("outcome_disposition")
    }

    /// What came of it.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        self.text("outcome")
    }

    /// The disposition it was escalated as.
    #[must_use]
    pub fn escalated_as(&self) -> Option<&str> {
        self.text("escalated_as")
    }

    /// When it was escalated.
    #[must_use]
    pub fn escalated_at(&self) -> Option<&str> {
        self.text("escalated_at")
    }

    /// Who escalated it.
    #[must_use]
    pub fn escalated_by(&self) -> Option<&str> {
        self.text("escalated_by")
    }

    /// The submission it was escalated to.
    #[must_use]
    pub fn escalated_submission_id(&self) -> Option<&str> {
        self.text("escalated_submission_id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_member_may_be_missing_null_or_odd() {
        let row = json!({"submission_id": 7, "requested_at": null, "requested_ts": "soon", "subject": ""});
        let odd = Submission::read(row).unwrap();
        assert_eq!((odd.submission_id(), odd.subject()), (None, None));
        assert_eq!((odd.requested_at(), odd.requested_instant()), (Some("soon"), None));
        assert_eq!(Submission::read(json!([])), None);
    }

    #[test]
    fn requested_at_goes_before_the_deprecated_member() {
        let row = json!({"requested_at": "2026-11-01T00:00:00Z", "requested_ts": "2020-01-01T00:00:00Z"});
        assert_eq!(Submission::read(row).unwrap().requested_at(), Some("2026-11-01T00:00:00Z"));
    }
}
