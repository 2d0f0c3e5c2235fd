//! The record of what was applied last, kept as the message of an annotated tag. Each zone is compared with its own
//! commit.

use super::git::{self, Checkout};
use super::rules::Rules;
use super::saved;
use super::tree::{self, Tree, Values, in_checkout, wanted};
use crate::cli::Failure;
use crate::cli::args::{self, Approval, Approved as Args, Zones};
use crate::cli::environment::current_folder;
use crate::cli::output::{Level, Notice, say};
use crate::diff::{Earlier, EarlierWanted, RecordedSince, Row};
use crate::files;
use crate::model::{Desired, ZoneName, plural};
use crate::plan::{Approvals, ApprovedPlan, Plan, ProjectZone, Provenance, Record, ZonePlan};
use crate::report::Ending;
use crate::run::JournalSummary;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A record with the repository whose commits it names.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// The record as it was read.
    pub(crate) record: Record,
    /// The commit that is checked out.
    pub(crate) head: String,
    checkout: Checkout,
    /// The paths of the zone files of this run.
    paths: Vec<String>,
    /// The folders that hold the zone files of the project.
    below: Vec<String>,
}

/// The record at a revision; `None` if the revision is a different tag, a branch or a commit. Journals of the run that
/// wrote it, one for each machine, settle doubts.
pub(super) fn at(
    checkout: &Checkout,
    revision: &str,
    journals: &[PathBuf],
) -> Result<Option<Record>, Failure> {
    let Some(text) = checkout.tag_text(revision)?.filter(|text| Record::is_one(text)) else {
        return Ok(None);
    };
    let record = Record::read(&text)
        .map_err(|error| Failure::of(&error).context(format!("the record at `{revision}`")).hint(NEW))?;
    if journals.is_empty() { Ok(Some(record)) } else { without_doubt(record, journals).map(Some) }
}

/// The record without doubts about zones to which the claiming run sent nothing, according to its journals. If several
/// machines were to write, only the journal of a zone's own shard can tell.
fn without_doubt(record: Record, journals: &[PathBuf]) -> Result<Record, Failure> {
    let mut claims = Vec::new();
    for journal in journals {
        let summary =
            JournalSummary::read(journal).map_err(|error| Failure::of(&error).hint(error.hint()))?;
        if summary.claim.is_none() {
            say(
                Level::Warning,
                format!("{}: its run did not claim a record, so it settles no doubt", journal.display()),
            );
        }
        claims.extend(summary.claim);
    }
    Ok(record.without_doubt(|zone| {
        let (Some(doubt), Some(id)) = (zone.in_doubt, &zone.zone_id) else { return false };
        let of_run = || claims.iter().filter(|claim| claim.number == doubt.since);
        let is_known = of_run().any(|claim| claim.shard.is_none_or(|shard| shard.holds(&zone.zone)));
        is_known && !of_run().any(|claim| claim.sent.contains(id.as_str()))
    }))
}

/// Refuses a plan whose claim is no longer the last one: another run has planned since, and what only an older job
/// still wants must not be written. Outside of a checkout there is nothing to compare with.
pub(crate) fn check_last_claim(plan: &Plan) -> Result<(), Failure> {
    let Provenance { claim: Some(claim), since: Some(since), .. } = plan.provenance() else { return Ok(()) };
    git::check_revision(since)?;
    let zones: Vec<_> = plan.zones().iter().filter(|zone| is_wanted(zone)).map(saved::unmanaged).collect();
    let of_files = tree::checkout(&zones).ok().map(|(top, _)| top).filter(|_| !zones.is_empty());
    let here = || files::checkout_of(&current_folder().ok()?).map(Path::to_owned);
    let Some(top) = of_files.or_else(here) else { return Ok(()) };
    let Some(record) = at(&Checkout::new(&top), since, &[])? else {
        return Err(Failure::new(format!(
            "the plan claimed the record `{since}`, which is not in this clone"
        ))
        .hint(git::HINT));
    };
    if record.number <= claim.number {
        return Ok(());
    }
    let (own, last) = (claim.number, record.number);
    let text = format!(
        "the plan claimed `{since}` as number {own}, but a later run has claimed it as number {last}"
    );
    Err(Failure::new(text).hint("plan again: the new plan shows what is left to write").ending(Ending::Stale))
}

