//! `doctor --ci`: checks that the manual steps after `init --ci` are done, as far as this clone shows.

use crate::cli::reviewed::{CloneState, record_at};
use crate::cli::{Failure, environment};
use crate::config::{self, Options, Project};
use crate::files;
use crate::model::{TokenVariable, some_of};
use crate::render::Check;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

/// The largest file that is read.
const MOST_BYTES: u64 = 1 << 20;

/// How many files a message names.
const MOST_NAMED: usize = 3;

/// What `init` writes for somebody to replace.
const PLACEHOLDERS: [&str; 4] = [
    "your-org",
    "@0000000000000000000000000000000000000000",
    "\"0000000000000000000000000000000000000000000000000000000000000000\"",
    "registry.example.com",
];

/// What a job contains if it is given a token, of whichever account.
const SECRET: &str = "secrets.CLOUDFLARE_API_TOKEN";

/// Where the recipes of GitHub lie, and the one without which nothing is applied.
const GITHUB: Place = Place {
    folders: &[".github/workflows", ".github/botform"],
    files: &[".github/CODEOWNERS"],
    applies: ".github/workflows/botform-apply.yml",
};

const GITLAB: Place = Place {
    folders: &[".gitlab/botform"],
    files: &[".gitlab-ci.yml", ".gitlab/CODEOWNERS"],
    applies: ".gitlab/botform/botform-apply.yml",
};

/// Where the recipes of a forge lie.
#[derive(Clone, Copy)]
struct Place {
    folders: &'static [&'static str],
    files: &'static [&'static str],
    applies: &'static str,
}

/// A recipe, by its path in the checkout.
struct Recipe {
    path: String,
    text: String,
}

/// The checks of the pipeline; they send no request.
pub(super) fn checks(project: &Project) -> Result<Vec<Check>, Failure> {
    let current = environment::current_folder()?;
    let Some(top) = files::checkout_of(&current).map(Path::to_owned) else {
        return Ok(vec![
            Check::failed("repository", "this folder is not in a git repository")
                .hint("`git init`, then `git remote add origin URL`"),
        ]);
    };
    let clone = CloneState::of(&top)?;
    let (github, gitlab) = (recipes(&top, GITHUB), recipes(&top, GITLAB));
    let (place, recipes) = if github.is_empty() { (GITLAB, gitlab) } else { (GITHUB, github) };
    let mut checks = vec![remote(&clone), pipeline(place, &recipes, &clone)];
    if !recipes.is_empty() {
        checks.push(placeholders(&recipes));
        checks.extend((place.applies == GITHUB.applies).then(|| branch(&recipes, &clone)));
        checks.extend((place.applies == GITHUB.applies).then(|| environments(&recipes)));
        // GitLab gives every job all variables, so there is nothing to check.
        let is_told = place.applies == GITHUB.applies && !project.accounts.is_empty();
        checks.extend(is_told.then(|| variables(&recipes, project)));
    }
    checks.push(record(&top, project));
    Ok(checks)
}

/// The files of botform among the recipes of a forge.
fn recipes(top: &Path, place: Place) -> Vec<Recipe> {
    let listed = place.folders.iter().flat_map(|folder| {
        files::list_folder(&top.join(folder)).into_iter().filter_map(move |path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            name.starts_with("botform-").then(|| format!("{folder}/{name}"))
        })
    });
    let all = listed.chain(place.files.iter().map(|path| (*path).to_owned()));
    let read = all.filter_map(|path| {
        let bytes = files::read(&top.join(&path), MOST_BYTES).ok()?;
        Some(Recipe { path, text: String::from_utf8_lossy(&bytes).into_owned() })
    });
    // A repository can have a pipeline and owners of its own.
    read.filter(|recipe| recipe.path.contains("botform") || recipe.text.contains("botform")).collect()
}

fn remote(clone: &CloneState) -> Check {
    match clone.has_origin {
        true => Check::ok("remote", "origin"),
        false => Check::failed("remote", "there is no remote `origin`").hint("`git remote add origin URL`"),
    }
}

fn pipeline(place: Place, recipes: &[Recipe], clone: &CloneState) -> Check {
    let name = "pipeline";
    if !recipes.iter().any(|recipe| recipe.path == place.applies) {
        return Check::failed(name, "there is no recipe that applies what is merged")
            .hint("`botform init --ci github` or `--ci gitlab` writes the recipes");
    }
    let open: Vec<_> = recipes.iter().filter(|recipe| !clone.committed.contains(&recipe.path)).collect();
    match open.len() {
        0 => Check::ok(name, format!("{} recipes, all committed", recipes.len())),
        _ => Check::failed(
            name,
            format!("not committed: {}", some_of(open.iter().map(|recipe| &recipe.path), MOST_NAMED)),
        )
        .hint("`git add --all`, `git commit`, then push them"),
    }
}

