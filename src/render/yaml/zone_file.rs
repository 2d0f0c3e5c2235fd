//! The canonical YAML of a zone: what `import` writes and prettier leaves alone. What a file cannot or need not say
//! goes into comments, which no text from outside can end.

use crate::catalogue::{Need, Setting, Value, Variant};
use crate::diff::{Row, VerdictKind};
use crate::model::{Live, LiveValue, clean, plain_or_quoted};
use crate::plan::ZonePlan;
use serde_json::Value as Json;
use std::fmt;

/// The head of the settings that are off, which says what it means that the file does not name them.
const OFF: &str = "Off and not managed: a change in the dashboard only shows as changed outside:";

/// The most characters of a value in a comment.
const LONGEST: usize = 200;

/// A zone file with the settings that a plan wants, and comments about everything else that is live.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct ZoneFile<'a> {
    plan: &'a ZonePlan,
    schema: Option<&'a str>,
    names_account: bool,
    extends: Option<&'a str>,
}

impl<'a> ZoneFile<'a> {
    /// The file of a zone that was read.
    pub fn new(plan: &'a ZonePlan) -> Self {
        Self { plan, schema: None, names_account: false, extends: None }
    }

    /// Adds a first line that tells editors where the schema is.
    pub fn schema(self, schema: Option<&'a str>) -> Self {
        Self { schema, ..self }
    }

    /// Names the account, if two accounts have a zone of that name.
    pub fn account(self, names_account: bool) -> Self {
        Self { names_account, ..self }
    }

    /// Extends a baseline, and leaves out what the baseline says.
    pub fn extends(self, extends: Option<&'a str>) -> Self {
        Self { extends, ..self }
    }

    /// Whether the file itself says what is wanted.
    fn says(&self, row: &Row) -> bool {
        let is_extended = row.wanted.as_ref().is_some_and(|wanted| wanted.extended().is_some());
        row.is_managed() && !(is_extended && self.extends.is_some())
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ZonePlan { zone, zone_id, account_id, plan, .. } = self.plan;
        if let Some(schema) = self.schema {
            writeln!(f, "# yaml-language-server: $schema={}", commented(schema))?;
        }
        writeln!(f, "zone: {}", plain_or_quoted(zone.as_str()))?;
        if let Some(id) = zone_id {
            writeln!(f, "zone_id: {}", plain_or_quoted(id.as_str()))?;
        }
        if let Some(id) = account_id.as_ref().filter(|_| self.names_account) {
            writeln!(f, "account_id: {}", plain_or_quoted(id.as_str()))?;
        }
        writeln!(f, "plan: {plan}")?;
        self.extends.map_or(Ok(()), |baseline| writeln!(f, "extends: {}", plain_or_quoted(baseline)))
    }

