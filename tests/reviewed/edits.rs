//! Random worlds, files, plans and edits by others in between: no zone is written that is not the one that was
//! reviewed, and an undo brings back what was there.

use crate::dice::Dice;
use botform::api::{
    ApiError, Body, Budget, Client, Credentials, Lookup, Options, ReadZones, WriteZones, ZoneEntry, ZoneRef,
};
use botform::catalogue::{Setting, Value, Variant, find, settable, settings};
use botform::diff::Row;
use botform::emulator::{Emulator, World};
use botform::model::{Desired, Live, Outcome, Place, StalePolicy, ZoneId, ZoneName, ZoneOutcome};
use botform::plan::{FilesNow, Plan, PlanDocument, Provenance, ZonePlan};
use botform::run::{Apply, Guarded, Journal, Planning, Rules, Stop, Undo, ZoneFiles, plan_zones};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

const ZONES: usize = 3;

/// A client that knows what it read last of each zone, and what was reviewed.
struct Witness {
    client: Client,
    last: Mutex<BTreeMap<ZoneId, Live>>,
    written: Mutex<Vec<(ZoneId, Live)>>,
}

impl ReadZones for Witness {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        self.client.resolve(wanted).await
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        let zone = zone.into();
        let live = self.client.get(zone).await?;
        self.last.lock().unwrap().insert(zone.id.clone(), live.clone());
        Ok(live)
    }
}

impl WriteZones for Witness {
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        let zone = zone.into();
        let last = self.last.lock().unwrap()[zone.id].clone();
        self.written.lock().unwrap().push((zone.id.clone(), last));
        self.client.put(zone, body).await
    }
}

/// A zone as the API could hold it, and what is asked of it.
struct Zone {
    world: Json,
    desired: Desired,
}

fn value(dice: &mut Dice, setting: &Setting) -> Value {
    *dice.pick(&setting.values())
}

fn zone(dice: &mut Dice, number: usize) -> Zone {
    let variant = *dice.pick(Variant::ALL);
    let name = format!("zone-{number}.example.com");
    let mut live = Map::new();
    for setting in settable(variant) {
        if dice.once_in(8) {
            continue;
        }
        live.insert(setting.name.to_owned(), value(dice, setting).to_json());
    }
    if live.get("is_robots_txt_managed") == Some(&json!(true)) {
        live.insert("bot_preference_sync_enabled".to_owned(), json!(true));
    }
    if live.get("enable_js") != Some(&json!(true)) && live.contains_key("fight_mode") {
        live.insert("fight_mode".to_owned(), json!(false));
    }
    let tells = ["fight_mode", "sbfm_verified_bots", "sbfm_likely_automated", "bm_cookie_enabled"];
    let telling = find(tells[Variant::ALL.iter().position(|one| *one == variant).unwrap()]).unwrap();
    live.entry(telling.name).or_insert_with(|| telling.neutral.unwrap().to_json());
    if dice.once_in(3) {
        live.insert("tomorrow".to_owned(), json!(dice.below(9)));
    }
    let mut stale = Map::new();
    for setting in settings().filter(|setting| setting.stale_on.contains(&variant)) {
        if dice.once_in(4) {
            stale.insert(setting.name.to_owned(), value(dice, setting).to_json());
        }
    }
    let desired = desired(dice, &name, variant);
    let world = json!({"name": name, "plan": variant.word(), "live": live, "stale": stale,
        "nulls": dice.once_in(3), "faults": faults(dice, variant)});
    Zone { world, desired }
}

fn desired(dice: &mut Dice, name: &str, variant: Variant) -> Desired {
    let zone = ZoneName::try_from(name.to_owned()).unwrap();
    let mut desired = Desired::in_file(format!("zones/{name}.yaml"), zone, variant, Place::START);
    for setting in settable(variant) {
        if dice.once_in(3) {
            desired.set_at(setting, value(dice, setting), Place::START).unwrap();
        }
    }
    desired.stale = if dice.once_in(2) { StalePolicy::Clean } else { StalePolicy::Report };
    desired.custom_rules_in_place = true;
    desired
}

