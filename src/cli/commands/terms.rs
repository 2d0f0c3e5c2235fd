//! The terms of plans, reports and messages, in a few sentences each, and what to do about each outcome.

use crate::model::Outcome;

/// The terms, with what they mean, by name.
pub(super) const TERMS: [(&str, &str); 14] = [
    (
        "approved",
        "A change that a reviewed and merged plan holds, with the same last applied, live and wanted value. \
         `apply --approved PLAN@COMMIT` writes nothing else. If a merged change is not approved, have a fresh plan \
         reviewed: `botform plan --out plan.json`, then `botform apply plan.json --expect DIGEST`.",
    ),
    (
        "baseline",
        "Settings that several zone files share: a file without `zone:` that they name under `extends`. A later one \
         overrides an earlier one, and the zone file overrides all.",
    ),
    (
        "caution",
        "Whom a value shuts out, or what it breaks, such as search engines or the previews of social networks, with \
         how certain that is. It is shown with each change; the heading counts search engines. The policy \
         `forbid: {shuts_out: search_engines}` refuses such changes.",
    ),
    (
        "changed outside",
        "A value that no file manages, or that is stale, and that differs from an earlier snapshot \
         (`plan --moved-since SNAPSHOT`). Nothing is written for it. Name the setting in the zone file to manage it.",
    ),
    (
        "digest",
        "32 digits that identify a plan: the exact writes, the live objects they were planned against, the flags given \
         and the softer rules. Two plans with the same digest write the same. `apply plan.json --expect DIGEST` writes \
         that plan and no other. A plan without changes has a digest too.",
    ),
    (
        "effective",
        "The value that acts on traffic: an active stale value, left by an earlier plan variant, or else the live \
         value. Plans compare with it, policies judge it, and `import` writes it.",
    ),
    (
        "held",
        "A change that would undo what somebody tightened by hand: live moved, the file did not, and writing the file's \
         value would loosen. It is not written; the zone's other changes are. To keep the live value, write it into the \
         zone file. To write the file's value anyway, plan with `--confirm-loosening ZONE`.",
    ),
    (
        "in doubt",
        "A zone that an earlier run claimed without recording the result: it may have been written. The next run only \
         reads it; plans made after that can change it again.",
    ),
    (
        "neutral",
        "The value of a setting that means off. A setting that live does not report counts as neutral, and a stale \
         setting is cleaned by writing its neutral value.",
    ),
    (
        "protected",
        "A zone with `protect` or `freeze` in its file. Its changes are shown, but they are not written and do not \
         count as changes to write. To write them, plan with `--unprotect ZONE`.",
    ),
    (
        "record",
        "The text of an annotated tag that says at which commit each zone was last applied. `--since TAG` reads it to \
         see which side moved; `--last-applied FILE` writes the next one. `plan --new-record FILE` makes the first.",
    ),
    (
        "snapshot",
        "The live settings of many zones, saved by `botform snapshot FILE`. `plan --live FILE` plans from it without a \
         request; such a plan can be reviewed, and shows the age of its values. `plan --moved-since FILE` shows what \
         changed since and, with `--time-budget`, begins with the zones that were read longest ago.",
    ),
    (
        "waiver",
        "An entry under `accept` in a zone file: a known deviation, with its reason and its last day (UTC). Until then \
         it is counted separately and not written; afterwards it is a change again.",
    ),
    (
        "weakened",
        "A rule that is softer than it was at `--since`: a policy, a guard, an exception, protection, a freeze or a \
         waiver. It is listed first, with what it lets through now, and is part of the digest.",
    ),
];

/// What to do about an outcome.
pub(super) const fn next_step(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied | Outcome::InSync => "Nothing is left to do.",
        Outcome::Protected => "To write its changes, plan with `--unprotect ZONE`.",
        Outcome::Held => {
            "Write the live value into the file to keep it, or plan with `--confirm-loosening ZONE` to loosen it."
        }
        Outcome::Unapproved => {
            "Have a fresh plan reviewed: `botform plan --out plan.json`, then `botform apply plan.json --expect DIGEST`."
        }
        Outcome::Blocked => "The message names the setting and the reason. Change the file, then plan again.",
        Outcome::Failed => "The message names the reason. Run the same command again once it is gone.",
        Outcome::Stale => "Plan again and have the new plan reviewed: it shows what moved.",
        Outcome::NotApplied => {
            "Plan again: the plan shows what is left. If a stale setting stays, ask Cloudflare support to remove it."
        }
        Outcome::Collateral => {
            "Look at what else moved, which the message names. `botform undo` restores what this run wrote."
        }
        Outcome::Refused => {
            "The message gives Cloudflare's reason, such as a plan without the setting or a missing permission."
        }
        Outcome::Throttled => "Wait, then run the same command again, or give a lower `--rate`.",
        Outcome::Unknown => "Plan again: the plan shows whether the zone has the new values.",
        Outcome::Unverified => "Look at the setting in the dashboard. A plan sends it again each time.",
        Outcome::NotAttempted => "The zone is as it was. Run the same command again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_in_order_and_are_sentences() {
        assert!(TERMS.is_sorted_by_key(|(word, _)| *word));
        assert!(TERMS.iter().all(|(_, meaning)| meaning.ends_with('.') && !meaning.contains("  ")));
    }
}
