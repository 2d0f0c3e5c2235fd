//! The question before a write.

use crate::cli::output;
use crate::run::Stop;
use std::io::BufRead as _;
use tokio::sync::oneshot;

/// Asks on the terminal. Only `yes` approves; Ctrl-C does not.
pub(crate) async fn is_approved(question: &str, stop: &Stop) -> bool {
    output::say(&format!("\n{question}\n  Only `yes` approves: "));
    let (answer, answered) = oneshot::channel();
    // On a thread of its own and not the runtime's, so that nothing waits for it when the run is stopped here.
    std::thread::spawn(move || {
        let mut line = String::new();
        let is_yes = std::io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == "yes";
        // Nobody listens any more if the run was stopped.
        let _ = answer.send(is_yes);
    });
    tokio::select! {
        is_yes = answered => is_yes.unwrap_or(false),
        () = stop.requested() => false,
    }
}
