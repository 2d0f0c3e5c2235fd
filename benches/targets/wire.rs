//! Plans and applies on the emulator in its own process: against the time that the latency alone takes, and the memory
//! that they need.

use super::fleet::{Fleet, Named};
use super::process::{BOTFORM, Emulator, Used, run};
use super::table::Table;

/// The zones whose latency is measured.
const ZONES: usize = 1_000;

/// How many requests are in flight, which is the default of `--concurrency`.
const IN_FLIGHT: f64 = 50.0;

/// No limit: what is measured is the program, not Cloudflare's budget.
const RATE: &str = "1000000/1";

fn botform(fleet: &Fleet, emulator: &Emulator, command: &[&str]) -> Option<Used> {
    let arguments = [command, &["--base-url", &emulator.base_url, "--rate", RATE]].concat();
    run(fleet.path(), BOTFORM, &arguments)
}

const PLAN: &[&str] = &["plan", "zones"];
const APPLY: &[&str] = &["apply", "zones", "--auto-approve"];

/// The requests of a plan and of an apply of the fleet.
fn requests(fleet: &Fleet, command: &[&str]) -> f64 {
    let log = tempfile::NamedTempFile::new().unwrap();
    let emulator = Emulator::start(fleet.path(), 0, &["--requests", log.path().to_str().unwrap()]);
    botform(fleet, &emulator, command);
    std::fs::read_to_string(log.path()).unwrap().lines().count() as f64
}

/// Plan and apply 1,000 zones at three latencies, against the bound of ⌈requests ÷ in flight⌉ × latency.
pub(crate) fn wire(table: &mut Table) {
    let fleet = Fleet::written(ZONES, Named::Four);
    for (verb, command, targets) in [("plan", PLAN, [1.1, 1.05]), ("apply", APPLY, [1.2, 1.05])] {
        let requests = requests(&fleet, command);
        table.told(&format!("requests of {verb}, 1,000 zones"), Some(requests), "");
        for (latency, target) in [20, 100].into_iter().zip(targets) {
            let bound = (requests / IN_FLIGHT).ceil() * f64::from(latency) / 1e3;
            let wall = best(&fleet, latency, command, |used| used.wall);
            let what = format!("{verb} of 1,000 zones at {latency} ms, to {bound:.2} s of latency");
            table.times(&what, wall.map(|wall| wall / bound), target);
        }
        let cpu = best(&fleet, 0, command, |used| used.cpu).map(|cpu| cpu * 1e6 / ZONES as f64);
        let what = format!("CPU of {verb}, a zone of 1,000, requests included");
        match verb {
            "apply" => table.most(&what, cpu, 200.0, "µs"),
            _ => table.told(&what, cpu, "µs"),
        }
    }
}

/// The least of three runs, each against a fresh world.
fn best(fleet: &Fleet, latency: u32, command: &[&str], of: impl Fn(Used) -> f64) -> Option<f64> {
    let once = || botform(fleet, &Emulator::start(fleet.path(), latency, &[]), command).map(&of);
    (0..3).filter_map(|_| once()).reduce(f64::min)
}

/// The most memory of a plan and of reading a saved one, at three sizes, and the size of the saved plan.
pub(crate) fn memory(table: &mut Table) {
    const MB: f64 = 1e6;
    for named in Named::BOTH {
        let mut before: Option<[f64; 2]> = None;
        for zones in [100, 1_000, 10_000] {
            let fleet = Fleet::written(zones, named);
            let emulator = Emulator::start(fleet.path(), 0, &[]);
            let plan = botform(&fleet, &emulator, PLAN).map(|used| used.memory);
            botform(&fleet, &emulator, &["plan", "zones", "--out", "plan.json", "--output", "text=plan.txt"]);
            let read = run(fleet.path(), BOTFORM, &["show", "plan.json"]).map(|used| used.memory);
            let plans = plan.map(|memory| memory / MB);
            let what = format!("memory of plan, {zones} zones with {named}");
            if zones == 10_000 {
                table.most(&what, plans, 35.0, "MB");
            } else {
                table.told(&what, plans, "MB");
            }
            let Some(now) = plan.zip(read).map(|(plan, read)| [plan, read]) else { continue };
            if zones == 10_000
                && let Some(before) = before
            {
                let [plan, read] = [0, 1].map(|of| Some((now[of] - before[of]) / 9_000.0));
                table.most(&format!("memory of plan, each further zone with {named}"), plan, 2_000.0, "B");
                table.most(&format!("memory of show, each further zone with {named}"), read, 4_000.0, "B");
                let size =
                    std::fs::metadata(fleet.path().join("plan.json")).map(|file| file.len() as f64).ok();
                let zone = size.map(|size| size / zones as f64);
                table.most(&format!("saved plan, a zone with {named}"), zone, 2_000.0, "B");
            }
            before = Some(now);
        }
    }
}
