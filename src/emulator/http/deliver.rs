//! Turns an answer of the world into an HTTP response, and spoils it on the way if it is to be spoilt.

use super::wire::Scissors;
use crate::emulator::world::{Answer, Body as Content, Delivery};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header::CONTENT_LENGTH};
use axum::response::Response;
use futures_util::stream;
use std::io;
use std::time::Duration;
use tokio::sync::watch;

/// The time between the headers of a cut reply and its end: without it a client sees a reset and no headers.
const BEFORE_THE_CUT: Duration = Duration::from_millis(20);

/// Delivers an answer; a silent one waits until the server stops.
pub(super) async fn deliver(
    answer: Answer,
    scissors: &Scissors,
    mut stopped: watch::Receiver<bool>,
) -> Response {
    let delivery = answer.delivery;
    let (mut response, bytes) = head(answer);
    match delivery {
        Delivery::Whole => *response.body_mut() = Body::from(bytes),
        Delivery::Cut => {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len().max(2)));
            *response.body_mut() = half(&bytes);
        }
        Delivery::Silent => {
            // It fails when the server is gone, which is the same.
            drop(stopped.wait_for(|stopped| *stopped).await);
            scissors.cut();
        }
        Delivery::Reset => scissors.cut(),
    }
    response
}

fn head(answer: Answer) -> (Response, Vec<u8>) {
    let bytes = match answer.body {
        Content::Json(json) => json.to_string().into_bytes(),
        Content::Html(page) => page.into_bytes(),
        Content::Empty => Vec::new(),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    (response, bytes)
}

/// The first half of a body, and then an error that ends the connection.
fn half(bytes: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    Body::from_stream(stream::unfold(Some(half), |half| async {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        tokio::time::sleep(BEFORE_THE_CUT).await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
    }))
}
