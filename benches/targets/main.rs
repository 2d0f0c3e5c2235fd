//! The table of the project's speed targets: what is measured, what is wanted, and whether it holds.
//!
//! ```text
//! cargo bench --bench targets
//! ```
//!
//! Time is compared within one run alone: with reading the same files, with the latency of the same server, with `true`.
//! CPU and memory are those of the processes themselves. It needs Linux and GNU time; what cannot be measured says so.
//! Names of parts as arguments (`wire memory`) limit it to these.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends at what it does not expect"
)]

mod fleet;
mod kept;
mod process;
mod table;
mod wire;

use fleet::{Fleet, Named};
use process::{BOTFORM, Used, run};
use table::Table;

/// What a part measures, by the name that asks for it.
type Part = (&'static str, fn(&mut Table));

const PARTS: [Part; 5] = [
    ("files", files),
    ("zones", kept::zones),
    ("wire", wire::wire),
    ("start", start),
    ("memory", wire::memory),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The process that reads files and does nothing else, to compare with.
    if let [mode, folder] = arguments.as_slice()
        && mode == "--read"
    {
        return (0..5).for_each(|_| fleet::read(folder));
    }
    let asked: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let mut table = Table::default();
    for (name, part) in PARTS {
        if asked.is_empty() || asked.iter().any(|asked| *asked == name) {
            part(&mut table);
        }
    }
    println!("{table}");
}

/// Checks 10,000 zone files, against reading their bytes.
fn files(table: &mut Table) {
    for named in Named::BOTH {
        let fleet = Fleet::written(10_000, named);
        let own = std::env::current_exe().unwrap();
        let own = own.to_str().unwrap();
        let best =
            |of: &dyn Fn() -> Option<Used>| (0..3).filter_map(|_| of()).map(|used| used.cpu).reduce(f64::min);
        // The kernel counts in hundredths of a second: five times are read at once.
        let reads = best(&|| run(fleet.path(), own, &["--read", "zones"])).map(|reads| reads / 5.0);
        let checks = best(&|| run(fleet.path(), BOTFORM, &["validate", "zones"]));
        let ratio = checks.zip(reads).map(|(checks, reads)| checks / reads);
        table.times(&format!("CPU of validate, 10,000 files with {named}, to reading them"), ratio, 3.0);
        let zone = checks.map(|checks| checks * 1e6 / 10_000.0);
        table.told(&format!("CPU of validate, a file with {named}"), zone, "µs");
    }
}

/// Starts the program, against `true`.
fn start(table: &mut Table) {
    let here = std::path::Path::new(".");
    let best = |program: &str, arguments: &[&str]| {
        (0..50).filter_map(|_| process::lasts(here, program, arguments)).reduce(f64::min)
    };
    let start = best(BOTFORM, &["--version"]).zip(best("true", &[]));
    table.most("start-up, over that of `true`", start.map(|(own, other)| (own - other) * 1e3), 3.0, "ms");
}
