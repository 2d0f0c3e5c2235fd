//! Random schedules on a clock of their own: waits take no time, and each run is judged by what the API saw.

use crate::history::History;
use crate::promises::{Told, broken, too_slow};
use crate::schedule::{Pin, Planned, Protection, Schedule, id, schedule};
use botform::api::{Client, Credentials, Options, Retry};
use botform::config::check_text;
use botform::emulator::{Emulator, World};
use botform::model::{Desired, Rate};
use botform::plan::{FilesNow, Plan, PlanDocument, Provenance};
use botform::run::{Apply, Guarded, Journal, Planning, Rules, Stop, ZoneFiles, plan_zones};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::time::Duration;

/// How many runs there are, unless the environment asks for more.
const RUNS: u32 = 200;

const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

fn client(emulator: &Emulator, rate: Option<(u32, u32)>) -> Client {
    let mut options = Options::new(Credentials::token("emulator".to_owned()).unwrap());
    options.base_url = emulator.base_url();
    options.retry = Retry { attempts: 3, delay: Duration::from_millis(1) };
    options.budget = rate.map(|(requests, seconds)| Rate::new(requests, seconds).unwrap()).into();
    Client::new(options).unwrap()
}

/// Whether a rule across settings refuses the file of a zone.
fn is_refused(schedule: &Schedule, n: usize) -> bool {
    check_text("zones/a.yaml", schedule.zones[n].text(n).as_bytes()).0.is_none()
}

/// What the file of a zone says when the plan is written.
fn file_now((n, (text, zone)): (usize, (&String, &Planned))) -> Desired {
    let protect = if zone.protection == Protection::After { "protect: true\n" } else { "" };
    check_text(&format!("zones/{n}.yaml"), format!("{text}{protect}").as_bytes()).0.unwrap()
}

async fn run(mut schedule: Schedule) -> Result<(), TestCaseError> {
    for n in (0..schedule.zones.len()).rev() {
        if is_refused(&schedule, n) {
            schedule.zones.remove(n);
        }
    }
    // With other numbers other rules may break: none is about the name.
    let texts: Vec<_> = schedule.zones.iter().enumerate().map(|(n, zone)| zone.text(n)).collect();
    let wants: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| check_text(&format!("zones/{n}.yaml"), text.as_bytes()).0.unwrap())
        .collect();
    let world = World::read(&schedule.world()).unwrap_or_else(|errors| panic!("{errors:?}"));
    // One for each run: an abandoned request may arrive late.
    let emulator = &Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let client = client(emulator, schedule.rate);
    let (mut history, stop) = (History::default(), Stop::default());
    let planning = Planning::new(DAY);
    let zones = tokio::select! {
        zones = plan_zones(&client, wants, &planning, &|_| {}) => zones,
        () = history.watch(emulator, &[], &stop) => unreachable!(),
    };
    history = history.finish(emulator);
    let planned = history.seen.len();
    if let Some(slow) = too_slow(&history, &schedule) {
        return Err(TestCaseError::fail(format!("{slow}\n{history}")));
    }
    let is_clear = |(n, zone): (usize, &Planned)| zone.pin != Pin::Name || !history.has_shown(zone.twin, n);
    let is_clear: Vec<_> = schedule.zones.iter().enumerate().map(is_clear).collect();
    let provenance = Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), emulator.base_url());
    let plan = Plan::build(provenance, zones);
    prop_assert!(history.seen.iter().all(|seen| seen.method == "GET"), "a plan wrote");

    let files: Vec<_> = texts.iter().zip(&schedule.zones).enumerate().map(file_now).collect();
    let files = FilesNow::new(files, Vec::new(), Vec::new(), DAY);
    let mut rules = Rules::new(plan.provenance().created_at);
    rules.files = ZoneFiles::Now(&files);
    let guarded = Guarded::check(&plan, &rules).unwrap();
    let guarded = match schedule.saved {
        Some(true) => guarded.partial(),
        Some(false) => guarded.saved(),
        None => guarded,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::open(&path, &emulator.base_url(), || DAY.to_string()).unwrap();
    history.journal = Some(path);
    let mut apply = Apply::new(&client);
    (apply.concurrency, apply.stop, apply.journal) = (schedule.concurrency, stop.clone(), Some(&journal));
    let applied = tokio::select! {
        applied = apply.run(&guarded, &|_, _| {}) => applied,
        () = history.watch(emulator, &schedule.acts, &stop) => unreachable!(),
    };
    let history = history.finish(emulator);
    prop_assert_eq!(applied.outcomes.len(), plan.zones().len());
    let may_wait = schedule.rate.is_some() || history.seen.iter().any(|seen| seen.retry_after.is_some());
    for (n, outcome) in applied.outcomes.iter().enumerate() {
        let behind = |id: String| {
            history.of(&id).into_iter().filter(|(place, _)| *place >= planned).collect::<Vec<_>>()
        };
        let (own, of_twin) = (behind(id(n, false)), behind(id(n, true)));
        let told = Told {
            schedule: &schedule,
            n,
            plan: &plan.zones()[n],
            outcome,
            is_clear: is_clear[n],
            may_wait,
            own,
            of_twin,
        };
        if let Some(broken) = told.broken() {
            return Err(TestCaseError::fail(format!("zone {n}: {broken}\n{history}")));
        }
    }
    let document = serde_json::to_value(PlanDocument::with_outcomes(&plan, &applied.outcomes)).unwrap();
    prop_assert!(document["zones"].as_array().unwrap().iter().all(|zone| zone["outcome"].is_string()));
    match broken(&history, &schedule) {
        Some(broken) => Err(TestCaseError::fail(format!("{broken}\n{history}"))),
        None => Ok(()),
    }
}

fn part(runs: u32) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let config =
        Config { cases: runs, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&schedule(), |schedule| runtime.block_on(run(schedule)))
        .unwrap_or_else(|error| panic!("{error}\n{runner}"));
}

/// More runs: `BOTFORM_SCHEDULES=10000 cargo test --test properties schedules`.
#[test]
fn no_schedule_breaks_a_promise() {
    let runs = std::env::var("BOTFORM_SCHEDULES").map_or(RUNS, |runs| runs.parse().unwrap());
    let other = std::thread::spawn(move || part(runs / 2));
    part(runs - runs / 2);
    other.join().unwrap();
}
