//! What a Terraform state holds of `cloudflare_bot_management`: the JSON of `terraform state pull`, or of
//! `terraform show -json`, of both major versions of the provider. It belongs here, since it turns a text that comes
//! from elsewhere into checked values, and is as pure as the rest. No text of it holds a value of the state: states
//! are full of secrets.

use super::shapes::{Instance, Kind, RESOURCE, WRITE_IT, kind_of, pulled, shown};
use crate::catalogue::{self, Setting, Value};
use crate::model::{Diagnostic, ZoneId, clean};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The settings that the provider sends. It has attributes for more, and reads some of them, but its requests never
/// hold them (up to 5.27), so that the configuration was never true for them.
const SENT: [&str; 13] = [
    "ai_bots_protection",
    "auto_update_model",
    "bm_cookie_enabled",
    "crawler_protection",
    "enable_js",
    "fight_mode",
    "is_robots_txt_managed",
    "optimize_wordpress",
    "sbfm_definitely_automated",
    "sbfm_likely_automated",
    "sbfm_static_resource_protection",
    "sbfm_verified_bots",
    "suppress_session_score",
];

/// The attribute whose default the provider sends although the configuration does not name it.
const UNASKED: &str = "is_robots_txt_managed";

/// What Terraform held of the settings of one zone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    /// The address of the resource, safe to print.
    pub address: String,
    /// Its zone.
    pub zone_id: ZoneId,
    /// The values of settings that the provider sends.
    pub values: BTreeMap<&'static Setting, Value>,
    /// The values of settings that the provider has never sent.
    pub never_sent: BTreeMap<&'static Setting, Value>,
    /// Attributes that no value was taken of, with the reason.
    pub left_out: Vec<(String, &'static str)>,
}

impl Held {
    /// Whether the provider may have turned a setting off that nobody named.
    pub(crate) fn turned_off(&self) -> Option<&'static Setting> {
        let setting = catalogue::find(UNASKED)?;
        (self.values.get(setting) == Some(&Value::Toggle(false))).then_some(setting)
    }
}

/// The bot settings of a state: by zone, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// What was held of each zone.
    pub zones: BTreeMap<ZoneId, Held>,
    /// Resources that cannot be taken over.
    pub problems: Vec<Diagnostic>,
}

/// Reads a state.
///
/// # Errors
/// The text is no state that can be read, or holds no bot settings.
pub(crate) fn read_state(file: &str, bytes: &[u8]) -> Result<State, Diagnostic> {
    let refused = |message: &str, hint: &str| Err(Diagnostic::of_file(file, message).hint(hint.to_owned()));
    // `>` in Windows PowerShell writes UTF-16.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refused(
            "the text is UTF-16, as PowerShell writes it",
            "write it as UTF-8: `| Out-File -Encoding utf8`",
        );
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let state: Json = match serde_json::from_slice(bytes) {
        Ok(state) => state,
        // The kind and the place, without what stands there.
        Err(error) => {
            let message = format!("not JSON: line {}, column {}", error.line(), error.column());
            return refused(&message, WRITE_IT);
        }
    };
    let Some(root) = state.as_object() else { return refused("this is not a Terraform state", WRITE_IT) };
    let instances = match kind_of(root) {
        Kind::Pulled(resources) => resources.iter().flat_map(pulled).collect(),
        Kind::Shown(module) => {
            let mut instances = Vec::new();
            shown(module, &mut instances);
            instances
        }
        Kind::Empty => Vec::new(),
        Kind::Refused(message, hint) => return refused(message, hint),
    };
    if instances.is_empty() {
        return refused(
            &format!("the state holds no `{RESOURCE}`"),
            "pull the state of the workspace that manages the bot settings",
        );
    }
    Ok(collect(file, instances))
}

/// What the instances hold, by zone. Two that hold a zone differently take neither over.
fn collect(file: &str, instances: Vec<Instance<'_>>) -> State {
    let (mut state, mut torn) = (State::default(), BTreeSet::new());
    for instance in instances {
        let address = instance.address.clone();
        // One broken resource must not keep the others from being taken over.
        let Some(held) = held(instance) else {
            let message = format!("{address} has no valid `zone_id`");
            state.problems.push(
                Diagnostic::of_file(file, message).hint("run `terraform refresh`, then pull the state again"),
            );
            continue;
        };
        match state.zones.get(&held.zone_id) {
            Some(other) if other.values != held.values => {
                let message =
                    format!("{} and {address} hold the same zone, with other values", other.address);
                state
                    .problems
                    .push(Diagnostic::of_file(file, message).hint("remove one of the two from the state"));
                torn.insert(held.zone_id);
            }
            Some(_) => {}
            None => {
                state.zones.insert(held.zone_id.clone(), held);
            }
        }
    }
    state.zones.retain(|id, _| !torn.contains(id));
    state
}

fn held(instance: Instance<'_>) -> Option<Held> {
    let Instance { address, attributes, sensitive } = instance;
    let attributes = attributes.as_object()?;
    // The first versions of the provider had the zone's id in `id` alone.
    let id = ["zone_id", "id"].into_iter().find_map(|key| attributes.get(key)?.as_str());
    let zone_id = ZoneId::try_from(id?.to_ascii_lowercase()).ok()?;
    let mut held =
        Held { address, zone_id, values: BTreeMap::new(), never_sent: BTreeMap::new(), left_out: Vec::new() };
    for (name, value) in attributes {
        // SDK versions of the provider hold an empty text for what is not set.
        let is_set = !value.is_null() && value.as_str() != Some("");
        if !is_set
            || ["id", "zone_id", catalogue::STALE_KEY, catalogue::LATEST_MODEL_KEY].contains(&name.as_str())
        {
            continue;
        }
        let is_sensitive = sensitive.as_ref().is_none_or(|names| names.contains(name.as_str()));
        held.take(name, value, is_sensitive);
    }
    Some(held)
}

impl Held {
    fn take(&mut self, name: &str, value: &Json, is_sensitive: bool) {
        // Some versions of the provider write this one without its underscore.
        let key = if name == "aisearch" { "ai_search" } else { name };
        let setting = catalogue::find(key).filter(|setting| !setting.is_read_only());
        let reason = match (setting, setting.and_then(|setting| Some((setting, setting.read(value)?)))) {
            (None, _) => "this version does not know it",
            (Some(_), _) if is_sensitive => "it is marked as sensitive",
            (Some(_), None) => "this version does not know the value",
            (Some(_), Some((setting, value))) => {
                let of = if SENT.contains(&key) { &mut self.values } else { &mut self.never_sent };
                of.insert(setting, value);
                return;
            }
        };
        self.left_out.push((clean(name).into_owned(), reason));
    }
}
