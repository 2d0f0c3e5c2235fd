//! An hour of histories: one fleet that lives on through plans, applies, undos, edits by others and kills, with every
//! fault that the emulator can script. What is promised of one run holds in each, and memory stays as it is.

use crate::cases::{Case, case, edits, file, twists};
use crate::history::object;
use crate::truth::Ended;
use botform::api::{Budget, Client, Credentials, Options, Retry};
use botform::catalogue::Variant;
use botform::config::check_text;
use botform::emulator::{Emulator, World};
use botform::model::{Desired, Outcome, ZoneOutcome};
use botform::plan::{Plan, PlanDocument, Provenance, Status};
use botform::run::{
    Apply, Guarded, Journal, Planning, Record, Rules, Undo, in_flight, plan_zones, read_journal,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ZONES: usize = 2_000;

/// How many zones are read or written at the same time.
const AT_ONCE: usize = 50;

const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

const STALE: &str = "stale_zone_configuration";

type Object = Map<String, Value>;

fn name(n: usize) -> String {
    format!("z{n:05}.example.com")
}

/// The fleet, and what has become of it.
struct Soak {
    emulator: Emulator,
    /// One for all rounds, as in a process that lives on.
    client: Client,
    folder: tempfile::TempDir,
    cases: Vec<Case>,
    wants: Vec<Desired>,
    ids: Vec<String>,
    runner: TestRunner,
    strategies: BTreeMap<&'static str, [BoxedStrategy<Vec<Value>>; 2]>,
    counts: BTreeMap<String, usize>,
}

fn client(emulator: &Emulator) -> Client {
    let mut options = Options::new(Credentials::token("emulator".to_owned()).unwrap());
    options.base_url = emulator.base_url();
    options.timeout = Duration::from_secs(5);
    options.retry = Retry { attempts: 3, delay: Duration::from_millis(1) };
    options.budget = Budget::unlimited();
    Client::new(options).unwrap()
}

fn sample<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: &BoxedStrategy<T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// A file that breaks no rule, and what it says.
fn checked(runner: &mut TestRunner, case: &mut Case, n: usize) -> Desired {
    loop {
        let text = case.file.text(&name(n));
        if let (Some(desired), _) = check_text(&format!("zones/{}.yaml", name(n)), text.as_bytes()) {
            return desired;
        }
        case.file = sample(runner, &file(case.variant));
    }
}

impl Soak {
    async fn begin(seed: [u8; 32]) -> Self {
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let any = case();
        let mut cases: Vec<_> = (0..ZONES).map(|_| sample(&mut runner, &any)).collect();
        cases.iter_mut().for_each(|case| case.faults.clear());
        let wants: Vec<_> =
            cases.iter_mut().enumerate().map(|(n, case)| checked(&mut runner, case, n)).collect();
        let zones: Vec<_> = cases.iter().enumerate().map(|(n, case)| case.in_world(&name(n))).collect();
        let world = World::read(&json!({ "zones": zones })).unwrap_or_else(|errors| panic!("{errors:?}"));
        let ids = (0..ZONES).map(|n| world.zone_id(&name(n)).unwrap().to_owned()).collect();
        let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("zones")).unwrap();
        let strategies = Variant::ALL.iter().map(|variant| (variant.word(), [twists(), edits(*variant)]));
        let (client, strategies) = (client(&emulator), strategies.collect());
        let soak =
            Self { emulator, client, folder, cases, wants, ids, runner, strategies, counts: BTreeMap::new() };
        (0..ZONES).for_each(|n| soak.write_file(n));
        soak
    }

    fn write_file(&self, n: usize) {
        fs::write(self.path(&format!("zones/{}.yaml", name(n))), self.cases[n].file.text(&name(n))).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A number below another one.
    fn below(&mut self, most: usize) -> usize {
        self.runner.rng().next_u32() as usize % most
    }

    fn some(&mut self, count: usize) -> BTreeSet<usize> {
        (0..count).map(|_| self.below(ZONES)).collect()
    }

    /// Files that want something else.
    fn rewrite(&mut self, count: usize) {
        for n in self.some(count) {
            self.cases[n].file = sample(&mut self.runner, &file(self.cases[n].variant));
            self.wants[n] = checked(&mut self.runner, &mut self.cases[n], n);
            self.write_file(n);
        }
    }

    /// Somebody else changes zones by hand, the same way as a fault would.
    fn edit_by_others(&mut self, count: usize) {
        for n in self.some(count) {
            let fault = sample(&mut self.runner, &self.strategies[self.cases[n].variant.word()][1]).remove(0);
            let set = fault["set"].as_object().unwrap();
            self.emulator.edit(|world| {
                for (key, value) in set {
                    world.set(&name(n), key, Some(value.clone()));
                }
            });
        }
    }

    /// Scripts faults of zones, and of the list.
    fn script(&mut self, count: usize) {
        for n in self.some(count) {
            let kind = usize::from(self.below(4) == 0);
            let faults = sample(&mut self.runner, &self.strategies[self.cases[n].variant.word()][kind]);
            for fault in &faults {
                self.emulator.edit(|world| world.script(Some(&name(n)), fault)).unwrap();
            }
            self.cases[n].faults = faults;
        }
        for word in ["status", "cut", "reset", "html", "throttle", "empty", "success_false"] {
            let mut fault = json!({"on": "ZONES", "nth": 1 + self.below(60), "count": 1, "do": word});
            match word {
                "status" => fault["status"] = json!(503),
                "throttle" => fault["retry_after"] = json!(0),
                _ => {}
            }
            self.emulator.edit(|world| world.script(None, &fault)).unwrap();
        }
    }

    /// Ends all faults, and forgets what was asked.
    fn calm(&mut self) {
        self.emulator.edit(World::begin_anew);
        self.cases.iter_mut().for_each(|case| case.faults.clear());
    }

    async fn plan(&self, wants: &[Desired]) -> Plan {
        let mut planning = Planning::new(DAY);
        planning.concurrency = AT_ONCE;
        let zones = plan_zones(&self.client, wants.to_vec(), &planning, &|_| {}).await;
        assert!(self.emulator.requests().iter().all(|request| request.method == "GET"), "a plan wrote");
        let made = "2026-11-23T00:00:00Z".parse().unwrap();
        Plan::build(Provenance::new(made, self.emulator.base_url()), zones)
    }

    /// Applies a plan, and watches that no PUT comes before its line in the journal.
    async fn apply(&mut self, plan: &Plan, journal: &Path) -> Vec<ZoneOutcome> {
        let _ = fs::remove_file(journal);
        let opened = Journal::open(journal, &self.emulator.base_url(), || DAY.to_string()).unwrap();
        let mut apply = Apply::new(&self.client);
        (apply.concurrency, apply.journal) = (AT_ONCE, Some(&opened));
        apply.pause = Duration::from_millis(1);
        let guarded = Guarded::check(plan, &Rules::new(plan.provenance().created_at)).unwrap();
        let mut tail = Tail::of(journal);
        let outcomes = tokio::select! {
            applied = apply.run(&guarded, &|_, _| {}) => applied.outcomes,
            () = self.emulator.until(|world| { tail.check(world); false }) => unreachable!(),
        };
        tail.check(&self.emulator.world());
        assert_eq!(outcomes.len(), plan.zones().len(), "each zone has one outcome");
        let document = serde_json::to_value(PlanDocument::with_outcomes(plan, &outcomes)).unwrap();
        assert!(document["zones"].as_array().unwrap().iter().all(|zone| zone["outcome"].is_string()));
        for outcome in &outcomes {
            *self.counts.entry(format!("{:?}", outcome.outcome)).or_default() += 1;
        }
        outcomes
    }

    /// Whether all that a run reported is true, and nothing was changed that it does not name.
    fn judge(&self, plan: &Plan, outcomes: &[ZoneOutcome], before: &[Object]) {
        let (world, mut bodies) = (self.emulator.world(), HashMap::<String, Vec<Value>>::new());
        for request in world.requests().iter().filter(|request| request.method == "PUT") {
            let id = request.path.split('/').nth_back(1).unwrap();
            bodies.entry(id.to_owned()).or_default().extend(request.body.clone());
        }
        for (n, (zone, outcome)) in plan.zones().iter().zip(outcomes).enumerate() {
            assert_eq!(zone.zone.as_str(), name(n));
            let (now, bodies) =
                (object(&world, &self.ids[n]), bodies.remove(&self.ids[n]).unwrap_or_default());
            let case = &self.cases[n];
            let is_edited = case.faults.iter().any(|fault| fault.get("set").is_some());
            let touched = (!is_edited).then(|| touched(&before[n], &now, &bodies)).flatten();
            let ended = Ended { case, plan: zone, outcome, bodies, now };
            let lie = ended.lie().filter(|_| !ended.is_lost());
            if let Some(wrong) = ended.trespass().or(lie).or(touched) {
                panic!("{}: {wrong}\n{case:?}", name(n));
            }
        }
    }

    fn objects(&self) -> Vec<Object> {
        let world = self.emulator.world();
        self.ids.iter().map(|id| object(&world, id)).collect()
    }

    /// Without faults what is written is in sync afterwards, and nothing else becomes so.
    async fn converges(&mut self, journal: &Path) {
        self.calm();
        let (plan, before) = (self.plan(&self.wants).await, self.objects());
        let outcomes = self.apply(&plan, journal).await;
        self.judge(&plan, &outcomes, &before);
        self.calm();
        let again = self.plan(&self.wants).await;
        for (n, case) in self.cases.iter().enumerate().filter(|(_, case)| case.is_calm()) {
            let (first, second) = (plan.zones()[n].status(), again.zones()[n].status());
            let fits = match (first, outcomes[n].outcome) {
                (Status::Change, Outcome::Applied) => second == Status::InSync,
                (Status::InSync | Status::Blocked, _) => second == first,
                _ => false,
            };
            assert!(fits, "{}: {first:?}, {:?}, then {second:?}\n{case:?}", name(n), outcomes[n]);
        }
    }

    /// A run amid faults, after which somebody undoes it or not.
    async fn faulty(&mut self, round: usize) {
        let journal = self.path("journal.jsonl");
        self.calm();
        self.rewrite(ZONES / 10);
        self.edit_by_others(ZONES / 50);
        self.script(ZONES / 5);
        let plan = self.plan(&self.wants).await;
        self.edit_by_others_of_calm(ZONES / 100);
        let before = self.objects();
        let outcomes = self.apply(&plan, &journal).await;
        self.judge(&plan, &outcomes, &before);
        if round.is_multiple_of(3) {
            self.undo(&journal).await;
        }
    }

    /// Between plan and apply; of zones whose own faults do not edit them, so that the model knows each value.
    fn edit_by_others_of_calm(&mut self, count: usize) {
        for n in self.some(count).into_iter().filter(|n| self.cases[*n].faults.is_empty()).collect::<Vec<_>>()
        {
            let fault = sample(&mut self.runner, &self.strategies[self.cases[n].variant.word()][1]).remove(0);
            let (key, value) = fault["set"].as_object().unwrap().iter().next().unwrap();
            self.emulator.edit(|world| world.set(&name(n), key, Some(value.clone())));
        }
    }

    /// What a run wrote is as it was before, where nobody else was there meanwhile.
    async fn undo(&mut self, journal: &Path) {
        self.calm();
        let undo = Undo::read(journal).unwrap();
        let mut plan = self.plan(&undo.zones).await;
        undo.block(&mut plan);
        let own = self.path("undo.jsonl");
        let before = first_values(journal);
        let outcomes = self.apply(&plan, &own).await;
        let world = self.emulator.world();
        for (zone, outcome) in plan.zones().iter().zip(&outcomes) {
            if !matches!(outcome.outcome, Outcome::Applied) {
                continue;
            }
            let id = zone.zone_id.as_ref().unwrap().as_str();
            let now = object(&world, id);
            let written: BTreeSet<_> = zone.body().into_iter().flatten().map(|(key, _)| key).collect();
            for (key, value) in &before[id] {
                let is_back = value.is_null() || !written.contains(key) || now.get(key) == Some(value);
                assert!(is_back, "{}: `{key}` was {value}, and is {:?}", zone.zone, now.get(key));
            }
        }
    }

    fn start(&self, journal: &Path) -> Child {
        let output = fs::File::create(self.path("result.json")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_botform"))
            .args(["apply", "zones", "--auto-approve", "--rate", "100000/1", "--output", "json", "--journal"])
            .arg(journal)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("CLOUDFLARE_API_TOKEN", "emulator")
            .env("CLOUDFLARE_BASE_URL", self.emulator.base_url())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// The program is killed amid its writes, and started again.
    async fn killed(&mut self) {
        let journal = self.path("killed.jsonl");
        let _ = fs::remove_file(&journal);
        self.calm();
        self.rewrite(ZONES / 10);
        let most = 1 + self.below(120);
        let mut child = self.start(&journal);
        let puts = |world: &World| world.requests().iter().filter(|request| request.method == "PUT").count();
        let has_ended = std::sync::atomic::AtomicBool::new(false);
        tokio::select! {
            () = self.emulator.until(|world| puts(world) >= most) => {}
            () = async { while child.try_wait().unwrap().is_none() { tokio::time::sleep(Duration::from_millis(20)).await } } => {
                has_ended.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let _ = child.kill();
        child.wait().unwrap();
        Tail::of(&journal).check(&self.emulator.world());
        let mut again = self.start(&journal);
        while again.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let code = again.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 1 | 3)), "{code:?}");
        let result: Value = serde_json::from_slice(&fs::read(self.path("result.json")).unwrap()).unwrap();
        let zones = result["zones"].as_array().unwrap();
        assert_eq!(zones.len(), ZONES);
        assert!(zones.iter().all(|zone| zone["outcome"].is_string()));
        Tail::of(&journal).check(&self.emulator.world());
        assert!(in_flight(&read_journal(&journal).unwrap()).is_empty(), "something is in flight");
        *self.counts.entry("killed".to_owned()).or_default() += usize::from(!has_ended.into_inner());
    }
}

/// What differs though nobody sent it.
fn touched(before: &Object, now: &Object, bodies: &[Value]) -> Option<String> {
    let sent: BTreeSet<_> = bodies.iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    let stale = |object: &Object| object.get(STALE).and_then(Value::as_object).cloned().unwrap_or_default();
    let moved = |before: &Object, now: &Object| {
        let keys: BTreeSet<_> =
            before.keys().chain(now.keys()).filter(|key| *key != STALE).cloned().collect();
        keys.into_iter().find(|key| !sent.contains(key) && before.get(key) != now.get(key))
    };
    let moved = moved(before, now).or_else(|| moved(&stale(before), &stale(now)));
    moved.map(|key| format!("`{key}` moved, which nobody sent"))
}

/// The values of the sent settings from before the first PUT to each zone, by the id of the zone.
fn first_values(journal: &Path) -> HashMap<String, BTreeMap<String, Value>> {
    let mut first: HashMap<String, BTreeMap<String, Value>> = HashMap::new();
    for record in read_journal(journal).unwrap() {
        let Record::Put { zone_id, before, .. } = record else { continue };
        let known = first.entry(zone_id).or_default();
        for (key, value) in before {
            known.entry(key).or_insert(value);
        }
    }
    first
}

/// A journal that is read as it grows, beside the PUTs that the API has seen.
struct Tail {
    journal: PathBuf,
    read: u64,
    told: HashMap<String, usize>,
    seen: usize,
    puts: HashMap<String, usize>,
}

impl Tail {
    fn of(journal: &Path) -> Self {
        let (told, puts) = (HashMap::new(), HashMap::new());
        Self { journal: journal.to_owned(), read: 0, told, seen: 0, puts }
    }

    fn check(&mut self, world: &World) {
        let new = &world.requests()[self.seen..];
        self.seen += new.len();
        let mut is_new = false;
        for request in new.iter().filter(|request| request.method == "PUT") {
            is_new = true;
            let id = request.path.split('/').nth_back(1).unwrap();
            *self.puts.entry(id.to_owned()).or_default() += 1;
        }
        if !is_new {
            return;
        }
        let mut new = Vec::new();
        if let Ok(mut file) = fs::File::open(&self.journal) {
            file.seek(SeekFrom::Start(self.read)).unwrap();
            file.read_to_end(&mut new).unwrap();
        }
        new.truncate(new.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
        self.read += new.len() as u64;
        for line in new.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line: Value = serde_json::from_slice(line).unwrap();
            if line["event"] == "put" {
                *self.told.entry(line["zone_id"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        for (id, puts) in &self.puts {
            assert!(self.told.get(id) >= Some(puts), "zone {id} was written before the journal told of it");
        }
    }
}

/// The memory of this process, in KiB; `None` where nothing tells.
fn memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// An hour by default: `cargo test --test properties an_hour_of_histories -- --ignored --nocapture`, with
/// `BOTFORM_SOAK_MINUTES=15` in front of it for a quarter of one, and `BOTFORM_SOAK_SEED=N` for the histories of
/// another time.
#[test]
#[ignore = "soak: an hour, by hand before a release"]
fn an_hour_of_histories() {
    let minutes = std::env::var("BOTFORM_SOAK_MINUTES").map_or(60.0, |minutes| minutes.parse().unwrap());
    let seed = std::env::var("BOTFORM_SOAK_SEED")
        .map_or_else(|_| u64::from(std::process::id()), |seed| seed.parse().unwrap());
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    eprintln!("BOTFORM_SOAK_SEED={seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (begun, ends) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
        let mut soak = Soak::begin(bytes).await;
        let mut used = Vec::new();
        while begun.elapsed() < ends {
            let round = used.len();
            if round % 5 == 1 {
                soak.killed().await;
            } else {
                soak.faulty(round).await;
            }
            let journal = soak.path("calm.jsonl");
            soak.converges(&journal).await;
            soak.calm();
            used.extend(memory());
            if round.is_multiple_of(10) {
                eprintln!(
                    "{:>6.0?} round {round}: {:?} KiB, {:?}",
                    begun.elapsed(),
                    used.last(),
                    soak.counts
                );
            }
        }
        let warm = used.iter().take(10).max().copied().unwrap_or_default();
        let end = used.iter().rev().take(10).max().copied().unwrap_or_default();
        eprintln!(
            "{} rounds in {:.0?}: {warm} KiB warm, {end} KiB at the end; {:?}",
            used.len(),
            begun.elapsed(),
            soak.counts
        );
        assert!(end * 10 <= warm * 12, "memory grew from {warm} to {end} KiB");
    });
}
