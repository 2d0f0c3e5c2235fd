//! The way to the API: Cloudflare's, another address, or an emulator in this process.

use super::args::Connection;
use super::{Exit, Failure, environment};
use crate::api;
use crate::api::{Client, Credentials, Options};
use crate::config::{self, Options as YamlOptions, Project};
use crate::emulator::{Emulator, World, ZoneSeed};
use crate::model::{Desired, Diagnostic, Rate};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// The address that stands in plans made on an emulator.
pub(super) const EMULATED: &str = "emulate:";

/// The emulator's own token: what the environment holds is none of its business.
const EMULATOR_TOKEN: &str = "emulator";

/// The API of a run.
#[derive(Debug)]
pub(super) struct Session {
    /// The client.
    pub(super) client: Client,
    /// The address as plans state it.
    pub(super) address: String,
    /// How many zones are read or written at the same time.
    pub(super) concurrency: usize,
    /// The emulator, as long as the run lasts.
    _emulator: Option<Emulator>,
}

/// Opens the API that the arguments ask for; a bare `--emulate` is a world that matches the zones.
pub(super) async fn open(
    args: &Connection,
    zones: &[Desired],
    project: &Project,
) -> Result<Session, Failure> {
    open_on(args, || World::matching(zones.iter().map(seed)), project).await
}

/// Opens the API that the arguments ask for; a bare `--emulate` is the given world.
pub(super) async fn open_on(
    args: &Connection,
    bare: impl FnOnce() -> World,
    project: &Project,
) -> Result<Session, Failure> {
    let timeout = Duration::from_secs(args.timeout.into());
    let rate = args.rate.or(project.rate);
    let (options, address, emulator) = match &args.emulate {
        Some(world) => {
            let emulator = emulate(world, bare).await?;
            let token = Credentials::token(EMULATOR_TOKEN.to_owned()).map_err(|error| Failure::of(&error))?;
            let base_url = emulator.base_url();
            (
                Options { base_url, rate, proxy: false, timeout, ..Options::new(token) },
                EMULATED.to_owned(),
                Some(emulator),
            )
        }
        None => {
            let base_url = base_url(args);
            let rate = rate.or(Some(Rate::CLOUDFLARE));
            let options = Options { base_url, rate, timeout, ..Options::new(environment::credentials()?) };
            (options, String::new(), None)
        }
    };
    let client = Client::new(options).map_err(|error| failure(&error))?;
    let address = if emulator.is_some() { address } else { client.base_url().to_owned() };
    let concurrency =
        args.concurrency.map(usize::from).or(project.concurrency.map(|n| n as usize)).unwrap_or(16);
    Ok(Session { client, address, concurrency, _emulator: emulator })
}

/// The address that is asked for, by argument before environment.
pub(super) fn base_url(args: &Connection) -> String {
    args.base_url
        .clone()
        .or_else(|| environment::variable("CLOUDFLARE_BASE_URL"))
        .unwrap_or_else(|| environment::CLOUDFLARE.to_owned())
}

/// What was made for one API is refused at another: there it would write to zones that nobody saw.
pub(super) fn check_address(made_for: &str, args: &Connection, what: &str) -> Result<(), Failure> {
    let address = match args.emulate {
        Some(_) => EMULATED.to_owned(),
        None => api::normal_address(&base_url(args)).map_err(|error| failure(&error))?,
    };
    if made_for == address {
        return Ok(());
    }
    Err(Failure::new(format!("{what} for the API at `{made_for}`, and this run would write to `{address}`"))
        .hint("use the same `--base-url` or `--emulate` as then, or make a new plan")
        .exit(Exit::Refused))
}

/// Refuses a bare `--emulate` where no files tell what its world would be.
pub(super) fn need_world(args: &Connection, example: &str) -> Result<(), Failure> {
    match args.emulate.as_deref() {
        Some("") => {
            Err(Failure::usage("`--emulate` needs a world here, since no files tell what it would be")
                .hint(format!("name a world file, such as {example}")))
        }
        _ => Ok(()),
    }
}

/// An API error as the end of a run.
pub(super) fn failure(error: &api::ApiError) -> Failure {
    Failure::of(error).maybe_hint(error.hint())
}

async fn emulate(world: &str, bare: impl FnOnce() -> World) -> Result<Emulator, Failure> {
    let world = if world.is_empty() { bare() } else { read_world(Path::new(world))? };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Emulator::start(world, listen)
        .await
        .map_err(|error| Failure::of(&error).hint("the emulator could not start"))
}

fn seed(zone: &Desired) -> ZoneSeed {
    ZoneSeed {
        name: zone.zone.to_string(),
        id: zone.zone_id.as_ref().map(ToString::to_string),
        account: zone.account_id.as_ref().map(ToString::to_string),
        variant: zone.plan(),
        settings: zone.settings().map(|(setting, wanted)| (setting, wanted.value)).collect(),
    }
}

/// Reads a world file and tells all that is wrong with it.
pub(super) fn read_world(path: &Path) -> Result<World, Failure> {
    let value = read_value(path).map_err(|problems| match super::inputs::tell(&problems) {
        Err(told) => told,
        Ok(()) => Failure::new(format!("{} cannot be read", path.display())),
    })?;
    World::read(&value).map_err(|errors| {
        let failure = Failure::new(format!("{} is no world", path.display()));
        let failure = errors.iter().fold(failure, |failure, error| failure.because(error.to_string()));
        failure.hint("examples/world.yaml shows the format")
    })
}

/// Reads the YAML of a world; a world of many zones is larger than any zone file.
fn read_value(path: &Path) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let file = path.display().to_string();
    let options = YamlOptions { max_bytes: 256 << 20, max_nodes: 20_000_000, ..YamlOptions::default() };
    let bytes = config::read(path, &file, options).map_err(|problem| vec![*problem])?;
    config::parse_document(&file, &bytes, options).map(|document| document.root().clone())
}
