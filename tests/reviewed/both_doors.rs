//! The change made between plan and apply, and what happens: each row of the table in `examples/reviewed`, through the
//! command line and through the library. Both end alike, say the same, and send as many PUTs.

use crate::story::Story;
use crate::table::{
    End,
    Manner::{self, AsReviewed, Elsewhere, Expecting, OneByOne, Partial, Plain},
    Row, rows, story,
};
use botform::Disk;
use botform::api::{Client, Credentials, Options};
use botform::config::{Loader, Project};
use botform::plan::{FilesNow, Refusals};
use botform::run::{Apply, Guarded, Rules, ZoneFiles};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::path::PathBuf;

const PAGE: &str = include_str!("../../examples/reviewed/README.md");

fn expected(story: &Story, manner: Manner) -> Option<String> {
    match manner {
        Expecting(digest) => Some(digest.to_owned()),
        AsReviewed => Some(story.read("reviewed")),
        Plain | Partial | OneByOne | Elsewhere => None,
    }
}

/// The outcomes of both zones, or of the only one.
fn both(outcomes: &[String]) -> [String; 2] {
    [0, 1].map(|zone| outcomes.get(zone).cloned().unwrap_or_else(|| "in_sync".to_owned()))
}

/// The exit code and the end of the command line, as far as the message is the expected one.
fn by_command(story: &Story, Row { manner, end, .. }: &Row) -> (i32, End) {
    let digest = expected(story, *manner).map(|digest| format!("--expect {digest}"));
    let flags = match manner {
        Partial => "--partial",
        OneByOne => "--concurrency 1",
        Elsewhere => "--base-url http://127.0.0.1:1/client/v4",
        Plain | Expecting(_) | AsReviewed => "",
    };
    let run = story.run(&format!("apply plan.json --output json {flags} {}", digest.unwrap_or_default()));
    if let End::Refused(says) = end {
        assert!(run.stderr.contains(says), "{run}");
        assert_eq!(story.bodies().len(), 0, "{run}");
        return (run.exit, end.clone());
    }
    let plan = run.json();
    let zones = plan["zones"].as_array().unwrap();
    let outcomes: Vec<_> = zones.iter().map(|zone| zone["outcome"].as_str().unwrap().to_owned()).collect();
    (run.exit, End::Outcomes(both(&outcomes), story.bodies().len()))
}

/// What a program does with the library that does what `apply plan.json` does.
async fn applied(story: &Story, manner: Manner) -> Result<Vec<String>, Box<dyn Error>> {
    let folder = story.path("");
    let plan = botform::plan::read(File::open(story.path("plan.json"))?)?;
    if let Some(digest) = expected(story, manner) {
        plan.expect(&digest)?;
    }
    let loader = Loader::new(&Disk, &folder);
    let file = loader.find_project(&folder);
    let project = file.as_ref().map_or_else(Project::default, |file| loader.project(file).unwrap());
    let places: BTreeSet<_> = plan.sources().map(PathBuf::from).collect();
    let places: Vec<_> = places.into_iter().filter(|place| folder.join(place).exists()).collect();
    let found = loader.load_in(file.as_ref().and_then(|file| file.parent()), &places);
    let now = jiff::Timestamp::now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let files = FilesNow::new(found.zones, found.others, found.problems, today);

    let mut rules = Rules::new(now);
    (rules.limits, rules.policies, rules.files) = (project.guards, &project.policy, ZoneFiles::Now(&files));
    let mut guarded = Guarded::check(&plan, &rules)?;
    if manner == Partial {
        guarded = guarded.partial();
    }
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
    options.base_url = match manner {
        Elsewhere => "http://127.0.0.1:1/client/v4".to_owned(),
        Plain | Partial | OneByOne | Expecting(_) | AsReviewed => story.emulator().base_url(),
    };
    let client = Client::new(options)?;
    let mut apply = Apply::new(&client);
    if manner == OneByOne {
        apply.concurrency = 1;
    }
    let applied = apply.run(&guarded, &|_, _| {}).await;
    match applied.refused {
        Some(refused) if applied.outcomes.iter().all(|end| end.outcome.word() != "stale") => {
            Err(refused.into())
        }
        _ => Ok(applied.outcomes.iter().map(|end| end.outcome.word().to_owned()).collect()),
    }
}

/// The end of the library, as far as the message is the expected one.
fn by_library(story: &Story, Row { manner, end, .. }: &Row) -> End {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(applied(story, *manner)) {
        Ok(outcomes) => End::Outcomes(both(&outcomes), story.bodies().len()),
        Err(error) => {
            let End::Refused(says) = end else { panic!("{error}") };
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(story.bodies().len(), 0, "{error}");
            assert!(error.is::<Refusals>() || !says.contains("at most"), "{error}");
            end.clone()
        }
    }
}

fn expect_alike(rows: impl IntoIterator<Item = Row>) {
    for row in rows {
        let stories = [story(), story()];
        stories.iter().for_each(|story| (row.moves)(story));
        let name = format!("{} ({:?})", row.readme, row.manner);
        assert_eq!(by_command(&stories[0], &row), (row.exit, row.end.clone()), "{name}, the command line");
        assert_eq!(by_library(&stories[1], &row), row.end, "{name}, the library");
    }
}

#[test]
fn each_row_ends_alike_at_the_command_line_and_in_the_library() {
    let mut seen = BTreeSet::new();
    expect_alike(rows().into_iter().filter(|row| seen.insert((row.readme, row.exit))));
}

#[test]
#[ignore = "slow: CI runs it"]
fn each_way_to_each_row_ends_alike_at_the_command_line_and_in_the_library() {
    expect_alike(rows());
}

#[test]
fn each_row_of_the_page_is_tested_with_each_of_its_exit_codes() {
    let table = PAGE.split("| between `plan --out`").nth(1).unwrap();
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let told = lines.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let exits = cells[2].split(|c: char| !c.is_ascii_digit()).filter_map(|exit| exit.parse().ok());
        (cells[0].to_owned(), exits.collect::<BTreeSet<i32>>())
    });
    let told: BTreeMap<_, _> = told.collect();
    let mut tried: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for Row { readme, exit, .. } in rows() {
        let named: Vec<_> = told.keys().filter(|name| name.starts_with(readme)).collect();
        let [name] = named[..] else { panic!("{readme}: {named:?}") };
        tried.entry(name.clone()).or_default().insert(exit);
    }
    assert_eq!(tried, told);
}
