//! What to do about a request that failed.

use super::{Exchange, ExchangeError, Failure, Method, Payload, Reason, Refusal};
use crate::model::{Message, Part};

const WEB_PAGE: &str = "a web page came back instead of the API's JSON, from a proxy or from Cloudflare's edge: check the API address and the proxy settings, or try again later";

impl ExchangeError {
    /// What to do about it.
    pub(super) fn hint(&self) -> Option<Message> {
        let Self { exchange, reason, cause } = self;
        match reason {
            Reason::Transport(failure) => Some(of_failure(*failure, exchange).into()),
            Reason::Refused { .. } if exchange.html => Some(WEB_PAGE.into()),
            Reason::Refused { refusal, .. } => {
                let text = cause.as_ref().map(ToString::to_string).unwrap_or_default();
                let hint = of_refusal(*refusal, exchange, &text.to_ascii_lowercase());
                hint.map(|hint| whose(hint, *refusal, exchange))
            }
            Reason::Payload(payload) => Some(of_payload(*payload, exchange).into()),
        }
    }
}

/// Adds the variable that holds the credentials, if a run has several.
fn whose(hint: Message, refusal: Refusal, exchange: &Exchange) -> Message {
    let is_about =
        matches!(refusal, Refusal::Permission | Refusal::Resource | Refusal::LockedOut | Refusal::Throttled);
    match &exchange.credential {
        Some(variable) if is_about => hint.text(format!(" (the credential is {variable})")),
        _ => hint,
    }
}

/// Adds what else can be done about a missing permission.
fn beside(hint: Message, exchange: &Exchange) -> Message {
    if exchange.path == "/zones" {
        return hint.text("; zone files with `zone_id` do not need the list of zones");
    }
    // Cloudflare's table of what account-owned tokens support excludes Super Bot Fight Mode.
    match exchange.account_token && exchange.path.ends_with("/bot_management") {
        true => hint.text(
            "; account-owned tokens (`cfat_`) may not support Super Bot Fight Mode: use a token of a user",
        ),
        false => hint,
    }
}

/// The zone or account that a request is about.
fn subject(exchange: &Exchange) -> Message {
    let account = exchange.path.strip_prefix("/accounts/").and_then(|path| path.split('/').next());
    match (&exchange.zone, exchange.zone_id(), account) {
        (Some(name), ..) => Message::from("zone ").zone(name),
        (None, Some(id), _) => Message::from("zone ").zone_id(id),
        (None, None, Some(id)) => format!("account {id}").into(),
        (None, None, None) => "the zones".into(),
    }
}

fn of_failure(failure: Failure, exchange: &Exchange) -> &'static str {
    match failure {
        Failure::Dns => "check the API address, the network and its DNS",
        Failure::Tls => {
            "check the API address and this machine's certificates and clock; if a proxy intercepts TLS, install its certificate"
        }
        Failure::Connect | Failure::ConnectTimeout => {
            "check the API address, the network, and the proxy settings (`HTTPS_PROXY`, `NO_PROXY`)"
        }
        Failure::TooManyFiles => {
            "raise the limit of open files (`ulimit -n`), or use a lower `--concurrency`"
        }
        Failure::TooLarge => "check the API address: the API does not send replies of this size",
        Failure::Timeout if exchange.method == Method::Get => "try again later, or with a longer `--timeout`",
        Failure::NoReply | Failure::Cut if exchange.method == Method::Get => {
            "try again later, or with a lower `--concurrency`"
        }
        Failure::Timeout | Failure::NoReply | Failure::Cut => {
            "Cloudflare may have processed the request anyway: read again before you resend it"
        }
    }
}

