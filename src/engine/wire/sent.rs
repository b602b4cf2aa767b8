//! What left, read back from the bytes that a connection took.

/// The start of a request: its first line and its headers, in the letters and order of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub line: String,
    pub headers: Vec<(String, String)>,
    /// How many bytes it has, the blank line included.
    pub length: usize,
}

impl Head {
    /// The head at the beginning of these bytes; `None` when not all of it left. Nothing is mended: a
    /// line without a colon is a header without a value.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let length = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&bytes[..length]);
        let mut lines = text.split("\r\n").take_while(|line| !line.is_empty());
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Some(Self {
            line,
            headers,
            length,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_left_and_only_when_all_of_it_did() {
        let bytes = b"POST /a HTTP/1.1\r\nX-a:1\r\nx-A:  2\r\nodd\r\n\r\nbody\r\n\r\n";
        let head = Head::read(bytes).expect("a head");
        assert_eq!(head.line, "POST /a HTTP/1.1");
        let headers: Vec<_> = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(headers, [("X-a", "1"), ("x-A", " 2"), ("odd", "")]);
        assert_eq!(&bytes[head.length..], b"body\r\n\r\n");
        assert_eq!(Head::read(&bytes[..20]), None);
    }
}
