//! The library as a program uses that embeds it: only what is public, with the emulator in the same process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use botform::api::{
    ApiError, Body, Budget, Client, Credentials, Exchange, Lookup, Method, Options, ReadSubmissions as _,
    ReadZones, Refusal, ResolveError, SubmissionQuery, WriteFeedback, WriteZones, ZoneEntry, ZoneRef,
};
use botform::catalogue::{Variant, find};
use botform::diff::{Effect, FeedbackStatus, ZoneFeedback};
use botform::emulator::{Emulator, World, ZoneSeed};
use botform::model::{
    AccountId, Desired, Diagnostic, Live, NewReport, Outcome, Rate, ReportFile, ReportKind, ReportOutcome,
    ZoneId, ZoneName,
};
use botform::plan::{FilesNow, Guard, Plan, PlanDocument, Provenance, Source};
use botform::run::{
    Applied, Apply, Feedback, Guarded, Journal, Planning, Refused, Rules, Snapshot, Stop, Undo, ZoneFiles,
    plan_zones, read_zones,
};
use futures_util::TryStreamExt as _;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::Cursor;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NOW: &str = "2026-11-23T00:00:00Z";
const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

async fn emulator(world: World) -> Emulator {
    Emulator::start(world, ([127, 0, 0, 1], 0).into()).await.unwrap()
}

fn client(emulator: &Emulator, budget: &Budget) -> Client {
    let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned()).unwrap());
    (options.base_url, options.budget) = (emulator.base_url(), budget.clone());
    Client::new(options).unwrap()
}

fn seed(name: &str, ai_search: &'static str) -> ZoneSeed {
    let setting = find("ai_search").unwrap();
    ZoneSeed::new(name, Variant::SbfmPro).with([(setting, setting.word(ai_search).unwrap())])
}

/// A desired state of one setting.
fn want(name: &str, ai_search: &str) -> Desired {
    let mut desired = Desired::new(name.parse().unwrap(), Variant::SbfmPro);
    desired.set("ai_search", ai_search).unwrap();
    desired
}

async fn plan(api: &(impl ReadZones + Sync), wants: Vec<Desired>) -> Plan {
    let zones = plan_zones(api, wants, &Planning::new(DAY), &|_| {}).await;
    let address = api.address().unwrap_or_default().to_owned();
    Plan::build(Provenance::new("2026-11-23T00:00:00Z".parse().unwrap(), address), zones)
}

