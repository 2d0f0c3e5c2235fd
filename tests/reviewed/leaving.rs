//! What the zone files do not manage any more is shown, and nothing is written for it.

use crate::story::Story;
use serde_json::{Value, json};
use std::process::Command;

const FLAGS: [&str; 2] = ["--since HEAD", "--since-plan applied.json"];

/// A checkout of two zones that are as their files want them.
fn story() -> Story {
    let live = json!({"enable_js": true, "ai_search": "block", "ai_user": "disabled", "sbfm_verified_bots": "allow"});
    let zone = |name: &str| json!({"name": name, "plan": "pro", "live": live});
    let settings = "ai_search: block\nai_user: disabled";
    let story = Story::new(json!([zone("a.example.com"), zone("b.example.com")]))
        .zone("a.example.com", "sbfm_pro", settings)
        .zone("b.example.com", "sbfm_pro", settings);
    for arguments in ["init --quiet", "add zones", "commit --quiet --message=first"] {
        git(&story, arguments);
    }
    assert_eq!(story.run("plan --out applied.json").exit, 0);
    story
}

fn git(story: &Story, arguments: &str) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments.split(' '))
        .current_dir(story.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn remove(story: &Story, file: &str) {
    std::fs::remove_file(story.path(file)).unwrap();
}

/// What is said about leaving management, by zone.
fn left(document: &Value) -> Vec<(String, String)> {
    let zones = document["zones"].as_array().unwrap();
    let of = |zone: &Value| {
        let name = zone["zone"].as_str().unwrap().to_owned();
        let notes = zone["diagnostics"].as_array().unwrap().clone();
        let left = notes.into_iter().filter(|note| note["kind"] == "left_management");
        left.map(move |note| (name.clone(), note["message"].as_str().unwrap().to_owned())).collect::<Vec<_>>()
    };
    zones.iter().flat_map(of).collect()
}

#[test]
fn a_setting_line_that_is_gone_is_shown() {
    let story = story();
    story.write(
        "zones/a.example.com.yaml",
        "zone: a.example.com\nplan: sbfm_pro\nsettings:\n  ai_user: disabled\n",
    );
    for flags in FLAGS {
        insta::allow_duplicates! {
            insta::assert_snapshot!(story.run(&format!("plan {flags} --detailed-exitcode")).told(), @"
            = a.example.com (sbfm_pro)  in sync                        zones/a.example.com.yaml
                  note: `ai_search` is no longer managed; live stays `block`
                  1

            Plan: 0, 2, 0, 0
            ---- exit 0
            ");
        }
        let run = story.run(&format!("plan {flags} --output json"));
        let expected =
            ("a.example.com".to_owned(), "`ai_search` is no longer managed; live stays `block`".to_owned());
        assert_eq!(left(&run.json()), [expected], "{run}");
        assert_eq!(story.run(&format!("apply --auto-approve {flags}")).exit, 0);
    }
    assert!(story.bodies().is_empty());
    assert!(left(&story.run("plan --output json").json()).is_empty());
}

#[test]
fn a_zone_file_that_is_gone_is_shown() {
    let story = story();
    remove(&story, "zones/b.example.com.yaml");
    for flags in FLAGS {
        insta::allow_duplicates! {
            insta::assert_snapshot!(story.run(&format!("plan {flags} --detailed-exitcode")).told(), @"
            = b.example.com (sbfm_pro)  in sync                        zones/b.example.com.yaml
                  note: zones/b.example.com.yaml was deleted
                  note: `ai_search` is no longer managed; live stays `block`
                  note: `ai_user` is no longer managed; live stays `disabled`
                  0

            Plan: 0, 2, 0, 0
            ---- exit 0
            ");
        }
        let run = story.run(&format!("apply --auto-approve --output json {flags}"));
        assert_eq!((run.exit, left(&run.json()).len()), (0, 3), "{run}");
        assert_eq!(run.json()["zones"][1]["settings"][1]["verdict"], "unmanaged", "{run}");
    }
    assert!(story.bodies().is_empty());
    // It has left with the next plan.
    assert_eq!(story.run("plan --since-plan applied.json --out next.json").exit, 0);
    assert!(left(&story.run("plan --since-plan next.json --output json").json()).is_empty());
    assert_eq!(story.run("apply next.json").exit, 0);
}

#[test]
fn a_moved_or_unselected_file_is_not_deleted() {
    let story = story();
    story.write("zones/eu/b.yaml", story.read("zones/b.example.com.yaml"));
    remove(&story, "zones/b.example.com.yaml");
    for flags in FLAGS {
        for paths in ["", "zones/a.example.com.yaml", "--zone a.example.com", "--zone b.*"] {
            let run = story.run(&format!("plan {paths} {flags} --output json"));
            assert_eq!((run.exit, left(&run.json())), (0, vec![]), "{paths} {run}");
        }
    }
}

#[test]
fn a_file_that_now_names_a_different_zone_is_deleted_for_the_earlier_one() {
    let story = story();
    story.write("zones/a.example.com.yaml", story.read("zones/b.example.com.yaml"));
    remove(&story, "zones/b.example.com.yaml");
    for flags in FLAGS {
        let run = story.run(&format!("plan {flags} --output json"));
        let zones: Vec<_> = left(&run.json()).into_iter().map(|(zone, _)| zone).collect();
        assert_eq!(zones, ["a.example.com"; 3], "{run}");
    }
}

#[test]
fn a_zone_deleted_with_its_file_is_not_a_failure() {
    let story = story();
    remove(&story, "zones/b.example.com.yaml");
    let gone =
        json!({"on": "GET", "do": "refuse", "status": 404, "code": 7003, "message": "Could not route"});
    story.emulator().edit(|world| world.script(Some("b.example.com"), &gone)).unwrap();
    for flags in FLAGS {
        let run = story.run(&format!("plan {flags} --output json"));
        assert_eq!((run.exit, run.json()["zones"].as_array().unwrap().len()), (0, 1), "{run}");
        let note = "note: zones/b.example.com.yaml was deleted; b.example.com, which is no longer managed, cannot be read\n";
        assert!(run.stderr.contains(note), "{run}");
    }
}
