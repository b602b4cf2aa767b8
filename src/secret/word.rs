//! How far a secret can be told from ordinary text: by its letters, and by the place it stands at.
//!
//! A password may be any word. Masking it wherever the word stands would hide the evidence, and tell
//! the password: so a common word is masked only where a name says that the value is secret.

/// From this length on a secret is looked for backwards and in other letters too.
pub(super) const LONG: usize = 8;

/// Words of more small letters are not common.
const LONGEST_WORD: usize = 10;

/// Words of more letters that are not all small are not common.
const LONGEST_CAPITAL: usize = 7;

/// Digits alone are a date or a count up to here.
const LONGEST_NUMBER: usize = 5;

/// So many bytes are no chance meeting, whatever they are.
const LONGEST_PLAIN: usize = 20;

/// A short common word or number, such as `SUCCESS`, `password`, `Welcome` or `2024`: in text, it is
/// no secret.
pub(super) fn is_common(secret: &str) -> bool {
    if secret.bytes().all(|byte| byte.is_ascii_digit()) {
        return secret.len() <= LONGEST_NUMBER;
    }
    let separator = |c: char| matches!(c, ' ' | '-' | '_' | '.');
    let small = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || separator(c));
    let capital = |text: &str| text.chars().all(|c| c.is_ascii_uppercase() || separator(c));
    let name = |text: &str| capital(&text[..1]) && small(&text[1..]);
    secret.starts_with(|c: char| c.is_ascii_alphabetic())
        && (secret.len() <= LONGEST_WORD && small(secret)
            || secret.len() <= LONGEST_CAPITAL && (capital(secret) || name(secret)))
}

/// Letters that could be the name of a member, of a header or of a part of a path; a short value is
/// met in names by chance.
pub(super) fn could_be_a_name(secret: &str) -> bool {
    let word = secret.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.');
    secret.len() < LONG
        || secret.len() <= LONGEST_PLAIN
            && secret.len() - word.len() <= 2
            && word.chars().all(letters)
}

/// Whether letters are looked for with blanks and line breaks between them: not where words of a
/// sentence or numbers of a list would do.
pub(super) fn is_sought_when_split(letters: &str) -> bool {
    let digits = letters.bytes().all(|byte| byte.is_ascii_digit());
    letters.len() > LONGEST_PLAIN || letters.len() >= LONG && !could_be_a_name(letters) && !digits
}

/// Whether a part of a text is a name: of a member, of a pair, of a header, or a part of a path.
pub(super) fn is_at_a_name(text: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else {
        return false;
    };
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if before.ends_with(inner) || after.starts_with(inner) {
        // A part of a longer name is no value either, when the whole is followed as a name is.
        let front = before.trim_end_matches(inner).len();
        let back = text.len() - after.trim_start_matches(inner).len();
        return (front, back) != (start, end) && is_at_a_name(text, front, back);
    }
    let unquoted = after.strip_prefix('\\').unwrap_or(after);
    let quoted = before.ends_with('"') && unquoted.starts_with('"');
    if quoted {
        return unquoted[1..].trim_start().starts_with(':');
    }
    let segment = before.ends_with('/')
        && (after.is_empty() || after.starts_with(['/', '?', '#', ':', ' ', '"', '\'', '\\']));
    segment || after.starts_with(['=', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_word_is_short_and_of_letters_or_a_small_number() {
        for word in [
            "SUCCESS", "password", "Welcome", "token", "2024", "changeme", "X-L", "old_code",
        ] {
            assert!(is_common(word), "{word}");
        }
        for secret in [
            "hunter2",
            "known-to-alice",
            "482913",
            "P@ssword",
            "aBcDeF",
            "KVKFKRCP",
            "correcthorse",
            "密码密码",
            "-----",
        ] {
            assert!(!is_common(secret), "{secret}");
        }
    }

    #[test]
    fn names_are_told_by_where_they_stand() {
        #[track_caller]
        fn check(text: &str, part: &str, name: bool) {
            let start = text.find(part).expect("it is there");
            assert_eq!(
                is_at_a_name(text, start, start + part.len()),
                name,
                "{text}"
            );
        }
        check(r#"{"access": 1}"#, "access", true);
        check(r#"{\"access\":1}"#, "access", true);
        check(r#"{"access_level": 1}"#, "access", true);
        check(r#"{"a":"access"}"#, "access", false);
        check(r#"["access", 1]"#, "access", false);
        check("access=1&b=2", "access", true);
        check("a=access&b=2", "access", false);
        check("https://host/access/x", "access", true);
        check("https://host/x/access", "access", true);
        check("X-Access-Level: 2", "Access", true);
        check("the access code", "access", false);
        check("body /access_level", "access", true);
    }

    #[test]
    fn what_could_be_a_name_has_no_sign_and_few_digits() {
        for name in [
            "X-State-Token",
            "sessionToken",
            "oauth2",
            "ab-1+2",
            "address_line2",
        ] {
            assert!(could_be_a_name(name), "{name}");
        }
        for secret in [
            "s3cret-value",
            "P@ssword",
            "abcdefghijklmnopqrstuvw",
            "correct horse",
        ] {
            assert!(!could_be_a_name(secret), "{secret}");
        }
    }

    #[test]
    fn what_words_or_numbers_of_a_sentence_would_do_is_not_sought_when_split() {
        for secret in ["s3cretvalue", "abcdefghijklmnopqrstuvw"] {
            assert!(is_sought_when_split(secret), "{secret}");
        }
        for secret in ["thenumber", "12345678", "a1b2c3"] {
            assert!(!is_sought_when_split(secret), "{secret}");
        }
    }
}
