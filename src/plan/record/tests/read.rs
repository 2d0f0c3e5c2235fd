//! Texts of records that people, other versions and strangers wrote.

use crate::plan::{Record, RecordError};
use proptest::prelude::*;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The text of a record with these members more.
fn text(members: &str) -> String {
    format!(
        "botform record 7: 0123456789ab, 2026-12-01\n\n{{\"format_version\": \"1.0\", \"number\": 7, \"commit\": \
         \"{COMMIT}\", \"day\": \"2026-12-01\"{members}}}\n"
    )
}

/// A listed zone with these members more.
fn zone(members: &str) -> String {
    format!("{{\"zone\": \"a.example\", \"commit\": \"{COMMIT}\", \"day\": \"2026-12-01\"{members}}}")
}

fn zones(zones: &[String]) -> String {
    text(&format!(", \"zones\": [{}]", zones.join(", ")))
}

fn refused(text: &str) -> String {
    Record::read(text).unwrap_err().to_string()
}

#[test]
fn what_git_and_editors_do_to_a_text_changes_nothing() {
    let plain = zones(&[zone(", \"in_doubt\": {\"since\": 3}")]);
    let record = Record::read(&plain).unwrap();
    let signature = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH{}[\n-----END SSH SIGNATURE-----\n";
    for other in [
        plain.replace('\n', "\r\n"),
        plain.replace(' ', "  ").replacen("botform  record", "botform record", 1),
        format!("\n\n{plain}\n\n"),
        format!("{plain}{signature}"),
        plain.replace("\"number\"", "\"of_a_later_version\": [1], \"number\""),
    ] {
        assert_eq!(Record::read(&other).as_ref(), Ok(&record), "{other}");
    }
    assert_eq!(Record::read(&record.to_string()).as_ref(), Ok(&record));
}

#[test]
fn no_part_of_a_record_is_one() {
    let whole = zones(&[zone("")]);
    let end = whole.trim_end().len();
    for length in 0..end {
        assert!(Record::read(&whole[..length]).is_err(), "{}", &whole[..length]);
    }
    assert!(Record::read(&whole[..end]).is_ok());
}

#[test]
fn a_text_that_is_not_a_record_says_why() {
    assert_eq!(Record::read("v1.2.3"), Err(RecordError::NoRecord));
    assert_eq!(refused("botform record 1"), "the record cannot be read: it is empty");
    assert!(refused("botform record 1\n\nnone").starts_with("the record cannot be read: expected ident"));
    // Of another version nothing else is known.
    let later = "botform record 1\n\n{\"format_version\": \"2.0\", \"runs\": []}";
    assert_eq!(refused(later), "the record has format version 2.0, and this version of botform reads 1.x");
    assert!(Record::read(&text("").replace("1.0", "1.9")).is_ok());
    assert!(refused(&text(", \"number\": 8")).contains("duplicate field `number`"));
}

#[test]
fn numbers_that_cannot_be_counted_on_are_refused() {
    let numbered = |number: &str| text("").replace("\"number\": 7", &format!("\"number\": {number}"));
    assert!(Record::read(&numbered("9007199254740992")).is_ok());
    let above = "the record contradicts itself: its number is above 9007199254740992";
    assert_eq!(refused(&numbered("9007199254740993")), above);
    assert_eq!(refused(&numbered("18446744073709551615")), above);
    for number in ["18446744073709551616", "1e400", "-1", "7.5", "\"7\"", "null"] {
        assert!(refused(&numbered(number)).starts_with("the record cannot be read"), "{number}");
    }
}

#[test]
fn a_doubt_that_is_yet_to_come_is_refused() {
    let yet_to_come =
        "the record contradicts itself: `a.example` is in doubt since a number that does not exist yet";
    for doubt in
        ["{\"since\": 8}", "{\"since\": 6, \"was\": 7}", "{\"since\": 6, \"was\": 18446744073709551615}"]
    {
        assert_eq!(refused(&zones(&[zone(&format!(", \"in_doubt\": {doubt}"))])), yet_to_come, "{doubt}");
    }
    assert!(Record::read(&zones(&[zone(", \"in_doubt\": {\"since\": 7, \"was\": 7}")])).is_ok());
}

#[test]
fn a_zone_is_listed_once_in_whatever_order() {
    let [one, other] = ["1", "2"].map(|digit| format!(", \"zone_id\": \"{}\"", digit.repeat(32)));
    let first = zone("").replace("a.example", "b.example");
    let twins = Record::read(&zones(&[zone(&other), first.clone(), zone(&one)])).unwrap();
    let names: Vec<_> = twins.zones.iter().map(|zone| zone.zone.as_str()).collect();
    assert_eq!(names, ["a.example", "a.example", "b.example"]);
    let twice = "the record contradicts itself: it lists `a.example` twice";
    for same in [zone(""), zone(&one)] {
        assert_eq!(refused(&zones(&[zone(&one), first.clone(), same])), twice);
    }
}

#[test]
fn commits_names_and_days_are_what_they_say() {
    for (part, by) in [
        (COMMIT, "0123456789ab"),
        (COMMIT, "HEAD"),
        (COMMIT, "--upload-pack=touch x"),
        (COMMIT, "0123456789ABCDEF0123456789ABCDEF01234567"),
        ("2026-12-01\"", "2026-13-01\""),
        ("a.example", "a example"),
        // What was not UTF-8.
        ("a.example", "a.ex\u{fffd}mple"),
    ] {
        assert!(Record::read(&zones(&[zone("")]).replace(part, by)).is_err(), "{by}");
    }
}

/// Ten thousand zones and more are read and looked up without comparing each with each other.
#[test]
fn a_record_of_many_zones_is_read_at_once() {
    let many: Vec<_> =
        (0..20_000).map(|nth| zone("").replace("a.example", &format!("z{nth}.example"))).collect();
    assert_eq!(Record::read(&zones(&many)).unwrap().zones.len(), many.len());
}

proptest! {
    #[test]
    fn any_text_is_a_record_that_reads_back_or_an_error(
        cut in 0_usize..400,
        with in "[\\x00-\\x7f]{0,6}|[0-9]{1,25}|\u{fffd}",
        over in 0_usize..8,
    ) {
        let whole = zones(&[zone(", \"in_doubt\": {\"since\": 3, \"looked_at\": true, \"was\": 2}")]);
        let (cut, end) = (cut.min(whole.len()), (cut + over).min(whole.len()));
        let edited = format!("{}{with}{}", &whole[..cut], &whole[end..]);
        match Record::read(&edited) {
            Ok(record) => prop_assert_eq!(Record::read(&record.to_string()), Ok(record)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