fn of_refusal(refusal: Refusal, exchange: &Exchange, text: &str) -> Option<Message> {
    let hint: Message = match refusal {
        Refusal::Permission => {
            let hint = Message::from("check that the token is right and not expired");
            match exchange.permission {
                Some(permission) => {
                    let hint = hint.text(format!(", and give it the permission `{permission}` for "));
                    beside(hint.then(subject(exchange)), exchange)
                }
                None => hint,
            }
        }
        Refusal::Resource if text.contains("location") => {
            "the token is not valid for this IP address: change its client IP address filtering".into()
        }
        Refusal::Resource => Message::from("the token has no access to ")
            .then(subject(exchange))
            .text(": add it to the token's resources"),
        Refusal::WrongToken if let Some(variable) = &exchange.credential => {
            format!("set {variable} to a valid API token").into()
        }
        Refusal::WrongToken => {
            "set CLOUDFLARE_API_TOKEN to a valid API token, or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"
                .into()
        }
        Refusal::LockedOut => {
            "Cloudflare has locked out these credentials for a while: correct them and wait a few minutes"
                .into()
        }
        Refusal::NotEntitled => {
            "the zone's plan does not include this: leave the setting out, or change the zone's plan".into()
        }
        Refusal::Throttled => throttled(exchange),
        Refusal::NoSuchObject => Message::from("there is no ")
            .then(subject(exchange))
            .text(" at this API address: it was deleted, or the token cannot see it"),
        Refusal::Method => "check the API address: it does not support this request".into(),
        Refusal::Redirect => {
            "botform does not follow redirects: set the API address to the target of the redirect".into()
        }
        Refusal::Conflict => "something else was changing the same object: try again".into(),
        Refusal::Server => match exchange.retry_after {
            Some(wait) => Message::from("Cloudflare has a problem and asks to wait ")
                .with(Part::Seconds(wait.as_secs()))
                .text(": try again then"),
            None => {
                "Cloudflare has a problem: try again later, and see https://www.cloudflarestatus.com".into()
            }
        },
        Refusal::Unsuccessful => {
            "try again later; Cloudflare support can look up the request by its CF-Ray".into()
        }
        Refusal::Rejected => return of_rejection(text),
    };
    Some(hint)
}

fn throttled(exchange: &Exchange) -> Message {
    let wait = Part::Seconds(exchange.retry_after.map_or(300, |wait| wait.as_secs()));
    let rate = exchange.rate.map(|rate| format!(" than {rate}")).unwrap_or_default();
    Message::from("wait ").with(wait).text(format!(
        ", or give a lower `--rate`{rate}: Cloudflare counts the requests of all tokens of a user together"
    ))
}

/// What to do about a refusal whose text says what the zone or the request lacks.
fn of_rejection(text: &str) -> Option<Message> {
    let hint = if text.contains("read-only") {
        "read-only settings cannot be written: leave it out"
    } else if text.contains("enablejs") {
        "set `enable_js: true` together with `fight_mode: true`"
    } else if text.starts_with("bad request") {
        "Cloudflare gives no reason: check that the zone's plan includes every setting that was sent, and that `fight_mode: true` comes with `enable_js: true`"
    } else {
        return None;
    };
    Some(hint.into())
}

fn of_payload(payload: Payload, exchange: &Exchange) -> &'static str {
    match payload {
        Payload::Html => WEB_PAGE,
        Payload::Empty | Payload::NotJson | Payload::NoEnvelope | Payload::Result
            if exchange.method != Method::Get =>
        {
            "Cloudflare may have processed the request anyway: read again before you resend it"
        }
        Payload::Empty | Payload::NotJson | Payload::NoEnvelope | Payload::Result => {
            "check the API address and the proxy settings, or try again later"
        }
        Payload::Blank => "an empty object proves nothing about the zone: try again later",
        Payload::Repeats => "try again later, or with a shorter time range",
        Payload::Incomplete => {
            "another zone of the same name may be missing from the list: try again later, or write `zone_id` into the zone files"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(path: &str, account_token: bool) -> String {
        let exchange =
            Exchange { permission: Some("Zone Read"), account_token, ..Exchange::new(Method::Get, path) };
        of_refusal(Refusal::Permission, &exchange, "").unwrap().to_string()
    }

    #[test]
    fn a_list_that_is_not_allowed_names_what_needs_none() {
        assert!(
            hint("/zones", true)
                .ends_with("for the zones; zone files with `zone_id` do not need the list of zones")
        );
    }

    #[test]
    fn the_hint_for_an_account_token_says_what_it_may_not_support() {
        assert!(hint("/zones/1/bot_management", true).contains("`cfat_`"));
        assert!(!hint("/zones/1/bot_management", false).contains("`cfat_`"));
    }
}
