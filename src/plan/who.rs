//! Adds to the rows of a plan what the audit logs say. This changes neither what is written nor the digest.

use super::{MovedZone, Plan, WhatMoved, ZonePlan};
use crate::diff::{Asked, AuditLog, Origin, Row};
use crate::model::{LiveValue, ZoneId};
use jiff::Timestamp;
use serde_json::Value as Json;

impl Plan {
    /// The values to look up in the audit log: those that drifted, and those that changed outside.
    pub(crate) fn asks_who(&self) -> Vec<Asked> {
        let of_zone = |zone: &'_ ZonePlan| -> Vec<Asked> {
            let rows = zone.rows.iter().filter(|row| is_asked(row));
            rows.filter_map(|row| asked(zone, row)).collect()
        };
        let moved = self.provenance.moved_since.iter().flat_map(|moved| &moved.zones);
        self.zones.iter().flat_map(of_zone).chain(moved.flat_map(asked_of_moved)).collect()
    }

    /// States who changed these values. `live_by` returns a time by which a value was already live.
    pub(crate) fn state_who(&mut self, log: &AuditLog, live_by: &dyn Fn(&Asked) -> Timestamp) {
        for zone in &mut self.zones {
            for index in 0..zone.rows.len() {
                let row = &zone.rows[index];
                let Some(asked) = is_asked(row).then(|| asked(zone, row)).flatten() else { continue };
                zone.rows[index].who = Some(Box::new(log.who(&asked, live_by(&asked))));
            }
        }
        for moved in self.provenance.moved_since.iter_mut().flat_map(|moved| &mut moved.zones) {
            let asked = asked_of_moved(moved);
            for (setting, asked) in moved.settings.iter_mut().zip(asked) {
                setting.who = Some(log.who(&asked, live_by(&asked)));
            }
        }
    }
}

/// Whether somebody may have changed a value outside. Without an earlier time that is possible for every difference.
fn is_asked(row: &Row) -> bool {
    let is_of_file = matches!(row.origin, Some(Origin::Pending | Origin::MergedBefore));
    row.changed_outside().is_some() || (row.differs() && !row.is_clean_up() && !is_of_file)
}

fn asked(zone: &ZonePlan, row: &Row) -> Option<Asked> {
    Some(Asked {
        account_id: zone.account_id.clone(),
        zone_id: zone.zone_id.clone()?,
        name: row.name().to_owned(),
        stale: row.stale,
        live: row.live.as_ref().map(LiveValue::to_json),
    })
}

/// The changed values of an unmanaged zone, in order.
fn asked_of_moved(moved: &MovedZone) -> Vec<Asked> {
    let zone_id = ZoneId::try_from(moved.zone_id.clone()).ok().filter(|_| moved.what == WhatMoved::Settings);
    let asked = |zone_id: ZoneId| {
        let settings = moved.settings.iter().map(move |setting| Asked {
            account_id: moved.account_id.clone(),
            zone_id: zone_id.clone(),
            name: setting.setting.clone(),
            stale: setting.stale,
            live: Some(setting.now.clone()).filter(|now: &Json| !now.is_null()),
        });
        settings.collect()
    };
    zone_id.map(asked).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::catalogue::Variant;
    use crate::diff::{AuditLog, Context};
    use crate::model::{AccountId, AuditEntry, Desired, Live, ZoneId};
    use crate::plan::{Plan, PlanDocument, Provenance, ZonePlan, read};
    use serde_json::json;
    use std::io::Cursor;

    const ID: &str = "023e105f4ecef8ad9ca31a8372d0c353";

    fn plan() -> Plan {
        let mut want = Desired::new("shop.example.com".parse().unwrap(), Variant::SbfmPro);
        want.set("ai_search", "block").unwrap();
        want.account_id = Some(AccountId::try_from(ID.to_owned()).unwrap());
        let live = Live::read([("ai_search".to_owned(), "disabled".into())].into_iter().collect());
        let day = jiff::civil::date(2026, 11, 29);
        let id = ZoneId::try_from(ID.to_owned()).unwrap();
        let made = Provenance::new("2026-11-29T12:00:00Z".parse().unwrap(), "emulate:".to_owned());
        Plan::build(made, vec![ZonePlan::build(&want, id, live, &Context::of_day(day))])
    }

    #[test]
    fn a_plan_with_evidence_is_the_same_plan_and_is_read_as_it_was_saved() {
        let (plain, mut plan) = (plan(), plan());
        let entry = json!({"zone": {"id": ID}, "actor": {"type": "system"}, "action": {"time": "2026-11-29T11:00:00Z"}});
        let now = plan.provenance().created_at;
        let mut log = AuditLog::new(now, []);
        log.add(AuditEntry::read(&entry));
        plan.state_who(&log, &|_| now);
        assert_eq!((plan.digest(), plan.summary()), (plain.digest(), plain.summary()));
        let document = serde_json::to_value(PlanDocument::new(&plan)).unwrap();
        assert_eq!(
            document["zones"][0]["settings"][0]["who"],
            json!({"entry": {"by": "cloudflare", "at": "2026-11-29T11:00:00Z", "proof": "zone"}})
        );
        let saved = read(Cursor::new(document.to_string())).unwrap();
        assert_eq!(saved.zones(), plan.zones());
        let mut without = document;
        without["zones"][0]["settings"][0].as_object_mut().unwrap().remove("who");
        assert_eq!(read(Cursor::new(without.to_string())).unwrap().zones(), plain.zones());
    }
}
