//! The zone schema in the validators that editors and pipelines use: ajv with ajv-errors, and check-jsonschema; and
//! what `import` and `init` write in prettier. They are fetched from npm and PyPI into a temporary folder, so that these tests only
//! run when they are asked for:
//!
//! ```text
//! cargo test --test validators -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use botform::config;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const AJV: &str = r#"
import Ajv from "ajv";
import errors from "ajv-errors";
import { readFileSync } from "node:fs";
const ajv = new Ajv({ allErrors: true, strict: false });
errors.default ? errors.default(ajv) : errors(ajv);
const validate = ajv.compile(JSON.parse(readFileSync("schema.json")));
const told = process.argv.slice(2).map((file) => {
  validate(JSON.parse(readFileSync(file)));
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
});
console.log(JSON.stringify(told));
"#;

/// Wrong files, with what an editor is to say of each.
const WRONG: [(&str, &str); 6] = [
    (r#"{"zone": "a.example.com", "plan": "pro", "settings": {}}"#, "plan"),
    (
        r#"{"zone": "a.example.com", "plan": "sbfm_pro", "settings": {"enable_j": true}}"#,
        "not a setting of sbfm_pro",
    ),
    (
        r#"{"zone": "a.example.com", "plan": "sbfm_pro", "settings": {"fight_mode": true}}"#,
        "`fight_mode` is a setting of bot_fight_mode; this file is sbfm_pro",
    ),
    (r#"{"zone": "a.example.com", "plan": "sbfm_pro", "settings": {"enable_js": "yes"}}"#, "enable_js"),
    (r#"{"zone": "a.example.com", "plan": "sbfm_pro", "settings": {"enable_js": null}}"#, "enable_js"),
    (r#"{"plan": "sbfm_pro", "settings": {}}"#, "zone"),
];

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("schema.json", include_str!("../schemas/zone.schema.json"));
        for (index, (wrong, _)) in WRONG.iter().enumerate() {
            desk.write(&format!("wrong-{index}.json"), wrong);
        }
        let example = std::fs::read("examples/zones/shop.example.com.yaml").unwrap();
        let document = config::parse_document("shop.yaml", &example, config::Options::default()).unwrap();
        desk.write("good.json", &document.root().to_string());
        desk
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Output {
        Command::new(program.as_ref()).args(arguments).current_dir(self.0.path()).output().unwrap()
    }
}

#[test]
#[ignore = "fetches ajv from npm"]
fn ajv_accepts_the_good_file_and_says_one_thing_of_each_wrong_one() {
    let desk = Desk::new();
    desk.write("package.json", r#"{"private": true, "type": "module"}"#);
    assert!(desk.run("npm", &["install", "--silent", "ajv@8", "ajv-errors@3"]).status.success());
    desk.write("ajv.mjs", AJV);
    let files: Vec<_> = (0..WRONG.len()).map(|index| format!("wrong-{index}.json")).collect();
    let mut arguments = vec!["ajv.mjs", "good.json"];
    arguments.extend(files.iter().map(String::as_str));
    let output = desk.run("node", &arguments);
    let told: Vec<Vec<String>> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert!(told[0].is_empty(), "{:?}", told[0]);
    for (messages, (wrong, part)) in told[1..].iter().zip(WRONG) {
        assert!(messages.iter().any(|message| message.contains(part)), "{wrong}: {messages:?}");
        assert!(messages.len() <= 2, "{wrong}: {messages:?}");
    }
}

/// Compiles every schema in strict mode; what only editors read is known by name.
const COMPILE: &str = r#"
import Ajv from "ajv";
import formats from "ajv-formats";
import { readdirSync, readFileSync } from "node:fs";
const keywords = ["errorMessage", "enumDescriptions", "doNotSuggest", "defaultSnippets", "markdownDescription"];
for (const file of readdirSync(process.argv[2])) {
  const ajv = new Ajv({ keywords, logger: false });
  formats.default ? formats.default(ajv) : formats(ajv);
  ajv.compile(JSON.parse(readFileSync(`${process.argv[2]}/${file}`)));
  console.log(file);
}
"#;

#[test]
#[ignore = "fetches ajv from npm"]
fn ajv_compiles_every_schema() {
    let desk = Desk::new();
    desk.write("package.json", r#"{"private": true, "type": "module"}"#);
    assert!(desk.run("npm", &["install", "--silent", "ajv@8", "ajv-formats@3"]).status.success());
    desk.write("ajv.mjs", COMPILE);
    let schemas = std::env::current_dir().unwrap().join("schemas");
    let output = desk.run("node", &["ajv.mjs", schemas.to_str().unwrap()]);
    let compiled = String::from_utf8(output.stdout).unwrap();
    assert_eq!(compiled.lines().count(), 16, "{compiled}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "fetches check-jsonschema from PyPI"]
fn check_jsonschema_accepts_the_examples_and_refuses_each_wrong_file() {
    let desk = Desk::new();
    assert!(desk.run("python3", &["-m", "venv", "venv"]).status.success());
    let bin = desk.0.path().join("venv").join("bin");
    assert!(desk.run(bin.join("pip"), &["install", "--quiet", "check-jsonschema"]).status.success());
    let check = |file: &str| {
        let arguments = ["--schemafile", "schema.json", "--output-format", "json", file];
        let output = desk.run(bin.join("check-jsonschema"), &arguments);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["status"] == "ok"
    };
    let examples = std::env::current_dir().unwrap().join("examples/zones");
    for entry in std::fs::read_dir(examples).unwrap().map(Result::unwrap) {
        assert!(check(entry.path().to_str().unwrap()), "{}", entry.path().display());
    }
    for (index, (wrong, _)) in WRONG.iter().enumerate() {
        assert!(!check(&format!("wrong-{index}.json")), "{wrong}");
    }
}

#[test]
#[ignore = "fetches check-jsonschema from PyPI"]
fn the_recipes_are_what_the_schemas_of_their_pipelines_say() {
    let desk = Desk::new();
    assert!(desk.run("python3", &["-m", "venv", "venv"]).status.success());
    let bin = desk.0.path().join("venv").join("bin");
    assert!(desk.run(bin.join("pip"), &["install", "--quiet", "check-jsonschema"]).status.success());
    let here = std::env::current_dir().unwrap();
    let files = |folder: &str| {
        let files = std::fs::read_dir(here.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect::<Vec<_>>()
    };
    for (schema, folder) in [
        ("vendor.github-workflows", "examples/ci/github/review-in-pull-request"),
        ("vendor.github-workflows", "examples/ci/github/review-at-apply"),
        ("vendor.github-workflows", "examples/ci/github/sharded"),
        ("vendor.github-workflows", ".github/workflows"),
        ("vendor.github-actions", ".github/actions/botform"),
        ("vendor.gitlab-ci", "examples/ci/gitlab"),
        ("vendor.gitlab-ci", "examples/ci/gitlab/review-in-merge-request"),
        ("vendor.gitlab-ci", "examples/ci/gitlab/review-at-apply"),
        ("vendor.gitlab-ci", "examples/ci/gitlab/sharded"),
    ] {
        for file in files(folder) {
            let arguments = ["--builtin-schema", schema, file.to_str().unwrap()];
            let output = desk.run(bin.join("check-jsonschema"), &arguments);
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{}: {told}", file.display());
        }
    }
}

#[test]
#[ignore = "fetches zizmor and kubernetes-validate from PyPI"]
fn an_auditor_of_workflows_and_the_schemas_of_kubernetes_have_nothing_to_say() {
    let desk = Desk::new();
    assert!(desk.run("python3", &["-m", "venv", "venv"]).status.success());
    let bin = desk.0.path().join("venv").join("bin");
    let install = ["install", "--quiet", "zizmor==1.32.0", "kubernetes-validate==1.37.0"];
    assert!(desk.run(bin.join("pip"), &install).status.success());
    let files = |folder: &str, end: &str| {
        let here = std::env::current_dir().unwrap();
        let files =
            walkdir::WalkDir::new(here.join(folder)).into_iter().map(|entry| entry.unwrap().into_path());
        let files = files.filter(|path| path.extension().is_some_and(|found| found == end));
        files.map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [mut audit, mut validate] = [vec!["--offline".to_owned()], vec!["--strict".to_owned()]];
    audit.extend([files(".github", "yml"), files("examples/ci/github", "yml")].concat());
    validate.extend(files("examples/kubernetes", "yaml"));
    assert!(audit.len() > 10 && validate.len() > 5);
    for (program, arguments) in [("zizmor", audit), ("kubernetes-validate", validate)] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = desk.run(bin.join(program), &arguments);
        let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success(), "{}", told.concat());
    }
}

/// Zones of all variants, with all that stands in comments.
const WORLD: &str = r#"
zones:
  - {name: a.example.com, plan: free}
  - {name: b.example.com, plan: pro, stale: {fight_mode: true, moon: "full\n  # x: y"}}
  - {name: c.example.com, plan: sbfm_business, live: {sbfm_likely_automated: tomorrow, "a key: {": ["\u202e", {b: null}]}}
  - {name: d.example.com, plan: bm_enterprise, stale: {sbfm_verified_bots: block}}
  - {name: e.example.com, plan: pro, live: {ai_search: disabled, sbfm_verified_bots: allow}}
  - {name: f.example.com, plan: free, id: "01234567890123456789012345678901", live: {cf_robots_variant: "off", enable_js: true}}
"#;

#[test]
#[ignore = "fetches prettier from npm"]
fn prettier_leaves_what_init_and_then_import_write_as_it_is() {
    for ci in ["github", "gitlab"] {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.write("world.yaml", WORLD);
        desk.write("package.json", "{ \"private\": true }\n");
        let run = |line: &str| {
            let arguments: Vec<_> = line.split(' ').collect();
            let output = desk.run(env!("CARGO_BIN_EXE_botform"), &arguments);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(&format!("init --ci {ci}"));
        prettier(&desk, &[".", ".vscode", ".github"]);
        run("import zones --baseline default --emulate world.yaml");
        prettier(&desk, &["zones", "baselines"]);
    }
}

#[test]
#[ignore = "fetches prettier from npm"]
fn prettier_leaves_what_import_writes_as_it_is() {
    let desk = Desk::new();
    desk.write("world.yaml", WORLD);
    std::fs::create_dir(desk.0.path().join("schemas")).unwrap();
    desk.write("schemas/zone.schema.json", "{}");
    for arguments in [
        &["import", "zones"][..],
        &["import", "all", "--all-settings"],
        &["import", "some", "--baseline", "shared"],
    ] {
        let arguments = [arguments, &["--emulate", "world.yaml"]].concat();
        let output = desk.run(env!("CARGO_BIN_EXE_botform"), &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    desk.write("package.json", r#"{"private": true}"#);
    prettier(&desk, &["zones", "all", "some", "baselines"]);
}

/// Asks prettier whether it would leave files as they are.
fn prettier(desk: &Desk, paths: &[&str]) {
    assert!(desk.run("npm", &["install", "--silent", "--no-save", "prettier@3"]).status.success());
    let prettier = desk.0.path().join("node_modules").join(".bin").join("prettier");
    let arguments =
        [&["--check", "--no-error-on-unmatched-pattern", "!world.yaml", "!package*.json"], paths].concat();
    let output = desk.run(prettier, &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("All matched files use Prettier"));
}
