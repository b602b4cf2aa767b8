//! Whether the service keeps its OpenAPI document.

use std::process::ExitCode;

fn main() -> ExitCode {
    probity::conformance(env!("CARGO_MANIFEST_DIR"))
        .target("tenants/local.yaml")
        .serve(|| async { format!("http://{}", users::start().await.expect("a free port")) })
        .run()
}
