//! Approval by row, and the record, for programs that embed the library: no git, the commits are the program's own.

use crate::{DAY, NOW, ai_search, client, emulator, outcomes, rules, seed, want};
use botform::api::{Budget, Client};
use botform::catalogue;
use botform::diff::{Earlier, EarlierWanted};
use botform::emulator::World;
use botform::model::{Desired, Outcome, StalePolicy};
use botform::plan::{Approvals, ApprovedPlan, Guard, Plan, PlanDocument, ProjectZone, Provenance, Record};
use botform::run::{Apply, Guarded, Planning, ZoneFiles, plan_zones};
use std::collections::BTreeSet;
use std::io::Cursor;

const NAME: &str = "a.example.com";

/// A plan of a zone of which `ai_search: disabled` was applied last, by a record.
async fn compared(client: &Client, want: Desired, record: &Record) -> Plan {
    let setting = catalogue::find("ai_search").unwrap();
    let then = EarlierWanted::Known([(setting, setting.word("disabled").unwrap().into())].into());
    let recorded = record.applied(&want.zone, None).recorded(StalePolicy::Report);
    let earlier = Earlier { recorded: Some(recorded), ..Earlier::new("the record".into(), then) };
    let mut planning = Planning::new(DAY);
    planning.earlier.insert(NAME.to_owned(), earlier);
    let made = Provenance::new(NOW.parse().unwrap(), client.base_url().to_owned());
    Plan::build(made, plan_zones(client, vec![want], &planning, &|_| {}).await)
}

#[tokio::test]
async fn unapproved_changes_are_refused_and_approved_ones_are_written_once() {
    let emulator = emulator(World::matching([seed(NAME, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let [first, merge] = ["1", "2"].map(|digit| digit.repeat(40));
    let record = Record::new(first.clone(), DAY);
    let reviewed = compared(&client, want(NAME, "block"), &record).await;
    let document = serde_json::to_vec(&PlanDocument::new(&reviewed)).unwrap();
    let reviewed = botform::plan::read(Cursor::new(document)).unwrap();
    let approved = |contained: &[&String]| {
        let contained: BTreeSet<_> = contained.iter().map(|commit| (*commit).clone()).collect();
        vec![ApprovedPlan::new(reviewed.clone(), merge.clone(), contained)]
    };

    let now = compared(&client, want(NAME, "block"), &record).await;
    let nothing = Approvals::new(record.clone(), Vec::new());
    let mut by_nothing = rules(ZoneFiles::None);
    by_nothing.approvals = Some(&nothing);
    assert_eq!(Guarded::check(&now, &by_nothing).unwrap_err()[0].guard, Guard::Approval);
    let restricted = nothing.restrict(now.clone());
    let guarded = Guarded::check(&restricted, &by_nothing).unwrap();
    let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
    assert_eq!(
        (outcomes(&applied), ai_search(&emulator, NAME)),
        (vec![Outcome::Unapproved], "disabled".into())
    );

    let approvals = Approvals::new(record.clone(), approved(&[]));
    let restricted = approvals.restrict(now);
    let project = [ProjectZone::new(NAME.parse().unwrap(), None, None, true)];
    let (claimed, claim) = record.claim(&restricted, &merge, &project);
    let of_zone = claimed.applied(&NAME.parse().unwrap(), None).recorded(StalePolicy::Report);
    assert_eq!((claimed.number, of_zone.in_doubt), (2, Some(2)));
    assert_eq!(Record::read(&claimed.to_string()).unwrap(), claimed);
    let mut by_approvals = rules(ZoneFiles::None);
    by_approvals.approvals = Some(&approvals);
    let guarded = Guarded::check(&restricted, &by_approvals).unwrap();
    let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
    assert_eq!((outcomes(&applied), ai_search(&emulator, NAME)), (vec![Outcome::Applied], "block".into()));
    let settled = claimed.settle(&restricted, &claim, &applied.outcomes).unwrap();
    assert_eq!((settled.commit.as_str(), settled.commits().len()), (merge.as_str(), 1));

    // The zone is at the merge: the approval has been used, whatever is live.
    assert!(emulator.edit(|world| world.set(NAME, "ai_search", Some("disabled".into()))));
    let again = compared(&client, want(NAME, "block"), &settled).await;
    let used = Approvals::new(settled, approved(&[&merge]));
    assert_eq!(used.restrict(again).changing().count(), 0);
}
