//! The schemas against an independent validator, and against the program itself.
#![expect(clippy::unwrap_used, reason = "a test fails where a value is missing")]

use boon::{Compiler, SchemaIndex, Schemas};
use botform::catalogue::{self, Variant};
use botform::config::{
    Baselines, ExtendedFile, Home, Options, check_project_text, check_text, check_zone_text, parse_document,
};
use botform::model::Diagnostic;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::path::Path;
use std::sync::LazyLock;

struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new(schema: Json) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", schema).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn accepts(&self, document: &Json) -> bool {
        self.schemas.validate(document, self.index).is_ok()
    }
}

static ZONE: LazyLock<Validator> = LazyLock::new(|| Validator::new(schema("zone")));
static BASELINE: LazyLock<Validator> = LazyLock::new(|| Validator::new(schema("baseline")));
static PROJECT: LazyLock<Validator> = LazyLock::new(|| Validator::new(schema("project")));

/// Where a document stands; whatever it extends is there, says nothing, and is another file each time.
fn home() -> Home<'static> {
    Home { path: Path::new("zones/a.yaml"), root: Path::new("") }
}

fn empty(home: Home<'_>) -> Result<ExtendedFile, Box<Diagnostic>> {
    Ok(ExtendedFile::new(home.path.to_owned(), "other".to_owned(), b"{}".to_vec()))
}

/// What no schema can say: it is about the content of other files, or about two members of a list.
const BEYOND: [&str; 3] =
    ["has no value to return to", "has more than one temporary value", "is extended twice"];

/// Whether the program accepts a document, as far as a schema can know; with its messages.
fn is_right(problems: &[Diagnostic]) -> (bool, Vec<String>) {
    let is_beyond =
        |problem: &&Diagnostic| BEYOND.iter().any(|part| problem.message.to_string().contains(part));
    let errors = problems.iter().filter(|problem| problem.is_error() && !is_beyond(problem));
    let messages: Vec<_> = errors.map(|problem| problem.message.to_string()).collect();
    (messages.is_empty(), messages)
}

/// What the schema says about a zone document, after checking that the program says the same.
fn accepts(document: &Json) -> bool {
    let bytes = document.to_string();
    let mut baselines = Baselines::default();
    let (_, problems) = check_zone_text("a.yaml", bytes.as_bytes(), home(), &mut baselines, &mut { empty });
    let accepted = ZONE.accepts(document);
    let (is_right, messages) = is_right(&problems);
    assert_eq!(is_right, accepted, "{document}\n{messages:?}");
    accepted
}

/// The same of a baseline.
fn accepts_baseline(document: &Json) -> bool {
    let mut baselines = Baselines::default();
    baselines.check_file("b.yaml", document.to_string().as_bytes(), home(), &mut { empty });
    let (_, problems) = baselines.finish();
    let accepted = BASELINE.accepts(document);
    let (is_right, messages) = is_right(&problems);
    assert_eq!(is_right, accepted, "{document}\n{messages:?}");
    accepted
}

/// The same of a project document.
fn accepts_project(document: &Json) -> bool {
    let (project, problems) = check_project_text("botform.yaml", document.to_string().as_bytes());
    let accepted = PROJECT.accepts(document);
    let messages: Vec<String> = problems.into_iter().map(|problem| problem.message.to_string()).collect();
    assert_eq!(project.is_some(), accepted, "{document}\n{messages:?}");
    accepted
}

fn good() -> Json {
    json!({
        "zone": "shop.example.com", "zone_id": "023e105f4ecef8ad9ca31a8372d0c353", "plan": "bot_fight_mode",
        "settings": {"enable_js": true, "fight_mode": true, "cf_robots_variant": "off"}, "stale": "clean",
        "freeze": {"reason": "sale", "until": "2026-12-31"},
        "accept": [{"setting": "sbfm_verified_bots", "reason": "kept by Cloudflare", "until": "2027-01-31"}],
    })
}

