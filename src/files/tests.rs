//! Resolving links, reading files, and writing files.

use super::walk::walk_up_to;
use super::*;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// A folder with a checkout, `in`, and a folder next to it, `out`.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = fs::canonicalize(folder.path()).unwrap();
    for name in ["in/.git", "in/zones", "out"] {
        fs::create_dir_all(path.join(name)).unwrap();
    }
    fs::write(path.join("in/.git/config"), "secret").unwrap();
    fs::write(path.join("in/zones/a"), "a").unwrap();
    fs::write(path.join("out/a"), "secret").unwrap();
    (folder, path)
}

fn said(result: Result<Vec<u8>, FileError>) -> String {
    result.map_or_else(|error| error.to_string(), |bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn links_stay_in_the_checkout() {
    let (_folder, path) = folder();
    for (name, target, expected) in [
        ("in/near", "zones/a", "a"),
        ("in/far", "../out/a", "a link that leaves the checkout"),
        ("in/git", ".git/config", "a link into `.git`"),
        ("in/loop", "loop", "a loop of symbolic links"),
        ("in/dead", "nowhere", "no such file or folder"),
        ("out/own", "../in/zones/a", "a"),
        ("own", "in", "a folder, not a file"),
    ] {
        symlink(target, path.join(name)).unwrap();
        assert_eq!(said(read(&path.join(name), 10)), expected, "{name}");
    }
    symlink("../../out", path.join("in/zones/folder")).unwrap();
    assert_eq!(said(read(&path.join("in/zones/folder/a"), 10)), "a link that leaves the checkout");
    assert_eq!(said(read(&path.join("own/zones/../zones/a"), 10)), "a");
    assert_eq!(said(read(&path.join("own/far"), 10)), "a link that leaves the checkout");
}

#[test]
fn a_link_to_a_folder_is_followed() {
    let (_folder, path) = folder();
    fs::create_dir(path.join("in/more")).unwrap();
    fs::write(path.join("in/more/b"), "b").unwrap();
    symlink("../more", path.join("in/zones/linked")).unwrap();
    let place = resolve(&path.join("in/zones")).unwrap();
    let found = walk(
        &place,
        Pick { skip: &|_, _| false, take: &|name| name.file_name().is_some_and(|name| name != "linked") },
    );
    let below: Vec<_> = found.iter().map(|found| found.below.to_str().unwrap()).collect();
    assert_eq!(below, ["a", "linked/b"]);
}

#[test]
fn the_innermost_checkout_counts() {
    let (_folder, path) = folder();
    let deep = path.join("in/zones/deep");
    fs::create_dir(&deep).unwrap();
    fs::write(deep.join(".git"), "gitdir: x").unwrap();
    symlink("../a", deep.join("a")).unwrap();
    assert_eq!(said(read(&deep.join("a"), 10)), "a link that leaves the checkout");
    assert_eq!(resolve(&deep).unwrap().checkout(), Some(deep.as_path()));
    assert_eq!(resolve(&path.join("in/zones")).unwrap().checkout(), Some(path.join("in").as_path()));
    assert_eq!(resolve(&deep.join("..")).unwrap().checkout(), Some(path.join("in").as_path()));
}

#[test]
fn sizes_are_bounded_even_if_the_system_reports_none() {
    let (_folder, path) = folder();
    fs::write(path.join("large"), "12345678901").unwrap();
    let expected = "the file has 11 bytes; the limit is 10";
    assert_eq!(said(read(&path.join("large"), 10)), expected);
    assert!(said(read(Path::new("/proc/self/status"), 10)).ends_with("the limit is 10"));
    assert_eq!(said(read(Path::new("/dev/zero"), 10)), "a device, not a file");
}

#[test]
fn outside_a_checkout_links_stay_in_the_folder() {
    let (_folder, path) = folder();
    symlink("../in/zones", path.join("out/zones")).unwrap();
    symlink("a", path.join("out/b")).unwrap();
    symlink("../in/zones/a", path.join("out/note")).unwrap();
    let pick = Pick { skip: &|_, _| false, take: &|path| path != Path::new("note") };
    let found = walk(&resolve(&path.join("out")).unwrap(), pick);
    let told = |found: &Found| {
        let said = found.place.as_ref().map_or_else(ToString::to_string, |_| "read".to_owned());
        format!("{}: {said}", found.below.display())
    };
    let told: Vec<_> = found.iter().map(told).collect();
    assert_eq!(told, ["a: read", "b: read", "zones: a link that leaves the folder"]);
}

#[test]
fn a_folder_of_too_many_files_is_an_error() {
    let (_folder, path) = folder();
    for name in ["b", "c", "d"] {
        fs::write(path.join("in/zones").join(name), "").unwrap();
    }
    let pick = Pick { skip: &|_, _| false, take: &|_| true };
    let zones = resolve(&path.join("in/zones")).unwrap();
    let errors = |most| {
        let found = walk_up_to(&zones, pick, most);
        let errors: Vec<_> = found.iter().filter_map(|found| found.place.as_ref().err()).collect();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(errors(4), [""; 0]);
    assert_eq!(errors(3), ["more than 3 files and folders"]);
}

fn write(path: &Path, access: Access) -> std::io::Result<u32> {
    let mut draft = Draft::begin(path, access)?;
    draft.write_all(b"new")?;
    draft.keep()?;
    Ok(fs::metadata(path)?.mode() & 0o777)
}

#[test]
fn results_have_the_mode_of_the_umask_or_of_the_file_and_plans_are_private() {
    let (_folder, path) = folder();
    fs::write(path.join("usual"), "").unwrap();
    let usual = fs::metadata(path.join("usual")).unwrap().mode() & 0o777;
    assert_eq!(write(&path.join("result"), Access::Result).unwrap(), usual);
    fs::set_permissions(path.join("result"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(write(&path.join("result"), Access::Result).unwrap(), 0o640);
    assert_eq!(write(&path.join("result"), Access::Private).unwrap(), 0o600);
    assert_eq!(write(&path.join("plan"), Access::Private).unwrap(), 0o600);
}

#[test]
fn a_result_goes_through_links_but_not_out_of_the_checkout() {
    let (_folder, path) = folder();
    symlink("zones/a", path.join("in/link")).unwrap();
    symlink("../out/a", path.join("in/far")).unwrap();
    write(&path.join("in/link"), Access::Result).unwrap();
    assert_eq!(fs::read_to_string(path.join("in/zones/a")).unwrap(), "new");
    let error = write(&path.join("in/far"), Access::Result).unwrap_err();
    assert_eq!(error.to_string(), "a link that leaves the checkout");
    assert!(check_writable(&path.join("in/far")).is_err());
    assert_eq!(fs::read_to_string(path.join("out/a")).unwrap(), "secret");
}

#[test]
fn a_draft_that_is_dropped_leaves_nothing() {
    let (_folder, path) = folder();
    drop(Draft::begin(&path.join("out/b"), Access::Result).unwrap());
    assert_eq!(list_folder(&path.join("out")), [path.join("out/a")]);
    assert!(check_writable(&path.join("out/b")).is_ok());
    assert!(check_writable(&path.join("out")).is_err() && check_writable(&path.join("no/b")).is_err());
}

#[test]
fn a_pipe_is_rejected_as_a_journal_without_blocking() {
    let (_folder, path) = folder();
    let pipe = path.join("pipe.jsonl");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(open(&pipe).unwrap_err().to_string(), "a named pipe, not a file");
    assert_eq!(open_append(&pipe).unwrap_err().to_string(), "a named pipe, not a file");
    let made = open_append(&path.join("j")).unwrap().metadata().unwrap();
    assert_eq!(made.mode() & 0o777, 0o600);
}

#[test]
fn files_are_distinguished_by_identity_not_by_path() {
    let (_folder, path) = folder();
    symlink("out/a", path.join("link")).unwrap();
    fs::hard_link(path.join("out/a"), path.join("hard")).unwrap();
    symlink("out", path.join("folder")).unwrap();
    let of = |name: &str| FileIdentity::of(&path.join(name));
    assert_eq!(of("out/a"), of("link"));
    assert_eq!(of("out/a"), of("hard"));
    assert_eq!(of("out/new"), of("folder/new"));
    assert_ne!(of("out/new"), of("out/other"));
    assert_eq!(FileIdentity::of(Path::new("/dev/null")), None);
}
