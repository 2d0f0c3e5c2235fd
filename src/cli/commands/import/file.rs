//! The new contents of one zone's file: computed completely and checked before anything is written.

use super::baseline::Proposal;
use super::folder::{Called, FileOf, Folder, rewrite, write_new};
use super::terraform::{as_held, sayable};
use crate::api::ZoneEntry;
use crate::catalogue::{Setting, Value, Variant};
use crate::cli::inputs;
use crate::config::{self, Edit, Held};
use crate::diff::{self, Adoption, Context, Effect, Verdict};
use crate::model::{Desired, Diagnostic, Live, LiveValue, Place, Severity, ZoneId, ZoneName};
use crate::plan::{Status, ZonePlan};
use crate::render::ZoneFile;
use jiff::civil::Date;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// How often a file is edited and checked again, at most.
const ROUNDS: usize = 4;

/// The context for making files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Making<'f> {
    /// The folder as it was before.
    pub(super) folder: &'f Folder,
    /// Whether new files include settings that are off.
    pub(super) all: bool,
    /// Whether new files name their account even if no other account has the zone's name.
    pub(super) names_account: bool,
    /// The baseline that new files extend.
    pub(super) baseline: Option<&'f Proposal>,
    /// The day on which waivers are judged.
    pub(super) today: Date,
}

/// What happens to an existing file that differs from the live zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    /// It takes the live values.
    Adopts,
    /// It stays, and the differences are listed.
    Stays,
}

/// The new state of a zone's file.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) path: PathBuf,
    /// Its bytes before; `None` for a new file.
    pub(super) before: Option<Vec<u8>>,
    /// Its bytes.
    pub(super) after: Vec<u8>,
    /// How many values it adopts.
    pub(super) adopted: Adopted,
    /// Live values that the file cannot express.
    pub(super) left: Vec<Diagnostic>,
    /// What differs, if the file stays anyway.
    pub(super) told: Vec<String>,
    /// Whether it is a new file that extends the baseline.
    pub(super) extends: bool,
    /// The plan of the zone with the file that there is afterwards.
    plan: ZonePlan,
}

/// A file's new bytes, what they adopt, what they cannot say, and the plan that they lead to.
type Edited = (Vec<u8>, Adopted, Vec<Diagnostic>, ZonePlan);

/// How many values a file adopts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Adopted {
    /// The total.
    pub(super) values: usize,
    /// Those that protect less than the file's values.
    pub(super) loosening: usize,
    /// Those that override a baseline.
    pub(super) overriding: usize,
}

impl Adopted {
    fn add(&mut self, adoption: &Adoption) {
        self.values += adoption.settings.len();
        self.loosening += adoption.loosening;
        self.overriding += adoption.overriding;
    }
}

impl Made {
    /// Whether there is anything to write.
    pub(super) fn is_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.after)
    }

    /// Whether the file stays although it differs from the live zone.
    pub(super) fn stays(&self) -> bool {
        !self.told.is_empty()
    }

    /// Whether the zone holds settings that an earlier plan variant left behind and that are still active.
    pub(super) fn holds_stale(&self) -> bool {
        self.plan.rows().iter().any(|row| row.stale && row.verdict != Verdict::InSync)
    }

    /// The plan variant of the file.
    pub(super) fn variant(&self) -> Variant {
        self.plan.plan
    }

    /// How many changes a plan would show, and whether it would be blocked.
    pub(super) fn planned(&self) -> (usize, bool) {
        (self.plan.changes().count(), self.plan.status() == Status::Blocked)
    }

    /// Writes the file as a whole.
    pub(super) fn write(&self) -> Result<(), Diagnostic> {
        match &self.before {
            None => write_new(&self.path, &self.after),
            Some(_) => rewrite(&self.path, &self.after),
        }
    }
}

