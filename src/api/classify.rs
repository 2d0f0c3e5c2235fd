//! Finds the kind of a refusal: by HTTP status, then code, then message, since codes are reused across products.

use super::Refusal;
use super::envelope::Entry;

/// The kind of a refusal, and the code that decided it (else the first one).
pub(super) fn classify(status: u16, errors: &[Entry]) -> (Refusal, Option<i64>) {
    for entry in errors {
        if let Some(refusal) = by_code(status, entry) {
            return (refusal, entry.code);
        }
    }
    let mut refusal = by_status(status);
    let says_entitled = |entry: &Entry| entry.message.to_ascii_lowercase().contains("not entitled");
    if matches!(refusal, Refusal::Rejected | Refusal::Permission) && errors.iter().any(says_entitled) {
        refusal = Refusal::NotEntitled;
    }
    (refusal, errors.iter().find_map(|entry| entry.code))
}

fn by_code(status: u16, entry: &Entry) -> Option<Refusal> {
    let text = entry.message.to_ascii_lowercase();
    let code = entry.code?;
    // These two have been seen inside other statuses.
    if matches!(code, 971 | 10429) {
        return Some(Refusal::Throttled);
    }
    if status == 429 || status == 408 || status >= 500 {
        return None;
    }
    let is_auth_status = matches!(status, 400 | 401 | 403) || status < 300;
    let is_path_status = matches!(status, 400 | 404) || status < 300;
    match code {
        10000 if is_auth_status => Some(Refusal::Permission),
        10001 if is_auth_status && text.contains("auth") => Some(Refusal::Permission),
        9109 if text.contains("auth failures") || text.contains("too many") => Some(Refusal::LockedOut),
        9109 if text.contains("invalid access token") => Some(Refusal::WrongToken),
        9109 => Some(Refusal::Resource),
        6003 | 9103 | 9106 if is_auth_status => Some(Refusal::WrongToken),
        10502 => Some(Refusal::LockedOut),
        1001 | 7000 | 7003 if is_path_status => Some(Refusal::NoSuchObject),
        10405 => Some(Refusal::Method),
        _ => None,
    }
}

fn by_status(status: u16) -> Refusal {
    match status {
        ..=299 => Refusal::Unsuccessful,
        300..=399 => Refusal::Redirect,
        401 => Refusal::WrongToken,
        403 => Refusal::Permission,
        404 => Refusal::NoSuchObject,
        405 => Refusal::Method,
        409 => Refusal::Conflict,
        429 => Refusal::Throttled,
        408 | 500.. => Refusal::Server,
        _ => Refusal::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: i64, message: &str) -> Refusal {
        classify(status, &[Entry { code: Some(code), message: message.to_owned(), chain: Vec::new() }]).0
    }

    #[test]
    fn throttling_is_seen_inside_any_status() {
        for status in [200, 400, 403, 429, 500] {
            assert_eq!(of(status, 971, "Please wait"), Refusal::Throttled);
        }
        assert_eq!(classify(429, &[]), (Refusal::Throttled, None));
    }

    #[test]
    fn the_status_of_a_server_error_beats_a_reused_code() {
        assert_eq!(of(500, 10000, "Internal error"), Refusal::Server);
        assert_eq!(of(502, 1000, "timeout"), Refusal::Server);
        assert_eq!(of(400, 1000, "bad"), Refusal::Rejected);
    }

    #[test]
    fn the_message_separates_the_three_meanings_of_9109() {
        assert_eq!(of(403, 9109, "Unauthorized to access requested resource"), Refusal::Resource);
        assert_eq!(of(403, 9109, "Invalid access token"), Refusal::WrongToken);
        assert_eq!(of(403, 9109, "Max auth failures reached, please check"), Refusal::LockedOut);
    }

    #[test]
    fn what_the_plan_lacks_is_a_kind_of_its_own() {
        assert_eq!(of(400, 10400, "zone not entitled to disable"), Refusal::NotEntitled);
        assert_eq!(of(400, 10400, "Bad Request"), Refusal::Rejected);
        assert_eq!(of(500, 10400, "not entitled"), Refusal::Server);
    }

    #[test]
    fn the_deciding_code_is_kept_even_behind_others() {
        let entry = |code| Entry { code: Some(code), message: String::new(), chain: Vec::new() };
        assert_eq!(classify(400, &[entry(1234), entry(7003)]), (Refusal::NoSuchObject, Some(7003)));
        assert_eq!(classify(400, &[entry(1234), entry(10400)]), (Refusal::Rejected, Some(1234)));
    }
}
