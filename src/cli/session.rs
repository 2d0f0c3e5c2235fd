//! The API of a run (Cloudflare's, one at another address, or an emulator in this process) and its account.

use super::args::{Connection, Emulate};
use super::credentials::{self, Held};
use super::{Failure, environment, inputs};
use crate::api::{self, Budget, Client, Clients, Credentials, Options};
use crate::config::{self, Options as YamlOptions, Problems, Project};
use crate::emulator::{Emulator, World};
use crate::model::{AccountId, Diagnostic, Rate};
use crate::report::Ending;
use crate::run::CONCURRENCY;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// The address in plans that were made with an emulator.
pub(crate) const EMULATED: &str = "emulate:";

/// The token for the emulator, which is sent no credential of the environment.
const EMULATOR_TOKEN: &str = "cfut_of_the_emulator";

/// The API of a run.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Clients,
    /// The address, as in plans.
    pub(crate) address: String,
    /// How many zones are read or written at the same time.
    pub(crate) concurrency: usize,
    /// Keeps the emulator running.
    _emulator: Option<Emulator>,
}

impl Session {
    /// Whether it is an emulator in this process.
    pub(crate) fn is_emulated(&self) -> bool {
        self.address == EMULATED
    }
}

/// Checks the arguments as far as possible without a file or a request.
pub(crate) fn check(args: &Connection) -> Result<(), Failure> {
    if args.emulate.is_some() { Ok(()) } else { address(args).map(drop) }
}

/// The same for a command without zone files: a bare `--emulate` has nothing to match. `example` is a world file.
pub(crate) fn check_world(args: &Connection, example: &str) -> Result<(), Failure> {
    if args.emulate == Some(Emulate::Matching) {
        return Err(Failure::usage("`--emulate` needs a world file here: there are no zone files to match")
            .hint(format!("give one, such as {example}")));
    }
    check(args)
}

/// Opens the API of the arguments; `bare` makes the world of a bare `--emulate`. The state of an account-owned token
/// can only be read in its account, which is why a client has one.
pub(crate) async fn open(
    args: &Connection,
    project: &Project,
    account_id: Option<AccountId>,
    bare: impl FnOnce() -> World,
) -> Result<Session, Failure> {
    let rate = args.rate.or(project.rate);
    let timeout = Duration::from_secs(args.timeout.into());
    let concurrency = args.concurrency.or(project.concurrency).map_or(CONCURRENCY, |most| most as usize);
    if let Some(emulate) = &args.emulate {
        let emulator = start(emulate, bare).await?;
        let token = Credentials::token(EMULATOR_TOKEN.to_owned()).map_err(|error| Failure::of(&error))?;
        let base_url = emulator.base_url();
        let known_as = Some(EMULATED.to_owned());
        let queries = Budget::unlimited();
        let options =
            Options { base_url, known_as, budget: rate.into(), queries, timeout, ..Options::new(token) };
        let client = Client::new(options).map_err(|error| failure(&error))?;
        let address = EMULATED.to_owned();
        return Ok(Session { client: client.into(), address, concurrency, _emulator: Some(emulator) });
    }
    let client = |held: &Held| {
        // Each credential has its own budget: Cloudflare counts requests by user.
        let budget = Budget::new(rate.unwrap_or(Rate::CLOUDFLARE));
        let account_id = held.accounts.first().cloned().or_else(|| account_id.clone());
        let (base_url, called) = (base_url(args), held.called.clone());
        Client::new(Options {
            base_url,
            called,
            account_id,
            budget,
            timeout,
            ..Options::new(held.credentials.clone())
        })
        .map_err(|error| failure(&error))
    };
    let client = together(&credentials::all(project)?, client)?;
    let address = client.all().first().map(|client| client.base_url().to_owned()).unwrap_or_default();
    Ok(Session { client, address, concurrency, _emulator: None })
}

/// One client for each credential.
fn together(held: &[Held], client: impl Fn(&Held) -> Result<Client, Failure>) -> Result<Clients, Failure> {
    let mut clients: Option<Clients> = None;
    for held in held {
        let client = client(held)?;
        for account in held.accounts.iter().cloned() {
            clients = Some(match clients {
                Some(clients) => clients.with(account, client.clone()),
                None => Clients::of(account, client.clone()),
            });
        }
        if held.is_rest {
            clients = Some(match clients {
                Some(clients) => clients.with_rest(client),
                None => client.into(),
            });
        }
    }
    // Not reached: without a credential the run has already ended.
    clients.ok_or_else(|| Failure::new("no credentials for the Cloudflare API"))
}

