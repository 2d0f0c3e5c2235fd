//! The words of email-security submissions.

/// Who asked for the reclassification, as the query spells it.
pub const TYPES: &[&str] = &["TEAM", "USER"];

/// The review states; the query calls them `status`, the reply `customer_status`.
pub const REVIEW_STATES: &[&str] = &["escalated", "reviewed", "unreviewed"];

/// The dispositions of a message.
pub const DISPOSITIONS: &[&str] = &["MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "NONE"];

/// The members a list can be ordered by.
pub const ORDERS: &[&str] = &[
    "submission_id",
    "subject",
    "original_disposition",
    "requested_disposition",
    "outcome_disposition",
    "requested_at",
];

/// The two directions of an order.
pub const DIRECTIONS: &[&str] = &["asc", "desc"];

/// The largest page the API gives.
pub const MAX_PER_PAGE: u32 = 1000;

/// The page size of the API when none is asked for.
pub const DEFAULT_PER_PAGE: u32 = 20;

/// The window, in days, that the API silently takes when no start is given.
pub const DEFAULT_DAYS: i64 = 30;
