//! A walk over the catalogue: every settable row, value and variant, through every part that handles settings.

use crate::stage::{Manner, Stage};
use botform::catalogue::{self, Setting, Value, Variant};
use botform::config::check_text;
use botform::emulator::{World, ZoneSeed};
use botform::model::Outcome;
use botform::plan::Status;
use serde_json::json;

/// One step: a value of a setting on a variant, written over another value.
struct Step {
    variant: Variant,
    setting: &'static Setting,
    from: Value,
    to: Value,
}

fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for variant in Variant::ALL.iter().copied() {
        for setting in catalogue::settable(variant) {
            for to in setting.values() {
                let from = setting.values().into_iter().find(|value| *value != to).unwrap();
                steps.push(Step { variant, setting, from, to });
            }
        }
    }
    steps
}

impl Step {
    fn name(n: usize) -> String {
        format!("step-{n:03}.example.com")
    }

    fn seed(&self, n: usize) -> ZoneSeed {
        // Rules across settings have their own tests.
        let quiet =
            [("enable_js", true), ("is_robots_txt_managed", false), ("bot_preference_sync_enabled", true)];
        let mut settings: Vec<_> =
            quiet.iter().map(|(name, on)| (catalogue::find(name).unwrap(), Value::Toggle(*on))).collect();
        settings.push((self.setting, self.from));
        ZoneSeed::new(Self::name(n), self.variant).with(settings)
    }

    fn text(&self, n: usize) -> String {
        format!(
            "zone: {}\nplan: {}\nsettings:\n  {}: {}\n",
            Self::name(n),
            self.variant,
            self.setting.name,
            self.to
        )
    }
}

#[test]
fn every_value_of_every_setting_is_parsed_sent_stored_read_back_and_in_sync() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut stage, steps) = (Stage::new().await, steps());
        stage.begin(World::matching(steps.iter().enumerate().map(|(n, step)| step.seed(n))), false);
        let wants: Vec<_> = steps
            .iter()
            .enumerate()
            .map(|(n, step)| {
                let (desired, problems) = check_text("zones/a.yaml", step.text(n).as_bytes());
                desired.unwrap_or_else(|| panic!("{}: {problems:?}", step.text(n)))
            })
            .collect();
        let plan = stage.plan(&wants, 8).await;
        let outcomes = stage.apply(&plan, Manner { concurrency: 8, canary: 0, max_failures: None }).await;
        let again = stage.plan(&wants, 8).await;
        for (n, step) in steps.iter().enumerate() {
            let what = format!("{} {}: {} to {}", step.variant, step.setting.name, step.from, step.to);
            let body = plan.zones()[n].body().map(serde_json::Value::Object);
            assert_eq!(body, Some(json!({step.setting.name: step.to.to_json()})), "{what}");
            assert_eq!(outcomes[n].outcome, Outcome::Applied, "{what}: {:?}", outcomes[n]);
            assert_eq!(again.zones()[n].status(), Status::InSync, "{what}");
            let shown = stage.emulator.world().object(&Step::name(n)).unwrap();
            assert_eq!(shown[step.setting.name], step.to.to_json(), "{what}");
        }
    });
}
