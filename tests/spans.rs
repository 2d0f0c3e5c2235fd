//! The spans of a run, seen by the subscriber of a program. It is alone in its process: a span that another thread meets
//! first, without a subscriber, may be switched off there for all.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use botform::api::{Budget, Client, Credentials, Options};
use botform::catalogue::Variant;
use botform::emulator::{Emulator, World, ZoneSeed};
use botform::model::Desired;
use botform::plan::{Plan, Provenance};
use botform::run::{Apply, Guarded, Planning, Rules, plan_zones};
use std::sync::{Arc, Mutex};

/// Notes the spans with their fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Spans {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("botform::run")
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        struct Fields(String);
        impl tracing::field::Visit for Fields {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!(" {field}={value:?}"));
            }
        }
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        let mut spans = self.0.lock().unwrap();
        spans.push(fields.0);
        tracing::span::Id::from_u64(spans.len() as u64)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn each_run_and_each_zone_has_a_span() {
    let world = World::matching([ZoneSeed::new("a.example.com", Variant::SbfmPro)]);
    let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned()).unwrap());
    (options.base_url, options.budget) = (emulator.base_url(), Budget::unlimited());
    let client = Client::new(options).unwrap();
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());

    let made = Provenance::new(jiff::Timestamp::now(), emulator.base_url());
    let (today, want) = (made.as_of, Desired::new("a.example.com".parse().unwrap(), Variant::SbfmPro));
    let plan = Plan::build(made, plan_zones(&client, vec![want], &Planning::new(today), &|_| {}).await);
    let guarded = Guarded::check(&plan, &Rules::new(plan.provenance().created_at)).unwrap();
    let _ = Apply::new(&client).run(&guarded, &|_, _| {}).await;

    let id = plan.zones()[0].zone_id.clone().unwrap();
    let seen = spans.0.lock().unwrap();
    assert_eq!(seen[0], "plan zones=1");
    assert_eq!(seen[1], format!("zone zone.id=\"{id}\" zone.name=\"a.example.com\""));
    assert_eq!(seen[2..], ["apply zones=1", &seen[1]]);
}