impl Making<'_> {
    /// Makes the file of a zone that was read. `None` if its existing file has errors, which were already shown.
    pub(super) fn make(
        &self,
        entry: &ZoneEntry,
        live: &Live,
        (called, existing): (Called, Existing),
        held: Option<&Held>,
    ) -> Result<Option<Made>, Diagnostic> {
        let name =
            ZoneName::try_from(entry.name.as_str()).map_err(|error| Diagnostic::error(error.to_string()))?;
        match self.folder.file_of(entry) {
            FileOf::Broken => Ok(None),
            FileOf::There(want) if want.zone != name => {
                let message = format!("zone id {} is not {} but {name}", entry.id, want.zone);
                let problem = Diagnostic::error(message).maybe_at(want.file.as_deref(), want.place);
                Err(problem.hint("correct `zone` or `zone_id`: both must name the same zone"))
            }
            FileOf::There(want)
                if called == Called::AsOthers && want.zone_id.is_none() && want.account_id.is_none() =>
            {
                let problem = Diagnostic::error(format!("several accounts have a zone named {name}"))
                    .maybe_at(want.file.as_deref(), want.place);
                Err(problem.hint("add `zone_id` or `account_id` to the file to select one of them"))
            }
            FileOf::There(want) => self.adopted(want, entry, live, existing).map(Some),
            FileOf::New => self.new_file(name, entry, live, called, held).map(Some),
        }
    }

    fn new_file(
        &self,
        name: ZoneName,
        entry: &ZoneEntry,
        live: &Live,
        called: Called,
        held: Option<&Held>,
    ) -> Result<Made, Diagnostic> {
        let path = self.folder.new_file(&name, entry.account_id.as_ref(), called)?;
        let file = path.to_string_lossy().into_owned();
        let (want, was) = described(name, &file, entry, live, (self.all, held));
        let alone = || self.written(&want, entry, live, called, None);
        // If the baseline and the zone conflict, write a file that extends nothing.
        let extending = self.baseline.and_then(|baseline| {
            let mut want = want.clone();
            baseline.extend(&mut want, &was);
            let written = self.written(&want, entry, live, called, Some(&baseline.extends)).ok();
            written.filter(|(_, read)| self.plan(read, entry, &was).status() == Status::InSync)
        });
        let extends = extending.is_some();
        let (after, read) = extending.map_or_else(alone, Ok)?;
        let plan = self.plan(&read, entry, live);
        let (left, told) = (unknown(&file, live).collect(), Vec::new());
        Ok(Made { path, before: None, after, adopted: Adopted::default(), left, told, extends, plan })
    }

    /// The bytes of a new file, and what a plan reads in them.
    fn written(
        &self,
        want: &Desired,
        entry: &ZoneEntry,
        live: &Live,
        called: Called,
        extends: Option<&str>,
    ) -> Result<(Vec<u8>, Desired), Diagnostic> {
        let mut plan = self.plan(want, entry, live);
        plan.account_id.clone_from(&entry.account_id);
        let file = ZoneFile::new(&plan)
            .schema(self.folder.schema.as_deref())
            .account(self.names_account || called == Called::AsOthers)
            .extends(extends);
        let bytes = file.to_string().into_bytes();
        let read = self.check(want.path(), &bytes)?;
        Ok((bytes, read))
    }

    /// The file that a zone has, with the live values where it takes them.
    fn adopted(
        &self,
        want: &Desired,
        entry: &ZoneEntry,
        live: &Live,
        existing: Existing,
    ) -> Result<Made, Diagnostic> {
        let before = self.folder.read(want.path())?;
        let plan = self.plan(want, entry, live);
        let first = diff::adopt(want, live, plan.rows());
        let path: PathBuf = want.path().into();
        let made = |after, adopted, left, told, plan| {
            let (path, before) = (path.clone(), Some(before.clone()));
            Made { path, before, after, adopted, left, told, extends: false, plan }
        };
        let edited = self.edited(want, entry, live, &before);
        match existing {
            _ if first.is_empty() => {
                Ok(made(before.clone(), Adopted::default(), first.left, Vec::new(), plan))
            }
            Existing::Adopts => {
                let (after, adopted, left, plan) = edited?;
                Ok(made(after, adopted, left, Vec::new(), plan))
            }
            Existing::Stays => {
                let told = differences(want, &first);
                let mut adopted = Adopted::default();
                adopted.add(&first);
                let after = edited.map_or_else(|_| before.clone(), |(after, ..)| after);
                Ok(made(after, adopted, first.left, told, plan))
            }
        }
    }

    /// The bytes of a file with the live values, and the plan that it leads to.
    fn edited(
        &self,
        want: &Desired,
        entry: &ZoneEntry,
        live: &Live,
        before: &[u8],
    ) -> Result<Edited, Diagnostic> {
        let file = want.path();
        let (mut after, mut want, mut adopted) = (before.to_owned(), want.clone(), Adopted::default());
        // An edited plan variant can select other values of a baseline, which may need another edit.
        for _ in 0..ROUNDS {
            let plan = self.plan(&want, entry, live);
            let adoption = diff::adopt(&want, live, plan.rows());
            if adoption.is_empty() {
                return Ok((after, adopted, adoption.left, plan));
            }
            after = config::edit_text(file, &after, &edits(&adoption)).map_err(|problem| *problem)?;
            want = self.check(file, &after)?;
            adopted.add(&adoption);
        }
        let problem =
            Diagnostic::of_file(file, "the live values conflict with the baselines that the file extends");
        Err(problem.hint("edit it by hand; nothing was written"))
    }

    /// Reads the new bytes as the next plan will.
    fn check(&self, file: &str, bytes: &[u8]) -> Result<Desired, Diagnostic> {
        let also: Vec<_> = self.baseline.map(|baseline| baseline.file.clone()).into_iter().collect();
        let (want, problems) = inputs::loader(&self.folder.cwd).check_new_text(Path::new(file), bytes, &also);
        want.ok_or_else(|| {
            let problem = problems.into_iter().find(Diagnostic::is_error);
            let problem = problem.map(|problem| format!(": {}", problem.message)).unwrap_or_default();
            Diagnostic::of_file(file, format!("a file with the live values would not be valid{problem}"))
                .hint("edit it by hand; nothing was written")
        })
    }

    fn plan(&self, want: &Desired, entry: &ZoneEntry, live: &Live) -> ZonePlan {
        let context = Context { legacy_id: entry.legacy_id.clone(), ..Context::of_day(self.today) };
        ZonePlan::build(want, ZoneId::clone(&entry.id), live.clone(), &context)
    }
}