/// The address: from the argument, else from the environment, else Cloudflare's.
pub(crate) fn base_url(args: &Connection) -> String {
    args.base_url
        .clone()
        .or_else(|| environment::variable("CLOUDFLARE_BASE_URL"))
        .unwrap_or_else(|| environment::CLOUDFLARE.to_owned())
}

/// Refuses a plan made for another API: it would write to zones that nobody reviewed.
pub(crate) fn check_address(made_for: &str, args: &Connection, what: &str) -> Result<(), Failure> {
    let address = address(args)?;
    if made_for == address {
        return Ok(());
    }
    Err(Failure::new(format!("{what} for the API at `{made_for}`, but this run would write to `{address}`"))
        .hint("use the `--base-url` or `--emulate` that the plan was made with")
        .ending(Ending::Refused))
}

/// The address, as in plans.
fn address(args: &Connection) -> Result<String, Failure> {
    if args.emulate.is_some() {
        return Ok(EMULATED.to_owned());
    }
    // No request is needed to see that an address is wrong.
    api::normal_address(&base_url(args)).map_err(|error| failure(&error).ending(Ending::Usage))
}

/// An API error as the end of a run.
pub(crate) fn failure(error: &api::ApiError) -> Failure {
    Failure::of(error).maybe_hint(error.hint().map(|hint| hint.to_string()))
}

async fn start(emulate: &Emulate, bare: impl FnOnce() -> World) -> Result<Emulator, Failure> {
    let mut world = match emulate {
        Emulate::Matching => bare(),
        Emulate::World(path) => read_world(path)?,
    };
    world.accept(EMULATOR_TOKEN);
    serve(world, [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]).await
}

/// Serves a world at the first address that this machine has: its loopback may be IPv6 only.
async fn serve(world: World, addresses: [IpAddr; 2]) -> Result<Emulator, Failure> {
    let [first, second] = addresses.map(|address| SocketAddr::from((address, 0)));
    let started = match Emulator::start(world.clone(), first).await {
        Err(error) if error.kind() == ErrorKind::AddrNotAvailable => Emulator::start(world, second).await,
        started => started,
    };
    started.map_err(|error| Failure::of(&error).context("cannot start the emulator"))
}

/// Reads a world file, reporting all its errors.
pub(crate) fn read_world(path: &Path) -> Result<World, Failure> {
    let value = read_value(path).map_err(|problems| {
        inputs::show(&problems);
        Failure::shown(Ending::Failed).with_problems(&problems)
    })?;
    World::read(&value).map_err(|errors| {
        let failure = Failure::new(format!("{} is not a valid world file", path.display()));
        let failure = errors.iter().fold(failure, |failure, error| failure.because(error.to_string()));
        failure.hint("see examples/world.yaml for the format")
    })
}

/// Reads the YAML of a world file. The limits are larger than for zone files, since it may hold many zones.
fn read_value(path: &Path) -> Result<serde_json::Value, Vec<Diagnostic>> {
    let file = path.display().to_string();
    let options = YamlOptions { max_bytes: 32 << 20, max_nodes: 2_000_000, ..YamlOptions::default() };
    let bytes = inputs::read_file(path, &file, options).map_err(|problem| vec![*problem])?;
    config::parse_document(&file, &bytes, options)
        .map(|document| document.root().clone())
        .map_err(Problems::into_vec)
}

/// The account given by argument, environment or `botform.yaml`, if any.
pub(crate) fn find_account(argument: Option<&str>, project: &Project) -> Result<Option<AccountId>, Failure> {
    Ok(environment::account(argument)?.or_else(|| project.account_id.clone()))
}

/// The account of zone files without one. With an emulator the environment does not count: its account is one of
/// Cloudflare's.
pub(crate) fn account_of_files(args: &Connection, project: &Project) -> Result<Option<AccountId>, Failure> {
    let account = if args.emulate.is_some() { None } else { environment::account(None)? };
    Ok(account.or_else(|| project.account_id.clone()))
}

/// The same, but an error without an account.
pub(crate) fn require_account(argument: Option<&str>, project: &Project) -> Result<AccountId, Failure> {
    find_account(argument, project)?.ok_or_else(|| {
        Failure::usage("no account is given").hint(format!(
            "add `--account ID`, set {}, or write `account_id` in botform.yaml",
            environment::ACCOUNT
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_emulator_is_served_where_the_first_address_is_missing() {
        // An address of the documentation, which no machine has.
        let missing = Ipv4Addr::new(192, 0, 2, 1).into();
        let emulator = serve(World::default(), [missing, Ipv4Addr::LOCALHOST.into()]).await.unwrap();
        assert!(emulator.base_url().starts_with("http://127.0.0.1:"));
    }
}
