//! Reading the faults of a world file, and the requests that each affects.

use super::*;

fn read(value: &Json) -> Result<Fault, String> {
    let mut reader = Reader::default();
    let at = At { path: "f".to_owned(), value };
    let on = [On::OF_ZONE.as_slice(), &On::OF_WORLD].concat();
    match Fault::read(&mut reader, &at, &on) {
        Some(fault) if reader.errors.is_empty() => Ok(fault),
        _ => Err(reader.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

#[test]
fn every_word_is_read() {
    for (word, own, on) in WORDS {
        let mut value = json!({"on": on[0].word(), "nth": 2, "do": word});
        for (key, member) in [
            ("status", json!(502)),
            ("set", json!({"enable_js": null})),
            ("milliseconds", json!(3)),
            ("listings", json!(2)),
            ("zone", json!({})),
            ("name", json!("a.example")),
        ] {
            if own.contains(&key) {
                value[key] = member;
            }
        }
        read(&value).unwrap();
    }
}

#[test]
fn without_count_a_fault_affects_every_request_or_with_nth_one() {
    for (value, nth, count) in [
        (json!({"on": "GET", "do": "cut"}), 1, None),
        (json!({"on": "GET", "nth": 3, "do": "cut"}), 3, Some(1)),
        (json!({"on": "GET", "count": 2, "do": "cut"}), 1, Some(2)),
    ] {
        let fault = read(&value).unwrap();
        assert_eq!((fault.nth, fault.count), (nth, count));
    }
}

#[test]
fn an_error_names_the_place_and_the_allowed_values() {
    let error = |value: Json| read(&value).unwrap_err();
    let text = error(json!({"on": "PUT", "do": "cutt"}));
    let start = "f.do: unknown word `cutt`, did you mean `cut`? (one of `status`, ";
    assert!(text.starts_with(start), "{text}");
    insta::assert_snapshot!(error(json!({"on": "PUTT", "do": "cut"})), @"f.on: unknown word `PUTT`, did you mean `PUT`? (one of `GET`, `PUT`, `POST`, `GET_FEEDBACK`, `ZONES`, `SUBMISSIONS`, `GRAPHQL`, `AUDIT`)");
    insta::assert_snapshot!(error(json!({"do": "edit", "on": "PUT"})), @"f: needs `set` or `set_stale` with at least one setting");
    insta::assert_snapshot!(error(json!({"on": "GET", "do": "cut_after_write"})), @"f.do: `cut_after_write` can only be used with `on` `PUT`, `POST`");
    insta::assert_snapshot!(error(json!({"on": "GET", "do": "cut", "status": 500})), @"f: unknown key `status` (one of `on`, `nth`, `count`, `do`)");
    insta::assert_snapshot!(error(json!({"on": "PUT", "do": "status", "nth": 0})), @"
    f.nth: must be a whole number from 1 to 4294967295
    f: `status` is missing
    ");
}

#[test]
fn a_fault_affects_its_requests_and_the_first_of_two_wins() {
    let fault = |value| read(&value).unwrap();
    let cut = fault(json!({"on": "PUT", "nth": 2, "count": 2, "do": "cut"}));
    let mut faults = Faults::new(vec![cut, fault(json!({"on": "PUT", "nth": 3, "do": "silent"}))]);
    let hits: Vec<bool> = (0..4).map(|_| faults.draw(Put).twist.is_some()).collect();
    assert_eq!(hits, [false, true, true, false]);
    assert_eq!(faults.draw(Get), Script::default());
    let third = Faults { seen: BTreeMap::from([(Put, 2)]), ..faults }.draw(Put);
    assert_eq!(third.twist, Some(Twist::Deliver(Delivery::Cut)));
}
