//! Several clients that act as one: each account has its credential, and each credential its own request budget.

mod access;
mod budgets;
#[expect(clippy::module_inception, reason = "the clients themselves are the main file of their folder")]
mod clients;
mod list;
mod resolve;

pub(crate) use budgets::Budgets;
pub use clients::Clients;
