//! The flags for runs on several machines.

use crate::cli::environment;
use crate::model::Shard;
use clap::Args;

/// The variable in which Kubernetes gives a pod of an Indexed Job its index, from 0.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// Which part of the zones a run covers.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Sharding {
    /// Only this part of the zones: its number, from 1, and how many there are; a zone is always in the same part
    #[arg(long, value_name = "I/N", group = "part")]
    shard: Option<Shard>,
    /// Only one of N parts of the zones: the one that JOB_COMPLETION_INDEX names, as in an Indexed Job of Kubernetes
    #[arg(long, value_name = "N", group = "part", value_parser = indexed)]
    shards: Option<Shard>,
}

impl Sharding {
    /// The part; `None` if the run is about all.
    pub(crate) fn part(&self) -> Option<Shard> {
        self.shard.or(self.shards)
    }
}

/// The part of this pod.
fn indexed(shards: &str) -> Result<Shard, String> {
    let shards = shards.parse().map_err(|_| "write how many shards there are".to_owned())?;
    let index = environment::variable(INDEX).ok_or_else(|| {
        format!("{INDEX} is not set, so the part is not known; `--shard I/N` needs no variable")
    })?;
    let number = index.parse::<u32>().ok().and_then(|index| index.checked_add(1));
    number.and_then(|number| Shard::new(number, shards).ok()).ok_or_else(|| {
        format!("{INDEX} is `{}`, but the {shards} shards are counted from 0", crate::model::short(&index))
    })
}
