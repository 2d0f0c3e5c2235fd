//! Checks credentials, permissions, files and connection. It only reads, and prints no secrets.

use super::clock::clock;
use super::credential::{credential, token};
use super::{accounts, pipeline};
use crate::api::{ApiError, Client, Listed, ReadFeedback as _, ReadZones as _, ZoneEntry};
use crate::cli::args::{Connection, output};
use crate::cli::output::{Files, Format, Output, Outputs, Wanted};
use crate::cli::session;
use crate::cli::{Failure, credentials, environment, inputs, signals};
use crate::config::Project;
use crate::model::{AccountId, Desired, Diagnostic, ZoneId, plural, some_of};
use crate::render::{Check, CheckStatus, DoctorText, doctor_json};
use crate::report::Ending;
use crate::run::Around;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// How many zones a message names.
const MOST_NAMED: usize = 5;

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

/// How many zones there are.
pub(super) fn visible(zones: &[ZoneEntry]) -> Check {
    Check::ok("Zone Read", format!("{} visible", plural(zones.len(), "zone")))
}

/// The entries of a list that cannot be used, if there are any.
pub(super) fn unusable(listed: &[Listed]) -> Option<Check> {
    let mut unusable = listed.iter().filter_map(|zone| zone.as_ref().err());
    let first = unusable.next()?;
    let more = unusable.count();
    let more = if more == 0 { String::new() } else { format!("; so are {more} more") };
    Some(Check::failed("zone list", format!("{first}{more}")).hint(first.hint()))
}

/// What may be read of a zone, preferably one that a file manages.
pub(super) async fn reads(client: &Client, zones: &[ZoneEntry], found: &Covered<'_>) -> Vec<Check> {
    let probe = zones.iter().find(|zone| found.covered.contains(&zone.id)).or_else(|| zones.first());
    let Some(zone) = probe else { return Vec::new() };
    vec![
        match client.get(zone).await {
            Ok(_) => Check::ok("Bot Management Read", format!("{} can be read", zone.name)),
            Err(error) => failed("Bot Management Read", &error),
        },
        match client.list_feedback(zone).await {
            Ok(_) => Check::ok("Bot Management Feedback Report Read", format!("{} can be read", zone.name)),
            Err(error) => optional("Bot Management Feedback Report Read", "`feedback`", &error),
        },
        evidence(client, zone).await,
    ]
}

/// The permission that no read can show.
pub(super) fn unwritten() -> Check {
    Check::skipped(
        "Bot Management Write",
        "not tried, because `doctor` writes nothing; `plan` does not need it, and `apply` reports it if it is missing",
    )
}

/// What `why`, `plan --impact` and `plan --check-effect` may read of a zone: all of it is optional.
async fn evidence(client: &Client, zone: &ZoneEntry) -> Check {
    let tables = client.tables(&[&zone.id]).await.pop();
    let around = Around::read(client, zone.into()).await;
    let analytics = ("analytics", tables.is_some_and(|tables| tables.is_ok()));
    let others = around.reads().map(|(what, error)| (what, error.is_none()));
    let (read, unread): (Vec<_>, Vec<_>) =
        std::iter::once(analytics).chain(others).partition(|(_, is_read)| *is_read);
    let names = |all: &[(&'static str, bool)]| some_of(all.iter().map(|(what, _)| what), usize::MAX);
    let name = "Evidence";
    match (read.is_empty(), unread.is_empty()) {
        (_, true) => Check::ok(name, format!("{} can be read of {}", names(&read), zone.name)),
        (true, _) => Check::skipped(
            name,
            format!(
                "{} cannot be read; only `why`, `plan --impact` and `plan --check-effect` need them",
                names(&unread)
            ),
        ),
        (false, false) => Check::ok(
            name,
            format!("{} can be read of {}, but not {}", names(&read), zone.name, names(&unread)),
        ),
    }
}

/// Compares the zones in the files with those that the token sees.
pub(super) struct Coverage<'f> {
    wants: &'f [Desired],
    /// The account of files that do not name one.
    account: Option<&'f AccountId>,
}

/// The result of the comparison.
#[derive(Default)]
pub(super) struct Covered<'z> {
    covered: BTreeSet<&'z ZoneId>,
    missing: Vec<String>,
    /// The names that several accounts hold, in files that do not select one of them.
    shared: Vec<String>,
}

