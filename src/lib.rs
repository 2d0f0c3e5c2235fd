//! Plan and apply for Cloudflare Bot Management: one YAML file per zone says what the zone's bot settings should be,
//! `plan` shows what differs from the live zone, `apply` writes it with PUT and proves by reading back that it took.
//!
//! # How to use it
//!
//! A [`api::Client`] reads and writes; with the feature `emulator`, `emulator::Emulator` stands in for Cloudflare in
//! tests, as it does here. A plan is made of what is wanted, from files ([`config::Loader`]) or from code, and of what
//! is live. It is applied once no guard refuses it, and each zone has one outcome:
//!
//! ```
//! use botform::api::{Client, Credentials, Options};
//! use botform::catalogue::Variant;
//! use botform::emulator::{Emulator, World, ZoneSeed};
//! use botform::model::{Desired, Outcome};
//! use botform::plan::{Plan, Provenance};
//! use botform::run::{Apply, Guarded, Planning, Rules, plan_zones};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let world = World::matching([ZoneSeed::new("shop.example.com", Variant::SbfmPro)]);
//! let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
//! let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
//! options.base_url = emulator.base_url();
//! let client = Client::new(options)?;
//!
//! let mut desired = Desired::new("shop.example.com".parse()?, Variant::SbfmPro);
//! desired.set("ai_search", "block")?;
//!
//! let now = botform::jiff::Timestamp::now();
//! let made = Provenance::new(now, client.base_url().to_owned());
//! let zones = plan_zones(&client, vec![desired], &Planning::new(made.as_of), &|_| {}).await;
//! let plan = Plan::build(made, zones);
//! println!("{} of {} zones differ", plan.summary().change, plan.summary().zones);
//!
//! let mut rules = Rules::new(now);
//! rules.limits.max_loosening = Some(0);
//! let guarded = Guarded::check(&plan, &rules)?;
//! let applied = Apply::new(&client).run(&guarded, &|_, _| {}).await;
//! assert_eq!(applied.outcomes[0].outcome, Outcome::Applied);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A feedback report is sent once: what the zone's list shows already is not sent again.
//!
//! ```
//! use botform::model::{NewReport, ReportFile, ReportKind, ReportOutcome};
//! use botform::run::Feedback;
//! # use botform::api::{Client, Credentials, Options};
//! # use botform::catalogue::Variant;
//! # use botform::emulator::{Emulator, World, ZoneSeed};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let world = World::matching([ZoneSeed::new("shop.example.com", Variant::SbfmPro)]);
//! # let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
//! # let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
//! # options.base_url = emulator.base_url();
//! # let client = Client::new(options)?;
//! let report = NewReport::build(
//!     ReportKind::FalsePositive,
//!     "Checkout traffic was blocked",
//!     "(http.host eq \"shop.example.com\" and cf.bot_management.score lt 5)",
//!     "2025-09-30T08:00:00Z".parse()?..="2025-09-30T09:00:00Z".parse()?,
//!     [(1, 200), (2, 300)],
//!     [("machine_learning", 500)],
//! )?;
//! let feedback = Feedback::new(&client);
//! let zones = feedback.plan(vec![ReportFile::new("shop.example.com".parse()?, report)], &|| ()).await;
//! let results = feedback.submit(&zones, &|| ()).await;
//! assert_eq!(results[0][0].outcome, ReportOutcome::Submitted);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The email-security submissions of an account are a stream:
//!
//! ```
//! use botform::api::{ReadSubmissions, SubmissionQuery};
//! use futures_util::TryStreamExt;
//! # use botform::api::{Client, Credentials, Options};
//! # use botform::emulator::{Emulator, World};
//! # use serde_json::json;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let id = "01a7362d577a6c3019a474fd6f485823";
//! # let world = json!({"submissions": {"account": id, "generate": {"count": 2500}}});
//! # let world = World::read(&world).map_err(|errors| format!("{errors:?}"))?;
//! # let emulator = Emulator::start(world, ([127, 0, 0, 1], 0).into()).await?;
//! # let mut options = Options::new(Credentials::token("cfut_0123456789".to_owned())?);
//! # options.base_url = emulator.base_url();
//! # let client = Client::new(options)?;
//! let account = "01a7362d577a6c3019a474fd6f485823".parse()?;
//! let query = SubmissionQuery::until(jiff::Timestamp::now()).filter("status", "unreviewed")?;
//! let mut rows = std::pin::pin!(client.submissions(&account, &query));
//! while let Some(row) = rows.try_next().await? {
//!     assert!(row.is_unreviewed());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! All futures can be spawned; clones of a [`run::Stop`] end a run early, [`run::Planning::until`] ends one in time, and
//! clients that share an [`api::Budget`] stay within Cloudflare's limit together. [`api::Clients`] are several that act as
//! one, with a credential and a budget for each account. Any store that implements [`api::ReadZones`] and
//! [`api::WriteZones`] can stand in for the client. Each run and each zone has a span of `tracing`, with `zone.id` and
//! `zone.name`. Without default features neither the command line nor the emulator is built.
//!
//! # How it is built
//!
//! Data flows one way; each arrow is one function, each box one type:
//!
//! ```text
//! zones/*.yaml → load → check → Desired ─┐
//!                (all problems at once)  ├→ diff → rows → ZonePlan → Plan → render → text, JSON, Markdown, …
//!    GET or snapshot → fetch → Live ─────┘                            │
//!                   Plan → Guarded → apply: GET, PUT, GET → Outcome → render, journal, exit code
//! ```
//!
//! | module | owns | may use, besides [`catalogue`] |
//! |---|---|---|
//! | [`catalogue`] | one table with a row for each setting; parsing, schema, `explain`, diff and emulator read it | nothing |
//! | [`model`] | the nouns: zones, desired and live settings, diagnostics, outcomes | |
//! | `files` | the one door to the file system for input and results: sizes, links, special files, atomic writes, modes | nothing |
//! | [`config`] | texts → checked desired state with its baselines, read through the tree of files that it is given; one table of keys for the check, the schemas and `explain`; drawn problems, edits that keep every other byte | model, the plain types of files |
//! | [`diff`] | desired and live → one row for each setting, with its verdict; what a read-back shows; which reports are new. Pure | model |
//! | [`plan`] | rows → the plan document, both ways; its digest, guards, counts, groups; approvals and the record of what was applied last. Pure and inert | diff, model |
//! | `report` | what a run has to say, once, as kinds and fields: its ending, its counts, each single thing. Pure | plan, diff, model |
//! | `render` | borrowed views of a report, and of plans, outcomes and problems: a file or folder for each format. Pure | report, plan, diff, model |
//! | [`api`] | the HTTP client: credentials, envelope, retries, budget, errors with their hints | model |
//! | [`run`] | fetch, apply, verify, journal, undo, snapshot: bounded concurrency, order restored | api, plan, diff, model, files |
//! | `emulator` | the stand-in for the API: a plain world with the API's rules, thin HTTP over it | nothing |
//! | `cli` | arguments, one file per command, exit codes | all |
//!
//! A test keeps the last column true. The pure modules (`catalogue`, `model`, `diff`, `plan`, `report`, `render` and
//! `config`)
//! name no runtime, network, file, environment or clock.
//!
//! **Rows.** [`diff`] decides once for each setting and each stale member; status, changes, body, counts and texts are
//! filters over these rows ([`plan::ZonePlan`]). A row of a setting that the file does not name is derived from the live
//! object when it is asked for. A saved plan holds the live object once, and reading it derives all the rest again.
//!
//! **Writing.** [`run::Guarded`] is the one entry: a plan that neither a guard nor a policy refuses, with each zone once,
//! for the API that it was made for, with what the zone files say of protection by now, and checked within the hour.
//! Only [`run::Apply`] writes, and it takes nothing else. The command line adds no promise to that; a test runs each
//! row of the table in `examples/reviewed` through both.
//!
//! **Approval by row.** Three values make a row: what was applied last, what is live, what is wanted. A
//! [`plan::Record`] says at which commit each zone was applied last, so a plan that is compared with it knows the
//! first. [`plan::Approvals`] leave nothing to write in a new plan but changes that an approved plan holds with the same
//! three values, and the way back from temporary values that have ended. A run claims the zones that it may write in
//! the record and settles them after its last write; what was claimed and never settled is in doubt, which is a value
//! of its own: only plans that were made after somebody looked fit it.
//!
//! **Several machines.** A shard is one part of a fleet, by the names of its zones. `merge` makes one plan of the plans of
//! all parts, with the digest that a single run would have; each part writes its own zones of it, and `merge` again says
//! how all of them ended. The record is claimed and settled for all parts together.
//!
//! **Evidence.** What stopped a request, who moved a setting, what a change would do to traffic and what voids it: `api`
//! asks the analytics, the audit log and the rulesets, `run` joins the answers with rows and files, `render` shows them.
//! All of it is asked for by name, may be missing with a reason, and is part of no digest. Which rule of Cloudflare belongs
//! to which setting is a table of the [`catalogue`].
//!
//! # What it promises
//!
//! 1. Nothing but what was reviewed is written: the digest of a plan names the exact writes, the live objects, and the
//!    rules that are softer than they were.
//! 2. A setting that the file does not name is never sent, and the read-back proves that it did not move.
//! 3. A failed read never becomes a change.
//! 4. Success is what the read-back shows, not what the PUT answered.
//! 5. One zone's failure stops only that zone; each zone has exactly one outcome.
//! 6. It converges: a plan after an apply is empty.
//! 7. The same input gives the same bytes, whatever the timing.
//! 8. No secret is printed or stored.
//! 9. Any input gives a clear error or a result, never a panic.
//! 10. Files under review are data: nothing in them runs a program or opens a file outside the checkout.
//! 11. What acts on traffic is what is said.
//! 12. The pipeline keeps these promises too: what must hold is the program's work, not a recipe's.
//!
//! # A new Cloudflare setting
//!
//! It is one new row in `catalogue/shared.rs` or `catalogue/special.rs`; then export the schemas again (`.github/CONTRIBUTING.md`).

