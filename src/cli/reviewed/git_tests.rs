//! git as it is used here, on real repositories.

use super::*;
use std::process::ExitStatus;
use tempfile::TempDir;

#[test]
fn a_content_that_is_cut_off_is_missing() {
    assert_eq!(whole(b"a\nb\n".to_vec(), 3), Content::Bytes(b"a\nb".to_vec()));
    for cut in ["", "a", "a\n", "a\nb", "a\nbc"] {
        assert_eq!(whole(cut.into(), 3), Content::Missing, "{cut:?}");
    }
}

#[test]
fn the_error_is_the_line_of_git_that_names_it() {
    let message = |stderr: &str| {
        let output =
            Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: stderr.as_bytes().to_vec() };
        failed("ls-tree", &output).diagnostics()[0].message.clone()
    };
    assert_eq!(message("warning: a\nfatal: b\nerror: c\n"), "git ls-tree failed: fatal: b");
    assert_eq!(message("hint: a\nerror: c\nfatal: b"), "git ls-tree failed: error: c");
    assert_eq!(message("warning: a\n"), "git ls-tree failed: it gave no reason");
}

#[test]
fn an_entry_of_a_tree_is_a_file_or_a_link() {
    let read = |entry: &str| tree_file(entry.as_bytes()).map(|file| (file.path, file.is_link));
    assert_eq!(read("100644 blob 1\ta b.yaml"), Some(("a b.yaml".to_owned(), false)));
    assert_eq!(read("120000 blob 1\tb.yaml"), Some(("b.yaml".to_owned(), true)));
    assert_eq!(read("160000 commit 1\tmodule"), None);
}

#[test]
fn forty_zeros_are_an_id_and_no_other_name_of_zeros_is() {
    let message = |revision: &str| no_commit(revision, false).diagnostics()[0].message.to_string();
    assert!(message(&"0".repeat(40)).contains("there is nothing before a first push"));
    assert!(message(&"a".repeat(40)).contains("is not in this clone"));
    for name in ["0", &"0".repeat(39), &"x".repeat(40)] {
        assert_eq!(message(name), format!("`{name}` is not a commit of this repository"));
    }
}

/// A repository with one commit for each of these texts of `file`, each with a tag: `v0`, `v1`, ….
#[cfg(unix)]
fn repository(texts: &[&str]) -> (TempDir, Checkout) {
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(folder.path());
    git(&checkout, &["init", "--quiet", "--initial-branch=main"]);
    for (number, text) in texts.iter().enumerate() {
        std::fs::write(folder.path().join("file"), text).unwrap();
        git(&checkout, &["add", "--all"]);
        git(&checkout, &["commit", "--quiet", "--message=x"]);
        git(&checkout, &["tag", &format!("v{number}")]);
    }
    (folder, checkout)
}

/// Runs git as its user would.
#[cfg(unix)]
fn git(checkout: &Checkout, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.com"]).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").current_dir(checkout.top());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[cfg(unix)]
#[test]
fn one_process_reads_object_after_object_whatever_came_before() {
    let (_folder, checkout) = repository(&["four", "fives"]);
    let blob = |revision: &str| checkout.files(&checkout.commit(revision).unwrap()).unwrap()[0].blob.clone();
    let mut objects = checkout.objects().unwrap();
    assert_eq!(objects.read(&blob("v0"), 4), Content::Bytes(b"four".to_vec()), "as large as may be");
    assert_eq!(objects.read(&blob("v1"), 4), Content::TooLarge);
    assert_eq!(objects.read(&"0".repeat(40), 4), Content::Missing);
    assert_eq!(objects.read(&blob("v1"), 5), Content::Bytes(b"fives".to_vec()));
}

/// What a checkout's own configuration says is a stranger's: it may name programs, and hide what a commit has.
#[cfg(unix)]
#[test]
fn the_configuration_of_a_checkout_does_not_count() {
    let (_folder, checkout) = repository(&["a"]);
    let settings = ["safe.bareRepository", "core.fsmonitor", "core.hooksPath", "core.warnAmbiguousRefs"];
    for setting in settings {
        git(&checkout, &["config", setting, "all"]);
    }
    let counts = |setting: &str| text(&checkout.run(&["config", "--get", setting]).unwrap().stdout);
    assert_eq!(settings.map(counts), ["explicit", "false", "/dev/null", "false"]);
}