/// The hint on making a record.
pub(crate) const NEW: &str = "make a new record of what is live: `botform plan --new-record record.txt`, then `git tag --force --annotate TAG --file record.txt` and `git push --force origin TAG`";

/// The zone files of all commits that a record names.
pub(super) struct Trees(BTreeMap<(String, Date), Tree>);

impl Trees {
    pub(super) fn get(&self, commit: &str, day: Date) -> &Tree {
        // Every commit of the record was read in `Recorded::trees`.
        &self.0[&(commit.to_owned(), day)]
    }

    /// The zones that were last applied at each commit, with the values that its files wanted.
    pub(super) fn below(&self, recorded: &Recorded) -> Vec<(Desired, Values)> {
        let of_tree = |((commit, day), tree): (&(String, Date), &Tree)| {
            let zones = tree.below(&recorded.below).filter(|(zone, _)| {
                let applied = recorded.record.of(zone.identity());
                (applied.commit, applied.day) == (commit.as_str(), *day)
            });
            zones.collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_tree).collect()
    }
}

impl Recorded {
    /// What was wanted of a zone at the commit that the record has for it.
    pub(super) fn earlier(&self, trees: &Trees, revision: &str, zone: &Desired, path: &str) -> Earlier {
        let applied = self.record.of(zone.identity());
        let (wanted, stale) = trees.get(applied.commit, applied.day).zone(zone, path);
        let short: String = applied.commit.chars().take(12).collect();
        let since: Arc<str> = format!("{revision} ({short}, {})", applied.day).into();
        Earlier { recorded: Some(applied.recorded(stale)), ..Earlier::new(since, wanted) }
    }

    /// A record with the zone files of a run.
    ///
    /// # Errors
    /// This clone lacks a commit.
    pub(super) fn new(
        record: Record,
        checkout: Checkout,
        folders: &[PathBuf],
        paths: Vec<String>,
    ) -> Result<Self, Failure> {
        // A missing commit is reported here, with how to fetch it, and not as a zone that had no file.
        record.commits().into_iter().try_for_each(|commit| checkout.commit(commit).map(drop))?;
        let head = checkout.commit("HEAD")?;
        let below = in_checkout(folders, checkout.top());
        Ok(Self { record, head, checkout, paths, below })
    }

    /// Whether HEAD is older than the commit that was applied last.
    pub(super) fn is_newer_than_head(&self) -> Result<bool, Failure> {
        self.checkout.is_older_than(&self.record.commit)
    }

    /// For a run that makes the first record.
    pub(crate) fn first(args: &Zones, zones: &[Desired]) -> Result<Self, Failure> {
        let (top, paths) = tree::checkout(zones)?;
        let checkout = Checkout::new(&top);
        let record = Record::new(checkout.commit("HEAD")?, Date::MIN);
        Self::new(record, checkout, &args.paths, paths)
    }

    /// The record that a saved plan was compared with, for a run that applies the plan. HEAD must want what the plan
    /// writes, since the next record will name HEAD.
    pub(crate) fn of_plan(plan: &Plan, journals: &[PathBuf]) -> Result<Self, Failure> {
        let needs = |why: &str| Failure::new(format!("`--last-applied` needs a record, but {why}")).hint(NEW);
        let since =
            plan.provenance().since.as_deref().ok_or_else(|| needs("the plan was not compared with one"))?;
        git::check_revision(since)?;
        let planned: Vec<_> = plan.zones().iter().filter(|zone| is_wanted(zone)).collect();
        let zones: Vec<_> = planned.iter().map(|zone| saved::unmanaged(zone)).collect();
        let (top, paths) = tree::checkout(&zones)?;
        let checkout = Checkout::new(&top);
        let record =
            at(&checkout, since, journals)?.ok_or_else(|| needs(&format!("`{since}` is not one")))?;
        let folders: Vec<_> = plan.provenance().paths.iter().map(PathBuf::from).collect();
        let recorded = Self::new(record, checkout, &folders, paths)?;
        if recorded.is_newer_than_head()? {
            return Err(Failure::new(format!("HEAD is older than `{since}`, which is already applied"))
                .hint("plan again from the newest commit of the branch")
                .ending(Ending::Refused));
        }
        let tree = recorded.tree(&recorded.head, plan.provenance().as_of)?;
        let is_other =
            |((zone, want), path): &((&&ZonePlan, &Desired), &String)| match tree.zone(want, path).0 {
                EarlierWanted::Known(values) => !same_values(&values, &saved::planned(zone)),
                EarlierWanted::New | EarlierWanted::Unreadable(_) => true,
            };
        let mut zones = planned.iter().zip(&zones).zip(&recorded.paths);
        match zones.find(is_other) {
            Some((_, path)) => {
                Err(Failure::new(format!("{path}: the values at HEAD differ from those of the plan"))
                    .hint("apply the plan in a checkout of the commit it was made from, or plan again")
                    .ending(Ending::Refused))
            }
            None => Ok(recorded),
        }
    }

