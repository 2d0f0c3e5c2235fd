//! The HTML report in a real browser, used as people use it: search, filters, the keyboard, paper, narrow and wide, light
//! and dark; axe finds nothing to complain of, and nothing is loaded. It needs `chromium`, and playwright-core and axe-core
//! from npm in a temporary folder, so that it only runs when it is asked for:
//!
//! ```text
//! cargo test --test html -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const STEPS: &str = include_str!("html.mjs");

/// The number of zones of the largest page: more than are printed.
const MANY: usize = 1050;

/// Runs a command that writes a page.
fn page(folder: &Path, name: &str, line: &str) -> PathBuf {
    let path = folder.join(name);
    let output = Command::new(env!("CARGO_BIN_EXE_botform"))
        .args(line.split_whitespace())
        .args(["--rate", "100000/1", "--output"])
        .arg(format!("html={}", path.display()))
        .output()
        .unwrap();
    assert!(path.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    path
}

/// Zones that each want one change, and a world in which each ends in its own way.
fn fleet(folder: &Path, count: usize) -> String {
    std::fs::create_dir_all(folder.join("zones")).unwrap();
    let refused = json!([{"on": "PUT", "count": 9, "do": "refuse", "status": 400, "code": 10400, "message": "Bad Request"}]);
    let collateral = json!([{"on": "PUT", "do": "collateral", "set": {"crawler_protection": "enabled"}}]);
    let moved = json!([{"on": "GET", "nth": 2, "do": "edit", "set": {"ai_user": "block"}}]);
    let ends = [json!([]), refused, collateral, moved, json!([])];
    let zones: Vec<_> = (0..count)
        .map(|number| {
            let name = format!("zone-{number:04}.example.com");
            let (wanted, live) = if number % 2 == 0 { ("disabled", "block") } else { ("block", "disabled") };
            let protected = if number % 5 == 4 { "protect: true\n" } else { "" };
            let file = format!(
                "zone: {name}\nplan: sbfm_pro\nsettings: {{ai_bots_protection: {wanted}}}\n{protected}"
            );
            std::fs::write(folder.join(format!("zones/{name}.yaml")), file).unwrap();
            let live =
                json!({"ai_bots_protection": live, "ai_user": "disabled", "crawler_protection": "disabled"});
            json!({"name": name, "plan": "sbfm_pro", "live": live, "faults": ends[number % ends.len()]})
        })
        .collect();
    std::fs::write(folder.join("world.yaml"), json!({"zones": zones}).to_string()).unwrap();
    format!("{0}/zones --emulate {0}/world.yaml", folder.display())
}

/// What the browser sees of a page of few zones, of one after an apply, and of one of many zones.
fn browse() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let few = page(folder.path(), "few.html", "plan examples/zones --emulate examples/world.yaml");
    let zones = fleet(&folder.path().join("mixed"), 25);
    let applied = page(folder.path(), "applied.html", &format!("apply --auto-approve {zones}"));
    let zones = fleet(&folder.path().join("many"), MANY);
    let many = page(folder.path(), "many.html", &format!("plan {zones}"));
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("asks.json", &json!({"pages": [few, applied, many]}).to_string());
    write("steps.mjs", STEPS);
    write("package.json", "{\"private\": true}");
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap()
    };
    let fetched = run("npm", &["install", "--silent", "--no-audit", "playwright-core", "axe-core"]);
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    let output = run("node", &["steps.mjs"]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
#[ignore = "needs chromium, and fetches playwright-core and axe-core from npm"]
fn people_find_read_and_print_what_they_look_for_by_mouse_and_by_keyboard() {
    let seen = browse();
    assert_eq!((&seen["complaints"], &seen["asked"]), (&json!([]), &json!([])), "nothing is loaded");
    assert_eq!(seen["findings"], json!([]), "axe, at 400 and 1,400 pixels, light and dark");
    let keys = &seen["keys"];
    let stops = keys["stops"].as_array().unwrap();
    for stop in ["theme", "search", "variant", "sort", "matrix"] {
        assert!(stops.contains(&json!(stop)), "{stop}: {stops:?}");
    }
    assert_eq!(keys["opened"], json!([true, keys["selected"], "Close"]), "Enter opens, and it stays open");
    assert_eq!(keys["closed"], json!([false, "matrix"]), "Esc closes, and the focus is back");
    assert_eq!(keys["closedByEnter"], json!([false, "matrix"]));
    assert_eq!(keys["none"], "No zone matches. Show all zones");
    assert_eq!(keys["cleared"], json!(["4 zones", "search"]));
    let names = ["bank", "blog", "shop", "tickets"].map(|name| format!("{name}.example.com"));
    assert_eq!(keys["sorted"], json!(names));
    let printed = &seen["printed"];
    let refused = [1, 6, 11, 16, 21].map(|number| format!("zone-{number:04}.example.com"));
    assert_eq!(printed["filtered"], json!(refused), "what the filter shows");
    assert!(printed["limits"].as_str().unwrap().contains("5 of 25 zones: refused"), "{printed}");
    assert_eq!((&printed["few.html"]["rows"], &printed["few.html"]["sheets"]), (&json!(4), &json!(1)));
    let many = &printed["many.html"];
    assert_eq!(many["rows"], 1001, "a thousand zones, and how many are left");
    assert!(many["last"].as_str().unwrap().starts_with("… and 50 more zones"), "{many}");
    assert!(many["sheets"].as_u64().unwrap() < 60, "{many}");
    assert_eq!(seen["cause"], json!(["5 zones", "5 of 25 zones"]));
}
