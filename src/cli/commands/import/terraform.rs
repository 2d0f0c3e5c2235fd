//! `import --terraform STATE`: new files with the values that Terraform held, so that what moved since shows as drift.

use crate::api::ZoneEntry;
use crate::catalogue::{Setting, Value, Variant};
use crate::cli::Failure;
use crate::cli::inputs;
use crate::config::{self, Held, TerraformState};
use crate::files;
use crate::model::{Diagnostic, Live, ZoneId, clean};
use crate::report::Ending;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

/// The maximum size of a state. Those of large accounts hold every resource of a company.
const MOST_BYTES: u64 = 256 << 20;

/// A state that was read, with what is reported about it.
#[derive(Debug)]
pub(super) struct Terraform {
    /// The file, safe to print.
    file: String,
    state: TerraformState,
    /// Its zones.
    pub(super) ids: BTreeSet<ZoneId>,
    never_sent: Vec<String>,
    turned_off: Vec<String>,
    left_out: Vec<String>,
    with_file: Vec<String>,
}

impl Terraform {
    /// Reads a state file.
    pub(super) fn load(path: &Path) -> Result<Self, Failure> {
        let shown = clean(&path.to_string_lossy()).into_owned();
        let failure = |message: String| {
            Failure::new(format!("cannot read the state {shown}: {message}"))
                .hint("`terraform state pull > state.json` writes it")
        };
        let mut bytes = Vec::new();
        files::open_up_to(path, MOST_BYTES)
            .map_err(|error| failure(error.to_string()))?
            .read_to_end(&mut bytes)
            .map_err(|error| failure(error.to_string()))?;
        let state = config::read_state(&shown, &bytes).map_err(|problem| {
            inputs::report(&[problem]).err().unwrap_or_else(|| Failure::shown(Ending::Failed))
        })?;
        let ids = state.zones.keys().cloned().collect();
        let [never_sent, turned_off, left_out, with_file] = [const { Vec::new() }; 4];
        Ok(Self { file: shown, state, ids, never_sent, turned_off, left_out, with_file })
    }

    /// What was held of a zone.
    pub(super) fn of(&self, id: &ZoneId) -> Option<&Held> {
        self.state.zones.get(id)
    }

    /// The resources that cannot be taken over, and those whose zone is not among the listed ones.
    pub(super) fn problems(&self, listed: &BTreeSet<&str>) -> Vec<Diagnostic> {
        let unseen = self.state.zones.values().filter(|held| !listed.contains(held.zone_id.as_str()));
        let unseen = unseen.map(|held| {
            let message = format!("the zone of {} is not among those that were read", held.address);
            Diagnostic::of_file(&self.file, message).hint("the zone was deleted, or the token cannot see it")
        });
        self.state.problems.iter().cloned().chain(unseen).collect()
    }

    /// Records what is to be reported about a zone that has a file.
    pub(super) fn note(&mut self, entry: &ZoneEntry, live: &Live, variant: Variant, is_new: bool) {
        let Some(held) = self.state.zones.get(&entry.id) else { return };
        let of = format!("{} ({})", held.address, clean(&entry.name));
        if !is_new {
            self.with_file.push(of);
            return;
        }
        let never: Vec<_> =
            held.never_sent.iter().map(|(setting, value)| compared(setting, *value, live)).collect();
        if !never.is_empty() {
            self.never_sent.push(format!("{of}: {}", never.join(", ")));
        }
        if let Some(setting) = held.turned_off() {
            self.turned_off.push(format!("{of}: {}", setting.name));
        }
        let foreign = held
            .values
            .iter()
            .filter(|(setting, value)| !setting.is_settable_on(variant) && setting.neutral != Some(**value));
        let foreign = foreign.map(|(setting, _)| format!("{} (not available on {variant})", setting.name));
        let unread = held.left_out.iter().map(|(name, why)| format!("{name} ({why})"));
        let left_out: Vec<_> = foreign.chain(unread).collect();
        if !left_out.is_empty() {
            self.left_out.push(format!("{of}: {}", left_out.join(", ")));
        }
    }

    /// The messages about the whole state. Each resource has its own line, since each needs a decision.
    pub(super) fn said(&self) -> String {
        let sections = [
            ("Never sent by the provider: the files hold the live values.", &self.never_sent),
            ("Turned off by the provider wherever the configuration does not name it:", &self.turned_off),
            ("Held by Terraform, and not in the files:", &self.left_out),
            ("Not taken over, since the zone has a file:", &self.with_file),
        ];
        let mut text = String::new();
        for (head, lines) in sections.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            text.push_str(&format!("{head}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        text
    }
}

fn compared(setting: &Setting, value: Value, live: &Live) -> String {
    let now = match live.effective(setting) {
        Some(now) if now.is(value) => return format!("{} {value}", setting.name),
        Some(now) => clean(&now.to_string()).into_owned(),
        None => "not reported".to_owned(),
    };
    format!("{} {value} (live: {now})", setting.name)
}

/// The values that Terraform held and a file of the variant can say.
pub(super) fn sayable(held: &Held, variant: Variant) -> impl Iterator<Item = (&'static Setting, Value)> {
    held.values
        .iter()
        .filter(move |(setting, _)| setting.is_settable_on(variant))
        .map(|(setting, value)| (*setting, *value))
}

/// A zone as Terraform held it: live, with the held values over it. What a held value needs and live does not have is
/// left out, since Terraform's value goes first.
pub(super) fn as_held(held: &Held, live: &Live, variant: Variant) -> Live {
    let mut object = live.to_object();
    let mut stale: Map<String, Json> =
        live.stale().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    for (setting, value) in sayable(held, variant) {
        object.insert(setting.name.to_owned(), value.to_json());
        stale.remove(setting.name);
        for need in setting.needs.iter().filter(|need| need.value == value) {
            let is_held = held.values.keys().any(|other| other.name == need.of);
            let is_met = object.get(need.of) == Some(&need.is.to_json());
            if !is_held && !is_met {
                object.remove(need.of);
            }
        }
    }
    object.insert(crate::catalogue::STALE_KEY.to_owned(), Json::Object(stale));
    Live::read(object)
}
