use crate::catalogue::{self, Variant};
use crate::config::{Baselines, ExtendedFile, Home, check_text, check_zone_text, edit_text};
use crate::diff::{Context, Shared, adopt, describe};
use crate::model::{Desired, Diagnostic, Extended, Live, ZoneId};
use crate::plan::{Status, ZonePlan};
use crate::render::{BaselineFile, ZoneFile};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// A live object of a plan variant: each setting has a known value, an unknown one, or none.
fn live() -> impl Strategy<Value = Live> {
    let settings = catalogue::settings().filter(|setting| !setting.is_read_only()).count();
    let choices = prop::collection::vec((0_usize..6, 0_usize..8), settings);
    (0..Variant::ALL.len(), choices).prop_map(|(variant, choices)| {
        let variant = Variant::ALL[variant];
        let (mut object, mut stale) = (Map::new(), Map::new());
        let settings = catalogue::settings().filter(|setting| !setting.is_read_only());
        for (setting, (choice, other)) in settings.zip(choices) {
            let values = setting.values();
            let value = match other {
                0 => json!("tomorrow"),
                1 => Json::Null,
                _ => values[choice % values.len()].to_json(),
            };
            if setting.is_settable_on(variant) {
                object.insert(setting.name.to_owned(), value);
            } else if other > 5 {
                stale.insert(setting.name.to_owned(), value);
            }
        }
        object.insert("stale_zone_configuration".to_owned(), Json::Object(stale));
        Live::read(object)
    })
}

fn plan(want: &Desired, live: &Live) -> ZonePlan {
    let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353").unwrap();
    ZonePlan::build(want, id, live.clone(), &Context::of_day(jiff::civil::date(2026, 11, 1)))
}

fn written(live: &Live, all: bool) -> (String, Desired) {
    let want = describe("shop.example.com".parse().unwrap(), Some("a.yaml".to_owned()), live, None, all);
    let text = ZoneFile::new(&plan(&want, live)).schema(Some("../schemas/zone.schema.json")).to_string();
    let (read, problems) = check_text("a.yaml", text.as_bytes());
    assert!(!problems.iter().any(Diagnostic::is_error), "{problems:?}\n{text}");
    (text, read.unwrap())
}

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_plan_after_an_import_is_empty(live in live(), all in any::<bool>()) {
        let (_, read) = written(&live, all);
        prop_assert_eq!(plan(&read, &live).status(), Status::InSync);
    }

    #[test]
    #[ignore = "slow: CI runs it"]
    fn a_plan_of_zones_that_extend_what_they_share_is_empty(lives in prop::collection::vec(live(), 2..8), all in any::<bool>()) {
        let want = |live: &Live| describe("shop.example.com".parse().unwrap(), Some("a.yaml".to_owned()), live, None, all);
        let zones: Vec<_> = lives.iter().map(|live| (want(live).plan(), live)).collect();
        let shared = Shared::of(&zones, all);
        let baseline = ExtendedFile::new("/b/b.yaml".into(), "b.yaml".to_owned(), BaselineFile::new(&shared, None).to_string().into());
        let by = std::sync::Arc::new(Extended { file: "b.yaml".into(), via: Vec::new() });
        for live in &lives {
            let mut want = want(live);
            shared.take_from(&mut want, live, &by);
            let text = ZoneFile::new(&plan(&want, live)).extends(Some("b.yaml")).to_string();
            let home = Home { path: Path::new("/b/a.yaml"), root: Path::new("/b") };
            let read = &mut |_: Home<'_>| Ok(baseline.clone());
            let mut baselines = Baselines::default();
            let (read, problems) = check_zone_text("a.yaml", text.as_bytes(), home, &mut baselines, read);
            // The baseline and the zone conflict, as in `make`: the file extends nothing.
            let Some(read) = read else {
                prop_assert!(problems.iter().any(|problem| problem.message.to_string().contains("needs")), "{problems:?}\n{text}");
                continue;
            };
            prop_assert_eq!(plan(&read, live).changes().count(), 0);
        }
    }

    #[test]
    fn a_file_of_one_state_adopts_another(before in live(), now in live(), all in any::<bool>()) {
        let (text, want) = written(&before, all);
        let adoption = adopt(&want, &now, plan(&want, &now).rows());
        let edited = edit_text("a.yaml", text.as_bytes(), &super::file::edits(&adoption)).unwrap();
        let (read, problems) = check_text("a.yaml", &edited);
        // Cloudflare can show two values together that a file cannot combine.
        let Some(read) = read else {
            prop_assert!(problems.iter().any(|problem| problem.message.to_string().contains("needs")), "{problems:?}");
            return Ok(());
        };
        let planned = plan(&read, &now);
        let left = adoption.left.len();
        prop_assert_eq!(planned.changes().count().min(left), planned.changes().count(), "{}", String::from_utf8_lossy(&edited));
        prop_assert!(left > 0 || planned.status() == Status::InSync, "{:?}", planned.blocks);
        let again = adopt(&read, &now, planned.rows());
        prop_assert!(again.is_empty(), "{again:?}");
    }
}
