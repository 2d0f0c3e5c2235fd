//! Cloudflare's own client libraries against `botform emulator`: they must accept its replies. They are fetched from
//! npm and PyPI into a temporary folder, so that these tests only run when they are asked for:
//!
//! ```text
//! cargo test --test official_clients -- --ignored
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const ACCOUNT: &str = "01a7362d577a6c3019a474fd6f485823";

/// All that the scripts do: list zones and submissions, verify the token, read each zone and read and change its bot
/// settings, get an error.
const TYPESCRIPT: &str = r#"
import Cloudflare from "cloudflare";
const { BASE_URL: baseURL, ACCOUNT: account_id } = process.env;
const client = new Cloudflare({ apiToken: "official", baseURL, maxRetries: 0 });
const ids = [];
const window = { start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z" };
for await (const row of client.emailSecurity.submissions.list({ account_id, per_page: 100, ...window })) ids.push(row.submission_id);
const filtered = [];
for await (const row of client.emailSecurity.submissions.list({ account_id, type: "TEAM", status: "unreviewed", order: "requested_at", direction: "asc", ...window }))
  filtered.push(row);
const token = (await client.user.tokens.verify()).status;
const accounts = [];
for await (const account of client.accounts.list()) accounts.push(account.name);
const zones = [];
let refused = null;
for await (const { id: zone_id } of client.zones.list({ name: "contains:.example.com", order: "name", direction: "asc" })) {
  const { name } = await client.zones.get({ zone_id });
  const before = await client.botManagement.get({ zone_id });
  const answer = await client.botManagement.update({ zone_id, ai_bots_protection: "disabled", enable_js: true });
  const after = await client.botManagement.get({ zone_id });
  zones.push([name, before.ai_bots_protection, answer.ai_bots_protection, after.ai_bots_protection]);
  try { await client.botManagement.update({ zone_id, ai_bots_protection: "wrong" }); } catch (error) { refused = error.status; }
}
console.log(JSON.stringify({ rows: ids.length, ids: new Set(ids).size, filtered: filtered.every((row) => row.type === "Team" && row.customer_status === "unreviewed") && filtered.length,
  token, accounts, zones, refused }));
"#;

const PYTHON: &str = r#"
import json, os
import cloudflare
client = cloudflare.Cloudflare(api_token="official", base_url=os.environ["BASE_URL"], max_retries=0)
account = os.environ["ACCOUNT"]
window = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
ids = [row.submission_id for row in client.email_security.submissions.list(account_id=account, per_page=100, **window)]
filtered = list(client.email_security.submissions.list(account_id=account, type="TEAM", status="unreviewed", extra_query={"order": "requested_at", "direction": "asc"}, **window))
token = client.user.tokens.verify().status
accounts = [account.name for account in client.accounts.list()]
zones, refused = [], None
for zone in client.zones.list(name="contains:.example.com", order="name", direction="asc"):
    name = client.zones.get(zone_id=zone.id).name
    before = client.bot_management.get(zone_id=zone.id)
    answer = client.bot_management.update(zone_id=zone.id, ai_bots_protection="disabled", enable_js=True)
    after = client.bot_management.get(zone_id=zone.id)
    zones.append([name, before.ai_bots_protection, answer.ai_bots_protection, after.ai_bots_protection])
    try:
        client.bot_management.update(zone_id=zone.id, ai_bots_protection="wrong")
    except cloudflare.APIStatusError as error:
        refused = error.status_code
print(json.dumps({"rows": len(ids), "ids": len(set(ids)), "filtered": all(row.type == "Team" and row.customer_status == "unreviewed" for row in filtered) and len(filtered),
    "token": token, "accounts": accounts, "zones": zones, "refused": refused}))
"#;

/// This library decodes strictly: a member that is missing or of another type is an error.
const DISTILLED: &str = r#"
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as FetchHttpClient from "effect/unstable/http/FetchHttpClient";
import { fromApiToken } from "@distilled.cloud/cloudflare/Credentials";
import * as Accounts from "@distilled.cloud/cloudflare/accounts";
import * as Bots from "@distilled.cloud/cloudflare/bot-management";
import * as Mail from "@distilled.cloud/cloudflare/email-security";
import * as User from "@distilled.cloud/cloudflare/user";
import * as Zones from "@distilled.cloud/cloudflare/zones";
const { BASE_URL: apiBaseUrl, ACCOUNT: accountId } = process.env;
const live = Layer.mergeAll(FetchHttpClient.layer, fromApiToken({ apiToken: "official", apiBaseUrl }));
const program = Effect.gen(function* () {
  const window = { accountId, start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z" };
  const ids = (yield* Mail.listSubmissions({ ...window, perPage: 250 })).result.map((row) => row.submissionId);
  const filtered = (yield* Mail.listSubmissions({ ...window, perPage: 250, type: "TEAM", status: "unreviewed" })).result;
  const token = (yield* User.verifyToken({})).status;
  const accounts = (yield* Accounts.listAccounts({})).result.map((account) => account.name);
  const zones = [];
  let refused = null;
  for (const { id: zoneId } of (yield* Zones.listZones({ name: "contains:.example.com", order: "name", direction: "asc" })).result) {
    const { name } = yield* Zones.getZone({ zoneId });
    const before = yield* Bots.getBotManagement({ zoneId });
    const answer = yield* Bots.putBotManagement({ zoneId, aiBotsProtection: "disabled", enableJs: true });
    const after = yield* Bots.getBotManagement({ zoneId });
    zones.push([name, before.aiBotsProtection, answer.aiBotsProtection, after.aiBotsProtection]);
    refused = yield* Effect.match(Bots.putBotManagement({ zoneId, aiBotsProtection: "wrong" }), { onFailure: () => 400, onSuccess: () => 200 });
  }
  return { rows: ids.length, ids: new Set(ids).size, filtered: filtered.every((row) => row.type === "Team" && row.customerStatus === "unreviewed") && filtered.length,
    token, accounts, zones, refused };
});
console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, live))));
"#;

