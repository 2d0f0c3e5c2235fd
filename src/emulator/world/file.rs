//! Reads a world file: all of it in one walk, every error kept.

use super::access::{Permission, Token};
use super::fault::On;
use super::generate::Generated;
use super::limit::Limit;
use super::reader::{At, Reader, WorldError, choices};
use super::script::Faults;
use super::state::World;
use super::submissions::{Source, Submissions};
use super::{fault_file, id, zone_file};
use serde_json::Value as Json;
use std::sync::Arc;

/// Makes a world of a file's value.
pub(super) fn read(value: &Json) -> Result<World, Vec<WorldError>> {
    let (mut reader, mut world, at) = (Reader::default(), World::default(), At::root(value));
    if reader.keys(&at, &["limit", "tokens", "accounts", "zones", "faults", "submissions"]) {
        limit(&mut reader, &at, &mut world);
        accounts(&mut reader, &at, &mut world);
        for zone in reader.items(&at, "zones") {
            zone_file::zone(&mut reader, &zone, &mut world);
        }
        tokens(&mut reader, &at, &mut world);
        world.faults = Faults::new(fault_file::faults(&mut reader, &at, &On::OF_WORLD));
        submissions(&mut reader, &at, &mut world);
    }
    if reader.errors.is_empty() { Ok(world) } else { Err(reader.errors) }
}

fn limit(reader: &mut Reader, at: &At<'_>, world: &mut World) {
    let Some(limit) = at.member("limit") else { return };
    reader.keys(&limit, &["requests", "seconds"]);
    let requests = reader.number(&limit, "requests", 1, 1_000_000).unwrap_or(1200);
    let seconds = reader.number(&limit, "seconds", 1, 86_400).unwrap_or(300);
    world.limit = Limit::of(requests, seconds);
}

fn accounts(reader: &mut Reader, at: &At<'_>, world: &mut World) {
    for account in reader.items(at, "accounts") {
        reader.keys(&account, &["id", "name"]);
        reader.required(&account, "id");
        let id = identifier(reader, &account, "id");
        let name = reader.text(&account, "name").unwrap_or_else(|| "Example account".to_owned());
        world.first_account = world.first_account.take().or_else(|| id.clone());
        if id.is_some_and(|id| world.accounts.insert(id, name).is_some()) {
            reader.fail(&account.path, "another account has the same `id`");
        }
    }
}

/// A text of 32 lower-case hexadecimal digits.
pub(super) fn identifier(reader: &mut Reader, at: &At<'_>, key: &str) -> Option<String> {
    let text = reader.text(at, key)?;
    if id::is_id(&text) {
        return Some(text);
    }
    reader.fail(
        &format!("{}.{key}", at.path),
        format!("`{text}` is not an id: 32 lower-case hexadecimal digits"),
    );
    None
}

/// The id of an account that is given by id or name; where no accounts are listed, any one will do.
pub(super) fn account(reader: &mut Reader, at: &At<'_>, world: &mut World) -> String {
    let listed = at.member("account").is_some().then(|| reader.text(at, "account")).flatten();
    let Some(typed) = listed else {
        return world.first_account.clone().unwrap_or_else(|| id::DEFAULT_ACCOUNT.to_owned());
    };
    if let Some((id, _)) = world.accounts.iter().find(|(id, name)| **id == typed || **name == typed) {
        return id.clone();
    }
    if world.first_account.is_some() {
        let known: Vec<&str> = world.accounts.iter().flat_map(|(id, name)| [name.as_str(), id]).collect();
        reader.fail(
            &format!("{}.account", at.path),
            format!("no account `{typed}`{}", choices(&typed, &known)),
        );
        return typed;
    }
    if id::is_id(&typed) {
        return typed;
    }
    let id = id::derive(&typed);
    world.accounts.insert(id.clone(), typed);
    id
}

fn tokens(reader: &mut Reader, at: &At<'_>, world: &mut World) {
    if at.member("tokens").is_none() {
        return;
    }
    let tokens = reader.items(at, "tokens");
    world.tokens = Some(tokens.iter().filter_map(|item| token(reader, item)).map(Arc::new).collect());
}

fn token(reader: &mut Reader, at: &At<'_>) -> Option<Token> {
    reader.keys(at, &["token", "status", "permissions", "zones", "accounts"]);
    reader.required(at, "token");
    let text = reader.text(at, "token");
    let statuses = ["active", "disabled", "expired"].map(|word| (word, word));
    let status = reader.word(at, "status", &statuses).unwrap_or("active");
    let permissions = at.member("permissions").map(|_| permissions(reader, at));
    let (zones, accounts) = (reader.texts(at, "zones"), reader.texts(at, "accounts"));
    Some(Token { text: text?, status, permissions, zones, accounts })
}

