//! Why a zone could not be found, and what to do about it.

use crate::api::zone::printable;
use crate::api::{ApiError, UnusableZone, ZoneEntry};
use crate::model::{AccountId, Message, ZoneId, ZoneName, some_of};
use std::sync::Arc;

/// Why a zone could not be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The token sees no zone of that name.
    #[error("{}", self.message())]
    NotFound {
        /// The name.
        name: ZoneName,
        /// A zone that the token does see, with a similar name.
        similar: Option<String>,
    },
    /// Several accounts hold a zone of that name.
    #[error("{}", self.message())]
    Ambiguous {
        /// The name.
        name: ZoneName,
        /// The zones, by account id.
        zones: Arc<[ZoneEntry]>,
    },
    /// The zone with the pinned id has another name.
    #[error("{}", self.message())]
    IdMismatch {
        /// The pinned id.
        id: ZoneId,
        /// The name in the file.
        wanted: ZoneName,
        /// The name at Cloudflare.
        actual: String,
    },
    /// The zone, or another one of its name, is listed with an invalid name or id.
    #[error(transparent)]
    Unusable(Arc<UnusableZone>),
    /// The zone's account has no credential, and none serves all other accounts.
    #[error("{}", self.message())]
    Unlisted {
        /// The account.
        account: AccountId,
    },
    /// One account holds the zone, and another one that may hold the name as well could not be asked.
    #[error("{}", self.message())]
    NotAllAsked {
        /// The name.
        name: ZoneName,
        /// The account that holds it, if known.
        account: Option<AccountId>,
        /// The account that could not be asked; `None` for all that are not listed.
        unasked: Option<AccountId>,
        /// Why not.
        #[source]
        source: Arc<ApiError>,
    },
    /// The snapshot does not have the zone's live settings.
    #[error("{}", self.message())]
    NotInSnapshot {
        /// The zone.
        zone: String,
        /// Why reading it failed when the snapshot was taken, if it was tried.
        why: Option<String>,
    },
}

fn accounts(zones: &[ZoneEntry]) -> String {
    let named = |zone: &ZoneEntry| {
        let account = zone.account_id.as_ref().map_or("", AccountId::as_str);
        // A zone that moves to another account is listed in both for a while; its status tells them apart.
        let status =
            zone.status.as_ref().map(|status| format!("{}, ", printable(status))).unwrap_or_default();
        format!("in account `{}` ({account}, {status}zone id {})", zone.account_name, zone.id)
    };
    some_of(zones.iter().map(named), MOST_NAMED)
}

/// How many zones of one name a message lists.
const MOST_NAMED: usize = 5;

/// What to do about a zone that the token does not see.
const UNSEEN: &str =
    "check the name; the zone was deleted, or the token cannot see it (permission `Zone Read` for it)";

impl ResolveError {
    pub(in crate::api) fn message(&self) -> Message {
        let zone = |name: &str| Message::from("zone ").zone(name);
        match self {
            Self::NotFound { name, similar: _ } => zone(name.as_str()).text(" was not found"),
            Self::Ambiguous { name, zones } => {
                let said = zone(name.as_str());
                said.text(format!(" was found {} times: {}", zones.len(), accounts(zones)))
            }
            Self::IdMismatch { id, wanted, actual } => Message::from("zone id ")
                .zone_id(id.as_str())
                .text(" is not ")
                .zone(wanted.as_str())
                .text(" but ")
                .zone(actual),
            Self::Unusable(unusable) => unusable.message(),
            Self::Unlisted { account } => format!("account {account} has no credential in this run").into(),
            Self::NotAllAsked { name, account, unasked, source: _ } => {
                let other = match unasked {
                    Some(account) => format!("account {account}"),
                    None => "another account".to_owned(),
                };
                let place = account.as_ref().map(|account| format!("in account {account}"));
                let place = place.as_deref().unwrap_or("once");
                let said = zone(name.as_str()).text(format!(" was found {place}, but "));
                said.text(format!("{other}, which may have a zone of that name, could not be asked"))
            }
            Self::NotInSnapshot { zone: name, why } => {
                let said = zone(name).text(" is not in the snapshot");
                match why {
                    Some(why) => said.text(": ").foreign(why, Some(name), None),
                    None => said,
                }
            }
        }
    }

    pub(in crate::api) fn hint(&self) -> Message {
        match self {
            Self::NotFound { similar: Some(similar), .. } => {
                format!("did you mean `{similar}`? Otherwise {UNSEEN}").into()
            }
            Self::NotFound { similar: None, .. } => UNSEEN.into(),
            Self::Ambiguous { .. } => {
                "add `account_id` or `zone_id` to the zone file to select one of them".into()
            }
            Self::IdMismatch { .. } => {
                "correct `zone` or `zone_id` in the zone file: both must name the same zone".into()
            }
            Self::Unusable(zone) => zone.hint().into(),
            Self::Unlisted { account } => format!(
                "add `- {{account_id: {account}, token: CLOUDFLARE_API_TOKEN_NAME}}` under `accounts` in botform.yaml, \
                 or set CLOUDFLARE_API_TOKEN, which serves all accounts that are not listed"
            )
            .into(),
            Self::NotAllAsked { account, source, .. } => {
                let line = account.as_ref().map(|account| format!("`account_id: {account}`"));
                let line = line.as_deref().unwrap_or("`account_id` or `zone_id`");
                let hint = Message::from(format!("add {line} to the zone file if that is the zone"));
                match source.hint() {
                    Some(way_out) => hint.text("; for the other account, ").then(way_out),
                    None => hint,
                }
            }
            Self::NotInSnapshot { .. } => {
                "take a new snapshot with a token that sees the zone, or plan without `--live`".into()
            }
        }
    }
}
