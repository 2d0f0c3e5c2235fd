//! The YAML of a baseline that an import proposes.

use crate::catalogue::{Setting, Value};
use crate::diff::Shared;
use crate::model::plain_or_quoted;
use std::collections::BTreeMap;
use std::fmt;

/// A baseline file.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct BaselineFile<'a> {
    shared: &'a Shared,
    schema: Option<&'a str>,
}

impl<'a> BaselineFile<'a> {
    /// A file with what zones share, and a first line that tells editors where the schema is.
    pub fn new(shared: &'a Shared, schema: Option<&'a str>) -> Self {
        Self { shared, schema }
    }
}

impl fmt::Display for BaselineFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.schema {
            writeln!(f, "# yaml-language-server: $schema={schema}")?;
        }
        writeln!(f, "# What at least 80 % of the zones had in common when they were imported.")?;
        if self.shared.settings.is_empty() {
            writeln!(f, "settings: {{}}")?;
        } else {
            writeln!(f, "settings:")?;
            values(f, "  ", &self.shared.settings)?;
        }
        if !self.shared.plans.is_empty() {
            writeln!(f, "plans:")?;
        }
        for (variant, of_plan) in &self.shared.plans {
            writeln!(f, "  {variant}:")?;
            values(f, "    ", of_plan)?;
        }
        Ok(())
    }
}

fn values(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    values: &BTreeMap<&'static Setting, Value>,
) -> fmt::Result {
    for (setting, value) in values {
        let value = match value {
            Value::Toggle(on) => on.to_string(),
            Value::Word(word) => plain_or_quoted(word),
        };
        writeln!(f, "{indent}{}: {value}", setting.name)?;
    }
    Ok(())
}
