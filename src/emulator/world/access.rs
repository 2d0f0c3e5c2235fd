//! Who may do what: the credentials of a request against the tokens of the world.

use super::id;
use super::reply::Reply;
use super::request::Request;
use super::zone::Zone;
use serde_json::json;
use std::fmt;
use std::sync::Arc;

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    BotManagementRead,
    BotManagementWrite,
    FeedbackRead,
    FeedbackWrite,
    ZoneRead,
    EmailSecurityRead,
}

impl Permission {
    pub(super) const WORDS: [(&'static str, Self); 6] = [
        ("bot_management_read", Self::BotManagementRead),
        ("bot_management_write", Self::BotManagementWrite),
        ("feedback_read", Self::FeedbackRead),
        ("feedback_write", Self::FeedbackWrite),
        ("zone_read", Self::ZoneRead),
        ("email_security_read", Self::EmailSecurityRead),
    ];
}

/// A token of the world; its text is never printed.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) status: &'static str,
    pub(super) permissions: Option<Vec<Permission>>,
    pub(super) zones: Option<Vec<String>>,
    pub(super) accounts: Option<Vec<String>>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// What the sender of a request may do; without a token everything.
#[derive(Clone, Debug)]
pub(super) struct Grant(Option<Arc<Token>>);

impl Grant {
    /// Refuses unless one of the permissions is held.
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

    pub(super) fn sees_zone(&self, zone: &Zone) -> bool {
        let zones = self.0.as_ref().and_then(|token| token.zones.as_ref());
        let named = zones.is_none_or(|zones| zones.iter().any(|pattern| id::fits(pattern, &zone.name)));
        named && self.sees_account(&zone.account)
    }

    /// The status that the verify call tells.
    pub(super) fn status(&self) -> &'static str {
        self.0.as_ref().map_or("active", |token| token.status)
    }
}

/// Checks the credentials of a request; without tokens in the world any well-formed ones are good.
pub(super) fn admit(tokens: Option<&[Arc<Token>]>, request: &Request) -> Result<Grant, Reply> {
    let secret = credential(request)?;
    let Some(tokens) = tokens else { return Ok(Grant(None)) };
    match tokens.iter().find(|token| token.text == secret) {
        Some(token) if token.status == "active" || request.route().ends_with("/tokens/verify") => {
            Ok(Grant(Some(Arc::clone(token))))
        }
        _ => Err(Reply::unauthorized()),
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
    let chain = json!([{ "code": code, "message": format!("Invalid format for {header} header") }]);
    Reply::errors(400, json!([{ "code": 6003, "message": "Invalid request headers", "error_chain": chain }]))
}
