//! The page. It loads and sends nothing; its script only draws the data that the page holds, as text.

use super::above::{self, Cause, Line, Weight, parted};
use super::data::Data;
use crate::model::clean;
use crate::report::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::fmt;

const STYLE: &str = include_str!("page/page.css");

/// The script, concatenated from its parts.
const SCRIPT: &str = concat!(
    include_str!("page/zones.js"),
    include_str!("page/order.js"),
    include_str!("page/matrix.js"),
    include_str!("page/filters.js"),
    include_str!("page/detail.js"),
    include_str!("page/print.js"),
    include_str!("page/keys.js"),
);

/// How many entries of a kind there are above the table at most.
const MOST_SAID: usize = 200;

/// How many entries of a kind are visible at first.
const SHOWN: usize = 3;

/// What the page may load: nothing but its own style and script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A report as a page.
#[derive(Clone, Copy, Debug)]
pub struct HtmlReport<'r> {
    report: &'r Report<'r>,
}

impl<'r> HtmlReport<'r> {
    /// The page of a report.
    #[must_use]
    pub fn new(report: &'r Report<'r>) -> Self {
        Self { report }
    }

    fn heading(&self) -> String {
        clean(&self.report.headline()).into_owned()
    }
}

impl fmt::Display for HtmlReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, causes) = above::of(self.report);
        let heading = self.heading();
        let data = Data::of(self.report, causes.get(..MOST_SAID).unwrap_or(&causes));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    title { "botform " (self.report.verb.word()) ": " (heading) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.top(&heading))
                    main {
                        (said(&lines))
                        (failures(&causes))
                        (table())
                    }
                    dialog #detail aria-labelledby="named" {}
                    table #printed {}
                    script #data type="application/json" { (PreEscaped(data.inert())) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        f.write_str(&page.into_string())
    }
}

impl HtmlReport<'_> {
    /// The head of the page: the headline, the verdict and the digest.
    fn top(&self, heading: &str) -> Markup {
        let ending = self.report.ending;
        html! {
            header {
                h1 { (heading) }
                button #theme type="button" title="Dark or light" aria-label="Dark or light" { "◐" }
                p #verdict .failure[!ending.is_success()] {
                    "Exit code " (ending.code()) ": " (self.report.verdict()) "."
                }
                @if let Some(plan) = self.report.plan {
                    p.made { "Digest " code { (plan.digest().short()) } }
                }
            }
        }
    }
}

/// What is said about the run as a whole.
fn said(lines: &[Line]) -> Markup {
    html! {
        @if !lines.is_empty() {
            ul #said {
                @for weight in Weight::ALL {
                    @let same: Vec<_> = lines.iter().filter(|line| line.weight == weight).collect();
                    @let shown = match weight {
                        Weight::Fact => same.len(),
                        Weight::Loud | Weight::Failure => SHOWN,
                        Weight::Message => 1,
                    };
                    (listed(&same, shown, |_, line| said_line(line)))
                }
            }
        }
    }
}

/// Why zones failed. Pressing a cause shows its zones.
fn failures(causes: &[Cause]) -> Markup {
    html! {
        @if !causes.is_empty() {
            section #causes aria-labelledby="why" {
                h2 #why { "Why zones failed" }
                ul { (listed(causes, SHOWN, cause_line)) }
            }
        }
    }
}

/// The first of a list; the others show on demand, because the zones come below.
fn listed<T>(all: &[T], shown: usize, line: impl Fn(usize, &T) -> Markup) -> Markup {
    let shown = if all.len() > shown + 1 { shown } else { all.len() };
    let lines = || all.iter().enumerate().map(|(number, one)| line(number, one)).take(MOST_SAID);
    html! {
        @for line in lines().take(shown) { (line) }
        @if all.len() > shown {
            li.more {
                details {
                    summary { "… and " (all.len() - shown) " more" }
                    ul {
                        @for line in lines().skip(shown) { (line) }
                        @if all.len() > MOST_SAID { li { "… and " (all.len() - MOST_SAID) " more, all with `--output text`" } }
                    }
                }
            }
        }
    }
}

fn said_line(line: &Line) -> Markup {
    html! {
        li .loud[line.weight == Weight::Loud] .failure[line.weight == Weight::Failure] .long[line.text.len() > 60] {
            (folded(&line.text))
        }
    }
}

