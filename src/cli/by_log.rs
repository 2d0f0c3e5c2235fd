//! `plan --changed-by-log`: a nightly run whose work grows with the changes and not with the zones. What is not read
//! again is taken over from the previous snapshot, so the plan is incomplete and says so.

use super::args::Selected;
use super::context::Work;
use super::environment::Clock;
use super::fleet::Selection;
use super::inputs::Inputs;
use super::moved_since::Then;
use super::output::{Progress, Task};
use super::planning::{self, Choices};
use super::{Context, Failure};
use crate::api::{AuditQuery, UnusableZone, ZoneEntry};
use crate::model::{AccountId, AuditEntry, Diagnostic, Silence, plural};
use crate::plan::{ByLog, Plan};
use crate::run::{
    Choice, Hints, Rotation, Scope, Seen, Snapshot, Why, choose, read_log, read_zones, wanted_by_files,
};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How far before the snapshot the log is read, because entries can be late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// How many pages of a log are read, however few zones its account has.
const LEAST_PAGES: usize = 10;

/// A plan that may be incomplete, the snapshot for the next run if one can be made, and what went wrong.
pub(super) struct Night {
    pub(super) plan: Plan,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) failures: Vec<Diagnostic>,
}

/// Reads what may have changed since a snapshot, and plans from this and from what is taken over.
pub(super) fn night<F: Copy>(
    cx: &Context<'_, F>,
    then: &Then,
    inputs: Inputs,
    choices: Choices,
    rotation: Rotation,
) -> Result<Night, Failure> {
    let (before, account) = (then.snapshot(), cx.project.account_id.clone());
    let selected = Selected::default();
    let selection = Selection {
        selected: &selected,
        account: account.as_ref(),
        ids: None,
        permission: "Bot Management Read",
    };
    let (zones, unusable) = cx.block_on(selection.list(cx))?;
    let (wanted, files) = wanted_by_files(before, &zones, &inputs.zones, cx.clock.today());
    let (hints, mut failures) = ask_logs(cx, before, &zones);
    let choice = choose(before, zones, &Hints { files, ..hints }, rotation);
    let by_log = counted(&choice);
    let seen = read(cx, choice.read.into_iter().map(|(zone, _)| zone).collect());
    if cx.stop.is_requested() {
        return Err(Failure::new("interrupted: nothing was compared, and no snapshot was written"));
    }
    let unread: Vec<_> = seen.iter().filter(|zone| zone.live.is_err()).cloned().collect();
    let scope = Scope { account_id: account, ..Scope::default() };
    let snapshot = before.again(cx.clock.started(), seen, choice.kept).with_wanted(&wanted).limited_to(scope);
    let mut plan = planning::from_snapshot(&snapshot, &cx.project, cx.clock, inputs, choices)?;
    failures.extend(then.compare(&mut plan, &snapshot));
    plan.state_by_log(by_log);
    failures.extend(unusable.iter().map(UnusableZone::diagnostic));
    failures.extend(unread_without_file(&plan, unread));
    Ok(Night { plan, snapshot: Some(snapshot), failures })
}

fn counted(choice: &Choice) -> ByLog {
    ByLog {
        written: choice.count(Why::Written),
        file: choice.count(Why::File),
        new: choice.count(Why::New),
        turn: choice.count(Why::Turn),
        no_log: choice.count(Why::NoLog),
        taken_over: choice.kept.len(),
    }
}

/// Why unmanaged zones could not be read; the plan itself says this of the others.
fn unread_without_file(plan: &Plan, unread: Vec<Seen>) -> impl Iterator<Item = Diagnostic> {
    let planned: BTreeSet<_> = plan.zones().iter().filter_map(|zone| zone.zone_id.clone()).collect();
    let unread = unread.into_iter().filter(move |zone| !planned.contains(&zone.entry.id));
    unread.filter_map(|zone| zone.live.err())
}

/// When zones were written, by the logs of their accounts, and a warning for each log that cannot be read.
fn ask_logs<F: Copy>(
    cx: &Context<'_, F>,
    before: &Snapshot,
    zones: &[ZoneEntry],
) -> (Hints, Vec<Diagnostic>) {
    let (mut hints, mut said) = (Hints::default(), Vec::new());
    let mut accounts: BTreeMap<AccountId, usize> = BTreeMap::new();
    for account in zones.iter().filter_map(|zone| zone.account_id.clone()) {
        *accounts.entry(account).or_default() += 1;
    }
    let (since, now) = (before.taken_at().saturating_sub(OVERLAP).unwrap_or_default(), Clock::timestamp());
    for (account, count) in accounts {
        // Reading more pages than this would take more requests than the log can save.
        let most_pages = LEAST_PAGES.max(count / 4);
        let query = AuditQuery { since, before: now, zone: None, most_pages };
        let whole = cx.block_on(read_log(&cx.session.client, &account, query, &cx.stop, |entries| {
            for entry in entries.into_iter().filter(AuditEntry::may_change_bot_settings) {
                entry
                    .zone_id
                    .into_iter()
                    .for_each(|zone| hints.written.entry(zone).or_default().push(entry.at));
            }
            ControlFlow::Continue(())
        }));
        match whole {
            Ok(()) => drop(hints.whole.insert(account)),
            Err(why) => said.push(not_used(&account, count, &why)),
        }
    }
    (hints, said)
}

fn not_used(account: &AccountId, zones: usize, why: &Silence) -> Diagnostic {
    let zones = plural(zones, "zone");
    Diagnostic::warning(format!(
        "the audit log of account {account} was not used: {}; all of its {zones} are read",
        why.text()
    ))
    .hint("`--changed-by-log` needs the permission Account Settings Read for the account")
}

fn read<F: Copy>(cx: &Context<'_, F>, zones: Vec<ZoneEntry>) -> Vec<Seen> {
    let budgets = cx.session.client.budgets(zones.iter().map(|zone| zone.account_id.as_ref()));
    cx.announce(Work { verb: "reading", zones: zones.len(), requests: zones.len() }, &budgets);
    let (client, concurrency) = (&cx.session.client, cx.session.concurrency);
    let progress = Progress::new(budgets, zones.len(), Task::READING);
    let inc = || progress.inc();
    cx.block_on(progress.during(read_zones(client, zones, concurrency, &cx.stop, &inc)))
}
