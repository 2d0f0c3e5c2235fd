//! Which reports of files are about one zone.

use super::*;
use crate::api::ZoneEntry;
use crate::model::{AccountId, Live, NewReport, Place, ReportKind};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// A store with one zone of a name in each account, which notes the zones whose lanes it is asked for.
#[derive(Default)]
struct Store(Mutex<Vec<ZoneId>>);

/// The zone of an account.
fn id(account: &AccountId) -> ZoneId {
    account.to_string().replace('a', "1").replace('b', "2").try_into().unwrap()
}

fn account(letter: &str) -> AccountId {
    letter.repeat(32).try_into().unwrap()
}

impl ReadZones for Store {
    fn address(&self) -> Option<&str> {
        None
    }

    async fn resolve(&self, wanted: &[Lookup]) -> Vec<Result<ZoneEntry, ApiError>> {
        let found = |lookup: &Lookup| {
            let id = lookup.zone_id.clone().or_else(|| lookup.account_id.as_ref().map(id)).unwrap();
            Ok(ZoneEntry::new(id, lookup.name.to_string()))
        };
        wanted.iter().map(found).collect()
    }

    async fn get<'a>(&self, _: impl Into<ZoneRef<'a>> + Send) -> Result<Live, ApiError> {
        Ok(Live::read(serde_json::Map::new()))
    }

    fn lane(&self, zone: &ZoneId) -> usize {
        self.0.lock().unwrap().push(zone.clone());
        0
    }
}

impl ReadFeedback for Store {
    async fn list_feedback<'a>(
        &self,
        _: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        Ok(Vec::new())
    }
}

fn report(name: &str, account_id: Option<AccountId>, zone_id: Option<ZoneId>) -> ReportFile {
    let seen = "2026-01-31T08:00:00Z".parse().unwrap()..="2026-01-31T09:00:00Z".parse().unwrap();
    let report = NewReport::build(ReportKind::FalsePositive, "a", "b", seen, [(1, 7)], [("ml", 7)]).unwrap();
    let zone = name.parse().unwrap();
    ReportFile { file: "feedback/a.json".to_owned(), zone, zone_id, account_id, place: Place::START, report }
}

#[tokio::test]
async fn reports_meet_where_files_name_one_zone_in_two_ways_and_not_where_two_zones_have_one_name() {
    let (a, b) = (account("a"), account("b"));
    let reports = vec![
        report("one.example", Some(a.clone()), None),
        report("one.example", None, Some(id(&a))),
        report("two.example", Some(a.clone()), None),
        report("two.example", Some(b.clone()), None),
    ];
    let store = Store::default();
    let zones = Feedback::new(&store).plan(reports, &|| ()).await;
    let found: Vec<_> = zones
        .iter()
        .map(|zone| (zone.zone().to_string(), zone.zone_id().cloned(), zone.reports().len()))
        .collect();
    let of = |name: &str, account, count| (name.to_owned(), Some(id(account)), count);
    assert_eq!(found, [of("one.example", &a, 2), of("two.example", &a, 1), of("two.example", &b, 1)]);
    let lanes: BTreeSet<_> = store.0.into_inner().unwrap().into_iter().collect();
    assert_eq!(lanes, [id(&a), id(&b)].into(), "each zone is worked on in its lane");
}
