//! `import --terraform`: zone files with the values that Terraform held, and a first plan of what moved since.

use crate::story::{Run, Story};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::process::Command;

const PAGE: &str = include_str!("../../examples/terraform/README.md");

fn id(number: usize) -> String {
    format!("{number:032x}")
}

fn name(number: usize) -> String {
    format!("shop-{number:03}.example.com")
}

/// What is live, and what Terraform held of it: a Pro zone.
fn live() -> Value {
    json!({"enable_js": true, "ai_bots_protection": "block", "crawler_protection": "enabled", "ai_search": "block",
        "cf_robots_variant": "off", "content_bots_protection": "disabled", "is_robots_txt_managed": false,
        "optimize_wordpress": false, "sbfm_definitely_automated": "block", "sbfm_verified_bots": "allow",
        "sbfm_static_resource_protection": false})
}

/// The attributes of version 5 of the provider.
fn attributes(id: &str) -> Value {
    let mut held = live();
    let more = json!({"id": id, "zone_id": id, "content_bots_protection": "block", "cf_robots_variant": null,
        "fight_mode": false, "auto_update_model": null, "using_latest_model": true, "stale_zone_configuration": {}});
    held.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    held.as_object_mut().unwrap().remove("ai_search");
    held
}

/// The attributes of version 4 of the provider.
fn attributes_4(id: &str) -> Value {
    json!({"id": id, "zone_id": id, "enable_js": true, "ai_bots_protection": "block", "fight_mode": null,
        "optimize_wordpress": false, "sbfm_definitely_automated": "block", "sbfm_likely_automated": "",
        "sbfm_verified_bots": "allow", "sbfm_static_resource_protection": false, "auto_update_model": null,
        "suppress_session_score": null, "using_latest_model": true})
}

fn resource(name: &str, instances: Value) -> Value {
    json!({"mode": "managed", "type": "cloudflare_bot_management", "name": name,
        "provider": "provider[\"registry.terraform.io/cloudflare/cloudflare\"]", "instances": instances})
}

fn state(resources: Value) -> String {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 9, "lineage": "6c5b5a4e-1111-2222-3333-444444444444",
        "outputs": {"token": {"value": "s3cret-output", "type": "string", "sensitive": true}}, "resources": resources,
        "check_results": null})
    .to_string()
}

/// Zones of which live says something else than Terraform held, by number.
fn story(zones: usize, moved: &[(usize, &str, Value)]) -> Story {
    let zone = |number: usize| {
        let mut live = live();
        moved
            .iter()
            .filter(|(of, ..)| *of == number)
            .for_each(|(_, setting, value)| live[*setting] = value.clone());
        json!({"name": name(number), "id": id(number), "plan": "pro", "live": live})
    };
    Story::new((1..=zones).map(zone).collect())
}

