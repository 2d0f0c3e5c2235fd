//! The shapes of a Terraform state: what `terraform state pull` and `terraform show -json` write, and what they do not.

use crate::model::clean;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The type of the resource.
pub(super) const RESOURCE: &str = "cloudflare_bot_management";

/// What writes a state that can be read.
pub(super) const WRITE_IT: &str =
    "`terraform state pull > state.json` writes one; so does `terraform show -json`";

/// The shapes that a JSON document of Terraform has.
pub(super) enum Kind<'j> {
    /// `terraform state pull`: its resources.
    Pulled(&'j [Json]),
    /// `terraform show -json`: its root module.
    Shown(&'j Json),
    Empty,
    /// Another one: what it is, and what to do.
    Refused(&'static str, &'static str),
}

/// The shape of a document.
pub(super) fn kind_of(root: &Map<String, Json>) -> Kind<'_> {
    let has = |key: &str| root.contains_key(key);
    if has("encrypted_data") {
        return Kind::Refused("the state is encrypted", "`tofu state pull` writes it in clear text");
    }
    if has("planned_values") || has("resource_changes") {
        return Kind::Refused("this is a Terraform plan, not a state", WRITE_IT);
    }
    match (root.get("version").and_then(Json::as_u64), root.get("resources"), root.get("values")) {
        (Some(4), Some(Json::Array(resources)), _) => Kind::Pulled(resources),
        (Some(4), None, _) => Kind::Empty,
        (Some(4), ..) => Kind::Refused("`resources` of the state is not a list", WRITE_IT),
        (Some(_), ..) => Kind::Refused(
            "the state has another format version than 4",
            "Terraform 0.12 and newer write version 4: let one read and write the state",
        ),
        (None, _, Some(values)) => values.get("root_module").map_or(Kind::Empty, Kind::Shown),
        (None, ..) if has("format_version") && has("terraform_version") => Kind::Empty,
        (None, ..) => Kind::Refused("this is not a Terraform state", WRITE_IT),
    }
}

/// One instance of the resource.
pub(super) struct Instance<'j> {
    pub(super) address: String,
    pub(super) attributes: &'j Json,
    /// The attributes that are marked as sensitive; `None` if all are.
    pub(super) sensitive: Option<BTreeSet<&'j str>>,
}

fn is_ours(resource: &Json) -> bool {
    let is = |key: &str, value: &str| resource.get(key).and_then(Json::as_str) == Some(value);
    is("type", RESOURCE) && is("mode", "managed")
}

/// The instances of a resource of a pulled state.
pub(super) fn pulled(resource: &Json) -> Vec<Instance<'_>> {
    let instances = resource.get("instances").and_then(Json::as_array).filter(|_| is_ours(resource));
    // What is only waiting to be destroyed says nothing about the zone.
    let kept = instances.into_iter().flatten().filter(|instance| instance.get("deposed").is_none());
    let text = |key: &str| resource.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
    let name = text("name").unwrap_or("?");
    kept.map(|instance| {
        let index = instance.get("index_key").filter(|key| !key.is_null());
        let index = index.map(|key| format!("[{key}]")).unwrap_or_default();
        let paths = instance.get("sensitive_attributes").and_then(Json::as_array);
        let names = paths.into_iter().flatten().filter_map(|path| {
            // A path of steps, of which the first is the attribute; in other versions just its name.
            let first = path.get(0).and_then(|step| step.get("value")).or(Some(path));
            first.and_then(Json::as_str)
        });
        Instance {
            address: clean(&format!("{module}{RESOURCE}.{name}{index}")).into_owned(),
            attributes: instance.get("attributes").unwrap_or(&Json::Null),
            sensitive: Some(names.collect()),
        }
    })
    .collect()
}

/// Collects the instances of a module and those below it. The JSON reader bounds the depth.
pub(super) fn shown<'j>(module: &'j Json, instances: &mut Vec<Instance<'j>>) {
    let list = |key: &str| module.get(key).and_then(Json::as_array).into_iter().flatten();
    for resource in
        list("resources").filter(|resource| is_ours(resource) && resource.get("deposed_key").is_none())
    {
        let address = resource.get("address").and_then(Json::as_str).unwrap_or(RESOURCE);
        let sensitive = match resource.get("sensitive_values") {
            Some(Json::Bool(true)) => None,
            Some(Json::Object(marks)) => Some(
                marks
                    .iter()
                    .filter(|(_, mark)| **mark != Json::Bool(false))
                    .map(|(name, _)| name.as_str())
                    .collect(),
            ),
            _ => Some(BTreeSet::new()),
        };
        instances.push(Instance {
            address: clean(address).into_owned(),
            attributes: resource.get("values").unwrap_or(&Json::Null),
            sensitive,
        });
    }
    list("child_modules").for_each(|child| shown(child, instances));
}
