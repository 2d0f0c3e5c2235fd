//! Progress of long work on stderr: a bar on a terminal, elsewhere a line for every half minute of waiting. Both say
//! what the run waits for, and until when.

use super::{Level, say, stderr_width};
use crate::api::{Budgets, Wait};
use crate::model::plural;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often the progress is updated.
const TICK: Duration = Duration::from_secs(1);

/// How often a wait is reported without a terminal.
const EVERY: Duration = Duration::from_secs(30);

/// Shorter waits are not reported.
const SHORT: Duration = Duration::from_secs(5);

/// The minimum width of a terminal, in cells, for a bar beside the text.
const BAR_FROM: usize = 80;

/// Work on zones, such as `reading` them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    /// The verb shown.
    pub(crate) verb: &'static str,
    /// How many requests a zone takes.
    pub(crate) requests: u64,
}

impl Task {
    /// Reading zones.
    pub(crate) const READING: Self = Self { verb: "reading", requests: 1 };
    /// Writing zones: each is read, written and read back.
    pub(crate) const WRITING: Self = Self { verb: "writing", requests: 3 };
    /// Submitting reports: the list is read before and after.
    pub(crate) const SUBMITTING: Self = Self { verb: "submitting", requests: 3 };
}

/// The progress of work on zones.
pub(crate) struct Progress<'a> {
    budgets: Budgets,
    task: Task,
    bar: ProgressBar,
    /// The number of zones that did not succeed, by how they ended.
    others: Mutex<BTreeMap<String, usize>>,
    /// When a wait was last reported.
    said: Mutex<Option<Instant>>,
    say: &'a (dyn Fn(&str) + Sync),
    now: &'a (dyn Fn() -> Timestamp + Sync),
}

impl<'a> Progress<'a> {
    /// Progress of work on a number of zones, whose requests wait for budgets.
    pub(crate) fn new(budgets: Budgets, zones: usize, task: Task) -> Self {
        Self::to(ProgressDrawTarget::stderr(), stderr_width(), budgets, zones, task)
    }

    fn to(
        target: ProgressDrawTarget,
        width: Option<usize>,
        budgets: Budgets,
        zones: usize,
        task: Task,
    ) -> Self {
        let bar = ProgressBar::with_draw_target(Some(zones as u64), target);
        let has_room = width.is_none_or(|width| width >= BAR_FROM);
        let template = if has_room {
            "{prefix} {pos}/{len} {bar:20} {wide_msg}"
        } else {
            "{prefix} {pos}/{len} {wide_msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(task.verb);
        Self {
            budgets,
            task,
            bar,
            others: Mutex::default(),
            said: Mutex::default(),
            say: &|line| say(Level::Info, line),
            now: &Timestamp::now,
        }
    }

    /// For work whose size is unknown: only waits are reported, as lines.
    pub(crate) fn of_waits(budgets: Budgets) -> Self {
        Self::to(ProgressDrawTarget::hidden(), None, budgets, 0, Task::READING)
    }

    /// Counts a zone.
    pub(crate) fn inc(&self) {
        self.bar.inc(1);
    }

    /// Counts a zone that did not succeed, such as `refused`.
    pub(crate) fn inc_as(&self, end: String) {
        *self.others.lock().unwrap_or_else(PoisonError::into_inner).entry(end).or_default() += 1;
        self.inc();
    }

    /// Does the work and shows its progress meanwhile.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let (mut work, mut ticks) = (pin!(work), interval(TICK));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let result = loop {
            tokio::select! {
                // Work that is done wins over a tick: nothing is drawn after the end.
                biased;
                result = &mut work => break result,
                _ = ticks.tick() => self.show(),
            }
        };
        self.bar.finish_and_clear();
        result
    }

    fn show(&self) {
        let wait = self.budgets.waiting();
        if !self.bar.is_hidden() {
            self.bar.set_message(wait.map_or_else(|| self.left(), |wait| self.short(wait)));
            self.bar.tick();
            return;
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = said.is_none_or(|said| said.elapsed() >= EVERY);
        if let Some(wait) = wait.filter(|wait| is_due && wait.left >= SHORT) {
            *said = Some(Instant::now());
            (self.say)(&self.line(wait));
        }
    }

    /// How long the rest takes at least, by the request budget; empty if that is short.
    fn left(&self) -> String {
        let rest = self.bar.length().unwrap_or_default().saturating_sub(self.bar.position());
        match self.budgets.eta(rest * self.task.requests) {
            short if short < SHORT => String::new(),
            long => format!("about {} left", minutes(long)),
        }
    }

    fn short(&self, Wait { left, is_asked }: Wait) -> String {
        let why = if is_asked { "as Cloudflare asks" } else { "for the budget" };
        format!("waiting until {} {why}", self.clock(left))
    }

    fn line(&self, Wait { left, is_asked }: Wait) -> String {
        let why = if is_asked { "because Cloudflare asks for it" } else { "for the request budget" };
        let rest = self.left();
        let rest = if rest.is_empty() { rest } else { format!(", {rest}") };
        let progress = match usize::try_from(self.bar.length().unwrap_or_default()) {
            Ok(0) => String::new(),
            length => {
                let zones = plural(length.unwrap_or(usize::MAX), "zone");
                let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
                let others: String = others.iter().map(|(end, count)| format!(", {count} {end}")).collect();
                format!("; {} of {zones} done{others}{rest}", self.bar.position())
            }
        };
        format!("waiting until {} {why} ({}){progress}", self.clock(left), minutes(left))
    }

    /// The time of day after a duration.
    fn clock(&self, left: Duration) -> String {
        let until = (self.now)().saturating_add(left).unwrap_or(Timestamp::MAX);
        until.strftime("%H:%M:%S UTC").to_string()
    }
}

