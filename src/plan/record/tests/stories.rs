//! Histories that broke a promise once, or would with a rule less: what is live in the end.

use super::events::{Edit, Event, Fate, Scope, State};
use super::world::{Mode, Values};
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{Desired, Live, Outcome, ZoneOutcome};
use crate::plan::{self, ProjectZone, Provenance, Record, ZonePlan};
use Edit::{Both, Choice, Temporary, Toggle};
use Event::{Day, Kill, Merge, Open, Plan, Push, Put, Run, Save, Set, Settle};
use Scope::{Approved, ByHand, OnlyEnded};

const CLAIM: Event = Event::Claim(Approved, 0, None, None);

/// What is live of each zone after a history, in which all happens and no promise is broken.
fn live(events: &[Event]) -> [Values; 2] {
    let end = events.iter().fold(State::start(), |state, event| match state.after(*event) {
        Some(after) => after.unwrap(),
        None => panic!("{event:?} cannot happen"),
    });
    end.live
}

/// What is live of the first zone.
fn first(events: &[Event]) -> Values {
    live(events)[0]
}

#[test]
fn each_of_the_three_values_counts() {
    let last =
        [Open(Choice(0, 2)), Push(Choice(0, 1)), Save, Run(ByHand), Set(0, 0, 0), Merge(0), Run(Approved)];
    assert_eq!(first(&last), [0, 0]);
    assert_eq!(first(&[Open(Choice(0, 2)), Set(0, 0, 1), Merge(0), Run(Approved)]), [1, 0]);
    assert_eq!(first(&[Open(Choice(0, 2)), Merge(0), Push(Choice(0, 1)), Run(Approved)]), [0, 0]);
    assert_eq!(first(&[Open(Choice(0, 2)), Merge(0), Run(Approved)]), [2, 0]);
}

#[test]
fn a_zone_is_written_as_a_whole_and_as_it_was_seen() {
    assert_eq!(first(&[Open(Choice(0, 2)), Merge(0), Push(Toggle(0, 1)), Run(Approved)]), [0, 0]);
    assert_eq!(first(&[Open(Choice(0, 2)), Set(0, 1, 1), Merge(0), Run(Approved)]), [0, 1]);
}

#[test]
fn an_approval_is_of_its_zone_alone() {
    let other = [Open(Choice(0, 2)), Push(Choice(1, 2)), Merge(0), Run(Approved)];
    assert_eq!(live(&other), [[2, 0], [0, 0]]);
}

#[test]
fn drift_does_not_ride_along() {
    let set = [Open(Choice(0, 2)), Merge(0), Run(Approved), Set(0, 0, 0)];
    let then = [Open(Toggle(0, 1)), Merge(0), Run(Approved)];
    assert_eq!(first(&[&set[..], &then].concat()), [0, 1]);
}

#[test]
fn what_was_protected_or_accepted_when_it_was_reviewed_is_not_approved() {
    for mode in [Mode::Protected, Mode::Accepted] {
        let (off, on) = (Push(Edit::Mode(0, Mode::Plain)), Push(Edit::Mode(0, mode)));
        assert_eq!(first(&[on, Open(Choice(0, 2)), off, Merge(0), Run(Approved)]), [0, 0], "{mode:?}");
    }
}

#[test]
fn an_approval_works_once() {
    let first_time = [Open(Choice(0, 2)), Merge(0), Run(Approved)];
    let again = [Push(Choice(0, 0)), Save, Run(ByHand), Push(Choice(0, 2)), Run(Approved)];
    assert_eq!(first(&[&first_time[..], &again].concat()), [0, 0]);
}

#[test]
fn a_repeated_run_finishes_what_failed() {
    let refused = [Open(Choice(0, 2)), Merge(0), CLAIM, Put(0, 0, Fate::Refused), Settle(0, true)];
    assert_eq!(first(&refused), [0, 0]);
    assert_eq!(first(&[&refused[..], &[Run(Approved)]].concat()), [2, 0]);
}