/// The good document with one value changed; nothing takes it away.
fn with(pointer: &str, value: Option<Json>) -> Json {
    let mut document = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).and_then(Json::as_object_mut).unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    document
}

#[test]
fn every_value_of_every_setting_is_accepted_on_its_variants_alone() {
    for variant in Variant::ALL.iter().copied() {
        for setting in catalogue::settings() {
            for value in setting.values() {
                let settings = json!({ setting.name: value.to_json() });
                let document = json!({"zone": "a.example", "plan": variant.word(), "settings": settings});
                assert_eq!(accepts(&document), setting.is_settable_on(variant), "{document}");
            }
        }
    }
}

#[test]
fn every_example_is_accepted_and_names_the_schema() {
    let mut count = 0;
    for folder in ["examples/zones", "examples/blocked", "examples/incident/zones", "examples/retail/zones"] {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        for entry in entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "yaml")) {
            let bytes = std::fs::read(entry.path()).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(text.lines().next().unwrap().ends_with("schemas/zone.schema.json"), "{text}");
            let document = parse_document("example.yaml", &bytes, Options::default()).unwrap();
            assert!(accepts(document.root()), "{}", entry.path().display());
            count += 1;
        }
    }
    assert_eq!(count, 8);
}

#[test]
fn a_good_file_is_accepted() {
    assert!(accepts(&good()));
    assert!(accepts(&with("/settings", Some(json!({})))));
}

fn temporary(setting: &str, value: Json) -> Json {
    json!({"setting": setting, "value": value, "until": "2026-12-31", "reason": "load test"})
}

#[test]
fn baselines_and_temporary_values_are_accepted() {
    for paths in [json!("../baselines/a.yaml"), json!(["a.yml", "b/c.d.yaml"]), json!([])] {
        assert!(accepts(&with("/extends", Some(paths))));
    }
    let alone = json!({"zone": "a.example", "plan": "sbfm_pro", "extends": "a.yaml"});
    assert!(accepts(&alone));
    for value in
        [json!([]), json!([temporary("fight_mode", json!(false)), temporary("ai_search", json!("block"))])]
    {
        assert!(accepts(&with("/temporary", Some(value))));
    }
}

#[test]
fn an_id_of_digits_is_read_alike_with_quotes_and_without() {
    let read = |line: &str| {
        let text = format!("zone: a.example\nplan: sbfm_pro\nsettings: {{}}\n{line}\n");
        let document = parse_document("a.yaml", text.as_bytes(), Options::default()).unwrap();
        let (_, problems) = check_text("a.yaml", text.as_bytes());
        (ZONE.accepts(document.root()), problems)
    };
    // The first begins with a zero, the last one with what looks like an exponent: all are numbers in YAML 1.2.
    for id in ["02310510451801931831083720353123", "023105104518019318310837203531e2"] {
        for key in ["zone_id", "account_id"] {
            assert_eq!(read(&format!("{key}: \"{id}\"")), (true, Vec::new()));
            let (accepted, problems) = read(&format!("{key}: {id}"));
            let [problem] = problems.as_slice() else { panic!("{problems:?}") };
            assert!(!accepted, "{key}: {id}");
            assert_eq!(problem.message.to_string(), format!("`{key}` must be a string, not `{id}`"));
            assert_eq!(problem.hint.clone().unwrap(), "put it in quotes");
        }
    }
    assert!(read("freeze: {reason: 007, until: 2026-12-31}").1[0].message.to_string().contains("not `007`"));
}

