//! Reads the faults of a world file.

use super::fault::{Action, Edit, Fault, On, Twist};
use super::reader::{At, Reader};

const COMMON: [&str; 4] = ["on", "nth", "count", "do"];

/// The words of `do`. What loses a write has a twin that ends in `_after_write`.
const WORDS: [&str; 23] = [
    "status",
    "status_after_write",
    "cut",
    "cut_after_write",
    "silent",
    "silent_after_write",
    "reset",
    "reset_after_write",
    "success_false",
    "success_false_after_write",
    "empty",
    "empty_after_write",
    "html",
    "html_after_write",
    "throttle",
    "throttle_10429",
    "refuse",
    "unauthorized",
    "forbidden_zone",
    "ignore",
    "collateral",
    "edit",
    "edit_after",
];

/// Reads the member `faults`.
pub(super) fn faults(reader: &mut Reader, at: &At<'_>, on: &[(&str, On)]) -> Vec<Fault> {
    let items = reader.items(at, "faults");
    items.iter().filter_map(|item| fault(reader, item, on)).collect()
}

/// Reads one fault.
pub(super) fn fault(reader: &mut Reader, at: &At<'_>, on: &[(&str, On)]) -> Option<Fault> {
    reader.map(at)?;
    reader.required(at, "on");
    reader.required(at, "do");
    let (on, word) = (reader.word(at, "on", on), reader.word(at, "do", &WORDS.map(|word| (word, word))));
    let (nth, count) = (reader.number(at, "nth", 1, u32::MAX), reader.number(at, "count", 1, u32::MAX));
    let (base, stored) = word?.strip_suffix("_after_write").map_or((word?, false), |base| (base, true));
    let action = action(reader, at, base, stored, on?)?;
    Some(Fault { on: on?, nth: nth.unwrap_or(1), count: count.or(nth.map(|_| 1)), action })
}

fn action(reader: &mut Reader, at: &At<'_>, word: &str, stored: bool, on: On) -> Option<Action> {
    let own: &[&str] = match word {
        "status" => &["status"],
        "throttle" | "throttle_10429" => &["retry_after"],
        "refuse" => &["status", "code", "message"],
        "collateral" | "edit" | "edit_after" => &["set", "set_stale"],
        _ => &[],
    };
    reader.keys(at, &[COMMON.as_slice(), own].concat());
    let of_write = stored || matches!(word, "ignore" | "collateral");
    let of_zone = matches!(word, "edit" | "edit_after") && matches!(on, On::Zones | On::Submissions);
    if of_zone || (of_write && !on.writes()) || (word == "collateral" && on != On::Put) {
        reader.fail(
            &format!("{}.do", at.path),
            "does not go with this `on`: such a request writes nothing of the kind",
        );
        return None;
    }
    Some(match word {
        "edit" => Action::Edit(edit(reader, at)),
        "edit_after" => Action::EditAfter(edit(reader, at)),
        "collateral" => Action::Collateral(edit(reader, at)),
        "ignore" => Action::Ignore,
        word => Action::Twist { twist: twist(reader, at, word), stored },
    })
}

fn twist(reader: &mut Reader, at: &At<'_>, word: &str) -> Twist {
    let status = |reader: &mut Reader, otherwise: u16| {
        let status = reader.number(at, "status", 400, 599);
        status.and_then(|status| u16::try_from(status).ok()).unwrap_or(otherwise)
    };
    let retry_after = |reader: &mut Reader| reader.number(at, "retry_after", 0, 86_400).map_or(1, u64::from);
    let refuse = |status, code, message: &str| Twist::Refuse { status, code, message: message.to_owned() };
    match word {
        "cut" => Twist::Cut,
        "silent" => Twist::Silent,
        "reset" => Twist::Reset,
        "success_false" => Twist::SuccessFalse,
        "empty" => Twist::Empty,
        "html" => Twist::Html,
        "throttle" => Twist::Throttle { code: 971, retry_after: retry_after(reader) },
        "throttle_10429" => Twist::Throttle { code: 10429, retry_after: retry_after(reader) },
        "unauthorized" => refuse(403, 10000, "Authentication error"),
        "forbidden_zone" => refuse(403, 9109, "Unauthorized to access requested resource"),
        "refuse" => Twist::Refuse {
            status: status(reader, 400),
            code: reader.number(at, "code", 0, 999_999).unwrap_or(10400),
            message: reader.text(at, "message").unwrap_or_else(|| "Bad Request".to_owned()),
        },
        _ => {
            reader.required(at, "status");
            Twist::Status(status(reader, 500))
        }
    }
}

fn edit(reader: &mut Reader, at: &At<'_>) -> Edit {
    let mut members = |key: &str| {
        let member = at.member(key);
        member.and_then(|member| reader.map(&member).cloned()).unwrap_or_default()
    };
    let edit = Edit { live: members("set"), stale: members("set_stale") };
    if edit == Edit::default() {
        reader.fail(&at.path, "needs `set` or `set_stale` with at least one setting");
    }
    edit
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn read(value: &Json) -> Result<Fault, Vec<String>> {
        let mut reader = Reader::default();
        let at = At { path: "f".to_owned(), value };
        match fault(&mut reader, &at, &On::OF_ZONE) {
            Some(fault) if reader.errors.is_empty() => Ok(fault),
            _ => Err(reader.errors.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn every_word_is_read() {
        for word in WORDS {
            let value = match word {
                "status" | "status_after_write" => json!({"on": "PUT", "do": word, "status": 502}),
                "collateral" | "edit" | "edit_after" => {
                    json!({"on": "PUT", "do": word, "set": {"enable_js": null}})
                }
                _ => json!({"on": "PUT", "nth": 2, "do": word}),
            };
            assert!(read(&value).is_ok(), "{word}");
        }
    }

    #[test]
    fn what_is_left_out_means_every_time_or_once() {
        let every = read(&json!({"on": "GET", "do": "cut"})).unwrap();
        assert_eq!((every.nth, every.count), (1, None));
        let once = read(&json!({"on": "GET", "nth": 3, "do": "cut"})).unwrap();
        assert_eq!((once.nth, once.count), (3, Some(1)));
        let first_two = read(&json!({"on": "GET", "count": 2, "do": "cut"})).unwrap();
        assert_eq!((first_two.nth, first_two.count), (1, Some(2)));
    }

    #[test]
    fn an_error_names_the_place_and_the_way_out() {
        let told = |value: Json| read(&value).unwrap_err().join("\n");
        let text = told(json!({"on": "PUT", "do": "cutt"}));
        assert!(
            text.starts_with("f.do: unknown word `cutt`, did you mean `cut`? (one of `status`, "),
            "{text}"
        );
        insta::assert_snapshot!(told(json!({"on": "PUTT", "do": "cut"})), @"f.on: unknown word `PUTT`, did you mean `PUT`? (one of `GET`, `PUT`, `POST`, `GET_FEEDBACK`)");
        insta::assert_snapshot!(told(json!({"do": "edit", "on": "PUT"})), @"f: needs `set` or `set_stale` with at least one setting");
        insta::assert_snapshot!(told(json!({"on": "GET", "do": "cut_after_write"})), @"f.do: does not go with this `on`: such a request writes nothing of the kind");
        insta::assert_snapshot!(told(json!({"on": "GET", "do": "cut", "status": 500})), @"f: unknown key `status` (one of `on`, `nth`, `count`, `do`)");
        insta::assert_snapshot!(told(json!({"on": "PUT", "do": "status", "nth": 0})), @"
        f.nth: must be a whole number from 1 to 4294967295
        f: `status` is missing
        ");
    }
}
