//! The outcome of one PUT, as a GET shows it, whatever the PUT answered.

use crate::api::{ApiError, Refusal};
use crate::catalogue::Value;
use crate::diff::{Row, moved, outcome_of, verify};
use crate::model::{Diagnostic, DiagnosticKind, Finding, FindingKind, Live, LiveValue, Outcome, ZoneOutcome};
use crate::plan::ZonePlan;
use std::time::Duration;
use tokio::time::Instant;

/// A zone as it was read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) live: Live,
    pub(super) at: Instant,
}

impl Read {
    pub(super) fn now(live: Live) -> Self {
        Self { live, at: Instant::now() }
    }
}

/// How a write ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) outcome: ZoneOutcome,
    /// What the last GET showed; `None` if none could.
    pub(super) now: Option<Read>,
    /// Whether a PUT was sent.
    pub(super) is_sent: bool,
}

impl End {
    pub(super) fn unsent(outcome: ZoneOutcome) -> Self {
        Self { outcome, now: None, is_sent: false }
    }

    pub(super) fn sent(outcome: ZoneOutcome, now: Option<Read>) -> Self {
        Self { outcome, now, is_sent: true }
    }
}

/// What follows from a PUT and the GET after it.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The zone has its outcome.
    Done(ZoneOutcome),
    /// The PUT failed and was not taken: it may be sent again. The outcome is the one it has if it is not.
    Again(ZoneOutcome),
}

/// Judges a PUT by its read-back; `seen` is `None` if the run was stopped before that.
pub(super) fn settle(
    zone: &ZonePlan,
    before: &Live,
    put: Result<(), ApiError>,
    seen: Option<Result<Live, ApiError>>,
) -> Verdict {
    let lost = match (put, seen) {
        (Ok(()), Some(Ok(now))) => return Verdict::Done(judge(zone, before, &now)),
        (Err(error), Some(Ok(now))) => return settle_failed(zone, before, &error, &now),
        (Err(error), _) if !error.was_sent() => return Verdict::Done(unread(&error)),
        (put, seen) => (put.err(), seen.and_then(Result::err)),
    };
    Verdict::Done(unknown(lost.0.as_ref(), lost.1.as_ref()))
}

/// The outcome that a read-back shows.
pub(super) fn judge(zone: &ZonePlan, before: &Live, now: &Live) -> ZoneOutcome {
    let findings = verify(before, zone.rows(), now);
    ZoneOutcome { outcome: outcome_of(&findings), findings, diagnostics: Vec::new() }
}

fn settle_failed(zone: &ZonePlan, before: &Live, error: &ApiError, now: &Live) -> Verdict {
    let mut judged = judge(zone, before, now);
    if now == before {
        return settle_untouched(zone, error);
    }
    if judged.outcome.is_success() {
        let note = Diagnostic::note(format!(
            "{}; the read-back shows that it was taken",
            error.diagnostic().message
        ));
        judged.diagnostics.push(note);
    } else {
        judged.diagnostics.push(error.diagnostic());
    }
    Verdict::Done(judged)
}

/// A PUT that failed and left no trace. It may be repeated if it was not refused, and if a GET can show the result.
fn settle_untouched(zone: &ZonePlan, error: &ApiError) -> Verdict {
    // A setting that GET never reports looks the same before and after the PUT, so "unchanged" proves nothing there.
    let reported = zone.changes().any(|row| row.live.is_some());
    if error.is_ambiguous() && !reported {
        let why = Diagnostic::error("the PUT failed, and GET does not report what it should have written");
        return Verdict::Done(ZoneOutcome {
            outcome: Outcome::Unknown,
            findings: unverifiable(zone),
            diagnostics: vec![why, error.diagnostic()],
        });
    }
    // Cloudflare answers the clean-up of a setting that it keeps like any value that the plan variant may not have.
    let is_of_value = matches!(error.refusal(), Some(Refusal::NotEntitled | Refusal::Rejected));
    if is_of_value && zone.changes().all(Row::is_clean_up) {
        return Verdict::Done(kept(zone, error));
    }
    // Sent again, a refused body would be refused again.
    if error.is_refusal() || error.is_stopped() {
        return Verdict::Done(not_taken(error));
    }
    Verdict::Again(not_taken(error))
}

/// The outcome of a clean-up that Cloudflare refuses: the stale setting stays, and another try would not remove it.
fn kept(zone: &ZonePlan, error: &ApiError) -> ZoneOutcome {
    let findings = zone.changes().map(|row| Finding {
        setting: row.name().to_owned(),
        kind: FindingKind::Kept,
        expected: row.value().map(Value::to_json),
        live: row.live.as_ref().map(LiveValue::to_json),
    });
    let why = Diagnostic::error(
        "Cloudflare refuses to clean up what an earlier plan variant left, so it still acts on traffic",
    )
    .kind(DiagnosticKind::Stale)
    .hint("ask Cloudflare support to remove it; until then accept it (`accept:`, with an end), or leave it with `stale: report`");
    ZoneOutcome {
        outcome: Outcome::NotApplied,
        findings: findings.collect(),
        diagnostics: vec![why, error.diagnostic()],
    }
}

fn unverifiable(zone: &ZonePlan) -> Vec<Finding> {
    zone.changes()
        .map(|row| Finding {
            setting: row.name().to_owned(),
            kind: FindingKind::NotReported,
            expected: row.value().map(Value::to_json),
            live: None,
        })
        .collect()
}

