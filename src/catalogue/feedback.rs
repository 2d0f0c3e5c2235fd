//! The words of feedback reports.

/// The two report types.
pub const TYPES: &[&str] = &["false_positive", "false_negative"];

/// The documented subtypes; the API does not refuse others.
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
