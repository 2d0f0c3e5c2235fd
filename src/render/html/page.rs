//! The page: it loads nothing and sends nothing; its script only draws the data that stands in it, as text.

use super::data::Data;
use crate::model::{DiagnosticKind, Severity, clean};
use crate::plan::Plan;
use crate::render::said::{of_zones, placed};
use crate::render::seen::sentences;
use crate::report::{Item, Report, Rule, refused, together};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::fmt;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How much is said above the table.
const MOST_SAID: usize = 200;

/// How many zones of a message are named.
const NAMES: usize = 5;

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

    /// What is said of the run as a whole: why it is refused, what is wrong with its files, why zones failed, what no
    /// file manages.
    fn said(&self) -> Vec<String> {
        // What a policy refuses in zones is said for all of them at once.
        let broken = self.report.refusals.iter().filter(|refusal| !refusal.broken.is_empty());
        let broken = broken.map(|refusal| {
            let text = format!("{}; {}", refused(refusal).message, refusal.hint);
            clean(&text).into_owned()
        });
        let is_broken = |item: &Item<'_>| item.rule == Rule::from(DiagnosticKind::Policy);
        let said = together(self.report.items());
        let said = said.iter().filter_map(|same| match same.first()? {
            // That is said above.
            item if item.rule == Rule::WEAKENED => None,
            item if item.zone.is_none() => Some(placed(item)),
            item if item.severity == Severity::Error && !is_broken(item) => Some(of_zones(same, NAMES)),
            _ => None,
        });
        let seen = sentences(self.report);
        seen.into_iter().chain(broken).chain(said).collect()
    }
}

impl fmt::Display for HtmlReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (heading, said) = (self.heading(), self.said());
        let Report { plan, ending, .. } = *self.report;
        let data = Data::of(self.report);
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
                    (top(plan, &heading))
                    p #verdict .bad[!ending.is_success()] { "Exit code " (ending.code()) ": " (self.report.verdict()) "." }
                    @if !said.is_empty() {
                        ul #said { @for text in said.iter().take(MOST_SAID) { li { (text) } } }
                        @if said.len() > MOST_SAID { p { "… and " (said.len() - MOST_SAID) " more" } }
                    }
                    noscript { p { "The table is drawn by the page's own script; nothing is loaded from elsewhere." } }
                    section #totals aria-label="Totals" {}
                    section #filters aria-label="Filters" {
                        input #search type="search" placeholder="Search zones ( / )" aria-label="Search zones";
                        select #variant aria-label="Plan variant" { option value="" { "all plan variants" } }
                        div #chips role="group" aria-label="Show only" {}
                        span #count role="status" {}
                    }
                    p #legend {}
                    main #matrix role="grid" tabindex="0" aria-label="Zones and settings" {
                        div #head role="row" {}
                        div #body {}
                    }
                    dialog #detail aria-label="Zone" {}
                    script #data type="application/json" { (PreEscaped(data.inert())) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        f.write_str(&page.into_string())
    }
}

/// The head of the page: what it is about, and where it comes from.
fn top(plan: Option<&Plan>, heading: &str) -> Markup {
    html! {
        header {
            h1 { (heading) }
            @if let Some(plan) = plan {
                p.made {
                    "Made " time { (plan.provenance().created_at) } " from "
                    code { (clean(&plan.provenance().api)) }
                    " · digest " code { (plan.digest().short()) }
                }
            }
            button #theme type="button" { "Dark or light" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Variant;
    use crate::diff::Context;
    use crate::model::{Desired, Diagnostic, Live, Outcome, ZoneId, ZoneOutcome};
    use crate::plan::{Provenance, ZonePlan};
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
