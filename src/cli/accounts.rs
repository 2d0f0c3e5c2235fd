//! The account that is meant: by argument, environment, or the project file.

use crate::cli::Failure;
use crate::cli::environment;
use crate::config::Project;
use crate::model::AccountId;

/// The variable that names the account.
const VARIABLE: &str = "CLOUDFLARE_ACCOUNT_ID";

/// The account, where one is named.
pub(crate) fn find(argument: Option<&str>, project: &Project) -> Result<Option<AccountId>, Failure> {
    let typed = argument.map(|id| (id.to_owned(), "--account"));
    let typed = typed.or_else(|| environment::variable(VARIABLE).map(|id| (id, VARIABLE)));
    let Some((id, origin)) = typed else { return Ok(project.account_id.clone()) };
    let account = AccountId::try_from(id);
    account.map(Some).map_err(|error| {
        let suggestion = error.suggestion().map(|suggestion| format!("did you mean `{suggestion}`?"));
        Failure::usage(format!("`{origin}`: {error}")).maybe_hint(suggestion)
    })
}

/// The account, which must be named.
pub(crate) fn require(argument: Option<&str>, project: &Project) -> Result<AccountId, Failure> {
    find(argument, project)?.ok_or_else(|| {
        Failure::usage("no account is named")
            .hint(format!("add `--account ID`, set {VARIABLE}, or write `account_id` in botform.yaml"))
    })
}
