//! Answers one table of a zone: the filter, the order, the limit, and the counts with their confidence.

use super::graphql::{Argument, Field};
use super::rows::{Row, Sampling, rows};
use super::shown::{MOST_ROWS, Node, has, has_field, window};
use crate::emulator::world::zone::Zone;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Why a query fails as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    pub(super) message: String,
    /// Whether the zone is not entitled.
    pub(super) is_authz: bool,
}

impl Refused {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_authz: false }
    }

    fn authz(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_authz: true }
    }
}

/// A table of a zone that is asked for, with the times that count.
pub(super) struct Asked<'a> {
    pub(super) zone: &'a Zone,
    pub(super) node: Node,
    pub(super) field: &'a Field,
    pub(super) variables: &'a Map<String, Json>,
    pub(super) sampling: Sampling,
    /// The time that the ages of requests count from.
    pub(super) since: Timestamp,
    pub(super) now: Timestamp,
}

impl Asked<'_> {
    /// The rows of the answer.
    pub(super) fn answer(&self) -> Result<Json, Refused> {
        if !has(self.zone, self.node) {
            let (id, name) = (&self.zone.id, self.node.name);
            return Err(Refused::authz(format!("zone '{id}' does not have access to the path '{name}'")));
        }
        let (filter, limit, order) = self.arguments()?;
        self.check_window(&filter)?;
        let mut kept = Vec::new();
        for row in rows(self.zone, self.node.table, self.sampling, self.since) {
            if self.fits(&row, &filter)? {
                kept.push(row);
            }
        }
        match self.node.is_grouped {
            true => self.grouped(&kept, limit),
            false => self.listed(kept, limit, &order),
        }
    }

    fn arguments(&self) -> Result<(Map<String, Json>, usize, String), Refused> {
        let (mut filter, mut limit, mut order) = (Map::new(), None, String::new());
        for (name, argument) in &self.field.arguments {
            let value = resolve(argument, self.variables)?;
            match (name.as_str(), value) {
                ("filter", Json::Object(members)) => filter = members,
                ("limit", value) => limit = value.as_f64(),
                ("orderBy", Json::Array(items)) => {
                    order = items.first().and_then(Json::as_str).unwrap_or_default().to_owned();
                }
                (other, _) => return Err(Refused::new(format!("error parsing args for \"{other}\""))),
            }
        }
        let limit = limit.filter(|limit| *limit >= 1.0 && *limit <= MOST_ROWS as f64);
        let Some(limit) = limit else {
            return Err(Refused::new("error parsing args: limit must be from 1 to 10000"));
        };
        let known = ["", "count_DESC", "datetime_ASC", "datetime_DESC"];
        match known.contains(&order.as_str()) {
            true => Ok((filter, limit as usize, order)),
            false => Err(Refused::new(format!("error parsing args: unknown order {order}"))),
        }
    }

    fn check_window(&self, filter: &Map<String, Json>) -> Result<(), Refused> {
        let time = |key: &str| {
            filter.get(key).and_then(Json::as_str).and_then(|text| text.parse::<Timestamp>().ok())
        };
        let (Some(from), to) = (time("datetime_geq"), time("datetime_lt").unwrap_or(self.now)) else {
            return Err(Refused::new("error parsing args: datetime_geq must be a time"));
        };
        let (not_older, duration) = window(self.zone);
        if self.now.duration_since(from).as_secs() > not_older {
            return Err(Refused::new(format!("cannot request data older than {not_older}s")));
        }
        if to.duration_since(from).as_secs() > duration {
            return Err(Refused::new(format!(
                "query time range is too large. Time range can't be wider than {duration}s"
            )));
        }
        Ok(())
    }

    fn fits(&self, row: &Row, filter: &Map<String, Json>) -> Result<bool, Refused> {
        for (key, wanted) in filter {
            let (field, operator) = operator(key);
            // The address of clients can be looked for, and is in no answer here.
            if field != "clientIP" {
                self.check_field(field)?;
            }
            let found = row.get(field).unwrap_or(&Json::Null);
            let is_met = match operator {
                "" => found == wanted,
                "neq" => found != wanted,
                "in" => wanted.as_array().is_some_and(|list| list.contains(found)),
                "notin" => !wanted.as_array().is_some_and(|list| list.contains(found)),
                "like" => is_like(found.as_str().unwrap_or_default(), wanted.as_str().unwrap_or_default()),
                _ => compare(found, wanted, operator)
                    .ok_or_else(|| Refused::new("error parsing args: no time"))?,
            };
            if !is_met {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Fails for a field that does not exist, or that the zone does not have.
    fn check_field(&self, field: &str) -> Result<(), Refused> {
        if !self.node.fields.contains(&field) {
            return Err(Refused::new(format!("unknown field \"{field}\"")));
        }
        match has_field(self.zone, field) {
            true => Ok(()),
            false => {
                let id = &self.zone.id;
                Err(Refused::authz(format!("zone \"{id}\" does not have access to the field '{field}'")))
            }
        }
    }

    fn listed(&self, mut rows: Vec<Row>, limit: usize, order: &str) -> Result<Json, Refused> {
        let time = |row: &Row| row.get("datetime").and_then(Json::as_str).unwrap_or_default().to_owned();
        rows.sort_by_key(time);
        if order != "datetime_ASC" {
            rows.reverse();
        }
        rows.truncate(limit);
        rows.iter().map(|row| self.selected(row, &self.field.selection)).collect()
    }

    /// The selected fields of a row.
    fn selected(&self, row: &Row, selection: &[Field]) -> Result<Json, Refused> {
        let mut shown = Map::new();
        for field in selection {
            self.check_field(&field.name)?;
            shown.insert(field.alias.clone(), row.get(&field.name).cloned().unwrap_or(Json::Null));
        }
        Ok(Json::Object(shown))
    }

    fn grouped(&self, rows: &[Row], limit: usize) -> Result<Json, Refused> {
        let dimensions = self.field.selection.iter().find(|field| field.name == "dimensions");
        let dimensions = dimensions.map_or(&[][..], |field| field.selection.as_slice());
        let mut groups: BTreeMap<String, (Json, Vec<&Row>)> = BTreeMap::new();
        // A field that the zone does not have fails the query, also where there is no row.
        self.selected(&Row::default(), dimensions)?;
        for row in rows {
            let shown = self.selected(row, dimensions)?;
            groups.entry(shown.to_string()).or_insert_with(|| (shown, Vec::new())).1.push(row);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.iter().map(|row| row.weight()).sum::<u64>()));
        groups.truncate(limit);
        groups.iter().map(|(dimensions, rows)| self.group(dimensions, rows)).collect()
    }

    fn group(&self, dimensions: &Json, rows: &[&Row]) -> Result<Json, Refused> {
        let mut shown = Map::new();
        for field in &self.field.selection {
            let value = match field.name.as_str() {
                "count" => json!(rows.iter().map(|row| row.weight()).sum::<u64>()),
                "dimensions" => dimensions.clone(),
                "confidence" => json!({ "count": confidence(rows) }),
                other => return Err(Refused::new(format!("unknown field \"{other}\""))),
            };
            shown.insert(field.alias.clone(), value);
        }
        Ok(Json::Object(shown))
    }
}

/// The value of an argument.
pub(super) fn resolve(argument: &Argument, variables: &Map<String, Json>) -> Result<Json, Refused> {
    argument
        .resolve(variables)
        .map_err(|name| Refused::new(format!("error parsing args: the variable ${name} has no value")))
}

/// A key of a filter: its field and its operator.
fn operator(key: &str) -> (&str, &str) {
    const OPERATORS: [&str; 8] = ["neq", "gt", "geq", "lt", "leq", "in", "notin", "like"];
    match key.rsplit_once('_') {
        Some((field, operator)) if OPERATORS.contains(&operator) => (field, operator),
        _ => (key, ""),
    }
}

/// Compares times; `None` if one is no time.
fn compare(found: &Json, wanted: &Json, operator: &str) -> Option<bool> {
    let time = |value: &Json| value.as_str()?.parse::<Timestamp>().ok();
    let (found, wanted) = (time(found)?, time(wanted)?);
    Some(match operator {
        "gt" => found > wanted,
        "geq" => found >= wanted,
        "lt" => found < wanted,
        _ => found <= wanted,
    })
}

/// Whether a text is like a pattern, in which `%` is any text.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| is_like(&tail[at..], rest))
        }),
    }
}

/// The interval of 95 % for the number of requests behind so many kept rows: the numbers of which as many would be kept
/// in less than one case in twenty are outside.
fn confidence(rows: &[&Row]) -> Json {
    let kept = rows.len() as f64;
    let estimate: u64 = rows.iter().map(|row| row.weight()).sum();
    let share = kept / estimate.max(1) as f64;
    if share >= 1.0 {
        return json!({"estimate": estimate, "lower": estimate, "upper": estimate, "sampleSize": rows.len()});
    }
    // The solutions of |kept ± 0.5 − N·share| = z·√(N·share·(1 − share)) for N.
    let spread = 2.1 * (share * (1.0 - share)).sqrt();
    let solve = |middle: f64, sign: f64| {
        let root = (spread * spread + 4.0 * share * middle).sqrt();
        ((sign * spread + root) / (2.0 * share)).powi(2)
    };
    let lower = solve((kept - 0.5).max(0.0), -1.0).floor().max(kept);
    let upper = solve(kept + 0.5, 1.0).ceil();
    json!({"estimate": estimate, "lower": lower as u64, "upper": upper as u64, "sampleSize": rows.len()})
}
