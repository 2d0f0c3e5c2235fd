//! The fixed words of the two other interfaces: feedback reports and email-security submissions.

/// The words of feedback reports.
pub mod feedback {
    /// The two report types.
    pub const TYPES: &[&str] = &["false_positive", "false_negative"];

    /// The documented subtypes; the API accepts others too.
    pub const SUBTYPES: &[&str] = &[
        "Account Creation Abuse",
        "Ad Fraud",
        "Credit Card Abuse",
        "Cashing Out",
        "Login Abuse",
        "Inventory Abuse",
        "Denial of Service",
        "Expediting",
        "Fuzzing",
        "Scraping",
        "Spamming",
        "Token Cracking",
        "Vulnerability Scanning",
    ];

    /// The documented keys of `requests_by_attribute`.
    pub const ATTRIBUTES: &[&str] = &[
        "topASNs",
        "topCountries",
        "topHosts",
        "topIPs",
        "topJA3Hashes",
        "topJA4s",
        "topPaths",
        "topUserAgents",
    ];

    /// The fields that Cloudflare documents for a report's expression.
    pub const EXPRESSION_FIELDS: &[&str] = &[
        "cf.bot_management.ja3_hash",
        "cf.bot_management.score",
        "http.host",
        "http.request.uri.path",
        "http.user_agent",
        "ip.geoip.asnum",
        "ip.geoip.country",
        "ip.src",
    ];

    /// The members every report must have.
    pub const REQUIRED: &[&str] = &[
        "type",
        "description",
        "expression",
        "first_request_seen_at",
        "last_request_seen_at",
        "requests",
        "requests_by_score",
        "requests_by_score_src",
        "requests_by_attribute",
    ];
}

/// The words of email-security submissions.
pub(crate) mod submissions {
    /// Who requested the reclassification, as the query spells it.
    pub(crate) const TYPES: &[&str] = &["TEAM", "USER"];

    /// The review states; the query calls them `status`, the reply `customer_status`.
    pub(crate) const REVIEW_STATES: &[&str] = &["escalated", "reviewed", "unreviewed"];

    /// The dispositions of a message.
    pub(crate) const DISPOSITIONS: &[&str] = &["MALICIOUS", "SUSPICIOUS", "SPOOF", "SPAM", "BULK", "NONE"];

    /// The members a list can be ordered by.
    pub(crate) const ORDERS: &[&str] = &[
        "submission_id",
        "subject",
        "original_disposition",
        "requested_disposition",
        "outcome_disposition",
        "requested_at",
    ];

    /// The two directions of an order.
    pub(crate) const DIRECTIONS: &[&str] = &["asc", "desc"];

    /// The maximum page size of the API.
    pub(crate) const MAX_PER_PAGE: u32 = 1000;

    /// The default page size of the API.
    pub(crate) const DEFAULT_PER_PAGE: u32 = 20;

    /// The time range, in days, that the API silently uses if no start is given.
    pub(crate) const DEFAULT_DAYS: i64 = 30;
}
