//! What has to be counted to know what a change does to requests, and the answer from the counts. Pure. Where there is
//! no honest number, the reason is the answer.

use crate::api::{Counted, RequestKind};
use crate::catalogue::{self, Setting, Value, recognise, silence_of};
use crate::model::{
    ActionKind, Agent, Does, Estimate, Impact, Live, LiveValue, NoNumber, NoNumberKind, RowImpact, Window,
    action_kind,
};

/// The settings that share the rule for AI bots.
const AI: [&str; 4] = ["ai_bots_protection", "ai_search", "ai_training", "ai_user"];

/// What has to be counted for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The events of the rules of a setting.
    Events { setting: &'static str, does: Does },
    /// The requests that pass, by these categories of verified bots or this bot decision.
    Requests { kind: RequestKind, of: &'static [&'static str], does: Does },
    /// Nothing: there is no number.
    Nothing(NoNumber),
}

/// What has to be counted for a change of a setting from one value to another.
pub(super) fn question(
    setting: &'static Setting,
    from: Option<&LiveValue>,
    to: Value,
    live: &Live,
) -> Question {
    let from = match from {
        Some(LiveValue::Known(from)) => Some(*from),
        Some(LiveValue::Other(_)) => return nothing("this version does not know the live value"),
        None => setting.neutral,
    };
    let Some(from) = from else { return nothing("GET does not report the live value") };
    match setting.name {
        "sbfm_verified_bots" if to == Value::Word("block") => {
            Question::Requests { kind: RequestKind::Decision, of: &["verified_bot"], does: Does::KeepsOut }
        }
        name if AI.contains(&name) => of_ai(setting, from, to, live),
        name => match silence_of(name) {
            Some(why) => nothing(why.why()),
            None => of_rules(setting.name, strength(from), strength(to)),
        },
    }
}

fn nothing(why: &str) -> Question {
    Question::Nothing(NoNumber::new(NoNumberKind::NotMeasured, why))
}

/// What a value does to the requests that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Passes,
    Challenges,
    Blocks,
}

fn strength(value: Value) -> Strength {
    match value {
        Value::Toggle(false) | Value::Word("allow" | "disabled" | "off") => Strength::Passes,
        Value::Word("block") => Strength::Blocks,
        Value::Toggle(true) | Value::Word(_) => Strength::Challenges,
    }
}

fn of_rules(setting: &'static str, from: Strength, to: Strength) -> Question {
    use Strength::{Blocks, Challenges, Passes};
    let events = |does| Question::Events { setting, does };
    match (from, to) {
        (Challenges, Passes) if setting == "crawler_protection" => events(Does::LeavesMaze),
        (Challenges | Blocks, Passes) => events(Does::LetsPass),
        (Blocks, Challenges) => events(Does::ChallengesBlocked),
        (Challenges, Blocks) => events(Does::BlocksChallenged),
        (Passes, Passes) | (Challenges, Challenges) | (Blocks, Blocks) => {
            nothing("it makes no difference to requests")
        }
        (Passes, to) => {
            let of: &[&str] = match setting {
                "fight_mode" | "sbfm_definitely_automated" => &["automated"],
                "sbfm_likely_automated" => &["likely_automated"],
                _ => return nothing("no field of the analytics shows which requests it would affect"),
            };
            let does = if to == Blocks { Does::KeepsOut } else { Does::Challenges };
            Question::Requests { kind: RequestKind::Decision, of, does }
        }
    }
}

fn of_ai(setting: &'static Setting, from: Value, to: Value, live: &Live) -> Question {
    let is_off = |value| setting.neutral == Some(value);
    if [from, to].contains(&Value::Word("only_on_ad_pages")) {
        return nothing("the analytics do not tell which pages hold ads");
    }
    if is_off(to) {
        let is_active = |name: &&&str| {
            let other = catalogue::find(name).and_then(|other| Some((other, live.effective(other)?)));
            **name != setting.name
                && other.is_some_and(|(other, value)| other.neutral.is_none_or(|off| !value.is(off)))
        };
        return match AI.iter().find(is_active) {
            Some(other) => nothing(&format!("it shares its rule with `{other}`, which stays on")),
            None => Question::Events { setting: setting.name, does: Does::LetsPass },
        };
    }
    let of: &[&str] = match (setting.name, from, to) {
        ("ai_training", _, Value::Word("disallow")) if is_off(from) => &["AI Crawler"],
        // `disallow` blocks every other training crawler already.
        ("ai_training", Value::Word("disallow"), Value::Word("block")) => &["Search Engine Crawler"],
        ("ai_training", _, Value::Word("block")) => &["AI Crawler", "Search Engine Crawler"],
        ("ai_search", _, Value::Word("block")) => &["AI Search", "Search Engine Crawler"],
        ("ai_user", _, Value::Word("block")) => &["AI Assistant"],
        ("ai_bots_protection", _, Value::Word("block")) => &["AI Assistant", "AI Crawler", "AI Search"],
        _ => return nothing("its rule does not show which of these requests it blocked"),
    };
    Question::Requests { kind: RequestKind::Category, of, does: Does::KeepsOut }
}