#[test]
fn what_somebody_loosened_since_is_drift_in_the_first_plan() {
    let moved =
        [(1, "ai_bots_protection", json!("disabled")), (2, "sbfm_definitely_automated", json!("allow"))];
    let instance = |number: usize| json!({"index_key": name(number), "schema_version": 0, "attributes": attributes(&id(number))});
    let story = story(4, &moved)
        .file("state.json", state(json!([resource("shop", json!([instance(1), instance(2), instance(3)]))])));
    assert_snapshot!(story.run("import zones --terraform state.json"), @r#"
    Never sent by the provider: the files hold the live values.
      cloudflare_bot_management.shop["shop-001.example.com"] (shop-001.example.com): content_bots_protection block (live: disabled)
      cloudflare_bot_management.shop["shop-002.example.com"] (shop-002.example.com): content_bots_protection block (live: disabled)
      cloudflare_bot_management.shop["shop-003.example.com"] (shop-003.example.com): content_bots_protection block (live: disabled)
    Turned off by the provider wherever the configuration does not name it:
      cloudflare_bot_management.shop["shop-001.example.com"] (shop-001.example.com): is_robots_txt_managed
      cloudflare_bot_management.shop["shop-002.example.com"] (shop-002.example.com): is_robots_txt_managed
      cloudflare_bot_management.shop["shop-003.example.com"] (shop-003.example.com): is_robots_txt_managed
    3 written; plan: 2 changes
    ---- stderr
    reading 3 zones
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 0
    "#);
    assert_snapshot!(story.read(&format!("zones/{}.yaml", name(1))), @r#"
    zone: shop-001.example.com
    zone_id: "[id]"
    plan: sbfm_pro
    settings:
      ai_bots_protection: block
      ai_search: block
      crawler_protection: enabled
      enable_js: true
      is_robots_txt_managed: false
      optimize_wordpress: false
      sbfm_definitely_automated: block
      sbfm_static_resource_protection: false
      sbfm_verified_bots: allow
    # Off and not managed: a change in the dashboard only shows as changed outside:
    #   cf_robots_variant: "off"
    #   content_bots_protection: disabled
    "#);
    assert!(!story.path(&format!("zones/{}.yaml", name(4))).exists(), "Terraform does not manage it");
    assert_snapshot!(story.run("plan").told(), @"
    ~ shop-001.example.com (sbfm_pro)                          zones/shop-001.example.com.yaml
        ~ ai_bots_protection         disabled → block             tightens   blocks social previews (low confidence)  :5
          8
    
    ~ shop-002.example.com (sbfm_pro)                          zones/shop-002.example.com.yaml
        ~ sbfm_definitely_automated  allow → block                tightens   shuts out Cloudflare Tunnel and API clients  :11
          8
    
    Plan: 2, 2, 1, 0, 0
    ---- exit 0
    ");
    assert!(story.bodies().is_empty());
    assert_eq!(story.run("apply --auto-approve").exit, 0);
    assert_eq!(story.live(&name(1))["ai_bots_protection"], "block");
    assert_eq!(story.run("plan --detailed-exitcode").exit, 0);
}

#[test]
fn both_versions_of_the_provider_and_both_commands_give_the_same_plan() {
    let moved = [(1, "sbfm_definitely_automated", json!("allow"))];
    let of_module = |attributes: Value| {
        let mut resource =
            resource("this", json!([{"index_key": 0, "attributes": attributes, "sensitive_attributes": []}]));
        resource["module"] = json!("module.zones[\"eu\"].module.bots");
        state(json!([resource]))
    };
    let shown = |attributes: Value| {
        let resource = json!({"address": "module.zones[\"eu\"].cloudflare_bot_management.this[0]", "mode": "managed",
            "type": "cloudflare_bot_management", "name": "this", "index": 0, "values": attributes, "sensitive_values": {}});
        json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": {}, "root_module":
            {"child_modules": [{"address": "module.zones[\"eu\"]", "resources": [resource]}]}}})
        .to_string()
    };
    for text in [
        of_module(attributes(&id(1))),
        of_module(attributes_4(&id(1))),
        shown(attributes(&id(1))),
        shown(attributes_4(&id(1))),
    ] {
        let story = story(1, &moved).file("state.json", text);
        let import = story.run("import --terraform state.json");
        assert!(import.exit == 0 && import.stdout.ends_with("1 written; plan: 1 change\n"), "{import}");
        let plan = story.run("plan --output json").json();
        let rows = plan["zones"][0]["settings"].as_array().unwrap().iter();
        let rows: Vec<_> = rows.filter(|row| row["verdict"] == "change").map(|row| &row["setting"]).collect();
        assert_eq!(rows, ["sbfm_definitely_automated"], "{plan:#}");
    }
}

#[test]
fn no_sensitive_value_of_a_state_is_printed_or_written() {
    let mut attributes = attributes(&id(1));
    attributes["sbfm_verified_bots"] = json!("s3cret-value");
    attributes["new_attribute"] = json!("s3cret-attribute");
    let sensitive = json!([[{"type": "get_attr", "value": "sbfm_definitely_automated"}]]);
    let other = json!({"mode": "managed", "type": "cloudflare_api_token", "name": "ci",
        "instances": [{"attributes": {"value": "s3cret-token"}}]});
    let story = story(1, &[(1, "sbfm_definitely_automated", json!("allow"))]).file(
        "state.json",
        state(json!([
            other,
            resource("shop", json!([{"attributes": attributes, "sensitive_attributes": sensitive}]))
        ])),
    );
    let run = story.run("-vv import --terraform state.json");
    assert_eq!(run.exit, 0, "{run}");
    for part in [
        "sbfm_definitely_automated (it is marked as sensitive)",
        "sbfm_verified_bots (this version does not know the value)",
        "new_attribute (this version does not know it)",
    ] {
        assert!(run.stdout.contains(part), "{run}");
    }
    let file = story.read(&format!("zones/{}.yaml", name(1)));
    assert!(!run.to_string().contains("s3cret") && !file.contains("s3cret"), "{run}\n{file}");
    assert!(!file.contains("sbfm_definitely_automated: block"), "{file}");
}

