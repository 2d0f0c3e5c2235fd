//! Every format for every ending of a run: valid for an independent parser, complete, and consistent with the exit
//! code.

use crate::formats_checked::{Told, annotations, check_all, check_page, in_all_formats, samples};
use crate::story::{Story, signal, traffic};
use serde_json::{Value, json};
use std::process::Command;

/// The ends that a run can have.
const ENDS: [&str; 9] =
    ["clean", "changes", "loosening", "blocked", "partial", "failed", "guard", "policy", "interrupted"];

/// A story that ends so.
pub(crate) fn story(end: &str) -> Story {
    let live = json!({"enable_js": true, "ai_bots_protection": "block", "sbfm_verified_bots": "allow"});
    let zone =
        |name: &str, faults: Value| json!({"name": name, "plan": "pro", "live": live, "faults": faults});
    let refuse = json!([{"on": "GET", "do": "forbidden_zone"}]);
    let silent = json!([{"on": "GET", "nth": 1, "do": "silent"}]);
    let (first, second) = match end {
        "partial" => (json!([]), refuse),
        "failed" => (refuse.clone(), refuse),
        "interrupted" => (json!([]), silent),
        _ => (json!([]), json!([])),
    };
    let settings = match end {
        "clean" => "enable_js: true",
        "loosening" | "guard" | "policy" => "ai_bots_protection: disabled",
        _ => "sbfm_verified_bots: block",
    };
    let pinned = if end == "blocked" { "zone_id: 023e105f4ecef8ad9ca31a8372d0c353\n" } else { "" };
    let story = Story::new(json!([zone("a.example.com", first), zone("b.example.com", second)]))
        .zone("a.example.com", "sbfm_pro", settings)
        .zone_with("b.example.com", "sbfm_pro", settings, pinned);
    match end {
        "blocked" => {
            let other = json!([{"name": "a.example.com", "plan": "free"}, {"name": "b.example.com", "plan": "pro", "live": live}]);
            Story::new(other).zone("a.example.com", "sbfm_pro", settings).zone(
                "b.example.com",
                "sbfm_pro",
                "enable_js: true",
            )
        }
        "guard" => story.file("botform.yaml", "guards: {max_loosening: 1}"),
        "policy" => story
            .file("botform.yaml", "policy: [{id: pinned, reason: agreed, pin: {ai_bots_protection: block}}]"),
        _ => story,
    }
}

fn expected(end: &str, command: &str) -> i32 {
    match (end, command) {
        ("clean" | "changes" | "loosening", _) => 0,
        ("blocked" | "partial", _) => 3,
        ("interrupted", "plan") => 3,
        ("failed" | "interrupted", _) => 1,
        _ => 5,
    }
}

/// Runs a command to its end; one that is to be interrupted is, once it waits for the second zone.
pub(crate) fn told(end: &str, command: &str) -> (Story, Told) {
    let story = story(end);
    let line = format!("{command} --concurrency 1 --timeout 60 --metrics r.prom");
    let child = story.start(&mut in_all_formats(&story, &line));
    if end == "interrupted" {
        story.wait_for("the second zone", |world| {
            traffic(world).iter().any(|line| line == "GET b.example.com")
        });
        signal(&child, "-INT");
    }
    let run = story.finish(child);
    let name = command.split(' ').next().unwrap();
    assert_eq!(run.exit, expected(end, name), "{end} {command}: {run}");
    let told = check_all(&story, &run);
    let samples = samples(&story.read("r.prom"));
    assert_eq!(samples["botform_exit_code"], f64::from(run.exit));
    let states = samples.iter().filter(|(name, _)| name.starts_with("botform_zones{"));
    assert_eq!(states.map(|(_, count)| count).sum::<f64>(), told.count("zones") as f64);
    assert_eq!(samples["botform_changes{effect=\"loosens\"}"], told.count("loosens") as f64);
    let is_interrupted = story.read("values").contains("exit-reason=interrupted\n");
    assert_eq!(is_interrupted, end == "interrupted");
    assert_eq!(
        story.read("r.md").contains("## botform plan: interrupted")
            || story.read("r.md").contains("## botform apply: interrupted"),
        is_interrupted,
        "{}",
        story.read("r.md")
    );
    let is_success = samples.contains_key("botform_last_success_timestamp_seconds");
    assert_eq!(is_success, run.exit == 0, "{samples:?}");
    (story, told)
}