/// A duration in seconds or minutes.
pub(crate) fn minutes(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Budget;
    use crate::model::Rate;
    use indicatif::TermLike;
    use std::io;
    use std::sync::Arc;

    /// A terminal that keeps what is drawn on it.
    #[derive(Clone, Debug)]
    struct Recorder {
        width: u16,
        frames: Arc<Mutex<Vec<String>>>,
    }

    impl TermLike for Recorder {
        fn width(&self) -> u16 {
            self.width
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            let mut frames = self.frames.lock().unwrap();
            let text = text.trim();
            if !text.is_empty() && frames.last().is_none_or(|last| last != text) {
                frames.push(text.to_owned());
            }
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Four zones with a request each, of which two fit into five minutes.
    async fn work(budget: &Budget, progress: &Progress<'_>) {
        let work = async {
            for _ in 0..4 {
                drop(budget.place().await);
                progress.inc();
            }
        };
        progress.during(work).await;
    }

    fn at_noon() -> impl Fn() -> Timestamp {
        let (noon, started) = ("2026-11-08T12:00:00Z".parse::<Timestamp>().unwrap(), Instant::now());
        move || noon + started.elapsed()
    }

    async fn bar(width: u16, budget: &Budget) -> String {
        let terminal = Recorder { width, frames: Arc::default() };
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let now = at_noon();
        let progress = Progress::to(target, Some(width.into()), budget.into(), 4, Task::READING);
        let progress = Progress { now: &now, ..progress };
        work(budget, &progress).await;
        let frames = terminal.frames.lock().unwrap();
        frames.join("\n")
    }

    fn two_in_five_minutes() -> Budget {
        Budget::new(Rate::new(2, 300).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_bar_shows_what_is_waited_for_and_until_when() {
        insta::assert_snapshot!(bar(80, &two_in_five_minutes()).await, @"
        reading 0/4 ░░░░░░░░░░░░░░░░░░░░
        reading 1/4 █████░░░░░░░░░░░░░░░
        reading 2/4 ██████████░░░░░░░░░░
        reading 2/4 ██████████░░░░░░░░░░ waiting until 12:05:00 UTC for the budget
        reading 3/4 ███████████████░░░░░ waiting until 12:05:00 UTC for the budget
        reading 4/4 ████████████████████ waiting until 12:05:00 UTC for the budget
        ");
        let asked = Budget::unlimited();
        asked.pause(Duration::from_secs(300));
        insta::assert_snapshot!(bar(60, &asked).await, @"
        reading 0/4
        reading 0/4 waiting until 12:05:00 UTC as Cloudflare asks
        reading 1/4 waiting until 12:05:00 UTC as Cloudflare asks
        reading 2/4 waiting until 12:05:00 UTC as Cloudflare asks
        reading 3/4 waiting until 12:05:00 UTC as Cloudflare asks
        reading 4/4 waiting until 12:05:00 UTC as Cloudflare asks
        ");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_terminal_a_wait_is_reported_every_half_minute() {
        let (lines, now, budget) = (Mutex::new(String::new()), at_noon(), two_in_five_minutes());
        let say = |line: &str| *lines.lock().unwrap() += &format!("{line}\n");
        let progress = Progress::to(ProgressDrawTarget::hidden(), None, (&budget).into(), 4, Task::READING);
        let progress = Progress { now: &now, say: &say, ..progress };
        work(&budget, &progress).await;
        insta::assert_snapshot!(lines.lock().unwrap(), @"
        waiting until 12:05:00 UTC for the request budget (5 minutes); 2 of 4 zones done, about 5 minutes left
        waiting until 12:05:00 UTC for the request budget (5 minutes); 2 of 4 zones done, about 5 minutes left
        waiting until 12:05:00 UTC for the request budget (4 minutes); 2 of 4 zones done, about 4 minutes left
        waiting until 12:05:00 UTC for the request budget (4 minutes); 2 of 4 zones done, about 4 minutes left
        waiting until 12:05:00 UTC for the request budget (3 minutes); 2 of 4 zones done, about 3 minutes left
        waiting until 12:05:00 UTC for the request budget (3 minutes); 2 of 4 zones done, about 3 minutes left
        waiting until 12:05:00 UTC for the request budget (2 minutes); 2 of 4 zones done, about 2 minutes left
        waiting until 12:05:00 UTC for the request budget (90 seconds); 2 of 4 zones done, about 90 seconds left
        waiting until 12:05:00 UTC for the request budget (60 seconds); 2 of 4 zones done, about 60 seconds left
        waiting until 12:05:00 UTC for the request budget (30 seconds); 2 of 4 zones done, about 30 seconds left
        ");
    }

    #[tokio::test(start_paused = true)]
    async fn refused_zones_are_not_counted_as_written() {
        let (lines, now) = (Mutex::new(String::new()), at_noon());
        let say = |line: &str| *lines.lock().unwrap() += &format!("{line}\n");
        let budget = Budget::unlimited();
        let progress = Progress::to(ProgressDrawTarget::hidden(), None, (&budget).into(), 314, Task::WRITING);
        let progress = Progress { now: &now, say: &say, ..progress };
        (0..292).for_each(|_| progress.inc_as("refused".to_owned()));
        (0..3).for_each(|_| progress.inc());
        budget.pause(Duration::from_secs(60));
        progress.during(async { drop(budget.place().await) }).await;
        let lines = lines.lock().unwrap();
        assert_eq!(
            lines.lines().next().unwrap(),
            "waiting until 12:01:00 UTC because Cloudflare asks for it (60 seconds); 295 of 314 zones done, 292 refused, about 60 seconds left"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn short_waits_are_not_reported() {
        let (lines, budget) = (Mutex::new(String::new()), Budget::new(Rate::new(2, 1).unwrap()));
        let say = |line: &str| *lines.lock().unwrap() += &format!("{line}\n");
        let progress = Progress::to(ProgressDrawTarget::hidden(), None, (&budget).into(), 4, Task::READING);
        work(&budget, &Progress { say: &say, ..progress }).await;
        assert_eq!(*lines.lock().unwrap(), "");
    }
}
