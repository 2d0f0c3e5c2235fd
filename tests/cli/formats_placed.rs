//! Places in reports: policy violations are on their line, warnings are in every format, paths are relative to the
//! checkout.

use crate::formats::{story, told};
use crate::formats_checked::{annotations, check_all, in_all_formats};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn a_value_that_a_policy_refuses_is_an_error_on_its_line() {
    for command in ["plan", "apply --auto-approve"] {
        let (story, told) = told("policy", command);
        let text = story.read("r.github");
        let found = annotations(&text);
        let is_refused = |at: &BTreeMap<&str, &str>| at["title"] == "botform policy";
        let errors: Vec<_> = found.iter().filter(|(_, at, _)| is_refused(at)).collect();
        assert_eq!(errors.len(), 2, "{text}");
        for ((_, at, said), zone) in errors.into_iter().zip(["a.example.com", "b.example.com"]) {
            let file = format!("zones/{zone}.yaml");
            assert_eq!((at["file"], at["line"], at["col"]), (file.as_str(), "4", "3"), "{text}");
            assert!(said.contains("policy `pinned` (agreed)") && said.contains(zone), "{text}");
        }
        let log: Value = serde_json::from_str(&story.read("r.sarif")).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let refused: Vec<_> = results.iter().filter(|result| result["ruleId"] == "policy").collect();
        assert_eq!(refused.len(), 2, "{log:#}");
        let place = &refused[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "zones/a.example.com.yaml");
        assert_eq!(place["region"]["startLine"], 4);
        assert!(story.read("r.html").contains("policy `pinned` (agreed)"));
        assert_eq!(told.json["refusals"].as_array().unwrap().len(), 1, "the document counts policies");
    }
}

#[test]
fn a_zone_in_sync_that_breaks_a_policy_is_a_failure() {
    let story = story("clean")
        .file("botform.yaml", "policy: [{id: off, reason: agreed, forbid: {enable_js: [true]}}]");
    let run = story.end(in_all_formats(&story, "plan"));
    assert_eq!(run.exit, 5, "{run}");
    let xml = story.read("r.xml");
    assert_eq!(xml.matches("<failure ").count(), 2, "{xml}");
    let error = "::error file=zones/a.example.com.yaml,line=4,col=3,title=botform policy::";
    assert!(story.read("r.github").contains(error), "{}", story.read("r.github"));
}

#[test]
fn a_value_of_a_baseline_that_a_policy_refuses_is_an_error_there() {
    let policy = "policy: [{id: pinned, reason: agreed, pin: {ai_bots_protection: block}}]";
    let story = story("clean").file("botform.yaml", policy);
    story.write("baselines/base.yaml", "settings:\n  ai_bots_protection: disabled\n");
    let story =
        story.zone_with("b.example.com", "sbfm_pro", "enable_js: true", "extends: ../baselines/base.yaml\n");
    let run = story.end(in_all_formats(&story, "plan"));
    assert_eq!(run.exit, 5, "{run}");
    check_all(&story, &run);
    let error =
        "::error file=baselines/base.yaml,line=2,col=3,title=botform policy::b.example.com: policy `pinned`";
    assert!(story.read("r.github").contains(error), "{}", story.read("r.github"));
}

#[test]
fn warnings_about_files_are_in_the_reports_of_plan_and_apply() {
    for command in ["plan", "apply --auto-approve"] {
        let story = story("clean");
        story.write("zones/note.YML", "greeting: hello\n");
        let story =
            story.zone_with("b.example.com", "sbfm_pro", "enable_js: true", "custom_rules_in_place: true\n");
        let run = story.end(in_all_formats(&story, command));
        assert_eq!(run.exit, 0, "{run}");
        check_all(&story, &run);
        let text = story.read("r.github");
        assert!(
            text.contains("::warning file=zones/note.YML,") && run.stderr.contains("note.YML"),
            "{text}\n{run}"
        );
        assert_eq!(run.stderr.matches("zones/note.YML").count(), 1, "{run}");
        for file in ["r.github", "r.md", "r.sarif", "r.xml", "r.html"] {
            assert!(story.read(file).contains("custom_rules_in_place"), "{file}: {}", story.read(file));
            assert!(story.read(file).contains("zones/note.YML"), "{file}: {}", story.read(file));
        }
    }
}

#[test]
fn paths_are_those_of_the_checkout_where_a_forge_reads_them() {
    let story = story("loosening");
    let (checkout, folder) = (story.path(".git"), story.path("deep/er"));
    std::fs::create_dir_all(&checkout).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::rename(story.path("zones"), folder.join("zones")).unwrap();
    let mut command = in_all_formats(&story, "plan");
    command.current_dir(&folder);
    let run = story.end(command);
    assert_eq!(run.exit, 0, "{run}");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let path = "deep/er/zones/a.example.com.yaml";
    assert!(read("r.github").contains(&format!("file={path},line=4")), "{}", read("r.github"));
    assert!(read("r.sarif").contains(&format!("\"uri\": \"{path}\"")), "{}", read("r.sarif"));
    assert!(read("r.md").contains(&format!("[`{path}:4`]({path}#L4)")), "{}", read("r.md"));
    assert!(read("r.json").contains("\"file\": \"zones/a.example.com.yaml\""), "{}", read("r.json"));
}
