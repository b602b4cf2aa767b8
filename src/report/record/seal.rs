//! The seal of a record: a digest of all that stands before it, and with a key a signature.
//!
//! The seal is the end of the last line: `,"sha256":"…"` and, where the run had a key,
//! `,"hmac_sha256":"…"`. The digest tells damage; only the signature tells that somebody changed a record,
//! because anybody can make a digest anew.

use std::{
    fmt::Write as _,
    io::{self, Read, Seek, SeekFrom, Write},
};

use data_encoding::HEXLOWER;
use ring::{
    digest::{Context, SHA256},
    hmac,
};

const DIGEST: &str = ",\"sha256\":\"";
const SIGNATURE: &str = ",\"hmac_sha256\":\"";

/// A digest is so many letters long.
const LETTERS: usize = 64;

/// Passes on what is written, and digests it.
pub(super) struct Sealed<'w> {
    out: &'w mut dyn Write,
    context: Context,
}

impl<'w> Sealed<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self {
            out,
            context: Context::new(&SHA256),
        }
    }

    /// Writes the last line, a JSON object, with the digest in it.
    pub(super) fn end(mut self, footer: &str) -> io::Result<()> {
        let open = footer.strip_suffix('}').unwrap_or(footer);
        self.write_all(open.as_bytes())?;
        let digest = HEXLOWER.encode(self.context.finish().as_ref());
        writeln!(self.out, "{DIGEST}{digest}\"}}")
    }
}

impl Write for Sealed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Seals a record anew, after something was masked in it, and signs it where there is a key.
///
/// # Errors
/// When the file cannot be read or written, or is no record.
pub fn seal(file: &mut (impl Read + Write + Seek), key: Option<&[u8]>) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let sealed = parted(&text).ok_or_else(|| io::Error::other("the record has no seal"))?;
    let before = sealed.before;
    let mut end = format!("{DIGEST}{}\"", digest(before));
    if let Some(key) = key {
        let _ = write!(
            end,
            "{SIGNATURE}{}\"",
            HEXLOWER.encode(signature(key, before).as_ref())
        );
    }
    end.push_str("}\n");
    file.seek(SeekFrom::Start(
        u64::try_from(before.len()).map_err(io::Error::other)?,
    ))?;
    // The seal never gets shorter, so nothing of the old one is left behind it.
    file.write_all(end.as_bytes())
}

/// A record with its seal apart.
pub(super) struct Parted<'t> {
    /// What is sealed.
    pub before: &'t str,
    pub digest: &'t str,
    pub signature: Option<&'t str>,
}

/// Parts the seal from a record; `None` where there is none.
pub(super) fn parted(text: &str) -> Option<Parted<'_>> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix("\"}")?;
    let (text, last) = text.split_at_checked(text.len().checked_sub(LETTERS)?)?;
    if let Some(before) = text.strip_suffix(DIGEST) {
        return Some(Parted {
            before,
            digest: last,
            signature: None,
        });
    }
    let text = text.strip_suffix(SIGNATURE)?.strip_suffix('"')?;
    let (text, digest) = text.split_at_checked(text.len().checked_sub(LETTERS)?)?;
    Some(Parted {
        before: text.strip_suffix(DIGEST)?,
        digest,
        signature: Some(last),
    })
}

impl Parted<'_> {
    /// Whether what is sealed is what it was.
    pub(super) fn holds(&self) -> bool {
        digest(self.before) == self.digest
    }

    /// Whether it was signed with this key as it stands; `None` where it was not signed.
    pub(super) fn is_signed_with(&self, key: &[u8]) -> Option<bool> {
        let signature = self.signature?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let given = HEXLOWER.decode(signature.as_bytes()).unwrap_or_default();
        Some(hmac::verify(&key, self.before.as_bytes(), &given).is_ok())
    }
}

fn digest(text: &str) -> String {
    HEXLOWER.encode(ring::digest::digest(&SHA256, text.as_bytes()).as_ref())
}

fn signature(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn sealed() -> String {
        let mut out = Vec::new();
        let mut sealed = Sealed::new(&mut out);
        sealed.write_all(b"{\"kind\":\"header\"}\n").unwrap();
        sealed.end("{\"kind\":\"footer\"}").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_seal_holds_until_a_byte_before_it_changes() {
        let text = sealed();
        let parted = parted(&text).unwrap();
        assert_eq!(parted.before, "{\"kind\":\"header\"}\n{\"kind\":\"footer\"");
        assert!(parted.holds());
        assert!(parted.is_signed_with(b"key").is_none());
        let changed = text.replace("header", "reader");
        assert!(!super::parted(&changed).unwrap().holds());
        assert!(super::parted("").is_none());
        assert!(super::parted("{\"kind\":\"footer\"}\n").is_none());
    }

    #[test]
    fn a_signature_tells_its_key_from_another_and_a_changed_record_from_its_own() {
        let mut file = Cursor::new(sealed().into_bytes());
        seal(&mut file, Some(b"key")).unwrap();
        let text = String::from_utf8(file.into_inner()).unwrap();
        let signed = parted(&text).unwrap();
        assert!(signed.holds());
        assert_eq!(signed.is_signed_with(b"key"), Some(true));
        assert_eq!(signed.is_signed_with(b"other"), Some(false));
        // Who changes a record can make its digest anew, but not its signature.
        let changed = text.replace("header", "reader");
        let digest = digest(parted(&changed).unwrap().before);
        let changed = changed.replace(signed.digest, &digest);
        let changed = parted(&changed).unwrap();
        assert!(changed.holds());
        assert_eq!(changed.is_signed_with(b"key"), Some(false));
    }

    #[test]
    fn a_record_that_was_masked_is_sealed_anew() {
        let text = sealed().replace("header", "******");
        let mut file = Cursor::new(text.into_bytes());
        seal(&mut file, None).unwrap();
        let text = String::from_utf8(file.into_inner()).unwrap();
        assert!(parted(&text).unwrap().holds(), "{text}");
    }
}