/// Edits by others right before or after the first to fourth GET, or around the PUT.
fn faults(dice: &mut Dice, variant: Variant) -> Vec<Json> {
    let all: Vec<_> = settable(variant).collect();
    (0..dice.below(3))
        .map(|_| {
            let setting = *dice.pick(&all);
            let set = match dice.below(4) {
                0 => json!({"day_after": dice.below(3)}),
                1 => json!({setting.name: null}),
                _ => json!({setting.name: value(dice, setting).to_json()}),
            };
            json!({"on": dice.pick(&["GET", "GET", "GET", "PUT"]), "nth": 1 + dice.below(4),
                "do": dice.pick(&["edit", "edit_after"]), "set": set})
        })
        .collect()
}

async fn make(api: &Witness, wants: &[Desired], stop: &Stop) -> Plan {
    let mut planning = Planning::new(jiff::civil::date(2026, 11, 23));
    (planning.concurrency, planning.stop) = (4, stop.clone());
    let zones = plan_zones(api, wants.to_vec(), &planning, &|_| {}).await;
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    Plan::build(Provenance::new(at, "http://api.example".to_owned()), zones)
}

/// Saves a plan and reads it again: nothing may get lost on the way.
fn saved(plan: &Plan) -> Plan {
    let text = serde_json::to_vec_pretty(&PlanDocument::new(plan)).unwrap();
    let read =
        botform::plan::read(std::io::Cursor::new(&text)).unwrap_or_else(|error| panic!("{error}\n{plan:?}"));
    assert_eq!(read.zones(), plan.zones());
    assert_eq!(read.digest(), plan.digest());
    read
}

async fn apply(
    api: &Witness,
    plan: &Plan,
    now: &FilesNow,
    journal: &Journal,
    stop: &Stop,
) -> Vec<ZoneOutcome> {
    let mut apply = Apply::new(api);
    (apply.journal, apply.stop) = (Some(journal), stop.clone());
    (apply.concurrency, apply.pause) = (4, Duration::ZERO);
    let mut rules = Rules::new(plan.provenance().created_at);
    rules.files = ZoneFiles::Now(now);
    let guarded = Guarded::check(plan, &rules).unwrap();
    apply.run(&guarded, &|_, _| {}).await.outcomes
}

/// All that was written was what the plan saw, and was written once.
fn check_writes(api: &Witness, plan: &Plan, outcomes: &[ZoneOutcome], seed: u64) {
    let written = std::mem::take(&mut *api.written.lock().unwrap());
    for (zone, outcome) in plan.zones().iter().zip(outcomes) {
        let puts: Vec<_> = written.iter().filter(|(id, _)| Some(id) == zone.zone_id.as_ref()).collect();
        // A clean-up beside other changes follows them, over what they have made of the zone.
        for (_, last) in puts.iter().take(1) {
            assert_eq!(Some(last), zone.live(), "seed {seed}: {} was not the reviewed one", zone.zone);
        }
        for (_, last) in puts.iter().skip(1) {
            let mut changes = zone.changes().filter(|row| !row.is_clean_up()).filter_map(Row::change);
            let is_made = |(setting, value)| last.get(setting).is_none_or(|live| live.is(value));
            assert!(changes.all(is_made), "seed {seed}: {}", zone.zone);
        }
        let is_sent = outcome.outcome.has_written() || refused(outcome);
        let most = if zone.is_written_in_two() { 2 } else { 1 };
        let counts = if is_sent { 1..=most } else { 0..=0 };
        assert!(counts.contains(&puts.len()), "seed {seed}: {outcome:?}");
        assert!(puts.is_empty() || zone.is_written());
    }
}

fn refused(outcome: &ZoneOutcome) -> bool {
    outcome.outcome == Outcome::Refused
}

