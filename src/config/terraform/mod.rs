//! What a Terraform state holds of bot settings.

mod shapes;
mod state;

pub(crate) use state::{Held, State as TerraformState, read_state};

#[cfg(test)]
mod tests;
