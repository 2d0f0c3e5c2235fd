//! The keys of a project file.

use super::zone::{ADD_REASON, ADD_UNTIL, REASON};
use super::{Key, Kind, Mapping, Presence, Rule};
use crate::model::{PolicyRule, Threshold};
use Presence::{Optional, Required};

/// The highest `concurrency`.
pub(crate) const MAX_CONCURRENCY: u32 = 256;

/// The rules, by their keys: a policy has exactly one of them.
pub(in crate::config) fn rules() -> impl Iterator<Item = (&'static str, Rule)> + Clone {
    POLICY.keys.iter().filter_map(|key| match key.kind {
        Kind::Rule(rule) => Some((key.name, rule)),
        _ => None,
    })
}

/// The key of `forbid` that names whom no value may shut out, and what it may say.
pub(in crate::config) const SHUTS_OUT: (&str, &str) = ("shuts_out", "search_engines");

/// The description of a zone pattern.
pub(in crate::config) const PATTERN: &str = "A zone name, or a pattern such as `*.example.com`.";

/// A project file.
pub(crate) static PROJECT: Mapping = Mapping {
    called: "a project file",
    keys: &[
        Key {
            name: "account_id",
            kind: Kind::AccountId,
            presence: Optional,
            about: "The account of zones that do not name one.",
        },
        Key {
            name: "accounts",
            kind: Kind::Entries(&ACCOUNT),
            presence: Optional,
            about: "The accounts with a token of their own, each with a request budget of its own; `CLOUDFLARE_API_TOKEN` serves all others.",
        },
        Key {
            name: "rate",
            kind: Kind::Rate,
            presence: Optional,
            about: "The request rate, as requests/seconds; Cloudflare allows `1200/300`.",
        },
        Key {
            name: "concurrency",
            kind: Kind::Whole(1, MAX_CONCURRENCY),
            presence: Optional,
            about: "How many zones are processed at a time.",
        },
        Key {
            name: "since",
            kind: Kind::Revision,
            presence: Optional,
            about: "The git revision, usually a tag, that was applied last: the default of `--since`.",
        },
        Key {
            name: "guards",
            kind: Kind::Mapping(&GUARDS),
            presence: Optional,
            about: "Limits on a run: a plan that exceeds one is refused.",
        },
        Key {
            name: "policy",
            kind: Kind::Entries(&POLICY),
            presence: Optional,
            about: "Rules for many zones.",
        },
    ],
};

/// An account with a token of its own.
static ACCOUNT: Mapping = Mapping {
    called: "an account",
    keys: &[
        Key {
            name: "account_id",
            kind: Kind::AccountId,
            presence: Required("account_id: 023e105f4ecef8ad9ca31a8372d0c353"),
            about: "The id of the account; each account is listed once.",
        },
        Key {
            name: "token",
            kind: Kind::TokenVariable,
            presence: Required("token: CLOUDFLARE_API_TOKEN_RETAIL"),
            about: "The name of the variable that holds the account's API token: `CLOUDFLARE_API_TOKEN`, or one that begins with `CLOUDFLARE_API_TOKEN_`. Never the token itself.",
        },
    ],
};

static GUARDS: Mapping = Mapping {
    called: "`guards`",
    keys: &[
        Key {
            name: "max_zones",
            kind: Kind::Threshold,
            presence: Optional,
            about: "The most zones that may change in one run; a percentage is of all zone files, rounded up.",
        },
        Key {
            name: "max_loosening",
            kind: Kind::Whole(0, Threshold::MAX_COUNT),
            presence: Optional,
            about: "The most changes of one run that may loosen protection.",
        },
        Key {
            name: "max_failures",
            kind: Kind::Threshold,
            presence: Optional,
            about: "How many zones may fail: once more have failed, no further zone is started. A percentage is of the zones to change.",
        },
    ],
};

static POLICY: Mapping = Mapping {
    called: "a policy",
    keys: &[
        Key {
            name: "id",
            kind: Kind::Text("name the policy"),
            presence: Required("id: verified-bots-pass"),
            about: "The name of the policy, unique in the project.",
        },
        Key { name: "reason", kind: REASON, presence: ADD_REASON, about: "Why the policy exists." },
        Key {
            name: "zones",
            kind: Kind::Patterns,
            presence: Optional,
            about: "The zones that the policy covers; each entry must match a zone file. Without it, all zones.",
        },
        Key {
            name: "forbid",
            kind: Kind::Rule(Rule::Several(PolicyRule::Forbid)),
            presence: Optional,
            about: "Values that must not be set: of settings, or with `shuts_out: search_engines` all that are known to shut out search engines.",
        },
        Key {
            name: "pin",
            kind: Kind::Rule(Rule::One(PolicyRule::Pin)),
            presence: Optional,
            about: "The only values that the settings may have.",
        },
        Key {
            name: "at_least",
            kind: Kind::Rule(Rule::Ordered(PolicyRule::AtLeast)),
            presence: Optional,
            about: "The minimum values: no zone may have a value that protects less or cannot be compared.",
        },
        Key {
            name: "exceptions",
            kind: Kind::Entries(&EXCEPTION),
            presence: Optional,
            about: "Zones that are exempt from the policy for a while.",
        },
    ],
};

/// An exception of a policy.
static EXCEPTION: Mapping = Mapping {
    called: "an exception",
    keys: &[
        Key {
            name: "zone",
            kind: Kind::Pattern,
            presence: Required("zone: shop.example.com"),
            about: PATTERN,
        },
        Key { name: "reason", kind: REASON, presence: ADD_REASON, about: "Why the zone is exempt." },
        Key {
            name: "until",
            kind: Kind::Date,
            presence: ADD_UNTIL,
            about: "The last day of the exception (UTC).",
        },
    ],
};