#[test]
fn a_file_that_is_not_a_state_writes_and_requests_nothing() {
    for (text, part) in [
        ("", "not JSON"),
        ("s3cret", "not JSON"),
        ("{\"a\": \"s3cret\"}", "this is not a Terraform state"),
        ("{\"version\": 3, \"modules\": []}", "another format version"),
        ("{\"version\": 4, \"resources\": []}", "holds no `cloudflare_bot_management`"),
        ("{\"format_version\": \"1.2\", \"resource_changes\": []}", "a Terraform plan"),
    ] {
        let story = story(1, &[]).file("state.json", text);
        let run = story.run("import --terraform state.json");
        assert!(run.exit == 1 && run.stderr.contains(part) && !run.stderr.contains("s3cret"), "{run}");
        assert!(!story.path("zones").exists() && story.emulator().requests().is_empty());
    }
    let run = story(1, &[]).run("import --terraform nowhere.json");
    assert!(run.exit == 1 && run.stderr.contains("cannot read the state nowhere.json"), "{run}");
    let usage = story(1, &[]).run("import --terraform state.json --adopt");
    assert_eq!(usage.exit, 64, "{usage}");
}

#[test]
fn each_resource_that_cannot_be_taken_over_is_named_and_the_others_are() {
    let instance = |number: usize| json!([{"attributes": attributes(&id(number))}]);
    let mut torn = attributes(&id(3));
    torn["enable_js"] = json!(false);
    let story = story(4, &[]).zone(&name(4), "sbfm_pro", "enable_js: false").file(
        "state.json",
        state(json!([
            resource("one", instance(1)),
            resource("gone", instance(9)),
            resource("three", instance(3)),
            resource("torn", json!([{"attributes": torn}])),
            resource("four", instance(4)),
        ])),
    );
    let before = story.read(&format!("zones/{}.yaml", name(4)));
    assert_snapshot!(story.run("import --terraform state.json"), @"
    Never sent by the provider: the files hold the live values.
      cloudflare_bot_management.one (shop-001.example.com): content_bots_protection block (live: disabled)
    Turned off by the provider wherever the configuration does not name it:
      cloudflare_bot_management.one (shop-001.example.com): is_robots_txt_managed
    Not taken over, since the zone has a file:
      cloudflare_bot_management.four (shop-004.example.com)
    zones/shop-004.example.com.yaml differs from live: enable_js false → true
    1 written, 1 differs and stays (1 value), 2 not imported; plan: 1 change
    ---- stderr
    reading 2 zones
    error: cloudflare_bot_management.three and cloudflare_bot_management.torn hold the same zone, with other values
    --> state.json
     = help: remove one of the two from the state
    
    error: the zone of cloudflare_bot_management.gone is not among those that were read
    --> state.json
     = help: the zone was deleted, or the token cannot see it

    2 errors in 1 file
    note: existing files stay as they are
    
    hint: `--zone NAME` takes the live values of one zone into its file, `--adopt` those of all zones; or run `apply`
    note: for completion in editors, run `botform schema zone > schemas/zone.schema.json` next to the folder first
    ---- exit 3
    ");
    assert_eq!(story.read(&format!("zones/{}.yaml", name(4))), before);
    let none = story.run(&format!("import other --terraform state.json --zone {}", name(2)));
    assert!(none.exit == 1 && none.stderr.contains("none of the 3 wanted zones is among"), "{none}");
}

#[test]
fn a_baseline_gathers_what_terraform_held() {
    let instance = |number: usize| json!({"index_key": number, "attributes": attributes(&id(number))});
    let moved = [(1, "ai_bots_protection", json!("disabled")), (2, "ai_bots_protection", json!("disabled"))];
    let story =
        story(5, &moved).file("state.json", state(json!([resource("all", (1..=5).map(instance).collect())])));
    let run = story.run("import --terraform state.json --baseline fleet");
    assert!(run.exit == 0 && run.stdout.contains("plan: 2 changes"), "{run}");
    assert!(story.read("baselines/fleet.yaml").contains("  ai_bots_protection: block\n"));
    assert!(!story.read(&format!("zones/{}.yaml", name(1))).contains("  ai_bots_protection"));
    let plan = story.run("plan");
    assert!(plan.told().contains("Plan: 2, 2, 3, 0"), "{plan}");
}

#[test]
fn a_zone_on_another_plan_variant_keeps_what_it_can_say() {
    let free = json!({"enable_js": false, "fight_mode": false, "ai_bots_protection": "block"});
    let mut held = attributes(&id(1));
    held["fight_mode"] = json!(true);
    held["enable_js"] = Value::Null;
    let story = Story::new(json!([{"name": name(1), "id": id(1), "plan": "free", "live": free}]))
        .file("state.json", state(json!([resource("shop", json!([{"attributes": held}]))])));
    let run = story.run("import --terraform state.json");
    assert!(
        run.exit == 0 && run.stdout.contains("sbfm_definitely_automated (not available on bot_fight_mode)"),
        "{run}"
    );
    let file = story.read(&format!("zones/{}.yaml", name(1)));
    assert!(file.contains("  fight_mode: true\n") && !file.contains("\n  enable_js"), "{file}");
    let plan = story.run("plan");
    assert!(
        plan.exit == 1 && plan.stdout.contains("enable_js"),
        "it cannot be written without the other: {plan}"
    );
}

/// Three hundred zones of two versions of the provider, in modules.
#[test]
#[ignore = "slow: CI runs it"]
fn the_plan_of_three_hundred_zones_shows_exactly_what_differs_from_what_terraform_held() {
    let moved: Vec<_> = (1..=300)
        .filter(|number| number % 20 == 0)
        .map(|number| match number % 3 {
            0 => (number, "ai_bots_protection", json!("disabled")),
            1 => (number, "sbfm_verified_bots", json!("block")),
            _ => (number, "enable_js", json!(false)),
        })
        .collect();
    let instances = |rest: usize| -> Value {
        let numbers = (1..=300).filter(|number| number % 2 == rest);
        let attributes =
            |number: usize| if rest == 0 { attributes(&id(number)) } else { attributes_4(&id(number)) };
        numbers.map(|number| json!({"index_key": name(number), "attributes": attributes(number)})).collect()
    };
    let mut of_module = resource("all", instances(0));
    of_module["module"] = json!("module.shops");
    let story =
        story(300, &moved).file("state.json", state(json!([of_module, resource("old", instances(1))])));
    let import = story.run("import --terraform state.json");
    assert!(import.exit == 0 && import.stdout.ends_with("300 written; plan: 15 changes\n"), "{import}");
    assert_eq!(story.emulator().requests().len(), 306, "one for each zone, and one for 50 of the list");
    let plan = story.run("plan --output json").json();
    let changes = plan["zones"].as_array().unwrap().iter().flat_map(|zone| {
        let rows = zone["settings"].as_array().unwrap().iter().filter(|row| row["verdict"] == "change");
        rows.map(|row| {
            (
                zone["zone"].as_str().unwrap().to_owned(),
                row["setting"].as_str().unwrap().to_owned(),
                row["live"].clone(),
            )
        })
    });
    let expected: Vec<_> =
        moved.into_iter().map(|(number, setting, value)| (name(number), setting.to_owned(), value)).collect();
    assert_eq!(changes.collect::<Vec<_>>(), expected);
    assert!(story.bodies().is_empty());
}

fn commands() -> Vec<&'static str> {
    let commands: Vec<_> = PAGE.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(commands.len(), 4, "the page promises four");
    commands
}