/// A running `botform emulator`.
struct Emulator {
    process: Child,
    base_url: String,
    folder: TempDir,
}

impl Emulator {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = json!({
            "accounts": [{"id": ACCOUNT, "name": "Example Ltd"}],
            "zones": [
                {"name": "bank.example.com", "plan": "enterprise", "stale": {"sbfm_likely_automated": "block"}},
                {"name": "blog.example.com", "plan": "free"},
                {"name": "shop.example.com", "plan": "pro", "stale": {"fight_mode": true}},
                {"name": "tickets.example.com", "plan": "business"},
            ],
            "submissions": {"account": ACCOUNT, "generate": {"count": 250, "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}},
        });
        std::fs::write(folder.path().join("world.yaml"), world.to_string()).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_botform"))
            .args(["emulator", "--listen", "127.0.0.1:0", "--world", "world.yaml"])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base_url = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut base_url).unwrap();
        Self { process, base_url: base_url.trim().to_owned(), folder }
    }

    /// Runs a command in the folder to its end and gives what it printed.
    fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        let output = Command::new(program.as_ref())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("BASE_URL", &self.base_url)
            .env("ACCOUNT", ACCOUNT)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Fails unless a script saw all that there is.
fn assert_accepted(printed: &str) {
    let seen: Value = serde_json::from_str(printed.trim()).unwrap();
    let filtered = seen["filtered"].as_u64().unwrap_or_default();
    assert!((10..100).contains(&filtered), "{seen}");
    let zones = ["bank", "blog", "shop", "tickets"]
        .map(|name| json!([format!("{name}.example.com"), "block", "disabled", "disabled"]));
    let expected = json!({
        "rows": 250, "ids": 250, "filtered": filtered, "token": "active", "accounts": ["Example Ltd"],
        "zones": zones, "refused": 400,
    });
    assert_eq!(seen, expected);
}

#[test]
#[ignore = "fetches the library from npm"]
fn the_typescript_library_accepts_the_emulators_replies() {
    let emulator = Emulator::start();
    emulator.write("package.json", r#"{"private": true, "type": "module"}"#);
    emulator.run("npm", &["install", "--silent", "cloudflare"]);
    emulator.write("script.mjs", TYPESCRIPT);
    assert_accepted(&emulator.run("node", &["script.mjs"]));
}

#[test]
#[ignore = "fetches the library from npm"]
fn a_library_that_decodes_strictly_accepts_the_emulators_replies() {
    let emulator = Emulator::start();
    emulator.write("package.json", r#"{"private": true, "type": "module"}"#);
    // It is made for a version of `effect` whose modules have these names.
    emulator
        .run("npm", &["install", "--silent", "@distilled.cloud/cloudflare@0.30.3", "effect@4.0.0-beta.100"]);
    emulator.write("script.mjs", DISTILLED);
    assert_accepted(&emulator.run("node", &["script.mjs"]));
}

#[test]
#[ignore = "fetches the library from PyPI"]
fn the_python_library_accepts_the_emulators_replies() {
    let emulator = Emulator::start();
    emulator.run("python3", &["-m", "venv", "venv"]);
    let bin = emulator.folder.path().join("venv").join("bin");
    emulator.run(bin.join("pip"), &["install", "--quiet", "cloudflare"]);
    emulator.write("script.py", PYTHON);
    assert_accepted(&emulator.run(bin.join("python"), &["script.py"]));
}
