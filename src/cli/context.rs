//! The order of a run, once for all commands: check every output, load, install signals, open the session,
//! announce, act, show, restore signals. What a command adds is what it loads and what it does.

use super::Failure;
use super::args::Connection;
use super::environment::Clock;
use super::output::{Files, Outputs, Wanted, say};
use super::session::{self, Bare, Session};
use super::signals::{Signals, runtime};
use crate::config::Project;
use crate::model::plural;
use crate::report::Ending;
use crate::run::Stop;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What a run works with.
#[derive(Debug)]
pub(crate) struct Context<F> {
    /// The wish to stop.
    pub(crate) stop: Arc<Stop>,
    /// The API.
    pub(crate) session: Session,
    /// Where the result goes.
    pub(crate) outputs: Rc<Outputs<F>>,
    /// The settings of the project.
    pub(crate) project: Project,
    /// The clock.
    pub(crate) clock: Clock,
}

/// What a command brings to its run; `I` is what it loads.
pub(crate) struct Job<'a, F, I> {
    /// The files and formats to write.
    pub(crate) wanted: Wanted<'a, F>,
    /// How the API is reached.
    pub(crate) connection: &'a Connection,
    /// The world of a bare `--emulate`.
    pub(crate) world: Bare<I>,
    /// The work that the loaded files make.
    pub(crate) work: fn(&I) -> Work,
}

/// How a run reaches the API, and since when.
struct Reach<'a, I> {
    connection: &'a Connection,
    world: Bare<I>,
    work: fn(&I) -> Work,
    clock: Clock,
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

    /// Writing zones: each is read, written and read back.
    pub(crate) fn applying(zones: usize) -> Self {
        Self { verb: "applying", zones, requests: 3 * zones }
    }

    /// Writing the zones of a saved plan: their names and ids are confirmed, and each is read once more before any is
    /// written.
    pub(crate) fn applying_saved(zones: usize) -> Self {
        Self { verb: "applying", zones, requests: zones.div_ceil(50) + 4 * zones }
    }
}

impl<F: Copy> Context<F> {
    /// Runs a command that uses the API.
    pub(crate) fn run<I>(
        job: Job<'_, F, I>,
        load: impl FnOnce(&Files, Clock) -> Result<(I, Project), Failure>,
        act: impl AsyncFnOnce(&Self, I) -> Result<Ending, Failure>,
    ) -> Result<Ending, Failure> {
        let Job { wanted, connection, world, work } = job;
        let clock = Clock::start();
        session::check(connection, &world)?;
        let (outputs, files) = wanted.reads(session::world_file(connection)).check()?;
        let outputs = Rc::new(outputs);
        let reach = Reach { connection, world, work, clock };
        let result = Self::act(Rc::clone(&outputs), reach, |clock| load(&files, clock), act);
        result.inspect_err(|failure| outputs.fail(failure))
    }

    fn act<I>(
        outputs: Rc<Outputs<F>>,
        reach: Reach<'_, I>,
        load: impl FnOnce(Clock) -> Result<(I, Project), Failure>,
        act: impl AsyncFnOnce(&Self, I) -> Result<Ending, Failure>,
    ) -> Result<Ending, Failure> {
        let Reach { connection, world, work, clock } = reach;
        let (loaded, project) = load(clock)?;
        let stop = Arc::new(Stop::default());
        let runtime = runtime()?;
        let signals = Signals::install(&stop)?;
        let result = runtime.block_on(async {
            // A wrong account is told by the commands that need one.
            let account = session::account_of_files(connection, &project).ok().flatten();
            let session = session::open(connection, &project, account, || world.of(&loaded)).await?;
            let context = Self { stop, session, outputs, project, clock };
            context.announce(work(&loaded));
            let exit = act(&context, loaded).await?;
            Ok(context.outputs.settle(exit))
        });
        // A look-up of a name that hangs is not waited for.
        runtime.shutdown_background();
        signals.restore();
        result
    }

    /// Prints how long the work will take, if the request budget makes it long.
    pub(crate) fn announce(&self, work: Work) {
        if self.session.client.eta(work.requests as u64).as_secs() >= 30 {
            self.announce_any(work);
        }
    }

    /// Prints what is about to be done, and how long it will take if the request budget makes it long.
    pub(crate) fn announce_any(&self, work: Work) {
        let Work { verb, zones, requests } = work;
        let time = self.session.client.eta(requests as u64);
        let time = match time.as_secs() {
            0..30 => String::new(),
            _ => format!(", about {} within the request budget", minutes(time)),
        };
        let (zones, requests) = (plural(zones, "zone"), plural(requests, "request"));
        say(&format!("{verb} {zones} takes {requests}{time}\n"));
    }
}

/// Runs a command that sends nothing: the same order without a session. A signal ends it.
pub(crate) fn offline<F: Copy, I>(
    wanted: Wanted<'_, F>,
    load: impl FnOnce(&Files) -> Result<I, Failure>,
    act: impl FnOnce(&Outputs<F>, I) -> Result<Ending, Failure>,
) -> Result<Ending, Failure> {
    let (outputs, files) = wanted.check()?;
    let exit = load(&files).and_then(|loaded| act(&outputs, loaded));
    exit.map(|exit| outputs.settle(exit)).inspect_err(|failure| outputs.fail(failure))
}

/// A length of time in words.
pub(crate) fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}
