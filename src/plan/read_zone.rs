//! From a saved zone to its plan: names, values and dates are checked by the catalogue and the model.

use super::wire::{
    ChangeV1, DiagnosticV1, OriginV1, ReasonV1, SeverityV1, StaleActionV1, StatusV1, WaivedV1, ZoneV1,
};
use super::{Protected, Status, ZonePlan};
use crate::catalogue::{self, Setting, Variant};
use crate::diff::{Change, InSync, Origin, StaleAction, StaleMember, Waived};
use crate::model::{Diagnostic, Live, LiveValue, Place, Severity, ZoneId, ZoneName};
use serde_json::Value as Json;

/// Reads a zone; whether it agrees with itself is not told yet.
pub(super) fn zone(wire: &ZoneV1) -> Result<ZonePlan, String> {
    let plan = Variant::parse(&wire.plan).ok_or_else(|| format!("`{}` is no plan variant", wire.plan))?;
    let changes = wire.changes.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    let seen = wire.base.is_some().then(|| seen(wire)).transpose()?;
    Ok(ZonePlan {
        zone: ZoneName::try_from(wire.zone.clone()).map_err(|error| error.to_string())?,
        zone_id: wire.zone_id.clone().map(ZoneId::try_from).transpose().map_err(|error| error.to_string())?,
        plan,
        file: wire.file.clone(),
        protected: wire
            .protected
            .as_ref()
            .map(|protected| -> Result<_, String> {
                let until = protected.until.as_deref().map(date).transpose()?;
                Ok(Protected { reason: protected.reason.clone(), until })
            })
            .transpose()?,
        diagnostics: wire.diagnostics.iter().map(diagnostic).collect(),
        in_sync: wire.in_sync.iter().map(in_sync).collect::<Result<_, _>>()?,
        stale: wire
            .stale
            .iter()
            .map(|member| StaleMember {
                setting: member.setting.clone(),
                value: member.value.clone(),
                action: match member.action {
                    StaleActionV1::Report => StaleAction::Report,
                    StaleActionV1::Clean => StaleAction::Clean,
                    StaleActionV1::Accept => StaleAction::Accept,
                },
            })
            .collect(),
        waived: wire.waived.iter().map(waived).collect::<Result<_, _>>()?,
        status: status(wire.status),
        asked: true,
        seen,
        changes,
    })
}

fn find(name: &str) -> Result<&'static Setting, String> {
    catalogue::find(name)
        .filter(|setting| !setting.is_read_only())
        .ok_or_else(|| format!("`{name}` is no setting that this version can write"))
}

fn change(wire: &ChangeV1) -> Result<Change, String> {
    let setting = find(&wire.setting)?;
    let after =
        setting.read(&wire.after).ok_or_else(|| format!("`{}` cannot be {}", setting.name, wire.after))?;
    let place = wire.line.zip(wire.column).map(|(line, column)| Place { line, column });
    let before = reported(&wire.before);
    let built = match wire.reason {
        ReasonV1::Declared => {
            let live = before.map(|json| LiveValue::read(setting, json));
            Change::declared(setting, after, live.as_ref(), place)
        }
        ReasonV1::Stale => before
            .and_then(|json| Change::clean(setting, json, place))
            .filter(|change| change.after() == after),
    };
    let origin = wire.origin.map(|origin| match origin {
        OriginV1::Drift => Origin::Drift,
        OriginV1::Pending => Origin::Pending,
        OriginV1::Both => Origin::Both,
    });
    built
        .map(|change| change.with_origin(origin))
        .ok_or_else(|| format!("its change of `{}` changes nothing, or is no clean-up", setting.name))
}

fn reported(json: &Json) -> Option<&Json> {
    (!json.is_null()).then_some(json)
}

/// The live object that the plan was made against, put together from all that the document shows of it.
fn seen(wire: &ZoneV1) -> Result<Live, String> {
    let mut live = Live::default();
    for (name, value) in wire.in_sync.iter().chain(&wire.unmanaged) {
        live = live.with_setting(find(name)?, reported(value));
    }
    for change in wire.changes.iter().filter(|change| change.reason == ReasonV1::Declared) {
        live = live.with_setting(find(&change.setting)?, reported(&change.before));
    }
    for member in &wire.stale {
        live = live.with_stale(&member.setting, Some(&member.value));
    }
    // A waiver shows the setting where that deviates; else it is in sync, and the waiver shows the stale member.
    let deviates =
        |waived: &&WaivedV1| !waived.wanted.is_null() && !wire.in_sync.contains_key(&waived.setting);
    for waived in wire.waived.iter().filter(deviates) {
        live = live.with_setting(find(&waived.setting)?, reported(&waived.live));
    }
    for (key, value) in &wire.unknown {
        live = live.with_unknown(key, value.clone());
    }
    Ok(live)
}

fn in_sync((name, value): (&String, &Json)) -> Result<InSync, String> {
    let setting = find(name)?;
    Ok(InSync { setting, live: reported(value).map(|json| LiveValue::read(setting, json)) })
}

fn waived(wire: &WaivedV1) -> Result<Waived, String> {
    let setting = find(&wire.setting)?;
    Ok(Waived {
        setting,
        live: reported(&wire.live).cloned(),
        wanted: reported(&wire.wanted)
            .map(|json| setting.read(json).ok_or_else(|| format!("`{}` cannot be {json}", setting.name)))
            .transpose()?,
        reason: wire.reason.clone(),
        until: date(&wire.until)?,
    })
}

fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no date"))
}

fn status(wire: StatusV1) -> Status {
    match wire {
        StatusV1::InSync => Status::InSync,
        StatusV1::Change => Status::Change,
        StatusV1::Blocked => Status::Blocked,
        StatusV1::Failed => Status::Failed,
    }
}

fn diagnostic(wire: &DiagnosticV1) -> Diagnostic {
    Diagnostic {
        severity: match wire.severity {
            SeverityV1::Error => Severity::Error,
            SeverityV1::Warning => Severity::Warning,
            SeverityV1::Note => Severity::Note,
        },
        message: wire.message.clone(),
        code: wire.code,
        http_status: wire.http_status,
        cf_ray: wire.cf_ray.clone(),
        hint: wire.hint.clone(),
        file: wire.file.clone(),
        place: wire.line.zip(wire.column).map(|(line, column)| Place { line, column }),
    }
}
