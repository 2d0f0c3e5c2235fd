//! The recipes of a pipeline, with the paths of the repository, and what is left to do by hand.

use super::found::Found;
use crate::cli::args::{Pipeline, Review};

/// A file of a new repository, by its path in it.
pub(super) type Page = (&'static str, String);

/// A file of a recipe, by its path in the repository.
type Recipe = (&'static str, &'static str);

const GITHUB: [Recipe; 8] = [
    (".github/CODEOWNERS", include_str!("../../../../examples/ci/github/CODEOWNERS")),
    (".github/botform/botform-comment.sh", include_str!("../../../../examples/ci/github/botform-comment.sh")),
    (
        ".github/workflows/botform-feedback-plan.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-feedback-plan.yml"),
    ),
    (
        ".github/workflows/botform-feedback-submit.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-feedback-submit.yml"),
    ),
    (
        ".github/workflows/botform-nightly.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-nightly.yml"),
    ),
    (
        ".github/workflows/botform-plan.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-plan.yml"),
    ),
    (
        ".github/workflows/botform-schedule.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-schedule.yml"),
    ),
    (
        ".github/workflows/botform-undo.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-undo.yml"),
    ),
];

const GITHUB_IN_PULL_REQUEST: [Recipe; 2] = [
    (
        ".github/botform/botform-approved.sh",
        include_str!("../../../../examples/ci/github/botform-approved.sh"),
    ),
    (
        ".github/workflows/botform-apply.yml",
        include_str!("../../../../examples/ci/github/review-in-pull-request/botform-apply.yml"),
    ),
];

const GITHUB_AT_APPLY: [Recipe; 1] = [(
    ".github/workflows/botform-apply.yml",
    include_str!("../../../../examples/ci/github/review-at-apply/botform-apply.yml"),
)];

const GITLAB: [Recipe; 2] = [
    (".gitlab-ci.yml", include_str!("../../../../examples/ci/gitlab/.gitlab-ci.yml")),
    (".gitlab/CODEOWNERS", include_str!("../../../../examples/ci/gitlab/CODEOWNERS")),
];

const GITLAB_IN_MERGE_REQUEST: [Recipe; 2] = [
    (
        ".gitlab/botform/botform-apply.yml",
        include_str!("../../../../examples/ci/gitlab/review-in-merge-request/botform-apply.yml"),
    ),
    (
        ".gitlab/botform/botform-approved.sh",
        include_str!("../../../../examples/ci/gitlab/botform-approved.sh"),
    ),
];

const GITLAB_AT_APPLY: [Recipe; 1] = [(
    ".gitlab/botform/botform-apply.yml",
    include_str!("../../../../examples/ci/gitlab/review-at-apply/botform-apply.yml"),
)];

/// The files of a pipeline, with the paths that were found in the repository.
pub(super) fn of(pipeline: Option<(Pipeline, Review)>, found: &Found) -> Vec<Page> {
    let (shared, own): (&[Recipe], &[Recipe]) = match pipeline {
        None => return Vec::new(),
        Some((Pipeline::Github, Review::PullRequest)) => (&GITHUB, &GITHUB_IN_PULL_REQUEST),
        Some((Pipeline::Github, Review::AtApply)) => (&GITHUB, &GITHUB_AT_APPLY),
        Some((Pipeline::Gitlab, Review::PullRequest)) => (&GITLAB, &GITLAB_IN_MERGE_REQUEST),
        Some((Pipeline::Gitlab, Review::AtApply)) => (&GITLAB, &GITLAB_AT_APPLY),
    };
    let mut pages: Vec<_> =
        shared.iter().chain(own).map(|(path, text)| (*path, placed(text, found))).collect();
    pages.sort_by_key(|(path, _)| *path);
    pages
}

/// A recipe with the found paths instead of those that `init` creates.
fn placed(text: &str, found: &Found) -> String {
    let below = |folder: &String| if folder == "." { "**.y*ml".to_owned() } else { format!("{folder}/**") };
    let filters: Vec<_> =
        found.zones.iter().chain(&found.baselines).map(below).chain([found.project.clone()]).collect();
    let zones = found.zones.join(" ");
    let owned = |folder: &String| format!("/{folder}/        @your-org/security\n").replace("/./", "/");
    let of_this_program =
        format!("{}/.github/", env!("CARGO_PKG_REPOSITORY").trim_start_matches("https://github.com/"));
    text.replace("your-org/botform/.github/", &of_this_program)
        .replace("[zones/**, baselines/**, botform.yaml]", &format!("[{}]", filters.join(", ")))
        .replace("botform validate zones ", &format!("botform validate {zones} "))
        .replace("botform plan zones ", &format!("botform plan {zones} "))
        .replace("/botform.yaml        @", &format!("/{}        @", found.project))
        .replace(
            "/baselines/          @your-org/security\n",
            &found.baselines.iter().map(owned).collect::<String>(),
        )
}

