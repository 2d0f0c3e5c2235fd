//! `emulator`: serves a world over HTTP until it is stopped.

use crate::cli::args::Emulator as Args;
use crate::cli::output;
use crate::cli::session as connect;
use crate::cli::{Exit, Failure};
use crate::emulator::{Emulator, World};

/// Serves a world.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let world = match &args.world {
        Some(path) => connect::read_world(path)?,
        None => World::matching([]),
    };
    crate::cli::planning::runtime()?.block_on(async {
        let emulator = Emulator::start(world, args.listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", args.listen)))?;
        output::print(&format!("{}\n", emulator.base_url()))?;
        output::say(
            "serving until Ctrl-C; point CLOUDFLARE_BASE_URL at the address, with any CLOUDFLARE_API_TOKEN\n",
        );
        crate::cli::signals::wait().await;
        Ok(Exit::Done)
    })
}