#[test]
fn a_put_that_nobody_saw_leaves_a_doubt() {
    for (fate, then) in [(Fate::LostNotTaken, [0, 0]), (Fate::LostTaken, [2, 0])] {
        let lost = [Open(Choice(0, 2)), Merge(0), CLAIM, Put(0, 0, fate), Settle(0, true), Run(Approved)];
        assert_eq!(first(&lost), then, "{fate:?}");
        // A plan that was made since shows the doubt, so that it approves what is missing as well.
        let reviewed = [Open(Toggle(0, 1)), Merge(0), Run(Approved)];
        assert_eq!(first(&[&lost[..], &reviewed].concat()), [2, 1], "{fate:?}");
    }
}

#[test]
fn zones_that_were_not_selected_are_applied_later() {
    let selected = Event::Claim(Approved, 0, Some(0), None);
    let both = live(&[Open(Both(2)), Merge(0), selected, Settle(0, true), Run(Approved)]);
    assert_eq!(both, [[2, 0], [2, 0]]);
}

#[test]
fn a_revert_after_a_killed_run_is_not_lost() {
    let killed = [Open(Choice(0, 2)), Merge(0), CLAIM, Put(0, 0, Fate::Taken), Kill(0, None)];
    let revert = [Push(Choice(0, 0)), Run(Approved), Open(Toggle(0, 1)), Merge(0), Run(Approved)];
    assert_eq!(first(&[&killed[..], &revert].concat()), [0, 1]);
}

#[test]
fn a_plan_that_was_made_while_a_run_was_killed_approves_nothing() {
    let killed =
        [Open(Choice(0, 2)), Merge(0), CLAIM, Open(Toggle(0, 1)), Put(0, 0, Fate::Taken), Kill(0, None)];
    let by_hand = [Set(0, 0, 0), Run(Approved), Merge(0), Run(Approved)];
    assert_eq!(first(&[&killed[..], &by_hand].concat()), [0, 0]);
    let planned_again = [Set(0, 0, 0), Run(Approved), Plan(0), Merge(0), Run(Approved)];
    assert_eq!(first(&[&killed[..], &planned_again].concat()), [2, 1]);
}

/// The claim of a run kept only what differs from the commit that it applies.
#[test]
fn a_claim_keeps_what_the_commit_wants_again() {
    let claimed = [Push(Choice(0, 2)), Run(Approved), Push(Choice(0, 0)), CLAIM, Kill(0, None)];
    assert_eq!(first(&[&claimed[..], &[Open(Choice(0, 2)), Merge(0), Run(Approved)]].concat()), [2, 0]);
}

/// A zone of which a part was written kept the commit before, so that a revert of that part passed for drift.
#[test]
fn a_revert_of_what_was_written_in_part_is_not_lost() {
    let [choice, toggle] = [Open(Choice(0, 2)), Open(Toggle(0, 1))];
    let half = [choice, toggle, Merge(0), Merge(0), CLAIM, Put(0, 0, Fate::Half), Settle(0, true)];
    assert_eq!(first(&half), [2, 0]);
    let revert = [Open(Choice(0, 0)), Merge(0), Run(Approved)];
    assert_eq!(first(&[&half[..], &revert].concat()), [0, 1]);
    // The same where a waiver is what is left.
    let accepted = [Push(Edit::Mode(0, Mode::Accepted)), Push(Choice(0, 2)), toggle, Merge(0), Run(Approved)];
    assert_eq!(first(&accepted), [0, 1]);
    assert_eq!(first(&[&accepted[..], &[Open(Toggle(0, 0)), Merge(0), Run(Approved)]].concat()), [0, 0]);
}

#[test]
fn a_revert_of_what_somebody_had_set_before_it_was_merged_is_not_lost() {
    let in_sync = [Set(0, 1, 1), Push(Choice(0, 2)), Push(Toggle(0, 1)), Run(Approved)];
    assert_eq!(first(&[&in_sync[..], &[Open(Toggle(0, 0)), Merge(0), Run(Approved)]].concat()), [2, 0]);
}

#[test]
fn a_plan_that_was_made_before_a_part_was_written_does_not_write_it_again() {
    let planned = [Open(Choice(0, 2)), Open(Toggle(0, 1)), Merge(0), Merge(0), CLAIM, Open(Toggle(1, 1))];
    let half = [Put(0, 0, Fate::Half), Settle(0, true), Set(0, 0, 0), Merge(0), Run(Approved)];
    assert_eq!(live(&[&planned[..], &half].concat()), [[0, 0], [0, 1]]);
}