/// The manual steps: commands to paste, in order. Words in capitals are to be replaced.
pub(super) fn next(pipeline: Pipeline, review: Review, found: &Found, is_project_kept: bool) -> String {
    let mut text = String::new();
    if is_project_kept {
        let project = &found.project;
        let line = format!("  echo 'since: botform-applied' >> {project}   # what plans are compared with\n");
        text.push_str(&line);
    }
    text.push_str(match pipeline {
        Pipeline::Github => {
            "  # use your action at the commit that you reviewed, with the digest of its release, and your code owners:
  sed -i 's#your-org/#OWNER/#; s#@0\\{40\\}#@COMMIT#; s#\"0\\{64\\}\"#\"SHA256\"#' .github/workflows/botform-*.yml
  sed -i 's#@your-org/security#@OWNER/TEAM#' .github/CODEOWNERS
  # two environments, each with its own token; only protected branches may use `botform-write`:
  gh api --method PUT repos/{owner}/{repo}/environments/botform-read
  gh api --method PUT repos/{owner}/{repo}/environments/botform-write --field 'deployment_branch_policy[protected_branches]=true' --field 'deployment_branch_policy[custom_branch_policies]=false'
  gh secret set CLOUDFLARE_API_TOKEN --env botform-read    # `Zone Read` and `Bot Management Read`
  gh secret set CLOUDFLARE_API_TOKEN --env botform-write   # `Zone Read` and `Bot Management Write`
"
        }
        Pipeline::Gitlab => {
            "  # use your image, which has bash, botform, curl, git and jq, and your code owners:
  sed -i 's#registry.example.com/your-org/botform:[0-9.]*#IMAGE#' .gitlab-ci.yml
  sed -i 's#@your-org/security#@OWNER/TEAM#' .gitlab/CODEOWNERS
  # two Cloudflare tokens; only protected branches see the one that may write:
  glab variable set CLOUDFLARE_API_TOKEN --masked      # `Zone Read` and `Bot Management Read`
  glab variable set CLOUDFLARE_API_TOKEN --masked --protected --scope production   # `Zone Read` and `Bot Management Write`
  glab variable set TAG_TOKEN --masked --protected     # a project token with `write_repository`
  glab variable set BOTFORM_API_TOKEN --masked --protected   # a project token with `read_api`
  glab schedule create --cron '17 0 * * *' --ref main --description botform   # the way back, and the night
"
        }
    });
    text.push_str(match review {
        Review::PullRequest => {
            "  # protect the default branch: require an approval, and dismiss it on a new push\n"
        }
        Review::AtApply => "  # protect `botform-write`: require a reviewer\n",
    });
    let zones = found.zones.join(" ");
    let paths = if zones == "zones" { String::new() } else { format!("{zones} ") };
    text.push_str(&format!(
        "  git add --all && git commit --message \"botform\"
  # the first record: zones that are live as the files want them count as applied
  botform plan {paths}--new-record record.txt
  git tag --annotate botform-applied --file record.txt && git push origin HEAD botform-applied
  botform doctor {paths}--ci   # is any of these steps left?
"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(zones: &[&str], baselines: &[&str], project: &str) -> Found {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (zones, baselines) = (owned(zones), owned(baselines));
        Found { has_zones: true, zones, baselines, project: project.to_owned() }
    }

    #[test]
    fn recipes_name_the_paths_of_the_repository_everywhere() {
        let elsewhere = found(&["sites/eu", "sites/us"], &["shared"], "botform.yml");
        for pipeline in [Pipeline::Github, Pipeline::Gitlab] {
            for review in [Review::PullRequest, Review::AtApply] {
                let pages = of(Some((pipeline, review)), &elsewhere);
                for (path, text) in &pages {
                    for gone in ["zones/**", "baselines/", " zones --", "botform.yaml"] {
                        assert!(!text.contains(gone), "{path}: {gone}");
                    }
                }
                let all: String = pages.iter().map(|(_, text)| text.as_str()).collect();
                assert!(all.contains("botform plan sites/eu sites/us --since botform-applied"));
                assert!(all.contains("/shared/        @your-org/security\n"));
                let is_github = pipeline == Pipeline::Github;
                assert_eq!(all.contains("[sites/eu/**, sites/us/**, shared/**, botform.yml]"), is_github);
                let unchanged =
                    of(Some((pipeline, review)), &found(&["zones"], &["baselines"], "botform.yaml"));
                assert!(unchanged.iter().any(|(_, text)| text.contains("botform plan zones --since")));
            }
        }
    }
}