fn placeholders(recipes: &[Recipe]) -> Check {
    let has = |recipe: &&Recipe| PLACEHOLDERS.iter().any(|placeholder| recipe.text.contains(placeholder));
    let open: Vec<_> = recipes.iter().filter(has).map(|recipe| &recipe.path).collect();
    match open.len() {
        0 => Check::ok("placeholders", "none are left"),
        _ => Check::failed("placeholders", format!("left in {}", some_of(open.iter(), MOST_NAMED)))
            .hint("replace them with your own: the action with its commit, or the image, and the code owners; `botform init --ci` prints the commands"),
    }
}

/// Checks that the branch whose pushes are applied is the one that changes are merged to.
fn branch(recipes: &[Recipe], clone: &CloneState) -> Check {
    let name = "default branch";
    let applied: BTreeSet<String> = recipes
        .iter()
        .filter(|recipe| recipe.path == GITHUB.applies)
        .filter_map(|recipe| document(&recipe.text))
        .flat_map(|workflow| workflow["on"]["push"]["branches"].as_array().cloned().unwrap_or_default())
        .filter_map(|branch| branch.as_str().map(str::to_owned))
        .collect();
    let listed = applied.iter().cloned().collect::<Vec<_>>().join(", ");
    match &clone.default_branch {
        None => Check::skipped(name, "this clone does not show which branch it is")
            .hint("`git remote set-head origin --auto`"),
        Some(branch) if applied.contains(branch) => Check::ok(name, branch.clone()),
        Some(branch) => Check::failed(
            name,
            format!("it is `{branch}`, but {} applies pushes to `{listed}`", GITHUB.applies),
        )
        .hint(format!("write `branches: [{branch}]` there")),
    }
}

/// The jobs that are given a Cloudflare token, each with its name in messages.
fn jobs(recipes: &[Recipe]) -> Vec<(String, Json)> {
    let each = recipes.iter().flat_map(|recipe| {
        let workflow = document(&recipe.text).unwrap_or_default();
        let jobs = workflow["jobs"].as_object().cloned().unwrap_or_default();
        jobs.into_iter().map(|(job, body)| (format!("job {job} of {}", recipe.path), body))
    });
    each.filter(|(_, body)| body.to_string().contains(SECRET)).collect()
}

/// Checks that each job with a Cloudflare token has the tokens of all accounts.
fn variables(recipes: &[Recipe], project: &Project) -> Check {
    let name = "account tokens";
    let tokens: BTreeSet<_> = project.accounts.iter().map(|account| &account.token).collect();
    let is_given = |body: &str, token: &TokenVariable| {
        let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        body.split(&format!("secrets.{token}")).skip(1).any(is_whole)
    };
    let mut lacking = Vec::new();
    for (job, body) in jobs(recipes) {
        let body = body.to_string();
        let open = tokens.iter().filter(|token| !is_given(&body, token));
        lacking.extend(open.map(|token| (format!("{token} in {job}"), (*token).clone())));
    }
    let Some((_, first)) = lacking.first() else {
        let all = some_of(tokens.iter().map(|token| token.as_str()), MOST_NAMED);
        return Check::ok(name, format!("{all} are given to each job"));
    };
    let places = some_of(lacking.iter().map(|(place, _)| place), MOST_NAMED);
    Check::failed(name, format!("not given: {places}"))
        .hint(format!("add `{first}: ${{{{ secrets.{first} }}}}` to the `env` of the job or its step"))
}

/// Checks that each job with a Cloudflare token names the environment that holds it.
fn environments(recipes: &[Recipe]) -> Check {
    let name = "environments";
    let (mut named, mut without) = (BTreeSet::new(), BTreeSet::new());
    for (job, body) in jobs(recipes) {
        match body["environment"].as_str() {
            Some(environment) => drop(named.insert(environment.to_owned())),
            None => drop(without.insert(job)),
        }
    }
    let listed = || named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    match without.len() {
        0 => {
            Check::ok(name, format!("{} are named; only the forge knows whether they hold a token", listed()))
                .hint("`gh secret list --env NAME` lists what one holds")
        }
        _ => Check::failed(name, format!("{} does not name one", some_of(without.iter(), MOST_NAMED)))
            .hint("name the environment that holds CLOUDFLARE_API_TOKEN"),
    }
}

fn document(text: &str) -> Option<Json> {
    let document = config::parse_document("", text.as_bytes(), Options::default()).ok()?;
    Some(document.root().clone())
}

/// The record that the pipeline compares with.
fn record(top: &Path, project: &Project) -> Check {
    let name = "record";
    let Some(tag) = &project.since else {
        return Check::failed(name, "botform.yaml does not say `since:`")
            .hint("add `since: botform-applied`");
    };
    match record_at(top, tag) {
        Ok(()) => Check::ok(
            name,
            format!("the tag `{tag}` holds it; make sure that it is pushed: `git push origin {tag}`"),
        ),
        Err(failure) => failure.into_check(name),
    }
}
