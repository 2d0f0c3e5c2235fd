//! `--since` with what was applied last: an older job writes nothing over it, and a tag counts as it is, whatever
//! became of the branch since.

use crate::since::{commit, git, held, plan};
use crate::story::{Run, Story};
use serde_json::json;
use std::path::Path;

const ZONE: &str = "a.example.com";

/// A repository whose only zone wants `block` in its first commit and `disabled`, as it is live, in its second.
fn story() -> Story {
    let story = Story::new(json!([{"name": ZONE, "plan": "pro", "live": {"ai_search": "disabled"}}]));
    std::fs::create_dir(story.path("main")).unwrap();
    git(&story.path("main"), "init --quiet --initial-branch=main");
    for search in ["block", "disabled"] {
        let file = format!("zone: {ZONE}\nplan: sbfm_pro\nsettings:\n  ai_search: {search}\n");
        story.write(&format!("main/zones/{ZONE}.yaml"), file);
        commit(&story.path("main"));
    }
    story
}

fn run_in(story: &Story, folder: &Path, arguments: &str) -> Run {
    let mut command = story.command(arguments);
    command.current_dir(folder);
    story.end(command)
}

#[test]
fn an_older_job_writes_nothing_over_a_newer_one() {
    let story = story();
    let main = story.path("main");
    git(&main, "tag light");
    git(&main, "tag --annotate --message=applied annotated");
    git(&main, "branch newer");
    git(&main, "checkout --quiet --detach HEAD~1");
    for revision in ["light", "annotated", "newer"] {
        let planned = run_in(&story, &main, &format!("plan --since {revision} --out plan.json"));
        let said = format!("HEAD is older than `{revision}`");
        assert!(planned.exit == 5 && planned.stderr.contains(&said), "{planned}");
        assert!(planned.stdout.contains("disabled → block"), "{planned}");
        for apply in [format!("apply --since {revision} --auto-approve"), "apply plan.json".to_owned()] {
            let applied = run_in(&story, &main, &apply);
            assert!(applied.exit == 5 && applied.stderr.contains(&said), "{apply}: {applied}");
        }
    }
    assert_eq!(story.live(ZONE)["ai_search"], "disabled");
    // The newest job is no older one, however often it is run.
    git(&main, "checkout --quiet main");
    assert_eq!(run_in(&story, &main, "apply --since light --auto-approve").exit, 0);
}

#[test]
fn a_clone_that_cannot_tell_says_so() {
    let story = story();
    let main = story.path("main");
    git(&main, "tag applied");
    git(&main, "branch older HEAD~1");
    git(
        &story.path(""),
        &format!("clone --quiet --depth=1 --branch=older file://{} shallow", main.display()),
    );
    let shallow = story.path("shallow");
    git(&shallow, "fetch --quiet --depth=1 origin refs/tags/applied:refs/tags/applied");
    let planned = run_in(&story, &shallow, "plan --since applied");
    assert!(planned.exit == 1 && planned.stderr.contains("fetch-depth"), "{planned}");
}

#[test]
fn a_tag_counts_as_it_is_after_main_was_rewritten() {
    let story = story();
    let main = story.path("main");
    git(&main, "tag light");
    git(&main, "tag --annotate --message=applied annotated");
    git(&main, "branch applied");
    git(&main, "commit --quiet --amend --allow-empty --message=rewritten");
    // Somebody tightens by hand what was applied. The merge base is the first commit, which wanted just that.
    story.emulator().edit(|world| world.set(ZONE, "ai_search", Some(json!("block"))));
    for revision in ["light", "annotated", "refs/tags/light", "tags/annotated"] {
        let planned = plan(&story, &main, &format!("--since {revision}"), &[]);
        assert!(planned.exit == 0 && held(&planned) == [ZONE], "{revision}: {planned}");
        let applied = run_in(&story, &main, &format!("apply --since {revision} --auto-approve"));
        assert_eq!((applied.exit, story.live(ZONE)["ai_search"].clone()), (0, json!("block")), "{applied}");
    }
    // A branch counts where it and HEAD parted: what it wants since then is somebody else's.
    assert!(held(&plan(&story, &main, "--since applied", &[])).is_empty());
}

#[test]
fn a_tag_counts_as_it_is_where_a_branch_has_its_name() {
    let story = story();
    let main = story.path("main");
    git(&main, "tag applied");
    git(&main, "branch applied HEAD~1");
    git(&main, "commit --quiet --amend --allow-empty --message=rewritten");
    story.emulator().edit(|world| world.set(ZONE, "ai_search", Some(json!("block"))));
    // git takes the tag. At its merge base with HEAD, the value that somebody set by hand was wanted.
    for revision in ["applied", "tags/applied", "refs/tags/applied"] {
        assert_eq!(held(&plan(&story, &main, &format!("--since {revision}"), &[])), [ZONE], "{revision}");
    }
    assert!(held(&plan(&story, &main, "--since heads/applied", &[])).is_empty());
}

#[test]
fn a_clone_with_only_one_path_to_a_shared_commit_says_so() {
    let story = story();
    let main = story.path("main");
    // The tag descends from `older` on its long side, which is cut, and shares the first commit on its short one.
    git(&main, "branch older");
    git(&main, "branch side HEAD~1");
    for side in ["main", "main", "side"] {
        git(&main, &format!("checkout --quiet {side}"));
        git(&main, "commit --quiet --allow-empty --message=more");
    }
    git(&main, "checkout --quiet main");
    git(&main, "merge --quiet --no-edit side");
    git(&main, "tag applied");
    let from = format!("file://{}", main.display());
    git(&story.path(""), &format!("clone --quiet --depth=3 --branch=applied {from} shallow"));
    let shallow = story.path("shallow");
    git(&shallow, "fetch --quiet --depth=2 origin older");
    git(&shallow, "checkout --quiet FETCH_HEAD");
    for revision in ["applied", "applied^0"] {
        let planned = run_in(&story, &shallow, &format!("plan --since {revision}"));
        assert!(planned.exit == 1 && planned.stderr.contains("fetch-depth"), "{revision}: {planned}");
    }
    // HEAD itself descends from the tag or is it: where history is cut does not matter.
    git(&shallow, "checkout --quiet applied");
    assert_eq!(run_in(&story, &shallow, "plan --since applied").exit, 0);
    git(&shallow, "commit --quiet --allow-empty --message=newer");
    assert_eq!(run_in(&story, &shallow, "plan --since applied").exit, 0);
}
