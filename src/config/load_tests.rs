//! What is loaded from paths, and the messages for paths without files.

use super::*;
use crate::files::Disk;
use insta::assert_snapshot;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self, paths: &[&str]) -> Loaded {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        Loader::new(&Disk, self.0.path()).load(&paths)
    }

    /// The problems, one per line.
    fn told(&self, paths: &[&str]) -> String {
        let told = |problem: Diagnostic| {
            let place = problem.place.map_or(String::new(), |at| format!(":{}:{}", at.line, at.column));
            let hint = problem.hint.map_or(String::new(), |hint| format!(" ({hint})"));
            format!("{}{place}: {}{hint}", problem.file.unwrap(), problem.message)
        };
        self.load(paths).problems.into_iter().map(told).collect::<Vec<_>>().join("\n")
    }
}

fn zone(name: &str) -> String {
    format!("zone: {name}\nplan: sbfm_pro\nsettings: {{}}\n")
}

#[test]
fn a_folder_gives_its_zone_files_in_order() {
    let good = zone("b.example");
    let folder = Folder::new(&[
        ("zones/b.yaml", &good),
        ("zones/sub/a.yml", &zone("a.example")),
        ("zones/.hidden.yaml", "x"),
        ("zones/.git/x.yaml", "x"),
        ("zones/botform.yaml", "x"),
        ("zones/feedback/report.yaml", "x"),
        ("zones/readme.md", "x"),
    ]);
    let loaded = folder.load(&["./zones"]);
    assert_eq!(loaded.problems, []);
    let zones: Vec<_> = loaded.zones.iter().map(|zone| format!("{} {}", zone.zone, zone.path())).collect();
    assert_eq!(zones, ["a.example zones/sub/a.yml", "b.example zones/b.yaml"]);
    let inputs: Vec<_> = loaded.inputs.iter().map(|input| input.path.as_str()).collect();
    assert_eq!(inputs, ["zones/b.yaml", "zones/sub/a.yml"]);
    assert_eq!(loaded.inputs[0].digest, Digest::of_bytes(good.as_bytes()));
}

#[test]
fn a_file_whose_name_ends_in_capitals_is_warned_about() {
    let folder = Folder::new(&[("zones/a.yaml", &zone("a.example")), ("zones/B.YAML", &zone("b.example"))]);
    let expected = "zones/B.YAML: skipped: its name does not end in `.yaml` or `.yml` (rename it so that the extension is lower case)";
    assert_eq!(folder.told(&["zones"]), expected);
    let loaded = folder.load(&["zones"]);
    assert!(loaded.zones.len() == 1 && !loaded.problems[0].is_error());
}

#[test]
fn a_file_named_twice_is_loaded_once() {
    let folder = Folder::new(&[("zones/a.yaml", &zone("a.example"))]);
    let absolute = folder.path("zones/a.yaml").to_string_lossy().into_owned();
    symlink(folder.path("zones/a.yaml"), folder.path("zones/link.yaml")).unwrap();
    let loaded = folder.load(&["zones", "zones/a.yaml", &absolute, "."]);
    assert_eq!((loaded.zones.len(), loaded.inputs.len(), loaded.problems.len()), (1, 1, 0));
}

#[test]
fn the_feedback_folder_itself_can_be_named() {
    let folder = Folder::new(&[("feedback/a.yaml", &zone("a.example"))]);
    assert_eq!(folder.load(&["feedback"]).zones.len(), 1);
    assert_eq!(
        folder.told(&["."]),
        ".: the folder contains no zone files (zone files end in `.yaml` or `.yml`)"
    );
}

#[test]
fn one_zone_in_two_files_names_both() {
    let with = |line: &str| format!("{}{line}\n", zone("a.example"));
    let (one, two) = ("1".repeat(32), "2".repeat(32));
    let folder = Folder::new(&[
        ("same/a.yaml", &zone("a.example")),
        ("same/b.yaml", &with(&format!("account_id: \"{one}\""))),
        ("apart/a.yaml", &with(&format!("account_id: \"{one}\""))),
        ("apart/b.yaml", &with(&format!("account_id: \"{two}\""))),
        ("id/a.yaml", &with(&format!("zone_id: \"{one}\""))),
        ("id/b.yaml", &format!("{}zone_id: \"{one}\"\n", zone("b.example"))),
    ]);
    assert_snapshot!(folder.told(&["same"]), @"same/b.yaml:1:7: the zone `a.example` is also in same/a.yaml:1 (remove one of the two; if two accounts have a zone of this name, give both files their `zone_id` or `account_id`)");
    assert_eq!(folder.told(&["apart"]), "");
    assert_snapshot!(folder.told(&["id"]), @"id/b.yaml:1:7: the zone id `11111111111111111111111111111111` is also in id/a.yaml:1 (remove one of the two)");
    let drawn = crate::config::draw(&folder.load(&["same"]).problems[0], crate::config::Canvas::default());
    assert!(drawn.contains("^^^^^^^^^ only one file per zone"), "{drawn}");
}

