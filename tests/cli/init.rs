//! `init`: a repository that validates at once, and that a second `init` leaves alone.

use super::story::Story;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_new_repository_validates_and_is_never_replaced() {
    let story = Story::new(json!([]));
    assert_snapshot!(story.run("init"), @"
    written botform.yaml
    written baselines/default.yaml
    written zones/.gitkeep
    written schemas/zone.schema.json
    written schemas/baseline.schema.json
    written schemas/feedback.schema.json
    written schemas/project.schema.json
    written .vscode/settings.json
    written .vscode/extensions.json
    written .gitignore
    written .prettierignore

    Next:
      botform doctor         # are the credentials and the files right?
      botform import zones   # write a file for each live zone; `--baseline default` collects what they share
      botform plan           # nothing differs; edit a file and look again
    ---- exit 0
    ");
    assert_snapshot!(story.run("validate"), @"
    0 zone files valid
    ---- stderr
    warning: the folder contains no zone files
    --> zones
     = help: `botform import zones` writes one for each live zone

    ---- exit 0
    ");
    story.write("botform.yaml", "concurrency: 7\n");
    let again = story.run("init --ci gitlab");
    assert!(again.stdout.contains("kept    botform.yaml") && again.stdout.contains("written .gitlab-ci.yml"));
    assert_eq!(story.read("botform.yaml"), "concurrency: 7\n");
}

#[test]
fn each_family_of_recipes_has_its_files_and_says_what_is_left_to_do() {
    let story = Story::new(json!([]));
    assert_snapshot!(story.run("init --ci github"), @r##"
    written botform.yaml
    written baselines/default.yaml
    written zones/.gitkeep
    written schemas/zone.schema.json
    written schemas/baseline.schema.json
    written schemas/feedback.schema.json
    written schemas/project.schema.json
    written .vscode/settings.json
    written .vscode/extensions.json
    written .gitignore
    written .prettierignore
    written .github/CODEOWNERS
    written .github/botform/botform-approved.sh
    written .github/botform/botform-comment.sh
    written .github/workflows/botform-apply.yml
    written .github/workflows/botform-feedback-plan.yml
    written .github/workflows/botform-feedback-submit.yml
    written .github/workflows/botform-nightly.yml
    written .github/workflows/botform-plan.yml
    written .github/workflows/botform-schedule.yml
    written .github/workflows/botform-undo.yml

    Next, line by line:
      botform doctor         # are the credentials and the files right?
      botform import zones   # write a file for each live zone; `--baseline default` collects what they share
      # use your action at the commit that you reviewed, with the digest of its release, and your code owners:
      sed -i 's#your-org/#OWNER/#; s#@0\{40\}#@COMMIT#; s#"0\{64\}"#"SHA256"#' .github/workflows/botform-*.yml
      sed -i 's#@your-org/security#@OWNER/TEAM#' .github/CODEOWNERS
      # two environments, each with its own token; only protected branches may use `botform-write`:
      gh api --method PUT repos/{owner}/{repo}/environments/botform-read
      gh api --method PUT repos/{owner}/{repo}/environments/botform-write --field 'deployment_branch_policy[protected_branches]=true' --field 'deployment_branch_policy[custom_branch_policies]=false'
      gh secret set CLOUDFLARE_API_TOKEN --env botform-read    # `Zone Read` and `Bot Management Read`
      gh secret set CLOUDFLARE_API_TOKEN --env botform-write   # `Zone Read` and `Bot Management Write`
      # protect the default branch: require an approval, and dismiss it on a new push
      git add --all && git commit --message "botform"
      # the first record: zones that are live as the files want them count as applied
      botform plan --new-record record.txt
      git tag --annotate botform-applied --file record.txt && git push origin HEAD botform-applied
      botform doctor --ci   # is any of these steps left?
    ---- exit 0
    "##);
    assert_eq!(story.run("validate").exit, 0);
    // Without a terminal nobody is asked.
    let same = Story::new(json!([]));
    assert_eq!(
        same.run("init --ci github --review pull-request").stdout,
        story.run("init one --ci github").stdout.replace("  cd one\n", "")
    );
    let at_apply = Story::new(json!([])).run("init --ci gitlab --review at-apply");
    assert_snapshot!(at_apply.stdout.split_once(".prettierignore\n").unwrap().1, @r#"
    written .gitlab-ci.yml
    written .gitlab/CODEOWNERS
    written .gitlab/botform/botform-apply.yml

    Next, line by line:
      botform doctor         # are the credentials and the files right?
      botform import zones   # write a file for each live zone; `--baseline default` collects what they share
      # use your image, which has bash, botform, curl, git and jq, and your code owners:
      sed -i 's#registry.example.com/your-org/botform:[0-9.]*#IMAGE#' .gitlab-ci.yml
      sed -i 's#@your-org/security#@OWNER/TEAM#' .gitlab/CODEOWNERS
      # two Cloudflare tokens; only protected branches see the one that may write:
      glab variable set CLOUDFLARE_API_TOKEN --masked      # `Zone Read` and `Bot Management Read`
      glab variable set CLOUDFLARE_API_TOKEN --masked --protected --scope production   # `Zone Read` and `Bot Management Write`
      glab variable set TAG_TOKEN --masked --protected     # a project token with `write_repository`
      glab variable set BOTFORM_API_TOKEN --masked --protected   # a project token with `read_api`
      glab schedule create --cron '17 0 * * *' --ref main --description botform   # the way back, and the night
      # protect `botform-write`: require a reviewer
      git add --all && git commit --message "botform"
      # the first record: zones that are live as the files want them count as applied
      botform plan --new-record record.txt
      git tag --annotate botform-applied --file record.txt && git push origin HEAD botform-applied
      botform doctor --ci   # is any of these steps left?
    "#);
    assert_eq!(story.run("init --review at-apply").exit, 64);
}

#[test]
fn recipes_name_the_folders_that_are_there() {
    let story = Story::new(json!([]))
        .file(
            "sites/eu/a.example.com.yaml",
            "zone: a.example.com\nplan: sbfm_pro\nextends: ../../shared/base.yaml\n",
        )
        .file("sites/us/b.example.com.yaml", "zone: b.example.com\nplan: sbfm_pro\n")
        .file("shared/base.yaml", "settings: {}\n")
        .file("other/deploy.yaml", "zone: europe\n")
        .file("botform.yml", "concurrency: 7\n");
    let run = story.run("init --ci github");
    assert_eq!(run.exit, 0, "{run}");
    assert!(!run.stdout.contains(" botform.yaml") && !run.stdout.contains("zones/.gitkeep"), "{run}");
    assert!(run.stdout.contains("echo 'since: botform-applied' >> botform.yml"), "{run}");
    let apply = story.read(".github/workflows/botform-apply.yml");
    assert!(apply.contains("paths: [sites/eu/**, sites/us/**, shared/**, botform.yml]"), "{apply}");
    assert!(apply.contains("botform plan sites/eu sites/us --since botform-applied"), "{apply}");
    let owners = story.read(".github/CODEOWNERS");
    assert!(owners.contains("/botform.yml ") && owners.contains("/shared/ "), "{owners}");
}

#[test]
fn without_zone_files_there_is_nothing_to_plan() {
    let story = Story::new(json!([]));
    story.run("init");
    let run = story.run("plan");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stderr.contains("there are no zone files yet"), "{run}");
}

#[test]
fn a_folder_that_cannot_be_created_stops_init_before_anything_is_written() {
    let story = Story::new(json!([])).file("zones", "a file");
    let run = story.run("init");
    assert_eq!(run.exit, 1, "{run}");
    assert!(run.stderr.contains("cannot write"), "{run}");
    assert!(!story.path("botform.yaml").exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_an_existing_link() {
    for (link, target) in [
        (".vscode", "../out"),
        (".github", "../out"),
        (".github", "../out/new"),
        ("baselines", "/dev/shm"),
        ("zones", "../repo/../out"),
        (".gitignore", "../out/ignored"),
    ] {
        for is_checkout in [true, false] {
            let story = Story::new(json!([]));
            std::fs::create_dir_all(story.path("out")).unwrap();
            std::fs::create_dir_all(story.path(if is_checkout { "repo/.git" } else { "repo" })).unwrap();
            std::os::unix::fs::symlink(target, story.path("repo").join(link)).unwrap();
            let run = story.run("init repo --ci github");
            let written = std::fs::read_dir(story.path("out")).unwrap().count();
            let is_kept = link == ".gitignore";
            assert_eq!((run.exit, written), (i32::from(!is_kept), 0), "{link} {target} {is_checkout}: {run}");
            assert_eq!(story.path("repo/botform.yaml").exists(), is_kept, "{run}");
        }
    }
}

/// The files that the commands in a text write.
fn written_by(text: &str) -> Vec<String> {
    let words: Vec<_> =
        text.split_whitespace().map(|word| word.trim_matches(['"', '`', '\'', ','])).collect();
    let flags = ["--out", "--journal", "--last-applied", "--new-record", "--metrics", "--file"];
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [flag, file] if flags.contains(flag) => Some(*file),
        ["--output", output] => output.split_once('=').map(|(_, file)| file),
        ["snapshot", file] if file.ends_with(".json") => Some(*file),
        _ => None,
    });
    // What lies in the folder of a runner lies under the same name in a checkout of somebody who tries it by hand.
    let names = pairs.map(|file| file.trim_matches('"').trim_start_matches("$RUNNER_TEMP/"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let names = names.filter(|name| !name.starts_with(['/', '-']) && name.chars().all(is_plain));
    names.map(str::to_owned).collect()
}

#[test]
fn git_ignores_what_the_recipes_and_the_examples_of_the_help_write() {
    let story = Story::new(json!([]));
    assert_eq!(story.run("init").exit, 0);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(arguments).current_dir(story.path("")).env("HOME", story.path("home"));
        command.output().unwrap().status.success()
    };
    assert!(git(&["init", "-q", "."]));
    let recipes = walkdir::WalkDir::new("examples/ci").into_iter().map(Result::unwrap);
    let recipes = recipes.filter(|entry| entry.file_type().is_file());
    let mut written: Vec<_> =
        recipes.flat_map(|recipe| written_by(&std::fs::read_to_string(recipe.path()).unwrap())).collect();
    assert!(written.len() > 30, "{written:?}");
    for command in ["plan", "apply", "snapshot", "undo", "submissions", "validate"] {
        written.extend(written_by(&story.run(&format!("{command} --help")).stdout));
    }
    written
        .extend(["journal.jsonl", "night/12/journal.jsonl", ".botform/journals/a.jsonl"].map(str::to_owned));
    for file in written {
        // A result that is posted, and what only says which plans are approved.
        let is_shown = ["approved", "validate.xml"].iter().any(|part| file.contains(part));
        assert!(is_shown || git(&["check-ignore", "--quiet", &file]), "{file} is not ignored");
    }
    assert!(!git(&["check-ignore", "--quiet", "zones/shop.example.com.yaml"]));
    assert!(!git(&["check-ignore", "--quiet", "feedback/checkout.yaml"]));
}
