//! The manifests of `examples/kubernetes`: what each pod may do, how it is retried, and a night from its first step to
//! the last.

use crate::stage::{A, Stage, read};
use crate::succeeded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

/// The manifests with pods, and the specification of the job of each.
fn jobs() -> Vec<(PathBuf, Value)> {
    let files = fs::read_dir("examples/kubernetes").unwrap().map(|entry| entry.unwrap().path());
    let mut jobs: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .filter_map(|path| {
            let manifest = read(path.to_str().unwrap());
            assert!(manifest["metadata"]["name"].as_str().unwrap().starts_with("botform-"));
            let spec = match manifest["kind"].as_str().unwrap() {
                "Job" => manifest["spec"].clone(),
                "CronJob" => manifest["spec"]["jobTemplate"]["spec"].clone(),
                "PersistentVolumeClaim" => return None,
                other => panic!("{}: {other}", path.display()),
            };
            Some((path, spec))
        })
        .collect();
    jobs.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(jobs.len(), 4);
    jobs
}

fn containers(job: &Value) -> impl Iterator<Item = &Value> {
    let pod = &job["template"]["spec"];
    let first = pod["initContainers"].as_array().into_iter().flatten();
    first.chain(pod["containers"].as_array().unwrap())
}

#[test]
fn each_pod_is_nobody_on_a_read_only_root_with_limits_and_a_secret_by_name() {
    for (path, job) in jobs() {
        let pod = &job["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false, "{path:?}");
        assert_eq!(
            (&pod["securityContext"]["runAsNonRoot"], &pod["restartPolicy"]),
            (&json!(true), &json!("Never"))
        );
        for container in containers(&job) {
            let expected = json!({
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
            });
            assert_eq!(container["securityContext"], expected, "{path:?}");
            assert!(container["resources"]["limits"]["memory"].is_string(), "{path:?}");
            let (_, digest) = container["image"].as_str().unwrap().split_once("@sha256:").unwrap();
            assert_eq!(digest.len(), 64, "{path:?}");
            // No manifest holds a value of the token.
            assert!(container["env"].is_null(), "{path:?}");
        }
        // Only what asks Cloudflare has its token.
        let with_token: Vec<_> = containers(&job).filter(|one| !one["envFrom"].is_null()).collect();
        let expected: &[&str] = match path.file_stem().unwrap().to_str().unwrap() {
            "plan" => &["plan"],
            "apply" => &["apply"],
            "night" => &["snapshot"],
            _ => &[],
        };
        let commands: Vec<_> = with_token.iter().map(|one| one["args"][0].as_str().unwrap()).collect();
        assert_eq!(commands, expected, "{path:?}");
        assert!(
            with_token.iter().all(|one| one["envFrom"] == json!([{"secretRef": {"name": "botform-token"}}]))
        );
    }
}

#[test]
fn only_attempts_that_may_succeed_are_repeated() {
    for (path, job) in jobs() {
        let rules = job["podFailurePolicy"]["rules"].as_array().unwrap();
        assert_eq!(rules[0], json!({"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}));
        let mut ends: BTreeMap<i64, &str> = BTreeMap::new();
        for rule in &rules[1..] {
            assert_eq!(rule["onExitCodes"]["operator"], "In");
            let codes = rule["onExitCodes"]["values"].as_array().unwrap().iter();
            ends.extend(codes.map(|code| (code.as_i64().unwrap(), rule["action"].as_str().unwrap())));
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        for never in [4, 5, 64] {
            assert!(ends.contains_key(&never), "{name}: {never}");
        }
        // No second try brings the part that a merge misses.
        assert!(!ends.contains_key(&1) && ends.contains_key(&3) == (name == "merge"), "{name}: {ends:?}");
        let is_indexed = job["completionMode"] == "Indexed";
        assert_eq!(job["backoffLimitPerIndex"].is_u64(), is_indexed, "{name}");
        assert_eq!(ends.values().any(|action| *action == "FailIndex"), is_indexed, "{name}");
    }
}

#[test]
fn plan_merge_and_apply_mean_the_same_shards() {
    let jobs: BTreeMap<_, _> = jobs()
        .into_iter()
        .map(|(path, job)| (path.file_stem().unwrap().to_str().unwrap().to_owned(), job))
        .collect();
    let arguments = |name: &str| -> Vec<String> {
        let container = containers(&jobs[name]).last().unwrap().clone();
        container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap().to_owned()).collect()
    };
    let parts = jobs["plan"]["completions"].as_u64().unwrap();
    for name in ["plan", "apply"] {
        assert_eq!(jobs[name]["completions"], parts);
        assert!(arguments(name).contains(&format!("--shards={parts}")), "{name}");
        // The parts that run at a time share what one token may ask.
        let share = 1200 / jobs[name]["parallelism"].as_u64().unwrap();
        assert!(arguments(name).contains(&format!("--rate={share}/300")), "{name}");
    }
    assert!(arguments("plan").contains(&"--out=/plans/$(JOB_COMPLETION_INDEX).json".to_owned()));
    let merged: Vec<_> = (0..parts).map(|part| format!("/plans/{part}.json")).collect();
    assert_eq!(arguments("merge")[1..=parts as usize], merged);
    assert_eq!(arguments("merge").last().unwrap(), "--out=/plans/plan.json");
    assert_eq!(arguments("apply")[1], "/plans/plan.json");
}

/// Runs the containers of the night in order until one fails; returns the exit code of the last.
fn night(stage: &Stage) -> (i32, String) {
    let (_, job) = jobs().into_iter().find(|(path, _)| path.ends_with("night.yaml")).unwrap();
    let mut told = String::new();
    for container in containers(&job) {
        let words: Vec<_> =
            container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        let program = if container["command"].is_null() { "botform".to_owned() } else { "sh -c".to_owned() };
        let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let line = format!("{program} {}", quoted.join(" "))
            .replace("/night", &stage.path("night").to_string_lossy());
        let output: Output = stage.bash(
            crate::stage::Shell::Named,
            &line,
            "",
            &BTreeMap::from([("CLOUDFLARE_API_TOKEN".to_owned(), crate::stage::TOKEN.to_owned())]),
        );
        told = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        match output.status.code().unwrap() {
            0 => {}
            code => return (code, told),
        }
    }
    (0, told)
}

/// Runs the pod of a job with a place, counted from 0; returns its exit code and what it said.
fn pod(stage: &Stage, job: &str, place: u64, digest: &str) -> (i32, String) {
    let (_, job) = jobs().into_iter().find(|(path, _)| path.ends_with(format!("{job}.yaml"))).unwrap();
    let container = containers(&job).last().unwrap().clone();
    let words = container["args"].as_array().unwrap().iter().map(|arg| {
        let arg = arg.as_str().unwrap().replace("$(JOB_COMPLETION_INDEX)", &place.to_string());
        format!("'{}'", arg.replace("/plans", &stage.path("plans").to_string_lossy()))
    });
    let line = format!("botform {}", words.collect::<Vec<_>>().join(" ")).replace(&"0".repeat(32), digest);
    let environment = BTreeMap::from([
        ("CLOUDFLARE_API_TOKEN".to_owned(), crate::stage::TOKEN.to_owned()),
        ("JOB_COMPLETION_INDEX".to_owned(), place.to_string()),
    ]);
    let output: Output = stage.bash(crate::stage::Shell::Named, &line, "", &environment);
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), told)
}

#[test]
fn eight_parts_plan_one_plan_is_merged_and_eight_parts_apply_it() {
    let stage = Stage::new("");
    fs::create_dir(stage.path("plans")).unwrap();
    stage.change(A, "ai_search", "block");
    for place in 0..8 {
        let (code, told) = pod(&stage, "plan", place, "");
        assert_eq!(code, 0, "{told}");
    }
    let (code, told) = pod(&stage, "merge", 0, "");
    assert!(code == 0 && told.contains("Plan: 1 zone to change"), "{told}");
    let digest = told.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap();
    for place in 0..8 {
        let (code, told) = pod(&stage, "apply", place, digest);
        assert_eq!(code, 0, "{told}");
    }
    assert_eq!(stage.live(A, "ai_search"), "block");
}

#[test]
fn a_repeated_night_is_compared_with_the_one_before() {
    let stage = Stage::new("");
    fs::create_dir(stage.path("night")).unwrap();
    // The first night has none before it.
    assert_eq!((night(&stage).0, night(&stage).0), (0, 0));
    stage.set(A, "crawler_protection", "enabled");
    for _ in 0..2 {
        let (code, told) = night(&stage);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains("crawler_protection"), "{told}");
    }
    // A day later the snapshot of this night is the one before.
    succeeded(&stage.bash(
        crate::stage::Shell::Named,
        "touch -d '1 day ago' ../night/tonight.json",
        "",
        &BTreeMap::new(),
    ));
    assert_eq!(night(&stage).0, 0);
}
