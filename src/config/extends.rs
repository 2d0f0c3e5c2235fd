//! Baselines: which ones a zone file extends, in which order, each read and checked once however many zones extend it.
//! The caller supplies the reader: the files come from a folder or from the tree of a commit.

use super::check::{Baseline, Foreign, Link, Links, MOST_BASELINES, extends};
use super::yaml::{Cursor, Options, read_document};
use crate::catalogue::Variant;
use crate::model::{Diagnostic, Digest, Extended, FilePlace, Input, Place};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// How long a chain of baselines may be.
const MOST_DEEP: usize = 16;

const OF_CHECKOUT: &str = "a baseline must be in the same repository: below the folder of its `.git`, or, without git, below the folder of `botform.yaml`";

/// Where a file is.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    /// Its real path, with symlinks resolved.
    pub path: &'a Path,
    /// The folder that its baselines must be in.
    pub root: &'a Path,
}

/// A baseline file as it was read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtendedFile {
    /// Its real path, with symlinks resolved.
    pub path: PathBuf,
    /// Its name in messages.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

impl ExtendedFile {
    /// A file that was read.
    #[must_use]
    pub fn new(path: PathBuf, name: String, bytes: Vec<u8>) -> Self {
        Self { path, name, bytes }
    }
}

/// Reads the file of a path below a root, or says why it cannot be read.
pub(super) type Read<'r> = &'r mut dyn FnMut(Home<'_>) -> Result<ExtendedFile, Box<Diagnostic>>;

/// A checked baseline, with those that it extends.
#[derive(Debug)]
struct Node {
    path: PathBuf,
    file: Arc<str>,
    baseline: Baseline,
    /// The baselines that it extends, in order, and the places that name them.
    bases: Vec<(Place, Rc<Self>)>,
    /// All baselines reachable from it, itself included.
    reach: HashSet<PathBuf>,
    depth: usize,
    is_right: bool,
}

/// The result for a path.
#[derive(Clone, Debug)]
enum Known {
    /// It was read.
    Read(Rc<Node>),
    /// It could not be read, and why.
    Refused(Box<Diagnostic>),
    /// It is being read: a path back to it is a cycle.
    Open,
}

/// The baselines of a run.
#[derive(Debug, Default)]
pub struct Baselines {
    known: HashMap<PathBuf, Known>,
    inputs: Vec<Input>,
    problems: Vec<Diagnostic>,
    /// By file, place and plan variant: the message, the first zone file that it affects, and how many others.
    foreign: BTreeMap<(String, Place, Variant), (Diagnostic, String, usize)>,
    broken: Option<String>,
}

/// The baselines that a zone file extends.
#[derive(Debug, Default)]
pub(super) struct Chain {
    links: Vec<(Rc<Node>, Arc<Extended>)>,
    /// A baseline with errors of its own.
    broken: Option<Arc<str>>,
    /// Whether some are missing, because they cannot be read or exceed the limit.
    is_cut: bool,
}

impl Chain {
    /// The baselines, for the check of the zone file.
    pub(super) fn links(&self) -> Links<'_> {
        let links = self.links.iter();
        let links = links.map(|(node, by)| Link { baseline: &node.baseline, extended: Arc::clone(by) });
        Links { links: links.collect(), is_whole: !self.is_cut && self.broken.is_none() }
    }
}

impl Baselines {
    /// The files that were read, and all their problems, for all zones.
    #[must_use]
    pub fn finish(self) -> (Vec<Input>, Vec<Diagnostic>) {
        let Self { known: _, inputs, mut problems, foreign, broken: _ } = self;
        problems.extend(foreign.into_values().map(|(mut problem, zone, more)| {
            let more = if more == 0 { String::new() } else { format!(" and of {more} more") };
            problem.message = problem.message.text(format!(", the plan variant of {zone}{more}"));
            problem
        }));
        (inputs, problems)
    }

    /// Why the file that was checked last could not be resolved, if a baseline is the cause.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Checks a baseline on its own, even if no zone file extends it; its problems are kept.
    pub fn check_file(&mut self, name: &str, bytes: &[u8], home: Home<'_>, read: Read<'_>) {
        if !self.known.contains_key(home.path) {
            self.keep(home, name, bytes, 0, read).ok();
        }
    }

