//! The zones that some credentials can see, or that a snapshot holds: listed with few requests, and selected.

use super::args::{LiveZones, Selected};
use super::inputs;
use super::output::say;
use super::{Context, Failure, session};
use crate::api::{ApiError, ZoneEntry};
use crate::model::{AccountId, Diagnostic, Named, ZoneName, clean};

/// How many names are looked up one by one.
const MOST_NAMES: usize = 8;

/// How many zones that could not be read are named; all have their place in the counts.
const MOST_SHOWN: usize = 50;

/// Shows on stderr why zones could not be read.
pub(crate) fn say_unread(problems: &[Diagnostic]) {
    for problem in problems.iter().take(MOST_SHOWN) {
        let ray =
            problem.answered().cf_ray.as_ref().map(|ray| format!(" (CF-Ray {ray})")).unwrap_or_default();
        let hint = problem.hint.as_ref().map(|hint| format!("  hint: {}\n", clean(hint))).unwrap_or_default();
        say(&format!("error: {}{}\n{hint}", clean(&problem.message), clean(&ray)));
    }
    if let Some(more) = problems.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        say(&format!("… and {more} more\n"));
    }
}

/// Which zones are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a> {
    /// The names and patterns.
    pub(crate) selected: &'a Selected,
    /// The account; all if there is none.
    pub(crate) account: Option<&'a AccountId>,
    /// The permission that the work needs besides the one to list zones.
    pub(crate) permission: &'static str,
}

impl<'a> Selection<'a> {
    /// The selection of a command that reads bot settings.
    pub(crate) fn of(args: &'a LiveZones, account: Option<&'a AccountId>) -> Self {
        Self { selected: &args.selected, account, permission: "Bot Management Read" }
    }

    /// The selected zones, of all that the credentials can see.
    pub(crate) async fn list<F: Copy>(&self, cx: &Context<F>) -> Result<Vec<ZoneEntry>, Failure> {
        let listed = async {
            match self.named(cx).await? {
                Some(named) => Ok(named),
                None => cx.session.client.all_zones(self.account).await,
            }
        };
        let all = tokio::select! {
            all = listed => all.map_err(|error| session::failure(&error))?,
            () = cx.stop.requested() => return Err(Failure::new("interrupted before the zones were listed")),
        };
        self.choose(all)
    }

    /// The selected ones of some zones.
    pub(crate) fn choose(&self, mut zones: Vec<ZoneEntry>) -> Result<Vec<ZoneEntry>, Failure> {
        zones.retain(|zone| self.account.is_none_or(|account| zone.account_id == account.as_str()));
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
        inputs::select(zones, named, self.selected)
    }

    /// The zones that are selected by name, without paging through all that the credentials see; `None` if there is a
    /// pattern, or a name without a zone, which the whole list can explain.
    async fn named<F>(&self, cx: &Context<F>) -> Result<Option<Vec<ZoneEntry>>, ApiError> {
        let names: Result<Vec<_>, _> = self
            .selected
            .zones
            .iter()
            .map(|called| ZoneName::try_from(name_in(called).to_ascii_lowercase()))
            .collect();
        let Some(names) = names.ok().filter(|names| (1..=MOST_NAMES).contains(&names.len())) else {
            return Ok(None);
        };
        let zones = cx.session.client.zones_named(&names, self.account).await?;
        let is_found = |name: &ZoneName| zones.iter().any(|zone| zone.name == name.as_str());
        let are_found = names.iter().all(is_found);
        Ok(are_found.then_some(zones))
    }
}

fn named(zone: &ZoneEntry) -> Named<'_> {
    Named { name: &zone.name, ids: [Some(&zone.account_id), Some(zone.id.as_str())] }
}

/// The name in what may name an account too.
fn name_in(called: &str) -> &str {
    called.split_once('@').map_or(called, |(name, _)| name)
}
