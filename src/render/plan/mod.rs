//! A plan as text: each zone worth showing, or what many zones have in common.

mod causes;
mod text;
mod zone;

pub use text::PlanText;