/// No limits and no policies, on the day of the plans.
fn rules(files: ZoneFiles<'_>) -> Rules<'_> {
    let mut rules = Rules::new(NOW.parse().unwrap());
    rules.files = files;
    rules
}

async fn apply(api: &(impl WriteZones + Sync), plan: &Plan) -> Applied {
    let guarded = Guarded::check(plan, &rules(ZoneFiles::None)).unwrap();
    let mut apply = Apply::new(api);
    apply.pause = Duration::ZERO;
    apply.run(&guarded, &|_, _| {}).await
}

fn outcomes(applied: &Applied) -> Vec<Outcome> {
    applied.outcomes.iter().map(|end| end.outcome).collect()
}

fn ai_search(emulator: &Emulator, name: &str) -> Json {
    emulator.world().object(name).unwrap()["ai_search"].clone()
}

#[tokio::test]
async fn only_what_tightens_is_applied() {
    let world = World::matching([seed("a.example.com", "disabled"), seed("b.example.com", "block")]);
    let emulator = emulator(world).await;
    let client = client(&emulator, &Budget::unlimited());
    let all = plan(&client, vec![want("a.example.com", "block"), want("b.example.com", "disabled")]).await;
    let reviewed = all.digest();

    let tightening = all.only(|zone| zone.changes().all(|row| row.effect == Some(Effect::Tightens)));
    assert_ne!(tightening.digest(), reviewed);
    assert_eq!(outcomes(&apply(&client, &tightening).await), [Outcome::Applied]);
    assert_eq!((ai_search(&emulator, "a.example.com"), ai_search(&emulator, "b.example.com")), both("block"));
}

fn both(value: &str) -> (Json, Json) {
    (value.into(), value.into())
}

/// One round of a service over the zones of an account.
async fn round(client: Client, wants: Vec<Desired>) -> Applied {
    apply(&client, &plan(&client, wants).await).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hourly_service_over_two_accounts_shares_one_budget() {
    let accounts = ["1", "2"].map(|digit| AccountId::try_from(digit.repeat(32)).unwrap());
    let name = |account: usize, zone: usize| format!("{zone}.account-{account}.example.com");
    let mut seeds = Vec::new();
    for (index, account) in accounts.iter().enumerate() {
        for zone in 0..4 {
            let mut seed = seed(&name(index, zone), "disabled");
            seed.account = Some(account.to_string());
            seeds.push(seed);
        }
    }
    let emulator = emulator(World::matching(seeds)).await;
    let budget = Budget::new(Rate::new(1000, 300).unwrap());
    let clients = [client(&emulator, &budget), client(&emulator, &budget)];

    let mut hours = tokio::time::interval(Duration::from_millis(1));
    for expected in [Outcome::Applied, Outcome::InSync] {
        hours.tick().await;
        let rounds = clients.iter().zip(&accounts).enumerate().map(|(index, (client, account))| {
            let mut wants: Vec<_> = (0..4).map(|zone| want(&name(index, zone), "block")).collect();
            wants.iter_mut().for_each(|want| want.account_id = Some(account.clone()));
            tokio::spawn(round(client.clone(), wants))
        });
        for round in rounds.collect::<Vec<_>>() {
            assert_eq!(outcomes(&round.await.unwrap()), [expected; 4]);
        }
    }
    let left = 1000 - emulator.requests().len();
    assert_eq!(clients.map(|client| client.remaining_estimate()), [Some(left), Some(left)]);
}

/// A store of one's own, which answers a PUT to some zones with an error.
#[derive(Default)]
struct Store {
    zones: Mutex<BTreeMap<ZoneId, Body>>,
    errors: BTreeMap<ZoneId, ApiError>,
}

impl Store {
    fn id(name: &str) -> ZoneId {
        let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        digits[..32].try_into().unwrap()
    }

    fn add(&mut self, name: &str, error: Option<ApiError>) {
        let live = json!({"enable_js": true, "ai_search": "disabled", "sbfm_verified_bots": "allow"});
        self.zones.get_mut().unwrap().insert(Self::id(name), live.as_object().unwrap().clone());
        self.errors.extend(error.map(|error| (Self::id(name), error)));
    }
}

impl ReadZones for Store {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        let zones = self.zones.lock().unwrap();
        let find = |wanted: &Lookup| {
            let id = Self::id(wanted.name.as_str());
            if zones.contains_key(&id) {
                return Ok(ZoneEntry::new(id, wanted.name.as_str()));
            }
            Err(ResolveError::NotFound { name: wanted.name.clone(), similar: None }.into())
        };
        wanted.iter().map(find).collect()
    }

    async fn get<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        Ok(Live::read(self.zones.lock().unwrap()[zone.into().id].clone()))
    }
}

impl WriteZones for Store {
    async fn put<'a>(&self, zone: impl Into<ZoneRef<'a>> + Send, body: &Body) -> Result<(), ApiError> {
        let id = zone.into().id;
        if let Some(error) = self.errors.get(id) {
            return Err(error.clone());
        }
        self.zones.lock().unwrap().get_mut(id).unwrap().extend(body.clone());
        Ok(())
    }
}

#[tokio::test]
async fn a_store_of_ones_own_throttles_and_refuses() {
    let put = || Exchange::new(Method::Put, "/settings");
    let mut store = Store::default();
    store.add("applied.example.com", None);
    store.add("refused.example.com", Some(ApiError::refused(put(), Refusal::NotEntitled, "not yours")));
    store.add("throttled.example.com", Some(ApiError::throttled(put(), None)));
    let names =
        ["applied.example.com", "missing.example.com", "refused.example.com", "throttled.example.com"];
    let wants = names.map(|name| want(name, "block")).to_vec();

    let applied = apply(&store, &plan(&store, wants).await).await;
    let expected = [Outcome::Applied, Outcome::Failed, Outcome::Refused, Outcome::Throttled];
    assert_eq!(outcomes(&applied), expected);
    let logged = serde_json::to_value(&applied).unwrap();
    assert_eq!(logged["outcomes"][2]["diagnostics"][0]["kind"], "not_entitled");
    assert_eq!(logged["outcomes"][3]["outcome"], "throttled");
}

