//! Runs git so that the checkout under review cannot influence it: the repository is given explicitly, the environment
//! is ours, and git prompts for nothing, fetches nothing and starts no program.

use crate::cli::{Failure, environment};
use crate::config::is_range;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// The hint for errors of git.
pub(crate) const HINT: &str = "`--since` needs git, and a revision of the repository that holds the zone files; `--since-plan PLANFILE` needs neither";

const NO_NAME: &str = "fetch it (a tag with `git fetch origin tag NAME`); if there is no record yet, `botform plan --new-record record.txt` makes the first record, and `git tag --annotate NAME --file record.txt` tags it";

const REWRITTEN: &str = "fetch it with `git fetch origin COMMIT`; if the history was rewritten, `botform plan --new-record record.txt` makes a new record";

const SHALLOW: &str = "a shallow clone has only the newest commits: fetch the others with `git fetch --unshallow`, or `fetch-depth: 0` in GitHub Actions";

/// The largest tag that is read; a record of ten thousand zones fits.
const MOST_TAG_BYTES: u64 = 64 << 20;

/// The working tree of a repository.
#[derive(Debug)]
pub(crate) struct Checkout {
    top: PathBuf,
}

/// The commit to compare with for a revision.
#[derive(Debug)]
pub(crate) struct Reviewed {
    /// The commit whose files count.
    pub(crate) commit: String,
    /// Whether that is the commit that the revision names, and not a merge base.
    pub(crate) is_as_named: bool,
    /// Whether HEAD is older than the commit that the revision names.
    pub(crate) is_older: bool,
}

/// A file of a commit.
#[derive(Clone, Debug)]
pub(crate) struct TreeFile {
    /// Its path in the repository.
    pub(crate) path: String,
    /// The object id of its content.
    pub(crate) blob: String,
    /// Whether it is a symbolic link; then its content is the target path.
    pub(crate) is_link: bool,
}

impl Checkout {
    /// The checkout in a real folder that holds `.git`.
    pub(crate) fn new(top: &Path) -> Self {
        Self { top: top.to_owned() }
    }

    /// The folder that holds `.git`.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The commit of a revision.
    pub(crate) fn commit(&self, revision: &str) -> Result<String, Failure> {
        // Peels an annotated tag to its commit, and refuses a tree or a file.
        let wanted = format!("{revision}^{{commit}}");
        let output = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        match text(&output.stdout) {
            commit if output.status.success() => Ok(commit),
            // With `--quiet`, an unknown name gives this code and no message.
            _ if output.status.code() == Some(1) => Err(no_commit(revision, self.is_shallow())),
            _ => Err(failed("rev-parse", &output)),
        }
    }

    /// The commit to compare with for a revision.
    ///
    /// A tag marks what was applied and is used as it is: its branch may have been rewritten since. For a branch or a
    /// commit it is the merge base with HEAD: the newer commits there are not part of this branch.
    pub(crate) fn reviewed(&self, revision: &str) -> Result<Reviewed, Failure> {
        let named = self.commit(revision)?;
        let counts = if self.is_tag(revision)? { Some(named.clone()) } else { self.merge_base(&named)? };
        let Some(commit) = counts else {
            let message = format!("`{revision}` and HEAD have no common commit in this clone");
            return Err(Failure::new(message).hint(SHALLOW));
        };
        Ok(Reviewed { is_as_named: commit == named, is_older: self.is_older_than(&named)?, commit })
    }

