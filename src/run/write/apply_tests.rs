//! What an apply does while it waits, against a store that is told how to answer, with a clock that is turned by hand.

use super::*;
use crate::api::{ApiError, Body, Lease, ZoneRef};
use crate::api::{
    Budget, Client, Credentials, Exchange, Failure, Lookup, Method, Options, ReadZones, Refusal, Retry,
    ZoneEntry,
};
use crate::catalogue::Variant;
use crate::diff::Context;
use crate::model::{Desired, Place, Policy, PolicyException, PolicyRule, Rate};
use crate::model::{Live, Outcome, ZoneId};
use crate::plan::{FilesNow, Guard, Plan, Protected, Provenance};
use crate::run::write::zone::PATIENCE;
use crate::run::{Rules, ZoneFiles};
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::task::Poll;
use tokio::time::Instant;

const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 25);

/// Half an hour before the end of that day (UTC).
const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_795_649_400, 0);

/// How the store answers a request.
enum Say {
    Live(&'static str),
    Taken,
    Fails(ApiError),
    Never,
}

use Say::{Fails, Live as Shows, Never, Taken};

/// A store with one answer for each request, in order.
struct Store {
    answers: Mutex<VecDeque<Say>>,
    asked: Mutex<Vec<Method>>,
    stop: Stop,
    budget: Budget,
}

impl Store {
    fn new(answers: impl IntoIterator<Item = Say>) -> Self {
        let (answers, asked) = (Mutex::new(answers.into_iter().collect()), Mutex::default());
        Self { answers, asked, stop: Stop::default(), budget: Budget::unlimited() }
    }

    /// How many PUTs came.
    fn puts(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|method| **method == Method::Put).count()
    }

    async fn answer(&self, method: Method) -> Result<Option<&'static str>, ApiError> {
        self.asked.lock().unwrap().push(method);
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            Some(Shows(value)) => Ok(Some(value)),
            Some(Taken) => Ok(None),
            Some(Fails(error)) => Err(error),
            Some(Never) | None => {
                self.stop.request();
                std::future::pending().await
            }
        }
    }
}

impl ReadZones for Store {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, _: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        Vec::new()
    }

    async fn get<'a>(&self, _: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        self.answer(Method::Get).await.map(|value| live(value.unwrap()))
    }
}

impl WriteZones for Store {
    async fn put<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, _: &Body) -> Result<(), ApiError> {
        self.answer(Method::Put).await.map(drop)
    }

    async fn transaction<'a>(&self, _: impl Into<ZoneRef<'a>> + Send, writes: usize) -> Lease {
        self.budget.lease(1 + 2 * writes).await
    }
}

fn live(ai_search: &str) -> Live {
    let Json::Object(object) = json!({"enable_js": true, "ai_search": ai_search}) else {
        panic!("no object")
    };
    Live::read(object)
}

