//! The commit that is checked out, read from the files of `.git`: no program is started, since every plan states it.

use crate::files;
use std::path::{Component, Path, PathBuf};

/// The most bytes of a file that names one commit, branch or folder.
const MOST_NAME_BYTES: u64 = 4 << 10;

/// The most bytes of the list of packed branches.
const MOST_PACKED_BYTES: u64 = 64 << 20;

/// The commit that is checked out where a path is; `None` outside of a checkout, and where its files do not say.
pub(crate) fn commit_at(path: &Path) -> Option<String> {
    let place = files::resolve(path).ok()?;
    let dot_git = place.checkout()?.join(".git");
    // In a worktree `.git` is a file that names the folder.
    let own = match line(&dot_git) {
        Some(text) => dot_git.parent()?.join(text.strip_prefix("gitdir: ")?),
        None => dot_git,
    };
    let head = line(&own.join("HEAD"))?;
    let Some(branch) = head.strip_prefix("ref: ") else { return commit(&head) };
    // A branch of a worktree stands in the folder that all worktrees share.
    let shared = line(&own.join("commondir")).map_or_else(|| own.clone(), |folder| own.join(folder));
    let loose = || line(&shared.join(inside(branch)?));
    loose().and_then(|text| commit(&text)).or_else(|| packed(&shared, branch))
}

/// The name of a branch as a path that stays inside its folder.
fn inside(branch: &str) -> Option<PathBuf> {
    let path = Path::new(branch);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (is_plain && branch.starts_with("refs/")).then(|| path.to_owned())
}

/// The commit of a branch that has no file of its own.
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

/// A text that is the full id of a commit.
fn commit(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const COMMIT: &str = "023e105f4ecef8ad9ca31a8372d0c353023e105f";

    /// A checkout whose `.git` holds these files, and what it says of its commit.
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
    fn what_names_no_commit_of_this_checkout_is_none() {
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
