//! The files of a run, compared by identity and not by name: no output may be an input, the journal or another output,
//! and none may be written where the next run would read it.

use crate::cli::Failure;
use crate::files::{self, FileIdentity};
use std::path::{Path, PathBuf};

/// All files that a run writes.
#[derive(Debug, Default)]
pub(crate) struct Files {
    written: Vec<Written>,
}

#[derive(Debug)]
struct Written {
    /// The flag, such as `--output json=plan.json`.
    flag: String,
    path: PathBuf,
    identity: Option<FileIdentity>,
}

impl Files {
    /// Adds a file that will be written.
    pub(super) fn writes(&mut self, flag: String, path: &Path) -> Result<(), Failure> {
        let identity = FileIdentity::of(path);
        if let Some(other) = self.written_as(identity.as_ref()) {
            return Err(Failure::usage(format!("`{}` and `{flag}` write the same file", other.flag))
                .hint("give each output its own file"));
        }
        self.written.push(Written { flag, path: path.to_owned(), identity });
        Ok(())
    }

    /// Adds stdout, which the shell may have redirected to one of the files.
    pub(super) fn writes_stdout(&mut self) -> Result<(), Failure> {
        let Some(identity) = FileIdentity::of_stdout() else { return Ok(()) };
        if let Some(other) = self.written_as(Some(&identity)) {
            return Err(Failure::usage(format!("`{}` and stdout write the same file", other.flag))
                .hint("give each output its own file"));
        }
        let flag = "stdout".to_owned();
        self.written.push(Written { flag, path: PathBuf::new(), identity: Some(identity) });
        Ok(())
    }

    /// Refuses an input that the run writes.
    pub(crate) fn reads(&self, path: &Path) -> Result<(), Failure> {
        if self.written.is_empty() {
            return Ok(());
        }
        match self.written_as(FileIdentity::of(path).as_ref()) {
            Some(written) => Err(Failure::usage(format!(
                "`{}` would replace {}, which this run reads",
                written.flag,
                path.display()
            ))
            .hint("write to another file")),
            None => Ok(()),
        }
    }

    /// Refuses an output in a folder of zone files if the next run would read it as one.
    pub(crate) fn reads_below(&self, folder: &Path) -> Result<(), Failure> {
        let Ok(folder_found) = files::resolve(folder) else { return Ok(()) };
        let is_read = |written: &&Written| {
            let name = written.path.extension();
            let is_yaml = name.is_some_and(|end| end == "yaml" || end == "yml");
            is_yaml && place(&written.path).is_some_and(|place| place.starts_with(folder_found.real()))
        };
        match self.written.iter().find(is_read) {
            Some(written) => Err(Failure::usage(format!(
                "`{}` is below {}: the next run would read it as a zone file",
                written.flag,
                folder.display()
            ))
            .hint("write to another folder, or to a file that does not end in .yaml or .yml")),
            None => Ok(()),
        }
    }

    fn written_as(&self, identity: Option<&FileIdentity>) -> Option<&Written> {
        // Devices have no identity here: two outputs may both go to `/dev/null`.
        self.written.iter().find(|written| identity.is_some() && written.identity.as_ref() == identity)
    }
}

/// The path with the links of its folder resolved. The file itself may not exist yet.
fn place(path: &Path) -> Option<PathBuf> {
    let folder = files::resolve(files::folder_of(path)).ok()?;
    Some(folder.real().join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn files(folder: &Path, written: &[&str]) -> Result<Files, Failure> {
        let mut files = Files::default();
        written.iter().try_for_each(|name| files.writes((*name).to_owned(), &folder.join(name)))?;
        Ok(files)
    }

    #[test]
    fn a_file_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("a.json"), "").unwrap();
        fs::hard_link(at("a.json"), at("hard.json")).unwrap();
        std::os::unix::fs::symlink(at("a.json"), at("soft.json")).unwrap();
        for name in ["a.json", "./a.json", "sub/../a.json", "hard.json", "soft.json"] {
            assert!(files(folder.path(), &["a.json", name]).is_err(), "{name}");
            assert!(files(folder.path(), &["a.json"]).unwrap().reads(&at(name)).is_err(), "{name}");
        }
        assert!(files(folder.path(), &["new.json", "sub/../new.json"]).is_err());
        assert!(files(folder.path(), &["a.json", "b.json", "sub/a.json"]).is_ok());
    }

    #[test]
    fn a_device_may_take_any_number_of_outputs() {
        assert!(files(Path::new("/dev"), &["null", "null"]).unwrap().reads(Path::new("/dev/null")).is_ok());
    }

    #[test]
    fn nothing_is_written_where_the_next_run_would_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let written = |name| files(folder.path(), &[name]).unwrap().reads_below(folder.path());
        assert!(written("plan.yaml").is_err() && written("plan.yml").is_err());
        assert!(written("plan.json").is_ok());
    }
}
