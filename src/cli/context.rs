//! The context of a run that uses the API. Every run has the same order: check every output, load, connect (signals,
//! then the session), announce, act, show. What was connected ends with its context.

use super::Failure;
use super::args::Connection;
use super::environment::Clock;
use super::output::{Level, Outputs, minutes, say};
use super::session::{self, Session};
use super::signals::{Runtime, Signals, runtime};
use crate::api::Budgets;
use crate::config::Project;
use crate::emulator::World;
use crate::model::plural;
use crate::plan::ZonePlan;
use crate::run::Stop;
use std::sync::Arc;

/// The context of a run that uses the API. Its fields are dropped in order: the session before the runtime and the
/// signals.
#[derive(Debug)]
pub(crate) struct Context<'a, F> {
    /// The API.
    pub(crate) session: Session,
    /// Where the result goes.
    pub(crate) outputs: &'a Outputs<F>,
    /// The settings of the project.
    pub(crate) project: Project,
    pub(crate) clock: Clock,
    /// Set by the first signal.
    pub(crate) stop: Arc<Stop>,
    runtime: Runtime,
    /// While this exists, the first signal asks the run to stop.
    _signals: Signals,
}

/// What a run is about to do, as it is announced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// `reading`, or `applying`.
    pub(crate) verb: &'static str,
    /// How many zones.
    pub(crate) zones: usize,
    /// How many requests they take.
    pub(crate) requests: usize,
}

impl Work {
    /// Reading zones: one request each, and one for each page of the list of zones.
    pub(crate) fn reading(zones: usize) -> Self {
        Self { verb: "reading", zones, requests: zones + zones.div_ceil(50) }
    }

    /// Writing the zones of a plan: each is read, written and read back; a clean-up beside other changes takes two
    /// requests more.
    pub(crate) fn applying(plan: &[ZonePlan]) -> Self {
        let zones = plan.iter().filter(|zone| zone.is_written()).count();
        let in_two = plan.iter().filter(|zone| zone.is_written_in_two()).count();
        Self { verb: "applying", zones, requests: 3 * zones + 2 * in_two }
    }

    /// Writing the zones of a saved plan: their names and ids are confirmed, and each is read once more before any is
    /// written.
    pub(crate) fn applying_saved(plan: &[ZonePlan]) -> Self {
        let Self { verb, zones, requests } = Self::applying(plan);
        Self { verb, zones, requests: zones.div_ceil(50) + zones + requests }
    }
}

impl<'a, F: Copy> Context<'a, F> {
    /// Installs the signals and opens the session; `bare` is the world of an `--emulate` that names none.
    pub(crate) fn connect(
        outputs: &'a Outputs<F>,
        connection: &Connection,
        project: Project,
        clock: Clock,
        bare: impl FnOnce() -> World,
    ) -> Result<Self, Failure> {
        let stop = Arc::new(Stop::default());
        let runtime = runtime()?;
        let signals = Signals::install(&stop)?;
        // The commands that need an account report a wrong one.
        let account = session::account_of_files(connection, &project).ok().flatten();
        let session = runtime.block_on(session::open(connection, &project, account, bare))?;
        Ok(Self { session, outputs, project, clock, stop, runtime, _signals: signals })
    }

    /// Waits for work of this run.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Prints how long the work will take, if the request budget makes it long.
    pub(crate) fn announce(&self, work: Work, budgets: &Budgets) {
        if budgets.eta(work.requests as u64).as_secs() >= 30 {
            self.announce_any(work, budgets);
        }
    }

    /// Prints what is about to be done, and how long it will take if the request budget makes it long.
    pub(crate) fn announce_any(&self, work: Work, budgets: &Budgets) {
        let Work { verb, zones, requests } = work;
        let time = budgets.eta(requests as u64);
        let time = match time.as_secs() {
            0..30 => String::new(),
            _ => format!(", about {} within the request budget", minutes(time)),
        };
        // One request for each zone goes without saying.
        let takes =
            if requests == zones { String::new() } else { format!(", {}", plural(requests, "request")) };
        say(Level::Info, format!("{verb} {}{takes}{time}", plural(zones, "zone")));
    }
}
