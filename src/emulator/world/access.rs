//! Access control: accounts, and the credentials of a request checked against the tokens of the world.

use super::key::{Key, Kind};
use super::message::{Body, Reply, Request};
use super::reader::{At, Reader, choices};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The account of every zone that does not name one.
pub(super) const DEFAULT_ACCOUNT: &str = "ac000000000000000000000000000001";

/// Derives an id, 32 lower-case hexadecimal digits, from a text; the same text always gives the same id.
pub(super) fn derive(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Reads an id.
pub(super) fn identifier(reader: &mut Reader, at: &At<'_>, key: &str) -> Option<String> {
    let text = reader.text(at, key)?;
    if is_id(&text) {
        return Some(text);
    }
    reader.fail(&at.key(key), format!("`{text}` is not an id: 32 lower-case hexadecimal digits"));
    None
}

/// The keys of an account.
pub(super) const ACCOUNT: [Key; 2] =
    [Key::new("id", Kind::Id, "Its id.").required(), Key::new("name", Kind::Text, "Its name.")];

/// The states of a token that the verify call reports.
const STATUSES: [&str; 3] = ["active", "disabled", "expired"];

/// The keys of a token.
pub(super) const TOKEN: [Key; 7] = [
    Key::new("token", Kind::Text, "The token, as clients send it.").required(),
    Key::new("name", Kind::Text, "Its name, as the audit log shows it."),
    Key::new(
        "user",
        Kind::Text,
        "Whose it is: all tokens of one user share the request limit; by default all are of one user.",
    ),
    Key::new("status", Kind::Word(|| STATUSES.to_vec()), "The status that the verify call reports."),
    Key::new(
        "permissions",
        Kind::Words(|| Permission::WORDS.map(|(word, _)| word).to_vec()),
        "What it may do; everything by default.",
    ),
    Key::new("zones", Kind::Texts, "The zones that it can see; `*` matches any text."),
    Key::new("accounts", Kind::Texts, "The ids of the accounts that it can see."),
];

/// The accounts, with their names by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    names: BTreeMap<String, String>,
    /// The first account that the file lists; if there is one, zones may only name listed accounts.
    first: Option<String>,
}

impl Accounts {
    /// Reads the list of accounts.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        let mut accounts = Self::default();
        for account in reader.items(at, "accounts") {
            reader.keys(&account, &ACCOUNT);
            let name = reader.text(&account, "name").unwrap_or_else(|| "Example account".to_owned());
            let Some(id) = identifier(reader, &account, "id") else { continue };
            accounts.first.get_or_insert_with(|| id.clone());
            if accounts.names.insert(id, name).is_some() {
                reader.fail(&account.path, "another account has the same `id`");
            }
        }
        accounts
    }

    /// Reads the account of an entry, by id or name.
    pub(super) fn pick(&mut self, reader: &mut Reader, at: &At<'_>) -> String {
        let Some(typed) = reader.text(at, "account") else {
            return self.first.clone().unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
        };
        if let Some((id, _)) = self.names.iter().find(|(id, name)| **id == typed || **name == typed) {
            return id.clone();
        }
        if self.first.is_some() {
            let known: Vec<&str> = self.names.iter().flat_map(|(id, name)| [name.as_str(), id]).collect();
            reader.fail(&at.key("account"), format!("no account `{typed}`{}", choices(&typed, &known)));
            return typed;
        }
        if is_id(&typed) {
            return typed;
        }
        let id = derive(&typed);
        self.names.insert(id.clone(), typed);
        id
    }

    /// Adds an account.
    pub(super) fn add(&mut self, id: &str) {
        if !self.knows(id) {
            self.names.insert(id.to_owned(), "Example account".to_owned());
        }
    }

    /// The accounts with their names, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.names.contains_key(id)
    }

    pub(super) fn name(&self, id: &str) -> &str {
        self.names.get(id).map(String::as_str).unwrap_or_default()
    }
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    BotManagementRead,
    BotManagementWrite,
    FeedbackRead,
    FeedbackWrite,
    ZoneRead,
    EmailSecurityRead,
    AnalyticsRead,
    WafRead,
    FirewallRead,
    VersioningRead,
    PayPerCrawlRead,
    SettingsRead,
    AccountSettingsRead,
}