    /// Follows the `extends` of a zone file; problems of its own entries go to `problems`.
    pub(super) fn follow(
        &mut self,
        zone: Cursor<'_>,
        home: Home<'_>,
        read: Read<'_>,
        problems: &mut Vec<Diagnostic>,
    ) -> Chain {
        let mut chain = Chain::default();
        let bases = self.bases(zone, home, 0, read, problems);
        chain.is_cut = bases.len() < extends(zone).len();
        let (mut seen, file) = (HashSet::new(), Arc::from(zone.source().file()));
        for (place, base) in &bases {
            visit(base, vec![FilePlace { file: Arc::clone(&file), place: *place }], &mut seen, &mut chain);
        }
        if chain.links.len() > MOST_BASELINES {
            let message = format!(
                "more than {MOST_BASELINES} baselines are extended, including those that baselines extend"
            );
            problems.extend(zone.get("extends").map(|at| at.problem_at_key(message)));
            // With a part of them the values would be wrong: the last baselines win.
            chain.links.clear();
            chain.is_cut = true;
        }
        self.broken = chain.broken.as_ref().map(|file| format!("{file} has errors"));
        chain
    }

    /// Keeps the settings that a zone's plan variant does not have, to report each once for all zones.
    pub(super) fn keep_foreign(&mut self, zone_file: &str, foreign: Vec<Foreign>) {
        for Foreign { problem, plan } in foreign {
            self.broken.get_or_insert_with(|| problem.message.to_string());
            let key = (problem.file.clone().unwrap_or_default(), problem.place.unwrap_or(Place::START), plan);
            self.foreign.entry(key).and_modify(|(_, _, more)| *more += 1).or_insert((
                problem,
                zone_file.to_owned(),
                0,
            ));
        }
    }

    /// The baselines that a document names, in its order.
    fn bases(
        &mut self,
        document: Cursor<'_>,
        home: Home<'_>,
        depth: usize,
        read: Read<'_>,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<(Place, Rc<Node>)> {
        let mut bases: Vec<(Place, Rc<Node>)> = Vec::new();
        for (at, path) in extends(document) {
            let node = match self.node(path, home, depth, read) {
                Ok(node) => node,
                Err(why) => {
                    let Diagnostic { message, hint, .. } = *why;
                    let hint = hint.unwrap_or_else(|| "the path starts at the folder of this file".into());
                    problems.push(at.problem(message).hint(hint));
                    continue;
                }
            };
            match bases.iter().find(|(_, earlier)| earlier.reach.contains(&node.path)) {
                Some((_, earlier)) if earlier.path == node.path => {
                    problems.push(at.problem(format!("`{path}` is extended twice")).hint("list it once"));
                }
                Some((_, earlier)) => {
                    let message =
                        format!("`{path}` is already extended by {}, which overrides it", earlier.file);
                    problems.push(at.problem(message).hint("remove it here, or list it first"));
                }
                None => bases.push((at.place(), node)),
            }
        }
        bases
    }

    fn node(
        &mut self,
        path: &str,
        home: Home<'_>,
        depth: usize,
        read: Read<'_>,
    ) -> Result<Rc<Node>, Box<Diagnostic>> {
        let refuse = |message: String, hint: &str| Err(Box::new(Diagnostic::error(message).hint(hint)));
        let too_deep = || {
            let message = format!("more than {MOST_DEEP} baselines extend each other in a chain");
            refuse(message, "extend them from the zone file, in a list")
        };
        let Some(target) = below(home, path) else {
            return refuse(format!("`{path}` is outside the repository"), OF_CHECKOUT);
        };
        if depth >= MOST_DEEP {
            return too_deep();
        }
        let node = match self.known.get(&target).cloned() {
            Some(Known::Read(node)) => node,
            Some(Known::Refused(why)) => return Err(why),
            Some(Known::Open) => {
                let message = format!("`{path}` already extends this file: `extends` is circular");
                return refuse(message, "remove one of these entries");
            }
            None => {
                self.known.insert(target.clone(), Known::Open);
                let node = self.load(Home { path: &target, ..home }, depth, read);
                let known = node.clone().map_or_else(Known::Refused, Known::Read);
                self.known.insert(target, known);
                node?
            }
        };
        // A baseline that is already known may itself be the start of a long chain.
        if depth + node.depth > MOST_DEEP {
            return too_deep();
        }
        Ok(node)
    }

