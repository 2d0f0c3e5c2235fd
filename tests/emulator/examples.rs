//! The examples against the emulator's rules: every world is one, and every zone file can be applied to its world.

use crate::api::Api;
use botform::catalogue;
use botform::emulator::World;
use serde_json::{Map, Value, json};
use std::path::Path;

fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn folder(name: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    paths.iter().map(|path| yaml(path)).collect()
}

fn world(name: &str) -> World {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    World::read(&yaml(&path)).unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
}

/// What a zone's file would have sent, its clean-up of stale members included.
fn body(file: &Value, live: &Value) -> Map<String, Value> {
    let mut body: Map<String, Value> = file["settings"].as_object().unwrap().clone();
    body.retain(|key, value| live.get(key) != Some(value));
    if let Some(stale) = live["stale_zone_configuration"].as_object() {
        let neutral = |name: &String| catalogue::find(name).and_then(|setting| setting.neutral);
        body.extend(stale.keys().filter_map(|name| Some((name.clone(), neutral(name)?.to_json()))));
    }
    body
}

#[test]
fn every_example_world_is_valid() {
    for name in ["world.yaml", "feedback-world.yaml", "incident-world.yaml", "submissions-world.yaml"] {
        world(name);
    }
}

#[test]
fn every_fault_in_a_comment_of_the_example_is_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/world.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let mut world = world("world.yaml");
    let mut count = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix('#')?.trim_start().strip_prefix("- {on:")) {
        let fault: Value = serde_yaml::from_str(&format!("{{on:{line}")).unwrap();
        let of_world = line.contains("ZONES") || line.contains("SUBMISSIONS");
        let zone = (!of_world).then_some("shop.example.com");
        world.script(zone, &fault).unwrap();
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[tokio::test]
async fn every_zone_file_can_be_applied_and_then_is_in_sync() {
    let Api { emulator, client } = Api::of(world("world.yaml")).await;
    for file in folder("zones") {
        let zone = file["zone"].as_str().unwrap();
        let live = emulator.world().object(zone).unwrap();
        let body = body(&file, &live);
        assert!(!body.is_empty() && body.len() < file["settings"].as_object().unwrap().len() + 4, "{zone}");
        let id = emulator.world().zone_id(zone).unwrap().to_owned();
        let url = format!("{}/zones/{id}/bot_management", emulator.base_url());
        assert_eq!(
            client.put(url).bearer_auth("abc").json(&body).send().await.unwrap().status(),
            200,
            "{zone}"
        );
        let live = emulator.world().object(zone).unwrap();
        assert!(live.get("stale_zone_configuration").is_none(), "{zone}");
        for (setting, wanted) in file["settings"].as_object().unwrap() {
            assert_eq!(live.get(setting), Some(wanted), "{zone} {setting}");
        }
    }
}

#[test]
fn some_zone_file_leaves_robots_txt_unmanaged_and_some_settings_are_in_sync() {
    let (world, files) = (world("world.yaml"), folder("zones"));
    assert!(files.iter().any(|file| file["settings"].get("is_robots_txt_managed").is_none()));
    for file in files {
        let live = world.object(file["zone"].as_str().unwrap()).unwrap();
        assert!(file["settings"].as_object().unwrap().iter().any(|(name, value)| live[name] == *value));
    }
}

#[test]
fn the_blocked_file_asks_for_what_its_zone_lacks() {
    let world = world("world.yaml");
    for file in folder("blocked") {
        let live = world.object(file["zone"].as_str().unwrap()).unwrap();
        assert!(file["settings"].as_object().unwrap().keys().any(|name| live.get(name).is_none()));
    }
}

#[tokio::test]
async fn every_example_report_is_accepted() {
    let Api { emulator, client } = Api::of(world("feedback-world.yaml")).await;
    for mut report in folder("feedback") {
        let zone = report.as_object_mut().unwrap().remove("zone").unwrap();
        let id = emulator.world().zone_id(zone.as_str().unwrap()).unwrap().to_owned();
        let url = format!("{}/zones/{id}/bot_management/feedback", emulator.base_url());
        assert_eq!(client.post(url).bearer_auth("abc").json(&report).send().await.unwrap().status(), 201);
        let mut kept = emulator.world().feedback(zone.as_str().unwrap()).unwrap().last().unwrap().clone();
        kept.as_object_mut().unwrap().remove("created_at");
        assert_eq!(kept, report);
    }
}

#[tokio::test]
async fn the_example_submissions_are_listed() {
    let Api { emulator, client } = Api::of(world("submissions-world.yaml")).await;
    let account = "01a7362d577a6c3019a474fd6f485823";
    let url = format!("{}/accounts/{account}/email-security/submissions", emulator.base_url());
    let body: Value = client.get(url).bearer_auth("abc").send().await.unwrap().json().await.unwrap();
    assert_eq!(body["result_info"], json!({"count": 20, "page": 1, "per_page": 20, "total_count": 250}));
}
