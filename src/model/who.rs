//! Who changed a setting, according to the audit log of its account, or why the log does not show it.

use super::{ActorContext, ActorKind, AuditEntry, clean, short};
use jiff::{Timestamp, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who changed a setting, by the audit log of its account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Who {
    /// An entry of the log shows it.
    Entry(WhoEntry),
    /// No entry shows it, with the reason.
    Silent(Silence),
}

/// Who changed a setting, as an entry of the audit log shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WhoEntry {
    /// Who it was.
    pub by: WhoBy,
    /// The email address of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How the change was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// How far the entry proves it.
    pub proof: Proof,
}

/// Who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhoBy {
    /// This program: its journal holds the `CF-Ray` of the request.
    Botform,
    /// Something that called itself botform, but without a journal here.
    CalledBotform,
    /// Cloudflare itself.
    Cloudflare,
    /// A person or another program.
    Somebody,
}

/// How a setting was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Through {
    /// The dashboard.
    Dashboard,
    /// The API, with a token.
    Token,
    /// The API, with the key of a user.
    Key,
    /// An application that a user let in.
    Application,
}

/// How far an entry proves who changed a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    /// It holds the value that is live.
    Value,
    /// It is about the zone, and does not say which settings were sent.
    Zone,
}

/// Why the audit log does not show who changed a setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Silence {
    /// There is no entry yet: the change may be too recent.
    NoEntryYet,
    /// There is no entry, although it would be visible by now.
    NoEntry,
    /// The credentials may not read the log.
    NotPermitted,
    /// The account of the zone is not known.
    NoAccount,
    /// The log could not be read completely, with the reason.
    Unread(String),
}

/// Whether a text contains the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// It does.
    Said,
    /// It does not: it is about several zones with different times.
    LeftOut,
}

impl WhoEntry {
    /// What an entry shows; `is_own` says whether a journal holds the `CF-Ray` of its request.
    pub(crate) fn of(entry: &AuditEntry, proof: Proof, is_own: bool) -> Self {
        let calls_itself_ours = entry.agent.as_deref().is_some_and(|agent| agent.starts_with("botform/"));
        let by = match entry.actor {
            _ if is_own => WhoBy::Botform,
            ActorKind::Cloudflare => WhoBy::Cloudflare,
            ActorKind::Customer if calls_itself_ours => WhoBy::CalledBotform,
            ActorKind::Customer => WhoBy::Somebody,
        };
        let through = match entry.context {
            ActorContext::Dashboard => Some(Through::Dashboard),
            ActorContext::Token => Some(Through::Token),
            ActorContext::Key => Some(Through::Key),
            ActorContext::Application => Some(Through::Application),
            ActorContext::Unknown => None,
        };
        let is_named = by != WhoBy::Cloudflare;
        Self {
            by,
            email: entry.email.clone().filter(|_| is_named),
            token: entry.token.clone().filter(|_| is_named),
            through: through.filter(|_| is_named),
            at: entry.at.map(|at| at.round(Unit::Second).unwrap_or(at)),
            proof,
        }
    }

    fn text(&self, when: When) -> String {
        let Self { by, email, token, through, at, proof } = self;
        let [email, token] =
            [email, token].map(|name| name.as_deref().map(|name| clean(&short(name)).into_owned()));
        let actor = match (token, email) {
            (Some(token), Some(email)) => format!("token {token} of {email}"),
            (Some(token), None) => format!("token {token}"),
            (None, Some(email)) => email,
            (None, None) => "somebody".to_owned(),
        };
        let through = through.map(|through| format!(" {}", through.text())).unwrap_or_default();
        let who = match by {
            WhoBy::Botform => format!("by botform ({actor})"),
            WhoBy::CalledBotform => format!("by {actor} with botform"),
            WhoBy::Cloudflare => "by Cloudflare".to_owned(),
            WhoBy::Somebody => format!("by {actor}{through}"),
        };
        let probably = if *proof == Proof::Zone { "probably " } else { "" };
        let at = at.filter(|_| when == When::Said).map(|at| format!(" at {at}")).unwrap_or_default();
        format!("{probably}{who}{at}")
    }
}

impl Through {
    fn text(self) -> &'static str {
        match self {
            Self::Dashboard => "in the dashboard",
            Self::Token | Self::Key => "through the API",
            Self::Application => "through an application",
        }
    }
}

