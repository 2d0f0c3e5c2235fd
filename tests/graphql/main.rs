//! The queries of the analytics, as the binary sends them, against the reference implementation of GraphQL and a schema
//! that was written from Cloudflare's documentation. It comes from npm, so that this only runs when it is asked for:
//!
//! ```text
//! cargo test --test graphql -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use botform::emulator::{Emulator, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// All different queries that `why` and `plan --impact` send to zones of two plans.
fn queries(folder: &Path) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let zone = |name: &str, plan: &str, live: Value| json!({"name": name, "plan": plan, "live": live, "traffic": [{"requests": 3, "is": "automated"}]});
    let world = json!({"zones": [
        zone("a.example", "free", json!({"fight_mode": true, "enable_js": true, "ai_training": "disabled"})),
        zone("b.example", "business", json!({"sbfm_likely_automated": "allow", "sbfm_definitely_automated": "block"})),
    ]});
    let emulator =
        runtime.block_on(Emulator::start(World::read(&world).unwrap(), ([127, 0, 0, 1], 0).into())).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "a.yaml",
        "zone: a.example\nplan: bot_fight_mode\nsettings: {fight_mode: false, ai_training: disallow}\n",
    );
    write(
        "b.yaml",
        "zone: b.example\nplan: sbfm_business\nsettings: {sbfm_likely_automated: block, sbfm_definitely_automated: allow}\n",
    );
    for line in [
        "plan a.yaml b.yaml --impact",
        "why 8f1b2c3d4e5f6a7b --files a.yaml",
        "why --zone a.example --ip 203.0.113.7 --user-agent x --path /",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_botform"));
        command.args(line.split(' ')).current_dir(folder).env_clear();
        command
            .env("CLOUDFLARE_API_TOKEN", "cfut_0123456789")
            .env("CLOUDFLARE_BASE_URL", emulator.base_url());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let sent = emulator
        .requests()
        .into_iter()
        .filter_map(|request| request.body?["query"].as_str().map(str::to_owned));
    sent.collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
#[ignore = "needs npm"]
fn every_query_is_valid_for_an_independent_parser_and_schema() {
    let folder = tempfile::tempdir().unwrap();
    let queries = queries(folder.path());
    assert!(queries.len() >= 7, "{queries:#?}");
    let broken = queries[0].replace("viewer", "viewers");
    let all: Vec<_> = queries.iter().chain([&broken]).collect();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("queries.json", &json!(all).to_string());
    write("schema.graphql", include_str!("schema.graphql"));
    write("check.mjs", include_str!("check.mjs"));
    write("package.json", "{\"private\": true, \"type\": \"module\"}");
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap()
    };
    assert!(run("npm", &["install", "--silent", "--no-audit", "graphql@16"]).status.success());
    let output = run("node", &["check.mjs"]);
    let found: Vec<Vec<String>> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let (last, own) = found.split_last().unwrap();
    assert!(!last.is_empty(), "the wrong query was accepted");
    for (query, errors) in queries.iter().zip(own) {
        assert!(errors.is_empty(), "{query}\n{errors:?}");
    }
}