fn permissions(reader: &mut Reader, at: &At<'_>) -> Vec<Permission> {
    let words = Permission::WORDS.map(|(word, _)| word);
    let mut held = Vec::new();
    for typed in reader.texts(at, "permissions").unwrap_or_default() {
        match Permission::WORDS.iter().find(|(word, _)| *word == typed) {
            Some((_, permission)) => held.push(*permission),
            None => reader.fail(
                &format!("{}.permissions", at.path),
                format!("unknown word `{typed}`{}", choices(&typed, &words)),
            ),
        }
    }
    held
}

fn submissions(reader: &mut Reader, at: &At<'_>, world: &mut World) {
    let Some(at) = at.member("submissions") else { return };
    if !reader.keys(&at, &["account", "rows", "generate", "repeat_across_pages"]) {
        return;
    }
    let account = account(reader, &at, world);
    world.accounts.entry(account.clone()).or_insert_with(|| "Example account".to_owned());
    let repeat = reader.number(&at, "repeat_across_pages", 0, 1000).unwrap_or(0);
    let source = match at.member("generate") {
        Some(generate) if at.member("rows").is_none() => Source::Generated(generated(reader, &generate)),
        Some(_) => return reader.fail(&at.path, "has either `rows` or `generate`"),
        None => Source::Rows(rows(reader, &at)),
    };
    world.submissions = Some(Submissions { account, source, repeat, last: None });
}

fn rows(reader: &mut Reader, at: &At<'_>) -> Vec<Json> {
    let rows = reader.items(at, "rows");
    for row in &rows {
        if reader.map(row).is_some() {
            reader.required(row, "submission_id");
            reader.required(row, "requested_at");
            reader.time(row, "requested_at");
        }
    }
    rows.into_iter().map(|row| row.value.clone()).collect()
}

fn generated(reader: &mut Reader, at: &At<'_>) -> Generated {
    reader.keys(at, &["count", "days", "start", "end"]);
    reader.required(at, "count");
    let (start, end) = (reader.time(at, "start"), reader.time(at, "end"));
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        reader.fail(&at.path, "`start` is after `end`");
    }
    Generated {
        count: reader.number(at, "count", 0, 10_000_000).unwrap_or(0),
        days: reader.number(at, "days", 1, 3650).unwrap_or(30),
        start,
        end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(value: Json) -> String {
        let errors = World::read(&value).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_empty_mapping_is_a_world_and_a_list_is_none() {
        assert!(World::read(&json!({})).is_ok());
        insta::assert_snapshot!(errors(json!([])), @"must be a mapping, not a list");
    }

    #[test]
    fn every_error_of_a_file_is_told_with_its_path() {
        let told = errors(json!({
            "zone": [],
            "limit": {"requests": 0},
            "tokens": [{"permissions": ["zone_reed"]}, {"token": 7}],
            "accounts": [{"id": "x"}],
            "zones": [
                {"plan": "sbfm_pro"},
                {"name": "a.example", "plan": "sbfm_prob", "live": []},
                {"name": "A b", "plan": "free"},
            ],
            "submissions": {"generate": {}, "rows": []},
        }));
        insta::assert_snapshot!(told, @"
        unknown key `zone`, did you mean `zones`? (one of `limit`, `tokens`, `accounts`, `zones`, `faults`, `submissions`)
        limit.requests: must be a whole number from 1 to 1000000
        accounts[0].id: `x` is not an id: 32 lower-case hexadecimal digits
        zones[0]: `name` is missing
        zones[1].plan: unknown word `sbfm_prob`, did you mean `sbfm_pro`? (one of `bot_fight_mode`, `sbfm_pro`, `sbfm_business`, `bm_enterprise`, `free`, `pro`, `business`, `enterprise`)
        zones[1].live: must be a mapping, not a list
        zones[2].name: `A b` is not a zone name such as `shop.example.com`
        tokens[0]: `token` is missing
        tokens[0].permissions: unknown word `zone_reed`, did you mean `zone_read`? (one of `bot_management_read`, `bot_management_write`, `feedback_read`, `feedback_write`, `zone_read`, `email_security_read`)
        tokens[1].token: must be a text, not a number
        submissions: has either `rows` or `generate`
        ");
    }

    #[test]
    fn a_token_is_never_printed() {
        let world = World::read(&json!({"tokens": [{"token": "s3cret"}]})).unwrap();
        assert!(!format!("{world:?}").contains("s3cret"));
    }

    #[test]
    fn a_listed_account_is_found_by_name_and_an_unlisted_one_is_an_error() {
        let account = json!([{"id": "a".repeat(32), "name": "Shops"}]);
        let zone = |account: &str| json!([{"name": "a.example", "plan": "free", "account": account}]);
        let world = World::read(&json!({"accounts": account, "zones": zone("Shops")})).unwrap();
        assert_eq!(world.zones[0].account, "a".repeat(32));
        let told = errors(json!({"accounts": account, "zones": zone("Shop")}));
        insta::assert_snapshot!(told, @"zones[0].account: no account `Shop`, did you mean `Shops`? (one of `Shops`, `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`)");
    }
}
