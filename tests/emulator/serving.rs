//! `botform emulator`, as pipelines use it: its flags, what it prints, and the schema of its worlds.

use crate::api::{Api, read};
use boon::{Compiler, Schemas};
use botform::emulator::World;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

struct Server {
    process: Child,
    base_url: String,
}

impl Server {
    fn start(arguments: &[&str], world: &Value, folder: &std::path::Path) -> Self {
        std::fs::write(folder.join("world.yaml"), world.to_string()).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_botform"))
            .args(["emulator", "--listen", "localhost:0", "--world", "world.yaml"])
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base_url = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut base_url).unwrap();
        Self { process, base_url: base_url.trim().to_owned() }
    }

    /// Ends it and gives what it said.
    fn end(mut self) -> String {
        self.process.kill().unwrap();
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.process.wait().unwrap();
        said
    }
}

fn client() -> Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn every_request_is_a_line_of_json_before_its_reply_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let world =
        json!({"zones": [{"name": "a.example", "plan": "pro", "id": "023e105f4ecef8ad9ca31a8372d0c353"}]});
    let server = Server::start(&["--requests", "requests.jsonl", "--latency-ms", "1"], &world, folder.path());
    assert!(server.base_url.starts_with("http://127.0.0.1:"), "{}", server.base_url);
    let at = |path: &str| format!("{}{path}", server.base_url);
    let client = client();
    client.get(at("/zones?per_page=50&name=a.example")).bearer_auth("abc").send().await.unwrap();
    let put = client.put(at("/zones/023e105f4ecef8ad9ca31a8372d0c353/bot_management")).bearer_auth("abc");
    assert_eq!(put.json(&json!({"ai_search": "block"})).send().await.unwrap().status(), 200);
    let health = server.base_url.replace("/client/v4", "/healthz");
    assert_eq!(client.get(health).send().await.unwrap().text().await.unwrap(), "ok\n");
    insta::assert_snapshot!(std::fs::read_to_string(folder.path().join("requests.jsonl")).unwrap(), @r#"
    {"method":"GET","path":"/client/v4/zones","query":{"name":"a.example","per_page":"50"},"body":null,"status":200}
    {"method":"PUT","path":"/client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/bot_management","query":{},"body":{"ai_search":"block"},"status":200}
    "#);
    assert!(!server.end().contains("empty"));
}

#[test]
fn an_empty_world_is_announced_as_empty() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(Server::start(&[], &json!({}), folder.path()).end(), @"
    the world is empty, so it has no zones; use `--world FILE` to serve another one
    serving until Ctrl-C; point CLOUDFLARE_BASE_URL at the address, with any CLOUDFLARE_API_TOKEN
    ");
}

#[tokio::test]
async fn an_emulator_on_all_addresses_prints_one_that_clients_accept() {
    let emulator =
        botform::emulator::Emulator::start(World::default(), "0.0.0.0:0".parse().unwrap()).await.unwrap();
    assert!(emulator.base_url().starts_with("http://127.0.0.1:"), "{}", emulator.base_url());
    assert!(emulator.addr().ip().is_unspecified());
}

