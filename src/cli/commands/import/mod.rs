//! `import`: live zones into zone files.

mod baseline;
mod file;
mod folder;
mod report;
mod run;
mod terraform;

pub(crate) use run::run;

#[cfg(test)]
mod tests;