fn of_the_page() -> Story {
    let state = state(json!([resource(
        "shop",
        json!([{"schema_version": 0, "attributes": attributes(&id(1)), "sensitive_attributes": []}])
    )]));
    story(1, &[(1, "ai_bots_protection", json!("disabled"))]).file("terraform.tfstate", state)
}

fn runs(story: &Story, command: &str) -> Run {
    match command.strip_prefix("botform ") {
        Some(arguments) => story.run(arguments),
        None => {
            let mut shell = Command::new("sh");
            shell.args(["-c", command]).current_dir(story.path("")).env_clear();
            shell
                .env("PATH", std::env::var_os("PATH").unwrap())
                .env("HOME", story.path("home"))
                .env("CHECKPOINT_DISABLE", "1");
            story.end(shell)
        }
    }
}

/// The first command writes the state and the last one touches it alone, so that a copy stands in for both.
#[test]
fn the_commands_of_the_terraform_page_lead_to_a_plan_of_what_moved() {
    let story = of_the_page();
    for command in commands() {
        let run = match command.strip_prefix("terraform ") {
            Some("state pull > state.json") => runs(&story, "cp terraform.tfstate state.json"),
            Some(_) => continue,
            None => runs(&story, command),
        };
        assert_eq!(run.exit, 0, "{command}: {run}");
        if command.contains("plan") {
            assert!(run.stdout.contains("~ ai_bots_protection      disabled → block"), "{run}");
        }
    }
    assert!(story.bodies().is_empty(), "nothing is written on the way");
    let file = story.read(&format!("zones/{}.yaml", name(1)));
    assert!(PAGE.contains("Off and not managed") && file.contains("Off and not managed"), "{file}");
}

#[test]
#[ignore = "needs terraform: cargo test --test cli -- --ignored with_terraform"]
fn the_commands_of_the_terraform_page_run_with_terraform_itself() {
    let story = of_the_page();
    for command in commands() {
        let run = runs(&story, command);
        assert_eq!(run.exit, 0, "{command}: {run}");
    }
    let left: Value = serde_json::from_str(&story.read("terraform.tfstate")).unwrap();
    assert_eq!(left["resources"], json!([]), "Terraform has forgotten the zone");
}