/// A plan that blocks AI search in so many zones.
fn plan(zones: usize) -> Plan {
    let zones = (0..zones).map(|zone| {
        let mut want = Desired::new(format!("z{zone:02}.example.com").parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        let id = ZoneId::try_from(format!("{zone:032}")).unwrap();
        ZonePlan::build(&want, id, live("disabled"), &Context::of_day(DAY))
    });
    Plan::build(Provenance::new("2026-11-25T00:00:00Z".parse().unwrap(), "a".to_owned()), zones.collect())
}

async fn apply(store: &Store, zones: usize) -> Vec<ZoneOutcome> {
    let plan = plan(zones);
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let apply = Apply { stop: store.stop.clone(), concurrency: 1, ..Apply::new(store) };
    apply.run(&guarded, &|_, _| {}).await.outcomes
}

fn failed(method: Method, status: u16, retry_after: u64) -> ApiError {
    let mut exchange = Exchange::new(method, "/zones/1/bot_management");
    (exchange.status, exchange.retry_after) = (Some(status), Some(Duration::from_secs(retry_after)));
    ApiError::refused(exchange, Refusal::Server, "trouble")
}

#[tokio::test(start_paused = true)]
async fn a_read_back_that_never_comes_is_given_up_after_the_wish_to_stop() {
    let store = Store::new([Shows("disabled"), Taken, Never]);
    let begun = Instant::now();
    let ends = apply(&store, 2).await;
    assert_eq!((ends[0].outcome, ends[1].outcome), (Outcome::Unknown, Outcome::NotAttempted));
    assert!(begun.elapsed() <= PATIENCE + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_read_before_a_repeated_put_that_never_comes_is_given_up_too() {
    let put = Fails(failed(Method::Put, 503, 0));
    let store = Store::new([Shows("disabled"), put, Shows("disabled"), Never]);
    assert_eq!(apply(&store, 1).await[0].outcome, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_put_is_repeated_after_the_wait_that_cloudflare_asks_for_up_to_a_minute() {
    for (asked, puts, waited) in [(20, 2, 20), (60, 2, 60), (61, 2, 60), (86_400, 2, 60)] {
        let answers = [
            Shows("disabled"),
            Fails(failed(Method::Put, 503, asked)),
            Shows("disabled"),
            Shows("disabled"),
            Taken,
            Shows("block"),
        ];
        let store = Store::new(answers);
        let begun = Instant::now();
        let end = apply(&store, 1).await.remove(0).outcome;
        assert_eq!((store.puts(), begun.elapsed().as_secs()), (puts, waited), "{asked}");
        assert_eq!(end == Outcome::Applied, puts == 2, "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_put_is_in_the_journal_before_its_zone_is_read() {
    let (put, folder) = (Fails(failed(Method::Put, 503, 0)), tempfile::tempdir().unwrap());
    let store =
        Store::new([Shows("disabled"), put, Shows("disabled"), Shows("disabled"), Taken, Shows("block")]);
    let journal = Journal::open(&folder.path().join("journal"), "a", String::new).unwrap();
    let (plan, lines) = (plan(1), || std::fs::read_to_string(journal.path()).unwrap());
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let apply = Apply { journal: Some(&journal), ..Apply::new(&store) };
    // Looks whenever the apply has waited for anything.
    let twice = std::future::poll_fn(|_| match lines().matches(r#""event":"put""#).count() {
        2 => Poll::Ready(store.asked.lock().unwrap().len()),
        _ => Poll::Pending,
    });
    let (applied, asked) = tokio::join!(apply.run(&guarded, &|_, _| {}), twice);
    assert_eq!((applied.outcomes[0].outcome, asked, store.puts()), (Outcome::Applied, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_put_is_sent_three_times_at_most() {
    let round = || [Fails(failed(Method::Put, 503, 0)), Shows("disabled"), Shows("disabled")];
    let store = Store::new([Shows("disabled")].into_iter().chain((0..4).flat_map(|_| round())));
    assert_eq!((apply(&store, 1).await[0].outcome, store.puts()), (Outcome::Failed, 3));
}

#[tokio::test(start_paused = true)]
async fn a_lost_put_that_comes_through_in_part_while_it_waits_is_not_applied() {
    let mut want = Desired::new("z00.example.com".parse().unwrap(), Variant::SbfmPro);
    want.set("ai_search", "block").unwrap();
    want.set("enable_js", false).unwrap();
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    let zone = ZonePlan::build(&want, id, live("disabled"), &Context::of_day(DAY));
    let plan = Plan::build(Provenance::new(NOW, "a".to_owned()), vec![zone]);
    let lost = Fails(failed(Method::Put, 503, 0));
    let store = Store::new([Shows("disabled"), lost, Shows("disabled"), Shows("block")]);
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let ends = Apply::new(&store).run(&guarded, &|_, _| {}).await.outcomes;
    assert_eq!((ends[0].outcome, store.puts()), (Outcome::NotApplied, 1));
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_parts_a_read_from_its_write_writes_nothing() {
    for (seconds, outcome, puts) in [(1, Outcome::Applied, 1), (2, Outcome::Throttled, 0)] {
        let store = Store::new([Shows("disabled"), Taken, Shows("block")]);
        let store = Store { budget: Budget::new(Rate::new(1, seconds).unwrap()), ..store };
        assert_eq!((apply(&store, 1).await[0].outcome, store.puts()), (outcome, puts), "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_not_written_is_no_canary_and_not_confirmed() {
    let mut zones = plan(3).zones().to_vec();
    zones[0].protected = Protected::of(&protecting(), DAY);
    let plan = Plan::build(Provenance::new(NOW, "a".to_owned()), zones);
    let refused = || Fails(failed(Method::Get, 503, 0));
    for (is_saved, answers) in
        [(false, vec![refused()]), (true, vec![Shows("disabled"), Shows("disabled"), refused()])]
    {
        let store = Store::new(answers);
        let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
        let guarded = if is_saved { guarded.saved() } else { guarded };
        let apply = Apply { concurrency: 1, canary: 1, stop: store.stop.clone(), ..Apply::new(&store) };
        let ends = apply.run(&guarded, &|_, _| {}).await.outcomes;
        let ends: Vec<_> = ends.iter().map(|end| end.outcome).collect();
        assert_eq!(ends, [Outcome::Protected, Outcome::Failed, Outcome::NotAttempted], "{is_saved}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_of_a_saved_plan_that_cannot_be_read_counts_as_a_failure() {
    let store = Store::new([Fails(failed(Method::Get, 503, 0)), Shows("disabled")]);
    let plan = plan(2);
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap().saved();
    let most = Some(Threshold::Count(0));
    let apply = Apply { concurrency: 1, max_failures: most, stop: store.stop.clone(), ..Apply::new(&store) };
    let ends = apply.run(&guarded, &|_, _| {}).await.outcomes;
    assert_eq!((ends[0].outcome, ends[1].outcome), (Outcome::Failed, Outcome::NotAttempted));
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_its_file_protects_now_is_not_asked_for() {
    let store = Store::new([Shows("disabled"), Shows("disabled"), Taken, Shows("block")]);
    let (plan, files) = (plan(2), FilesNow::new(vec![protecting()], Vec::new(), Vec::new(), DAY));
    let rules = Rules { files: ZoneFiles::Now(&files), ..Rules::new(NOW) };
    let guarded = Guarded::check(&plan, &rules).unwrap().saved();
    let apply = Apply { stop: store.stop.clone(), ..Apply::new(&store) };
    let ends = apply.run(&guarded, &|_, _| {}).await.outcomes;
    assert_eq!((ends[0].outcome, ends[1].outcome), (Outcome::Blocked, Outcome::Applied));
    assert_eq!(store.asked.lock().unwrap().len(), 4);
}

/// A file that protects its zone.
fn protecting() -> Desired {
    let mut want = Desired::new("z00.example.com".parse().unwrap(), Variant::SbfmPro);
    want.protect = true;
    want
}

#[tokio::test(start_paused = true)]
async fn canaries_and_failures_are_counted_apart_from_what_was_not_attempted() {
    let refused = || {
        let exchange = Exchange::new(Method::Get, "/zones/1/bot_management");
        Fails(ApiError::transport(exchange, Failure::Connect, "no"))
    };
    let store = Store::new([refused(), Never]);
    let plan = plan(3);
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let apply = Apply {
        stop: store.stop.clone(),
        concurrency: 1,
        max_failures: Some(Threshold::Count(1)),
        ..Apply::new(&store)
    };
    let ends = apply.run(&guarded, &|_, _| {}).await.outcomes;
    let words: Vec<_> = ends.iter().map(|end| end.outcome).collect();
    assert_eq!(words, [Outcome::Failed, Outcome::NotAttempted, Outcome::NotAttempted]);
    assert_eq!(ends[2].diagnostics[0].message, "the run was stopped before the zone was started");
}

#[tokio::test]
async fn a_network_that_is_gone_ends_an_apply_after_ten_zones() {
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned()).unwrap());
    (options.base_url, options.proxy) = ("http://127.0.0.1:1".to_owned(), false);
    options.known_as = Some("a".to_owned());
    options.retry = Retry { attempts: 1, delay: Duration::ZERO };
    let client = Client::new(options).unwrap();
    let plan = plan(14);
    let guarded = Guarded::check(&plan, &Rules::new(NOW)).unwrap();
    let ends = Apply { concurrency: 1, ..Apply::new(&client) }.run(&guarded, &|_, _| {}).await.outcomes;
    let failed = ends.iter().take_while(|end| end.outcome == Outcome::Failed).count();
    assert_eq!(failed, 10);
    assert!(ends[10..].iter().all(|end| end.outcome == Outcome::NotAttempted));
    assert!(
        ends[10].diagnostics[0]
            .message
            .to_string()
            .starts_with("not sent: too many requests in a row could not connect")
    );
}

/// A plan of one zone whose value ends with the day.
fn temporary() -> Plan {
    let text = "zone: z00.example.com\nplan: sbfm_pro\nsettings: {ai_search: disabled}\ntemporary:\n- {setting: ai_search, value: block, until: 2026-11-25, reason: test}\n";
    let (want, problems) = crate::config::check_text("z.yaml", text.as_bytes());
    assert!(problems.is_empty(), "{problems:?}");
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    let zone = ZonePlan::build(&want.unwrap(), id, live("disabled"), &Context::of_day(DAY));
    Plan::build(Provenance::new(NOW, "a".to_owned()), vec![zone])
}

/// Writes a plan a while after it was checked.
async fn late(plan: &Plan, rules: &Rules<'_>, minutes: u64) -> (Outcome, Option<Refused>) {
    let store = Store::new([Shows("disabled"), Taken, Shows("block")]);
    let guarded = Guarded::check(plan, rules).unwrap();
    tokio::time::advance(Duration::from_secs(60 * minutes)).await;
    let applied = Apply::new(&store).run(&guarded, &|_, _| {}).await;
    let end = applied.outcomes[0].outcome;
    let is_sent = store.asked.lock().unwrap().contains(&Method::Put);
    assert_eq!(is_sent, end == Outcome::Applied);
    (end, applied.refused)
}

#[tokio::test(start_paused = true)]
async fn a_check_holds_for_an_hour() {
    let (plan, rules) = (plan(1), Rules::new(NOW));
    assert_eq!(late(&plan, &rules, 60).await, (Outcome::Applied, None));
    assert_eq!(late(&plan, &rules, 61).await, (Outcome::NotAttempted, Some(Refused::Aged)));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_ends_with_the_day_is_not_written_on_the_next() {
    let plan = temporary();
    assert_eq!(late(&plan, &Rules::new(NOW), 29).await, (Outcome::Applied, None));
    assert_eq!(late(&plan, &Rules::new(NOW), 30).await, (Outcome::Stale, None));
    // The day of the check counts as well, and never one before that of the plan.
    assert_eq!(late(&plan, &Rules::new(NOW + Duration::from_secs(1800)), 0).await, (Outcome::Stale, None));
}

#[tokio::test(start_paused = true)]
async fn what_an_exception_lets_through_is_not_written_after_its_last_day() {
    let (plan, ai_search) = (plan(1), crate::catalogue::find("ai_search").unwrap());
    let exception = |until| PolicyException { zone: "z*".to_owned(), reason: "agreed".to_owned(), until };
    let policy = |value: &str, until: &[jiff::civil::Date]| Policy {
        id: "p".to_owned(),
        reason: "agreed".to_owned(),
        zones: Vec::new(),
        rule: PolicyRule::Pin([(ai_search, ai_search.word(value).unwrap())].into()),
        exceptions: until.iter().copied().map(exception).collect(),
        place: Place::START,
    };
    let tomorrow = DAY.tomorrow().unwrap();
    let applied = (Outcome::Applied, None);
    for (policy, then) in [
        (policy("disabled", &[DAY]), (Outcome::NotAttempted, Some(Refused::ExceptionEnded))),
        (policy("disabled", &[DAY, tomorrow]), applied),
        // It is not needed.
        (policy("block", &[DAY]), applied),
    ] {
        let policies = [policy];
        let rules = Rules { policies: &policies, ..Rules::new(NOW) };
        assert_eq!(late(&plan, &rules, 29).await, applied);
        assert_eq!(late(&plan, &rules, 30).await, then);
    }
    // The first that ends counts.
    let mut first = policy("disabled", &[DAY, tomorrow]);
    (first.exceptions[0].zone, first.exceptions[1].zone) = ("z01*".to_owned(), "z00*".to_owned());
    let (both, policies) = (super::tests::plan(2), [first]);
    let guarded = Guarded::check(&both, &Rules { policies: &policies, ..Rules::new(NOW) }).unwrap();
    tokio::time::advance(Duration::from_secs(60 * 30)).await;
    let store = Store::new([]);
    let apply = Apply { stop: store.stop.clone(), ..Apply::new(&store) };
    let applied = apply.run(&guarded, &|_, _| {}).await;
    assert_eq!(applied.refused, Some(Refused::ExceptionEnded));
    // A clock that is behind the day of the plan brings no exception back.
    let policies = [policy("disabled", &[DAY.yesterday().unwrap()])];
    let rules = Rules { policies: &policies, ..Rules::new(NOW - Duration::from_secs(7 * 86_400)) };
    assert_eq!(Guarded::check(&plan, &rules).unwrap_err()[0].guard, Guard::Policy);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_failures_that_a_plan_was_checked_with_counts() {
    let refused =
        || Fails(ApiError::transport(Exchange::new(Method::Get, "/zones/1"), Failure::Connect, "no"));
    let (plan, mut rules) = (plan(3), Rules::new(NOW));
    rules.limits.max_failures = Some(Threshold::Percent(34));
    for (own, failed) in [(None, 2), (Some(Threshold::Count(0)), 1)] {
        let store = Store::new([refused(), refused(), refused()]);
        let guarded = Guarded::check(&plan, &rules).unwrap();
        let apply = Apply { concurrency: 1, max_failures: own, ..Apply::new(&store) };
        let ends = apply.run(&guarded, &|_, _| {}).await.outcomes;
        assert_eq!(ends.iter().filter(|end| end.outcome == Outcome::Failed).count(), failed);
    }
}