#[test]
fn paths_without_files_are_reported() {
    let folder = Folder::new(&[("botform.yaml", "{}"), ("empty/readme.md", "")]);
    assert_snapshot!(folder.told(&["zonse", "empty", "botform.yaml"]), @r"
        botform.yaml: this is a project file, not a zone file (name the zone files, or their folder)
        empty: the folder contains no zone files (zone files end in `.yaml` or `.yml`)
        zonse: no such file or folder (name zone files, or folders that hold them)
        ");
}

#[test]
fn unreadable_files_are_reported_and_the_rest_is_loaded() {
    let folder = Folder::new(&[("zones/a.yaml", &zone("a.example")), ("zones/b.yaml", "plan: x\n")]);
    symlink(folder.path("zones"), folder.path("zones/loop")).unwrap();
    symlink(folder.path("zones/self.yaml"), folder.path("zones/self.yaml")).unwrap();
    symlink("nowhere", folder.path("zones/dead.yaml")).unwrap();
    fs::File::create(folder.path("zones/huge.yaml")).unwrap().set_len(100_000_000).unwrap();
    assert_snapshot!(folder.told(&["zones"]), @"
    zones/b.yaml:1:1: `settings` is missing (add `settings:` with what is to be managed, or `settings: {}` to manage nothing)
    zones/b.yaml:1:1: `zone` is missing (add `zone: example.com`)
    zones/b.yaml:1:7: `x` is not a plan variant (`bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise)
    zones/dead.yaml: no such file or folder
    zones/huge.yaml: the file has 100000000 bytes; the limit is 1048576 (split it, or move it out of the folder if it does not belong there)
    zones/loop: a loop of symbolic links (remove the link)
    zones/self.yaml: a loop of symbolic links (remove the link)
    ");
    assert_eq!(folder.load(&["zones"]).zones.len(), 1);
}

#[test]
fn a_file_without_read_permission_is_reported() {
    let folder = Folder::new(&[("a.yaml", &zone("a.example"))]);
    fs::set_permissions(folder.path("a.yaml"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if fs::read(folder.path("a.yaml")).is_err() {
        assert_eq!(folder.told(&["a.yaml"]), "a.yaml: no permission to read it (check its owner and mode)");
    }
}

#[test]
fn problems_are_sorted_by_file_and_place() {
    let folder = Folder::new(&[("b.yaml", "zone: A\nplan: x\nsettings: {}\n"), ("a.yaml", "")]);
    assert_snapshot!(folder.told(&["b.yaml", "a.yaml"]), @r"
        a.yaml:1:1: the file is empty
        b.yaml:1:7: `A` is not a zone name
        b.yaml:2:7: `x` is not a plan variant (`bot_fight_mode`: Bot Fight Mode, on the Free plan; `sbfm_pro`: Super Bot Fight Mode, on the Pro plan; `sbfm_business`: Super Bot Fight Mode, on the Business plan, and on Enterprise without the Bot Management add-on; `bm_enterprise`: Bot Management for Enterprise)
        ");
}

#[test]
fn the_project_file_is_found_from_a_folder_upward() {
    let folder = Folder::new(&[("botform.yaml", "rate: 600/300\n"), ("a/b/readme.md", "")]);
    let loader = Loader::new(&Disk, folder.0.path());
    let found = loader.find_project(&folder.path("a/b")).unwrap();
    assert_eq!(found, folder.path("botform.yaml"));
    let project = loader.project(&found).unwrap();
    assert_eq!(project.input.unwrap().path, "botform.yaml");
    assert_eq!(project.rate.unwrap().to_string(), "600/300");
}

#[test]
fn files_give_zones_or_all_their_problems_as_one_error() {
    let text = "zone: a.example\nplan: sbfm_pro\nsettings: {}\n";
    let folder = Folder::new(&[("zones/a.yaml", text)]);
    assert_eq!(folder.load(&["zones"]).checked().unwrap().len(), 1);
    fs::write(folder.path("zones/b.yaml"), "zone: b\nplan: pro\nsettings: {}\n").unwrap();
    let problems = folder.load(&["zones"]).checked().unwrap_err();
    assert_eq!(problems.to_string(), "zones/b.yaml:1:7: `b` is not a zone name (and 1 more error)");
    assert_eq!(problems.len(), 2);
}

fn shop(extends: &str) -> String {
    format!("zone: a.example\nplan: sbfm_pro\nextends: {extends}\n")
}

#[test]
fn baselines_are_inputs_but_not_zones_and_can_be_given_as_paths() {
    let folder = Folder::new(&[
        ("zones/a.yaml", &shop("baselines/b.yaml")),
        ("zones/baselines/b.yaml", "settings: {ai_search: block}\n"),
        ("zones/baselines/c.yaml", "settings: {ai_serch: block}\n"),
    ]);
    let loaded = folder.load(&["zones"]);
    assert_eq!((loaded.zones.len(), loaded.problems.len()), (1, 0));
    let inputs: Vec<_> = loaded.inputs.iter().map(|input| input.path.as_str()).collect();
    assert_eq!(inputs, ["zones/a.yaml", "zones/baselines/b.yaml"]);
    assert_snapshot!(folder.told(&["zones", "zones/baselines"]), @"zones/baselines/c.yaml:1:12: unknown setting `ai_serch` (did you mean `ai_search`?)");
    assert_snapshot!(folder.told(&["zones/baselines/b.yaml"]), @"zones/baselines/b.yaml: this is a baseline, and no zone file was given with it");
}

#[test]
fn baselines_stay_in_the_checkout_or_else_below_the_project_file_or_the_current_folder() {
    let below = |files: &[(&str, &str)]| {
        let zone = shop("../../baselines/b.yaml");
        let mut all = vec![("in/zones/a.yaml", zone.as_str()), ("baselines/b.yaml", "settings: {}\n")];
        all.extend(files);
        Folder::new(&all).told(&["in/zones"])
    };
    assert_eq!(below(&[]), "");
    assert_eq!(below(&[(".git/config", ""), ("in/botform.yaml", "{}")]), "");
    let expected = "in/zones/a.yaml:3:10: `../../baselines/b.yaml` is outside the repository (a baseline must be in the same repository: below the folder of its `.git`, or, without git, below the folder of `botform.yaml`)";
    assert_eq!(below(&[("in/botform.yaml", "{}")]), expected);
    assert_eq!(below(&[("in/.git/config", "")]), expected);
}

#[test]
fn a_link_to_a_zone_file_extends_from_where_the_file_is() {
    let folder =
        Folder::new(&[("real/a.yaml", &shop("b.yaml")), ("real/b.yaml", "settings: {}\n"), ("zones/x", "")]);
    symlink(folder.path("real/a.yaml"), folder.path("zones/a.yaml")).unwrap();
    let files = ["zones/a.yaml"];
    assert_eq!((folder.told(&files).as_str(), folder.load(&files).zones.len()), ("", 1));
}

#[test]
fn a_baseline_next_to_an_unreadable_zone_file_is_not_reported_as_alone() {
    let alone = "this is a baseline, and no zone file was given with it";
    let folder = Folder::new(&[("baselines/all.yaml", "settings: {}\n"), ("zones/a.yaml", "zone: [\n")]);
    assert!(folder.told(&["baselines/all.yaml"]).contains(alone));
    assert!(!folder.told(&["baselines/all.yaml", "zones/a.yaml"]).contains(alone));
}

const GROUPS: &str = "  sbfm_definitely_automated: allow\n  sbfm_verified_bots: allow\n";

#[test]
fn a_setting_without_effect_is_reported_where_it_can_be_changed() {
    let static_resources = "  sbfm_static_resource_protection: true\n";
    let told = |own: &str, baseline: &str| {
        let settings = |lines: &str| match lines {
            "" => "settings: {}\n".to_owned(),
            lines => format!("settings:\n{lines}"),
        };
        let own =
            format!("zone: a.example\nplan: sbfm_pro\nextends: ../baselines/all.yaml\n{}", settings(own));
        let folder = Folder::new(&[
            ("botform.yaml", "{}"),
            ("zones/a.yaml", &own),
            ("baselines/all.yaml", &settings(baseline)),
        ]);
        folder.told(&["zones"])
    };
    let both = format!("{GROUPS}{static_resources}");
    let what = "`sbfm_static_resource_protection` has no effect together with";
    // The zone file decides, and the baseline may be right for other zones.
    let of_zone = told(GROUPS, static_resources);
    assert!(of_zone.starts_with(&format!("zones/a.yaml:3:1: {what}")), "{of_zone}");
    assert!(of_zone.contains("it comes from baselines/all.yaml:2"), "{of_zone}");
    let own = told(&both, "");
    assert!(own.starts_with(&format!("zones/a.yaml:7:3: {what}")), "{own}");
    let baseline = told("", &both);
    assert!(baseline.starts_with(&format!("baselines/all.yaml:4:3: {what}")), "{baseline}");
}

#[test]
fn a_chain_of_baselines_that_was_already_read_counts_with_its_length() {
    let names: Vec<_> = (0..16).map(|n| format!("baselines/{n:02}.yaml")).collect();
    let texts: Vec<_> =
        (1..16).map(|n| format!("extends: {n:02}.yaml\n")).chain(["settings: {}\n".to_owned()]).collect();
    let told = |extends: &str| {
        let own = format!("zone: a.example\nplan: sbfm_pro\nextends: [{extends}]\nsettings: {{}}\n");
        let mut files: Vec<_> =
            names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
        files.extend([("botform.yaml", "{}"), ("zones/a.yaml", own.as_str())]);
        files.push(("baselines/more.yaml", "extends: 00.yaml\n"));
        Folder::new(&files).told(&["zones"])
    };
    assert_eq!(told("../baselines/00.yaml"), "");
    let beyond = told("../baselines/00.yaml, ../baselines/more.yaml");
    assert!(beyond.contains("more than 16 baselines extend each other in a chain"), "{beyond}");
}
