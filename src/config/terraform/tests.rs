use super::shapes::RESOURCE;
use super::state::{Held, State, read_state};
use crate::model::{Diagnostic, ZoneId};
use serde_json::{Value as Json, json};

const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";
const OTHER: &str = "123e105f4ecef8ad9ca31a8372d0c353";

fn read(state: &Json) -> Result<State, Diagnostic> {
    read_state("state.json", state.to_string().as_bytes())
}

fn pulled_state(resources: Json) -> Json {
    json!({"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {
        "token": {"value": "s3cret", "type": "string", "sensitive": true}}, "resources": resources})
}

fn resource(name: &str, instances: Json) -> Json {
    json!({"mode": "managed", "type": RESOURCE, "name": name, "provider": "provider[\"registry.terraform.io/cloudflare/cloudflare\"]", "instances": instances})
}

fn said(held: &Held) -> Vec<String> {
    held.values.iter().map(|(setting, value)| format!("{} {value}", setting.name)).collect()
}

/// The attributes as version 4 of the provider holds them.
fn v4(id: &str) -> Json {
    json!({"id": id, "zone_id": id, "enable_js": true, "fight_mode": null, "sbfm_verified_bots": "allow",
        "sbfm_definitely_automated": "block", "sbfm_likely_automated": "", "ai_bots_protection": "",
        "using_latest_model": true})
}

/// The attributes as version 5 holds them.
fn v5(id: &str) -> Json {
    json!({"id": id, "zone_id": id, "enable_js": true, "is_robots_txt_managed": false, "aisearch": "block",
        "cf_robots_variant": "policy_only", "content_bots_protection": "block", "sbfm_verified_bots": "allow",
        "stale_zone_configuration": {"fight_mode": true}, "using_latest_model": true, "ai_training": null})
}

#[test]
fn both_major_versions_and_all_shapes_of_a_pulled_state_are_read() {
    let mut of_module = resource(
        "all",
        json!([
            {"index_key": "a", "attributes": v4(ID)}, {"index_key": 1, "attributes": v5(OTHER)},
            {"deposed": "00000001", "attributes": v4(&"7".repeat(32))}
        ]),
    );
    of_module["module"] = json!("module.shops[\"eu\"]");
    let data = json!({"mode": "data", "type": RESOURCE, "name": "x", "instances": [{"attributes": v4(&"8".repeat(32))}]});
    let secret = json!({"mode": "managed", "type": "random_password", "name": "p", "instances": [{"attributes": {"result": "s3cret"}}]});
    let state = read(&pulled_state(json!([data, of_module, secret]))).unwrap();
    let zones: Vec<_> = state.zones.values().collect();
    let [one, other] = zones.as_slice() else { panic!("{zones:?}") };
    assert_eq!(one.address, "module.shops[\"eu\"].cloudflare_bot_management.all[\"a\"]");
    assert_eq!(said(one), ["enable_js true", "sbfm_definitely_automated block", "sbfm_verified_bots allow"]);
    assert_eq!((one.turned_off().is_some(), one.never_sent.len()), (false, 0));
    assert_eq!(other.address, "module.shops[\"eu\"].cloudflare_bot_management.all[1]");
    assert_eq!(said(other), ["enable_js true", "is_robots_txt_managed false", "sbfm_verified_bots allow"]);
    let never: Vec<_> = other.never_sent.keys().map(|setting| setting.name).collect();
    assert_eq!(never, ["ai_search", "cf_robots_variant", "content_bots_protection"]);
    assert!(other.turned_off().is_some() && state.problems.is_empty());
}

#[test]
fn a_shown_state_is_read_with_its_modules_below_modules() {
    let shown = |address: &str, values: Json| {
        json!({"address": address, "mode": "managed", "type": RESOURCE, "name": "x", "values": values,
        "sensitive_values": {"enable_js": true, "stale_zone_configuration": {}}})
    };
    let below = json!({"address": "module.a.module.b", "resources": [shown("module.a.module.b.cloudflare_bot_management.x", v4(ID))]});
    let root = json!({"resources": [shown("cloudflare_bot_management.x[0]", v5(OTHER))],
        "child_modules": [{"address": "module.a", "child_modules": [below]}]});
    let state = read(
        &json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}}),
    );
    let state = state.unwrap();
    let addresses: Vec<_> = state.zones.values().map(|held| held.address.as_str()).collect();
    assert_eq!(
        addresses,
        ["module.a.module.b.cloudflare_bot_management.x", "cloudflare_bot_management.x[0]"]
    );
    for held in state.zones.values() {
        assert_eq!(held.left_out, [("enable_js".to_owned(), "it is marked as sensitive")]);
    }
}

#[test]
fn what_is_no_state_is_refused_with_what_it_is_and_without_what_it_holds() {
    let table = [
        (json!([1]), "not a Terraform state"),
        (json!({"a": "s3cret"}), "not a Terraform state"),
        (json!({"version": 3, "modules": []}), "another format version"),
        (json!({"version": 4, "resources": {}}), "not a list"),
        (json!({"version": 4}), "holds no `cloudflare_bot_management`"),
        (json!({"format_version": "1.0", "terraform_version": "1.11.4"}), "holds no"),
        (json!({"format_version": "1.2", "planned_values": {}}), "a Terraform plan"),
        (json!({"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "s3cret"}), "encrypted"),
    ];
    for (state, part) in table {
        let error = read(&state).unwrap_err();
        assert!(error.message.to_string().contains(part) && error.hint.is_some(), "{state}: {error:?}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
    for (bytes, part) in [
        (&b"s3cret"[..], "not JSON: line 1"),
        (b"", "not JSON"),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"{\"version\": 4, \"serial\": \"s3cret", "not JSON"),
    ] {
        let error = read_state("s", bytes).unwrap_err();
        assert!(error.message.to_string().contains(part), "{error:?}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(read_state("s", deep.as_bytes()).is_err());
}

#[test]
fn a_resource_that_makes_no_sense_spoils_only_itself() {
    let state = read(&pulled_state(json!([
        resource("a", json!([{"attributes": v4(ID)}])),
        resource("same", json!([{"attributes": v4(ID)}])),
        resource("b", json!([{"attributes": {"zone_id": "s3cret"}}, {"attributes": null}, 7, {}])),
        resource("c", json!([{"attributes": v4(OTHER)}])),
        resource("d\u{1b}[2J", json!([{"attributes": v5(OTHER)}])),
        resource("e", json!({"attributes": 1})),
        {"type": RESOURCE}, null, 7
    ])))
    .unwrap();
    assert_eq!(state.zones.keys().map(ZoneId::as_str).collect::<Vec<_>>(), [ID]);
    let problems: Vec<_> = state.problems.iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(
        !format!("{problems:?}").contains("s3cret") && problems.iter().all(|text| !text.contains('\u{1b}'))
    );
}
