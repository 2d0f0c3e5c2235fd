//! The commit that is checked out, read from the files of `.git`. Every plan states it, so no program is started for it
//! and git need not be installed.

use crate::files;
use std::path::{Component, Path, PathBuf};

/// The maximum size of a file that holds one commit, branch or folder.
const MOST_NAME_BYTES: u64 = 4 << 10;

/// The maximum size of `packed-refs`.
const MOST_PACKED_BYTES: u64 = 64 << 20;

/// The commit that is checked out at a path; `None` outside of a checkout, and if its files do not say.
pub(crate) fn commit_at(path: &Path) -> Option<String> {
    let place = files::resolve(path).ok()?;
    let dot_git = place.checkout()?.join(".git");
    // In a worktree, `.git` is a file with the path of the folder.
    let own = match line(&dot_git) {
        Some(text) => dot_git.parent()?.join(text.strip_prefix("gitdir: ")?),
        None => dot_git,
    };
    let head = line(&own.join("HEAD"))?;
    let Some(branch) = head.strip_prefix("ref: ") else { return commit(&head) };
    // Worktrees have their own HEAD but share the folder of the branches.
    let shared = line(&own.join("commondir")).map_or_else(|| own.clone(), |folder| own.join(folder));
    let loose = || line(&shared.join(inside(branch)?));
    loose().and_then(|text| commit(&text)).or_else(|| packed(&shared, branch))
}

/// The name of a branch as a path; `None` if it would leave its folder, since HEAD is a file that anyone may write.
fn inside(branch: &str) -> Option<PathBuf> {
    let path = Path::new(branch);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_plain && branch.starts_with("refs/")).then(|| path.to_owned())
}

/// The commit of a branch that has no file of its own, as after `git gc`.
fn packed(folder: &Path, branch: &str) -> Option<String> {
    let bytes = files::read_own(&folder.join("packed-refs"), MOST_PACKED_BYTES).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let of_branch = |line: &str| line.strip_suffix(branch)?.strip_suffix(' ').and_then(commit);
    text.lines().find_map(of_branch)
}

/// The first line of a small file.
fn line(path: &Path) -> Option<String> {
    let bytes = files::read_own(path, MOST_NAME_BYTES).ok()?;
    String::from_utf8(bytes).ok()?.lines().next().map(|line| line.trim_end().to_owned())
}

/// The text if it is the full id of a commit, SHA-1 or SHA-256.
fn commit(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const COMMIT: &str = "023e105f4ecef8ad9ca31a8372d0c353023e105f";

    /// The commit of a checkout whose `.git` holds these files.
    fn commit_of(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let zones = folder.path().join("work/zones");
        fs::create_dir_all(&zones).unwrap();
        commit_at(&zones)
    }

    #[test]
    fn the_commit_of_a_branch_a_packed_branch_a_worktree_and_no_branch_is_found() {
        let head = ("work/.git/HEAD", "ref: refs/heads/main\n");
        let (line, packed) =
            (format!("{COMMIT}\n"), format!("# pack-refs\n{COMMIT} refs/heads/main\n^{}\n", "0".repeat(40)));
        for files in [
            vec![("work/.git/HEAD", line.as_str())],
            vec![head, ("work/.git/refs/heads/main", &line)],
            vec![head, ("work/.git/packed-refs", &packed)],
            vec![
                ("work/.git", "gitdir: ../main/.git/worktrees/work\n"),
                ("main/.git/worktrees/work/HEAD", "ref: refs/heads/main\n"),
                ("main/.git/worktrees/work/commondir", "../..\n"),
                ("main/.git/refs/heads/main", &line),
            ],
        ] {
            assert_eq!(commit_of(&files).as_deref(), Some(COMMIT), "{files:?}");
        }
    }

    #[test]
    fn a_head_without_a_commit_of_this_checkout_gives_none() {
        let line = format!("{COMMIT}\n");
        for files in [
            vec![],
            vec![("work/.git/HEAD", "ref: refs/heads/new\n")],
            vec![
                ("work/.git/HEAD", "ref: refs/../../../other\n"),
                ("work/.git/refs/heads/main", &line),
                ("other", &line),
            ],
            vec![("work/.git/HEAD", "023e105f\n")],
            vec![("work/.git/HEAD", "ref: main\n"), ("work/.git/main", &line)],
        ] {
            assert_eq!(commit_of(&files), None, "{files:?}");
        }
    }
}