/// A schema that is exported.
fn schema(name: &str) -> Json {
    let text = std::fs::read_to_string(format!("schemas/{name}.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The schemas that are exported, by name.
fn exported() -> Vec<(String, Json)> {
    let files = std::fs::read_dir("schemas").unwrap().map(|file| file.unwrap().file_name());
    let named = |file: std::ffi::OsString| {
        let name = file.to_str().unwrap().strip_suffix(".schema.json").unwrap().to_owned();
        let schema = schema(&name);
        (name, schema)
    };
    files.map(named).collect()
}

#[test]
fn the_exported_schemas_are_what_the_program_prints() {
    for (name, exported) in exported() {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_botform"));
        let printed = program.args(["schema", &name]).output().unwrap().stdout;
        let printed: Json = serde_json::from_slice(&printed).unwrap();
        assert!(printed == exported, "run `botform schema {name} > schemas/{name}.schema.json`");
    }
}

#[test]
fn every_exported_schema_has_the_formats_of_json_schema_alone() {
    fn formats(schema: &Json, found: &mut Vec<String>) {
        let members = schema.as_object().into_iter().flatten();
        found.extend(members.clone().filter_map(|(key, value)| {
            (key == "format").then(|| value.as_str().map(str::to_owned)).flatten()
        }));
        let items = schema.as_array().into_iter().flatten();
        members.map(|(_, value)| value).chain(items).for_each(|part| formats(part, found));
    }
    let schemas = exported();
    assert_eq!(schemas.len(), 17);
    for (name, schema) in schemas {
        let mut found = Vec::new();
        formats(&schema, &mut found);
        found.retain(|format| !["date", "date-time"].contains(&format.as_str()));
        assert_eq!(found, [""; 0], "{name}");
    }
}

#[test]
fn baselines_are_read_alike() {
    let good = [
        json!({}),
        json!({"settings": {"ai_search": "block", "fight_mode": true}, "extends": "b.yaml"}),
        json!({"plans": {"sbfm_pro": {"sbfm_verified_bots": "allow"}, "bm_enterprise": {}}, "extends": ["b.yaml"]}),
    ];
    let wrong = [
        json!([]),
        json!(null),
        json!({"settings": null}),
        json!({"settings": {"ai_serch": "block"}}),
        json!({"settings": {"ai_search": "blok"}}),
        json!({"settings": {"using_latest_model": true}}),
        json!({"plans": {"pro": {}}}),
        json!({"plans": {"sbfm_pro": null}}),
        json!({"plans": {"sbfm_pro": {"fight_mode": true}}}),
        json!({"plans": []}),
        json!({"temporary": []}),
        json!({"zone": "a.example"}),
        json!({"extends": "b"}),
    ];
    assert!(good.iter().all(accepts_baseline));
    assert!(!wrong.iter().any(accepts_baseline));
}

#[test]
fn wrong_files_are_refused() {
    let wrong = [
        ("/plan", Some(json!("pro"))),
        ("/plan", Some(json!("sbfm_pro"))),
        ("/plan", None),
        ("/zone", None),
        ("/zone", Some(json!("Shop.example.com"))),
        ("/zone_id", Some(json!("023e"))),
        ("/settings", None),
        ("/settings", Some(json!(null))),
        ("/settings/enable-js", Some(json!(true))),
        ("/settings/enable_js", Some(json!("yes"))),
        ("/settings/enable_js", Some(json!(null))),
        ("/settings/enable_js", Some(json!(false))),
        ("/settings/cf_robots_variant", Some(json!(false))),
        ("/settings/using_latest_model", Some(json!(true))),
        ("/enable_js", Some(json!(true))),
        ("/stale", Some(json!("cleen"))),
        ("/freeze/until", Some(json!("2026-02-30"))),
        ("/freeze/until", None),
        ("/accept/0/setting", Some(json!("using_latest_model"))),
        ("/accept/0/reason", Some(json!(" "))),
        ("/extends", Some(json!("/etc/a.yaml"))),
        ("/extends", Some(json!(["a.yaml", ".yaml"]))),
        ("/extends", Some(json!(5))),
        ("/extends", Some(json!(null))),
        ("/temporary", Some(json!({}))),
        ("/temporary", Some(json!([temporary("fight_mode", json!("block"))]))),
        ("/temporary", Some(json!([temporary("sbfm_verified_bots", json!("block"))]))),
        ("/temporary", Some(json!([temporary("using_latest_model", json!(true))]))),
        ("/temporary", Some(json!([{"setting": "fight_mode", "value": false}]))),
        ("/plans", Some(json!({}))),
    ];
    for (pointer, value) in wrong {
        let document = with(pointer, value);
        assert!(!accepts(&document), "{document}");
    }
}

#[test]
fn a_file_without_a_plan_only_has_unknown_settings_reported() {
    let without = |setting: &str| json!({"settings": {setting: true}});
    let places = |document: &Json| {
        let error = ZONE.schemas.validate(document, ZONE.index).unwrap_err();
        format!("{error:#}")
    };
    assert!(!places(&without("fight_mode")).contains("fight_mode"));
    assert!(places(&without("figth_mode")).contains("figth_mode"));
}

#[test]
fn the_schema_keeps_to_what_editors_read() {
    let text = ["zone", "baseline", "project"].map(|name| schema(name).to_string()).concat();
    for keyword in ["unevaluatedProperties", "\"default\"", "$defs", "\"null\"", "null"] {
        assert!(!text.contains(keyword), "{keyword}");
    }
    let setting = &schema("zone")["definitions"]["ai_search"];
    assert_eq!(
        setting["enum"].as_array().unwrap().len(),
        setting["enumDescriptions"].as_array().unwrap().len()
    );
    assert!(setting["markdownDescription"].as_str().unwrap().contains("https://developers.cloudflare.com/"));
}

#[test]
fn projects_are_read_alike() {
    let policy = |rule: Json| {
        let mut policy = json!({"id": "a", "reason": "b"});
        policy.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        json!({"policy": [policy]})
    };
    let good = [
        json!({}),
        json!({"rate": "1200/300", "concurrency": 64, "guards": {"max_zones": "5%", "max_loosening": 0, "max_failures": 3}}),
        policy(json!({"forbid": {"ai_search": ["block"]}, "zones": ["*.example.com"]})),
        policy(
            json!({"at_least": {"ai_search": "block"}, "exceptions": [{"zone": "a", "reason": "b", "until": "2026-12-31"}]}),
        ),
        policy(json!({"pin": {"enable_js": true}})),
        json!({"concurrency": 5.0}),
        json!({"since": "applied"}),
        json!({"since": "origin/main"}),
        json!({"since": "v1.2.3"}),
        json!({"since": "HEAD~3"}),
        json!({"since": "main^2^"}),
        json!({"since": "applied^{commit}"}),
        json!({"since": "main@{1}"}),
    ];
    let wrong = [
        json!([]),
        json!({"rate": "0/1"}),
        json!({"concurrency": 0}),
        json!({"concurrency": 1.5}),
        json!({"guards": {"max_zones": "5"}}),
        json!({"guards": {"max_zones": "101%"}}),
        json!({"guards": {"max_loosening": "5%"}}),
        json!({"guards": null}),
        json!({"since": ""}),
        json!({"since": " "}),
        json!({"since": "a b"}),
        json!({"since": "a..b"}),
        json!({"since": "a...b"}),
        json!({"since": "^main"}),
        json!({"since": "main^!"}),
        json!({"since": "main^@"}),
        json!({"since": "main^-1"}),
        json!({"since": null}),
        policy(json!({})),
        policy(json!({"pin": {}})),
        policy(json!({"pin": {"enable_js": true}, "forbid": {"enable_js": [true]}})),
        policy(json!({"forbid": {"ai_search": []}})),
        policy(json!({"forbid": {"ai_search": "block"}})),
        policy(json!({"at_least": {"optimize_wordpress": true}})),
        policy(json!({"pin": {"enable_js": true}, "zones": [""]})),
        policy(json!({"pin": {"enable_js": true}, "exceptions": [{"zone": "a"}]})),
    ];
    assert!(good.iter().all(accepts_project));
    assert!(!wrong.iter().any(accepts_project));
}

/// A document that may be right: settings of a variant, with values of theirs.
fn document() -> impl Strategy<Value = Json> {
    let variant = prop::sample::select(Variant::ALL.to_vec());
    let settings = variant.prop_flat_map(|variant| {
        let rows: Vec<_> = catalogue::settable(variant).collect();
        let rows = prop::sample::subsequence(rows.clone(), 0..rows.len());
        (Just(variant), rows, prop::collection::vec(any::<prop::sample::Index>(), 21))
    });
    (settings, any::<[bool; 4]>(), "([a-z0-9_-]{1,5}\\.){1,3}[a-z0-9-]{1,4}").prop_map(
        |((variant, rows, picks), has, zone)| {
            let pick = |(row, pick): (&&'static catalogue::Setting, &prop::sample::Index)| {
                (row.name.to_owned(), pick.get(&row.values()).to_json())
            };
            let settings: Map<String, Json> = rows.iter().zip(&picks).map(pick).collect();
            let mut document = json!({"zone": zone, "plan": variant.word(), "settings": settings});
            let extra = [
                ("stale", json!("report")),
                ("protect", json!(true)),
                ("freeze", json!({"reason": "sale", "until": "2026-12-31"})),
                ("accept", json!([{"setting": "fight_mode", "reason": "kept", "until": "2026-12-31"}])),
            ];
            let extra = extra.into_iter().zip(has).filter(|(_, has)| *has);
            document.as_object_mut().unwrap().extend(extra.map(|((key, value), _)| (key.to_owned(), value)));
            document
        },
    )
}

/// A value that belongs somewhere, or nowhere.
fn value() -> impl Strategy<Value = Json> {
    let Json::Array(values) = json!([
        null, true, false, 0, 1.5, -3, "", " ", "block", "Block", "yes", "off", "true", [], {}, "sbfm_pro",
        "bm_enterprise", "a.example", "clean", "2026-02-29", "2028-02-29", "2026-13-01", ["block"],
        {"enable_js": true}, "023e105f4ecef8ad9ca31a8372d0c353", {"reason": "x", "until": "2026-01-01"}, "~", "a\nb",
        "../b.yaml", ["b.yaml", "c.yml"], [temporary("ai_search", json!("block"))],
        [temporary("fight_mode", json!("block"))],
    ]) else {
        panic!("a list")
    };
    prop::sample::select(values)
}

/// A key that belongs somewhere, or nowhere.
fn key() -> impl Strategy<Value = String> {
    let settings = catalogue::settings().map(|setting| setting.name);
    let others = [
        "zone",
        "zone_id",
        "account_id",
        "plan",
        "settings",
        "stale",
        "freeze",
        "accept",
        "protect",
        "extends",
        "temporary",
        "plans",
        "value",
        "reason",
        "until",
        "x",
        "",
        "<<",
        "1",
        "~",
    ];
    prop::sample::select(settings.chain(others).map(str::to_owned).collect::<Vec<_>>())
}

/// Puts a value under a key of some mapping of the document, or takes one away.
fn mutate(document: &mut Json, at: &prop::sample::Index, key: String, value: Option<Json>) {
    let mut pointers = vec![String::new()];
    if let Some(members) = document.as_object() {
        let nested = members.iter().filter(|(_, member)| member.is_object() || member.is_array());
        pointers.extend(nested.map(|(key, _)| format!("/{}", key.replace('~', "~0").replace('/', "~1"))));
    }
    let pointer: &String = at.get(&pointers);
    match (document.pointer_mut(pointer), value) {
        (Some(Json::Object(members)), Some(value)) => drop(members.insert(key, value)),
        (Some(Json::Object(members)), None) => {
            let keys: Vec<String> = members.keys().cloned().collect();
            if !keys.is_empty() {
                members.remove(at.get(&keys));
            }
        }
        (Some(Json::Array(items)), Some(value)) => items.push(value),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn program_and_schema_accept_the_same_documents(
        mut document in document(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), key(), prop::option::of(value())), 0..3)
    ) {
        for (at, key, value) in changes {
            mutate(&mut document, &at, key, value);
        }
        accepts(&document);
    }
}