fn not_taken(error: &ApiError) -> ZoneOutcome {
    if error.is_refusal() {
        return ZoneOutcome::because(Outcome::Refused, error.diagnostic());
    }
    unread(error)
}

fn unknown(put: Option<&ApiError>, get: Option<&ApiError>) -> ZoneOutcome {
    let why = match get {
        Some(_) => "the PUT was sent, and no GET could show its result",
        None => "the PUT was sent, and the run was stopped before a GET could show its result",
    };
    let why = Diagnostic::error(why).hint("run `plan` to see what is live");
    let diagnostics = [Some(why), put.map(ApiError::diagnostic), get.map(ApiError::diagnostic)];
    ZoneOutcome {
        outcome: Outcome::Unknown,
        findings: Vec::new(),
        diagnostics: diagnostics.into_iter().flatten().collect(),
    }
}

/// Whether live is exactly what the plan would make of what it saw.
pub(super) fn is_result(zone: &ZonePlan, seen: &Live, now: &Live) -> bool {
    // What GET does not report can never match, and must not make every such zone stale.
    verify(seen, zone.rows(), now).iter().all(|finding| finding.kind == FindingKind::NotReported)
}

/// The outcome of a zone that could not be read, or whose PUT failed without being refused.
pub(super) fn unread(error: &ApiError) -> ZoneOutcome {
    let outcome = if error.is_stopped() {
        Outcome::NotAttempted
    } else if error.is_throttled() {
        Outcome::Throttled
    } else {
        Outcome::Failed
    };
    ZoneOutcome::because(outcome, error.diagnostic())
}

/// The outcome of a zone that is not the one that was reviewed.
pub(super) fn stale(seen: &Live, now: &Live) -> ZoneOutcome {
    let why = Diagnostic::error("the zone changed since it was planned; nothing was written")
        .hint("run `plan` again, then `apply`");
    ZoneOutcome { outcome: Outcome::Stale, findings: moved(seen, now), diagnostics: vec![why] }
}

/// The outcome of a zone whose write could never follow its read in time, however long it waits.
pub(super) fn too_slow(gap: Duration, fresh: Duration) -> ZoneOutcome {
    let (window, fresh) = (gap.as_secs(), fresh.as_secs());
    let why = format!(
        "the request budget allows 1 request in {window} s, but a write must follow its read within {fresh} s; nothing was written"
    );
    let why = Diagnostic::error(why)
        .kind(DiagnosticKind::Throttled)
        .hint(format!("apply with a larger `--rate`, such as `--rate 2/{window}`"));
    ZoneOutcome::because(Outcome::Throttled, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Exchange, Failure, Method, StopReason};
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::Desired;

    /// Settles a PUT that failed and left no trace, to a zone of which GET reports one setting.
    fn settled(setting: &str, error: &ApiError) -> Verdict {
        settled_all(&[setting], error)
    }

    fn settled_all(settings: &[&str], error: &ApiError) -> Verdict {
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
        settings.iter().for_each(|setting| want.set(setting, "block").unwrap());
        let context = Context {
            send_unavailable: ["ai_bots_protection"].into(),
            ..Context::of_day(jiff::civil::Date::default())
        };
        let zone = ZonePlan::build(&want, "0".repeat(32).try_into().unwrap(), live.clone(), &context);
        assert_eq!(zone.changes().count(), settings.len());
        settle(&zone, &live, Err(error.clone()), Some(Ok(live.clone())))
    }

    #[test]
    fn a_lost_put_of_what_get_does_not_report_is_unknown_and_never_sent_again() {
        let exchange = || Exchange::new(Method::Put, "/zones/1/bot_management");
        let cut = ApiError::transport(exchange(), Failure::Cut, "no");
        let Verdict::Done(end) = settled("ai_bots_protection", &cut) else { panic!("it is sent again") };
        assert_eq!(end.outcome, Outcome::Unknown);
        assert_eq!(end.findings[0].kind, FindingKind::NotReported);
        assert_eq!(end.diagnostics.len(), 2);
        // A GET shows that it was not taken, as Cloudflare answered.
        assert!(matches!(settled("ai_search", &cut), Verdict::Again(end) if end.outcome == Outcome::Failed));
        let both = settled_all(&["ai_search", "ai_bots_protection"], &cut);
        assert!(matches!(both, Verdict::Again(end) if end.outcome == Outcome::Failed));
        let refused = ApiError::refused(exchange(), Refusal::NotEntitled, "no");
        for setting in ["ai_search", "ai_bots_protection"] {
            let end = settled(setting, &refused);
            assert!(matches!(end, Verdict::Done(end) if end.outcome == Outcome::Refused), "{setting}");
        }
    }

    #[test]
    fn a_client_that_sends_nothing_more_is_not_asked_again() {
        let ApiError::Exchange(source) =
            ApiError::transport(Exchange::new(Method::Put, "/zones/1"), Failure::Connect, "no")
        else {
            panic!("it is of an exchange")
        };
        let stopped = ApiError::Stopped { reason: StopReason::NoConnection, source };
        let end = settled("ai_search", &stopped);
        assert!(matches!(end, Verdict::Done(end) if end.outcome == Outcome::NotAttempted));
    }
}
