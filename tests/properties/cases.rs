//! Random zones: a live object, what an earlier plan left behind, a file, and faults.

use botform::catalogue::{self, Setting, Variant};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// One zone of a run.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) variant: Variant,
    pub(crate) live: Map<String, Value>,
    pub(crate) stale: Map<String, Value>,
    pub(crate) sticky: Vec<String>,
    pub(crate) unreported: Vec<String>,
    pub(crate) nulls: bool,
    pub(crate) faults: Vec<Value>,
    pub(crate) file: Filed,
}

/// What the zone's file says.
#[derive(Clone, Debug)]
pub(crate) struct Filed {
    pub(crate) plan: Variant,
    pub(crate) settings: Vec<(&'static str, Value)>,
    pub(crate) clean: bool,
    pub(crate) custom_rules: bool,
}

impl Case {
    /// The zone as a world file has it.
    pub(crate) fn in_world(&self, name: &str) -> Value {
        let Self { variant, live, stale, sticky, unreported, nulls, faults, file: _ } = self;
        json!({
            "name": name, "plan": variant.word(), "live": live, "stale": stale, "sticky": sticky,
            "unreported": unreported, "nulls": nulls, "faults": faults,
        })
    }

    /// Whether nothing stands between a write and its proof.
    pub(crate) fn is_calm(&self) -> bool {
        self.faults.is_empty() && self.sticky.is_empty() && self.unreported.is_empty()
    }