    /// A saved plan without the zones that were applied since with its values.
    ///
    /// # Errors
    /// The record of a zone changed otherwise: another run applied different values, or may have.
    pub(crate) fn left_of(&self, plan: Plan) -> Result<Plan, Failure> {
        let (trees, day) = (self.trees()?, plan.provenance().as_of);
        let since = plan.provenance().since.clone().unwrap_or_default();
        let mut left = Vec::new();
        let mut paths = self.paths.iter();
        for zone in plan.zones() {
            let path = if is_wanted(zone) { paths.next() } else { None };
            let now = path.map(|path| self.earlier(&trees, &since, &saved::unmanaged(zone), path));
            match now.map_or(RecordedSince::Same, |now| zone.recorded_since(&now, day)) {
                RecordedSince::Same => left.push(true),
                RecordedSince::Applied => left.push(false),
                RecordedSince::Moved => {
                    let text =
                        format!("the plan is stale: the record `{since}` of {} has changed", zone.zone);
                    return Err(Failure::new(text)
                        .hint("plan again, and have the new plan reviewed")
                        .ending(Ending::Stale));
                }
            }
        }
        let applied = left.iter().filter(|is_left| !**is_left).count();
        if applied > 0 {
            let zones = plural(applied, "zone");
            say(Level::Note, format!("{zones} of the plan skipped: already applied, according to `{since}`"));
        }
        let mut left = left.into_iter();
        Ok(plan.only(|_| left.next().unwrap_or(true)))
    }

    fn tree(&self, commit: &str, day: Date) -> Result<Tree, Failure> {
        let mut objects = self.checkout.objects()?;
        Ok(Tree::read(&self.checkout.files(commit)?, &mut objects, &self.paths, day))
    }

    /// The rules of the project as they were at the commit of the record.
    pub(super) fn rules(&self, revision: &str) -> Result<Rules, Failure> {
        let mut objects = self.checkout.objects()?;
        let files = self.checkout.files(&self.record.commit)?;
        Ok(Rules::read(&files, &mut objects, self.checkout.top(), revision))
    }

    pub(super) fn trees(&self) -> Result<Trees, Failure> {
        let own = self.record.zones.iter().map(|zone| (zone.commit.clone(), zone.day));
        let all: BTreeSet<_> = own.chain([(self.record.commit.clone(), self.record.day)]).collect();
        let read = |(commit, day): (String, Date)| {
            let tree = self.tree(&commit, day)?;
            Ok(((commit, day), tree))
        };
        all.into_iter().map(read).collect::<Result<_, Failure>>().map(Trees)
    }

