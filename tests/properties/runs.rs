//! Random runs: whatever the world, the files and the faults, every zone has one outcome and it is true.

use crate::cases::{Case, case};
use crate::stage::{Manner, Stage};
use crate::truth::{Ended, object};
use botform::config::check_text;
use botform::emulator::World;
use botform::model::{Desired, Outcome, Threshold};
use botform::plan::{Plan, PlanDocument, Status};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;

/// How many runs there are, unless the environment asks for more.
const RUNS: u32 = 250;

fn name(n: usize) -> String {
    format!("z{n}.example.com")
}

/// The zones whose files are right, and what these say. A file that breaks a rule across settings is left out.
fn checked(cases: Vec<Case>) -> (Vec<Case>, Vec<Desired>) {
    let mut checked = (Vec::new(), Vec::new());
    for case in cases {
        let name = name(checked.0.len());
        if let (Some(desired), _) =
            check_text(&format!("zones/{name}.yaml"), case.file.text(&name).as_bytes())
        {
            checked.0.push(case);
            checked.1.push(desired);
        }
    }
    checked
}

fn world(cases: &[Case]) -> World {
    let zones: Vec<_> = cases.iter().enumerate().map(|(n, case)| case.in_world(&name(n))).collect();
    World::read(&json!({ "zones": zones })).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// The bodies of the PUTs to a zone.
fn bodies(world: &World, name: &str) -> Vec<Value> {
    let id = world.zone_id(name).unwrap();
    let puts = world.requests().iter().filter(|request| request.method == "PUT" && request.path.contains(id));
    puts.map(|request| request.body.clone().unwrap()).collect()
}

fn fail(why: impl Into<String>) -> TestCaseError {
    TestCaseError::fail(why.into())
}

async fn run(stage: &mut Stage, cases: Vec<Case>, manner: Manner) -> Result<(), TestCaseError> {
    let (cases, wants) = checked(cases);
    let is_calm = cases.iter().all(Case::is_calm);
    // A client that does not wait for long may give up before the emulator has seen its request.
    let is_hasty = cases.iter().any(Case::is_silent);
    stage.begin(world(&cases), is_hasty);
    let plan = stage.plan(&wants, manner.concurrency).await;
    if is_calm {
        let again = stage.plan(&wants, 1).await;
        prop_assert_eq!(
            serde_json::to_string(&PlanDocument::new(&plan)).unwrap(),
            serde_json::to_string(&PlanDocument::new(&again)).unwrap(),
            "the bytes depend on the concurrency"
        );
    }
    prop_assert!(stage.emulator.requests().iter().all(|request| request.method == "GET"), "a plan wrote");
    let outcomes = stage.apply(&plan, manner).await;
    prop_assert_eq!(outcomes.len(), plan.zones().len());
    let after = stage.emulator.world();
    for (n, (case, outcome)) in cases.iter().zip(&outcomes).enumerate() {
        let name = name(n);
        let zone = &plan.zones()[n];
        prop_assert_eq!(zone.zone.as_str(), &name);
        let ended =
            Ended { case, plan: zone, outcome, bodies: bodies(&after, &name), now: object(&after, &name) };
        let is_lost = is_hasty && ended.is_lost();
        if let Some(wrong) = ended.trespass().or_else(|| ended.lie().filter(|_| !is_lost)) {
            return Err(fail(format!("{name}: {wrong}")));
        }
    }
    let document = serde_json::to_value(PlanDocument::with_outcomes(&plan, &outcomes)).unwrap();
    prop_assert!(document["zones"].as_array().unwrap().iter().all(|zone| zone["outcome"].is_string()));
    if is_hasty {
        return Ok(());
    }
    converges(
        stage,
        &cases,
        &wants,
        &plan,
        &outcomes.iter().map(|outcome| outcome.outcome).collect::<Vec<_>>(),
    )
    .await
}

/// A zone without faults is applied, and then in sync.
async fn converges(
    stage: &Stage,
    cases: &[Case],
    wants: &[Desired],
    plan: &Plan,
    outcomes: &[Outcome],
) -> Result<(), TestCaseError> {
    let again = stage.plan(wants, 4).await;
    for (n, case) in cases.iter().enumerate().filter(|(_, case)| case.is_calm()) {
        let (first, second, outcome) = (&plan.zones()[n], &again.zones()[n], outcomes[n]);
        let fits = match (first.status(), outcome) {
            (Status::Change, Outcome::Applied) => second.status() == Status::InSync,
            (Status::Change, Outcome::NotAttempted)
            | (Status::InSync | Status::Blocked | Status::Failed, _) => second.status() == first.status(),
            _ => false,
        };
        if !fits {
            let changes: Vec<_> = second.changes().map(botform::diff::Row::name).collect();
            return Err(fail(format!(
                "{case:?}: {:?}, {outcome:?}, then {:?} {changes:?}",
                first.status(),
                second.status()
            )));
        }
    }
    Ok(())
}

/// A part of the runs, with an emulator of their own.
fn part(runs: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stage = RefCell::new(runtime.block_on(Stage::new()));
    let limits = prop_oneof![4 => Just((0, None)), 1 => (0_usize..3, prop::option::of(0_u32..2))];
    let manner = (1_usize..9, limits).prop_map(|(concurrency, (canary, max_failures))| Manner {
        concurrency,
        canary,
        max_failures: max_failures.map(Threshold::Count),
    });
    let config =
        Config { cases: runs, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let mut runner = TestRunner::new(config);
    runner
        .run(&(prop::collection::vec(case(), 1..5), manner), |(cases, manner)| {
            runtime.block_on(run(&mut stage.borrow_mut(), cases, manner))
        })
        .unwrap_or_else(|error| panic!("{error}\n{runner}"));
}

fn play(runs: u32) {
    let other = std::thread::spawn(move || part(runs / 2));
    part(runs - runs / 2);
    other.join().unwrap();
}

/// More runs: `BOTFORM_RUNS=10000 cargo test --test properties runs`.
#[test]
fn every_zone_of_every_run_has_one_outcome_and_it_is_the_truth() {
    play(std::env::var("BOTFORM_RUNS").map_or(RUNS, |runs| runs.parse().unwrap()));
}

#[test]
#[ignore = "slow: CI runs it"]
fn every_zone_has_one_true_outcome_in_thousands_of_runs() {
    play(3000);
}
