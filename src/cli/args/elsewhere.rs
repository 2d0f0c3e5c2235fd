//! Flags from other tools and earlier versions, with botform's equivalents.

use clap::error::{ContextKind, ContextValue, ErrorKind};

const ENVIRONMENT: &str = "set CLOUDFLARE_API_TOKEN; credentials are never passed as arguments";

const APPROVE: &str = "use `--auto-approve`";

const ZONE: &str = "use `--zone`";

const PLAN_FILE: &str = "use `plan --out FILE`, then `apply FILE`";

/// The flags, and what to do instead; includes single-dash flags of Go programs such as Terraform.
const KNOWN: [(&[&str], &str); 20] = [
    (&["--baseline"], "`--baseline` is now `--since-plan`"),
    (&["--yes", "-y", "-auto-approve", "--approve", "--assume-yes"], APPROVE),
    (&["--force", "-f", "--doit"], "use `--auto-approve`, or the flag that the refusal names"),
    (&["-o", "--format"], "use `--output FORMAT[=FILE]`"),
    (&["-json", "--json"], "use `--output json`"),
    (&["--jq", "-q", "--template"], "use `--output json`, and pipe it into `jq`"),
    (&["--target", "-target", "--zones", "-z", "--only", "-l", "--selector"], ZONE),
    (&["--zone-id", "--zone-name"], ZONE),
    (&["--skip", "--ignore", "--except"], "use `--exclude`"),
    (
        &["--parallelism", "-parallelism", "-p", "--workers", "--max-workers", "--threads", "-j"],
        "use `--concurrency`",
    ),
    (&["--dry-run", "-n", "--noop", "--check"], "use `plan`, which writes nothing"),
    (&["-out", "--save", "--plan-file", "--plan"], PLAN_FILE),
    (&["-detailed-exitcode", "--detailed-exit-code", "--exit-code"], "use `--detailed-exitcode`"),
    (
        &[
            "-refresh",
            "--refresh",
            "-refresh-only",
            "--refresh-only",
            "-lock",
            "-lock-timeout",
            "-state",
            "--state",
        ],
        "botform has no state to refresh or lock: each run reads the live zones",
    ),
    (
        &["-destroy", "--destroy", "--purge", "--prune"],
        "botform destroys nothing: remove a setting from its file to leave it unmanaged",
    ),
    (&["-var", "--var", "-var-file", "--var-file", "-e"], "zone files have no variables"),
    (
        &["--filename", "--file", "-c", "--config", "--config-file", "--path"],
        "pass zone files and folders as arguments; `botform.yaml` is found automatically",
    ),
    (&["-no-color", "--no-color"], "use `--color never`, or set NO_COLOR"),
    (
        &["--quiet", "--silent", "--debug", "--log-level"],
        "use `-v` or `-vv` for more log lines; redirect stderr to drop them",
    ),
    (&["--token", "--api-token", "--api-key", "--email", "-t"], ENVIRONMENT),
];

/// The verbs of other tools, and what to do instead.
const VERBS: [(&[&str], &str); 8] = [
    (&["diff", "preview", "compare", "status", "refresh", "drift"], "use `plan`, which writes nothing"),
    (&["sync", "push", "deploy", "up", "converge"], "use `apply`"),
    (
        &["dump", "pull", "export", "generate"],
        "use `import` for zone files, or `snapshot` for the live state in one file",
    ),
    (&["fmt", "format"], "zone files are laid out as prettier does it: run `prettier`"),
    (
        &["lint", "check", "verify"],
        "use `validate` for the files, or `doctor` for credentials and permissions",
    ),
    (
        &["state", "workspace", "taint", "untaint", "force-unlock"],
        "botform has no state: each run reads the live zones",
    ),
    (
        &["destroy", "delete", "rm", "down"],
        "botform destroys nothing: remove a setting from its file to leave it unmanaged; `undo` brings back the values from before an apply",
    ),
    (&["rollback", "revert", "restore"], "use `undo`"),
];

/// An error without the suggestions of the parser where this file knows better: they are about flags that look alike.
pub(crate) fn without_tips(mut error: clap::Error) -> clap::Error {
    for tip in [ContextKind::Suggested, ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand] {
        error.remove(tip);
    }
    error
}

