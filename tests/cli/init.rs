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
      botform import zones   # write a file for each live zone; `--baseline default` gathers what they share
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
    assert_snapshot!(story.run("init --ci github"), @r#"
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
    written .github/workflows/botform-nightly.yml
    written .github/workflows/botform-plan.yml
    written .github/workflows/botform-schedule.yml
    written .github/workflows/botform-undo.yml

    Next:
      botform doctor         # are the credentials and the files right?
      botform import zones   # write a file for each live zone; `--baseline default` gathers what they share
      grep --recursive your-org .github      # write your action, its commit that you reviewed, and the code owners
      gh api --method PUT repos/{owner}/{repo}/environments/botform-read
      gh api --method PUT repos/{owner}/{repo}/environments/botform-write   # then limit it to the default branch
      gh secret set CLOUDFLARE_API_TOKEN --env botform-read    # may read zones and bot management
      gh secret set CLOUDFLARE_API_TOKEN --env botform-write   # may write bot management too
      # protect the default branch: an approval is required, and a new push dismisses it
      git add --all && git commit --message "botform"
      botform plan --new-record record.txt   # what is live and as the files want it was applied
      git tag --annotate botform-applied --file record.txt && git push origin HEAD botform-applied
    ---- exit 0
    "#);
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

    Next:
      botform doctor         # are the credentials and the files right?
      botform import zones   # write a file for each live zone; `--baseline default` gathers what they share
      grep --recursive your-org .gitlab-ci.yml .gitlab   # write your image, and the code owners
      glab variable set CLOUDFLARE_API_TOKEN --masked      # may read zones and bot management
      glab variable set CLOUDFLARE_API_TOKEN --masked --protected --scope production   # may write bot management too
      glab variable set TAG_TOKEN --masked --protected     # a project token with `write_repository`
      glab variable set BOTFORM_API_TOKEN --masked --protected   # a project token with `read_api`
      # protect the environment that writes: a reviewer is required
      git add --all && git commit --message "botform"
      botform plan --new-record record.txt   # what is live and as the files want it was applied
      git tag --annotate botform-applied --file record.txt && git push origin HEAD botform-applied
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