    fn settings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = || self.plan.rows().iter().filter(|row| self.says(row));
        if named().next().is_none() {
            if self.extends.is_some() {
                return Ok(());
            }
            return writeln!(f, "settings: {{}}");
        }
        writeln!(f, "settings:")?;
        for row in named() {
            let value = row.value().map(Value::to_json).unwrap_or_default();
            writeln!(f, "  {}: {}", row.name(), scalar(&value))?;
        }
        Ok(())
    }

    /// What is live and not managed.
    fn unmanaged(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [mut off, mut needy, mut other, mut unknown] = [const { Vec::new() }; 4];
        for row in self.plan.unmanaged() {
            let Some((setting, live)) = row.key.setting().zip(row.live.as_ref()) else { continue };
            let line = format!("{}: {}", setting.name, scalar(&live.to_json()));
            match live {
                LiveValue::Known(value) if setting.is_settable_on(self.plan.plan) => {
                    match self.unmet(setting, *value) {
                        _ if setting.neutral == Some(*value) => off.push(line),
                        Some(need) => needy.push(format!("{line} (needs `{need}`)")),
                        None => other.push(line),
                    }
                }
                LiveValue::Known(_) => other.push(line),
                LiveValue::Other(_) => unknown.push(line),
            }
        }
        let keys = self.plan.live().into_iter().flat_map(Live::unknown);
        unknown.extend(keys.map(|(key, value)| format!("{}: {value}", name(key))));
        comment(f, OFF, &off)?;
        comment(
            f,
            "Live but not managed: Cloudflare refuses it together with the other live values:",
            &needy,
        )?;
        comment(f, "Live but not available to a file of this plan variant:", &other)?;
        comment(f, "Live but not known to this version of botform:", &unknown)
    }

    /// What a live value needs of another setting whose live value differs, as a line of a file.
    fn unmet(&self, setting: &Setting, value: Value) -> Option<String> {
        let live = |name: &str| self.plan.live()?.settings().find(|(other, _)| other.name == name);
        let is_unmet = |need: &&Need| live(need.of).is_some_and(|(_, value)| !value.is(need.is));
        let need = setting.needs.iter().filter(|need| need.value == value).find(is_unmet)?;
        Some(format!("{}: {}", need.of, scalar(&need.is.to_json())))
    }

    /// What an earlier plan variant left behind.
    fn stale(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |row: &Row| {
            let live = row.live.as_ref().map(LiveValue::to_json).unwrap_or_default();
            let why = row.verdict.reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{}: {}{why}", name(row.name()), scalar(&live))
        };
        let with = |verdicts: &[VerdictKind]| -> Vec<String> {
            self.plan
                .rows()
                .iter()
                .filter(|row| row.stale && verdicts.contains(&row.verdict.kind()))
                .map(line)
                .collect()
        };
        let enterprise = self.plan.plan == Variant::BmEnterprise;
        let active = match enterprise {
            true => {
                "Left behind by an earlier plan variant, and still protecting the zone. Once custom rules take over, \
                 `stale: clean`\n# and `custom_rules_in_place: true` switch it off:"
            }
            false => {
                "Left behind by an earlier plan variant, and still acting on traffic. `stale: clean` switches it off:"
            }
        };
        comment(f, active, &with(&[VerdictKind::Unmanaged, VerdictKind::Change]))?;
        comment(
            f,
            "Left behind by an earlier plan variant, and impossible to clean:",
            &with(&[VerdictKind::CannotClean]),
        )
    }
}

impl fmt::Display for ZoneFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        self.settings(f)?;
        self.unmanaged(f)?;
        self.stale(f)
    }
}

fn comment(f: &mut fmt::Formatter<'_>, head: &str, lines: &[String]) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f, "# {head}")?;
    lines.iter().try_for_each(|line| writeln!(f, "#   {}", commented(line)))
}

/// A value as the file would say it.
pub(in crate::render) fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => plain_or_quoted(text),
        other => other.to_string(),
    }
}

/// A key from outside, quoted unless it is a plain word: a comment such as `yaml-language-server:` is a command to
/// editors.
fn name(key: &str) -> String {
    let is_word = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !key.is_empty();
    if is_word { key.to_owned() } else { Json::from(key).to_string() }
}

