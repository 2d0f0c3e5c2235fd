//! A message in a JSON document: flat, with its parts if some of them differ between zones.

use super::{Answer, Diagnostic, DiagnosticKind, Marked, Message, Place, Related, Severity};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use std::borrow::Cow;

/// A message in a JSON document.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Diagnostic")]
pub(super) struct Wire {
    /// Its severity: an error stops the zone or the run.
    severity: Severity,
    /// What it is about.
    #[serde(default)]
    kind: DiagnosticKind,
    /// What is wrong, with its causes.
    message: String,
    /// The same in parts, if some of them differ between zones.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "parts")]
    parts: Option<Message>,
    /// What to do about it.
    hint: Option<String>,
    /// The same in parts, if some of them differ between zones.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "parts")]
    hint_parts: Option<Message>,
    /// Cloudflare's error code.
    code: Option<i64>,
    /// The HTTP status of the reply.
    http_status: Option<u16>,
    /// The `CF-Ray` header of the reply, for Cloudflare support.
    cf_ray: Option<String>,
    /// The file, relative to the current folder.
    file: Option<String>,
    /// The line, from 1.
    line: Option<u32>,
    /// The column, from 1, in characters.
    column: Option<u32>,
    /// The rule that is broken.
    rule: Option<String>,
    /// A text that can replace the wrong part.
    replacement: Option<String>,
    /// Another place that belongs to it.
    related: Option<WireRelated>,
}

/// Another place that belongs to a message.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Related")]
struct WireRelated {
    /// The line, from 1.
    line: u32,
    /// The column, from 1, in characters.
    column: u32,
    /// What is there.
    message: String,
}

impl From<Diagnostic> for Wire {
    fn from(diagnostic: Diagnostic) -> Self {
        let Diagnostic { severity, kind, message, hint, file, place, marked, answer, cause: _ } = diagnostic;
        let Marked { excerpt: _, label, replacement, related } =
            marked.map(|marked| *marked).unwrap_or_default();
        let Answer { code, http_status, cf_ray } = answer.map(|answer| *answer).unwrap_or_default();
        let (line, column) = place.map(|Place { line, column }| (line, column)).unzip();
        let related = related.map(|Related { place: Place { line, column }, excerpt: _, label }| {
            WireRelated { line, column, message: label }
        });
        let rule = label;
        Self {
            severity,
            kind,
            message: message.to_string(),
            parts: in_parts(&message),
            hint_parts: hint.as_ref().and_then(in_parts),
            hint: hint.map(|hint| hint.to_string()),
            code,
            http_status,
            cf_ray,
            file,
            line,
            column,
            rule,
            replacement,
            related,
        }
    }
}

/// The parts of a message, if this version knows all their kinds: a later version may add some.
fn parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Message>, D::Error> {
    Ok(serde_json::from_value(Json::deserialize(deserializer)?).ok())
}

/// The parts of a message that has any.
fn in_parts(message: &Message) -> Option<Message> {
    (!message.is_plain()).then(|| message.clone())
}

/// A text in its parts, if they match the text; a document could have been edited.
fn read(text: String, parts: Option<Message>) -> Message {
    parts.filter(|parts| *parts == text.as_str()).unwrap_or_else(|| text.into())
}

impl From<Wire> for Diagnostic {
    fn from(wire: Wire) -> Self {
        let related = wire.related.map(|WireRelated { line, column, message }| Related {
            place: Place { line, column },
            excerpt: None,
            label: message,
        });
        let marked = Marked { excerpt: None, label: wire.rule, replacement: wire.replacement, related };
        let place = wire.line.zip(wire.column).map(|(line, column)| Place { line, column });
        let answer = Answer { code: wire.code, http_status: wire.http_status, cf_ray: wire.cf_ray };
        Self {
            kind: wire.kind,
            hint: wire.hint.map(|hint| read(hint, wire.hint_parts)),
            file: wire.file,
            place,
            marked: (marked != Marked::default()).then(|| Box::new(marked)),
            ..Self::new(wire.severity, read(wire.message, wire.parts))
        }
        .answer(answer)
    }
}

impl JsonSchema for Diagnostic {
    fn schema_name() -> Cow<'static, str> {
        Wire::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Wire::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_flat_in_json_and_reads_back() {
        let related =
            Related { place: Place { line: 1, column: 3 }, excerpt: None, label: "the first one".to_owned() };
        let diagnostic = Diagnostic::warning("twice")
            .kind(DiagnosticKind::File)
            .at("a.yaml", Place { line: 2, column: 1 })
            .hint("remove one")
            .label("each key may appear once")
            .related(related)
            .answer(Answer { code: Some(10_000), http_status: Some(403), cf_ray: Some("8a".to_owned()) });
        let json = serde_json::to_value(&diagnostic).unwrap();
        assert_eq!(
            json,
            json!({"severity": "warning", "kind": "file", "message": "twice", "hint": "remove one",
                "code": 10_000, "http_status": 403, "cf_ray": "8a", "file": "a.yaml", "line": 2, "column": 1,
                "rule": "each key may appear once", "replacement": null,
                "related": {"line": 1, "column": 3, "message": "the first one"}})
        );
        assert_eq!(serde_json::from_value::<Diagnostic>(json).unwrap(), diagnostic);
    }

    #[test]
    fn a_kind_of_a_later_version_is_read_as_other() {
        let json = json!({"severity": "error", "kind": "moonlight", "message": "dark"});
        assert_eq!(serde_json::from_value::<Diagnostic>(json).unwrap(), Diagnostic::error("dark"));
    }

    #[test]
    fn parts_are_only_used_if_they_match_the_text() {
        let said = Diagnostic::error(Message::from("zone ").zone("a.example").text(" was not found"));
        let json = serde_json::to_value(&said).unwrap();
        assert_eq!(json["parts"][1], json!({"zone": "a.example"}));
        assert_eq!(serde_json::from_value::<Diagnostic>(json.clone()).unwrap(), said);
        for parts in [json!([{"text": "all is well"}]), json!([{"moon": 1}]), json!("x")] {
            let mut odd = json.clone();
            odd["parts"] = parts;
            let read: Diagnostic = serde_json::from_value(odd).unwrap();
            assert_eq!(
                (read.message == "zone a.example was not found", read.message.is_plain()),
                (true, true)
            );
        }
    }
}