#[tokio::test]
async fn a_report_built_in_code_is_sent_once() {
    let emulator = emulator(World::matching([seed("shop.example.com", "block")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let report = NewReport::build(
        ReportKind::FalsePositive,
        "Checkout traffic was blocked",
        "(http.host eq \"shop.example.com\" and cf.bot_management.score lt 5)",
        at("2026-11-20T08:00:00Z")..=at("2026-11-20T09:00:00Z"),
        [(1, 200), (2, 300)],
        [("machine_learning", 500)],
    );
    let reports = vec![ReportFile::new("shop.example.com".parse().unwrap(), report.unwrap())];
    let feedback = Feedback::new(&client);
    let told = AtomicUsize::new(0);
    let done = || {
        told.fetch_add(1, Ordering::Relaxed);
    };

    for (status, outcome) in [
        (FeedbackStatus::New, ReportOutcome::Submitted),
        (FeedbackStatus::InSync, ReportOutcome::AlreadyThere),
    ] {
        let zones = feedback.plan(reports.clone(), &done).await;
        assert_eq!(zones[0].status(), status);
        assert_eq!(feedback.submit(&zones, &done).await[0][0].outcome, outcome);
    }
    assert_eq!(told.into_inner(), 4);
    assert_eq!(emulator.requests().iter().filter(|request| request.method == "POST").count(), 1);
}

#[tokio::test]
async fn submissions_are_a_stream() {
    let account = "01a7362d577a6c3019a474fd6f485823";
    let world = json!({"submissions": {"account": account, "generate": {"count": 2500}}});
    let emulator = emulator(World::read(&world).unwrap()).await;
    let client = client(&emulator, &Budget::unlimited());

    let query = SubmissionQuery::until(jiff::Timestamp::now()).filter("status", "unreviewed").unwrap();
    let mut rows = pin!(client.submissions(&account.parse().unwrap(), &query));
    assert!(emulator.requests().is_empty());
    let first = rows.try_next().await.unwrap().unwrap();
    assert!(first.is_unreviewed());
    let more = rows.try_fold(0, async |count, row| Ok(count + usize::from(row.is_unreviewed())));
    assert!((500..1000).contains(&more.await.unwrap()));
}

#[tokio::test]
async fn a_plan_goes_through_json_and_is_filtered() {
    let names = ["a.example.com", "b.example.com"];
    let emulator = emulator(World::matching(names.map(|name| seed(name, "disabled")))).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, names.map(|name| want(name, "block")).to_vec()).await;

    let document = serde_json::to_vec(&PlanDocument::new(&made)).unwrap();
    let read = botform::plan::read(Cursor::new(&document)).unwrap();
    assert_eq!((read.zones(), read.digest()), (made.zones(), made.digest()));

    let filtered = read.only(|zone| zone.zone.as_str() == "b.example.com");
    assert_ne!(filtered.digest(), made.digest());
    let document = serde_json::to_vec(&PlanDocument::new(&filtered)).unwrap();
    let read = botform::plan::read(Cursor::new(&document)).unwrap();
    assert_eq!(read.digest(), filtered.digest());

    let guarded = Guarded::check(&read, &rules(ZoneFiles::None)).unwrap();
    let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
    assert_eq!((outcomes(&applied), applied.refused), (vec![Outcome::Applied], None));
    assert_eq!(
        (ai_search(&emulator, "a.example.com"), ai_search(&emulator, "b.example.com")),
        ("disabled".into(), "block".into())
    );
}

/// A plan of one zone, which would block AI search, saved and read again.
async fn saved(client: &Client, name: &str) -> Plan {
    read_again(&plan(client, vec![want(name, "block")]).await)
}

fn read_again(plan: &Plan) -> Plan {
    let document = serde_json::to_vec(&PlanDocument::new(plan)).unwrap();
    botform::plan::read(Cursor::new(&document)).unwrap()
}

#[tokio::test]
async fn nothing_of_a_plan_that_counts_as_saved_is_written_if_one_zone_moved() {
    let names = ["a.example.com", "b.example.com"];
    let emulator = emulator(World::matching(names.map(|name| seed(name, "disabled")))).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, names.map(|name| want(name, "block")).to_vec()).await;
    assert!(emulator.edit(|world| world.set(names[0], "ai_user", Some("block".into()))));
    let guarded = Guarded::check(&made, &rules(ZoneFiles::Planned)).unwrap().saved();
    let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
    assert_eq!(applied.refused, Some(Refused::Stale));
    assert_eq!(names.map(|name| ai_search(&emulator, name)), ["disabled", "disabled"]);
}

#[tokio::test]
async fn a_saved_plan_is_not_written_to_a_zone_that_its_file_protects_now() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let saved = saved(&client, name).await;

    let unseen = Guarded::check(&saved, &rules(ZoneFiles::Planned)).unwrap_err();
    assert_eq!(unseen[0].guard, Guard::Protection);

    // The plan itself says that there are files.
    let text = b"zone: a.example.com\nplan: sbfm_pro\nsettings: {ai_search: block}\n";
    let (of_file, _) = botform::config::check_text("zones/a.yaml", text);
    let of_file = read_again(&plan(&client, vec![of_file.unwrap()]).await);
    let unseen = Guarded::check(&of_file, &rules(ZoneFiles::None)).unwrap_err();
    assert_eq!(unseen[0].guard, Guard::Protection);

    let mut protecting = want(name, "block");
    protecting.protect = true;
    let broken = vec![Diagnostic::of_file("zones/a.yaml", "broken")];
    for now in [
        FilesNow::new(vec![protecting.clone()], Vec::new(), Vec::new(), DAY),
        FilesNow::new(Vec::new(), vec![protecting], Vec::new(), DAY),
        FilesNow::new(Vec::new(), Vec::new(), broken, DAY),
        FilesNow::new(Vec::new(), Vec::new(), Vec::new(), DAY),
    ] {
        let guarded = Guarded::check(&saved, &rules(ZoneFiles::Now(&now))).unwrap();
        let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
        assert_eq!((outcomes(&applied), applied.refused), (vec![Outcome::Blocked], None), "{now:?}");
        assert_eq!(ai_search(&emulator, name), "disabled");
    }

    let free = FilesNow::new(vec![want(name, "block")], Vec::new(), Vec::new(), DAY);
    let guarded = Guarded::check(&saved, &rules(ZoneFiles::Now(&free))).unwrap();
    assert_eq!(outcomes(&Apply::new(&client).run(&guarded, &|_, _| {}).await), [Outcome::Applied]);
}