    fn load(&mut self, home: Home<'_>, depth: usize, read: Read<'_>) -> Result<Rc<Node>, Box<Diagnostic>> {
        let ExtendedFile { path, name, bytes } = read(home)?;
        // Two links may lead to the same baseline: it is read and reported once, under its real path.
        if path != home.path {
            match self.known.get(&path) {
                Some(Known::Read(node)) => return Ok(Rc::clone(node)),
                Some(Known::Refused(why)) => return Err(why.clone()),
                Some(Known::Open) => {
                    return Err(Box::new(Diagnostic::error(format!("{name} extends itself"))));
                }
                None => {}
            }
        }
        self.keep(Home { path: &path, ..home }, &name, &bytes, depth, read)
    }

    /// Checks a baseline and keeps the result.
    fn keep(
        &mut self,
        home: Home<'_>,
        name: &str,
        bytes: &[u8],
        depth: usize,
        read: Read<'_>,
    ) -> Result<Rc<Node>, Box<Diagnostic>> {
        self.known.insert(home.path.to_owned(), Known::Open);
        self.inputs.push(Input { path: name.to_owned(), digest: Digest::of_bytes(bytes) });
        // `Open` was set before, so that a cycle that leads back here is found while the file is being checked.
        let node = self.check(home, name, bytes, depth, read);
        self.known.insert(home.path.to_owned(), node.clone().map_or_else(Known::Refused, Known::Read));
        node
    }

    fn check(
        &mut self,
        home: Home<'_>,
        name: &str,
        bytes: &[u8],
        depth: usize,
        read: Read<'_>,
    ) -> Result<Rc<Node>, Box<Diagnostic>> {
        let (document, mut problems) = read_document(name, bytes, Options::default());
        let Some(document) = document else {
            self.problems.extend(problems);
            return Err(Box::new(
                Diagnostic::error(format!("{name} has errors")).hint("fix that file first"),
            ));
        };
        let (baseline, found) = Baseline::check(document);
        problems.extend(found);
        let bases = self.bases(baseline.root(), home, depth + 1, read, &mut problems);
        let is_right =
            !problems.iter().any(Diagnostic::is_error) && bases.iter().all(|(_, base)| base.is_right);
        self.problems.extend(problems);
        let mut reach: HashSet<_> = bases.iter().flat_map(|(_, base)| base.reach.iter().cloned()).collect();
        reach.insert(home.path.to_owned());
        let depth = 1 + bases.iter().map(|(_, base)| base.depth).max().unwrap_or(0);
        let (path, file) = (home.path.to_owned(), Arc::from(name));
        Ok(Rc::new(Node { path, file, baseline, bases, reach, depth, is_right }))
    }
}

/// Adds a baseline after those that it extends. A baseline that is reached twice counts once, at its first place, so
/// the files that extend it always override it.
fn visit(node: &Rc<Node>, via: Vec<FilePlace>, seen: &mut HashSet<PathBuf>, chain: &mut Chain) {
    if !seen.insert(node.path.clone()) {
        return;
    }
    for (place, base) in &node.bases {
        let mut longer = via.clone();
        longer.push(FilePlace { file: Arc::clone(&node.file), place: *place });
        visit(base, longer, seen, chain);
    }
    if !node.is_right {
        chain.broken.get_or_insert_with(|| Arc::clone(&node.file));
    }
    let extended = Extended { file: Arc::clone(&node.file), via };
    chain.links.push((Rc::clone(node), Arc::new(extended)));
}

/// A path that a file names, relative to its folder; `None` if it leaves the root or enters `.git`.
fn below(home: Home<'_>, path: &str) -> Option<PathBuf> {
    let mut target = home.path.parent()?.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if target == home.root || !target.pop() => return None,
            Component::ParentDir => {}
            // A file of `.git` is not under review. Some file systems ignore the letter case.
            Component::Normal(name) if name.eq_ignore_ascii_case(".git") => return None,
            Component::Normal(name) => target.push(name),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    target.starts_with(home.root).then_some(target)
}
