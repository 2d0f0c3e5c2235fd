//! Evidence that flags add to a plan: what changes would have done to requests, and what voids the settings. It is
//! added after the plan is made, and nothing that is approved depends on it.

use super::Context;
use super::args::Plan as Args;
use super::context::Work;
use super::inputs::Inputs;
use super::output::{Level, minutes, say};
use crate::model::plural;
use crate::plan::{Plan, ZonePlan};
use crate::run::{Around, check_effect, impact};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Evidence {
    impact: Option<SignedDuration>,
    checks_effect: bool,
    /// The files that say that custom rules are in place.
    in_place: BTreeSet<String>,
}

impl Evidence {
    /// What the arguments ask for.
    pub(crate) fn asked(args: &Args, inputs: &Inputs) -> Self {
        let in_place = inputs.zones.iter().filter(|zone| zone.custom_rules_in_place);
        Self {
            impact: args.impact.as_ref().map(|age| age.length),
            checks_effect: args.check_effect,
            in_place: in_place.filter_map(|zone| zone.file.clone()).collect(),
        }
    }

    /// Adds it to a plan.
    pub(crate) async fn add<F: Copy>(&self, cx: &Context<'_, F>, plan: &mut Plan) {
        let client = &cx.session.client;
        if let Some(length) = self.impact {
            let zones = plan.zones().iter().filter(|zone| zone.has_changes()).count();
            // One query for what a zone may see, then at most three tables, each for ten zones.
            let queries = 4 * zones.div_ceil(10);
            let time = client.query_budgets().eta(queries as u64);
            if time.as_secs() >= 30 {
                let (zones, time) = (plural(zones, "zone"), minutes(time));
                say(
                    Level::Info,
                    format!("asking the analytics of {zones} takes about {time} within their limit"),
                );
            }
            impact(client, plan, length, cx.clock.started(), &cx.stop).await;
        }
        if self.checks_effect {
            let zones = plan.zones().iter().filter(|zone| zone.live().is_some()).count();
            let read = plan.zones().iter().filter(|zone| zone.live().is_some());
            let budgets = client.budgets(read.map(|zone| zone.account_id.as_ref()));
            cx.announce(Work { verb: "checking", zones, requests: zones * Around::REQUESTS }, &budgets);
            let says = |zone: &ZonePlan| zone.file.as_ref().is_some_and(|file| self.in_place.contains(file));
            check_effect(client, plan, cx.session.concurrency, &says, &cx.stop).await;
        }
    }
}
