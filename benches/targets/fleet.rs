//! Fleets of zones on the Pro plan, where half of what is named differs: their files, and the world that they are in.

use serde_json::{Value as Json, json};
use std::fmt;
use std::path::Path;
use tempfile::TempDir;

/// What each zone file names.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    Four,
    Every,
}

impl Named {
    pub(crate) const BOTH: [Self; 2] = [Self::Four, Self::Every];

    fn settings(self) -> &'static str {
        match self {
            Self::Four => {
                "  enable_js: true\n  ai_bots_protection: block\n  sbfm_verified_bots: allow\n  crawler_protection: enabled\n"
            }
            Self::Every => concat!(
                "  enable_js: true\n  ai_bots_protection: block\n  sbfm_verified_bots: allow\n  crawler_protection: enabled\n",
                "  ai_search: disabled\n  ai_user: disabled\n  ai_training: disallow\n  ai_bots_migration_opt_out: false\n",
                "  bot_preference_sync_enabled: true\n  jsd_api_results_enabled: false\n  cf_robots_variant: policy_only\n",
                "  content_bots_protection: block\n  is_robots_txt_managed: true\n  optimize_wordpress: true\n",
                "  sbfm_definitely_automated: managed_challenge\n  sbfm_static_resource_protection: false\n",
            ),
        }
    }

    /// The text of a zone file.
    pub(crate) fn file(self, zone: &str) -> String {
        format!("zone: {zone}\nplan: sbfm_pro\nsettings:\n{}", self.settings())
    }

    /// The live object of each zone.
    pub(crate) fn live(self) -> Json {
        let four = json!({
            "enable_js": true, "ai_bots_protection": "disabled", "sbfm_verified_bots": "block",
            "crawler_protection": "enabled", "sbfm_definitely_automated": "allow", "is_robots_txt_managed": true,
        });
        let more = json!({
            "ai_search": "disabled", "ai_user": "block", "ai_training": "disabled", "ai_bots_migration_opt_out": false,
            "bot_preference_sync_enabled": true, "jsd_api_results_enabled": true, "cf_robots_variant": "off",
            "content_bots_protection": "disabled", "optimize_wordpress": false,
            "sbfm_static_resource_protection": false,
        });
        let mut live = four.as_object().unwrap().clone();
        if matches!(self, Self::Every) {
            live.extend(more.as_object().unwrap().clone());
        }
        Json::Object(live)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Four => "4 settings",
            Self::Every => "every setting",
        })
    }
}

/// The name of a zone.
pub(crate) fn name(index: usize) -> String {
    format!("z{index:05}.example.com")
}

/// A folder with the zone files of a fleet and its world, removed when this is dropped.
pub(crate) struct Fleet {
    folder: TempDir,
}

impl Fleet {
    /// Writes a fleet.
    pub(crate) fn written(zones: usize, named: Named) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("zones")).unwrap();
        for zone in (0..zones).map(name) {
            std::fs::write(folder.path().join("zones").join(format!("{zone}.yaml")), named.file(&zone))
                .unwrap();
        }
        let world =
            |zone| json!({"name": zone, "plan": "pro", "live": named.live(), "stale": {"fight_mode": true}});
        let world: Vec<Json> = (0..zones).map(name).map(world).collect();
        std::fs::write(folder.path().join("world.json"), json!({"zones": world}).to_string()).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Reads the bytes of all files in a folder, and does nothing with them.
pub(crate) fn read(folder: &str) {
    let bytes = |file: std::io::Result<std::fs::DirEntry>| std::fs::read(file.unwrap().path()).unwrap().len();
    let read: usize = std::fs::read_dir(folder).unwrap().map(bytes).sum();
    assert!(read > 0);
}
