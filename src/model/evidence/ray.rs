//! The Ray id of a request, in any form in which people paste one.

use std::fmt;

/// A Ray id: 16 hexadecimal digits. The analytics store it without the airport code that may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RayId(String);

/// A text without a Ray id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this contains no Ray id; one has 16 hexadecimal digits, such as `8f1b2c3d4e5f6a7b` or `8f1b2c3d4e5f6a7b-FRA`"
)]
pub(crate) struct NoRay;

impl fmt::Display for RayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for RayId {
    type Err = NoRay;

    /// Reads the id, with its airport or without, from the line of an error page, a header, or an address.
    fn from_str(text: &str) -> Result<Self, NoRay> {
        let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).chain([joined.as_str()]);
        let words: Vec<&str> = words.collect();
        let exact = words.iter().copied().find(|word| is_ray(word));
        // Digits that somebody has parted by spaces, with the airport behind them.
        let parted = joined.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_ray(word));
        match exact.or(parted) {
            Some(ray) => Ok(Self(ray.to_ascii_lowercase())),
            // What was pasted may hold the address of a client: it is not shown.
            None => Err(NoRay),
        }
    }
}

fn is_ray(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_id_is_read_in_any_form_that_people_paste() {
        for text in [
            "8f1b2c3d4e5f6a7b",
            "8F1B2C3D4E5F6A7B-FRA",
            " 8f1b2c3d4e5f6a7b ",
            "8f1b 2c3d 4e5f 6a7b",
            "8f1b 2c3d 4e5f 6a7b-FRA",
            "Ray ID: 8f1b2c3d4e5f6a7b",
            "Cloudflare Ray ID: 8f1b2c3d4e5f6a7b • Your IP: 203.0.113.7",
            "cf-ray: 8f1b2c3d4e5f6a7b-FRA",
            "https://shop.example.com/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8f1b2c3d4e5f6a7b",
            "https://shop.example.com/cdn-cgi/error?ray=8f1b2c3d4e5f6a7b-FRA&x=1",
        ] {
            assert_eq!(text.parse::<RayId>().unwrap().to_string(), "8f1b2c3d4e5f6a7b", "{text}");
        }
    }

    #[test]
    fn a_text_without_one_says_what_it_should_look_like() {
        for text in
            ["", "8f1b2c3d4e5f6a7", "8f1b2c3d4e5f6a7b0", "my shop is down", "8f1b2c3d4e5f6a7g", "\u{1b}[31m"]
        {
            let error = text.parse::<RayId>().unwrap_err().to_string();
            assert!(error.contains("16 hexadecimal digits") && !error.contains('\u{1b}'), "{error}");
        }
    }
}
