//! `emulator`: serves a world over HTTP until it is stopped.

use crate::cli::args::Emulator as Args;
use crate::cli::output::{print, say};
use crate::cli::{Exit, Failure, context, session, signals};
use crate::emulator::{Emulator, World};

/// Serves a world.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let world = match &args.world {
        Some(path) => session::read_world(path)?,
        None => World::matching([]),
    };
    context::runtime()?.block_on(async {
        let emulator = Emulator::start(world, args.listen)
            .await
            .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", args.listen)))?;
        print(&format!("{}\n", emulator.base_url()))?;
        say(
            "serving until Ctrl-C; point CLOUDFLARE_BASE_URL at the address, with any CLOUDFLARE_API_TOKEN\n",
        );
        signals::wait().await.map_err(|error| Failure::of(&error).context("cannot listen for signals"))?;
        Ok(Exit::Done)
    })
}
