//! The zones that some credentials can see, or that a snapshot holds: listed with few requests, and selected.

use super::args::{LiveZones, Selected};
use super::inputs;
use super::output::{Level, Notice, say, say_all};
use super::{Context, Failure, session};
use crate::api::{ApiError, Listed, ResolveError, UnusableZone, ZoneEntry};
use crate::model::{AccountId, Diagnostic, Named, ZoneId, ZoneName, is_id, plural};
use std::collections::BTreeSet;

/// How many names are looked up one by one.
const MOST_NAMES: usize = 8;

/// How many zones that could not be read are named; all of them are counted.
pub(crate) const MOST_SHOWN: usize = 50;

/// Shows on stderr why zones could not be read.
pub(crate) fn say_unread(problems: &[Diagnostic]) {
    say_all(&problems.iter().take(MOST_SHOWN).map(Notice::from).collect::<Vec<_>>());
    if let Some(more) = problems.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        say(Level::Info, format!("… and {more} more"));
    }
}

/// Which zones are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a> {
    /// The names and patterns.
    pub(crate) selected: &'a Selected,
    /// The account; all if there is none.
    pub(crate) account: Option<&'a AccountId>,
    /// The only zones that may be among them, by id; all if there is none.
    pub(crate) ids: Option<&'a BTreeSet<ZoneId>>,
    /// The permission that the work needs besides the one to list zones.
    pub(crate) permission: &'static str,
}

impl<'a> Selection<'a> {
    /// The selection of a command that reads bot settings.
    pub(crate) fn of(args: &'a LiveZones, account: Option<&'a AccountId>) -> Self {
        Self { selected: &args.selected, account, ids: None, permission: "Bot Management Read" }
    }

    /// The selected zones that the credentials can see, and the listed entries that cannot be used.
    pub(crate) async fn list<F: Copy>(
        &self,
        cx: &Context<'_, F>,
    ) -> Result<(Vec<ZoneEntry>, Vec<UnusableZone>), Failure> {
        let listed = async {
            match self.named(cx).await? {
                Some(named) => Ok(named.into_iter().map(Ok).collect()),
                None => cx.session.client.list_zones(self.account).await,
            }
        };
        let all = tokio::select! {
            all = listed => all.map_err(|error| session::failure(&error))?,
            () = cx.stop.requested() => return Err(Failure::new("interrupted before the zones were listed")),
        };
        let (mut zones, mut unusable) = (Vec::new(), Vec::new());
        for listed in self.choose(all)? {
            match listed {
                Ok(zone) => zones.push(zone),
                Err(zone) => unusable.push(zone),
            }
        }
        Ok((zones, unusable))
    }

    /// The selected ones of some zones.
    pub(crate) fn choose(&self, mut zones: Vec<Listed>) -> Result<Vec<Listed>, Failure> {
        let is_of = |zone: &ZoneEntry| self.account.is_none() || zone.account_id.as_ref() == self.account;
        zones.retain(|zone| zone.as_ref().map_or(true, is_of));
        if zones.is_empty() {
            let message = match self.account {
                Some(account) => format!("the credentials see no zone of account {account}"),
                None => "the credentials see no zone".to_owned(),
            };
            let hint = format!(
                "the token needs the permissions `Zone Read` and `{}`, for the zones in question",
                self.permission
            );
            return Err(Failure::new(message).hint(hint));
        }
        if let Some(ids) = self.ids {
            let seen = zones.len();
            let is_one = |id: &str| ids.iter().any(|one| one.as_str() == id);
            zones.retain(|zone| match zone {
                Ok(zone) => ids.contains(&zone.id),
                Err(zone) => is_one(&zone.id),
            });
            if zones.is_empty() {
                let message = format!(
                    "none of the {} is among the {seen} that can be read",
                    plural(ids.len(), "wanted zone")
                );
                return Err(Failure::new(message)
                    .hint("check the account of the token, and the account of the state"));
            }
        }
        inputs::select(zones, named, self.selected)
    }

    /// The zones that are selected by name or id, without paging through all that the credentials see; `None` if there
    /// is a pattern, or a name or id without a zone that can be used, which the whole list can explain.
    async fn named<F>(&self, cx: &Context<'_, F>) -> Result<Option<Vec<ZoneEntry>>, ApiError> {
        let called = &self.selected.zones;
        let (ids, names): (Vec<_>, Vec<_>) =
            called.iter().map(|called| name_in(called).to_ascii_lowercase()).partition(|text| is_id(text));
        let names: Result<Vec<_>, _> = names.into_iter().map(ZoneName::try_from).collect();
        let ids: Result<Vec<_>, _> = ids.into_iter().map(ZoneId::try_from).collect();
        let (Ok(names), Ok(ids), 1..=MOST_NAMES) = (names, ids, called.len()) else { return Ok(None) };
        let Some(with_ids) = cx.session.client.zones_with_ids(&ids).await else { return Ok(None) };
        let zones = match cx.session.client.zones_named(&names, self.account).await {
            Err(ApiError::Resolve(ResolveError::Unusable(_))) => return Ok(None),
            zones => zones?,
        };
        let is_found = |name: &ZoneName| zones.iter().any(|zone| zone.name == name.as_str());
        if !names.iter().all(is_found) {
            return Ok(None);
        }
        let mut zones = [zones, with_ids].concat();
        // A zone that is named twice is one zone.
        zones.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        zones.dedup_by(|one, other| one.id == other.id);
        Ok(Some(zones))
    }
}

fn named(listed: &Listed) -> Named<'_> {
    match listed {
        Ok(zone) => {
            let account = zone.account_id.as_ref().map(AccountId::as_str);
            Named { name: &zone.name, ids: [account, Some(zone.id.as_str())] }
        }
        Err(zone) => Named { name: &zone.name, ids: [Some(&zone.account_id), Some(&zone.id)] },
    }
}

/// The name in what may name an account too.
fn name_in(called: &str) -> &str {
    called.split_once('@').map_or(called, |(name, _)| name)
}