#[test]
fn the_way_back_is_written_once_and_only_from_the_temporary_value() {
    let ended = [Open(Temporary(0, 2, 0)), Merge(0), Run(Approved), Day];
    let back = [&ended[..], &[Run(OnlyEnded)]].concat();
    assert_eq!(first(&back), [0, 0]);
    assert_eq!(first(&[&back[..], &[Set(0, 0, 2), Run(OnlyEnded)]].concat()), [2, 0]);
    assert_eq!(first(&[&ended[..], &[Set(0, 0, 1), Run(OnlyEnded)]].concat()), [1, 0]);
    // The same where the way back would tighten, which no other rule holds.
    let tight =
        [Open(Choice(0, 2)), Merge(0), Run(Approved), Open(Temporary(0, 1, 0)), Merge(0), Run(Approved)];
    assert_eq!(first(&[&tight[..], &[Set(0, 0, 0), Day, Run(OnlyEnded)]].concat()), [0, 0]);
}

/// A run that wrote nothing moved the day of a zone, so that the way back passed for drift.
#[test]
fn the_way_back_waits_for_what_is_not_approved() {
    let ended = [Open(Temporary(0, 2, 0)), Merge(0), Run(Approved), Day];
    let reverted = [Push(Choice(0, 1)), Run(Approved), Push(Choice(0, 0)), Run(OnlyEnded)];
    assert_eq!(first(&[&ended[..], &reverted].concat()), [0, 0]);
}

#[test]
fn a_saved_plan_is_written_once() {
    assert_eq!(first(&[Push(Choice(0, 2)), Save, Run(ByHand), Set(0, 0, 0), Run(ByHand)]), [0, 0]);
}

/// A limit: the three values of drift are the same once somebody moves it back, and the record has not changed.
#[test]
fn a_saved_plan_of_drift_fits_again_once_somebody_moves_it_back() {
    let drift = [Push(Choice(0, 2)), Save, Run(ByHand), Set(0, 0, 0), Save, Run(ByHand)];
    assert_eq!(first(&drift), [2, 0]);
    assert_eq!(first(&[&drift[..], &[Set(0, 0, 0), Run(ByHand)]].concat()), [2, 0]);
}

/// A zone in doubt that a saved plan writes counted as one that its run had looked at.
#[test]
fn a_killed_run_of_a_saved_plan_leaves_a_doubt_that_nobody_has_looked_at() {
    let doubt =
        [Open(Choice(0, 2)), Merge(0), CLAIM, Kill(0, None), Save, Event::Claim(ByHand, 0, None, None)];
    let killed = [Open(Toggle(0, 1)), Put(0, 0, Fate::Taken), Kill(0, None), Set(0, 0, 0)];
    let then = [Merge(0), Run(Approved)];
    assert_eq!(first(&[&doubt[..], &killed, &then].concat()), [0, 0]);
}

/// A saved plan that found a zone in sync before the PUT of another run settled the doubt about that.
#[test]
fn a_saved_plan_settles_no_doubt_that_it_does_not_write() {
    let planned = [Open(Choice(0, 2)), Merge(0), CLAIM, Push(Choice(0, 0)), Save];
    let killed = [Put(0, 0, Fate::Taken), Kill(0, None), Run(ByHand)];
    let then = [Open(Toggle(0, 1)), Merge(0), Run(Approved)];
    assert_eq!(first(&[&planned[..], &killed, &then].concat()), [0, 1]);
}

