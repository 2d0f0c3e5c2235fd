//! The new contents of one zone's file: computed completely and checked before anything is written.

use super::baseline::Proposal;
use super::folder::{Called, FileOf, Folder, rewrite, write_new};
use crate::api::ZoneEntry;
use crate::catalogue::{Setting, Value};
use crate::cli::inputs;
use crate::config::{self, Edit};
use crate::diff::{self, Adoption, Context, Verdict};
use crate::model::{Desired, Diagnostic, Live, LiveValue, Severity, ZoneId, ZoneName};
use crate::plan::{Status, ZonePlan};
use crate::render::ZoneFile;
use jiff::civil::Date;
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
    /// The baseline that new files extend.
    pub(super) baseline: Option<&'f Proposal>,
    /// The day on which waivers are judged.
    pub(super) today: Date,
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
    /// The plan of the zone with this file.
    plan: ZonePlan,
}

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

    /// Whether the zone holds settings that an earlier plan variant left behind and that are still active.
    pub(super) fn holds_stale(&self) -> bool {
        self.plan.rows().iter().any(|row| row.stale && row.verdict != Verdict::InSync)
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
        called: Called,
    ) -> Result<Option<Made>, Diagnostic> {
        let name =
            ZoneName::try_from(entry.name.as_str()).map_err(|error| Diagnostic::error(error.to_string()))?;
        match self.folder.file_of(entry) {
            FileOf::Broken => Ok(None),
            FileOf::There(want) if want.zone != name => {
                let message = format!("zone id {} is not {} but {name}", entry.id, want.zone);
                let problem = Diagnostic::error(message).at(&want.file, want.place);
                Err(problem.hint("correct `zone` or `zone_id`: both must name the same zone"))
            }
            FileOf::There(want)
                if called == Called::AsOthers && want.zone_id.is_none() && want.account_id.is_none() =>
            {
                let problem = Diagnostic::error(format!("several accounts have a zone named {name}"))
                    .at(&want.file, want.place);
                Err(problem.hint("add `zone_id` or `account_id` to the file to select one of them"))
            }
            FileOf::There(want) => self.adopted(want, entry, live).map(Some),
            FileOf::New => self.new_file(name, entry, live, called).map(Some),
        }
    }

    fn new_file(
        &self,
        name: ZoneName,
        entry: &ZoneEntry,
        live: &Live,
        called: Called,
    ) -> Result<Made, Diagnostic> {
        let path = self.folder.new_file(&name, entry.account_id.as_ref(), called)?;
        let file = path.to_string_lossy().into_owned();
        let want = diff::describe(name, file.clone(), live, entry.legacy_id.as_deref(), self.all);
        let alone = || self.written(&want, entry, live, called, None);
        // If the baseline and the zone conflict, write a file that extends nothing.
        let extending = self.baseline.and_then(|baseline| {
            let mut want = want.clone();
            baseline.extend(&mut want, live);
            let written = self.written(&want, entry, live, called, Some(&baseline.extends)).ok();
            written.filter(|(_, plan)| plan.status() == Status::InSync)
        });
        let (after, plan) = extending.map_or_else(alone, Ok)?;
        let left = unknown(&file, live).collect();
        Ok(Made { path, before: None, after, adopted: Adopted::default(), left, plan })
    }

    /// The bytes of a new file, and the plan that it leads to.
    fn written(
        &self,
        want: &Desired,
        entry: &ZoneEntry,
        live: &Live,
        called: Called,
        extends: Option<&str>,
    ) -> Result<(Vec<u8>, ZonePlan), Diagnostic> {
        let mut plan = self.plan(want, entry, live);
        plan.account_id.clone_from(&entry.account_id);
        let file = ZoneFile::new(&plan)
            .schema(self.folder.schema.as_deref())
            .account(called == Called::AsOthers)
            .extends(extends);
        let bytes = file.to_string().into_bytes();
        let read = self.check(&want.file, &bytes)?;
        let plan = self.plan(&read, entry, live);
        Ok((bytes, plan))
    }

    fn adopted(&self, want: &Desired, entry: &ZoneEntry, live: &Live) -> Result<Made, Diagnostic> {
        let file = &want.file;
        let before = self.folder.read(file)?;
        let (mut after, mut want, mut adopted) = (before.clone(), want.clone(), Adopted::default());
        // An edited plan variant can select other values of a baseline, which may need another edit.
        for _ in 0..ROUNDS {
            let plan = self.plan(&want, entry, live);
            let adoption = diff::adopt(&want, live, plan.rows());
            if adoption.is_empty() {
                let (before, left) = (Some(before), adoption.left);
                return Ok(Made { path: file.into(), before, after, adopted, left, plan });
            }
            after = config::edit_text(file, &after, &edits(&adoption)).map_err(|problem| *problem)?;
            want = self.check(file, &after)?;
            adopted.add(&adoption);
        }
        let problem = Diagnostic::of_file(
            file.clone(),
            "the live values conflict with the baselines that the file extends",
        );
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

/// The edits that adopt a zone's live state.
pub(super) fn edits(adoption: &Adoption) -> Vec<Edit> {
    let set = |(setting, value): &(&'static Setting, Value)| Edit::Setting(setting, *value);
    adoption.plan.map(Edit::Plan).into_iter().chain(adoption.settings.iter().map(set)).collect()
}
