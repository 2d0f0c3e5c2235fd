//! Any text is a record, which reads back as it is written, or gives an error that says why not.
#![no_main]

use botform::plan::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A record is the text of a tag: most inputs would fail for want of its first line.
    let text = format!("botform record 1\n{}", String::from_utf8_lossy(bytes));
    match Record::read(&text) {
        Ok(record) => assert_eq!(Record::read(&record.to_string()).as_ref(), Ok(&record)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