impl Coverage<'_> {
    pub(super) fn of<'z>(&self, zones: &'z [ZoneEntry]) -> Covered<'z> {
        let mut by_name: BTreeMap<&str, Vec<&ZoneEntry>> = BTreeMap::new();
        zones.iter().for_each(|zone| by_name.entry(&zone.name).or_default().push(zone));
        let mut found = Covered::default();
        for want in self.wants {
            let named = by_name.get(want.zone.as_str()).map_or(&[][..], Vec::as_slice);
            let meant: Vec<_> = named.iter().filter(|zone| self.is_meant(want, zone)).collect();
            match (meant.as_slice(), named) {
                ([], []) => found.missing.push(want.zone.to_string()),
                ([], _) => found
                    .missing
                    .push(format!("{} with the `zone_id` or `account_id` of its file", want.zone)),
                ([_], _) => {}
                _ => found.shared.push(want.zone.to_string()),
            }
            found.covered.extend(meant.into_iter().map(|zone| &zone.id));
        }
        found
    }

    fn is_meant(&self, want: &Desired, zone: &ZoneEntry) -> bool {
        match (&want.zone_id, want.account_id.as_ref().or(self.account)) {
            (Some(id), _) => *id == zone.id,
            (None, Some(account)) => zone.account_id.as_ref().is_none_or(|of| of == account),
            (None, None) => true,
        }
    }
}

impl Covered<'_> {
    pub(super) fn checks(&self, visible: usize, files: &Coverage<'_>) -> Vec<Check> {
        let open = format!("{} without a file", plural(visible - self.covered.len(), "visible zone"));
        let mut checks = vec![match self.missing.as_slice() {
            [] if files.wants.is_empty() => Check::ok("zones", open),
            [] => Check::ok("zones", format!("all zones in the files are visible; {open}")),
            missing => Check::failed(
                "zones",
                format!("the token does not see {}; {open}", some_of(missing.iter(), MOST_NAMED)),
            )
            .hint("add them to the token's zone resources, or correct the files"),
        }];
        if !self.shared.is_empty() {
            let message =
                format!("several accounts have a zone named {}", some_of(self.shared.iter(), MOST_NAMED));
            checks.push(
                Check::failed("zone names", message)
                    .hint("add `zone_id` or `account_id` to the files to select the zones"),
            );
        }
        checks
    }
}

pub(super) async fn submissions(client: &Client, account: Option<&AccountId>) -> Check {
    let name = "Cloud Email Security Read";
    let Some(account) = account else {
        return Check::skipped(name, "no account is given; only `submissions` needs one");
    };
    let query = crate::api::SubmissionQuery::until(jiff::Timestamp::now()).per_page(1);
    match client.submission_pages(account, &query).next_page().await {
        Ok(_) => Check::ok(name, "submissions can be read"),
        Err(error) => optional(name, "`submissions`", &error),
    }
}

pub(super) fn budget(client: &Client) -> Check {
    match client.budget().remaining() {
        Some(left) => Check::ok("budget", format!("{} may be sent at once", plural(left, "request"))),
        None => Check::ok("budget", "no limit"),
    }
}

pub(super) fn failed(name: &'static str, error: &ApiError) -> Check {
    session::failure(error).into_check(name)
}

/// The check of a permission that only one command needs.
fn optional(name: &'static str, command: &str, error: &ApiError) -> Check {
    let check = failed(name, error);
    let message = format!("{} (only {command} needs it)", check.message);
    Check { status: CheckStatus::Warning, message, ..check }
}
