//! Explains settings, plan variants, words and exit codes, as text, Markdown and JSON.

use super::parts::FORMAT_VERSION;
use crate::catalogue::{self, Caution, Confidence, Harm, Setting, Value, Variant};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt::{self, Write as _};

/// An explanation of a word, which may have several meanings, or of everything.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(title = "botform explanation")]
pub struct Explanation {
    /// The version of this format.
    format_version: &'static str,
    /// Settings, by name.
    settings: Vec<SettingEntry>,
    /// Plan variants, from the smallest plan to the largest.
    variants: Vec<VariantEntry>,
    /// Words of files and plans.
    words: Vec<Word>,
    /// Exit codes.
    exit_codes: Vec<ExitCode>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Setting")]
struct SettingEntry {
    /// The name of the setting.
    name: &'static str,
    /// What it does.
    summary: &'static str,
    /// The values it takes.
    values: Vec<ValueEntry>,
    /// Whether GET reports it and PUT refuses it.
    read_only: bool,
    /// The plan variants it can be set on.
    plan_variants: &'static [Variant],
    /// The plan variants on which an earlier one may have left it behind.
    stale_on: &'static [Variant],
    /// The day since which its values have their present meaning, if they meant something else before.
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning_since: Option<&'static str>,
    /// The cautions of its values, for the text.
    #[serde(skip)]
    cautions: &'static [Caution],
    /// What else to know before changing it.
    notes: Vec<String>,
    /// The page it is documented on.
    documentation: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Value")]
struct ValueEntry {
    /// The value.
    value: Json,
    /// What it means.
    meaning: &'static str,
    /// Whether it means "off".
    neutral: bool,
    /// The values of the setting that it protects more than.
    protects_more_than: Vec<Json>,
    /// Side effects that a reviewer must know.
    cautions: Vec<CautionEntry>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Caution")]
struct CautionEntry {
    /// Whom the value shuts out, or what it breaks.
    kind: Harm,
    /// How certain this is.
    confidence: Confidence,
    /// How it happens.
    text: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Variant")]
struct VariantEntry {
    /// The word of zone files.
    name: Variant,
    /// The plan it comes with.
    meaning: &'static str,
    /// The settings it has.
    settings: Vec<&'static str>,
    /// The settings that an earlier plan variant may have left behind.
    stale: Vec<&'static str>,
}

/// A word of a file or a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Word {
    /// The word.
    pub word: String,
    /// Where it stands, such as `zone file`.
    pub of: &'static str,
    /// What it means.
    pub meaning: String,
    /// What may stand there, with the meaning.
    pub choices: Vec<(String, String)>,
}

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExitCode {
    /// The number.
    pub code: u8,
    /// What it means.
    pub meaning: &'static str,
}

impl Explanation {
    /// The explanation of these.
    #[must_use]
    pub fn of(
        settings: impl IntoIterator<Item = &'static Setting>,
        variants: impl IntoIterator<Item = Variant>,
        words: Vec<Word>,
        exit_codes: Vec<ExitCode>,
    ) -> Self {
        let settings = settings.into_iter().map(SettingEntry::of).collect();
        let variants = variants.into_iter().map(VariantEntry::of).collect();
        Self { format_version: FORMAT_VERSION, settings, variants, words, exit_codes }
    }

    /// Whether there is nothing to explain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { format_version: _, settings, variants, words, exit_codes } = self;
        settings.is_empty() && variants.is_empty() && words.is_empty() && exit_codes.is_empty()
    }

