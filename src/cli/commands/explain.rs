//! `explain`: explains a setting, a plan variant, an exit code, or a word of zone files, plans and messages. The meanings
//! come from the catalogue, the tables of keys, the vocabularies and the list of terms.

use super::terms::{TERMS, next_step};
use crate::catalogue::{self, Variant};
use crate::cli::Failure;
use crate::cli::args::output;
use crate::cli::output::{ExplainFormat as Format, Output, Wanted};
use crate::config::{self, Key, Mapping};
use crate::diff::{Effect, Origin, VerdictKind};
use crate::model::Outcome;
use crate::render::{ExitCode, Explanation, Word};
use crate::report::Ending;
use clap::ValueHint;
use schemars::JsonSchema;
use serde_json::Value as Json;

/// The topic of all exit codes.
const EXIT_CODES: &str = "exit-codes";

/// The arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A setting, a plan variant, an exit code, or a word of a zone file or plan [default: list them]
    #[arg(value_name = "NAME", value_hint = ValueHint::Other)]
    topic: Option<String>,
    /// Write the explanation in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<Format>(), ignore_case = true, default_value = "text")]
    outputs: Vec<Output<Format>>,
}

/// Prints the explanation of a topic, or the list of topics.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    let outputs = Wanted::new(&args.outputs).check()?;
    let explained = explain(args.topic.as_deref()).map(|explanation| {
        outputs.show(|output| match output.format {
            Format::Text if args.topic.is_none() => output.write(&explanation.overview()),
            Format::Text => output.write(&explanation.to_string()),
            Format::Markdown => output.write(&explanation.markdown()),
            Format::Json => output.write_json(&explanation),
        });
        Ending::Done
    });
    outputs.finish(explained)
}

/// The explanation of a topic, or the overview.
pub(crate) fn explain(topic: Option<&str>) -> Result<Explanation, Failure> {
    let variants = Variant::ALL.iter().copied();
    let Some(topic) = topic else {
        return Ok(Explanation::of(catalogue::settings(), variants, words(), exit_codes()));
    };
    let is_meant = |word: &str| is_same(word, topic);
    let codes = exit_codes().into_iter();
    let codes = codes.filter(|exit| is_meant(EXIT_CODES) || is_meant(&exit.code.to_string())).collect();
    let explanation = Explanation::of(
        catalogue::settings().filter(|setting| is_meant(setting.name)),
        variants.filter(|variant| is_meant(variant.word())),
        words().into_iter().filter(|word| is_meant(&word.word)).collect(),
        codes,
    );
    if explanation.is_empty() { Err(unknown(topic)) } else { Ok(explanation) }
}

/// Whether a topic is a word, in any letter case, and with any of the signs that join two words.
fn is_same(word: &str, topic: &str) -> bool {
    let plain = |c: char| if matches!(c, '_' | '-') { ' ' } else { c.to_ascii_lowercase() };
    word.chars().map(plain).eq(topic.chars().map(plain))
}

fn unknown(topic: &str) -> Failure {
    let words = words();
    let settings = catalogue::settings().map(|setting| setting.name);
    let names = settings
        .chain(Variant::ALL.iter().map(|variant| variant.word()))
        .chain(words.iter().map(|word| word.word.as_str()))
        .chain([EXIT_CODES]);
    let hint = match config::suggest(topic, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`botform explain` lists all settings, plan variants and words".to_owned(),
    };
    Failure::usage(format!("`{topic}` is not a setting or a word that this version knows")).hint(hint)
}

fn exit_codes() -> Vec<ExitCode> {
    Ending::CODES.iter().map(|exit| ExitCode { code: exit.code(), meaning: exit.meaning() }).collect()
}

/// The words of files that people write, then those of plans, then the terms of messages.
fn words() -> Vec<Word> {
    let mut words = keys("zone file", &config::ZONE);
    words.extend(keys("botform.yaml", &config::PROJECT));
    words.extend(of_enum::<VerdictKind>("verdict"));
    words.extend(of_enum::<Effect>("effect"));
    words.extend(of_enum::<Origin>("origin"));
    words.extend(outcomes());
    words.extend(TERMS.map(|(word, meaning)| Word {
        word: word.to_owned(),
        of: "term",
        meaning: meaning.to_owned(),
        choices: Vec::new(),
    }));
    words
}

/// The outcomes, each with what to do about it.
fn outcomes() -> Vec<Word> {
    let mut words = of_enum::<Outcome>("outcome");
    for word in &mut words {
        let outcome = Outcome::ALL.iter().find(|outcome| outcome.word() == word.word);
        word.meaning.extend(outcome.map(|outcome| format!(" {}", next_step(*outcome))));
    }
    words
}

/// The keys of a file.
fn keys(of: &'static str, mapping: &'static Mapping) -> Vec<Word> {
    let owned = |(choice, meaning): (&str, &str)| (choice.to_owned(), meaning.to_owned());
    let word = |key: &Key| Word {
        word: key.name.to_owned(),
        of,
        meaning: key.about.to_owned(),
        choices: key.choices().into_iter().map(owned).collect(),
    };
    mapping.keys.iter().map(word).collect()
}

fn meaning(schema: &Json) -> String {
    schema["description"].as_str().unwrap_or_default().to_owned()
}

/// The words of a closed vocabulary, from its schema.
fn of_enum<T: JsonSchema>(of: &'static str) -> Vec<Word> {
    let schema = schemars::schema_for!(T).to_value();
    let words = schema["oneOf"].as_array().into_iter().flatten();
    let word =
        |schema: &Json| schema["const"].as_str().or_else(|| schema["enum"][0].as_str()).map(str::to_owned);
    words
        .filter_map(|schema| {
            Some(Word { word: word(schema)?, of, meaning: meaning(schema), choices: Vec::new() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_of_files_and_plans_are_found_with_a_meaning() {
        let words = words();
        for (word, of) in [
            ("stale", "zone file"),
            ("stale", "outcome"),
            ("protect", "zone file"),
            ("guards", "botform.yaml"),
            ("held", "verdict"),
            ("loosens", "effect"),
            ("drift", "origin"),
            ("baseline", "term"),
            ("held", "term"),
        ] {
            let found = words.iter().find(|entry| entry.word == word && entry.of == of);
            assert!(found.is_some_and(|entry| !entry.meaning.is_empty()), "{word} ({of}): {found:?}");
        }
    }

    #[test]
    fn every_word_of_an_overview_can_be_explained_and_another_gets_a_suggestion() {
        for word in words() {
            assert!(explain(Some(&word.word)).is_ok(), "{}", word.word);
        }
        for topic in [
            "SBFM_PRO",
            "exit-codes",
            "5",
            "64",
            "ai_search",
            "changed outside",
            "changed-outside",
            "Not applied",
        ] {
            assert!(explain(Some(topic)).is_ok(), "{topic}");
        }
        for outcome in Outcome::ALL {
            assert!(explain(Some(&outcome.text())).is_ok(), "{outcome:?}");
        }
        assert!(explain(Some("6")).is_err() && explain(Some("")).is_err());
    }
}
