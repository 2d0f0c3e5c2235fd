//! SIGKILL at random instants of an apply: the next one converges, and the journal tells what was in flight.

use crate::dice::Dice;
use crate::story::{Story, wait_until};
use botform::run::{Record, in_flight, read_journal};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

/// A fleet of which each zone is to change and to be cleaned up, in two PUTs.
fn fleet(zones: usize) -> Story {
    fleet_with(zones, json!({"fight_mode": true}))
}

/// A fleet of which each zone is to change, in one PUT.
fn plain_fleet(zones: usize) -> Story {
    fleet_with(zones, json!({}))
}

fn fleet_with(zones: usize, stale: Value) -> Story {
    let name = |zone: usize| format!("zone-{zone:03}.example.com");
    let live = json!({"enable_js": true, "ai_search": "disabled", "sbfm_verified_bots": "allow"});
    let world: Vec<_> = (0..zones)
        .map(|zone| json!({"name": name(zone), "plan": "pro", "live": live, "stale": stale}))
        .collect();
    (0..zones).fold(Story::new(json!(world)), |story, zone| {
        let lines = "ai_search: block\nenable_js: false";
        story.zone_with(&name(zone), "sbfm_pro", lines, "stale: clean\n")
    })
}

fn asked(story: &Story) -> usize {
    story.emulator().edit(|world| world.requests().len())
}

