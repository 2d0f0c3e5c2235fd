//! The JSON Schemas of documents: draft-07, which every editor and validator supports.

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};

/// The schema of a type, as it is written or as it is read.
pub(crate) fn schema_of<T: JsonSchema>(contract: Contract) -> Schema {
    let mut settings = SchemaSettings::draft07().with_transform(RecursiveTransform(without_own_format));
    settings.contract = contract;
    settings.into_generator().into_root_schema_for::<T>()
}

/// Removes formats such as `uint32`: JSON Schema only defines formats for strings, and ajv refuses to compile others.
fn without_own_format(schema: &mut Schema) {
    let is_text = |kind: &serde_json::Value| kind == "string";
    let says_text = match schema.get("type") {
        Some(serde_json::Value::Array(kinds)) => kinds.iter().any(is_text),
        Some(kind) => is_text(kind),
        None => true,
    };
    if !says_text {
        schema.remove("format");
    }
}
