//! The identity of a zone. Two accounts may hold the same name, so a zone is identified by its id if that is known, and
//! otherwise by its account and name.

use super::{AccountId, ZoneId, ZoneName, matches, unicode};

/// What is known about a zone's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Identity<'a> {
    /// The name.
    pub zone: &'a ZoneName,
    /// The id, if known.
    pub zone_id: Option<&'a ZoneId>,
    /// The account, if known.
    pub account_id: Option<&'a AccountId>,
}

impl<'a> Identity<'a> {
    /// The identity from its known parts.
    #[must_use]
    pub(crate) fn new(
        zone: &'a ZoneName,
        zone_id: Option<&'a ZoneId>,
        account_id: Option<&'a AccountId>,
    ) -> Self {
        Self { zone, zone_id, account_id }
    }

    /// Whether the two can be the same zone: nothing that is known contradicts it.
    #[must_use]
    pub(crate) fn may_be(self, other: Identity<'_>) -> bool {
        let by_account = || match (self.account_id, other.account_id) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.zone == other.zone
            && match (self.zone_id, other.zone_id) {
                (Some(one), Some(other)) => one == other,
                _ => by_account(),
            }
    }

    /// Whether a name or pattern matches the zone, with or without one of its ids after an `@`.
    #[must_use]
    pub(crate) fn is_meant_by(self, pattern: &str) -> bool {
        Named::from(self).is_meant_by(pattern)
    }

    /// Whether a flag names the zone: by its name, or by `NAME@ID` with its own id or that of its account if the name
    /// is ambiguous. Ignores letter case.
    #[must_use]
    pub(crate) fn is_called(self, called: &str) -> bool {
        let (name, of) = called.split_once('@').map_or((called, None), |(name, of)| (name, Some(of)));
        let is_of = |of: &str| {
            self.account_id.is_some_and(|id| id.as_str().eq_ignore_ascii_case(of))
                || self.zone_id.is_some_and(|id| id.as_str().eq_ignore_ascii_case(of))
        };
        Named::is_called(self.zone.as_str(), name) && of.is_none_or(is_of)
    }

    /// The name with what distinguishes the zone from another one of that name: `a.example@ACCOUNT`.
    #[must_use]
    pub(crate) fn label(self) -> String {
        let id = self.account_id.map(AccountId::as_str).or_else(|| self.zone_id.map(ZoneId::as_str));
        id.map_or_else(|| self.zone.to_string(), |id| format!("{}@{id}", self.zone))
    }
}

/// Something that is selected by name or pattern: its name, and its own id and that of its account, if known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// The name.
    pub name: &'a str,
    /// The ids that distinguish it from another one of this name: that of its account, then its own.
    pub ids: [Option<&'a str>; 2],
}

impl<'a> Named<'a> {
    /// Whether a name or pattern matches it, alone or with one of its ids: `*.example.com@ID`. An id alone is that of
    /// the zone. Ignores letter case.
    #[must_use]
    pub(crate) fn is_meant_by(self, pattern: &str) -> bool {
        if is_id(pattern) {
            let [_, own] = self.ids;
            return own.is_some_and(|own| own.eq_ignore_ascii_case(pattern));
        }
        let (name, of) = pattern.split_once('@').map_or((pattern, None), |(name, of)| (name, Some(of)));
        let is_of = |of: &str| self.ids.into_iter().flatten().any(|id| id.eq_ignore_ascii_case(of));
        let is_meant = match name.is_ascii() {
            true => matches(name, self.name),
            false => unicode(self.name).is_some_and(|unicode| matches(&name.to_lowercase(), &unicode)),
        };
        is_meant && of.is_none_or(is_of)
    }

    /// Whether a name in either form is that of a zone.
    fn is_called(zone: &str, name: &str) -> bool {
        let is_other_form = || name.parse::<ZoneName>().is_ok_and(|name| name.as_str() == zone);
        zone.eq_ignore_ascii_case(name) || !name.is_ascii() && is_other_form()
    }

    /// The name in the form of the pattern: with the account's id if the pattern has an id.
    #[must_use]
    pub(crate) fn as_in(self, pattern: &str) -> String {
        let id = self.ids.into_iter().flatten().next().filter(|_| pattern.contains('@'));
        id.map_or_else(|| self.name.to_owned(), |id| format!("{}@{id}", self.name))
    }
}

/// Whether a text has the form of an id, in any letter case. No name has it: a name has a dot.
#[must_use]
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl<'a> From<&'a str> for Named<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, ids: [None, None] }
    }
}

impl<'a> From<Identity<'a>> for Named<'a> {
    fn from(zone: Identity<'a>) -> Self {
        let ids = [zone.account_id.map(AccountId::as_str), zone.zone_id.map(ZoneId::as_str)];
        Self { name: zone.zone.as_str(), ids }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(letter: &str) -> String {
        letter.repeat(32)
    }

    #[test]
    fn the_id_decides_or_else_the_account() {
        let name: ZoneName = "a.example".parse().unwrap();
        let ids = ["1", "2"].map(|letter| ZoneId::try_from(id(letter)).unwrap());
        let accounts = ["a", "b"].map(|letter| AccountId::try_from(id(letter)).unwrap());
        let zone = |zone, account| Identity::new(&name, zone, account);
        let one = zone(Some(&ids[0]), Some(&accounts[0]));
        for (other, may_be) in [
            (one, true),
            (zone(None, None), true),
            (zone(None, Some(&accounts[0])), true),
            (zone(None, Some(&accounts[1])), false),
            (zone(Some(&ids[0]), Some(&accounts[1])), true),
            (zone(Some(&ids[1]), Some(&accounts[0])), false),
        ] {
            assert_eq!((one.may_be(other), other.may_be(one)), (may_be, may_be), "{other:?}");
        }
        let other: ZoneName = "b.example".parse().unwrap();
        assert!(!one.may_be(Identity::new(&other, Some(&ids[0]), None)));
    }

    #[test]
    fn a_zone_is_named_with_or_without_an_id() {
        let (name, zone) = ("a.example".parse().unwrap(), ZoneId::try_from(id("1")).unwrap());
        let account = AccountId::try_from(id("a")).unwrap();
        let both = Identity::new(&name, Some(&zone), Some(&account));
        for called in ["a.example", "A.Example", both.label().as_str(), &format!("a.example@{zone}")] {
            assert!(both.is_called(called), "{called}");
        }
        for called in
            ["", "b.example", "a.example@", &format!("a.example@{}", id("2")), &format!("@{account}")]
        {
            assert!(!both.is_called(called), "{called}");
        }
        for pattern in ["a.*", &both.label(), &format!("*@{}", id("A")), &format!("?.example@{zone}")] {
            assert!(both.is_meant_by(pattern), "{pattern}");
        }
        for pattern in ["b.*", "*@", &format!("*@{}", id("2")), &format!("b.*@{account}"), "*@*"] {
            assert!(!both.is_meant_by(pattern), "{pattern}");
        }
        assert_eq!(both.label(), format!("a.example@{account}"));
        assert_eq!(Identity::new(&name, Some(&zone), None).label(), format!("a.example@{zone}"));
        assert_eq!(Identity::new(&name, None, None).label(), "a.example");
    }

    #[test]
    fn an_international_zone_is_named_in_either_form() {
        let name: ZoneName = "b\u{fc}cher.example".parse().unwrap();
        let zone = Identity::new(&name, None, None);
        let called =
            ["b\u{fc}cher.example", "xn--bcher-kva.example", "m\u{fc}cher.example", "b\u{fc}cher example"];
        assert_eq!(called.map(|called| zone.is_called(called)), [true, true, false, false]);
    }
}