impl Silence {
    /// The reason, safe to print.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::NoEntryYet => "no entry in the audit log yet".to_owned(),
            Self::NoEntry => "no entry in the audit log; Cloudflare's own migrations leave none".to_owned(),
            Self::NotPermitted => "not permitted: Account Settings Read".to_owned(),
            Self::NoAccount => "the account of the zone is not known".to_owned(),
            Self::Unread(why) => format!("the audit log was not read completely: {}", clean(&short(why))),
        }
    }
}

impl Who {
    /// The text next to a value, safe to print.
    pub(crate) fn text(&self, when: When) -> String {
        match self {
            Self::Entry(entry) => entry.text(when),
            Self::Silent(why) => format!("by whom: {}", why.text()),
        }
    }

    /// The same for all zones that one actor changed, whenever that was.
    pub(crate) fn without_time(&self) -> Self {
        match self {
            Self::Entry(entry) => Self::Entry(WhoEntry { at: None, ..entry.clone() }),
            Self::Silent(why) => Self::Silent(why.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn said(actor: Json, is_own: bool) -> String {
        let entry = json!({"action": {"time": "2026-11-29T10:00:00.4Z"}, "actor": actor,
            "raw": {"user_agent": if is_own { "botform/1" } else { "curl/8" }}});
        let entry = AuditEntry::read(&entry).unwrap();
        Who::Entry(WhoEntry::of(&entry, Proof::Value, is_own)).text(When::Said)
    }

    #[test]
    fn each_actor_has_its_words() {
        let token = json!({"type": "user", "context": "api_token", "token_name": "deploy", "email": "jane@example.com"});
        insta::assert_snapshot!(
            [
                said(json!({"type": "user", "context": "dash", "email": "jane@example.com"}), false),
                said(token.clone(), false),
                said(json!({"type": "account", "context": "api_token", "token_name": "deploy"}), false),
                said(json!({"type": "user", "context": "api_key", "email": "jane@example.com"}), false),
                said(json!({"type": "user", "context": "oauth", "email": "jane@example.com"}), false),
                said(token, true),
                said(json!({"type": "system", "email": "x@cloudflare.com"}), false),
                said(json!({}), false),
                said(json!({"email": "a\u{1b}[2J\u{202e}@x"}), false),
            ]
            .join("\n"),
            @"
        by jane@example.com in the dashboard at 2026-11-29T10:00:00Z
        by token deploy of jane@example.com through the API at 2026-11-29T10:00:00Z
        by token deploy through the API at 2026-11-29T10:00:00Z
        by jane@example.com through the API at 2026-11-29T10:00:00Z
        by jane@example.com through an application at 2026-11-29T10:00:00Z
        by botform (token deploy of jane@example.com) at 2026-11-29T10:00:00Z
        by Cloudflare at 2026-11-29T10:00:00Z
        by somebody at 2026-11-29T10:00:00Z
        by a\\u{1b}[2J\\u{202e}@x at 2026-11-29T10:00:00Z
        "
        );
    }

    #[test]
    fn botform_without_a_journal_is_named_by_its_token() {
        let entry = json!({"actor": {"token_name": "nightly"}, "raw": {"user_agent": "botform/0.1.0"}});
        let entry = WhoEntry::of(&AuditEntry::read(&entry).unwrap(), Proof::Zone, false);
        assert_eq!(Who::Entry(entry).text(When::Said), "probably by token nightly with botform");
    }

    #[test]
    fn the_wire_is_read_as_it_is_written() {
        for who in [
            Who::Silent(Silence::NoEntryYet),
            Who::Silent(Silence::Unread("x".to_owned())),
            Who::Entry(WhoEntry {
                by: WhoBy::Somebody,
                email: None,
                token: Some("deploy".to_owned()),
                through: Some(Through::Token),
                at: None,
                proof: Proof::Value,
            }),
        ] {
            let json = serde_json::to_value(&who).unwrap();
            assert_eq!(serde_json::from_value::<Who>(json).unwrap(), who);
        }
    }

    #[test]
    fn nobody_is_named_for_what_cloudflare_did() {
        let actor = json!({"type": "cloudflare_admin", "context": "dash", "email": "staff@cloudflare.com", "token_name": "t"});
        let entry = json!({"action": {"time": "2026-11-29T10:00:00Z"}, "actor": actor});
        let entry = WhoEntry::of(&AuditEntry::read(&entry).unwrap(), Proof::Value, false);
        assert_eq!(
            (entry.by, entry.email, entry.token, entry.through),
            (WhoBy::Cloudflare, None, None, None)
        );
    }
}
