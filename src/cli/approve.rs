//! The question before a write.

use super::output;
use std::io::BufRead as _;

/// Asks on the terminal; only `yes` is a yes.
pub(super) fn approve(question: &str) -> bool {
    output::say(&format!("\n{question}\n  Only `yes` is taken as approval: "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