/// A text that stays in its comment: printable ASCII, and not too long.
fn commented(text: &str) -> String {
    let cleaned = clean(text);
    let mut kept = String::new();
    for c in cleaned.chars() {
        if kept.len() > LONGEST {
            kept.push_str("...");
            break;
        }
        if c.is_ascii() { kept.push(c) } else { kept.extend(c.escape_unicode()) }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{Context, describe};
    use crate::model::ZoneId;
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use serde_json::json;

    fn file(object: Json, plan: &str, all: bool) -> String {
        let Json::Object(object) = object else { panic!("an object") };
        let live = Live::read(object);
        let want = describe("shop.example.com".parse().unwrap(), None, &live, Some(plan), all);
        let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353").unwrap();
        let plan = ZonePlan::build(&want, id, live, &Context::of_day(jiff::civil::date(2026, 11, 1)));
        ZoneFile::new(&plan).schema(Some("../schemas/zone.schema.json")).to_string()
    }

    #[test]
    fn a_file_names_what_is_on_and_comments_on_the_rest() {
        let object = json!({"enable_js": true, "ai_bots_protection": "block", "ai_search": "disabled",
            "cf_robots_variant": "policy_only", "ai_training": "tomorrow", "sbfm_verified_bots": "allow",
            "content_bots_protection": "disabled", "ai_weather": {"rain": [1, "\n"]},
            "stale_zone_configuration": {"fight_mode": true, "sbfm_likely_automated": "allow", "moon": "full"}});
        assert_snapshot!(file(object, "pro", false), @r#"
        # yaml-language-server: $schema=../schemas/zone.schema.json
        zone: shop.example.com
        zone_id: 023e105f4ecef8ad9ca31a8372d0c353
        plan: sbfm_pro
        settings:
          ai_bots_protection: block
          cf_robots_variant: policy_only
          enable_js: true
        # Off and not managed: a change in the dashboard only shows as changed outside:
        #   ai_search: disabled
        #   content_bots_protection: disabled
        #   sbfm_verified_bots: allow
        # Live but not known to this version of botform:
        #   ai_training: tomorrow
        #   ai_weather: {"rain":[1,"\n"]}
        # Left behind by an earlier plan variant, and still acting on traffic. `stale: clean` switches it off:
        #   fight_mode: true
        # Left behind by an earlier plan variant, and impossible to clean:
        #   moon: full (this version does not know it)
        "#);
    }

    #[test]
    fn off_is_quoted_and_no_settings_are_an_empty_mapping() {
        let object = json!({"cf_robots_variant": "off", "fight_mode": false});
        assert!(
            file(object.clone(), "free", true)
                .contains("  cf_robots_variant: \"off\"\n  fight_mode: false\n")
        );
        assert!(
            file(object, "free", false)
                .contains("settings: {}\n# Off and not managed: a change in the dashboard only shows as changed outside:\n#   cf_robots_variant: \"off\"\n")
        );
    }

    #[test]
    fn the_rules_of_an_enterprise_zone_need_custom_rules_first() {
        let object = json!({"bm_cookie_enabled": true, "stale_zone_configuration": {"sbfm_definitely_automated": "block"}});
        let file = file(object, "enterprise", false);
        let comment = file.split_once("# Left").unwrap().1;
        assert_snapshot!(comment, @"
         behind by an earlier plan variant, and still protecting the zone. Once custom rules take over, `stale: clean`
        # and `custom_rules_in_place: true` switch it off:
        #   sbfm_definitely_automated: block
        ");
    }

    proptest! {
        #[test]
        fn no_text_from_outside_ends_its_comment(
            key in "([a-z:#$=\\-]|\\PC|\\s){0,12}", value in "([a-z:#]|\\PC|\\s|[\u{85}\u{2028}\u{202e}\u{feff}\u{ffff}]){0,300}"
        ) {
            let mut object = json!({"enable_js": true, "fight_mode": false, "ai_search": value, "stale_zone_configuration": {}});
            let plain = file(object.clone(), "free", false);
            object[format!("yaml-language-server: $schema={key}")] = json!([value]);
            object[&key] = value.clone().into();
            object["stale_zone_configuration"][&key] = value.into();
            let file = file(object, "free", false);
            let lines = |file: &str| file.lines().filter(|line| !line.starts_with("#   ")).map(str::to_owned).collect::<Vec<_>>();
            let named = lines(&file);
            prop_assert!(named.starts_with(&lines(&plain)[..6]));
            prop_assert!(named[6..].iter().all(|line| line.starts_with("# ")), "{}", file);
            prop_assert!(file.chars().all(|c| c == '\n' || !c.is_control() && c.is_ascii()), "{}", file);
            prop_assert!(!file.lines().skip(1).any(|line| line.trim_start_matches(['#', ' ']).starts_with("yaml-language-server")));
        }
    }
}