impl Permission {
    pub(super) const WORDS: [(&'static str, Self); 13] = [
        ("bot_management_read", Self::BotManagementRead),
        ("bot_management_write", Self::BotManagementWrite),
        ("feedback_read", Self::FeedbackRead),
        ("feedback_write", Self::FeedbackWrite),
        ("zone_read", Self::ZoneRead),
        ("email_security_read", Self::EmailSecurityRead),
        ("analytics_read", Self::AnalyticsRead),
        ("waf_read", Self::WafRead),
        ("firewall_read", Self::FirewallRead),
        ("versioning_read", Self::VersioningRead),
        ("pay_per_crawl_read", Self::PayPerCrawlRead),
        ("settings_read", Self::SettingsRead),
        ("account_settings_read", Self::AccountSettingsRead),
    ];
}

/// A token of the world; its text is never printed.
#[derive(Clone)]
pub(super) struct Token {
    text: String,
    name: Option<String>,
    user: Option<String>,
    status: &'static str,
    permissions: Option<Vec<Permission>>,
    zones: Option<Vec<String>>,
    accounts: Option<Vec<String>>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

impl Token {
    /// Reads a token of a world file.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Option<Self> {
        reader.keys(at, &TOKEN);
        let (text, name) = (reader.text(at, "token"), reader.text(at, "name"));
        let user = reader.text(at, "user");
        let status = reader.word(at, "status", &STATUSES.map(|word| (word, word))).unwrap_or("active");
        let permissions = at.member("permissions").map(|_| permissions(reader, at));
        let (zones, accounts) = (reader.texts(at, "zones"), reader.texts(at, "accounts"));
        Some(Self { text: text?, name, user, status, permissions, zones, accounts })
    }
}

impl Token {
    /// A token that may do everything.
    pub(super) fn of_all(text: &str) -> Self {
        let text = text.to_owned();
        Self {
            text,
            name: None,
            user: None,
            status: "active",
            permissions: None,
            zones: None,
            accounts: None,
        }
    }
}

fn permissions(reader: &mut Reader, at: &At<'_>) -> Vec<Permission> {
    let words = Permission::WORDS.map(|(word, _)| word);
    let mut held = Vec::new();
    for typed in reader.texts(at, "permissions").unwrap_or_default() {
        match Permission::WORDS.iter().find(|(word, _)| *word == typed) {
            Some((_, permission)) => held.push(*permission),
            None => reader
                .fail(&at.key("permissions"), format!("unknown word `{typed}`{}", choices(&typed, &words))),
        }
    }
    held
}

/// What the sender of a request may do; without a token, everything.
#[derive(Clone, Debug)]
pub(super) struct Grant(Option<Arc<Token>>);

impl Grant {
    /// Fails unless the sender has one of the permissions.
    pub(super) fn need(&self, any: &[Permission]) -> Result<(), Reply> {
        let held = self.0.as_ref().and_then(|token| token.permissions.as_ref());
        match held {
            Some(held) if !any.iter().any(|permission| held.contains(permission)) => {
                Err(Reply::unauthorized())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn sees_account(&self, account: &str) -> bool {
        let accounts = self.0.as_ref().and_then(|token| token.accounts.as_ref());
        accounts.is_none_or(|accounts| accounts.iter().any(|allowed| allowed == account))
    }

    pub(super) fn sees_zone(&self, name: &str, account: &str) -> bool {
        let zones = self.0.as_ref().and_then(|token| token.zones.as_ref());
        let named = zones.is_none_or(|zones| zones.iter().any(|pattern| fits(pattern, name)));
        named && self.sees_account(account)
    }

    /// The sender of a request as the audit log names it.
    pub(super) fn actor(&self, request: &Request) -> Json {
        // An address of the documentation.
        let address = "203.0.113.9";
        let Some(token) = request.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer "))
        else {
            return json!({ "type": "user", "context": "api_key", "email": request.email, "ip_address": address });
        };
        let name = self.0.as_ref().and_then(|token| token.name.as_deref()).unwrap_or("API token");
        let kind = if token.starts_with("cfat_") { "account" } else { "user" };
        json!({
            "type": kind, "context": "api_token", "token_id": derive(&format!("token {token}")), "token_name": name,
            "ip_address": address,
        })
    }

    /// The status that the verify call reports.
    pub(super) fn status(&self) -> &'static str {
        self.0.as_ref().map_or("active", |token| token.status)
    }
}

/// Checks the credentials of a request; if the world lists no tokens, any well-formed ones are accepted.
pub(super) fn admit(tokens: Option<&[Arc<Token>]>, request: &Request) -> Result<Grant, Reply> {
    let secret = credential(request)?;
    let Some(tokens) = tokens else { return Ok(Grant(None)) };
    match tokens.iter().find(|token| token.text == secret) {
        Some(token) if token.status == "active" || is_verify(request.route()) => {
            Ok(Grant(Some(Arc::clone(token))))
        }
        _ => Err(unknown(request)),
    }
}

/// The user whose request limit a request counts for.
pub(super) fn user_of(tokens: Option<&[Arc<Token>]>, request: &Request) -> String {
    let secret = credential(request).unwrap_or_default();
    let token = tokens.unwrap_or_default().iter().find(|token| token.text == secret);
    token.and_then(|token| token.user.clone()).unwrap_or_default()
}

fn is_verify(route: &str) -> bool {
    route.ends_with("/tokens/verify")
}

/// The refusal of unknown credentials: Cloudflare's answer differs by path.
fn unknown(request: &Request) -> Reply {
    match request.route() {
        _ if request.authorization.is_none() => Reply::error(403, 9103, "Unknown X-Auth-Key or X-Auth-Email"),
        route if is_verify(route) => Reply::error(401, 1000, "Invalid API Token"),
        "/zones" | "/accounts" | "/user" => Reply::error(403, 9109, "Invalid access token"),
        _ => Reply::unauthorized(),
    }
}

/// Who owns a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    User,
    Account,
}

/// `GET /user/tokens/verify` and `/accounts/ID/tokens/verify`: whether a token is active, not what it may do.
/// Account-owned tokens have their own call.
pub(super) fn verify(request: &Request, grant: &Grant, owner: Owner) -> Result<Reply, Reply> {
    let token = request.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer "));
    let owned = |token: &str| if token.starts_with("cfat_") { Owner::Account } else { Owner::User };
    if token.map(owned) != Some(owner) {
        return Err(Reply::error(401, 1000, "Invalid API Token"));
    }
    let status = grant.status();
    let id = derive(&format!("token {}", token.unwrap_or_default()));
    let message = format!("This API Token is valid and {status}");
    Ok(Reply::new(
        200,
        Body::Json(json!({
            "success": true, "errors": [], "result": { "id": id, "status": status },
            "messages": [{ "code": 10000, "message": message, "type": null }],
        })),
    ))
}

/// `GET /user`: the holder of a key; tokens rarely have the permission.
pub(super) fn user(request: &Request) -> Result<Reply, Reply> {
    match (&request.authorization, &request.email) {
        (None, Some(email)) => Ok(Reply::ok(json!({ "id": derive(email), "email": email }))),
        _ => Err(Reply::forbidden()),
    }
}

fn credential(request: &Request) -> Result<&str, Reply> {
    let well_formed = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(header) = request.authorization.as_deref() {
        let token = header.strip_prefix("Bearer ").filter(|token| well_formed(token));
        return token.ok_or_else(|| malformed(6111, "Authorization"));
    }
    let (Some(email), Some(key)) = (request.email.as_deref(), request.key.as_deref()) else {
        let message = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
        return Err(Reply::error(400, 9106, message));
    };
    if !well_formed(email) || !email.contains('@') {
        return Err(malformed(6102, "X-Auth-Email"));
    }
    let is_key =
        |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if well_formed(key) && is_key(key) { Ok(key) } else { Err(malformed(6103, "X-Auth-Key")) }
}

fn malformed(code: u32, header: &str) -> Reply {
    // The outer code is the same for all headers; only the chain says which one is wrong.
    let chain = json!([{ "code": code, "message": format!("Invalid format for {header} header") }]);
    Reply::errors(400, json!([{ "code": 6003, "message": "Invalid request headers", "error_chain": chain }]))
}

/// Whether a name matches a pattern in which `*` matches any text.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    while let Some((middle, tail)) = rest.split_once('*') {
        let Some(found) = left.find(middle) else { return false };
        left = &left[found + middle.len()..];
        rest = tail;
    }
    left.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_is_an_id_and_stays_the_same() {
        assert!(is_id(&derive("shop.example.com")) && is_id(DEFAULT_ACCOUNT));
        assert_eq!(derive("shop.example.com"), derive("shop.example.com"));
        assert_ne!(derive("shop.example.com"), derive("shop.example.net"));
    }

    #[test]
    fn a_star_matches_any_text() {
        for (pattern, name) in
            [("*", "a.b"), ("*.example.com", "a.example.com"), ("a*c*e", "abcde"), ("a.b", "a.b")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.example.com", "example.com"), ("a*c*e", "ace2"), ("ab*ba", "aba")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