/// Asks the emulator something itself, after all that the killed one had sent: what it sent is answered then.
fn settle(story: &Story) {
    for _ in 0..3 {
        let mut stream = TcpStream::connect(story.emulator().addr()).unwrap();
        stream.write_all(b"GET /client/v4/settle HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}

fn journals(story: &Story) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(story.path("state/botform"));
    let mut paths: Vec<_> = folder.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// How often each zone was written.
fn puts(story: &Story) -> BTreeMap<String, usize> {
    let mut puts = BTreeMap::new();
    for line in story.traffic() {
        if let Some(zone) = line.strip_prefix("PUT ") {
            *puts.entry(zone.to_owned()).or_insert(0) += 1;
        }
    }
    puts
}

fn apply(story: &Story) -> std::process::Command {
    // Two hundred zones with two PUTs each take more than what Cloudflare allows in five minutes.
    let mut command = story.command("apply --auto-approve --output json --rate 6000/300");
    command.env("XDG_STATE_HOME", story.path("state"));
    command
}

/// Kills an apply once the emulator was asked that often; gives the zones that were in flight.
fn kill_at(story: &Story, count: usize) -> Vec<String> {
    let mut child = story.start(&mut apply(story));
    wait_until("the instant", || asked(story) >= count || child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    settle(story);
    let told: BTreeSet<_> = journals(story).iter().flat_map(|path| put_zones(path)).collect();
    for zone in puts(story).keys() {
        assert!(told.contains(zone), "{zone} was written and stands in no journal");
    }
    let records = journals(story).first().map(|path| read_journal(path).unwrap()).unwrap_or_default();
    in_flight(&records).into_iter().map(|put| put.zone).collect()
}

fn put_zones(path: &Path) -> Vec<String> {
    let records = read_journal(path).unwrap_or_default();
    let puts = records.into_iter().filter_map(|record| match record {
        Record::Put { zone, .. } => Some(zone),
        _ => None,
    });
    puts.collect()
}

/// One kill and the apply behind it.
fn kill_and_go_on(zones: usize, seed: u64) -> usize {
    let story = fleet(zones);
    let before = 1 + zones.div_ceil(50) + zones;
    let count = before + Dice::new(seed).below(3 * zones);
    let open = kill_at(&story, count);
    let taken = puts(&story);
    let told: Vec<_> = journals(&story).iter().flat_map(|path| put_zones(path)).collect();
    let told = |zone: &String| told.iter().filter(|told| *told == zone).count();
    let run = story.end(apply(&story));
    let instant = format!("seed {seed}, killed at request {count} with {open:?} in flight\n{}", run.stderr);
    assert_eq!(run.exit, 0, "{instant}");
    for zone in &open {
        // Each of its two PUTs was told before it was sent.
        let was_taken = if taken.get(zone) == Some(&told(zone)) { "applied, as" } else { "not applied, as" };
        assert!(run.stderr.contains(&format!("  {zone}: {was_taken} a GET shows\n")), "{instant}");
    }
    for path in journals(&story) {
        assert_eq!(in_flight(&read_journal(&path).unwrap()), [], "{instant}");
    }
    let puts = puts(&story);
    assert_eq!((puts.len(), puts.values().max()), (zones, Some(&2)), "{instant}");
    let wanted = |live: &Value| {
        live["ai_search"] == "block"
            && live["enable_js"] == false
            && live.get("stale_zone_configuration").is_none()
    };
    let world = story.emulator().world();
    let not_converged: Vec<_> =
        world.zone_names().filter(|name| !wanted(&world.object(name).unwrap())).collect();
    assert!(not_converged.is_empty(), "{instant}");
    open.len()
}

/// So many kills, some at a time: an apply mostly waits for the disk.
fn kills(count: usize, zones: usize, at_once: usize) {
    let part = |first: usize| -> Vec<usize> {
        (first..count).step_by(at_once).map(|seed| kill_and_go_on(zones, seed as u64)).collect()
    };
    let open: Vec<usize> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..at_once).map(|first| scope.spawn(move || part(first))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert_eq!(open.len(), count);
    assert!(open.iter().any(|in_flight| *in_flight > 0), "no kill hit a zone in flight: {open:?}");
}

#[test]
fn twenty_kills_of_an_apply_of_twelve_zones() {
    kills(20, 12, 5);
}

#[test]
#[ignore = "slow: CI runs it"]
fn fifty_kills_of_an_apply_of_two_hundred_zones() {
    kills(50, 200, 2);
}

/// A journal of a run that was killed with a PUT in flight.
fn left(story: &Story, name: &str, api: &str, zone: &str) {
    let id = story.emulator().world().zone_id(zone).unwrap().to_owned();
    let begin = json!({"event": "begin", "format_version": "1.0", "tool_version": "0", "at": "", "api": api});
    let put = json!({"event": "put", "at": "", "zone": zone, "zone_id": id, "plan": "sbfm_pro", "file": "",
        "base": "", "before": {}, "stale_before": {}, "body": {"ai_search": "block"}});
    story.write(&format!("state/botform/{name}"), format!("{begin}\n{put}\n"));
}

#[test]
fn only_journals_that_are_not_finished_are_asked_about_and_only_at_their_api() {
    let zone = "zone-000.example.com";
    for (name, api, flags, is_asked) in [
        ("apply-1.jsonl", "", "", true),
        ("apply-1.done.jsonl", "", "", false),
        ("apply-1.jsonl", "https://api.example", "", false),
        // A world of this run knows nothing of what happened in that of another one.
        ("apply-1.jsonl", "emulate:", " --emulate", false),
    ] {
        let story = fleet(1);
        let api = if api.is_empty() { story.emulator().base_url() } else { api.to_owned() };
        left(&story, name, &api, zone);
        let mut command = story.command(&format!("apply --auto-approve{flags}"));
        command.env("XDG_STATE_HOME", story.path("state"));
        let run = story.end(command);
        assert_eq!(run.exit, 0, "{run}");
        assert_eq!(
            run.stderr.contains("an earlier run left zones in flight"),
            is_asked,
            "{name} {api}: {run}"
        );
    }
}

/// An apply, zone by zone, whose files may have 4 kB; the signal that comes beyond that does not end it.
fn limited(story: &Story) -> std::process::Output {
    let command = story.command("apply --auto-approve --concurrency 1 --journal journal");
    let (program, arguments) = (command.get_program(), command.get_args());
    let limited = "ulimit -f 8; trap '' XFSZ; exec \"$@\"";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", limited, "sh"]).arg(program).args(arguments).current_dir(story.path("")).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.output().unwrap()
}

const NO_ROOM: &str = "hint: make room for the journal, then apply again";

const STOPPED: &str = "the run was stopped before the zone was started";

#[test]
fn no_put_is_sent_that_the_journal_has_no_room_for() {
    let story = plain_fleet(12);
    let output = limited(&story);
    let (said, sent) = (String::from_utf8(output.stdout).unwrap(), puts(&story));
    assert_eq!(output.status.code(), Some(3), "{said}");
    let told: BTreeSet<_> = put_zones(&story.path("journal")).into_iter().collect();
    assert_eq!(told, sent.into_keys().collect());
    assert!((1..12).contains(&told.len()) && said.contains(NO_ROOM) && said.contains(STOPPED), "{said}");
}

#[test]
fn an_outcome_or_a_second_put_that_the_journal_has_no_room_for_ends_the_run() {
    let measured = plain_fleet(1);
    limited(&measured);
    let lengths: Vec<_> = measured.read("journal").lines().map(|line| line.len() + 1).collect();
    let [begin, put, outcome, end] = lengths[..] else { panic!("{lengths:?}") };
    for (is_lost, room, word) in [(false, outcome - 1, "applied"), (true, put - 1, "failed")] {
        let story = plain_fleet(2);
        if is_lost {
            let fault = json!({"on": "PUT", "do": "status", "status": 503});
            story.emulator().edit(|world| world.script(Some("zone-000.example.com"), &fault)).unwrap();
        }
        // An earlier run has left so little room.
        let earlier = measured.read("journal").lines().next().unwrap().to_owned();
        let padding = 4096 - room - put - 2 * begin - end;
        let earlier =
            earlier.replace("\"tool_version\":\"", &format!("\"tool_version\":\"{}", "0".repeat(padding)));
        let ended = measured.read("journal").lines().last().unwrap().to_owned();
        story.write("journal", format!("{earlier}\n{ended}\n"));
        let output = limited(&story);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("cannot write the journal") && said.contains(STOPPED), "{word}: {said}");
        assert!(!said.contains(NO_ROOM), "{said}");
        let sent = puts(&story);
        assert_eq!(sent.keys().collect::<Vec<_>>(), ["zone-000.example.com"], "{said}");
        assert!(said.contains(word), "{said}");
    }
}