    /// All settings in a line each, and what else can be explained.
    #[must_use]
    pub fn overview(&self) -> String {
        let settings = self.settings.iter();
        let mut text: String =
            settings.map(|setting| format!("{:<34}{}\n", setting.name, setting.summary)).collect();
        let variants: Vec<_> = self.variants.iter().map(|variant| variant.name.word()).collect();
        let mut words: Vec<_> = self.words.iter().map(|word| word.word.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        // Writing to a string cannot fail.
        let _ = write!(text, "\nPlan variants: {}\n", variants.join(", "));
        let _ = write!(text, "Words: {}\n\n", words.join(", "));
        text.push_str("`botform explain NAME` explains one of them; so does `botform explain exit-codes`.\n");
        text
    }

    /// Tables for a README.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        if !self.settings.is_empty() {
            text.push_str("| setting | what it does | values | plan variants |\n|---|---|---|---|\n");
            text.extend(self.settings.iter().map(SettingEntry::markdown));
        }
        let mut table = |head: &str, rows: Vec<(String, String)>| {
            let gap = if text.is_empty() || rows.is_empty() { "" } else { "\n" };
            if !rows.is_empty() {
                let rows: String =
                    rows.iter().map(|(name, meaning)| format!("| {name} | {} |\n", cell(meaning))).collect();
                let _ = write!(text, "{gap}| {head} | meaning |\n|---|---|\n{rows}");
            }
        };
        let variants = self.variants.iter();
        table("plan variant", variants.map(|v| (format!("`{}`", v.name), v.meaning.to_owned())).collect());
        let words = self.words.iter();
        table("word", words.map(|w| (format!("`{}` ({})", w.word, w.of), w.meaning.clone())).collect());
        let codes = self.exit_codes.iter();
        table("exit code", codes.map(|e| (e.code.to_string(), e.meaning.to_owned())).collect());
        text
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn list(variants: &[Variant]) -> String {
    variants.iter().map(|variant| variant.word()).collect::<Vec<_>>().join(", ")
}

impl From<&Caution> for CautionEntry {
    fn from(caution: &Caution) -> Self {
        let Caution { value: _, harm, confidence, text } = *caution;
        Self { kind: harm, confidence, text }
    }
}

impl SettingEntry {
    fn of(setting: &'static Setting) -> Self {
        let value = |value: Value| ValueEntry {
            value: value.to_json(),
            meaning: setting.meaning(value).unwrap_or_default(),
            neutral: setting.neutral == Some(value),
            protects_more_than: setting.weaker_than(value).into_iter().map(Value::to_json).collect(),
            cautions: setting.cautions_of(value).map(CautionEntry::from).collect(),
        };
        Self {
            name: setting.name,
            summary: setting.summary,
            values: setting.values().into_iter().map(value).collect(),
            read_only: setting.is_read_only(),
            plan_variants: setting.settable_on,
            stale_on: setting.stale_on,
            meaning_since: setting.meaning_since,
            cautions: setting.cautions,
            notes: setting.advice(),
            documentation: setting.docs,
        }
    }

    fn markdown(&self) -> String {
        let value = |entry: &ValueEntry| format!("`{}`", word(&entry.value));
        let values: Vec<_> = self.values.iter().map(value).collect();
        let variants = match self.plan_variants {
            [] => "none: read-only".to_owned(),
            all if all.len() == Variant::ALL.len() => "all".to_owned(),
            some => some.iter().map(|variant| format!("`{variant}`")).collect::<Vec<_>>().join(", "),
        };
        format!(
            "| [`{}`]({}) | {} | {} | {variants} |\n",
            self.name,
            self.documentation,
            cell(self.summary),
            values.join(" ")
        )
    }
}

fn word(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl VariantEntry {
    fn of(variant: Variant) -> Self {
        let stale = catalogue::settings().filter(|setting| setting.stale_on.contains(&variant));
        Self {
            name: variant,
            meaning: variant.meaning(),
            settings: catalogue::settable(variant).map(|setting| setting.name).collect(),
            stale: stale.map(|setting| setting.name).collect(),
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format_version: _, settings, variants, words, exit_codes } = self;
        let mut parts: Vec<String> = settings.iter().map(ToString::to_string).collect();
        parts.extend(variants.iter().map(ToString::to_string));
        parts.extend(words.iter().map(ToString::to_string));
        if !exit_codes.is_empty() {
            parts.push(
                exit_codes.iter().map(|exit| format!("{:>2}  {}\n", exit.code, exit.meaning)).collect(),
            );
        }
        f.write_str(&parts.join("\n"))
    }
}

impl fmt::Display for SettingEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n  {}\n", self.name, self.summary)?;
        for ValueEntry { value, meaning, neutral, protects_more_than: _, cautions: _ } in &self.values {
            let neutral = if *neutral { "  (neutral)" } else { "" };
            writeln!(f, "  {:<20}{meaning}{neutral}", word(value))?;
        }
        if self.read_only {
            writeln!(f, "  read-only: it is reported by GET and cannot be written")?;
        } else {
            writeln!(f, "\n  plan variants:  {}", list(self.plan_variants))?;
        }
        if !self.stale_on.is_empty() {
            writeln!(f, "  may be stale on: {}", list(self.stale_on))?;
        }
        if let Some(since) = self.meaning_since {
            writeln!(f, "  meaning since:  {since}")?;
        }
        self.cautions.iter().try_for_each(|caution| writeln!(f, "  caution: {caution}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))?;
        writeln!(f, "  documentation: {}", self.documentation)
    }
}

impl fmt::Display for VariantEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (plan variant)\n  {}\n\n  settings:", self.name, self.meaning)?;
        self.settings.iter().try_for_each(|name| writeln!(f, "    {name}"))?;
        if self.stale.is_empty() {
            return Ok(());
        }
        writeln!(f, "  may hold, left by an earlier plan variant:")?;
        self.stale.iter().try_for_each(|name| writeln!(f, "    {name}"))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { word, of, meaning, choices } = self;
        writeln!(f, "{word} ({of})\n  {meaning}")?;
        let gap = if choices.is_empty() { "" } else { "\n" };
        f.write_str(gap)?;
        choices.iter().try_for_each(|(choice, meaning)| writeln!(f, "  {choice:<20}  {meaning}"))
    }
}
