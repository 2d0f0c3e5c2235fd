//! The HTML report in a real browser: search, filter and detail work, nothing is loaded, nothing is complained of. It needs
//! `chromium` on the PATH, so that it only runs when it is asked for:
//!
//! ```text
//! cargo test --test html -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A report about the zones of the examples.
fn report(folder: &Path) -> PathBuf {
    let path = folder.join("report.html");
    let status = Command::new(env!("CARGO_BIN_EXE_botform"))
        .args(["plan", "examples/zones", "--emulate", "examples/world.yaml", "--output"])
        .arg(format!("html={}", path.display()))
        .status()
        .unwrap();
    assert!(status.success());
    path
}

/// The document as the browser has it once its script has run, what it complained of, and what it asked for.
fn browse(page: &Path, asked: &str) -> (String, String, String) {
    let folder = page.parent().unwrap();
    let log = folder.join("net.json");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"])
        .args(["--enable-logging=stderr", "--window-size=1400,900", "--disable-background-networking"])
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}#{asked}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr), std::fs::read_to_string(log).unwrap())
}

fn zones(dom: &str) -> usize {
    dom.matches("class=\"row\"").count()
}

#[test]
#[ignore = "needs chromium"]
fn search_filter_and_detail_work_and_no_request_leaves_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = report(folder.path());
    let (all, complaints, asked) = browse(&page, "");
    assert_eq!(zones(&all), 4, "{all}");
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
    // The browser looks for updates and dictionaries of its own.
    let urls = asked.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let leaves: Vec<_> = urls
        .filter(|url| !url.starts_with("file:") && ![".google", ".gvt1."].iter().any(|own| url.contains(own)))
        .collect();
    assert!(leaves.is_empty(), "{leaves:?}");
    assert_eq!(zones(&browse(&page, "search=blog").0), 1);
    assert_eq!(zones(&browse(&page, "search=nothing-like-it").0), 0);
    assert!(zones(&browse(&page, "show=loosens").0) < 4);
    let (detail, complaints, _) = browse(&page, "zone=shop.example.com");
    assert!(detail.contains("<dialog id=\"detail\"") && detail.contains("+ ai_search: disabled"), "{detail}");
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
}