#[test]
fn a_zone_that_was_applied_as_the_record_says_of_all_is_not_listed() {
    let day = jiff::civil::date(2026, 12, 1);
    let mut want = Desired::new("a.example".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
    let id = "1".repeat(32).try_into().unwrap();
    let zone = ZonePlan::build(&want, id, live, &Context::of_day(day));
    let at = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let plan = plan::Plan::build(Provenance::new(at, String::new()), vec![zone]);
    let before = Record::new("a".repeat(40), day);
    for (outcome, listed) in [(Outcome::Applied, 0), (Outcome::Failed, 1), (Outcome::Unknown, 1)] {
        let (claimed, claim) = before.claim(&plan, &"b".repeat(40), &[]);
        assert_eq!(claimed.zones.len(), 1);
        let after = claimed.settle(&plan, &claim, &[ZoneOutcome::plain(outcome)]).unwrap();
        assert_eq!(
            (after.commit.as_str(), after.zones.len()),
            (claim.commit.as_str(), listed),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_zone_of_which_nothing_changed_is_not_listed_once_the_record_is_at_its_commit() {
    let day = jiff::civil::date(2026, 12, 1);
    let at = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    let plan = plan::Plan::build(Provenance::new(at, String::new()), Vec::new());
    let mut before = Record::new("a".repeat(40), day);
    let listed = serde_json::json!({"zone": "a.example", "commit": "c".repeat(40), "day": "2026-11-01"});
    before.zones = vec![serde_json::from_value(listed).unwrap()];
    let zone = ProjectZone::new("a.example".parse().unwrap(), None, None, false);
    let (claimed, claim) = before.claim(&plan, &"b".repeat(40), &[zone]);
    assert_eq!((claimed.zones.len(), &claimed.zones[0].commit), (1, &claim.commit));
    let after = claimed.settle(&plan, &claim, &[]).unwrap();
    assert_eq!((after.commit, after.zones), (claim.commit, Vec::new()));
}

#[test]
fn a_record_is_settled_by_the_run_that_claimed_it_alone() {
    let day = jiff::civil::date(2026, 12, 1);
    let plan = plan::Plan::build(Provenance::default(), Vec::new());
    let (claimed, claim) = Record::new("a".repeat(40), day).claim(&plan, &"b".repeat(40), &[]);
    assert!(claimed.settle(&plan, &claim, &[]).is_ok());
    let (later, _) = claimed.claim(&plan, &"b".repeat(40), &[]);
    assert!(later.check_claim(&claim).is_err() && later.settle(&plan, &claim, &[]).is_err());
}

#[test]
fn a_doubt_that_was_looked_at_outlives_the_journal_of_a_run_that_sent_nothing() {
    let zone = |name: &str, looked_at: bool| {
        serde_json::from_value(
            serde_json::json!({"zone": name, "commit": "a".repeat(40), "day": "2026-12-01",
            "in_doubt": {"since": 1, "looked_at": looked_at}}),
        )
        .unwrap()
    };
    let mut record = Record::new("a".repeat(40), jiff::civil::date(2026, 12, 1));
    record.zones = vec![zone("a.example", true), zone("b.example", false)];
    let left = record.without_doubt(|_| true);
    let names: Vec<_> = left.in_doubt().map(|zone| zone.zone.as_str()).collect();
    assert_eq!(names, ["a.example"]);
}

#[test]
fn an_older_saved_plan_does_not_bring_back_a_day_whose_temporary_values_were_returned() {
    let returned = [Set(0, 0, 2), Push(Temporary(0, 2, 0)), Save, Run(Approved), Day, Run(Approved)];
    assert_eq!(first(&returned), [0, 0]);
    let again = [Set(0, 0, 2), Run(ByHand), Run(Approved)];
    assert_eq!(first(&[&returned[..], &again].concat()), [2, 0]);
}

#[test]
fn a_temporary_value_that_lasts_longer_than_its_reviewer_saw_is_not_approved() {
    let reviewed =
        [Push(Temporary(0, 2, 0)), Open(Toggle(0, 1)), Set(0, 0, 2), Run(Approved), Day, Run(Approved)];
    assert_eq!(first(&reviewed), [0, 0]);
    let longer = [Merge(0), Push(Temporary(0, 2, 0)), Run(Approved)];
    assert_eq!(first(&[&reviewed[..], &longer].concat()), [0, 0]);
}

#[test]
fn an_older_saved_plan_settles_no_value_that_its_commit_wanted_only_then() {
    // The run of an older commit has moved the day, and live is as both commits want it on the day of the saved plan.
    let settled = [Push(Choice(0, 2)), Save, Run(ByHand), Push(Temporary(0, 2, 0)), Save, Day];
    let older = [Event::Claim(Approved, 1, None, None), Settle(0, true), Run(ByHand), Run(Approved)];
    assert_eq!(first(&[&settled[..], &older].concat()), [2, 0]);
}

#[test]
fn an_older_saved_plan_that_was_refused_as_stale_settles_nothing() {
    let saved = [Push(Temporary(0, 2, 0)), Save, Run(ByHand), Set(0, 0, 0), Push(Choice(0, 1)), Save];
    assert_eq!(first(&[&saved[..], &[Day, Run(Approved), Run(ByHand), Run(Approved)]].concat()), [0, 0]);
}
