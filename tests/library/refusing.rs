//! Refused writes: for another API, to a protected zone, twice, over a change, beyond the limits of a plan.

use crate::{DAY, NOW, ai_search, apply, client, emulator, outcomes, plan, rules, seed, want};
use botform::api::{Budget, Client};
use botform::emulator::World;
use botform::model::{Diagnostic, Outcome};
use botform::plan::{FilesNow, Guard, Plan, PlanDocument, Provenance, Source};
use botform::run::{Apply, Guarded, Journal, Refused, Snapshot, Stop, Undo, ZoneFiles, read_zones};
use std::io::Cursor;

/// A plan of one zone, which would block AI search, saved and read again.
async fn saved(client: &Client, name: &str) -> Plan {
    read_again(&plan(client, vec![want(name, "block")]).await)
}

fn read_again(plan: &Plan) -> Plan {
    let document = serde_json::to_vec(&PlanDocument::new(plan)).unwrap();
    botform::plan::read(Cursor::new(&document)).unwrap()
}

#[tokio::test]
async fn a_saved_plan_is_not_written_to_a_zone_that_its_file_protects_now() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let saved = saved(&client, name).await;

    let unseen = Guarded::check(&saved, &rules(ZoneFiles::Planned)).unwrap_err();
    assert_eq!(unseen[0].guard, Guard::Protection);

    // The plan itself says that there are files.
    let text = b"zone: a.example.com\nplan: sbfm_pro\nsettings: {ai_search: block}\n";
    let (of_file, _) = botform::config::check_text("zones/a.yaml", text);
    let of_file = read_again(&plan(&client, vec![of_file.unwrap()]).await);
    let unseen = Guarded::check(&of_file, &rules(ZoneFiles::None)).unwrap_err();
    assert_eq!(unseen[0].guard, Guard::Protection);

    let mut protecting = want(name, "block");
    protecting.protect = true;
    let broken = vec![Diagnostic::of_file("zones/a.yaml", "broken")];
    for now in [
        FilesNow::new(vec![protecting.clone()], Vec::new(), Vec::new(), DAY),
        FilesNow::new(Vec::new(), vec![protecting], Vec::new(), DAY),
        FilesNow::new(Vec::new(), Vec::new(), broken, DAY),
        FilesNow::new(Vec::new(), Vec::new(), Vec::new(), DAY),
    ] {
        let guarded = Guarded::check(&saved, &rules(ZoneFiles::Now(&now))).unwrap();
        let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
        assert_eq!((outcomes(&applied), applied.refused), (vec![Outcome::Blocked], None), "{now:?}");
        assert_eq!(ai_search(&emulator, name), "disabled");
    }

    let free = FilesNow::new(vec![want(name, "block")], Vec::new(), Vec::new(), DAY);
    let guarded = Guarded::check(&saved, &rules(ZoneFiles::Now(&free))).unwrap();
    assert_eq!(outcomes(&Apply::new(&client).run(&guarded, &|_, _| {}).await), [Outcome::Applied]);
}

#[tokio::test]
async fn a_plan_for_another_api_is_not_written() {
    let name = "a.example.com";
    let [here, there] = [seed(name, "disabled"), seed(name, "disabled")].map(|seed| World::matching([seed]));
    let (here, there) = (emulator(here).await, emulator(there).await);
    let [here_client, there_client] = [&here, &there].map(|emulator| client(emulator, &Budget::unlimited()));
    let made = plan(&here_client, vec![want(name, "block")]).await;
    for plan in [made, saved(&here_client, name).await] {
        let applied = apply(&there_client, &plan).await;
        assert_eq!(
            (outcomes(&applied), applied.refused),
            (vec![Outcome::NotAttempted], Some(Refused::Address))
        );
        assert_eq!(ai_search(&there, name), "disabled");
    }
}

#[tokio::test]
async fn the_limits_that_a_plan_was_saved_with_count_unless_others_are_given_now() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "block")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, vec![want(name, "disabled")]).await;
    let mut provenance = made.provenance().clone();
    provenance.overrides.max_loosening = Some(0);
    let saved = read_again(&Plan::build(provenance, made.zones().to_vec()));

    let refused = |project: Option<u32>, now: Option<u32>| {
        let mut rules = rules(ZoneFiles::None);
        (rules.limits.max_loosening, rules.overrides.max_loosening) = (project, now);
        Guarded::check(&saved, &rules).err().map(|refusals| refusals[0].guard)
    };
    assert_eq!(refused(None, None), Some(Guard::MaxLoosening));
    assert_eq!(refused(Some(1), None), Some(Guard::MaxLoosening));
    assert_eq!(refused(Some(0), Some(1)), None);
    let refusals = Guarded::check(&saved, &rules(ZoneFiles::None)).unwrap_err();
    let told: Box<dyn std::error::Error> = refusals.into();
    assert_eq!(
        told.to_string(),
        "the plan is refused; guard max-loosening: 1 change would loosen protection, and at most 0 may: a.example.com"
    );
}

