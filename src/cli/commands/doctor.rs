//! `doctor`: whether credentials, permissions, files and connection are right. It only reads, and tells no secret.

use crate::api::{ApiError, Client, ReadFeedback as _, ReadZones as _, ZoneEntry};
use crate::cli::args::Doctor as Args;
use crate::cli::context::offline;
use crate::cli::environment;
use crate::cli::output::{FORMATS, Files, Format, Wanted};
use crate::cli::session::{self, Session};
use crate::cli::{Exit, Failure, inputs, signals};
use crate::config::Project;
use crate::model::{AccountId, Diagnostic};
use crate::render::{Check, CheckStatus, DoctorText, doctor_json, plural};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How far the clocks may differ before it is worth a word: days of waivers and freezes are judged by this machine's.
const MOST_CLOCK_OFFSET: SignedDuration = SignedDuration::from_secs(60);

/// How many zones are named.
const MOST_NAMED: usize = 5;

/// The proxies that are honoured, in either letter case.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// Makes all checks, and fails if one did.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = Wanted::new(&args.outputs, &FORMATS).reads(session::world_file(&args.connection));
    offline(
        wanted,
        |files| local(args, files),
        |outputs, (mut checks, inputs, project)| {
            checks.extend(signals::runtime()?.block_on(online(args, &inputs, &project)));
            outputs.show(|output| match output.format {
                Format::Text => {
                    output.write(&DoctorText { checks: &checks, paint: output.page().paint }.to_string())
                }
                Format::Json => output.write_json(&doctor_json(&checks)),
            });
            let has_failed = checks.iter().any(|check| check.status == CheckStatus::Failed);
            Ok(if has_failed { Exit::Failed } else { Exit::Done })
        },
    )
}

/// The checks that need no request.
fn local(args: &Args, files: &Files) -> Result<(Vec<Check>, inputs::Inputs, Project), Failure> {
    let (inputs, project, problems) = inputs::read(&args.paths, files)?;
    let checks = vec![
        Check::ok("version", concat!("botform ", env!("CARGO_PKG_VERSION"))),
        zone_files(inputs.zone_files, &problems),
        match &project.input {
            Some(input) => Check::ok("project", format!("{} is in force", input.path)),
            None => Check::skipped("project", "there is no botform.yaml: no guards, no policies"),
        },
        proxies(),
    ];
    Ok((checks, inputs, project))
}

fn zone_files(count: usize, problems: &[Diagnostic]) -> Check {
    let name = "zone files";
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    match (errors, problems.len(), count) {
        (0, _, 0) => {
            Check::warning(name, "there are none yet").hint("`botform import` writes one for each live zone")
        }
        (0, 0, _) => Check::ok(name, format!("{} valid", plural(count, "zone file"))),
        (0, more, _) => {
            Check::warning(name, format!("{} valid, {}", plural(count, "zone file"), plural(more, "warning")))
                .hint("`botform validate` shows them")
        }
        _ => Check::failed(name, plural(errors, "error")).hint("`botform validate` shows them all"),
    }
}

/// Which proxies the environment names; their addresses may hold passwords.
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

/// The checks that ask the API.
async fn online(args: &Args, inputs: &inputs::Inputs, project: &Project) -> Vec<Check> {
    let account = match session::find_account(args.account.as_deref(), project) {
        Ok(account) => account,
        Err(failure) => return vec![failure.into_check("account")],
    };
    let session = match session::open(&args.connection, project, || inputs.world()).await {
        Ok(session) => session,
        Err(failure) => return vec![failure.into_check("credentials")],
    };
    let mut checks = vec![Check::ok("address", session.address.clone()), credentials(&session)];
    let token = token(&session.client).await;
    let goes_on = token.status != CheckStatus::Failed;
    checks.push(token);
    if !goes_on {
        checks.push(Check::skipped("permissions", "not checked, since the check of the token failed"));
        return checks;
    }
    checks.extend(permissions(&session.client, account.as_ref(), inputs).await);
    checks.push(budget(&session.client));
    checks.push(clock(&session.client));
    checks
}

fn credentials(session: &Session) -> Check {
    let name = "credentials";
    if session.is_emulated() {
        return Check::ok(name, "the emulator's own");
    }
    let both = environment::variable("CLOUDFLARE_API_TOKEN")
        .and(environment::variable("CLOUDFLARE_API_KEY"))
        .is_some();
    let kind =
        environment::credentials().map(|credentials| credentials.kind().to_string()).unwrap_or_default();
    match both {
        true => Check::warning(name, format!("{kind}; CLOUDFLARE_API_KEY is set too and not used"))
            .hint("unset the one that is not meant"),
        false => Check::ok(name, kind),
    }
}