#![cfg_attr(
    not(feature = "cli"),
    allow(
        dead_code,
        unused_imports,
        unreachable_pub,
        reason = "what is not public is there for the command line as well"
    )
)]

/// The files of this machine, which [`config::Loader`] reads.
pub use files::Disk;
/// The crate of times and days in the signatures.
pub use jiff;

pub mod api;
pub mod catalogue;
#[cfg(feature = "cli")]
mod cli;
pub mod config;
pub mod diff;
#[cfg(feature = "emulator")]
pub mod emulator;
#[expect(unreachable_pub, reason = "its items are for the other modules, as those of the public ones are")]
mod files;
pub mod model;
pub mod plan;
#[cfg(feature = "cli")]
#[expect(unreachable_pub, reason = "its items are for the other modules, as those of the public ones are")]
mod render;
#[cfg(feature = "cli")]
#[expect(unreachable_pub, reason = "its items are for the other modules, as those of the public ones are")]
mod report;
pub mod run;

/// What the binary and the benchmarks enter by. It is not part of the library and may change at any time; nor is what
/// other modules export and hide, for fuzz targets and for tests that ask more than a library would answer.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod program {
    pub use crate::cli::main;
    pub use crate::render::{
        Annotations, COMMENT, Detail, HtmlReport, Markdown, Paint, PlanText, ReportJson, gitlab, junit, sarif,
    };
    pub use crate::report::{Ending, Report, Verb};
}