fn cause_line(number: usize, cause: &Cause) -> Markup {
    let (count, texts, names) = cause.in_parts();
    html! {
        li {
            button type="button" aria-pressed="false" data-cause=(number) { (count) }
            div {
                @for text in &texts { div { (folded(text)) } }
                @if !names.is_empty() { p.names { (names) } }
            }
        }
    }
}

/// A text; the rest of a long one shows on demand.
fn folded(text: &str) -> Markup {
    let (first, rest) = parted(text);
    html! {
        @if rest.is_empty() {
            span.text { (first) }
        } @else {
            details { summary { span.text { (first) } " …" } span.text { (rest.trim_start()) } }
        }
    }
}

/// The zones: filters, and the table that the script draws.
fn table() -> Markup {
    html! {
        section #zones aria-label="Zones" {
            noscript { p { "The table is drawn by the page's own script; nothing is loaded from elsewhere." } }
            div #filters {
                input #search type="search" placeholder="Search zones ( / )" aria-label="Search zones";
                select #variant aria-label="Plan variant" { option value="" { "all plan variants" } }
                select #sort aria-label="Sort by" {}
            }
            div #marks role="group" aria-label="Show only zones with" {}
            div #results role="group" aria-label="Show only zones with the result" {}
            p #count role="status" {}
            div #matrix role="grid" tabindex="0" aria-label="Zones and settings" {
                div #head role="rowgroup" {}
                div #body role="rowgroup" {}
            }
            p #none hidden { "No zone matches. " button #clear type="button" { "Show all zones" } }
            p #legend {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::{Desired, Diagnostic, Live, Outcome, ZoneId, ZoneOutcome};
    use crate::plan::{Plan, Provenance, ZonePlan};
    use crate::report::{Ending, Verb};
    use jiff::civil::date;
    use serde_json::{Value as Json, json};

    fn page(live: Json, said: &str) -> String {
        let mut want = Desired::new("shop.example.com".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        let Json::Object(live) = live else { panic!("an object") };
        let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned()).unwrap();
        let zone = ZonePlan::build(&want, id, Live::read(live), &Context::of_day(date(2026, 11, 25)));
        let made = Provenance::new("2026-11-25T00:00:00Z".parse().unwrap(), said.to_owned());
        let outcomes = [ZoneOutcome::because(Outcome::Refused, Diagnostic::error(said).hint(said))];
        let problems = [Diagnostic::of_file(said, said)];
        let plan = Plan::build(made, vec![zone]);
        let report = Report::new(Verb::Apply, Ending::Failed);
        let report = Report { plan: Some(&plan), outcomes: Some(&outcomes), problems: &problems, ..report };
        HtmlReport::new(&report).to_string()
    }

    fn data(page: &str) -> Json {
        let (_, rest) = page.split_once("type=\"application/json\">").unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    }

    #[test]
    fn a_page_holds_each_zone_with_its_rows() {
        let data = data(&page(json!({"ai_search": "disabled", "enable_js": true}), "no"));
        let zone = &data["zones"][0];
        assert_eq!((&zone["name"], &zone["outcome"]), (&json!("shop.example.com"), &json!("refused")));
        assert_eq!(zone["rows"].as_array().unwrap().len(), 2);
        let text = |number: &Json| data["texts"][usize::try_from(number.as_u64().unwrap()).unwrap()].clone();
        let row = &zone["rows"][0];
        let column = usize::try_from(row[0].as_i64().unwrap()).unwrap();
        assert_eq!(data["settings"][column]["name"], "ai_search");
        assert_eq!([text(&row[2]), text(&row[3]), text(&row[4])], ["disabled", "block", "change"]);
    }

    #[test]
    fn what_a_stranger_wrote_stays_text() {
        let hostile = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\u{202e}\u{1b}[2J";
        let page = page(json!({"ai_search": hostile, "enable_js": true, "sbfm_x": hostile}), hostile);
        assert_eq!(page.matches("<script").count(), 2, "the data and the page's own");
        assert!(!page.contains("<img") && !page.contains("<!--<") && !page.contains(['\u{202e}', '\u{1b}']));
        assert!(data(&page)["texts"].to_string().contains("<script>"), "shown as text");
    }

    #[test]
    fn a_page_loads_nothing() {
        let page = page(json!({"ai_search": "block"}), "http://api.example");
        for loading in ["src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "import("] {
            assert!(!page.contains(loading), "{loading}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
