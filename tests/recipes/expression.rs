//! The expressions of workflows, as far as the recipes use them.

use serde_json::Value;

/// Evaluates an expression; `context` says what a name stands for.
pub(crate) fn evaluate(text: &str, context: &dyn Fn(&str) -> Value) -> Value {
    let mut reader = Reader { rest: text.trim(), context };
    let value = reader.or();
    assert!(reader.rest.is_empty(), "cannot parse {:?} in {text}", reader.rest);
    value
}

pub(crate) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != ""
}

/// The text that an expression stands for inside of a text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    context: &'a dyn Fn(&str) -> Value,
}

impl Reader<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest).trim_start();
        rest.is_some()
    }

    fn or(&mut self) -> Value {
        let mut value = self.and();
        while self.takes("||") {
            let other = self.and();
            value = if is_true(&value) { value } else { other };
        }
        value
    }

    fn and(&mut self) -> Value {
        let mut value = self.compared();
        while self.takes("&&") {
            let other = self.compared();
            value = if is_true(&value) { other } else { value };
        }
        value
    }

    fn compared(&mut self) -> Value {
        let value = self.one();
        if self.takes("==") {
            return Value::Bool(text(&value) == text(&self.one()));
        }
        if self.takes("!=") {
            return Value::Bool(text(&value) != text(&self.one()));
        }
        value
    }

    fn one(&mut self) -> Value {
        if self.takes("!") {
            return Value::Bool(!is_true(&self.one()));
        }
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let (value, rest) = rest.split_once('\'').unwrap();
            self.rest = rest.trim_start();
            return value.into();
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if !self.takes("(") {
            return (self.context)(name);
        }
        let mut arguments = Vec::new();
        while !self.takes(")") {
            arguments.push(self.or());
            self.takes(",");
        }
        match (name, arguments.as_slice()) {
            ("always", []) => Value::Bool(true),
            ("fromJSON", [json]) => serde_json::from_str(json.as_str().unwrap()).unwrap(),
            ("contains", [Value::Array(items), item]) => Value::Bool(items.contains(item)),
            other => panic!("no such function here: {other:?}"),
        }
    }
}

#[test]
fn expressions_are_read_as_a_runner_reads_them() {
    let context = |name: &str| match name {
        "steps.plan.outcome" => "failure".into(),
        "steps.plan.outputs.code" => "3".into(),
        _ => Value::Null,
    };
    let of = |text: &str| text_of(text, &context);
    assert_eq!(of("steps.plan.outcome == 'success' && 'success' || 'failure'"), "failure");
    assert_eq!(of("always() && steps.plan.outcome == 'failure'"), "true");
    assert_eq!(of("contains(fromJSON('[\"2\", \"3\"]'), steps.plan.outputs.code)"), "true");
    assert_eq!(
        of("steps.plan.outputs.code != '3' || !contains(fromJSON('[\"0\"]'), steps.gone.outputs.code)"),
        "true"
    );
    assert_eq!(of("steps.gone.outputs.code"), "");
}

#[cfg(test)]
fn text_of(expression: &str, context: &dyn Fn(&str) -> Value) -> String {
    text(&evaluate(expression, context))
}