    /// Refuses zone files that differ in meaning from HEAD: a record names commits, so uncommitted values cannot be
    /// recorded.
    pub(crate) fn check_committed(&self, zones: &[Desired], today: Date) -> Result<(), Failure> {
        let head = self.tree(&self.head, today)?;
        let is_other = |(zone, path): &(&Desired, &String)| {
            let now = &*zone.on(today);
            head.zone(zone, path) != (EarlierWanted::Known(wanted(now)), now.stale)
        };
        let others: Vec<_> = zones.iter().zip(&self.paths).filter(is_other).collect();
        let Some((_, path)) = others.first() else { return Ok(()) };
        let more = match others.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", plural(more, "other file")),
        };
        Err(Failure::new(format!("{path}{more}: the values at HEAD differ from those of the file"))
            .hint("commit the file first: the record names commits"))
    }

    /// The zones of HEAD's files, and for each whether its values on a day differ from those last applied.
    pub(crate) fn project(&self, today: Date) -> Result<Vec<ProjectZone>, Failure> {
        let (head, then) = (self.tree(&self.head, today)?, self.trees()?);
        let mut zones = Vec::new();
        for (name, file) in head.files_below(&self.below) {
            let Ok(zone) = &file.wants else {
                // A file that cannot be read keeps its entry in the record.
                let named = ZoneName::try_from(name.to_owned()).ok();
                zones.extend(named.map(|name| ProjectZone::new(name, None, None, true)));
                continue;
            };
            let applied = self.record.of(zone.identity());
            let differs = match then.get(applied.commit, applied.day).zone(zone, &file.path) {
                (EarlierWanted::Known(values), cleaned) => {
                    !same_values(&wanted(zone), &values) || cleaned != zone.stale
                }
                (EarlierWanted::New, _) => !wanted(zone).is_empty(),
                (EarlierWanted::Unreadable(_), _) => true,
            };
            let (zone_id, account_id) = (zone.zone_id.clone(), zone.account_id.clone());
            zones.push(ProjectZone::new(zone.zone.clone(), zone_id, account_id, differs));
        }
        Ok(zones)
    }
}

/// Whether anything is wanted of a zone. A deleted file wants nothing.
fn is_wanted(zone: &ZonePlan) -> bool {
    zone.rows().iter().any(Row::is_managed)
}

/// Whether the same values are wanted now. What follows a temporary value does not count.
fn same_values(one: &Values, other: &Values) -> bool {
    let values = |values: &Values| {
        values.iter().map(|(setting, value)| (setting.name, value.value)).collect::<Vec<_>>()
    };
    values(one) == values(other)
}

/// The maximum size of a list of approvals.
const MOST_LIST_BYTES: u64 = 16 << 20;

/// The approvals that a file lists.
fn listed(file: &Path) -> Result<Vec<Approval>, Failure> {
    let refused =
        |why: String| Failure::new(format!("cannot read the approvals in {}: {why}", file.display()));
    let bytes = files::read(file, MOST_LIST_BYTES).map_err(|error| refused(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| refused(error.to_string()))?;
    args::approvals(&text).map_err(refused)
}

/// What reviewers approved, according to the arguments.
pub(crate) fn approvals(args: &Args, recorded: &Recorded) -> Result<Option<Approvals>, Failure> {
    if args.only_ended {
        return Ok(Some(Approvals::only_ended(recorded.record.clone())));
    }
    let mut given = args.approved.clone();
    match &args.approved_from {
        Some(file) => given.extend(listed(file)?),
        None if given.is_empty() => return Ok(None),
        None => {}
    }
    let checkout = &recorded.checkout;
    let mut plans = Vec::new();
    for approval in &given {
        let plan = saved::load_approved(&approval.plan, approval.digest.as_deref())?;
        let commit = checkout.commit(&approval.commit)?;
        // The commit is checked all the same: a typo in the argument is an error whatever wrote the plan.
        let Some(plan) = plan else { continue };
        if !checkout.contains(&recorded.head, &commit)? {
            let name = approval.plan.display();
            let text =
                format!("{name} approves nothing: HEAD does not contain {commit}, at which it was merged");
            Notice::new(Level::Warning, text).say();
            continue;
        }
        // A zone that was last applied at a commit with this plan in it has used up the approval.
        let mut contained_in = BTreeSet::new();
        for own in recorded.record.commits() {
            if checkout.contains(own, &commit)? {
                contained_in.insert(own.to_owned());
            }
        }
        plans.push(ApprovedPlan::new(plan, commit, contained_in));
    }
    Ok(Some(Approvals::new(recorded.record.clone(), plans)))
}

/// Warns of plans that approve nothing because they were made for another API.
pub(crate) fn say_other_apis(approvals: &Approvals, plan: &Plan) {
    for other in approvals.of_other_apis(&plan.provenance().api) {
        let (label, api) = (other.label(), &other.plan.provenance().api);
        Notice::new(Level::Warning, format!("the plan {label} approves nothing: it was made for {api}"))
            .say();
    }
}
