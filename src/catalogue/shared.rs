//! The rows that every plan variant has, and the two read-only ones.

use super::Confidence::{High, Low, Medium};
use super::{Caution, Choice, Doubt, Harm, Kind, Need, Setting, Value, Variant};

const API: &str = "https://developers.cloudflare.com/api/resources/bot_management/methods/update/";
const AI_BOTS: &str = "https://developers.cloudflare.com/bots/additional-configurations/block-ai-bots/";
/// The day on which Cloudflare gave the values of the AI settings another effect.
const CHANGED: &str = "2026-09-15";
const PREVIEWS: &str = "agents such as facebookexternalhit have been answered with 403";
const ROBOTS: &str = "https://developers.cloudflare.com/bots/additional-configurations/managed-robots-txt/";

const fn shared(name: &'static str, kind: Kind) -> Setting {
    Setting {
        name,
        kind,
        settable_on: Variant::ALL,
        stale_on: &[],
        neutral: Some(Value::Toggle(false)),
        needs: &[],
        cautions: &[],
        doubts: &[],
        meaning_since: None,
        identifies: None,
        idle_while: &[],
        instead: &[],
        summary: "",
        beware: None,
        docs: API,
    }
}

const fn choice(word: &'static str, over: &'static [&'static str], meaning: &'static str) -> Choice {
    Choice { word, meaning, over }
}

const fn read_only(name: &'static str, summary: &'static str) -> Setting {
    Setting { settable_on: &[], neutral: None, summary, ..shared(name, Kind::ReadOnly) }
}

pub(super) static ROWS: &[Setting] = &[
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Blocks AI scrapers and crawlers.",
        cautions: &[Caution::new(Value::Word("block"), Harm::SocialPreviews, Low, PREVIEWS)],
        doubts: &[Doubt {
            value: Value::Word("only_on_ad_pages"),
            on: &[Variant::BmEnterprise],
            text: "Cloudflare once documented `only_on_ad_pages` as not available on Enterprise",
        }],
        beware: Some(
            "Cloudflare has retired it in favour of `ai_search`, `ai_user` and `ai_training`, but still accepts it; `block` acts before `sbfm_verified_bots: allow`, and pay per crawl needs it off; saving the dashboard's older AI dialog flips this and the other AI settings",
        ),
        docs: AI_BOTS,
        ..shared(
            "ai_bots_protection",
            Kind::Choice(&[
                choice(
                    "block",
                    &["disabled", "only_on_ad_pages"],
                    "AI scrapers and crawlers are blocked on all pages",
                ),
                choice("disabled", &[], "AI scrapers and crawlers are not blocked"),
                choice(
                    "only_on_ad_pages",
                    &["disabled"],
                    "AI scrapers and crawlers are blocked on pages where ads were found",
                ),
            ]),
        )
    },
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Controls what AI search crawlers may do.",
        cautions: &[
            Caution::new(
                Value::Word("block"),
                Harm::SearchEngines,
                Medium,
                "their crawlers serve AI search as well, and a crawler with several purposes is judged by all of them",
            ),
            Caution::new(
                Value::Word("only_on_ad_pages"),
                Harm::SearchEngines,
                Medium,
                "the same, on pages where ads were found",
            ),
            Caution::new(Value::Word("block"), Harm::SocialPreviews, Low, PREVIEWS),
        ],
        meaning_since: Some(CHANGED),
        beware: Some(
            "since 2026-09-15 a crawler with several purposes is judged by all of them, as Cloudflare announced; before that day such crawlers were left alone",
        ),
        docs: AI_BOTS,
        ..shared(
            "ai_search",
            Kind::Choice(&[
                choice("disabled", &[], "crawlers of AI search pass"),
                choice(
                    "block",
                    &["disabled", "only_on_ad_pages"],
                    "crawlers of AI search are blocked on all pages, including those with other purposes",
                ),
                choice(
                    "only_on_ad_pages",
                    &["disabled"],
                    "crawlers of AI search are blocked on pages where ads were found, including those with other purposes",
                ),
            ]),
        )
    },
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Controls what AI assistants and agents that act for a user may do; the dashboard calls it Agent.",
        cautions: &[Caution::new(Value::Word("block"), Harm::SocialPreviews, Low, PREVIEWS)],
        docs: AI_BOTS,
        ..shared(
            "ai_user",
            Kind::Choice(&[
                choice("disabled", &[], "AI assistants and agents are not restricted"),
                choice(
                    "block",
                    &["disabled", "only_on_ad_pages"],
                    "AI assistants and agents are blocked on all pages",
                ),
                choice(
                    "only_on_ad_pages",
                    &["disabled"],
                    "AI assistants and agents are blocked on pages where ads were found",
                ),
            ]),
        )
    },
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Controls what crawlers that collect training data for AI models may do; the effect of its values changed on 2026-09-15.",
        cautions: &[
            Caution::new(
                Value::Word("block"),
                Harm::SearchEngines,
                High,
                "the site leaves the search engines that use Googlebot, Bingbot or Applebot",
            ),
            Caution::new(
                Value::Word("only_on_ad_pages"),
                Harm::SearchEngines,
                High,
                "Googlebot, Bingbot and Applebot do not see pages where ads were found",
            ),
            Caution::new(Value::Word("block"), Harm::SocialPreviews, Low, PREVIEWS),
        ],
        meaning_since: Some(CHANGED),
        beware: Some(
            "these are the effects that Cloudflare announced for 2026-09-15, and `disallow` is assumed to be the dashboard's \"Disallow AI Training\" because of its name; before that day `block` and `only_on_ad_pages` left search engines alone, and `disallow` was robots.txt only",
        ),
        docs: AI_BOTS,
        ..shared(
            "ai_training",
            Kind::Choice(&[
                choice("disabled", &[], "all training crawlers pass"),
                // `disallow` and `only_on_ad_pages` are not comparable: the latter blocks search engines on pages with
                // ads, the former blocks all other crawlers on pages without.
                choice(
                    "disallow",
                    &["disabled"],
                    "robots.txt asks them to stay away, Googlebot, Bingbot and Applebot pass for search, and all other training crawlers are blocked",
                ),
                choice(
                    "block",
                    &["disabled", "disallow", "only_on_ad_pages"],
                    "all training crawlers are blocked on all pages, including Googlebot, Bingbot and Applebot",
                ),
                choice(
                    "only_on_ad_pages",
                    &["disabled"],
                    "all training crawlers are blocked on pages where ads were found, including Googlebot, Bingbot and Applebot",
                ),
            ]),
        )
    },
    Setting {
        summary: "Keeps the zone out of Cloudflare's migration of AI bot rules.",
        beware: Some("a temporary migration flag of Cloudflare's: name it only if you were asked to"),
        ..shared(
            "ai_bots_migration_opt_out",
            Kind::Toggle {
                on: "the zone is left out of the migration",
                off: "Cloudflare may migrate the zone's AI bot rules",
                protects: None,
            },
        )
    },
    Setting {
        needs: &[Need {
            value: Value::Toggle(false),
            of: "is_robots_txt_managed",
            is: Value::Toggle(false),
            why: "Cloudflare silently turns it on again while robots.txt is managed",
        }],
        summary: "Lets Cloudflare derive robots.txt content from the AI search, user and training settings.",
        docs: ROBOTS,
        ..shared(
            "bot_preference_sync_enabled",
            Kind::Toggle {
                on: "robots.txt follows the AI settings of the zone",
                off: "robots.txt does not follow the AI settings of the zone",
                protects: None,
            },
        )
    },
    Setting {
        neutral: None,
        summary: "Uses the JavaScript Detections results that are submitted through the API.",
        doubts: &[Doubt {
            value: Value::Toggle(true),
            on: &[Variant::BotFightMode, Variant::SbfmPro, Variant::SbfmBusiness],
            text: "`jsd_api_results_enabled` is documented as a part of Bot Management for Enterprise: expect other plans to refuse it",
        }],
        docs: "https://developers.cloudflare.com/cloudflare-challenges/challenge-types/javascript-detections/",
        ..shared(
            "jsd_api_results_enabled",
            Kind::Toggle {
                on: "results submitted through the API are used",
                off: "results submitted through the API are not used",
                protects: None,
            },
        )
    },
    Setting {
        neutral: Some(Value::Word("off")),
        summary: "Selects the Robots Access Control License text in the managed robots.txt.",
        docs: ROBOTS,
        ..shared(
            "cf_robots_variant",
            Kind::Choice(&[
                choice("off", &[], "no license text is served"),
                choice("policy_only", &["off"], "the license policy is served in robots.txt"),
            ]),
        )
    },
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Blocks content bots: automated traffic with a low bot score that is not a safe verified bot.",
        cautions: &[Caution::new(
            Value::Word("block"),
            Harm::SearchEngines,
            Low,
            "it has refused their genuine bots",
        )],
        ..shared(
            "content_bots_protection",
            Kind::Choice(&[
                choice("block", &["disabled"], "content bots are blocked; exceptions need skip rules"),
                choice("disabled", &[], "content bots are not blocked"),
            ]),
        )
    },
    Setting {
        neutral: Some(Value::Word("disabled")),
        summary: "Leads AI crawlers that ignore robots.txt into a maze of generated links (AI Labyrinth).",
        docs: "https://developers.cloudflare.com/bots/additional-configurations/ai-labyrinth/",
        ..shared(
            "crawler_protection",
            Kind::Choice(&[
                choice("enabled", &["disabled"], "the link maze is served to crawlers that misbehave"),
                choice("disabled", &[], "no link maze is served"),
            ]),
        )
    },
    Setting {
        neutral: None,
        summary: "Adds an invisible JavaScript snippet to pages to tell browsers from bots (JavaScript Detections).",
        cautions: &[Caution::new(
            Value::Toggle(true),
            Harm::Headers,
            Medium,
            "HTML pages lose their ETag, and a Content-Security-Policy must allow `/cdn-cgi/challenge-platform/`",
        )],
        docs: "https://developers.cloudflare.com/cloudflare-challenges/challenge-types/javascript-detections/",
        ..shared(
            "enable_js",
            Kind::Toggle {
                on: "the detection snippet is added to HTML pages",
                off: "no snippet is added; `fight_mode` cannot be on",
                protects: Some(true),
            },
        )
    },
    Setting {
        summary: "Lets Cloudflare serve a managed robots.txt, which it puts before the site's own.",
        beware: Some(
            "Cloudflare has retired it in favour of `bot_preference_sync_enabled`, but still accepts it; the robots.txt that visitors get is cached for about four hours after a change",
        ),
        docs: ROBOTS,
        ..shared(
            "is_robots_txt_managed",
            Kind::Toggle {
                on: "the managed robots.txt is served before the site's own",
                off: "only the site's own robots.txt is served",
                protects: Some(true),
            },
        )
    },
    read_only("using_latest_model", "Shows whether the zone runs the newest machine-learning model."),
    read_only(
        "stale_zone_configuration",
        "Lists settings of an earlier plan variant that still act on traffic.",
    ),
];