async fn token(client: &Client) -> Check {
    let name = "token";
    match client.verify_credentials().await {
        Err(error) => failed(name, &error),
        Ok(status) if status.is_inactive() => {
            Check::failed(name, format!("it is {}", status.status.unwrap_or_default()))
                .hint("make a new one at https://dash.cloudflare.com/profile/api-tokens")
        }
        Ok(status) => match status.expires_on {
            Some(end) => Check::ok(name, format!("active until {end}")),
            None if status.status.is_some() => Check::ok(name, "active, without an end"),
            None => Check::ok(name, "accepted"),
        },
    }
}

/// Each permission by a request that changes nothing. Writing cannot be tried without writing.
async fn permissions(client: &Client, account: Option<&AccountId>, inputs: &inputs::Inputs) -> Vec<Check> {
    let zones = match client.all_zones(account).await {
        Ok(zones) => zones,
        Err(error) => return vec![failed("Zone Read", &error)],
    };
    let mut checks = vec![
        Check::ok("Zone Read", format!("{} visible", plural(zones.len(), "zone"))),
        coverage(&zones, inputs),
    ];
    let names: BTreeSet<_> = inputs.zones.iter().map(|zone| zone.zone.as_str()).collect();
    let probe = zones.iter().find(|zone| names.contains(zone.name.as_str())).or_else(|| zones.first());
    if let Some(zone) = probe {
        checks.push(match client.get(zone).await {
            Ok(_) => Check::ok("Bot Management Read", format!("{} can be read", zone.name)),
            Err(error) => failed("Bot Management Read", &error),
        });
        checks.push(match client.list_feedback(zone).await {
            Ok(_) => Check::ok("Bot Management Feedback Report Read", format!("{} can be read", zone.name)),
            Err(error) => optional("Bot Management Feedback Report Read", "`feedback`", &error),
        });
    }
    checks.push(Check::skipped(
        "Bot Management Write",
        "not tried, since nothing is written; `plan` needs none, `apply` says if it is missing",
    ));
    checks.push(submissions(client, account).await);
    checks
}

/// The zones that files name against those that the token sees.
fn coverage(zones: &[ZoneEntry], inputs: &inputs::Inputs) -> Check {
    let seen: BTreeSet<_> = zones.iter().map(|zone| zone.name.as_str()).collect();
    let named: BTreeSet<_> = inputs.zones.iter().map(|zone| zone.zone.as_str()).collect();
    let missing: Vec<_> = named.difference(&seen).copied().collect();
    let open = plural(seen.difference(&named).count(), "visible zone");
    match missing.as_slice() {
        [] => Check::ok("zones", format!("all zones of the files are visible; {open} without a file")),
        _ => {
            let more = missing.len().saturating_sub(MOST_NAMED);
            let mut shown = missing[..missing.len().min(MOST_NAMED)].join(", ");
            if more > 0 {
                shown.push_str(&format!(" and {more} more"));
            }
            Check::failed("zones", format!("the token does not see {shown}; {open} without a file"))
                .hint("add them to the token's zone resources, or correct the files")
        }
    }
}

async fn submissions(client: &Client, account: Option<&AccountId>) -> Check {
    let name = "Cloud Email Security Read";
    let Some(account) = account else {
        return Check::skipped(name, "no account is named; only `submissions` needs it");
    };
    let query = crate::api::SubmissionQuery::until(jiff::Timestamp::now()).per_page(1);
    match client.submission_pages(account, &query).next_page().await {
        Ok(_) => Check::ok(name, "submissions can be read"),
        Err(error) => optional(name, "`submissions`", &error),
    }
}

fn budget(client: &Client) -> Check {
    match client.remaining_estimate() {
        Some(left) => Check::ok("budget", format!("{} may be sent at once", plural(left, "request"))),
        None => Check::ok("budget", "no limit"),
    }
}

fn clock(client: &Client) -> Check {
    let Some(offset) = client.clock_offset() else {
        return Check::skipped("clock", "the server does not tell its time");
    };
    let seconds = offset.as_secs().unsigned_abs();
    match offset.abs() <= MOST_CLOCK_OFFSET {
        true => Check::ok("clock", "as the server's"),
        false => {
            let side = if offset.is_positive() { "behind" } else { "ahead of" };
            Check::warning("clock", format!("this machine is {seconds} s {side} the server"))
                .hint("set it right: the days of freezes, waivers and temporary values are judged by it")
        }
    }
}

fn failed(name: &'static str, error: &ApiError) -> Check {
    Failure::of(error).maybe_hint(error.hint()).into_check(name)
}

/// A permission that only one command needs.
fn optional(name: &'static str, command: &str, error: &ApiError) -> Check {
    let check = failed(name, error);
    let message = format!("{} (only {command} needs it)", check.message);
    Check { status: CheckStatus::Warning, message, ..check }
}