    /// Whether a request is never answered.
    pub(crate) fn is_silent(&self) -> bool {
        self.faults.iter().any(|fault| fault["do"].as_str().is_some_and(|word| word.starts_with("silent")))
    }
}

impl Filed {
    /// The text of the file.
    pub(crate) fn text(&self, name: &str) -> String {
        let mut text = format!("zone: {name}\nplan: {}\nsettings:", self.plan);
        if self.settings.is_empty() {
            text.push_str(" {}");
        }
        text.push('\n');
        for (setting, value) in &self.settings {
            writeln!(text, "  {setting}: {value}").unwrap();
        }
        if self.clean {
            text.push_str("stale: clean\n");
        }
        if self.clean && self.custom_rules && self.plan == Variant::BmEnterprise {
            text.push_str("custom_rules_in_place: true\n");
        }
        text
    }
}

fn value(setting: &'static Setting) -> BoxedStrategy<Value> {
    select(setting.values()).prop_map(catalogue::Value::to_json).boxed()
}

/// A live value: mostly one of the catalogue, sometimes null, absent or unknown.
fn live_value(setting: &'static Setting) -> BoxedStrategy<Option<Value>> {
    prop_oneof![
        30 => value(setting).prop_map(Some),
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => Just(Some(json!("fortress"))),
    ]
    .boxed()
}

fn live(variant: Variant) -> BoxedStrategy<Map<String, Value>> {
    let members: Vec<_> = catalogue::settable(variant)
        .map(|setting| {
            live_value(setting).prop_map(move |value| value.map(|value| (setting.name.to_owned(), value)))
        })
        .collect();
    let unknown = prop::option::weighted(0.1, Just(("ai_weather".to_owned(), json!({"rain": [1, "x"]}))));
    (members, unknown)
        .prop_map(|(members, unknown)| members.into_iter().flatten().chain(unknown).collect())
        .boxed()
}

fn stale(variant: Variant) -> BoxedStrategy<Map<String, Value>> {
    let names: Vec<_> = catalogue::settings()
        .filter(|setting| setting.stale_on.contains(&variant))
        .map(|setting| setting.name)
        .collect();
    let value = select(vec![
        json!(true),
        json!("TRUE"),
        json!("block"),
        json!("managed_challenge"),
        json!(false),
        json!("Allow"),
    ]);
    let members = prop::collection::vec((select(names), value), 0..3);
    let members = members
        .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    prop_oneof![2 => Just(Map::new()), 1 => members].boxed()
}

/// What a file wants of a zone on a plan variant.
pub(crate) fn file(variant: Variant) -> BoxedStrategy<Filed> {
    let plan = prop_oneof![9 => Just(variant), 1 => select(Variant::ALL.to_vec())];
    let filed = move |plan: Variant| {
        let settings: Vec<_> = catalogue::settable(plan)
            .map(|setting| {
                prop::option::weighted(0.35, value(setting))
                    .prop_map(move |value| value.map(|value| (setting.name, value)))
            })
            .collect();
        (settings, any::<bool>(), any::<bool>()).prop_map(move |(settings, clean, custom_rules)| Filed {
            plan,
            settings: settings.into_iter().flatten().collect(),
            clean,
            custom_rules,
        })
    };
    plan.prop_flat_map(filed).boxed()
}

/// Faults on replies: at most two requests of a zone fail.
pub(crate) fn twists() -> BoxedStrategy<Vec<Value>> {
    let put = vec![
        "status",
        "status_after_write",
        "cut",
        "cut_after_write",
        "reset",
        "reset_after_write",
        "success_false",
        "success_false_after_write",
        "empty",
        "empty_after_write",
        "html",
        "html_after_write",
        "throttle",
        "throttle_10429",
        "refuse",
        "unauthorized",
        "forbidden_zone",
        "ignore",
    ];
    let get = vec![
        "status",
        "cut",
        "reset",
        "success_false",
        "empty",
        "html",
        "throttle",
        "refuse",
        "forbidden_zone",
    ];
    let rare = |on: &'static str, word: &'static str| {
        (1_u32..4).prop_map(move |nth| json!({"on": on, "do": word, "nth": nth}))
    };
    let often = |on: &'static str, words: Vec<&'static str>| {
        let status = select(vec![408, 409, 500, 502, 503, 520, 524]);
        (select(words), 1_u32..5, prop_oneof![3 => 1_u32..3, 1 => Just(50)], status).prop_map(
            move |(word, nth, count, status)| {
                let nth = if on == "PUT" { nth.min(2) } else { nth };
                let mut fault = json!({"on": on, "do": word, "nth": nth, "count": count});
                match word {
                    "status" | "status_after_write" => fault["status"] = json!(status),
                    "throttle" | "throttle_10429" => fault["retry_after"] = json!(0),
                    _ => {}
                }
                fault
            },
        )
    };
    let twist = prop_oneof![
        30 => often("PUT", put),
        15 => often("GET", get),
        1 => rare("PUT", "silent"),
        1 => rare("PUT", "silent_after_write"),
    ];
    prop::collection::vec(twist, 1..3).boxed()
}

/// Changes by someone else: before a GET, with the PUT, or right before or after it.
pub(crate) fn edits(variant: Variant) -> BoxedStrategy<Vec<Value>> {
    let rows: Vec<_> = catalogue::settable(variant).collect();
    let change = select(rows)
        .prop_flat_map(|setting| value(setting).prop_map(move |value| json!({setting.name: value})));
    let place = prop_oneof![
        (2_u32..5).prop_map(|nth| json!({"on": "GET", "do": "edit", "nth": nth})),
        Just(json!({"on": "PUT", "do": "collateral", "nth": 1})),
        Just(json!({"on": "PUT", "do": "edit", "nth": 1})),
        Just(json!({"on": "PUT", "do": "edit_after", "nth": 1})),
    ];
    (place, change)
        .prop_map(|(mut fault, set)| {
            fault["set"] = set;
            vec![fault]
        })
        .boxed()
}

/// A zone of any kind.
pub(crate) fn case() -> BoxedStrategy<Case> {
    select(Variant::ALL.to_vec())
        .prop_flat_map(|variant| {
            let faults = prop_oneof![5 => Just(Vec::new()), 3 => twists(), 2 => edits(variant)];
            let names: Vec<_> = catalogue::settable(variant).map(|setting| setting.name.to_owned()).collect();
            let unreported =
                prop_oneof![9 => Just(Vec::new()), 1 => select(names).prop_map(|name| vec![name])];
            (
                live(variant),
                stale(variant),
                prop::bool::weighted(0.1),
                unreported,
                prop::bool::weighted(0.2),
                faults,
                file(variant),
            )
                .prop_map(move |(live, stale, is_sticky, unreported, nulls, faults, file)| {
                    Case {
                        variant,
                        sticky: if is_sticky { stale.keys().cloned().collect() } else { Vec::new() },
                        live,
                        stale,
                        unreported,
                        nulls,
                        faults,
                        file,
                    }
                })
        })
        .boxed()
}
