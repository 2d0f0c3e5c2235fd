//! Replies: the envelope, the refusals with the codes the API uses, and how a reply is delivered.

use serde_json::{Value as Json, json};

/// What a reply carries.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) enum Body {
    Json(Json),
    Html(String),
    Empty,
}

/// What becomes of a reply on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emulator) enum Delivery {
    /// It arrives.
    Whole,
    /// The headers and half of the body arrive, then the connection ends.
    Cut,
    /// Nothing ever arrives.
    Silent,
    /// The connection ends before the first byte.
    Reset,
}

/// A reply of the rules, before the headers that every reply has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Body,
    pub(super) retry_after: Option<u64>,
    pub(super) delivery: Delivery,
}

/// A reply with all its headers.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emulator) struct Answer {
    pub(in crate::emulator) status: u16,
    pub(in crate::emulator) headers: Vec<(&'static str, String)>,
    pub(in crate::emulator) body: Body,
    pub(in crate::emulator) delivery: Delivery,
}

impl Reply {
    pub(super) fn new(status: u16, body: Body) -> Self {
        Self { status, body, retry_after: None, delivery: Delivery::Whole }
    }

    /// 200 with a result in the envelope.
    pub(super) fn ok(result: Json) -> Self {
        Self::new(200, Body::Json(envelope(result)))
    }

    /// A refusal in the envelope.
    pub(super) fn error(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self::errors(status, json!([{ "code": code, "message": message.into() }]))
    }

    /// A refusal with a list of errors.
    pub(super) fn errors(status: u16, errors: Json) -> Self {
        Self::new(
            status,
            Body::Json(json!({ "success": false, "errors": errors, "messages": [], "result": null })),
        )
    }

    /// Bot management refuses a body.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::error(400, 10400, message)
    }

    /// No such object.
    pub(super) fn no_such(route: &str) -> Self {
        let message = format!("Could not route to {route}, perhaps your object identifier is invalid?");
        Self::error(404, 7003, message)
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::error(405, 10405, "Method not allowed")
    }

    /// A bad token, or one without the permission.
    pub(super) fn unauthorized() -> Self {
        Self::error(403, 10000, "Authentication error")
    }

    /// Something outside the resources of the token.
    pub(super) fn forbidden() -> Self {
        Self::error(403, 9109, "Unauthorized to access requested resource")
    }

    /// Too many requests, in one of the two spellings.
    pub(super) fn throttled(code: u32, retry_after: u64) -> Self {
        let message = match code {
            10429 => "Rate limited. Please wait and consider throttling your request speed",
            _ => "Please wait and consider throttling your request speed",
        };
        Self { retry_after: Some(retry_after), ..Self::error(429, code, message) }
    }

    /// A failure: a page of the edge for the statuses of the edge, the envelope for all others.
    pub(super) fn failure(status: u16) -> Self {
        match status {
            502 | 520..=526 => Self::new(status, Body::Html(edge_page(status))),
            429 => Self::throttled(971, 1),
            _ => Self::error(status, 1000, format!("failed with status {status}")),
        }
    }
}

/// The envelope around a result.
pub(super) fn envelope(result: Json) -> Json {
    json!({ "success": true, "errors": [], "messages": [], "result": result })
}

pub(super) fn edge_page(status: u16) -> String {
    let line = format!("<html><head><title>{status}</title></head><body><h1>Error {status}</h1>");
    format!("<!DOCTYPE html>\n{line}<p>The web server reported an error.</p></body></html>\n")
}