impl Question {
    /// The answer from what was counted.
    pub(super) fn answer(&self, counted: &Result<Vec<Counted>, NoNumber>, window: Window) -> RowImpact {
        match (self, counted) {
            (Self::Nothing(why), _) | (_, Err(why)) => RowImpact::Unknown(why.clone()),
            (Self::Events { setting, does }, Ok(counted)) => {
                RowImpact::Counted(of_events(setting, *does, counted, window))
            }
            (Self::Requests { kind, of, does }, Ok(counted)) => {
                RowImpact::Counted(of_requests(*kind, of, *does, counted, window))
            }
        }
    }
}

fn of_events(setting: &str, does: Does, counted: &[Counted], window: Window) -> Impact {
    let is_own = |counted: &&Counted| {
        let Counted { source, rule, name, .. } = counted;
        recognise(source, rule, name).is_some_and(|trace| trace.settings.contains(&setting))
    };
    let own = || counted.iter().filter(is_own);
    let sum = |is_meant: &dyn Fn(ActionKind) -> bool| {
        let meant = own().filter(|counted| is_meant(action_kind(&counted.action)));
        meant.map(|counted| counted.requests).reduce(Estimate::plus).unwrap_or_default()
    };
    let requests = match does {
        Does::LeavesMaze => sum(&|kind| kind == ActionKind::Maze),
        _ => sum(&ActionKind::stops),
    };
    let was_challenged = own().any(|counted| action_kind(&counted.action) == ActionKind::Challenged);
    let solved = was_challenged.then(|| sum(&|kind| kind == ActionKind::Solved));
    Impact { does, requests, solved, agents: Vec::new(), window }
}

fn of_requests(kind: RequestKind, of: &[&str], does: Does, counted: &[Counted], window: Window) -> Impact {
    let said = |counted: &Counted| match kind {
        RequestKind::Decision => counted.decision.clone(),
        RequestKind::Category => counted.category.clone(),
    };
    let mut impact = Impact { does, requests: Estimate::default(), solved: None, agents: Vec::new(), window };
    for counted in
        counted.iter().filter(|counted| of.iter().any(|of| of.eq_ignore_ascii_case(&said(counted))))
    {
        impact.requests = impact.requests.plus(counted.requests);
        if !counted.category.is_empty() {
            impact.name(&counted.category, counted.requests);
        }
    }
    impact
}

