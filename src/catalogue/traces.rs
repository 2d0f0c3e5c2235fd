//! How the settings show in security events, as data: each known rule with the settings behind it, when it was seen and
//! how certain it is, and for each other setting why no event shows it. A new rule id is one new row.

use super::{Confidence, Value};

/// A rule that is known to belong to a setting.
#[derive(Debug)]
pub(crate) struct Trace {
    /// What events of the rule show.
    pub mark: Mark,
    /// The setting, or those of which one may be behind it.
    pub settings: &'static [&'static str],
    /// The only value that the rule goes with; `None` for any.
    pub only: Option<Value>,
    /// When it was seen last.
    pub seen: &'static str,
    /// How certain it is.
    pub confidence: Confidence,
}

/// What identifies a rule. An id counts more than a name, and a name more than the product alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// The id, which is the same in every zone.
    Rule(&'static str),
    /// The name, where the id is not known or is another one in time.
    Name(&'static str),
    /// The product, as the analytics write it.
    Source(&'static str),
}

/// Why a setting shows in no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It changes the text of robots.txt and stops nothing.
    RobotsText,
    /// It moves bot scores and has no rule of its own.
    Scores,
    /// Nobody has published how its events look.
    Unpublished,
}

impl Silence {
    /// The reason, as a clause.
    #[must_use]
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::RobotsText => "it changes the text of robots.txt and stops no request",
            Self::Scores => "it moves bot scores and has no rule of its own",
            Self::Unpublished => "nobody has published how its events look",
        }
    }
}

const AI: &[&str] = &["ai_bots_protection", "ai_search", "ai_training", "ai_user"];

const SEEN: &str = "2026-11";

const fn trace(mark: Mark, settings: &'static [&'static str], confidence: Confidence) -> Trace {
    Trace { mark, settings, only: None, seen: SEEN, confidence }
}

/// The known rules.
pub(crate) static TRACES: [Trace; 11] = [
    trace(Mark::Rule("bot_fight_mode"), &["fight_mode"], Confidence::High),
    trace(Mark::Source("botFight"), &["fight_mode"], Confidence::High),
    trace(Mark::Rule("874a3e315c344b1281ad4f00046aab6f"), &["sbfm_definitely_automated"], Confidence::High),
    trace(Mark::Name("Manage likely bots"), &["sbfm_likely_automated"], Confidence::Medium),
    // Of requests that are likely automated, and of those that definitely are.
    trace(
        Mark::Rule("023ec3b3a7f548f292eaaa89a9a471bd"),
        &["sbfm_static_resource_protection"],
        Confidence::Medium,
    ),
    trace(
        Mark::Rule("5ac94856e22545c0ac580ded156bc052"),
        &["sbfm_static_resource_protection"],
        Confidence::Medium,
    ),
    trace(Mark::Rule("7bd01eeccb6b420fa0be30264603a5cb"), AI, Confidence::Medium),
    trace(Mark::Name("Block AI training crawlers"), &["ai_training"], Confidence::Medium),
    Trace {
        only: Some(Value::Word("only_on_ad_pages")),
        ..trace(Mark::Name("Block AI bots on ad pages"), AI, Confidence::Medium)
    },
    trace(Mark::Rule("8fb4273cf339402ebc4a777810d32c18"), &["content_bots_protection"], Confidence::Low),
    trace(Mark::Source("linkMaze"), &["crawler_protection"], Confidence::Medium),
];

/// The settings that have no rule of their own. Of any other one without a known rule nothing is published.
static SILENT: [(&str, Silence); 8] = [
    ("auto_update_model", Silence::Scores),
    ("bm_cookie_enabled", Silence::Scores),
    ("bot_preference_sync_enabled", Silence::RobotsText),
    ("cf_robots_variant", Silence::RobotsText),
    ("enable_js", Silence::Scores),
    ("is_robots_txt_managed", Silence::RobotsText),
    ("jsd_api_results_enabled", Silence::Scores),
    ("suppress_session_score", Silence::Scores),
];

/// The products whose events a bot setting may be behind.
pub(crate) const SOURCES: [&str; 3] = ["botFight", "firewallManaged", "linkMaze"];

/// The rule that an event shows: by its id, else by its name, else by its product; `None` if it is not known.
#[must_use]
pub(crate) fn recognise(source: &str, rule: &str, name: &str) -> Option<&'static Trace> {
    let is_shown = |mark: Mark| match mark {
        Mark::Rule(id) => !rule.is_empty() && id.eq_ignore_ascii_case(rule),
        Mark::Name(known) => known.eq_ignore_ascii_case(name.trim()),
        Mark::Source(known) => known.eq_ignore_ascii_case(source),
    };
    TRACES.iter().filter(|trace| is_shown(trace.mark)).min_by_key(|trace| rank(trace.mark))
}

fn rank(mark: Mark) -> u8 {
    match mark {
        Mark::Rule(_) => 0,
        Mark::Name(_) => 1,
        Mark::Source(_) => 2,
    }
}

/// Why a setting shows in no event; `None` if a rule of it is known.
#[must_use]
pub(crate) fn silence_of(setting: &str) -> Option<Silence> {
    let has_rule = TRACES.iter().any(|trace| trace.settings.contains(&setting));
    let known = || SILENT.iter().find(|(name, _)| *name == setting).map(|(_, why)| *why);
    (!has_rule).then(|| known().unwrap_or(Silence::Unpublished))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;

    #[test]
    fn every_setting_has_a_rule_or_a_reason_for_none() {
        let has_rule = |name: &str| TRACES.iter().any(|trace| trace.settings.contains(&name));
        assert!(SILENT.iter().all(|(name, _)| !has_rule(name)));
        assert_eq!(silence_of("fight_mode"), None);
        assert_eq!(silence_of("auto_update_model"), Some(Silence::Scores));
        assert_eq!(silence_of("optimize_wordpress"), Some(Silence::Unpublished));
        let named = TRACES.iter().flat_map(|trace| trace.settings).chain(SILENT.iter().map(|(name, _)| name));
        named.for_each(|name| assert!(find(name).is_some(), "{name}"));
    }

    #[test]
    fn an_id_counts_more_than_a_name_and_a_name_more_than_a_product() {
        let known = |source, rule, name| recognise(source, rule, name).map(|trace| trace.settings);
        let definitely = "874A3E315C344B1281AD4F00046AAB6F";
        assert_eq!(
            known("linkMaze", definitely, "Manage likely bots"),
            Some(&["sbfm_definitely_automated"][..])
        );
        assert_eq!(known("linkMaze", "?", "manage likely bots"), Some(&["sbfm_likely_automated"][..]));
        assert_eq!(known("linkMaze", "", ""), Some(&["crawler_protection"][..]));
        assert_eq!(known("firewallManaged", "", "Manage definite bots"), None);
        assert_eq!(known("firewallCustom", "0", "Block the office"), None);
    }
}
