//! The same requests and expectations for Hurl, a file a row.

use std::{fmt::Write as _, fs, io, path::Path};

use super::generate::{HEADERS, PATH, Request, TURN, fresh, missing};

/// Writes all rows.
pub(crate) fn files(request: &Request, folder: &Path) -> io::Result<()> {
    request.check()?;
    fresh(folder)?;
    for row in 0..request.rows {
        let name = format!("row-{row:06}.hurl");
        fs::write(folder.join(name), row_file(request, row))?;
    }
    Ok(())
}

fn row_file(request: &Request, row: usize) -> String {
    let mut out = format!("GET {{{{base_url}}}}{PATH}\n");
    for (header, (name, value)) in HEADERS.iter().enumerate() {
        if missing(row) != Some(header) {
            let _ = writeln!(out, "{name}: {value}");
        }
    }
    let _ = writeln!(out, "X-turn: t{}", row / TURN);
    let Some(header) = missing(row) else {
        out.push_str(
            r#"
HTTP 200
[Asserts]
header "Content-Type" == "application/json"
jsonpath "$.status" == "SUCCESS"
jsonpath "$.expire" == 43200
jsonpath "$.session_token" isString
jsonpath "$.session_token" != ""
"#,
        );
        return out;
    };
    let _ = write!(
        out,
        r#"
HTTP 400
[Asserts]
header "Content-Type" == "application/json"
jsonpath "$.error_code" == "{}"
jsonpath "$.error_msg" == "Header {} is missing"
"#,
        request.code(row, header),
        HEADERS[header].0
    );
    out
}
