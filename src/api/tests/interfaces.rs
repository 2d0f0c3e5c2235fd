//! Feedback reports and email-security submissions.

use super::script::{Server, Step, json, success};
use super::{ID, client, zone};
use crate::api::{
    ApiError, Payload, ReadFeedback as _, ReadSubmissions as _, Reason, SubmissionQuery, WriteFeedback,
};
use crate::model::{AccountId, NewReport, ReportKind, Submission};
use futures_util::TryStreamExt as _;

fn account() -> AccountId {
    AccountId::try_from(ID.to_owned()).unwrap()
}

fn report() -> NewReport {
    let seen = "2026-01-31T08:00:00Z".parse().unwrap()..="2026-01-31T09:00:00Z".parse().unwrap();
    NewReport::build(ReportKind::FalsePositive, "a", "b", seen, [(1, 7)], [("ml", 7)]).unwrap()
}

fn query(per_page: u32) -> SubmissionQuery {
    SubmissionQuery::until("2026-11-01T00:00:00Z".parse().unwrap()).per_page(per_page)
}

fn page(ids: &[u32]) -> Step {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"submission_id":"s-{id}"}}"#)).collect();
    let body =
        format!(r#"{{"success":true,"result":[{}],"result_info":{{"total_count":2000}}}}"#, rows.join(","));
    json(200, &body)
}

async fn all(server: &Server, per_page: u32) -> Result<Vec<Submission>, ApiError> {
    client(server).submissions(&account(), &query(per_page)).try_collect().await
}

#[tokio::test]
async fn reports_come_bare_in_an_envelope_or_as_null() {
    let bare = r#"[{"type":"false_positive"}]"#;
    for (step, count) in [
        (json(200, bare), 1),
        (success(bare), 1),
        (success("null"), 0),
        (json(200, "[]"), 0),
        (json(200, "null"), 0),
    ] {
        let reports = client(&Server::playing(vec![step])).list_feedback(&zone()).await.unwrap();
        assert_eq!(reports.len(), count);
    }
}

#[tokio::test]
async fn a_result_that_is_not_a_list_of_reports_is_an_error() {
    for step in [json(200, "{}"), json(200, ""), json(200, "[1]"), success("{}"), json(200, "<html>")] {
        let error = client(&Server::playing(vec![step])).list_feedback(&zone()).await.unwrap_err();
        assert!(matches!(error.reason(), Some(Reason::Payload(_))), "{error:?}");
    }
}

#[tokio::test]
async fn a_report_is_submitted_with_or_without_a_body_in_the_reply() {
    for step in [json(201, ""), json(201, "{}"), success("null"), json(201, r#"{"type":"false_positive"}"#)] {
        let server = Server::playing(vec![step]);
        client(&server).submit_feedback(&zone(), &report()).await.unwrap();
        assert_eq!(server.lines(), [format!("POST /client/v4/zones/{ID}/bot_management/feedback")]);
    }
}

#[tokio::test]
async fn a_report_whose_reply_is_lost_is_ambiguous_and_sent_once() {
    for step in [Step::Close, json(500, ""), json(201, "{\"succ"), json(200, r#"{"success":false}"#)] {
        let server = Server::playing(vec![step]);
        let error = client(&server).submit_feedback(&zone(), &report()).await.unwrap_err();
        assert!(error.is_ambiguous(), "{error:?}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn submissions_stop_on_a_short_page_and_drop_repeats() {
    let server = Server::playing(vec![page(&[1, 2, 3]), page(&[3, 1, 4]), page(&[1, 2, 3]), page(&[5])]);
    let rows = all(&server, 3).await.unwrap();
    let ids: Vec<_> = rows.iter().filter_map(Submission::submission_id).collect();
    assert_eq!(ids, ["s-1", "s-2", "s-3", "s-4", "s-5"]);
    assert_eq!(
        server.lines()[3],
        format!(
            "GET /client/v4/accounts/{ID}/email-security/submissions?end=2026-11-01T00%3A00%3A00Z&per_page=3&page=4"
        )
    );
}

#[tokio::test]
async fn submissions_stop_on_an_empty_page() {
    for last in [page(&[]), success("null")] {
        let server = Server::playing(vec![page(&[1, 2]), last]);
        assert_eq!(all(&server, 2).await.unwrap().len(), 2);
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_repeats_one_page_forever_is_an_error() {
    let server = Server::playing(vec![page(&[1, 2])]);
    let error = all(&server, 2).await.unwrap_err();
    assert!((error.reason() == Some(Reason::Payload(Payload::Repeats))));
    assert_eq!(server.asked().len(), 11);
}

#[tokio::test]
async fn rows_without_an_id_end_too() {
    let server = Server::playing(vec![success(r#"[{"subject":"a"},{"subject":"b"}]"#)]);
    let error = all(&server, 2).await.unwrap_err();
    assert!(error.reason() == Some(Reason::Payload(Payload::Repeats)), "{error:?}");
    assert_eq!(server.asked().len(), 11);
}

#[tokio::test]
async fn every_filter_is_sent() {
    let server = Server::playing(vec![page(&[])]);
    let filters = [
        ("type", "team"),
        ("submission_id", "s-1"),
        ("query", "a b&c"),
        ("status", "unreviewed"),
        ("original_disposition", "SPAM"),
        ("requested_disposition", "BULK"),
        ("outcome_disposition", "NONE"),
        ("escalated_from_user", "false"),
        ("order", "requested_at"),
        ("direction", "desc"),
    ];
    let all = query(5000).since("2026-10-01T00:00:00Z".parse().unwrap());
    let query = filters.into_iter().try_fold(all, |query, (name, value)| query.filter(name, value)).unwrap();
    let mut pages = client(&server).submission_pages(&account(), &query);
    assert_eq!(pages.next_page().await.unwrap(), None);
    insta::assert_snapshot!(server.lines()[0].split_once('?').unwrap().1.replace('&', "\n"), @r"
    end=2026-11-01T00%3A00%3A00Z
    per_page=1000
    start=2026-10-01T00%3A00%3A00Z
    type=TEAM
    submission_id=s-1
    query=a+b%26c
    status=unreviewed
    original_disposition=SPAM
    requested_disposition=BULK
    outcome_disposition=NONE
    escalated_from_user=false
    order=requested_at
    direction=desc
    page=1
    ");
}

#[tokio::test]
async fn a_pointer_to_a_client_submits_as_the_client_does() {
    async fn submit(api: impl WriteFeedback + Sync) {
        api.submit_feedback(&zone(), &report()).await.unwrap();
    }
    let server = Server::playing(vec![success("null")]);
    let client = client(&server);
    submit(&client).await;
    submit(Box::new(client)).await;
    assert_eq!(server.asked().len(), 2);
}
