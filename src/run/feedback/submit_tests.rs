//! What becomes of a report whose POST failed, over a store that answers as it is told.

use super::*;
use crate::api::{Exchange, Failure, Method, ReadFeedback, Refusal};
use crate::diff::by_zone;
use crate::model::{Place, ReportKind, ZoneId, ZoneName};
use crate::run::Stop;
use std::sync::Mutex;
use tokio::time::sleep;

/// A store that answers each POST with an error, and stores the report after a while or never.
struct Store {
    error: fn() -> ApiError,
    stores_after: Option<Duration>,
    posts: Mutex<Vec<(Instant, FeedbackReport)>>,
    looks: Mutex<usize>,
}

impl Store {
    fn new(error: fn() -> ApiError, stores_after: Option<u64>) -> Self {
        let stores_after = stores_after.map(Duration::from_secs);
        Self { error, stores_after, posts: Mutex::default(), looks: Mutex::default() }
    }
}

impl ReadFeedback for Store {
    async fn list_feedback<'a>(
        &self,
        _: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        *self.looks.lock().unwrap() += 1;
        let is_stored = |at: &Instant| self.stores_after.is_some_and(|after| *at + after <= Instant::now());
        let posts = self.posts.lock().unwrap();
        Ok(posts.iter().filter(|(at, _)| is_stored(at)).map(|(_, report)| report.clone()).collect())
    }
}

impl WriteFeedback for Store {
    async fn submit_feedback<'a>(
        &self,
        _: impl Into<ZoneRef<'a>> + Send,
        report: &NewReport,
    ) -> Result<(), ApiError> {
        self.posts.lock().unwrap().push((Instant::now(), FeedbackReport::clone(report)));
        Err((self.error)())
    }
}

fn transport(failure: Failure) -> ApiError {
    ApiError::transport(Exchange::new(Method::Post, "/feedback"), failure, "no")
}

fn refused(status: u16, refusal: Refusal) -> ApiError {
    let exchange = Exchange { status: Some(status), ..Exchange::new(Method::Post, "/feedback") };
    ApiError::refused(exchange, refusal, "no")
}

fn zone() -> ZoneFeedback {
    let name = ZoneName::try_from("shop.example.com".to_owned()).unwrap();
    let (first, last) = ("2026-01-31T08:00:00Z".parse().unwrap(), "2026-01-31T09:00:00Z".parse().unwrap());
    let (kind, by_score, by_source) = (ReportKind::FalsePositive, [(1, 7)], [("ml", 7)]);
    let report = NewReport::build(kind, "a", "b", first..=last, by_score, by_source).unwrap();
    let file = ReportFile {
        file: "feedback/a.json".to_owned(),
        zone: name.clone(),
        zone_id: None,
        account_id: None,
        place: Place::START,
        report,
    };
    let id = ZoneId::try_from("0".repeat(32)).unwrap();
    ZoneFeedback::compare(name, id, by_zone(vec![file]).remove(0).reports, &[])
}

async fn submit(store: &Store, stop: &Stop) -> (ReportOutcome, u64) {
    let start = Instant::now();
    let work = Feedback { stop: stop.clone(), concurrency: 1, ..Feedback::new(store) };
    let results = work.submit(&[zone()], &|| ()).await;
    (results[0][0].outcome, start.elapsed().as_secs())
}

/// All the ways in which the fate of a POST is not known.
const FATES: [fn() -> ApiError; 6] = [
    || refused(502, Refusal::Server),
    || refused(504, Refusal::Server),
    || refused(200, Refusal::Unsuccessful),
    || transport(Failure::Cut),
    || transport(Failure::NoReply),
    || transport(Failure::Timeout),
];

