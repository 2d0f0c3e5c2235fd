//! Zone files of a commit with the baselines that they extended, all read from the tree of that commit.

use super::git::{Content, Objects, TreeFile};
use crate::config::{Baselines, ExtendedFile, Home, check_zone_text};
use crate::model::{Desired, Diagnostic};
use std::collections::HashMap;
use std::path::Path;

/// How many symbolic links in a row are followed. A cycle of links must not hang the run.
const MOST_LINKS: usize = 8;

/// The files of a commit, with the baselines that were read so far.
pub(super) struct Extending<'t> {
    files: HashMap<&'t str, &'t TreeFile>,
    objects: &'t mut Objects,
    most_bytes: u64,
    baselines: Baselines,
}

impl<'t> Extending<'t> {
    /// Reads from the files of a commit, none of which has more than `most_bytes` bytes.
    pub(super) fn new(files: &'t [TreeFile], objects: &'t mut Objects, most_bytes: u64) -> Self {
        let files = files.iter().map(|file| (file.path.as_str(), file)).collect();
        Self { files, objects, most_bytes, baselines: Baselines::default() }
    }

    /// A file and its content. A symbolic link is followed to the file in the same commit.
    pub(super) fn read(&mut self, path: &str) -> Option<(&'t TreeFile, Content)> {
        read(&self.files, self.objects, self.most_bytes, path)
    }

    /// What a zone file wanted, or why that is unknown.
    pub(super) fn check(&mut self, path: &str, real: &str, bytes: &[u8]) -> Result<Desired, String> {
        let Self { files, objects, most_bytes, baselines } = self;
        let extended = &mut |home: Home<'_>| {
            let name = home.path.to_string_lossy().into_owned();
            match read(files, objects, *most_bytes, &name) {
                Some((file, Content::Bytes(bytes))) => {
                    Ok(ExtendedFile::new(file.path.clone().into(), file.path.clone(), bytes))
                }
                Some((_, Content::TooLarge)) => Err(refused(format!("{name} is too large"))),
                Some((_, Content::Missing)) => Err(refused(format!("{name} is not in this partial clone"))),
                None => Err(refused(format!("{name} is not in that commit"))),
            }
        };
        let home = Home { path: Path::new(real), root: Path::new("") };
        let (desired, problems) = check_zone_text(path, bytes, home, baselines, extended);
        let why = || {
            // The problem of the file itself comes first: that of a baseline may be one that many files share.
            let own =
                problems.iter().find(|problem| problem.is_error()).map(|problem| problem.message.to_string());
            own.or(baselines.broken().map(str::to_owned))
                .unwrap_or_else(|| "it is not a zone file".to_owned())
        };
        desired.ok_or_else(why)
    }
}

fn refused(message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(message))
}

fn read<'t>(
    files: &HashMap<&str, &'t TreeFile>,
    objects: &mut Objects,
    most_bytes: u64,
    path: &str,
) -> Option<(&'t TreeFile, Content)> {
    let mut file = *files.get(path)?;
    for _ in 0..MOST_LINKS {
        match objects.read(&file.blob, most_bytes) {
            Content::Bytes(target) if file.is_link => {
                let target = Path::new(&file.path).with_file_name(String::from_utf8_lossy(&target).as_ref());
                file = files.get(super::git::in_repository(&target).as_str())?;
            }
            content => return Some((file, content)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::git::Checkout;
    use super::*;

    #[test]
    fn a_file_that_is_wrong_is_told_by_its_first_error_and_not_by_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let checkout = Checkout::new(folder.path());
        checkout.run(&["init", "--quiet"]).unwrap();
        let mut objects = checkout.objects().unwrap();
        let mut files = Extending::new(&[], &mut objects, 1 << 20);
        let mut check = |text: &str| files.check("zones/a.yaml", "zones/a.yaml", text.as_bytes());
        let head = "zone: a.example\nplan: sbfm_pro\ncustom_rules_in_place: true\n";
        assert!(check(&format!("{head}settings: {{ai_search: block}}\n")).is_ok());
        let why = check(&format!("{head}settings: {{ai_search: maybe}}\n")).unwrap_err();
        assert!(why.contains("ai_search"), "{why}");
    }
}