impl Impact {
    fn name(&mut self, name: &str, requests: Estimate) {
        match self.agents.iter_mut().find(|agent| agent.name == name) {
            Some(agent) => agent.requests = agent.requests.plus(requests),
            None => self.agents.push(Agent { name: name.to_owned(), requests }),
        }
        self.agents
            .sort_by(|one, other| (other.requests.count, &one.name).cmp(&(one.requests.count, &other.name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(name: &str, from: &str, to: &str, live: serde_json::Value) -> Question {
        let setting = catalogue::find(name).unwrap();
        let value = |text: &str| match text {
            "true" | "false" => Value::Toggle(text == "true"),
            word => setting.word(word).unwrap(),
        };
        let live = Live::read(live.as_object().unwrap().clone());
        question(setting, Some(&LiveValue::Known(value(from))), value(to), &live)
    }

    fn does(question: &Question) -> Option<Does> {
        match question {
            Question::Events { does, .. } | Question::Requests { does, .. } => Some(*does),
            Question::Nothing(_) => None,
        }
    }

    #[test]
    fn each_change_says_what_it_does_or_why_no_number_tells() {
        for (name, from, to, expected) in [
            ("fight_mode", "true", "false", Some(Does::LetsPass)),
            ("fight_mode", "false", "true", Some(Does::Challenges)),
            ("sbfm_definitely_automated", "block", "managed_challenge", Some(Does::ChallengesBlocked)),
            ("sbfm_definitely_automated", "managed_challenge", "block", Some(Does::BlocksChallenged)),
            ("sbfm_likely_automated", "allow", "block", Some(Does::KeepsOut)),
            ("sbfm_verified_bots", "allow", "block", Some(Does::KeepsOut)),
            ("sbfm_verified_bots", "block", "allow", None),
            ("sbfm_static_resource_protection", "true", "false", Some(Does::LetsPass)),
            ("sbfm_static_resource_protection", "false", "true", None),
            ("crawler_protection", "enabled", "disabled", Some(Does::LeavesMaze)),
            ("crawler_protection", "disabled", "enabled", None),
            ("content_bots_protection", "block", "disabled", Some(Does::LetsPass)),
            ("content_bots_protection", "disabled", "block", None),
            ("ai_training", "disabled", "disallow", Some(Does::KeepsOut)),
            ("ai_training", "disallow", "only_on_ad_pages", None),
            ("ai_search", "block", "disabled", Some(Does::LetsPass)),
            ("enable_js", "true", "false", None),
            ("cf_robots_variant", "off", "policy_only", None),
            ("optimize_wordpress", "true", "false", None),
        ] {
            assert_eq!(does(&asked(name, from, to, json!({}))), expected, "{name}: {from} → {to}");
        }
    }

    #[test]
    fn a_rule_that_several_settings_share_is_counted_for_none_of_them() {
        let shared = json!({"ai_search": "block", "ai_training": "block"});
        let Question::Nothing(why) = asked("ai_search", "block", "disabled", shared) else { panic!() };
        assert_eq!(why.text, "it shares its rule with `ai_training`, which stays on");
    }

    #[test]
    fn solved_challenges_are_counted_apart_and_other_rules_not_at_all() {
        let of = |action: &str, rule: &str, count| Counted {
            action: action.to_owned(),
            rule: rule.to_owned(),
            requests: Estimate::exact(count),
            ..Counted::default()
        };
        let counted = [
            of("managed_challenge", "bot_fight_mode", 12_431),
            of("managed_challenge_non_interactive_solved", "bot_fight_mode", 300),
            of("managed_challenge_interactive_solved", "bot_fight_mode", 18),
            of("managed_challenge_failed", "bot_fight_mode", 50),
            of("block", "874a3e315c344b1281ad4f00046aab6f", 7),
            of("block", "0000", 9),
        ];
        let question = asked("fight_mode", "true", "false", json!({}));
        let RowImpact::Counted(impact) = question.answer(&Ok(counted.to_vec()), Window::default()) else {
            panic!()
        };
        assert_eq!((impact.requests, impact.solved), (Estimate::exact(12_431), Some(Estimate::exact(318))));
    }

    #[test]
    fn verified_bots_are_named_the_most_first() {
        let of = |category: &str, count| Counted {
            category: category.to_owned(),
            requests: Estimate::exact(count),
            ..Counted::default()
        };
        let counted = [of("AI Crawler", 5), of("Search Engine Crawler", 90), of("Monitoring", 1000)];
        let question = asked("ai_training", "disabled", "block", json!({}));
        let RowImpact::Counted(impact) = question.answer(&Ok(counted.to_vec()), Window::default()) else {
            panic!()
        };
        let names: Vec<_> = impact.agents.iter().map(|agent| agent.name.as_str()).collect();
        assert_eq!((impact.requests.count, names), (95, vec!["Search Engine Crawler", "AI Crawler"]));
    }

    #[test]
    fn a_refused_field_gives_no_number() {
        let question = asked("sbfm_likely_automated", "allow", "block", json!({}));
        let refused = NoNumber::new(NoNumberKind::NotEntitled, "no");
        let answer = question.answer(&Err(refused.clone()), Window::default());
        assert_eq!(answer, RowImpact::Unknown(refused));
    }

    #[test]
    fn an_ai_setting_that_blocks_keeps_out_the_kinds_of_crawlers_that_passed() {
        for (name, from, to, expected) in [
            ("ai_training", "disabled", "disallow", vec!["AI Crawler"]),
            ("ai_training", "disallow", "block", vec!["Search Engine Crawler"]),
            ("ai_training", "disabled", "block", vec!["AI Crawler", "Search Engine Crawler"]),
            ("ai_search", "disabled", "block", vec!["AI Search", "Search Engine Crawler"]),
            ("ai_user", "disabled", "block", vec!["AI Assistant"]),
            ("ai_bots_protection", "disabled", "block", vec!["AI Assistant", "AI Crawler", "AI Search"]),
        ] {
            let Question::Requests { of, does: Does::KeepsOut, .. } = asked(name, from, to, json!({})) else {
                panic!("{name}: {from} → {to}")
            };
            assert_eq!(of, expected, "{name}: {from} → {to}");
        }
    }

    #[test]
    fn a_setting_that_is_off_shares_no_rule() {
        for (name, off) in [("ai_training", "disabled"), ("ai_user", "disabled")] {
            let question = asked("ai_search", "block", "disabled", json!({"ai_search": "block", name: off}));
            assert_eq!(does(&question), Some(Does::LetsPass), "{name}");
        }
    }
}