/// The hint for the flag or the verb that an error is about.
pub(crate) fn hint(error: &clap::Error, args: &[String]) -> Option<&'static str> {
    if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(typed))) =
        (error.kind(), error.get(ContextKind::InvalidSubcommand))
    {
        return VERBS.iter().find(|(verbs, _)| verbs.contains(&&**typed)).map(|(_, hint)| *hint);
    }
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(typed))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    // clap reports only `-t` for `-target=x`, so look at the arguments themselves.
    let whole = args.iter().find(|arg| !arg.starts_with("--") && arg.len() > 2 && arg.starts_with(&**typed));
    let of_cluster = || {
        let letter = typed.strip_prefix('-').filter(|letter| letter.len() == 1)?;
        args.iter().find(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
    };
    let candidates = [whole, of_cluster(), Some(typed)];
    candidates.into_iter().flatten().find_map(|arg| known(arg.split('=').next().unwrap_or(arg)))
}

fn known(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(names, _)| names.contains(&name)).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command::Cli;
    use clap::{CommandFactory as _, Parser as _};

    fn hint_of(line: &str) -> Option<&'static str> {
        let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        hint(&Cli::try_parse_from(&args).unwrap_err(), &args)
    }

    #[test]
    fn flags_of_other_tools_get_the_equivalent_as_a_hint() {
        for (line, part) in [
            ("botform plan --baseline p.json", "--since-plan"),
            ("botform apply -y", "--auto-approve"),
            ("botform apply -auto-approve", "--auto-approve"),
            ("botform plan -target=module.x", "--zone"),
            ("botform plan -var-file=x.tfvars", "variables"),
            ("botform plan -var x=y", "variables"),
            ("botform plan -out=plan.bin", "plan --out"),
            ("botform plan -parallelism=3", "--concurrency"),
            ("botform apply -refresh=false", "state"),
            ("botform plan -no-color", "--color never"),
            ("botform plan -o json", "--output FORMAT"),
            ("botform plan --dry-run=client", "writes nothing"),
            ("botform plan --api-token x", "CLOUDFLARE_API_TOKEN"),
        ] {
            assert!(hint_of(line).is_some_and(|hint| hint.contains(part)), "{line}: {:?}", hint_of(line));
        }
        assert_eq!(hint_of("botform plan --no-such-flag"), None);
    }

    #[test]
    fn verbs_of_other_tools_get_ours_as_a_hint_and_are_none_of_ours() {
        for (line, part) in [
            ("botform diff", "`plan`"),
            ("botform preview zones", "`plan`"),
            ("botform sync", "`apply`"),
            ("botform push", "`apply`"),
            ("botform dump", "`snapshot`"),
            ("botform fmt", "prettier"),
            ("botform state list", "no state"),
            ("botform destroy", "`undo`"),
        ] {
            assert!(hint_of(line).is_some_and(|hint| hint.contains(part)), "{line}: {:?}", hint_of(line));
        }
        assert_eq!(hint_of("botform nonsense"), None);
        let ours = Cli::command();
        let verbs = VERBS.iter().flat_map(|(verbs, _)| verbs.iter());
        verbs.for_each(|verb| assert!(ours.find_subcommand(verb).is_none(), "{verb}"));
    }

    #[test]
    fn the_parser_suggests_nothing_where_there_is_a_hint() {
        for line in
            ["botform plan --target x", "botform plan -o json", "botform plan --format json", "botform diff"]
        {
            let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let error = Cli::try_parse_from(&args).unwrap_err();
            assert!(hint(&error, &args).is_some(), "{line}");
            let text = without_tips(error).render().to_string();
            assert!(!text.contains("tip:"), "{text}");
        }
    }

    #[test]
    fn no_flag_of_botform_is_listed_as_foreign() {
        for command in Cli::command().get_subcommands() {
            for arg in command.get_arguments() {
                let long = arg.get_long().map(|long| format!("--{long}")).unwrap_or_default();
                // The hints are for the former `--baseline` of `plan`, and for zone files given by `--path`.
                let others = [("import", "--baseline"), ("why", "--path")];
                let is_other = others.contains(&(command.get_name(), &*long));
                assert!(is_other || known(&long).is_none(), "{} {long}", command.get_name());
            }
        }
    }
}
