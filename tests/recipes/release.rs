//! What a release is made of: its workflows, its archives, its image and the action that downloads it.

use crate::scalars;
use crate::stage::{Shell, Stage, read, write_program};
use crate::succeeded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A target whose crates every Linux machine has.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// Runs a script of the repository as it is, with cargo and with this botform on the path.
fn script(line: &str, folder: &Path) -> Output {
    let built = Path::new(env!("CARGO_BIN_EXE_botform")).parent().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    Command::new("bash")
        .args(["-c", &format!("{root}/.ci/{line}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{}", built.display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// The lines that a command prints.
fn lines(folder: &Path, command: &str) -> Vec<String> {
    let output = Command::new("bash").args(["-c", command]).current_dir(folder).output().unwrap();
    succeeded(&output);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_workflows_pin_their_actions_ask_for_little_and_keep_no_credentials() {
    for path in [".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        let workflow = read(path);
        assert_eq!(workflow["permissions"], json!({}), "{path}");
        assert!(!workflow["concurrency"]["group"].is_null(), "{path}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["timeout-minutes"].is_u64() && job["permissions"].is_object(), "{path}: {name}");
            let steps = job["steps"].as_array().unwrap();
            let mut checkouts = steps.iter().filter(|step| step["uses"].to_string().contains("checkout@"));
            assert!(checkouts.all(|step| step["with"]["persist-credentials"] == false), "{path}: {name}");
        }
        let mut found = Vec::new();
        scalars(&workflow, "", &mut found);
        for (key, text) in found {
            if key.ends_with("/uses") {
                let (_, pin) = text.split_once('@').unwrap();
                assert!(
                    pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{path}: {text}"
                );
            }
            assert!(!key.ends_with("/run") || !text.contains("${{"), "{path}: {text}");
        }
    }
    let ci = read(".github/workflows/ci.yml");
    assert_eq!(ci["jobs"]["run"]["steps"][2]["run"], ".ci/run");
}

#[test]
fn what_is_released_and_what_is_downloaded_have_one_name() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let archive = "/releases/download/v{ version }/botform-{ version }-{ target }{ archive-suffix }";
    assert!(manifest.contains(archive) && manifest.contains("botform-{ version }-{ target }/{ bin }"));
    assert!(fs::read_to_string(".ci/package").unwrap().contains("name=botform-$version-$target\n"));
    let action = fs::read_to_string(".github/actions/botform/action.yml").unwrap();
    assert!(
        action.contains("/releases/download/v$VERSION/$name.tar.gz")
            && action.contains("name=botform-$VERSION-$target")
    );
    // Every archive that the action asks for is built.
    let release = fs::read_to_string(".github/workflows/release.yml").unwrap();
    let targets = action.split("target=").skip(1).map(|rest| rest.split(' ').next().unwrap());
    for target in targets.filter(|target| !target.starts_with('"')) {
        assert!(release.contains(&format!("target: {target} }}")), "{target}");
    }
}

#[test]
fn the_recipes_take_this_version() {
    let files = walkdir::WalkDir::new("examples/ci").into_iter().map(|entry| entry.unwrap().into_path());
    let mut found = 0;
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "yml")) {
        let text = fs::read_to_string(&path).unwrap();
        let uses = text.matches("/.github/actions/botform@").count();
        let versions = text.matches(&format!("\n          version: {VERSION}\n          sha256: \"")).count();
        let images = text.matches("your-org/botform:").count();
        assert_eq!(
            (uses, images),
            (versions, text.matches(&format!("/botform:{VERSION} ")).count()),
            "{path:?}"
        );
        found += uses + images;
    }
    assert!(found > 8, "only {found} were found");
}

#[test]
fn the_notes_of_a_release_are_its_section_and_go_with_its_tag_and_repository() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = env!("CARGO_PKG_REPOSITORY");
    let notes = script(&format!("notes {repository} v{VERSION}"), here);
    succeeded(&notes);
    let notes = text(&notes);
    assert!(notes.contains("### Added\n") && !notes.contains("## [") && !notes.contains("]: "), "{notes}");
    for (line, says) in [
        (
            format!("notes {repository} v9.9.9"),
            format!("the tag is v9.9.9, but Cargo.toml has version {VERSION}"),
        ),
        (format!("notes https://github.com/fork/botform v{VERSION}"), "change it there, once".to_owned()),
    ] {
        let refused = script(&line, here);
        assert!(!refused.status.success() && text(&refused).contains(&says), "{}", text(&refused));
    }
}

/// Packs a release of one target, whose program only has to be a file.
fn pack(folder: &Path) {
    let program = folder.join("programs").join(TARGET).join("botform");
    write_program(&program, "#!/bin/sh\n");
    let packed = script("package programs dist", folder);
    assert!(packed.status.success(), "{}", text(&packed));
}

#[test]
#[ignore = "slow: CI runs it"]
fn an_archive_holds_all_that_a_package_needs_and_the_image_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pack(folder);
    let name = format!("botform-{VERSION}-{TARGET}");
    assert_eq!(
        lines(folder, "cd dist && sha256sum --check --strict SHA256SUMS"),
        [format!("{name}.tar.gz: OK")]
    );
    let held = lines(folder, &format!("tar --list --file dist/{name}.tar.gz"));
    for path in [
        "botform",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "THIRD-PARTY-LICENCES.txt",
        "schemas/zone.schema.json",
        "share/man/man1/botform-plan.1",
        "share/bash-completion/completions/botform",
        "share/zsh/site-functions/_botform",
    ] {
        assert!(held.contains(&format!("{name}/{path}")), "{path}: {held:?}");
    }
    let licences = lines(
        folder,
        &format!("tar --extract --to-stdout --file dist/{name}.tar.gz {name}/THIRD-PARTY-LICENCES.txt"),
    );
    assert!(licences.iter().any(|line| line.starts_with("ring 0.17") && line.contains("Apache-2.0 AND ISC")));
    assert!(
        licences.iter().all(|line| !line.starts_with("proptest ")),
        "the program contains a crate that only tests use"
    );
    assert!(licences.iter().any(|line| line.contains("Permission is hereby granted")));
    // The same sources make the same bytes.
    let first = fs::read(folder.join("dist/SHA256SUMS")).unwrap();
    fs::remove_dir_all(folder.join("dist")).unwrap();
    pack(folder);
    assert_eq!(fs::read(folder.join("dist/SHA256SUMS")).unwrap(), first);

    succeeded(&script("image dist image", folder));
    let root = lines(
        folder,
        "tar --list --verbose --numeric-owner --file image/root-amd64.tar | awk '{print $2, $1, $6}'",
    );
    for line in [
        "0/0 drwxr-xr-x ./",
        "0/0 -rwxr-xr-x ./usr/bin/botform",
        "0/0 -rw-r--r-- ./etc/ssl/certs/ca-certificates.crt",
        "0/0 -rw-r--r-- ./usr/share/doc/botform/THIRD-PARTY-LICENCES.txt",
        "0/0 drwxrwxrwt ./tmp/",
        "65532/65532 drwxr-xr-x ./state/",
        "65532/65532 drwxr-xr-x ./work/",
    ] {
        assert!(root.iter().any(|found| found == line), "{line}: {root:#?}");
    }
    let programs: Vec<_> = root.iter().filter(|line| line.contains("x ./") && line.contains(" -")).collect();
    assert_eq!(programs.len(), 1, "{programs:?}");
    let file = fs::read_to_string(".github/image/Dockerfile").unwrap();
    for line in [
        "FROM scratch",
        "ADD root-${TARGETARCH}.tar /",
        "USER 65532:65532",
        "ENTRYPOINT [\"/usr/bin/botform\"]",
    ] {
        assert!(file.lines().any(|found| found == line), "{line}");
    }
}