#[test]
fn every_format_of_a_plan_agrees_with_its_exit_code() {
    ENDS.into_iter().for_each(|end| drop(told(end, "plan --out plan.json")));
}

#[test]
fn every_format_of_an_apply_agrees_with_its_exit_code() {
    ENDS.into_iter().for_each(|end| drop(told(end, "apply --auto-approve --journal journal")));
}

#[test]
fn every_format_of_a_saved_plan_shows_it() {
    for end in ENDS {
        let (story, planned) = told(end, "plan --out plan.json");
        let run = story.end(in_all_formats(&story, "show plan.json"));
        assert_eq!(run.exit, 0, "{run}");
        let json: Value = serde_json::from_str(&story.read("r.json")).unwrap();
        assert_eq!(json["summary"], planned.json["summary"]);
        assert!(story.read("r.md").starts_with("<!-- botform key=\"show\""));
        assert!(story.read("r.xml").contains("<testsuites") && story.read("r.sarif").contains("2.1.0"));
    }
}

#[test]
fn pending_changes_are_a_success_in_every_format() {
    let story = story("changes");
    let run = story.end(in_all_formats(&story, "plan --detailed-exitcode --metrics r.prom"));
    assert_eq!(run.exit, 2, "{run}");
    assert!(story.read("values").contains("exit-code=2\nexit-reason=changes\n"));
    assert!(story.read("r.md").contains("Exit code 2: changes are pending."), "{}", story.read("r.md"));
    assert!(story.read("r.sarif").contains("\"executionSuccessful\": true"));
    assert!(!story.read("r.github").contains("::error "));
    assert!(samples(&story.read("r.prom")).contains_key("botform_last_success_timestamp_seconds"));
}

#[test]
fn an_undo_reports_in_every_format() {
    let story = story("changes");
    assert_eq!(story.run("apply --auto-approve --journal journal").exit, 0);
    let run = story.end(in_all_formats(&story, "undo journal --auto-approve --journal other"));
    assert_eq!(run.exit, 0, "{run}");
    let told = check_all(&story, &run);
    assert_eq!(told.json["summary"]["outcomes"]["applied"], 2);
}

#[test]
fn files_that_do_not_validate_are_reported_in_every_format() {
    for command in ["validate", "plan", "apply --auto-approve"] {
        let story = Story::shop("ai_serach: block\nenable_js: maybe");
        let run = story.end(in_all_formats(&story, command));
        assert_eq!((run.exit, run.stdout.as_str()), (1, ""), "{run}");
        check_all(&story, &run);
        assert!(story.emulator().requests().is_empty());
        let text = story.read("r.github");
        let found = annotations(&text);
        assert_eq!(found.len(), 2, "{text}");
        assert!(found.iter().all(|(_, at, _)| at["file"] == "zones/shop.example.com.yaml"), "{text}");
        assert_eq!((found[0].1["line"], found[0].1["col"]), ("4", "3"), "{text}");
        let log: Value = serde_json::from_str(&story.read("r.sarif")).unwrap();
        let region = &log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], 5, "{log:#}");
    }
}

#[test]
fn a_run_that_ends_before_its_plan_is_reported_in_every_format() {
    let story = story("changes");
    let mut command = in_all_formats(&story, "plan --metrics m.prom");
    command.env_remove("CLOUDFLARE_API_TOKEN");
    let run = story.end(command);
    assert_eq!(run.exit, 1, "{run}");
    let told = check_all(&story, &run);
    assert!(told.json["problems"][0]["message"].as_str().unwrap().contains("no credentials"));
    assert_eq!(samples(&story.read("m.prom"))["botform_exit_code"], 1.0);
}

#[test]
fn files_that_validate_are_reported_in_every_format() {
    let story = story("clean");
    let run = story.end(in_all_formats(&story, "validate"));
    assert_eq!(run.exit, 0, "{run}");
    check_all(&story, &run);
    assert!(story.read("r.xml").contains("zones/a.example.com.yaml"), "{}", story.read("r.xml"));
    assert!(story.read("r.md").contains("## botform validate: 2 zone files valid"), "{}", story.read("r.md"));
}