/// What a new file wants, and the zone that this describes: the live one, with what Terraform held over it.
fn described<'l>(
    name: ZoneName,
    file: &str,
    entry: &ZoneEntry,
    live: &'l Live,
    (all, held): (bool, Option<&Held>),
) -> (Desired, Cow<'l, Live>) {
    let legacy_id = entry.legacy_id.as_deref();
    let describe = |live: &Live| diff::describe(name.clone(), Some(file.to_owned()), live, legacy_id, all);
    let want = describe(live);
    let Some(held) = held else { return (want, Cow::Borrowed(live)) };
    let was = as_held(held, live, want.plan());
    let mut want = describe(&was);
    for (setting, value) in sayable(held, want.plan()).collect::<Vec<_>>() {
        // Cannot fail: each is settable on the variant, with one of its own values.
        let _ = want.set_at(setting, value, Place::START);
    }
    (want, Cow::Owned(was))
}

/// The live values that a file cannot express.
fn unknown<'l>(file: &'l str, live: &'l Live) -> impl Iterator<Item = Diagnostic> + 'l {
    live.settings().filter_map(move |(setting, value)| match value {
        LiveValue::Other(json) => {
            let message = format!("this version does not know the live value {json} of `{}`", setting.name);
            let unknown = Diagnostic::of_file(file, message).severity(Severity::Warning);
            Some(unknown.hint("it is a comment in the file, and is not managed"))
        }
        LiveValue::Known(_) => None,
    })
}

/// What a file would take over, as `setting before → after`.
fn differences(want: &Desired, adoption: &Adoption) -> Vec<String> {
    let plan = adoption.plan.map(|plan| format!("plan {} → {plan}", want.plan()));
    let settings = adoption.settings.iter().map(|(setting, value)| {
        let said = want.get(setting).map(|wanted| wanted.value);
        let shown = said.map(|said| said.to_string()).unwrap_or_default();
        let loosens = said.is_some_and(|said| {
            Effect::of(setting, *value, Some(&LiveValue::Known(said))) == Effect::Loosens
        });
        format!("{} {shown} → {value}{}", setting.name, if loosens { " (loosens)" } else { "" })
    });
    plan.into_iter().chain(settings).collect()
}

/// The edits that adopt a zone's live state.
pub(super) fn edits(adoption: &Adoption) -> Vec<Edit> {
    let set = |(setting, value): &(&'static Setting, Value)| Edit::Setting(setting, *value);
    adoption.plan.map(Edit::Plan).into_iter().chain(adoption.settings.iter().map(set)).collect()
}
