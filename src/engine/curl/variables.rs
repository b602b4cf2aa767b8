//! Shell variables for what a person takes from the target file.

/// Variables for what only the target file names.
pub(super) const VARIABLES: [(&str, &str); 4] = [
    (
        "CA_FILE",
        "the file of `tls.ca` in the target file; curl trusts no other then",
    ),
    ("CERT_FILE", "the file of `tls.cert` in the target file"),
    ("KEY_FILE", "the file of `tls.key` in the target file"),
    (
        "PROXY_USER",
        "user:password of the proxy, from the target file",
    ),
];
