//! The product knows no vendor: what one vendor calls things stands in `specs/`, and in the mock, which is
//! a vendor.

use std::path::Path;

use super::source::Product;

/// Names of the shipped vendors: members, headers, values, editions, languages.
const VENDOR_WORDS: [&str; 22] = [
    "ACCESS_DENIED",
    "MFA_AUTH",
    "PASSWORD_WARN",
    "SUCCESS",
    "X-L",
    "X-agent",
    "X-state-token",
    "api",
    "ciam",
    "eiam",
    "en",
    "error_code",
    "error_msg",
    "id_token",
    "new_password",
    "old_password",
    "oneaccess",
    "session_token",
    "state_token",
    "userName",
    "verify_code",
    "zh",
];

/// Where such a word means something else: the page speaks two languages of its own.
const OWN_MEANING: [(&str, &[&str]); 2] = [
    ("cli/page.rs", &["en"]),
    ("report/html/words.rs", &["en", "zh"]),
];

/// Every text that is a vendor's word as a whole, or the JSON Pointer to such a member.
fn vendor_words(product: &Product) -> Vec<String> {
    let mut out = Vec::new();
    for (place, file) in &product.0 {
        if matches!(place[0].as_str(), "mock" | "embedded") {
            continue;
        }
        let own = OWN_MEANING
            .iter()
            .find(|(path, _)| file.path == Path::new(path));
        for text in &file.texts {
            let word = text.trim_start_matches('/');
            let allowed = own.is_some_and(|(_, words)| words.contains(&word));
            if VENDOR_WORDS.contains(&word) && !allowed {
                out.push(format!("{}: {text:?}", file.path.display()));
            }
        }
    }
    out
}

#[test]
fn no_text_of_the_product_is_a_word_of_a_vendor() {
    let found = vendor_words(Product::read());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_of_a_vendor_is_seen_as_a_whole_text_of_the_product_alone() {
    let of = |path: &str, text: &str| {
        let file = (path.into(), text.to_owned());
        vendor_words(&Product::of([file])).len()
    };
    assert_eq!(of("judge/a.rs", "let at = \"/error_code\";"), 1);
    assert_eq!(of("judge/a.rs", "let at = r#\"X-L\"#;"), 1);
    assert_eq!(
        of(
            "judge/a.rs",
            "// \"error_code\"\nlet at = \"an error_code\";"
        ),
        0
    );
    assert_eq!(of("mock/a.rs", "let at = \"error_code\";"), 0);
    assert_eq!(
        of(
            "judge/a.rs",
            "#[cfg(test)]\nmod tests {\n    let at = \"X-L\";\n}"
        ),
        0
    );
}
