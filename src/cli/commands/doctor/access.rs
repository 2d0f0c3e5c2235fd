//! What a credential may read: its zones against those of the files, each permission, and its request budget.

use crate::api::{ApiError, Client, Listed, ReadFeedback as _, ReadZones as _, ZoneEntry};
use crate::cli::session;
use crate::model::{AccountId, Desired, ZoneId, plural, some_of};
use crate::render::{Check, CheckStatus};
use crate::run::Around;
use std::collections::{BTreeMap, BTreeSet};

/// How many zones a message names.
const MOST_NAMED: usize = 5;

/// How many zones there are.
pub(super) fn visible(zones: &[ZoneEntry]) -> Check {
    Check::ok("Zone Read", format!("{} visible", plural(zones.len(), "zone")))
}

/// The entries of a list that cannot be used, if there are any.
pub(super) fn unusable(listed: &[Listed]) -> Option<Check> {
    let mut unusable = listed.iter().filter_map(|zone| zone.as_ref().err());
    let first = unusable.next()?;
    let more = unusable.count();
    let more = if more == 0 { String::new() } else { format!("; so are {more} more") };
    Some(Check::failed("zone list", format!("{first}{more}")).hint(first.hint()))
}

/// What may be read of a zone, preferably one that a file manages.
pub(super) async fn reads(client: &Client, zones: &[ZoneEntry], found: &Covered<'_>) -> Vec<Check> {
    let probe = zones.iter().find(|zone| found.covered.contains(&zone.id)).or_else(|| zones.first());
    let Some(zone) = probe else { return Vec::new() };
    vec![
        match client.get(zone).await {
            Ok(_) => Check::ok("Bot Management Read", format!("{} can be read", zone.name)),
            Err(error) => failed("Bot Management Read", &error),
        },
        match client.list_feedback(zone).await {
            Ok(_) => Check::ok("Bot Management Feedback Report Read", format!("{} can be read", zone.name)),
            Err(error) => optional("Bot Management Feedback Report Read", "`feedback`", &error),
        },
        evidence(client, zone).await,
    ]
}

/// The permission that no read can show.
pub(super) fn unwritten() -> Check {
    Check::skipped(
        "Bot Management Write",
        "not tried, because `doctor` writes nothing; `plan` does not need it, and `apply` reports it if it is missing",
    )
}

/// What `why`, `plan --impact` and `plan --check-effect` may read of a zone: all of it is optional.
async fn evidence(client: &Client, zone: &ZoneEntry) -> Check {
    let tables = client.tables(&[&zone.id]).await.pop();
    let around = Around::read(client, zone.into()).await;
    let analytics = ("analytics", tables.is_some_and(|tables| tables.is_ok()));
    let others = around.reads().map(|(what, error)| (what, error.is_none()));
    let (read, unread): (Vec<_>, Vec<_>) =
        std::iter::once(analytics).chain(others).partition(|(_, is_read)| *is_read);
    let names = |all: &[(&'static str, bool)]| some_of(all.iter().map(|(what, _)| what), usize::MAX);
    let name = "Evidence";
    match (read.is_empty(), unread.is_empty()) {
        (_, true) => Check::ok(name, format!("{} can be read of {}", names(&read), zone.name)),
        (true, _) => Check::skipped(
            name,
            format!(
                "{} cannot be read; only `why`, `plan --impact` and `plan --check-effect` need them",
                names(&unread)
            ),
        ),
        (false, false) => Check::ok(
            name,
            format!("{} can be read of {}, but not {}", names(&read), zone.name, names(&unread)),
        ),
    }
}

/// Compares the zones in the files with those that the token sees.
pub(super) struct Coverage<'f> {
    pub(super) wants: &'f [Desired],
    /// The account of files that do not name one.
    pub(super) account: Option<&'f AccountId>,
}

/// The result of the comparison.
#[derive(Default)]
pub(super) struct Covered<'z> {
    covered: BTreeSet<&'z ZoneId>,
    missing: Vec<String>,
    /// The names that several accounts hold, in files that do not select one of them.
    shared: Vec<String>,
}

impl Coverage<'_> {
    pub(super) fn of<'z>(&self, zones: &'z [ZoneEntry]) -> Covered<'z> {
        let mut by_name: BTreeMap<&str, Vec<&ZoneEntry>> = BTreeMap::new();
        zones.iter().for_each(|zone| by_name.entry(&zone.name).or_default().push(zone));
        let mut found = Covered::default();
        for want in self.wants {
            let named = by_name.get(want.zone.as_str()).map_or(&[][..], Vec::as_slice);
            let meant: Vec<_> = named.iter().filter(|zone| self.is_meant(want, zone)).collect();
            match (meant.as_slice(), named) {
                ([], []) => found.missing.push(want.zone.to_string()),
                ([], _) => found
                    .missing
                    .push(format!("{} with the `zone_id` or `account_id` of its file", want.zone)),
                ([_], _) => {}
                _ => found.shared.push(want.zone.to_string()),
            }
            found.covered.extend(meant.into_iter().map(|zone| &zone.id));
        }
        found
    }

    fn is_meant(&self, want: &Desired, zone: &ZoneEntry) -> bool {
        match (&want.zone_id, want.account_id.as_ref().or(self.account)) {
            (Some(id), _) => *id == zone.id,
            (None, Some(account)) => zone.account_id.as_ref().is_none_or(|of| of == account),
            (None, None) => true,
        }
    }
}

impl Covered<'_> {
    pub(super) fn checks(&self, visible: usize, files: &Coverage<'_>) -> Vec<Check> {
        let open = format!("{} without a file", plural(visible - self.covered.len(), "visible zone"));
        let mut checks = vec![match self.missing.as_slice() {
            [] if files.wants.is_empty() => Check::ok("zones", open),
            [] => Check::ok("zones", format!("all zones in the files are visible; {open}")),
            missing => Check::failed(
                "zones",
                format!("the token does not see {}; {open}", some_of(missing.iter(), MOST_NAMED)),
            )
            .hint("add them to the token's zone resources, or correct the files"),
        }];
        if !self.shared.is_empty() {
            let message =
                format!("several accounts have a zone named {}", some_of(self.shared.iter(), MOST_NAMED));
            checks.push(
                Check::failed("zone names", message)
                    .hint("add `zone_id` or `account_id` to the files to select the zones"),
            );
        }
        checks
    }
}

pub(super) async fn submissions(client: &Client, account: Option<&AccountId>) -> Check {
    let name = "Cloud Email Security Read";
    let Some(account) = account else {
        return Check::skipped(name, "no account is given; only `submissions` needs one");
    };
    let query = crate::api::SubmissionQuery::until(jiff::Timestamp::now()).per_page(1);
    match client.submission_pages(account, &query).next_page().await {
        Ok(_) => Check::ok(name, "submissions can be read"),
        Err(error) => optional(name, "`submissions`", &error),
    }
}

pub(super) fn budget(client: &Client) -> Check {
    match client.budget().remaining() {
        Some(left) => Check::ok("budget", format!("{} may be sent at once", plural(left, "request"))),
        None => Check::ok("budget", "no limit"),
    }
}

pub(super) fn failed(name: &'static str, error: &ApiError) -> Check {
    session::failure(error).into_check(name)
}

/// The check of a permission that only one command needs.
fn optional(name: &'static str, command: &str, error: &ApiError) -> Check {
    let check = failed(name, error);
    let message = format!("{} (only {command} needs it)", check.message);
    Check { status: CheckStatus::Warning, message, ..check }
}
