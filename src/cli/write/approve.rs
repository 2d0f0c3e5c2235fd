//! The question before a write.

use crate::cli::output;
use crate::run::Stop;
use std::io::BufRead as _;
use tokio::sync::oneshot;

/// Asks on the terminal; only `yes` is a yes, and the wish to stop is a no.
pub(crate) async fn approve(question: &str, stop: &Stop) -> bool {
    output::say(&format!("\n{question}\n  Only `yes` is taken as approval: "));
    let (answer, answered) = oneshot::channel();
    // A thread of its own, and not the runtime's: nothing waits for it when the run is stopped at the question.
    std::thread::spawn(move || {
        let mut line = String::new();
        let is_yes = std::io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == "yes";
        // Nobody listens any more when the run was stopped.
        let _ = answer.send(is_yes);
    });
    tokio::select! {
        is_yes = answered => is_yes.unwrap_or(false),
        () = stop.requested() => false,
    }
}
