//! Reads a query: the part of GraphQL that the analytics need. One operation, fields with arguments, variables, no
//! fragments and no directives.

use serde_json::{Map, Number, Value as Json};

/// How deep selections and values may be nested.
const DEEPEST: usize = 12;

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    /// The variables, each with its type as it is written.
    pub(super) variables: Vec<(String, String)>,
    pub(super) selection: Vec<Field>,
}

/// A field that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// What the reply calls it.
    pub(super) alias: String,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Argument)>,
    pub(super) selection: Vec<Self>,
}

/// The value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    Variable(String),
    Value(Json),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Argument {
    /// The value, with those of the variables; the name of one that is missing is the error.
    pub(super) fn resolve(&self, variables: &Map<String, Json>) -> Result<Json, String> {
        match self {
            Self::Variable(name) => variables.get(name).cloned().ok_or_else(|| name.clone()),
            Self::Value(value) => Ok(value.clone()),
            Self::List(items) => items.iter().map(|item| item.resolve(variables)).collect(),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| Ok((name.clone(), value.resolve(variables)?));
                members.iter().map(member).collect::<Result<Map<_, _>, _>>().map(Json::Object)
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(f64),
    Mark(char),
}

/// Reads a query; the error says where it cannot be read.
pub(super) fn parse(text: &str) -> Result<Operation, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let operation = parser.operation()?;
    match parser.peek() {
        None => Ok(operation),
        Some(_) => Err("there is more after the query".to_owned()),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if c.is_whitespace() || c == ',' => c.len_utf8(),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '!' | '$' | '=' => {
                tokens.push(Token::Mark(c));
                1
            }
            '"' => {
                let end = rest[1..].find(['"', '\\', '\n']).filter(|end| rest[1 + end..].starts_with('"'));
                let end = end.ok_or("a text does not end, or holds an escape")?;
                tokens.push(Token::Text(rest[1..=end].to_owned()));
                end + 2
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                tokens.push(Token::Name(rest[..end].to_owned()));
                end
            }
            '-' | '0'..='9' => {
                let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e' | 'E' | '+');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let number = rest[..end].parse().map_err(|_| format!("`{}` is no number", &rest[..end]))?;
                tokens.push(Token::Number(number));
                end
            }
            other => return Err(format!("unexpected `{other}`")),
        };
        rest = &rest[length..];
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, mark: char) -> bool {
        let is_next = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(mark) { Ok(()) } else { Err(format!("`{mark}` is missing")) }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek().cloned() {
            Some(Token::Name(name)) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err("a name is missing".to_owned()),
        }
    }

    fn operation(&mut self) -> Result<Operation, String> {
        let mut variables = Vec::new();
        if let Some(Token::Name(word)) = self.peek() {
            if word != "query" {
                return Err("only a query is answered".to_owned());
            }
            self.at += 1;
            if matches!(self.peek(), Some(Token::Name(_))) {
                self.at += 1;
            }
            if self.takes('(') {
                while !self.takes(')') {
                    self.expect('$')?;
                    let name = self.name()?;
                    self.expect(':')?;
                    variables.push((name, self.kind()?));
                }
            }
        }
        let selection = self.selection(0)?;
        Ok(Operation { variables, selection })
    }

    /// A type, such as `[string!]!`.
    fn kind(&mut self) -> Result<String, String> {
        let mut kind = if self.takes('[') {
            let inner = self.kind()?;
            self.expect(']')?;
            format!("[{inner}]")
        } else {
            self.name()?
        };
        if self.takes('!') {
            kind.push('!');
        }
        Ok(kind)
    }

    fn selection(&mut self, depth: usize) -> Result<Vec<Field>, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        self.expect('{')?;
        let mut fields = Vec::new();
        while !self.takes('}') {
            fields.push(self.field(depth)?);
        }
        if fields.is_empty() { Err("a selection is empty".to_owned()) } else { Ok(fields) }
    }

    fn field(&mut self, depth: usize) -> Result<Field, String> {
        let first = self.name()?;
        let (alias, name) = if self.takes(':') { (first, self.name()?) } else { (first.clone(), first) };
        let mut arguments = Vec::new();
        if self.takes('(') {
            while !self.takes(')') {
                let name = self.name()?;
                self.expect(':')?;
                arguments.push((name, self.argument(depth)?));
            }
        }
        let has_selection = self.peek() == Some(&Token::Mark('{'));
        let selection = if has_selection { self.selection(depth + 1)? } else { Vec::new() };
        Ok(Field { alias, name, arguments, selection })
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let token = self.peek().cloned().ok_or("a value is missing")?;
        self.at += 1;
        Ok(match token {
            Token::Mark('$') => Argument::Variable(self.name()?),
            Token::Mark('[') => {
                let mut items = Vec::new();
                while !self.takes(']') {
                    items.push(self.argument(depth + 1)?);
                }
                Argument::List(items)
            }
            Token::Mark('{') => {
                let mut members = Vec::new();
                while !self.takes('}') {
                    let name = self.name()?;
                    self.expect(':')?;
                    members.push((name, self.argument(depth + 1)?));
                }
                Argument::Object(members)
            }
            Token::Text(text) => Argument::Value(text.into()),
            Token::Name(word) if word == "true" || word == "false" => {
                Argument::Value((word == "true").into())
            }
            Token::Name(word) => Argument::Value(word.into()),
            Token::Number(number) => {
                Argument::Value(Number::from_f64(number).map_or(Json::Null, Json::Number))
            }
            Token::Mark(other) => return Err(format!("unexpected `{other}`")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_read_with_its_variables_arguments_and_aliases() {
        let text = "query Q($z: [string!]!, $s: Time!) { viewer { a: zones(filter: {zoneTag_in: $z}) # all\n { zoneTag } } }";
        let operation = parse(text).unwrap();
        assert_eq!(operation.variables[0], ("z".to_owned(), "[string!]!".to_owned()));
        let zones = &operation.selection[0].selection[0];
        assert_eq!((zones.alias.as_str(), zones.name.as_str()), ("a", "zones"));
        let variables = Map::from_iter([("z".to_owned(), serde_json::json!(["1"]))]);
        let resolved = zones.arguments[0].1.resolve(&variables).unwrap();
        assert_eq!(resolved, serde_json::json!({"zoneTag_in": ["1"]}));
        assert_eq!(zones.arguments[0].1.resolve(&Map::new()), Err("z".to_owned()));
    }

    #[test]
    fn what_is_no_query_is_an_error() {
        for text in
            ["", "{", "{}", "mutation { a }", "{ a(b: ) }", "{ a } }", "{ a(b: \"x) }", "query ($a) {b}"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"{a".repeat(100)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[{}()\\[\\]:$!a-z0-9\" ,.é-]{0,60}") {
            drop(parse(&text));
        }
    }
}
