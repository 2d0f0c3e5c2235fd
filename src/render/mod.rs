//! Borrowed views of plans and outcomes, as text. Pure: where the text goes is not its business.

mod outcomes;
mod paint;
mod parts;
mod plan;

pub use outcomes::OutcomesText;
pub use paint::{Paint, clean};
pub use parts::plural;
pub use plan::PlanText;
