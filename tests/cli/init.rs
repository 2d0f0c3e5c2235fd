//! `init`: a repository that validates at once, and that a second `init` leaves alone.

use super::story::Story;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_new_repository_validates_and_is_never_replaced() {
    let story = Story::new(json!([]));
    assert_snapshot!(story.run("init --ci github"), @"
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
    written .github/workflows/botform-apply.yml
    written .github/workflows/botform-nightly.yml
    written .github/workflows/botform-plan.yml

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