    /// The message of an annotated tag; `None` if the revision is not one.
    pub(crate) fn tag_text(&self, revision: &str) -> Result<Option<String>, Failure> {
        let tag = format!("{revision}^{{tag}}");
        let output = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &tag])?;
        if !output.status.success() {
            return Ok(None);
        }
        // Who may push a tag decides how large it is.
        match self.objects()?.read(&text(&output.stdout), MOST_TAG_BYTES) {
            // The header of a tag object ends with an empty line.
            Content::Bytes(tag) => {
                let tag = String::from_utf8_lossy(&tag);
                Ok(Some(tag.split_once("\n\n").map(|(_, text)| text.to_owned()).unwrap_or_default()))
            }
            Content::TooLarge => Err(Failure::new(format!("the tag `{revision}` is too large"))),
            Content::Missing => Err(Failure::new(format!("the tag `{revision}` cannot be read")).hint(HINT)),
        }
    }

    /// Whether a commit is another one or a descendant of it.
    pub(crate) fn contains(&self, commit: &str, other: &str) -> Result<bool, Failure> {
        let output = self.run(&["merge-base", "--is-ancestor", other, commit])?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) if !self.is_shallow() => Ok(false),
            Some(1) => {
                let message = format!("this shallow clone cannot tell whether {commit} contains {other}");
                Err(Failure::new(message).hint(SHALLOW))
            }
            _ => Err(failed("merge-base", &output)),
        }
    }

    /// Whether HEAD is an ancestor of a commit.
    pub(crate) fn is_older_than(&self, commit: &str) -> Result<bool, Failure> {
        let head = self.commit("HEAD")?;
        if head == commit {
            return Ok(false);
        }
        let is_older = self.merge_base(commit)?.as_ref() == Some(&head);
        if !is_older && self.is_cut(commit)? {
            let message = format!("this shallow clone cannot tell whether HEAD is older than {commit}");
            return Err(Failure::new(message).hint(SHALLOW));
        }
        Ok(is_older)
    }

    /// The merge base of a commit and HEAD; `None` if this clone has none.
    fn merge_base(&self, commit: &str) -> Result<Option<String>, Failure> {
        let output = self.run(&["merge-base", commit, "HEAD"])?;
        match output.status.code() {
            Some(0) => Ok(Some(text(&output.stdout))),
            Some(1) => Ok(None),
            _ => Err(failed("merge-base", &output)),
        }
    }

    /// Whether the history of a commit is cut off in this clone before it reaches HEAD. At the boundary of a shallow
    /// clone a commit seems to have no parents.
    fn is_cut(&self, commit: &str) -> Result<bool, Failure> {
        if !self.is_shallow() {
            return Ok(false);
        }
        let output = self.run(&["rev-list", "--max-parents=0", "--max-count=1", commit, "^HEAD"])?;
        match output.status.success() {
            true => Ok(!output.stdout.is_empty()),
            false => Err(failed("rev-list", &output)),
        }
    }

    /// Whether a revision names a tag. If a branch has the same name, git decides.
    fn is_tag(&self, revision: &str) -> Result<bool, Failure> {
        let words =
            ["rev-parse", "--verify", "--quiet", "--symbolic-full-name", "--end-of-options", revision];
        Ok(text(&self.run(&words)?.stdout).starts_with("refs/tags/"))
    }

    /// All files of a commit.
    pub(crate) fn files(&self, commit: &str) -> Result<Vec<TreeFile>, Failure> {
        // Without `-z`, git quotes paths that are not plain ASCII.
        let output = self.run(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
        if !output.status.success() {
            return Err(failed("ls-tree", &output));
        }
        Ok(output.stdout.split(|byte| *byte == 0).filter_map(tree_file).collect())
    }

    /// Starts a reader of the repository's objects.
    pub(crate) fn objects(&self) -> Result<Objects, Failure> {
        let mut command = self.command(&["cat-file", "--batch"]);
        // Nobody reads its stderr here: a full pipe would block it.
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(not_started)?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => Ok(Objects { child, to, from: BufReader::new(from) }),
            _ => Err(Failure::new("cannot use git cat-file").hint(HINT)),
        }
    }

    fn is_shallow(&self) -> bool {
        self.run(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|output| text(&output.stdout) == "true")
    }

    pub(super) fn run(&self, args: &[&str]) -> Result<Output, Failure> {
        self.command(args).output().map_err(not_started)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        for setting in [
            // A folder of the checkout may be a bare repository with a configuration of its own.
            "safe.bareRepository=explicit",
            // git would start the program that the checkout's configuration names here.
            "core.fsmonitor=false",
            // No command here runs a hook today; a later version of git may.
            "core.hooksPath=/dev/null",
            // Otherwise `rev-parse --symbolic-full-name` prints nothing for a name that is both a tag and a branch.
            "core.warnAmbiguousRefs=false",
        ] {
            command.args(["-c", setting]);
        }
        command.args(["--no-pager", "--no-optional-locks"]).args(args).current_dir(&self.top);
        // Variables such as `GIT_CONFIG_COUNT` or `GIT_OBJECT_DIRECTORY` would change what git reads.
        command.env_clear().env("PATH", environment::search_path());
        if let Some(folder) = environment::variable("SYSTEMROOT") {
            command.env("SYSTEMROOT", folder);
        }
        // git looks for no repository by itself. Its messages are parsed below, so they must not be translated.
        command.env("GIT_DIR", self.top.join(".git")).env("GIT_WORK_TREE", &self.top).env("LC_ALL", "C");
        for (name, value) in [
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            // For versions of git that do not know `GIT_NO_LAZY_FETCH`. It overrides any configuration.
            ("GIT_ALLOW_PROTOCOL", "none"),
            // With `git replace` a reviewed commit could show different content.
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ] {
            command.env(name, value);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// A reader of a repository's objects: one `git cat-file` process for all of them.
#[derive(Debug)]
pub(crate) struct Objects {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// The content of an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The whole content.
    Bytes(Vec<u8>),
    /// It is larger than the limit.
    TooLarge,
    /// It is not in this clone.
    Missing,
}

impl Objects {
    /// Reads an object of at most `most` bytes.
    pub(crate) fn read(&mut self, id: &str, most: u64) -> Content {
        // If git has died, nothing more can be read.
        self.ask(id, most).unwrap_or(Content::Missing)
    }

    fn ask(&mut self, id: &str, most: u64) -> io::Result<Content> {
        writeln!(self.to, "{id}")?;
        let mut head = String::new();
        self.from.read_line(&mut head)?;
        // `<id> <type> <size>`, or `<id> missing`.
        let Some(size) = head.split_whitespace().nth(2).and_then(|size| size.parse::<u64>().ok()) else {
            return Ok(Content::Missing);
        };
        // The content is followed by a line end, which must be read too before the next request.
        let mut content = self.from.by_ref().take(size + 1);
        if size > most {
            io::copy(&mut content, &mut io::sink())?;
            return Ok(Content::TooLarge);
        }
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        Ok(whole(bytes, size))
    }
}

/// The content without the line end that follows it; missing if git died before all of it was read.
fn whole(mut bytes: Vec<u8>, size: u64) -> Content {
    match bytes.pop() {
        Some(b'\n') if bytes.len() as u64 == size => Content::Bytes(bytes),
        _ => Content::Missing,
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads, so killing it loses nothing; waiting leaves no zombie process.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An entry of `ls-tree`: mode, type, id, tab, path.
fn tree_file(entry: &[u8]) -> Option<TreeFile> {
    let entry = String::from_utf8_lossy(entry);
    let (head, path) = entry.split_once('\t')?;
    let mut words = head.split(' ');
    let (mode, kind, blob) = (words.next()?, words.next()?, words.next()?);
    let file = TreeFile { path: path.to_owned(), blob: blob.to_owned(), is_link: mode == "120000" };
    // A submodule is of the kind `commit`: its files are in another repository.
    (kind == "blob").then_some(file)
}

/// Refuses an empty revision and a range.
pub(crate) fn check_revision(revision: &str) -> Result<(), Failure> {
    if revision.trim().is_empty() {
        return Err(Failure::usage("`--since` is empty")
            .hint("give the commit that was applied last, such as `--since origin/main`"));
    }
    if is_range(revision) {
        return Err(Failure::usage(format!("`--since {revision}` is a range, not a revision"))
            .hint("give only its first commit"));
    }
    Ok(())
}

fn no_commit(revision: &str, is_shallow: bool) -> Failure {
    let is_id = revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    // GitHub and GitLab give an id of zeros as the commit before a branch's first push.
    if is_id && revision.bytes().all(|byte| byte == b'0') {
        return Failure::new(format!("`{revision}` is not a commit: there is nothing before a first push"))
            .hint("omit `--since`, or give a commit");
    }
    let failure = match is_id {
        true => format!("the commit `{revision}` is not in this clone"),
        false => format!("`{revision}` is not a commit of this repository"),
    };
    Failure::new(failure).hint(match (is_shallow, is_id) {
        (true, _) => SHALLOW,
        (false, true) => REWRITTEN,
        (false, false) => NO_NAME,
    })
}

fn not_started(error: io::Error) -> Failure {
    Failure::new(format!("cannot run git: {error}")).hint(HINT)
}

/// A failure with the first error line of git.
fn failed(command: &str, output: &Output) -> Failure {
    let stderr = text(&output.stderr);
    let reason = stderr.lines().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    Failure::new(format!("git {command} failed: {}", reason.unwrap_or("it gave no reason"))).hint(HINT)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// A path as git writes it: relative to the repository, with slashes, without `.` and `..`.
pub(super) fn in_repository(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

#[cfg(test)]
#[path = "git_tests.rs"]
mod tests;
