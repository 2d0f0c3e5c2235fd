//! What to do about a request that failed.

use super::{Exchange, ExchangeError, Failure, Method, Payload, Reason, Refusal};

const WEB_PAGE: &str = "a web page came instead of the API's JSON, as from a proxy or from trouble at Cloudflare's edge: check the API address and the proxy settings, or try again later";

impl ExchangeError {
    /// What to do about it.
    pub(super) fn hint(&self) -> Option<String> {
        let Self { exchange, reason, cause } = self;
        match reason {
            Reason::Transport(failure) => Some(of_failure(*failure, exchange)),
            Reason::Refused { .. } if exchange.html => Some(WEB_PAGE.to_owned()),
            Reason::Refused { refusal, .. } => {
                let text = cause.as_ref().map(ToString::to_string).unwrap_or_default();
                of_refusal(*refusal, exchange, &text.to_ascii_lowercase())
            }
            Reason::Payload(payload) => Some(of_payload(*payload, exchange)),
        }
    }
}

/// The zone or account that a request is about.
fn subject(exchange: &Exchange) -> String {
    let mut parts = exchange.path.split('/').skip(1);
    match (&exchange.zone, parts.next(), parts.next()) {
        (Some(name), ..) => format!("zone {name}"),
        (None, Some("zones"), Some(id)) => format!("zone {id}"),
        (None, Some("accounts"), Some(id)) => format!("account {id}"),
        _ => "the zones".to_owned(),
    }
}

fn of_failure(failure: Failure, exchange: &Exchange) -> String {
    let text = match failure {
        Failure::Dns => "check the API address, the network and its DNS",
        Failure::Tls => {
            "check the API address and this machine's certificates and clock; a proxy that opens TLS needs its certificate installed"
        }
        Failure::Connect | Failure::ConnectTimeout => {
            "check the API address, the network, and the proxy settings (`HTTPS_PROXY`, `NO_PROXY`)"
        }
        Failure::TooManyFiles => {
            "raise the limit of open files (`ulimit -n`), or use a lower `--concurrency`"
        }
        Failure::TooLarge => "check the API address: this is not how the API answers",
        Failure::Timeout if exchange.method == Method::Get => "try again later, or with a longer `--timeout`",
        Failure::NoReply | Failure::Cut if exchange.method == Method::Get => {
            "try again later, or with a lower `--concurrency`"
        }
        Failure::Timeout | Failure::NoReply | Failure::Cut => {
            "Cloudflare may still have done it: read again before sending it again"
        }
    };
    text.to_owned()
}

fn of_refusal(refusal: Refusal, exchange: &Exchange, text: &str) -> Option<String> {
    let subject = subject(exchange);
    let permission = exchange.permission;
    let hint = match refusal {
        Refusal::Permission => format!(
            "check that the token is right and not expired, and give it the permission `{permission}` for {subject}"
        ),
        Refusal::Resource if text.contains("location") => {
            "the token may not be used from this address: change its client IP address filtering".to_owned()
        }
        Refusal::Resource => {
            format!("the token has no access to {subject}: add it to the token's resources")
        }
        Refusal::WrongToken => {
            "set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"
                .to_owned()
        }
        Refusal::LockedOut => {
            "Cloudflare locked the credentials out for a while: correct them and wait some minutes".to_owned()
        }
        Refusal::NotEntitled => {
            "the zone's plan does not include this: leave the setting out, or change the zone's plan"
                .to_owned()
        }
        Refusal::Throttled => throttled(exchange),
        Refusal::NoSuchObject => {
            format!(
                "there is no {} at this API address, or the token cannot see it: check the ids",
                subject.trim_start_matches("the ")
            )
        }
        Refusal::Method => "check the API address: it does not know this request".to_owned(),
        Refusal::Redirect => {
            "redirects are not followed: give the address they lead to as the API address".to_owned()
        }
        Refusal::Conflict => "something else changes the same object: try again".to_owned(),
        Refusal::Server => match exchange.retry_after {
            Some(wait) => {
                format!("trouble at Cloudflare, which asks to wait {} s: try again then", wait.as_secs())
            }
            None => {
                "trouble at Cloudflare: try again later, and see https://www.cloudflarestatus.com".to_owned()
            }
        },
        Refusal::Unsuccessful => {
            "try again later; Cloudflare support can look it up by the CF-Ray".to_owned()
        }
        Refusal::Rejected => return of_rejection(text),
    };
    Some(hint)
}

fn throttled(exchange: &Exchange) -> String {
    let wait = exchange.retry_after.map_or(300, |wait| wait.as_secs());
    format!(
        "wait {wait} s, or lower `--rate`: the budget of 1200 requests in 300 s is shared by all tokens of a user"
    )
}

/// What to do about a refusal whose text says what the zone or the request lacks.
fn of_rejection(text: &str) -> Option<String> {
    let hint = if text.contains("read-only") {
        "read-only settings cannot be written: leave it out"
    } else if text.contains("enablejs") {
        "set `enable_js: true` beside `fight_mode: true`"
    } else if text.starts_with("bad request") {
        "Cloudflare gives no reason: check that the zone's plan has all that was sent, and that `fight_mode: true` has `enable_js: true` beside it"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn of_payload(payload: Payload, exchange: &Exchange) -> String {
    let text = match payload {
        Payload::Html => WEB_PAGE,
        Payload::Empty | Payload::NotJson | Payload::NoEnvelope | Payload::Result
            if exchange.method != Method::Get =>
        {
            "Cloudflare may still have done it: read again before sending it again"
        }
        Payload::Empty | Payload::NotJson | Payload::NoEnvelope | Payload::Result => {
            "check the API address and the proxy settings, or try again later"
        }
        Payload::Blank => "an empty object proves nothing about the zone: try again later",
        Payload::Repeats => "try again later, or with a shorter time range",
        Payload::Incomplete => {
            "a zone that is not listed may have the same name: try again later, or write `zone_id` into the zone files"
        }
    };
    text.to_owned()
}
