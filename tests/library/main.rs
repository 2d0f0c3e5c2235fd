//! The library as an embedding program uses it: only public items, with the emulator in the same process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod approved;
mod refusing;

use botform::api::{
    ApiError, Body, Budget, Client, Clients, Credentials, Exchange, Lookup, Method, Options,
    ReadSubmissions as _, ReadZones, Refusal, ResolveError, SubmissionQuery, WriteFeedback, WriteZones,
    ZoneEntry, ZoneRef,
};
use botform::catalogue::{Variant, find};
use botform::diff::{Effect, FeedbackStatus, ZoneFeedback};
use botform::emulator::{Emulator, World, ZoneSeed};
use botform::model::{
    AccountId, Desired, Live, NewReport, Outcome, Rate, ReportFile, ReportKind, ReportOutcome, ZoneId,
    ZoneName,
};
use botform::plan::{Plan, PlanDocument, Provenance};
use botform::run::{
    Applied, Apply, Feedback, Guarded, Planning, Rules, Stop, ZoneFiles, plan_zones, read_zones,
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
async fn only_tightening_changes_are_applied() {
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
    assert_eq!(clients.map(|client| client.budget().remaining()), [Some(left), Some(left)]);
}

/// A custom store that answers a PUT to some zones with an error.
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
async fn a_custom_store_throttles_and_refuses() {
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
async fn a_plan_survives_json_and_is_filtered() {
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

/// Two accounts whose tokens see one of them each, behind one emulator.
async fn two_accounts() -> (Emulator, [AccountId; 2]) {
    let accounts = ["a", "b"].map(|letter| AccountId::try_from(letter.repeat(32)).unwrap());
    let [one, two] = &accounts;
    let token = |token: &str, account: &AccountId| json!({"token": token, "accounts": [account.as_str()]});
    let zone =
        |name: &str, account: &AccountId| json!({"name": name, "plan": "pro", "account": account.as_str()});
    let world = json!({
        "tokens": [token("cfut_0000000001", one), token("cfut_0000000002", two)],
        "zones": [zone("shop.example", one), zone("hotel.example", two), zone("both.example", one), zone("both.example", two)],
    });
    (emulator(World::read(&world).unwrap()).await, accounts)
}

#[tokio::test]
async fn several_clients_are_one_store_with_a_credential_for_each_account() {
    let (emulator, [one, two]) = two_accounts().await;
    let client = |token: &str| {
        let mut options = Options::new(Credentials::token(token.to_owned()).unwrap());
        options.base_url = emulator.base_url();
        Client::new(options).unwrap()
    };
    let clients =
        Clients::of(one.clone(), client("cfut_0000000001")).with(two.clone(), client("cfut_0000000002"));
    assert_eq!((clients.all().len(), clients.of_account(&two).is_ok()), (2, true));
    let plan = plan(&clients, vec![want("shop.example", "block"), want("hotel.example", "block")]).await;
    let rules = Rules::new(plan.provenance().created_at);
    let applied = Apply::new(&clients).run(&Guarded::check(&plan, &rules).unwrap(), &|_, _| {}).await;
    let ends: Vec<_> = applied.outcomes.iter().map(|end| end.outcome).collect();
    assert_eq!(ends, [Outcome::Applied, Outcome::Applied]);
    let lookup = |name: &str, account: Option<&AccountId>| {
        let mut lookup = Lookup::new(name.parse().unwrap());
        lookup.account_id = account.cloned();
        lookup
    };
    let other = AccountId::try_from("c".repeat(32)).unwrap();
    let asked = [
        lookup("both.example", None),
        lookup("both.example", Some(&two)),
        lookup("shop.example", Some(&other)),
    ];
    let found = clients.resolve(&asked).await;
    assert!(
        matches!(&found[0], Err(ApiError::Resolve(ResolveError::Ambiguous { zones, .. })) if zones.len() == 2)
    );
    assert_eq!(found[1].as_ref().unwrap().account_id, Some(two));
    assert!(
        matches!(&found[2], Err(ApiError::Resolve(ResolveError::Unlisted { account })) if *account == other)
    );
    // The emulator's tokens belong to one user here: what is left is known to both.
    assert!(clients.all().iter().all(|client| client.budget().remaining().unwrap() < 1200));
}