/// Stands for a server that has one archive.
const CURL: &str = r#"#!/bin/bash
while [ $# -gt 0 ]; do case $1 in --output) to=$2; shift ;; https://*) echo "$1" >> "$STAGE/asked" ;; esac; shift; done
cp "$STAGE/archive.tar.gz" "$to"
"#;

fn download(stage: &Stage, version: &str, sha256: &str) -> Output {
    let action = read(".github/actions/botform/action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "Download").unwrap();
    let given = ["VERSION", "SHA256", "REPOSITORY"].map(|name| step["env"][name].as_str().unwrap());
    assert_eq!(given[..2], ["${{ inputs.version }}", "${{ inputs.sha256 }}"]);
    let environment = [
        ("VERSION", version),
        ("SHA256", sha256),
        ("REPOSITORY", "https://github.com/your-org/botform"),
        ("RUNNER_OS", "Linux"),
        ("RUNNER_ARCH", "X64"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let _ = fs::remove_file(stage.path("added-to-path"));
    stage.bash(Shell::of(step), step["run"].as_str().unwrap(), "", &BTreeMap::from(environment))
}

#[test]
fn the_action_runs_nothing_but_the_archive_that_was_reviewed() {
    let stage = Stage::new("");
    write_program(&stage.path("bin/curl"), CURL);
    let name = format!("botform-{VERSION}-{TARGET}");
    write_program(&stage.path("release").join(&name).join("botform"), "#!/bin/sh\necho released\n");
    lines(&stage.path("release"), &format!("tar --create --gzip --file ../archive.tar.gz {name}"));
    let digest = lines(&stage.path(""), "sha256sum < archive.tar.gz")[0][..64].to_owned();

    succeeded(&download(&stage, VERSION, &digest));
    let asked = format!("https://github.com/your-org/botform/releases/download/v{VERSION}/{name}.tar.gz\n");
    assert_eq!(fs::read_to_string(stage.path("asked")).unwrap(), asked);
    let added = fs::read_to_string(stage.path("added-to-path")).unwrap();
    assert_eq!(lines(Path::new(added.trim()), "./botform"), ["released"]);

    let zeros = "0".repeat(64);
    for (version, sha256) in
        [(VERSION, zeros.as_str()), ("", &digest), (VERSION, ""), ("1.0.0/../x", &digest)]
    {
        let refused = download(&stage, version, sha256);
        assert!(!refused.status.success() && text(&refused).contains("::error::"), "{}", text(&refused));
        assert!(!stage.path("added-to-path").exists());
    }
    // Only the first and the one with another digest have asked.
    assert_eq!(fs::read_to_string(stage.path("asked")).unwrap().lines().count(), 2);
}

#[test]
fn the_package_for_crates_io_holds_the_program_and_no_tests() {
    let manifest: Vec<_> = lines(Path::new("."), "cargo package --list --allow-dirty --offline 2>/dev/null");
    for path in
        ["src/main.rs", "README.md", "CHANGELOG.md", "examples/ci/gitlab/.gitlab-ci.yml", "Cargo.lock"]
    {
        assert!(manifest.iter().any(|found| found == path), "{path}");
    }
    let is_own = |path: &&String| {
        ["tests/", "fuzz/", "benches/", "schemas/", ".github/", ".ci/"]
            .iter()
            .any(|folder| path.starts_with(folder))
            || path.contains("/tests/")
            || path.ends_with("tests.rs")
    };
    assert_eq!(manifest.iter().filter(is_own).collect::<Vec<_>>(), Vec::<&String>::new());
    // What the library includes goes with it.
    for file in walkdir::WalkDir::new("src").into_iter().map(|entry| entry.unwrap().into_path()) {
        let is_kept = manifest.iter().any(|path| Path::new(path) == file);
        let source = if is_kept && file.is_file() { fs::read_to_string(&file).unwrap() } else { continue };
        let before_tests = source.split("#[cfg(test)]").next().unwrap();
        for included in
            before_tests.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next())
        {
            let target = file.parent().unwrap().join(included).canonicalize().unwrap();
            let target = target.strip_prefix(Path::new(".").canonicalize().unwrap()).unwrap().to_owned();
            assert!(manifest.iter().any(|path| Path::new(path) == target), "{}", target.display());
        }
    }
}

#[test]
fn the_action_builds_only_when_it_is_asked_to() {
    let action = read(".github/actions/botform/action.yml");
    assert_eq!(action["inputs"]["build"]["default"], "false");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let condition = |step: &Value| step["if"].as_str().unwrap().to_owned();
    let (downloads, builds): (Vec<_>, Vec<_>) = steps.iter().partition(|step| step["name"] == "Download");
    assert_eq!(downloads.into_iter().map(condition).collect::<Vec<_>>(), ["inputs.build != 'true'"]);
    assert!(builds.into_iter().map(condition).all(|asked| asked.starts_with("inputs.build == 'true'")));
}
