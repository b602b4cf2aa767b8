//! Faults that the file, the environment or the command line has by itself.

use super::{Fault, fault, served};

/// A variable that nobody sets.
const UNSET: &str = "PROBITY_TEST_OF_A_VARIABLE_THAT_NOBODY_SETS";

/// A file with a secret from this source.
fn secret(url: &str, source: &str) -> String {
    served(url, "").replace(
        "providers:",
        &format!("    secrets: {{ client_secret: {source} }}\nproviders:"),
    )
}

fn variable(url: &str, value: &str) -> String {
    served(url, "").replace(
        "providers:",
        &format!("    variables: {{ client_id: {value} }}\nproviders:"),
    )
}

/// Every fault; the address is one at which nobody may be called.
pub(super) fn all(url: &str) -> Vec<Fault> {
    let with = |lines: &str| served(url, lines);
    let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    vec![
        fault("a key that is none", with("limtis: { jobs: 1 }\n"), "unknown-key")
            .at("limtis")
            .says("did you mean `limits`?"),
        fault("a key of tls that is none", with("tls: { cacert: a.pem }\n"), "unknown-key")
            .at("cacert")
            .says("did you mean `cert`?"),
        fault("a key twice", with("name: again\n"), "duplicate-key").at("name: again"),
        fault("no YAML", with("limits: [\n"), "yaml-syntax"),
        fault("an address that is no URL", served("tenant.example", ""), "bad-url").at("base_url"),
        fault("an address of another scheme", served("ftp://tenant.example", ""), "bad-url")
            .at("base_url")
            .says("not an http or https URL"),
        fault("an address with a query", served("https://tenant.example?a=b", ""), "bad-url")
            .at("base_url"),
        fault("a password in the address", served("https://me:pass@tenant.example", ""), "bad-url")
            .says("tenant.yaml:4:15"),
        fault("no address", with("").replace("base_url", "url"), "unknown-key").at("url:"),
        fault("a secret nobody set", secret(url, &format!("{{ env: {UNSET} }}")), "secret-missing")
            .at("client_secret")
            .says(UNSET),
        fault("a secret in no file", secret(url, "{ file: no.txt }"), "secret-missing")
            .at("client_secret")
            .says("tenants/no.txt"),
        fault("an empty secret", secret(url, "{ file: empty.txt }"), "secret-missing")
            .file("empty.txt", "\n")
            .at("client_secret")
            .says("empty"),
        fault(
            "a vault that fails",
            secret(url, "{ command: [sh, -c, \"echo sealed >&2; exit 2\"] }"),
            "secret-missing",
        )
        .at("client_secret")
        .says("exit status: 2: sealed"),
        fault(
            "a vault that hangs",
            secret(url, "{ command: [sleep, \"60\"], timeout: 50ms }"),
            "secret-missing",
        )
        .at("client_secret")
        .says("not done after 50ms"),
        fault("a vault that says nothing", secret(url, "{ command: [\"true\"] }"), "secret-missing")
            .at("client_secret"),
        fault("a vault that is not there", secret(url, "{ command: [no-vault] }"), "secret-missing")
            .at("client_secret")
            .says("cannot be started"),
        fault("a secret in the open", secret(url, "abc"), "wrong-type").at("client_secret"),
        fault("an authority in no file", with("tls: { ca: no.pem }\n"), "missing-file")
            .at("tls:")
            .says("tenants/no.pem"),
        fault("an authority that is none", with("tls: { ca: ca.pem }\n"), "bad-pem")
            .file("ca.pem", "nothing\n")
            .at("tls:"),
        fault("a key that is none", with("tls: { cert: a.pem, key: a.pem }\n"), "bad-pem")
            .file("a.pem", pem)
            .at("tls:")
            .says("holds no private key"),
        fault("a certificate without its key", with("tls: { cert: a.pem }\n"), "missing-key")
            .file("a.pem", pem)
            .at("tls:")
            .says("tls.key"),
        fault("a version of TLS that is none", with("tls: { min: 1.4 }\n"), "unknown-word").at("tls:"),
        fault("a proxy of another kind", with("proxy: socks5://127.0.0.1:1\n"), "bad-proxy").at("proxy:"),
        fault("a password in the proxy", with("proxy: http://me:pass@127.0.0.1:1\n"), "bad-proxy")
            .says("tenant.yaml:8:8"),
        fault(
            "a proxy's password for all to read",
            with("proxy: { url: \"http://127.0.0.1:1\", user: me, password: { env: PROXY_PASSWORD } }\n"),
            "bad-proxy",
        )
        .environment("PROXY_PASSWORD", "in")
        .at("proxy:"),
        fault("an address of no host here", with("resolve: { elsewhere: 127.0.0.1 }\n"), "bad-address")
            .at("resolve:"),
        fault("an address that is a name", with("resolve: { elsewhere: localhost }\n"), "bad-address")
            .at("resolve:")
            .says("not an IP address"),
        fault("a header's name that is none", with("headers: { \"X a\": b }\n"), "bad-header").at("headers:"),
        fault("a header that goes on", with("headers: { X-A: \"b\\r\\nX-B: c\" }\n"), "bad-header")
            .at("headers:"),
        fault("nothing at once", with("limits: { jobs: 0 }\n"), "bad-limit").at("limits:"),
        fault("less than nothing", with("limits: { timeout_ms: -1 }\n"), "bad-limit").at("limits:"),
        fault("a limit in words", with("limits: { max_body_bytes: much }\n"), "wrong-type").at("limits:"),
        fault("no waivers", with("waivers: no-waivers.yaml\n"), "missing-file")
            .at("waivers:")
            .says("tenants/no-waivers.yaml"),
        fault("a file that extends nobody", with("extends: nobody.yaml\n"), "missing-file").at("extends:"),
        fault("files in a circle", with("extends: other.yaml\n"), "extends-cycle")
            .file("other.yaml", "name: other\nextends: tenant.yaml\n")
            .says("in a circle"),
        fault("a provider that is not there", with("").replace("account-warn", "acount-warn"), "unknown-provider")
            .says("did you mean `acount-warn`?"),
        fault(
            "providers in a circle",
            with("  other: { needs: { user: third } }\n  third: { needs: { user: other } }\n"),
            "provider-cycle",
        ),
        fault("a pool in no file", with("  other: { pool: { file: no.yaml } }\n"), "bad-pool")
            .at("no.yaml")
            .says("tenants/no.yaml"),
        fault("a pool of nobody", with("  other: { pool: { file: empty.yaml } }\n"), "bad-pool")
            .file("empty.yaml", "[]\n")
            .at("empty.yaml"),
        fault("a provider of two kinds", with("  other: { steps: [], values: { a: b } }\n"), "bad-provider")
            .at("other"),
        fault("an edition that is none", with("").replace("  ciam:", "  caim:"), "unknown-edition")
            .at("caim")
            .says("did you mean `ciam`?"),
        fault("a variable nobody set", variable(url, &format!("{{ env: {UNSET} }}")), "bad-variable")
            .at("client_id")
            .says(UNSET),
        fault("a variable of another type", variable(url, "{ env: A_NUMBER, default: 5 }"), "bad-variable")
            .environment("A_NUMBER", "five")
            .at("client_id"),
        fault("a variable that is not there", variable(url, "a"), "unknown-variable")
            .arguments(&["--var", "clinet_id=b"])
            .says("did you mean `client_id`?"),
        fault("a variable that is a secret", secret(url, "{ env: PATH }"), "secret-in-the-open")
            .arguments(&["--var", "client_secret=b"]),
        fault("a variable without a value", variable(url, "a"), "bad-variable")
            .arguments(&["--var", "client_id"]),
        fault("an environment that is no list", with(""), "bad-env-file")
            .file(".env", "GOOD=1\nnot this\n")
            .says(".env:2"),
        fault("an environment in no file", with(""), "missing-file")
            .arguments(&["--env-file", "/nonexistent/.env"])
            .says("/nonexistent/.env"),
    ]
}