#[tokio::test(start_paused = true)]
async fn a_report_whose_fate_is_not_known_is_looked_for_and_never_sent_again() {
    for error in FATES {
        for (stores_after, outcome, ends) in [
            (Some(0), ReportOutcome::Submitted, 0..=0),
            (Some(3), ReportOutcome::Submitted, 3..=8),
            (Some(29), ReportOutcome::Submitted, 29..=30),
            (Some(60), ReportOutcome::Unknown, 30..=30),
            (None, ReportOutcome::Unknown, 30..=30),
        ] {
            let store = Store::new(error, stores_after);
            let (got, seconds) = submit(&store, &Stop::default()).await;
            assert_eq!((got, store.posts.lock().unwrap().len()), (outcome, 1), "{:?}", error());
            assert!(ends.contains(&seconds) && *store.looks.lock().unwrap() < 12, "{seconds}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_taken_is_sent_again() {
    let store = Store::new(|| refused(429, Refusal::Throttled), None);
    let (outcome, _) = submit(&store, &Stop::default()).await;
    assert_eq!((outcome, store.posts.lock().unwrap().len()), (ReportOutcome::Failed, 3));
    assert_eq!(*store.looks.lock().unwrap(), 1, "nothing was accepted that a second list could show");
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_search_with_one_last_look() {
    let (store, stop) = (Store::new(|| transport(Failure::Cut), Some(2)), Stop::default());
    let interrupt = async {
        sleep(Duration::from_secs(2)).await;
        stop.request();
    };
    let ((outcome, seconds), ()) = tokio::join!(submit(&store, &stop), interrupt);
    assert_eq!((outcome, seconds), (ReportOutcome::Submitted, 2));
}

fn conflict(retry_after: u64) -> ApiError {
    let mut exchange = Exchange::new(Method::Post, "/feedback");
    (exchange.status, exchange.retry_after) = (Some(409), Some(Duration::from_secs(retry_after)));
    ApiError::refused(exchange, Refusal::Conflict, "no")
}

#[tokio::test(start_paused = true)]
async fn retry_after_counts_up_to_a_minute() {
    for (error, posts, ends) in [
        ((|| conflict(20)) as fn() -> ApiError, 3, 40),
        (|| conflict(61), 3, 120),
        (|| conflict(86_400), 3, 120),
    ] {
        let store = Store::new(error, None);
        let (outcome, seconds) = submit(&store, &Stop::default()).await;
        let sent = store.posts.lock().unwrap().len();
        assert_eq!((outcome, sent, seconds), (ReportOutcome::Failed, posts, ends));
    }
}

#[test]
fn each_report_is_looked_for_by_itself() {
    let (first, last) = ("2026-01-31T08:00:00Z".parse().unwrap(), "2026-01-31T09:00:00Z".parse().unwrap());
    let report = |expression| -> FeedbackReport {
        let kind = ReportKind::FalsePositive;
        let made = NewReport::build(kind, "a", expression, first..=last, [(1, 7)], [("ml", 7)]).unwrap();
        FeedbackReport::clone(&made)
    };
    let [one, other] = ["a", "b"].map(report);
    assert_eq!(shown(&[&one, &other], std::slice::from_ref(&other)), [false, true]);
    assert_eq!(shown(&[&one, &other], &[]), [false, false]);
}

/// A store that answers the look of a zone once that of another zone is there too.
struct Meeting(tokio::sync::Barrier);

impl ReadFeedback for Meeting {
    async fn list_feedback<'a>(
        &self,
        _: impl Into<ZoneRef<'a>> + Send,
    ) -> Result<Vec<FeedbackReport>, ApiError> {
        self.0.wait().await;
        Err(refused(400, Refusal::Rejected))
    }
}

impl WriteFeedback for Meeting {
    async fn submit_feedback<'a>(
        &self,
        _: impl Into<ZoneRef<'a>> + Send,
        _: &NewReport,
    ) -> Result<(), ApiError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_zones_as_are_allowed_are_worked_on_at_the_same_time() {
    let store = Meeting(tokio::sync::Barrier::new(2));
    for (concurrency, meet) in [(2, true), (1, false)] {
        let work = Feedback { concurrency, ..Feedback::new(&store) };
        let (zones, done) = ([zone(), zone()], || ());
        let submitted = tokio::time::timeout(Duration::from_secs(600), work.submit(&zones, &done)).await;
        assert_eq!(submitted.is_ok(), meet, "{concurrency}");
    }
}
