//! Checks credentials, permissions, files and connection. It only reads, and prints no secrets.

use super::access::{Coverage, budget, failed, reads, submissions, unusable, unwritten, visible};
use super::clock::clock;
use super::credential::{credential, token};
use super::{accounts, pipeline};
use crate::api::Client;
use crate::cli::args::{Connection, output};
use crate::cli::output::{Files, Format, Output, Outputs, Wanted};
use crate::cli::session;
use crate::cli::{Failure, credentials, environment, inputs, signals};
use crate::config::Project;
use crate::model::{AccountId, Diagnostic, plural};
use crate::render::{Check, CheckStatus, DoctorText, doctor_json};
use crate::report::Ending;
use std::path::PathBuf;

/// The proxies that are honoured, in either letter case.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// The arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Zone files, or folders of zone files
    #[arg(value_name = "PATHS", default_value = "zones")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    connection: Connection,
    /// Also check what the recipes of a pipeline need in this repository
    #[arg(long)]
    ci: bool,
    /// The account whose email-security submissions are looked for [default: CLOUDFLARE_ACCOUNT_ID, or botform.yaml]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Write the result in this format, to stdout or to a file (repeatable; - is stdout)
    #[arg(long = "output", value_name = "FORMAT[=FILE]", value_parser = output::<Format>(), ignore_case = true, default_value = "text")]
    outputs: Vec<Output<Format>>,
}

/// Runs all checks, and fails if one failed.
pub(crate) fn run(args: &Args) -> Result<Ending, Failure> {
    session::check(&args.connection)?;
    let outputs = Wanted::new(&args.outputs).reads(args.connection.world_file()).check()?;
    outputs.finish(examine(args, &outputs))
}

fn examine(args: &Args, outputs: &Outputs<Format>) -> Result<Ending, Failure> {
    let (mut checks, inputs, project) = local(args, &outputs.files)?;
    if args.ci {
        checks.extend(pipeline::checks(&project)?);
    }
    checks.extend(signals::runtime()?.block_on(online(args, &inputs, &project)));
    outputs.show(|output| match output.format {
        Format::Text => output.write(&DoctorText { checks: &checks, page: output.page() }.to_string()),
        Format::Json => output.write_json(&doctor_json(&checks)),
    });
    let failed = checks.iter().filter(|check| check.status == CheckStatus::Failed).count();
    Ok(Ending::of_failures(failed, 0))
}

/// The checks that send no request.
fn local(args: &Args, files: &Files) -> Result<(Vec<Check>, inputs::Inputs, Project), Failure> {
    let (inputs, project, problems) = inputs::read(&args.paths, files)?;
    if args.account.is_some() {
        session::find_account(args.account.as_deref(), &project)?;
    }
    let checks = vec![
        Check::ok("version", concat!("botform ", env!("CARGO_PKG_VERSION"))),
        zone_files(inputs.zone_files, &problems),
        match &project.input {
            Some(input) => Check::ok("project", format!("{} applies", input.path)),
            None => Check::skipped("project", "no botform.yaml: no guards or policies apply"),
        },
        proxies(),
    ];
    Ok((checks, inputs, project))
}

fn zone_files(count: usize, problems: &[Diagnostic]) -> Check {
    let name = "zone files";
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    match (errors, problems.len(), count) {
        (0, _, 0) => Check::warning(name, "there are no zone files yet")
            .hint("`botform import` writes one for each live zone"),
        (0, 0, _) => Check::ok(name, format!("{} valid", plural(count, "zone file"))),
        (0, more, _) => {
            Check::warning(name, format!("{} valid, {}", plural(count, "zone file"), plural(more, "warning")))
                .hint("`botform validate` shows them")
        }
        _ => Check::failed(name, plural(errors, "error")).hint("`botform validate` shows them all"),
    }
}

/// The proxy variables that are set. Only their names are shown: proxy URLs can contain passwords.
fn proxies() -> Check {
    let set: Vec<_> = PROXIES
        .iter()
        .flat_map(|name| [(*name).to_owned(), name.to_ascii_lowercase()])
        .filter(|name| environment::variable(name).is_some())
        .collect();
    match set.as_slice() {
        [] => Check::ok("proxy", "none"),
        _ => Check::ok("proxy", format!("{} (never used for loopback)", set.join(", "))),
    }
}

/// The checks that send requests.
async fn online(args: &Args, inputs: &inputs::Inputs, project: &Project) -> Vec<Check> {
    if args.connection.emulate.is_none() {
        let problems = credentials::problems(project);
        if !problems.is_empty() {
            return unasked(problems.into_iter().map(accounts::unusable).collect());
        }
        if project.accounts.is_empty()
            && let Err(failure) = environment::credentials()
        {
            return unasked(vec![failure.into_check("credentials")]);
        }
    }
    let account = match account(args, project) {
        Ok(account) => account,
        Err(failure) => return unasked(vec![failure.into_check("account")]),
    };
    let opened = session::open(&args.connection, project, account.clone(), || inputs.world()).await;
    let session = match opened {
        Ok(session) => session,
        Err(failure) => return unasked(vec![failure.into_check("address")]),
    };
    let mut checks = vec![Check::ok("address", session.address.clone())];
    let default = session::account_of_files(&args.connection, project).ok().flatten();
    let files = Coverage { wants: &inputs.zones, account: default.as_ref() };
    let client = match session.client.all() {
        [client] if project.accounts.is_empty() || session.is_emulated() => client,
        _ => {
            checks.extend(accounts::checks(&session.client, account.as_ref(), &files).await);
            return checks;
        }
    };
    checks.push(credential(client, &session));
    let token = token(client, account.as_ref()).await;
    let goes_on = token.status != CheckStatus::Failed;
    checks.push(token);
    if !goes_on {
        return unasked(checks);
    }
    checks.extend(permissions(client, account.as_ref(), &files).await);
    checks.push(budget(client));
    checks.push(clock(client.clock_offset()));
    checks
}

/// The given account. With the emulator, the environment's account is ignored: it is an account at Cloudflare.
fn account(args: &Args, project: &Project) -> Result<Option<AccountId>, Failure> {
    match &args.account {
        None => session::account_of_files(&args.connection, project),
        typed => session::find_account(typed.as_deref(), project),
    }
}

/// The checks, with the permissions skipped because the last check failed.
fn unasked(mut checks: Vec<Check>) -> Vec<Check> {
    let failed = checks.last().map_or("API", |check| check.name);
    checks.push(Check::skipped(
        "permissions",
        format!("not checked, because the check of the {failed} failed"),
    ));
    checks
}

/// Checks each permission with a read request. The write permission cannot be tested without writing.
async fn permissions(client: &Client, account: Option<&AccountId>, files: &Coverage<'_>) -> Vec<Check> {
    let listed = match client.list_zones(None).await {
        Ok(listed) => listed,
        Err(error) => return vec![failed("Zone Read", &error)],
    };
    let listed_unusable = unusable(&listed);
    let zones: Vec<_> = listed.into_iter().flatten().collect();
    let found = files.of(&zones);
    let mut checks = vec![visible(&zones)];
    checks.extend(found.checks(zones.len(), files));
    checks.extend(listed_unusable);
    checks.extend(reads(client, &zones, &found).await);
    checks.push(unwritten());
    checks.push(submissions(client, account).await);
    checks
}
