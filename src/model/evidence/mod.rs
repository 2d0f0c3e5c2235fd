//! What the analytics say of a zone's traffic: events of rules, estimates with their interval, what a change does to
//! requests, and why a request was stopped. Where no honest number exists, a reason stands in its place.

mod action;
mod around;
mod estimate;
mod event;
mod impact;
mod ray;
mod refusal;
mod why;

pub(crate) use action::{ActionKind, action_kind};
pub(crate) use around::{AccessRule, CustomRule, Environment};
pub(crate) use estimate::Estimate;
pub(crate) use event::{Event, Window};
pub(crate) use impact::{Agent, Does, Impact, RowImpact, RowImpacts};
pub(crate) use ray::RayId;
pub(crate) use refusal::{NoNumber, NoNumberKind};
pub(crate) use why::{Acting, Asked, By, Change, Stop, ValueOrigin, Way, WayKind, Why, WhyZone};