#[test]
fn a_comment_shows_loosening_changes_first() {
    let (story, _) = told("loosening", "plan");
    let page = story.read("r.md");
    let digest: String = page.split("digest=\"").nth(1).unwrap().chars().take(32).collect();
    insta::assert_snapshot!(page.replace(&digest, "[digest]"), @r#"
    <!-- botform key="plan" digest="[digest]" truncated="no" -->
    ## botform plan: 2 changes loosen, both zones to change

    Exit code 0: no guard or policy refuses the plan.

    Digest: `[digest]`

    Made [time], from the live zones at `http://[api]/client/v4`.

    ### Changes that loosen protection

    | effect | setting | live → file | zone | file |
    | --- | --- | --- | --- | --- |
    | **loosens** | `ai_bots_protection` | `block` → `disabled` | `a.example.com` | [`zones/a.example.com.yaml:4`](zones/a.example.com.yaml#L4) |
    | **loosens** | `ai_bots_protection` | `block` → `disabled` | `b.example.com` | [`zones/b.example.com.yaml:4`](zones/b.example.com.yaml#L4) |

    <details><summary>YAML of 2 zones, such as <code>a.example.com</code></summary>

    ```diff
    --- live
    +++ file
    @@ -2 +2 @@
    -  ai_bots_protection: block
    +  ai_bots_protection: disabled
    ```

    </details>
    "#);
}

#[test]
fn annotations_point_at_the_line_of_the_yaml() {
    let (story, _) = told("loosening", "plan");
    insta::assert_snapshot!(story.read("r.github"), @"
    ::warning file=zones/a.example.com.yaml,line=4,col=3,title=botform loosens::a.example.com: ai_bots_protection: block → disabled (loosens)
    ::warning file=zones/b.example.com.yaml,line=4,col=3,title=botform loosens::b.example.com: ai_bots_protection: block → disabled (loosens)
    botform plan: 2 changes loosen, both zones to change (exit code 0: no guard or policy refuses the plan). Made [time], from the live zones at http://[api]/client/v4. Digest: [digest]
    ");
}

#[test]
fn without_a_job_only_the_annotations_are_written() {
    let story = story("changes");
    let run = story.run("plan --output github");
    assert_eq!((run.exit, annotations(&run.stdout).len(), run.stderr.as_str()), (0, 2, ""), "{run}");
}

#[test]
fn an_unwritable_job_file_is_an_error_before_any_request() {
    let story = story("changes");
    let mut command = story.command("plan --output github");
    command.env("GITHUB_STEP_SUMMARY", story.path("no/such/summary"));
    let run = story.end(command);
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stderr.contains("error: cannot write") && story.emulator().requests().is_empty(), "{run}");
}

#[test]
fn the_time_of_the_last_success_outlives_a_failure() {
    let story = story("changes");
    story.run("plan --metrics m.prom");
    let before = samples(&story.read("m.prom"));
    story.emulator().edit(|world| world.script(None, &json!({"on": "ZONES", "do": "unauthorized"}))).unwrap();
    assert_eq!(story.run("plan --metrics m.prom").exit, 1);
    let after = samples(&story.read("m.prom"));
    let name = "botform_last_success_timestamp_seconds";
    assert_eq!(after[name], before[name]);
    assert!(
        after["botform_requests{status=\"403\"}"] >= 1.0 && before["botform_requests{status=\"200\"}"] == 3.0,
        "{after:?}"
    );
}

#[test]
fn coverage_lists_unmanaged_zones_and_files_whose_zone_is_gone() {
    let story = story("clean").zone("gone.example.com", "sbfm_pro", "enable_js: true");
    std::fs::remove_file(story.path("zones/b.example.com.yaml")).unwrap();
    let run = story.run("plan --coverage --output text --output json=r.json --output markdown=r.md");
    assert_eq!(run.exit, 3, "{run}");
    let coverage = run.stdout.split("\nCoverage: ").nth(1).unwrap();
    insta::assert_snapshot!(coverage, @"
    1 of 2 zones without a file, 1 file whose zone is gone.
      no file       b.example.com (account [id])
      hint: `botform import` writes a file for each
      zone is gone  gone.example.com   zones/gone.example.com.yaml
      hint: `git rm FILE`, if the zone was deleted
    ");
    let json: Value = serde_json::from_str(&story.read("r.json")).unwrap();
    assert_eq!(json["coverage"]["unmanaged"][0]["zone"], "b.example.com");
    assert_eq!(json["coverage"]["gone"][0]["file"], "zones/gone.example.com.yaml");
    assert!(story.read("r.md").contains("1 of 2 zones without a file"), "{}", story.read("r.md"));
    assert_eq!(story.run("plan --coverage --zone a.example.com").exit, 64, "coverage needs all files");
}

#[test]
fn coverage_fails_if_the_list_of_zones_cannot_be_read() {
    let story = story("clean");
    let fault = json!({"on": "ZONES", "nth": 2, "count": 20, "do": "refuse", "status": 400, "code": 10400, "message": "no"});
    story.emulator().edit(|world| world.script(None, &fault)).unwrap();
    let run = story.run("plan --coverage --output text --output json=r.json");
    assert_eq!(run.exit, 3, "{run}");
    let json: Value = serde_json::from_str(&story.read("r.json")).unwrap();
    assert!(json.get("coverage").is_none() && run.stderr.contains("error: GET /zones"), "{run}");
}

#[test]
fn drift_is_distinguished_from_pending_changes() {
    let live = json!({"enable_js": true, "ai_bots_protection": "disabled", "sbfm_verified_bots": "allow"});
    let story = Story::new(json!([{"name": "a.example.com", "plan": "pro", "live": live}])).zone(
        "a.example.com",
        "sbfm_pro",
        "ai_bots_protection: disabled\nenable_js: true",
    );
    assert_eq!(story.run("plan --out before.json").exit, 0);
    let settings = "ai_bots_protection: block\nenable_js: true";
    let story = story.zone("a.example.com", "sbfm_pro", settings);
    story.emulator().edit(|world| world.set("a.example.com", "enable_js", Some(json!(false))));
    let run = story.run("plan --since-plan before.json --metrics m.prom --output markdown");
    assert_eq!(run.exit, 0, "{run}");
    assert!(
        run.stdout
            .contains("Compared with `before.json`: 1 setting moved live, 1 setting moved in the file."),
        "{run}"
    );
    let (asked, drift) =
        run.stdout.split_once("<details><summary>Changed by hand, to be set back (1)</summary>").unwrap();
    assert!(asked.contains("| `ai_bots_protection` | `disabled` → `block` | the file |"), "{run}");
    assert!(drift.contains("| `enable_js` | `false` → `true` | live |"), "{run}");
    check_page(&run.stdout);
    let samples = samples(&story.read("m.prom"));
    let count = |origin| samples[&format!("botform_differences{{origin=\"{origin}\"}}")];
    assert_eq!((count("drift"), count("pending"), count("both")), (1.0, 1.0, 0.0));
}

/// Fetches the published schema of SARIF from npm and Prometheus' own parser from PyPI:
///
/// ```text
/// cargo test --test cli are_what_is_published -- --ignored
/// ```
#[test]
#[ignore = "fetches from npm and PyPI"]
fn sarif_and_metrics_are_what_is_published() {
    let desk = tempfile::tempdir().unwrap();
    let shell = |line: &str| {
        let output = Command::new("sh").args(["-c", line]).current_dir(desk.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    };
    shell("npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 && tar xzf *.tgz");
    shell("python3 -m venv venv && venv/bin/pip install --quiet prometheus-client");
    let schema = std::fs::read(desk.path().join("package/lib/schemas/sarif-2.1.0-rtm.5.json")).unwrap();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("sarif.json", serde_json::from_slice(&schema).unwrap()).unwrap();
    let schema = compiler.compile("sarif.json", &mut schemas).unwrap();
    for end in ENDS {
        let (story, _) = told(end, "plan");
        let log: Value = serde_json::from_str(&story.read("r.sarif")).unwrap();
        schemas.validate(&log, schema).unwrap_or_else(|error| panic!("{end}: {error:#}"));
        let metrics = story.path("r.prom");
        let parse = "from prometheus_client.parser import text_string_to_metric_families as p; import sys; \
            assert len(list(p(open(sys.argv[1]).read()))) > 8";
        shell(&format!("venv/bin/python -c '{parse}' {}", metrics.display()));
    }
}