#[tokio::test]
async fn an_undo_is_refused_for_another_api_and_for_a_zone_that_changed_since() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, vec![want(name, "block")]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = Journal::open(&path, client.base_url(), || NOW.to_owned()).unwrap();
    let guarded = Guarded::check(&made, &rules(ZoneFiles::None)).unwrap();
    let mut apply = Apply::new(&client);
    apply.journal = Some(&journal);
    assert_eq!(outcomes(&apply.run(&guarded, &|_, _| {}).await), [Outcome::Applied]);

    let undo = Undo::read(&path).unwrap();
    let mut back = plan(&client, undo.zones.clone()).await;
    undo.block(&mut back);
    assert_eq!(back.changing().count(), 1);
    let elsewhere = Provenance::new(NOW.parse().unwrap(), "https://api.example".to_owned());
    let mut elsewhere = Plan::build(elsewhere, back.zones().to_vec());
    undo.block(&mut elsewhere);
    assert_eq!(elsewhere.changing().count(), 0);

    emulator.edit(|world| world.set(name, "ai_search", Some("only_on_ad_pages".into())));
    let mut moved = plan(&client, undo.zones.clone()).await;
    undo.block(&mut moved);
    assert_eq!(moved.changing().count(), 0);
}

#[tokio::test]
async fn a_zone_that_appears_twice_in_a_plan_is_not_written() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    // An embedding program can get here by combining the zones of two files and ignoring their problems.
    for other in ["only_on_ad_pages", "disabled"] {
        let twice = plan(&client, vec![want(name, "block"), want(name, other)]).await;
        let refused = Guarded::check(&twice, &rules(ZoneFiles::None)).unwrap_err();
        assert_eq!(refused[0].guard, Guard::Twice);
    }
    let in_sync = plan(&client, vec![want(name, "disabled"), want(name, "disabled")]).await;
    assert!(Guarded::check(&in_sync, &rules(ZoneFiles::None)).is_ok());
}

#[tokio::test]
async fn a_snapshot_stands_in_for_the_api_and_its_plan_is_never_written() {
    let emulator = emulator(World::matching([seed("a.example.com", "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let zones = client.all_zones(None).await.unwrap();
    let seen = read_zones(&client, zones, 1, &Stop::default(), &|| ()).await;
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    let snapshot = Snapshot::new(at, client.base_url().to_owned(), seen);

    let live = plan(&client, vec![want("a.example.com", "block")]).await;
    let from_snapshot = plan(&snapshot, vec![want("a.example.com", "block")]).await;
    assert_eq!((from_snapshot.zones(), from_snapshot.digest()), (live.zones(), live.digest()));

    // The plan records its source on its own, and keeps it when it is saved.
    assert_eq!(from_snapshot.provenance().source, Source::snapshot(at));
    for plan in [read_again(&from_snapshot), from_snapshot] {
        let applied = apply(&client, &plan).await;
        let refused = (vec![Outcome::NotAttempted], Some(Refused::Snapshot));
        assert_eq!((outcomes(&applied), applied.refused), refused);
        assert_eq!(ai_search(&emulator, "a.example.com"), "disabled");
    }
}

#[tokio::test]
async fn nothing_of_a_saved_plan_is_written_if_one_zone_moved() {
    let names = ["a.example.com", "b.example.com"];
    let emulator = emulator(World::matching(names.map(|name| seed(name, "disabled")))).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, names.map(|name| want(name, "block")).to_vec()).await;
    assert!(emulator.edit(|world| world.set(names[0], "ai_user", Some("block".into()))));
    let guarded = Guarded::check(&made, &rules(ZoneFiles::Planned)).unwrap().saved();
    let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
    assert_eq!(applied.refused, Some(Refused::Stale));
    assert_eq!(names.map(|name| ai_search(&emulator, name)), ["disabled", "disabled"]);
}
