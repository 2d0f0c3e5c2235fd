//! What a plan of 10,000 zones costs on its way from texts in memory, without files and requests.

use super::fleet::{Named, name};
use super::process::cpu_of_thread;
use super::table::Table;
use botform::config;
use botform::diff::Context;
use botform::model::{Desired, Live, ZoneId};
use botform::plan::{Plan, PlanDocument, Provenance, ZonePlan};
use botform::program::{
    Annotations, COMMENT, Detail, Ending, HtmlReport, Markdown, Paint, PlanText, Report, ReportJson, Verb,
    gitlab, junit, sarif,
};

const ZONES: usize = 10_000;

/// The zone files and the replies of a fleet, as texts.
struct Texts {
    zones: Vec<(String, String)>,
    live: String,
}

impl Texts {
    fn of(named: Named) -> Self {
        let zones = (0..ZONES).map(name).map(|zone| (format!("zones/{zone}.yaml"), named.file(&zone)));
        Self { zones: zones.collect(), live: named.live().to_string() }
    }

    fn desired(&self) -> Vec<Desired> {
        self.zones.iter().map(|(file, text)| config::check_text(file, text.as_bytes()).0.unwrap()).collect()
    }

    fn plan(&self, wants: &[Desired]) -> Plan {
        let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned()).unwrap();
        let context = Context::of_day(jiff::civil::date(2026, 11, 23));
        let live = || Live::read(serde_json::from_str(&self.live).unwrap());
        let zones = wants.iter().map(|want| ZonePlan::build(want, id.clone(), live(), &context)).collect();
        Plan::build(Provenance::default(), zones)
    }
}

/// The least CPU of three times, in microseconds a zone.
fn cost<T>(of: impl Fn() -> T) -> Option<f64> {
    let once = || {
        let start = cpu_of_thread()?;
        let made = of();
        let used = cpu_of_thread()? - start;
        drop(made);
        Some(used / 1e3 / ZONES as f64)
    };
    (0..3).filter_map(|_| once()).reduce(f64::min)
}

/// Plans, and each format of a plan.
pub(crate) fn zones(table: &mut Table) {
    for named in Named::BOTH {
        let texts = Texts::of(named);
        let wants = texts.desired();
        table.told(&format!("  of it: checking the text of {named}"), cost(|| texts.desired()), "µs");
        table.told(&format!("  of it: diff and plan of {named}"), cost(|| texts.plan(&wants)), "µs");
        let whole = cost(|| texts.plan(&texts.desired()));
        table.most(&format!("CPU of a plan from memory, a zone with {named}"), whole, 40.0, "µs");
        formats(table, named, &texts.plan(&wants));
    }
}

fn formats(table: &mut Table, named: Named, plan: &Plan) {
    let report = Report { plan: Some(plan), ..Report::new(Verb::Plan, Ending::Done) };
    let mut told = |format: &str, made: &dyn Fn() -> usize| {
        table.told(&format!("  {format}, a zone with {named}"), cost(made), "µs");
    };
    told("digest", &|| plan.digest().to_string().len());
    told("text", &|| PlanText::new(plan, Paint::Plain, Detail::Notable).to_string().len());
    told("text --detail", &|| PlanText::new(plan, Paint::Plain, Detail::All).to_string().len());
    told("json", &|| serde_json::to_string(&ReportJson(&report)).unwrap().len());
    told("saved plan", &|| serde_json::to_string(&PlanDocument::new(plan)).unwrap().len());
    told("markdown", &|| Markdown::new(&report, COMMENT).to_string().len());
    told("github", &|| Annotations::new(&report).to_string().len());
    told("sarif", &|| sarif(&report).to_string().len());
    told("junit", &|| junit(&report).unwrap().len());
    told("gitlab", &|| gitlab(&report).to_string().len());
    told("html", &|| HtmlReport::new(&report).to_string().len());
}