/// Git reads nothing of what the caller's environment says, and asks, fetches and replaces nothing.
#[cfg(unix)]
#[test]
fn git_gets_an_environment_of_its_own() {
    let (_folder, checkout) = repository(&["a"]);
    let output = checkout.run(&["-c", "alias.environment=!env", "environment"]).unwrap();
    let environment = text(&output.stdout).replace(checkout.top().to_str().unwrap(), "TOP");
    // The rest is what git itself and the shell set. These tests are run by cargo, which sets some more.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && !environment.contains("CARGO_"));
    let ours = ["ALLOW_PROTOCOL", "DIR", "NO_", "OPTIONAL_LOCKS", "TERMINAL_PROMPT", "WORK_TREE"];
    let is_ours = |line: &&str| {
        line.strip_prefix("GIT_").is_some_and(|name| ours.iter().any(|our| name.starts_with(our)))
    };
    let mut given: Vec<&str> = environment.lines().filter(is_ours).collect();
    given.sort_unstable();
    insta::assert_snapshot!(given.join("\n"), @"
    GIT_ALLOW_PROTOCOL=none
    GIT_DIR=TOP/.git
    GIT_NO_LAZY_FETCH=1
    GIT_NO_REPLACE_OBJECTS=1
    GIT_OPTIONAL_LOCKS=0
    GIT_TERMINAL_PROMPT=0
    GIT_WORK_TREE=TOP
    ");
}

#[cfg(unix)]
#[test]
fn the_commit_of_a_revision_depends_on_whether_it_is_a_tag() {
    let (_folder, checkout) = repository(&["a", "b"]);
    git(&checkout, &["switch", "--quiet", "--create", "side", "v0"]);
    git(&checkout, &["commit", "--quiet", "--allow-empty", "--message=y"]);
    let [v0, v1] = ["v0", "v1"].map(|revision| checkout.commit(revision).unwrap());
    // HEAD does not contain `v1`, and neither is older than the other.
    for (revision, commit, is_as_named) in [("v1", &v1, true), ("main", &v0, false)] {
        let Reviewed { commit: counts, is_as_named: as_named, is_older } =
            checkout.reviewed(revision).unwrap();
        assert_eq!((&counts, as_named, is_older), (commit, is_as_named, false), "{revision}");
    }
    git(&checkout, &["switch", "--quiet", "--detach", "v0"]);
    for revision in ["v1", "main"] {
        assert!(checkout.reviewed(revision).unwrap().is_older, "{revision}");
    }
    assert!(!checkout.reviewed("v0").unwrap().is_older);
    assert_eq!((checkout.contains(&v1, &v0).unwrap(), checkout.contains(&v0, &v1).unwrap()), (true, false));
}

#[cfg(unix)]
#[test]
fn only_an_annotated_tag_has_a_text() {
    let (_folder, checkout) = repository(&["a"]);
    git(&checkout, &["tag", "--annotate", "--message=first\n\nsecond", "annotated"]);
    assert_eq!(checkout.tag_text("annotated").unwrap().unwrap().trim_end(), "first\n\nsecond");
    for revision in ["v0", "main", "missing"] {
        assert_eq!(checkout.tag_text(revision).unwrap(), None, "{revision}");
    }
}

#[cfg(unix)]
#[test]
fn a_shallow_clone_does_not_guess() {
    let (folder, origin) = repository(&["a", "b", "c"]);
    let url = format!("file://{}", folder.path().display());
    git(&origin, &["clone", "--quiet", "--depth=1", "--branch=v1", &url, "shallow"]);
    let shallow = Checkout::new(&folder.path().join("shallow"));
    git(&shallow, &["fetch", "--quiet", "--depth=1", "origin", "tag", "v2"]);
    let [v1, v2] = ["v1", "v2"].map(|revision| shallow.commit(revision).unwrap());
    for failure in [shallow.contains(&v2, &v1).unwrap_err(), shallow.is_older_than(&v2).unwrap_err()] {
        assert_eq!(failure.diagnostics()[0].hint.as_ref().map(ToString::to_string).as_deref(), Some(SHALLOW));
    }
    assert!(!shallow.is_older_than(&v1).unwrap(), "HEAD itself");
    // Two commits on top of what is here are known as a whole.
    git(&shallow, &["switch", "--quiet", "--create", "one"]);
    git(&shallow, &["commit", "--quiet", "--allow-empty", "--message=one"]);
    git(&shallow, &["switch", "--quiet", "--create", "two", "v1"]);
    git(&shallow, &["commit", "--quiet", "--allow-empty", "--message=two"]);
    assert!(!shallow.is_older_than(&shallow.commit("one").unwrap()).unwrap());
    // So is a history without a common commit in a whole clone.
    git(&origin, &["switch", "--quiet", "--orphan", "apart"]);
    git(&origin, &["commit", "--quiet", "--allow-empty", "--message=apart"]);
    assert!(!origin.is_older_than(&v2).unwrap());
}

#[cfg(unix)]
#[test]
fn a_text_that_is_not_a_commit_fails_although_git_works() {
    let (_folder, checkout) = repository(&["a"]);
    assert!(
        checkout.commit("missing").unwrap_err().diagnostics()[0]
            .message
            .to_string()
            .contains("is not a commit of this repository")
    );
    assert!(checkout.files("missing").is_err());
    let nowhere = Checkout::new(Path::new("/"));
    assert!(
        nowhere.commit("HEAD").unwrap_err().diagnostics()[0]
            .message
            .to_string()
            .contains("git rev-parse failed")
    );
}

#[test]
fn the_hint_is_about_the_kind_of_revision_and_of_clone() {
    let hint = |revision: &str, is_shallow| {
        no_commit(revision, is_shallow).diagnostics()[0]
            .hint
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let id = "a".repeat(40);
    assert_eq!([hint(&id, false), hint("v1", false)], [REWRITTEN, NO_NAME]);
    assert_eq!([hint(&id, true), hint("v1", true)], [SHALLOW; 2]);
}

#[test]
fn a_revision_is_one_and_is_named() {
    assert!(check_revision("origin/main").is_ok());
    for wrong in ["", " ", "a..b", "a...b"] {
        assert!(check_revision(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_path_of_the_repository_has_no_dots() {
    for (path, expected) in [("a/./b", "a/b"), ("a/../b", "b"), ("./zones/x.yaml", "zones/x.yaml")] {
        assert_eq!(in_repository(Path::new(path)), expected);
    }
}
