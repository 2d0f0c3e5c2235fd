//! The rows that only some plan variants have.

use super::Confidence::{High, Medium};
use super::{Caution, Choice, Harm, Kind, Need, Setting, Value, Variant};

const BFM: &str = "https://developers.cloudflare.com/bots/get-started/bot-fight-mode/";
const SBFM: &str = "https://developers.cloudflare.com/bots/get-started/super-bot-fight-mode/";
const BM: &str = "https://developers.cloudflare.com/bots/get-started/bot-management/";

const SBFM_PLANS: &[Variant] = &[Variant::SbfmPro, Variant::SbfmBusiness];
const NOT_SBFM_PLANS: &[Variant] = &[Variant::BotFightMode, Variant::BmEnterprise];

const ACTIONS: &[Choice] = &[
    Choice { word: "allow", meaning: "the requests pass", over: &[] },
    Choice { word: "block", meaning: "the requests are blocked", over: &["allow", "managed_challenge"] },
    Choice {
        word: "managed_challenge",
        meaning: "the requests get a challenge that Cloudflare chooses",
        over: &["allow"],
    },
];

const fn sbfm(name: &'static str, kind: Kind, neutral: Value, summary: &'static str) -> Setting {
    Setting {
        name,
        kind,
        settable_on: SBFM_PLANS,
        stale_on: NOT_SBFM_PLANS,
        neutral: Some(neutral),
        needs: &[],
        cautions: &[],
        doubts: &[],
        meaning_since: None,
        identifies: Some(Variant::SbfmPro),
        idle_while: &[],
        instead: &[],
        summary,
        beware: None,
        docs: SBFM,
    }
}

const fn subscription(name: &'static str, kind: Kind, neutral: bool, summary: &'static str) -> Setting {
    Setting {
        settable_on: &[Variant::BmEnterprise],
        stale_on: &[],
        identifies: Some(Variant::BmEnterprise),
        docs: BM,
        ..sbfm(name, kind, Value::Toggle(neutral), summary)
    }
}

pub(super) static ROWS: &[Setting] = &[
    Setting {
        settable_on: &[Variant::BotFightMode],
        stale_on: &[Variant::SbfmPro, Variant::SbfmBusiness, Variant::BmEnterprise],
        needs: &[Need {
            value: Value::Toggle(true),
            of: "enable_js",
            is: Value::Toggle(true),
            why: "Cloudflare refuses it otherwise",
        }],
        cautions: &[Caution::new(
            Value::Toggle(true),
            Harm::NoException,
            High,
            "no rule lets a request past Bot Fight Mode",
        )],
        identifies: Some(Variant::BotFightMode),
        instead: &[
            (Variant::SbfmPro, "Super Bot Fight Mode replaces it: set `sbfm_definitely_automated`"),
            (
                Variant::SbfmBusiness,
                "Super Bot Fight Mode replaces it: set `sbfm_definitely_automated`, `sbfm_likely_automated`",
            ),
            (Variant::BmEnterprise, "Bot Management with custom rules replaces it"),
        ],
        docs: BFM,
        ..sbfm(
            "fight_mode",
            Kind::Toggle {
                on: "requests that match patterns of known bots are challenged",
                off: "Bot Fight Mode does not act",
                protects: Some(true),
            },
            Value::Toggle(false),
            "Turns Bot Fight Mode on for the whole zone.",
        )
    },
    Setting {
        cautions: &[Caution::new(
            Value::Toggle(false),
            Harm::Wordpress,
            Medium,
            "on a site that runs WordPress, its loopback and cron requests are challenged",
        )],
        ..sbfm(
            "optimize_wordpress",
            Kind::Toggle {
                on: "requests that WordPress sends to itself are allowed",
                off: "requests that WordPress sends to itself are treated like any other",
                protects: None,
            },
            Value::Toggle(false),
            "Keeps Super Bot Fight Mode from hitting WordPress loopback requests.",
        )
    },
    Setting {
        cautions: &[
            Caution::new(
                Value::Word("block"),
                Harm::TunnelAndApiClients,
                High,
                "their requests are automated, so they are blocked",
            ),
            Caution::new(
                Value::Word("managed_challenge"),
                Harm::TunnelAndApiClients,
                High,
                "their requests are automated, and cannot pass a challenge",
            ),
        ],
        ..sbfm(
            "sbfm_definitely_automated",
            Kind::Choice(ACTIONS),
            Value::Word("allow"),
            "Sets the action for requests that are definitely automated.",
        )
    },
    Setting {
        settable_on: &[Variant::SbfmBusiness],
        stale_on: &[Variant::BotFightMode, Variant::SbfmPro, Variant::BmEnterprise],
        identifies: Some(Variant::SbfmBusiness),
        ..sbfm(
            "sbfm_likely_automated",
            Kind::Choice(ACTIONS),
            Value::Word("allow"),
            "Sets the action for requests that are likely automated.",
        )
    },
    Setting {
        cautions: &[Caution::new(
            Value::Word("block"),
            Harm::SearchEngines,
            High,
            "their crawlers are verified bots",
        )],
        ..sbfm(
            "sbfm_verified_bots",
            Kind::Choice(&[
                Choice { word: "allow", meaning: "verified bots such as search engines pass", over: &[] },
                Choice {
                    word: "block",
                    meaning: "verified bots are blocked, including search engines",
                    over: &["allow"],
                },
            ]),
            Value::Word("allow"),
            "Sets the action for requests of verified bots.",
        )
    },
    Setting {
        idle_while: &[
            ("sbfm_definitely_automated", Value::Word("allow")),
            ("sbfm_likely_automated", Value::Word("allow")),
            ("sbfm_verified_bots", Value::Word("allow")),
        ],
        cautions: &[Caution::new(
            Value::Toggle(true),
            Harm::EmbeddedFiles,
            Medium,
            "images and scripts that other sites and mail clients load are challenged too",
        )],
        docs: "https://developers.cloudflare.com/bots/additional-configurations/static-resources/",
        ..sbfm(
            "sbfm_static_resource_protection",
            Kind::Toggle {
                on: "requests for static files are handled like other requests",
                off: "requests for static files are left alone",
                protects: Some(true),
            },
            Value::Toggle(false),
            "Extends Super Bot Fight Mode to static files.",
        )
    },
    Setting {
        docs: "https://developers.cloudflare.com/bots/reference/machine-learning-models/",
        ..subscription(
            "auto_update_model",
            Kind::Toggle {
                on: "the zone moves to new detection models as they are released",
                off: "the zone stays on its detection model",
                protects: Some(true),
            },
            true,
            "Moves the zone to new machine-learning models as they are released.",
        )
    },
    subscription(
        "bm_cookie_enabled",
        Kind::Toggle {
            on: "the bot management cookie is set on visitors' devices",
            off: "the bot management cookie is not set",
            protects: Some(true),
        },
        true,
        "Sets the cookie that smooths the bot score over a session.",
    ),
    Setting {
        stale_on: &[Variant::BotFightMode],
        ..subscription(
            "suppress_session_score",
            Kind::Toggle {
                on: "the highest score of a session is not tracked",
                off: "the highest score of a session is tracked in the cookie",
                protects: Some(false),
            },
            false,
            "Stops tracking the highest bot score of a session in the cookie.",
        )
    },
];
