//! One emulator and one client for many runs: each run gets a world of its own.

use botform::api::{Budget, Client, Credentials, Options, Retry};
use botform::emulator::{Emulator, World};
use botform::model::{Desired, Threshold, ZoneOutcome};
use botform::plan::{Plan, Provenance};
use botform::run::{Apply, Guarded, Planning, Rules, plan_zones};
use std::time::Duration;

/// How many runs a client lasts: one that has seen five refusals in a row sends nothing more.
const LASTS: u32 = 40;

/// Where runs take place.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    client: Client,
    runs: u32,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) concurrency: usize,
    pub(crate) canary: usize,
    pub(crate) max_failures: Option<Threshold>,
}

impl Stage {
    /// A stage with an empty world.
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::start(World::default(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let client = client(&emulator, Duration::from_secs(20));
        Self { emulator, client, runs: 0 }
    }

    /// Begins a run in a world. Uses a short time-out if the world leaves requests unanswered.
    pub(crate) fn begin(&mut self, world: World, is_silent: bool) {
        self.runs += 1;
        if is_silent {
            self.client = client(&self.emulator, Duration::from_millis(60));
            // The next run gets a patient one.
            self.runs = LASTS;
        } else if self.runs > LASTS {
            (self.client, self.runs) = (client(&self.emulator, Duration::from_secs(20)), 0);
        }
        self.emulator.edit(|old| *old = world);
    }

    /// Makes a plan.
    pub(crate) async fn plan(&self, wants: &[Desired], concurrency: usize) -> Plan {
        let mut planning = Planning::new(jiff::civil::date(2026, 11, 23));
        planning.concurrency = concurrency;
        let zones = plan_zones(&self.client, wants.to_vec(), &planning, &|_| {}).await;
        Plan::build(Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), self.emulator.base_url()), zones)
    }

    /// Applies a plan.
    pub(crate) async fn apply(&self, plan: &Plan, manner: Manner) -> Vec<ZoneOutcome> {
        let Manner { concurrency, canary, max_failures } = manner;
        let mut apply = Apply::new(&self.client);
        (apply.concurrency, apply.canary, apply.max_failures) = (concurrency, canary, max_failures);
        apply.pause = Duration::from_millis(1);
        let guarded = Guarded::check(plan, &Rules::new(plan.provenance().created_at)).unwrap();
        apply.run(&guarded, &|_, _| {}).await.outcomes
    }
}

fn client(emulator: &Emulator, timeout: Duration) -> Client {
    let credentials = Credentials::token("emulator".to_owned()).unwrap();
    let retry = Retry { attempts: 3, delay: Duration::from_millis(1) };
    let base_url = emulator.base_url();
    let mut options = Options::new(credentials);
    (options.base_url, options.timeout, options.retry) = (base_url, timeout, retry);
    options.budget = Budget::unlimited();
    Client::new(options).unwrap()
}
