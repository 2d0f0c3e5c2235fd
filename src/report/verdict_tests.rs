use super::*;
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{Desired, Diagnostic, Live, ZoneId, ZoneOutcome};
use crate::plan::{Provenance, Refusal, ZonePlan};
use jiff::civil::date;
use serde_json::json;

/// What a zone of a test is.
#[derive(Clone, Copy)]
enum Is {
    InSync,
    Tightened,
    Loosened,
    Protected,
    Failed,
}

fn plan(zones: &[Is]) -> Plan {
    let today = date(2026, 11, 23);
    let zone = |(n, is): (usize, &Is)| {
        let mut want = Desired::new(format!("z{n}.example").parse().unwrap(), Variant::SbfmPro);
        want.set("ai_user", if matches!(is, Is::Loosened) { "disabled" } else { "block" }).unwrap();
        want.protect = matches!(is, Is::Protected);
        let id = ZoneId::try_from(format!("{n:032x}")).unwrap();
        let live = json!({"ai_user": match is {
            Is::Tightened | Is::Protected => "disabled",
            Is::InSync | Is::Loosened | Is::Failed => "block",
        }, "sbfm_verified_bots": "allow"});
        match is {
            Is::Failed => ZonePlan::failed(&want, Some(id), Diagnostic::error("no"), today),
            _ => ZonePlan::build(
                &want,
                id,
                Live::read(live.as_object().unwrap().clone()),
                &Context::of_day(today),
            ),
        }
    };
    Plan::build(Provenance::default(), zones.iter().enumerate().map(zone).collect())
}

fn ends(words: &[Outcome]) -> Vec<ZoneOutcome> {
    words.iter().copied().map(ZoneOutcome::plain).collect()
}

/// The heading, and what the exit code means.
fn said(report: &Report<'_>) -> (String, String) {
    (report.headline(), report.verdict())
}

#[test]
fn what_is_said_of_a_plan_is_true_however_it_ends() {
    for (zones, ending, heading, verdict) in [
        (vec![Is::InSync; 3], Ending::Done, "all 3 zones in sync", "there is nothing to write"),
        (vec![Is::InSync], Ending::Done, "1 zone in sync", "there is nothing to write"),
        (vec![Is::Tightened], Ending::Done, "1 zone to change", "no guard or policy refuses the plan"),
        (
            vec![Is::Loosened, Is::Tightened, Is::InSync],
            Ending::Pending,
            "1 change loosens, 2 of 3 zones to change",
            "changes are pending",
        ),
        (
            vec![Is::Protected, Is::InSync],
            Ending::Pending,
            "1 zone protected, 1 of 2 zones in sync",
            "zones differ, but nothing would be written",
        ),
        (
            vec![Is::Failed; 3],
            Ending::Failed,
            "all 3 zones failed",
            "failed: every zone is blocked, or could not be read",
        ),
        (
            vec![Is::Failed, Is::Loosened],
            Ending::Partial,
            "1 change loosens, 1 of 2 zones failed, 1 of 2 zones to change",
            "partial: 1 zone failed or blocked, the rest is reported",
        ),
        (
            vec![Is::InSync; 2],
            Ending::Failed,
            "the result could not be written, both zones in sync",
            "failed: the plan was made, but a result could not be written",
        ),
        (
            vec![Is::InSync, Is::Failed],
            Ending::Interrupted { partial: true },
            "interrupted, 1 of 2 zones failed, 1 of 2 zones in sync",
            "interrupted: the run was stopped before its end",
        ),
    ] {
        let plan = plan(&zones);
        let report = Report { plan: Some(&plan), ..Report::new(Verb::Plan, ending) };
        assert_eq!(said(&report), (heading.to_owned(), verdict.to_owned()), "{ending:?}");
    }
}

#[test]
fn a_refused_plan_does_not_look_like_one_in_sync() {
    let plan = plan(&[Is::InSync, Is::InSync, Is::InSync]);
    let refusal =
        |guard| Refusal { guard, message: "no".to_owned(), hint: "yes".to_owned(), broken: Vec::new() };
    for (guards, heading) in [
        (vec![Guard::Policy, Guard::Policy], "refused by policy, all 3 zones in sync"),
        (vec![Guard::MaxLoosening], "refused by guard max-loosening, all 3 zones in sync"),
        (vec![Guard::MaxZones, Guard::Policy], "refused by 2 guards, all 3 zones in sync"),
    ] {
        let refusals: Vec<_> = guards.into_iter().map(refusal).collect();
        let report = Report::new(Verb::Plan, Ending::Refused);
        let report = Report { plan: Some(&plan), refusals: &refusals, ..report };
        assert_eq!(said(&report).0, heading);
        assert_eq!(said(&report).1, "refused: `apply` would write nothing");
    }
}

#[test]
fn what_is_said_of_an_apply_is_true_however_it_ends() {
    use Outcome::{Applied, Failed, Held, InSync, NotApplied, Protected, Stale, Unknown, Unverified};
    let plan = plan(&[Is::Tightened, Is::Tightened]);
    for (outcomes, ending, heading, verdict) in [
        ([Applied, InSync], Ending::Done, "1 applied, 1 in sync", "all changes were written and read back"),
        ([InSync, InSync], Ending::Done, "2 in sync", "there was nothing to write"),
        (
            [Applied, Held],
            Ending::Done,
            "1 applied, 1 held",
            "everything that may be written was written; the rest was left alone",
        ),
        (
            [Protected, Held],
            Ending::Done,
            "1 protected, 1 held",
            "zones differ, but none of them may be written",
        ),
        (
            [Unverified, InSync],
            Ending::Done,
            "1 unverified, 1 in sync",
            "everything that may be written was sent, but some of it cannot be verified",
        ),
        (
            [Applied, Failed],
            Ending::Partial,
            "1 failed, 1 applied",
            "partial: 1 zone is not as wanted, the others are",
        ),
        ([Failed, Failed], Ending::Failed, "2 failed", "failed: nothing was written"),
        (
            [NotApplied, Failed],
            Ending::Failed,
            "1 not applied, 1 failed",
            "failed: 1 zone was written, but not as planned",
        ),
        (
            [Unknown, Failed],
            Ending::Failed,
            "1 failed, 1 unknown",
            "failed: it is not known what 1 zone holds now",
        ),
        (
            [Stale, Stale],
            Ending::Stale,
            "refused as stale, 2 stale",
            "refused: the plan is stale, and nothing was written",
        ),
    ] {
        let outcomes = ends(&outcomes);
        let report = Report::new(Verb::Apply, ending);
        let report = Report { plan: Some(&plan), outcomes: Some(&outcomes), ..report };
        assert_eq!(said(&report), (heading.to_owned(), verdict.to_owned()), "{ending:?}");
    }
}