#[tokio::test]
async fn a_plan_for_another_api_is_not_written() {
    let name = "a.example.com";
    let [here, there] = [seed(name, "disabled"), seed(name, "disabled")].map(|seed| World::matching([seed]));
    let (here, there) = (emulator(here).await, emulator(there).await);
    let [here_client, there_client] = [&here, &there].map(|emulator| client(emulator, &Budget::unlimited()));
    let made = plan(&here_client, vec![want(name, "block")]).await;
    for plan in [made, saved(&here_client, name).await] {
        let applied = apply(&there_client, &plan).await;
        assert_eq!(
            (outcomes(&applied), applied.refused),
            (vec![Outcome::NotAttempted], Some(Refused::Address))
        );
        assert_eq!(ai_search(&there, name), "disabled");
    }
}

#[tokio::test]
async fn the_limits_that_a_plan_was_saved_with_count_unless_others_are_given_now() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "block")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, vec![want(name, "disabled")]).await;
    let mut provenance = made.provenance().clone();
    provenance.overrides.max_loosening = Some(0);
    let saved = read_again(&Plan::build(provenance, made.zones().to_vec()));

    let refused = |project: Option<u32>, now: Option<u32>| {
        let mut rules = rules(ZoneFiles::None);
        (rules.limits.max_loosening, rules.overrides.max_loosening) = (project, now);
        Guarded::check(&saved, &rules).err().map(|refusals| refusals[0].guard)
    };
    assert_eq!(refused(None, None), Some(Guard::MaxLoosening));
    assert_eq!(refused(Some(1), None), Some(Guard::MaxLoosening));
    assert_eq!(refused(Some(0), Some(1)), None);
    let refusals = Guarded::check(&saved, &rules(ZoneFiles::None)).unwrap_err();
    let told: Box<dyn std::error::Error> = refusals.into();
    assert_eq!(
        told.to_string(),
        "the plan is refused; guard max-loosening: 1 changes would loosen protection, and at most 0 may: a.example.com"
    );
}

#[tokio::test]
async fn an_undo_is_refused_at_another_api_and_where_somebody_changed_the_zone() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let made = plan(&client, vec![want(name, "block")]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let journal = Journal::open(&path, client.base_url(), || NOW.to_owned()).unwrap();
    let guarded = Guarded::check(&made, &rules(ZoneFiles::None)).unwrap();
    let mut apply = Apply::new(&client);
    apply.journal = Some(&journal);
    assert_eq!(outcomes(&apply.run(&guarded, &|_, _| {}).await), [Outcome::Applied]);

    let undo = Undo::read(&path).unwrap();
    let mut back = plan(&client, undo.zones.clone()).await;
    undo.block(&mut back);
    assert_eq!(back.changing().count(), 1);
    let elsewhere = Provenance::new(NOW.parse().unwrap(), "https://api.example".to_owned());
    let mut elsewhere = Plan::build(elsewhere, back.zones().to_vec());
    undo.block(&mut elsewhere);
    assert_eq!(elsewhere.changing().count(), 0);

    emulator.edit(|world| world.set(name, "ai_search", Some("only_on_ad_pages".into())));
    let mut moved = plan(&client, undo.zones.clone()).await;
    undo.block(&mut moved);
    assert_eq!(moved.changing().count(), 0);
}

