//! `--output FORMAT[=FILE]`, with the formats of a command: help, completion and errors list the same ones.

use crate::cli::output::Output;
use clap::builder::{EnumValueParser, PossibleValue, StringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error, ValueEnum};
use std::ffi::OsStr;
use std::marker::PhantomData;

/// Reads an output in one of the formats of `F`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputParser<F>(PhantomData<F>);

/// The parser of outputs in the formats of `F`.
pub(crate) const fn output<F>() -> OutputParser<F> {
    OutputParser(PhantomData)
}

impl<F: ValueEnum + Send + Sync + 'static> TypedValueParser for OutputParser<F> {
    type Value = Output<F>;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Output<F>, Error> {
        let text = StringValueParser::new().parse_ref(command, arg, value)?;
        let (word, file) = match text.split_once('=') {
            Some((_, "")) => {
                let message = format!("`--output {text}` is missing the file name\n");
                return Err(Error::raw(ErrorKind::ValueValidation, message).with_cmd(command));
            }
            Some((word, "-")) => (word, None),
            Some((word, file)) => (word, Some(file.into())),
            None => (text.as_str(), None),
        };
        let format = EnumValueParser::new().parse_ref(command, arg, word.as_ref())?;
        Ok(Output { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(F::value_variants().iter().filter_map(F::to_possible_value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Format;

    fn parsed(texts: &[&str]) -> Result<Vec<Output<Format>>, Error> {
        let arg = Arg::new("output").long("output").value_parser(output::<Format>()).ignore_case(true);
        let command = Command::new("botform").arg(arg.action(clap::ArgAction::Append).default_value("text"));
        let args = texts.iter().flat_map(|text| ["--output", text]);
        let found = command.try_get_matches_from(["botform"].into_iter().chain(args))?;
        Ok(found.get_many("output").into_iter().flatten().cloned().collect())
    }

    #[test]
    fn an_output_is_a_format_and_a_file_or_stdout() {
        assert_eq!(parsed(&[]).unwrap(), [Output::stdout(Format::Text)]);
        assert_eq!(parsed(&["JSON=-"]).unwrap(), [Output::stdout(Format::Json)]);
        let file = Output { format: Format::Json, file: Some("a=B.json".into()) };
        assert_eq!(parsed(&["text", "json=a=B.json"]).unwrap(), [Output::stdout(Format::Text), file]);
    }

    #[test]
    fn an_unknown_format_is_refused() {
        for wrong in ["", "yaml", "json=", "=a.json"] {
            assert!(parsed(&[wrong]).is_err(), "{wrong}");
        }
    }
}
