//! A plan asks no more of the API than the fewest requests that answer it: one for each zone with a file, and the pages
//! of the list or a look-up for each name, whichever is fewer.

use crate::story::Story;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

/// How many zones a page of the list has.
const PAGE: usize = 50;

#[derive(Clone, Debug)]
struct Fleet {
    zones: usize,
    /// Each how many zones one has a file.
    every: usize,
    /// How many have international names.
    international: usize,
    /// How many files are of zones that do not exist.
    missing: usize,
    moved_since: bool,
    coverage: bool,
}

fn fleet() -> impl Strategy<Value = Fleet> {
    (1_usize..130, 1_usize..30, 0_usize..6, 0_usize..3, any::<bool>(), any::<bool>()).prop_map(
        |(zones, every, international, missing, moved_since, coverage)| Fleet {
            zones,
            every,
            international,
            missing,
            moved_since,
            coverage,
        },
    )
}

impl Fleet {
    fn name(&self, n: usize) -> String {
        if n < self.international {
            format!("b\u{fc}cher-{n}.example")
        } else {
            format!("shop-{n:03}.example.com")
        }
    }

    /// Its world, with files that shut out search engines, so that each change has its caution.
    fn story(&self) -> (Story, usize) {
        let live =
            json!({"enable_js": true, "sbfm_verified_bots": "allow", "sbfm_definitely_automated": "allow"});
        let zone = |n: usize| json!({"name": self.name(n), "plan": "pro", "live": live});
        let mut story = Story::new((0..self.zones).map(zone).collect());
        let with_file: Vec<_> = (0..self.zones).step_by(self.every).collect();
        let gone = (0..self.missing).map(|n| format!("gone-{n}.example.com"));
        for name in with_file.iter().map(|n| self.name(*n)).chain(gone) {
            story = story.zone(&name, "sbfm_pro", "sbfm_verified_bots: block");
        }
        (story, with_file.len())
    }
}

/// How many requests came since some, to settings of zones and to others.
fn asked(story: &Story, since: usize) -> (usize, usize) {
    let requests = story.emulator().requests();
    let new = requests.iter().skip(since);
    let (settings, others): (Vec<_>, Vec<_>) =
        new.partition(|request| request.path.ends_with("/bot_management"));
    (settings.len(), others.len())
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    #[ignore = "slow: CI runs it"]
    fn a_plan_asks_no_more_than_it_must(fleet in fleet()) {
        let (story, files) = fleet.story();
        let flags: String = [(fleet.moved_since, " --moved-since last.json"), (fleet.coverage, " --coverage")]
            .into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag).collect();
        if fleet.moved_since {
            let taken = story.run("snapshot last.json");
            prop_assert_eq!(taken.exit, 0, "{}", taken);
        }
        let before = story.emulator().requests().len();
        let plan = story.run(&format!("plan{flags} --output json"));
        prop_assert!(plan.exit == 0 || fleet.missing > 0, "{}", plan);
        let document: Value = plan.json();
        prop_assert_eq!(document["summary"]["shuts_out"].as_u64(), Some(files as u64), "{}", plan);
        let (settings, others) = asked(&story, before);
        prop_assert_eq!(settings, files, "one read of each zone with a file");
        let pages = fleet.zones.div_ceil(PAGE);
        let wanted = files + fleet.missing;
        // One name is asked for alone. Of several the first page is read, and then what is fewer.
        let found = if wanted == 1 { 1 } else { pages.min(1 + wanted) };
        let listed = if fleet.moved_since || fleet.coverage { pages } else { 0 };
        prop_assert!(others <= found + fleet.missing + listed, "{others} > {found} + {} + {listed}", fleet.missing);
    }
}

#[test]
fn a_night_needs_only_its_snapshot() {
    let fleet =
        Fleet { zones: 60, every: 2, international: 3, missing: 0, moved_since: true, coverage: false };
    let (story, files) = fleet.story();
    assert_eq!(story.run("snapshot last.json").exit, 0);
    let before = story.emulator().requests().len();
    assert_eq!(story.run("snapshot tonight.json").exit, 0);
    assert_eq!(asked(&story, before), (60, 2));
    let night = story.run("plan --live tonight.json --moved-since last.json");
    assert!(
        night.exit == 0 && night.stdout.contains(&format!("{files} changes shut out search engines")),
        "{night}"
    );
    assert_eq!(asked(&story, before), (60, 2), "the plan asks for nothing");
}