/// The reported values of the settings that a plan would change.
fn managed(world: &World, zone: &ZonePlan, of: &ZonePlan) -> BTreeMap<&'static str, Json> {
    let object = world.object(zone.zone.as_str()).unwrap();
    let declared = of.changes().filter(|row| row.live.is_some() && !row.stale);
    declared
        .filter_map(Row::change)
        .map(|(setting, _)| (setting.name, object[setting.name].clone()))
        .collect()
}

async fn case(seed: u64, counts: &mut BTreeMap<&'static str, usize>) {
    let mut dice = Dice::new(seed);
    let zones: Vec<_> = (0..ZONES).map(|number| zone(&mut dice, number)).collect();
    let worlds: Vec<_> = zones.iter().map(|zone| &zone.world).collect();
    let world =
        World::read(&json!({"zones": worlds})).unwrap_or_else(|errors| panic!("seed {seed}: {errors:?}"));
    let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let token = Credentials::token("emulator".to_owned()).unwrap();
    let mut options = Options::new(token);
    (options.base_url, options.budget) = (emulator.base_url(), Budget::unlimited());
    let client = Client::new(options).unwrap();
    let api = Witness { client, last: Mutex::default(), written: Mutex::default() };
    let wants: Vec<_> = zones.into_iter().map(|zone| zone.desired).collect();
    let now = FilesNow::new(wants.clone(), Vec::new(), Vec::new(), jiff::civil::date(2026, 11, 23));
    let stop = Stop::default();
    let folder = tempfile::tempdir().unwrap();
    let open =
        |name: &str| Journal::open(&folder.path().join(name), "http://api.example", String::new).unwrap();

    let plan = saved(&make(&api, &wants, &stop).await);
    let before = emulator.world();
    let outcomes = apply(&api, &plan, &now, &open("first"), &stop).await;
    let between = emulator.world();
    check_writes(&api, &plan, &outcomes, seed);
    for outcome in &outcomes {
        *counts.entry(outcome.outcome.word()).or_default() += 1;
    }
    let back = Undo::read(&folder.path().join("first")).unwrap();
    let back = saved(&make(&api, &back.zones, &stop).await);
    let undone = apply(&api, &back, &now, &open("second"), &stop).await;
    check_writes(&api, &back, &undone, seed);
    let after = emulator.world();
    for (zone, outcome) in
        plan.zones().iter().zip(&outcomes).filter(|(_, outcome)| outcome.outcome == Outcome::Applied)
    {
        let place = back.zones().iter().position(|back| back.zone == zone.zone).unwrap();
        // Somebody may have edited the zone right after its read-back.
        let object = between.object(zone.zone.as_str()).unwrap();
        let is_kept = zone.changes().all(|row| object[row.name()] == row.value().unwrap().to_json());
        if undone[place].outcome == Outcome::Applied && outcome.findings.is_empty() && is_kept {
            assert_eq!(
                managed(&after, zone, zone),
                managed(&before, zone, zone),
                "seed {seed}: {}",
                zone.zone
            );
            *counts.entry("undone").or_default() += 1;
        }
    }
}

/// Plays random cases, some at a time, and counts the outcomes.
fn play(cases: usize) {
    const AT_ONCE: usize = 4;
    let part = |first: usize| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut counts = BTreeMap::new();
        for seed in (first..cases).step_by(AT_ONCE) {
            runtime.block_on(case(seed as u64, &mut counts));
        }
        counts
    };
    let mut counts = BTreeMap::new();
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..AT_ONCE).map(|first| scope.spawn(move || part(first))).collect();
        for (word, count) in parts.into_iter().flat_map(|part| part.join().unwrap()) {
            *counts.entry(word).or_insert(0) += count;
        }
    });
    for word in ["applied", "stale", "collateral", "blocked", "in_sync", "undone"] {
        assert!(counts.get(word).is_some_and(|count| *count > 0), "{counts:?}");
    }
}

#[test]
fn only_what_was_reviewed_is_written_and_an_undo_brings_it_back() {
    play(40);
}

#[test]
#[ignore = "slow: CI runs it"]
fn only_what_was_reviewed_is_written_in_thousands_of_worlds() {
    play(3000);
}
