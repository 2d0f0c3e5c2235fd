//! A plan as text: each zone with something to say, or what many zones say together.

mod causes;
mod text;
mod zone;

pub use text::PlanText;