#[tokio::test]
async fn a_zone_that_stands_in_a_plan_twice_is_not_written() {
    let name = "a.example.com";
    let emulator = emulator(World::matching([seed(name, "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    // What somebody gets who takes the zones of two files and leaves out what is wrong with them.
    for other in ["only_on_ad_pages", "disabled"] {
        let twice = plan(&client, vec![want(name, "block"), want(name, other)]).await;
        let refused = Guarded::check(&twice, &rules(ZoneFiles::None)).unwrap_err();
        assert_eq!(refused[0].guard, Guard::Twice);
    }
    let in_sync = plan(&client, vec![want(name, "disabled"), want(name, "disabled")]).await;
    assert!(Guarded::check(&in_sync, &rules(ZoneFiles::None)).is_ok());
}

#[tokio::test]
async fn a_snapshot_stands_in_for_the_api_and_its_plan_is_never_written() {
    let emulator = emulator(World::matching([seed("a.example.com", "disabled")])).await;
    let client = client(&emulator, &Budget::unlimited());
    let zones = client.all_zones(None).await.unwrap();
    let seen = read_zones(&client, zones, 1, &Stop::default(), &|| ()).await;
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    let snapshot = Snapshot::new(at, client.base_url().to_owned(), seen);

    let live = plan(&client, vec![want("a.example.com", "block")]).await;
    let from_snapshot = plan(&snapshot, vec![want("a.example.com", "block")]).await;
    assert_eq!((from_snapshot.zones(), from_snapshot.digest()), (live.zones(), live.digest()));

    // The plan knows where its zones come from, though nobody said so; and once it was saved as well.
    assert_eq!(from_snapshot.provenance().source, Source::snapshot(at));
    for plan in [read_again(&from_snapshot), from_snapshot] {
        let applied = apply(&client, &plan).await;
        let refused = (vec![Outcome::NotAttempted], Some(Refused::Snapshot));
        assert_eq!((outcomes(&applied), applied.refused), refused);
        assert_eq!(ai_search(&emulator, "a.example.com"), "disabled");
    }
}

/// Compiles only for a future that any thread may run.
fn can_be_spawned(_: impl Future<Output: Send> + Send + 'static) {}

/// All public futures of `run`, over any store; it is compiled and never called.
fn futures<A>(api: &Arc<A>, name: &ZoneName, plan: &Arc<Plan>, zones: &Arc<Vec<ZoneFeedback>>)
where
    A: WriteZones + WriteFeedback + Send + Sync + 'static,
{
    let (store, wants) = (Arc::clone(api), vec![Desired::new(name.clone(), Variant::SbfmPro)]);
    can_be_spawned(async move { plan_zones(&store, wants, &Planning::new(DAY), &|_| {}).await });
    let (store, plan) = (Arc::clone(api), Arc::clone(plan));
    can_be_spawned(async move {
        let guarded = Guarded::check(&plan, &rules(ZoneFiles::None)).ok()?.partial();
        Some(Apply::new(&store).run(&guarded, &|_, _| {}).await)
    });
    let store = Arc::clone(api);
    can_be_spawned(async move { read_zones(&store, Vec::new(), 1, &Stop::default(), &|| ()).await });
    let store = Arc::clone(api);
    can_be_spawned(async move { Feedback::new(&store).list(Vec::new(), &|| ()).await });
    let store = Arc::clone(api);
    can_be_spawned(async move { Feedback::new(&store).plan(Vec::new(), &|| ()).await });
    let (store, zones) = (Arc::clone(api), Arc::clone(zones));
    can_be_spawned(async move { Feedback::new(&store).submit(&zones, &|| ()).await });
    can_be_spawned(async { Stop::default().requested().await });
}

/// The futures of a client that no trait has.
fn client_futures(client: &Client, account: &AccountId, query: SubmissionQuery) {
    let (one, id) = (client.clone(), account.clone());
    can_be_spawned(async move { one.all_zones(Some(&id)).await });
    let (one, id) = (client.clone(), account.clone());
    can_be_spawned(async move { one.submissions(&id, &query).try_collect::<Vec<_>>().await });
    let budget = client.budget().clone();
    can_be_spawned(async move { budget.lease(3).await });
}

#[test]
fn every_future_of_a_run_can_be_spawned() {
    let _ = (futures::<Client>, client_futures);
}