#[tokio::test]
async fn accounts_are_listed_one_by_one_and_as_the_token_sees_them() {
    let (one, two) = ("a".repeat(32), "b".repeat(32));
    let world = json!({
        "accounts": [{"id": one, "name": "One"}, {"id": two, "name": "Two"}],
        "tokens": [{"token": "abc"}, {"token": "narrow", "accounts": [two]}],
    });
    let api = Api::serve(world).await;
    let names = |body: &Value| {
        let accounts = body["result"].as_array().unwrap().iter();
        accounts.map(|account| account["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&api.get("/accounts?per_page=50").await.1), ["One", "Two"]);
    assert_eq!(names(&api.get("/accounts?name=contains:w").await.1), ["Two"]);
    assert_eq!(api.get(&format!("/accounts/{two}")).await.1["result"]["name"], "Two");
    let narrow = api.client.get(format!("{}/accounts", api.emulator.base_url())).bearer_auth("narrow");
    assert_eq!(names(&read(narrow.send().await.unwrap()).await.1), ["Two"]);
    let outside = api.client.get(format!("{}/accounts/{one}", api.emulator.base_url())).bearer_auth("narrow");
    assert_eq!(read(outside.send().await.unwrap()).await.0, 403);
}

#[tokio::test]
async fn each_token_has_an_id_of_its_own() {
    let api = Api::serve(json!({})).await;
    let mut ids = Vec::new();
    for token in ["abc", "abd", "abc"] {
        let request =
            api.client.request(Method::GET, format!("{}/user/tokens/verify", api.emulator.base_url()));
        ids.push(read(request.bearer_auth(token).send().await.unwrap()).await.1["result"]["id"].clone());
    }
    assert!(ids[0] != ids[1] && ids[0] == ids[2], "{ids:?}");
}

#[tokio::test]
async fn a_zone_has_every_member_that_the_api_requires() {
    let api = Api::zone("pro", json!({})).await;
    let zone = &api.get("/zones/ZONE").await.1["result"];
    for member in [
        "id",
        "name",
        "development_mode",
        "owner",
        "account",
        "meta",
        "name_servers",
        "original_name_servers",
        "original_registrar",
        "original_dnshost",
        "created_on",
        "modified_on",
        "activated_on",
        "plan",
    ] {
        assert!(zone.get(member).is_some(), "{member}");
    }
    assert_eq!(&api.get("/zones?per_page=1").await.1["result"][0], zone);
}

/// The schema's verdict on a world, after checking that the schema accepts no more than the program.
fn accepts(world: &Value) -> bool {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let schema = serde_json::from_str(include_str!("../../schemas/world.schema.json")).unwrap();
    compiler.add_resource("world.json", schema).unwrap();
    let index = compiler.compile("world.json", &mut schemas).unwrap();
    let accepted = schemas.validate(world, index);
    assert!(accepted.is_err() || World::read(world).is_ok(), "{world}\n{:?}", World::read(world));
    accepted.is_ok()
}

#[test]
fn the_schema_accepts_the_example_worlds() {
    for name in ["world", "feedback-world", "submissions-world"] {
        let bytes = std::fs::read(format!("examples/{name}.yaml")).unwrap();
        let world =
            botform::config::parse_document(name, &bytes, botform::config::Options::default()).unwrap();
        assert!(accepts(world.root()), "{name}");
    }
}

#[test]
fn the_schema_knows_each_fault_and_no_other() {
    let zone = |fault: Value| json!({"zones": [{"name": "a.example", "plan": "pro", "faults": [fault]}]});
    for good in [
        zone(json!({"on": "PUT", "nth": 1, "do": "cut_after_write"})),
        zone(json!({"on": "GET", "do": "edit", "set": {"ai_search": null}})),
        zone(json!({"on": "GET", "do": "status", "status": 502, "retry_after": 3, "retry_after_as": "date"})),
        json!({"faults": [{"on": "ZONES", "nth": 2, "do": "add_zone", "zone": {"name": "b.example", "plan": "pro"}}]}),
        json!({"limit": {"requests": 1}, "latency_ms": 0, "tokens": [{"token": "x", "permissions": ["zone_read"]}]}),
    ] {
        assert!(accepts(&good), "{good}");
    }
    for bad in [
        zone(json!({"on": "GET", "do": "cut_after_write"})),
        zone(json!({"on": "PUT", "do": "cut", "status": 500})),
        zone(json!({"on": "ZONES", "do": "cut"})),
        zone(json!({"do": "cut"})),
        json!({"zone": []}),
        json!({"zones": [{"name": "A b", "plan": "pro"}]}),
        json!({"zones": [{"name": "a.example"}]}),
        json!({"submissions": {"rows": [], "generate": {"count": 1}}}),
    ] {
        assert!(!accepts(&bad), "{bad}");
    }
}
