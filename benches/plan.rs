//! What a zone costs on each part of its way, for a thousand zones: compare the parts with each other, side by side
//! in one run, and not with another machine.

#![expect(clippy::unwrap_used, reason = "a benchmark ends at what it does not expect")]

use botform::config;
use botform::diff::Context;
use botform::model::{Desired, Live, ZoneId};
use botform::plan::{Plan, PlanDocument, Provenance, ZonePlan};
use botform::program::{
    Annotations, COMMENT, Detail, Ending, HtmlReport, Markdown, Paint, PlanText, Report, Verb, gitlab, junit,
    sarif,
};

const ZONES: usize = 1000;

fn main() {
    divan::main();
}

fn file(index: usize) -> String {
    format!(
        "zone: z{index:04}.example.com\nplan: sbfm_pro\nsettings:\n  enable_js: true\n  \
         ai_bots_protection: block\n  sbfm_verified_bots: allow\n  crawler_protection: enabled\n"
    )
}

fn desired() -> Vec<Desired> {
    (0..ZONES).map(|index| config::check_text("zone.yaml", file(index).as_bytes()).0.unwrap()).collect()
}

fn live() -> Live {
    let object = serde_json::json!({"enable_js": true, "ai_bots_protection": "disabled", "sbfm_verified_bots": "block",
        "crawler_protection": "enabled", "sbfm_definitely_automated": "allow", "is_robots_txt_managed": true,
        "stale_zone_configuration": {"fight_mode": true}});
    Live::read(object.as_object().unwrap().clone())
}

fn plan(wants: &[Desired]) -> Plan {
    let id = ZoneId::try_from("023e105f4ecef8ad9ca31a8372d0c353".to_owned()).unwrap();
    let today = jiff::civil::date(2026, 11, 23);
    let context = Context::of_day(today);
    let live = live();
    let zones = wants.iter().map(|want| ZonePlan::build(want, id.clone(), live.clone(), &context)).collect();
    Plan::build(Provenance::default(), zones)
}

#[divan::bench]
fn check_files() -> Vec<Desired> {
    desired()
}

#[divan::bench]
fn diff_and_plan(bencher: divan::Bencher<'_, '_>) {
    let wants = desired();
    bencher.bench(|| plan(&wants));
}

/// All of a plan but its requests.
#[divan::bench]
fn plan_from_files() -> Plan {
    plan(&desired())
}

#[divan::bench]
fn plan_digest(bencher: divan::Bencher<'_, '_>) {
    let plan = plan(&desired());
    bencher.bench(|| plan.digest());
}

#[divan::bench]
fn text_by_zone(bencher: divan::Bencher<'_, '_>) {
    let plan = plan(&desired());
    bencher.bench(|| PlanText::new(&plan, Paint::Plain, Detail::All).to_string());
}

#[divan::bench]
fn text_by_group(bencher: divan::Bencher<'_, '_>) {
    let plan = plan(&desired());
    bencher.bench(|| PlanText::new(&plan, Paint::Plain, Detail::Notable).to_string());
}

#[divan::bench]
fn json(bencher: divan::Bencher<'_, '_>) {
    let plan = plan(&desired());
    bencher.bench(|| serde_json::to_string(&PlanDocument::new(&plan)).unwrap());
}

/// Each format of a report is made in less time than `plan_from_files` takes.
mod formats {
    use super::{
        Annotations, COMMENT, Ending, HtmlReport, Markdown, Plan, Report, Verb, desired, gitlab, junit, plan,
        sarif,
    };

    fn report(plan: &Plan) -> Report<'_> {
        Report { plan: Some(plan), ..Report::new(Verb::Plan, Ending::Done) }
    }

    #[divan::bench]
    fn markdown(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| Markdown::new(&report(&plan), COMMENT).to_string());
    }

    #[divan::bench]
    fn github(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| Annotations::new(&report(&plan)).to_string());
    }

    #[divan::bench]
    fn sarif_log(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| sarif(&report(&plan)).to_string());
    }

    #[divan::bench]
    fn junit_xml(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| junit(&report(&plan)));
    }

    #[divan::bench]
    fn html_page(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| HtmlReport::new(&report(&plan)).to_string());
    }

    #[divan::bench]
    fn gitlab_widget(bencher: divan::Bencher<'_, '_>) {
        let plan = plan(&desired());
        bencher.bench(|| gitlab(&report(&plan)));
    }
}
