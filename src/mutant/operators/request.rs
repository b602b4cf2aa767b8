//! A request without something it needs is accepted: it reaches the target with the gap filled.
//!
//! What belongs to one account cannot be filled in without knowing the account, so there is nothing
//! here for those parts; a mock that leaves the rule out stands for that server.

use crate::{
    contract::Mode,
    mutant::{
        Change, Family, Mutant, Part, RequestEdit,
        scope::{Named, Scope, judged},
    },
};

pub(super) fn enumerate(scope: &Scope<'_>) -> Vec<Mutant> {
    let mut out: Vec<Mutant> = Vec::new();
    for mode in [Mode::Omitted, Mode::Blank] {
        let mut seen: Vec<Vec<Part>> = Vec::new();
        for row in scope.rows(|row| row.about.mode == Some(mode)) {
            let wanted = parts(&row.about);
            let bound = &scope.contract.convention.account_bound;
            let personal = wanted
                .iter()
                .any(|part| bound.iter().any(|known| names(known, part)));
            if wanted.is_empty() || personal || seen.contains(&wanted) {
                continue;
            }
            seen.push(wanted.clone());
            let breaks = scope.ids(|row| {
                let about = &row.about;
                about.mode == Some(mode) && parts(about) == wanted && refused(about)
            });
            let names: Vec<&str> = wanted.iter().map(Part::name).collect();
            let state = mode.label();
            out.push(scope.mutant(
                Named(
                    Family::Request,
                    &names.join("+"),
                    &format!("{state}-tolerated"),
                ),
                format!("accepts a request with {} {state}", names.join(", ")),
                judged(breaks, "the register allows the request to be accepted"),
                Change::Request(RequestEdit {
                    parts: wanted,
                    mode,
                }),
            ));
        }
    }
    out
}

/// Whether an entry of `account_bound` is this part of a request.
fn names(known: &str, part: &Part) -> bool {
    match (known.strip_prefix('/'), part) {
        (Some(pointer), Part::Member(name)) => pointer == name,
        (None, Part::Header(name)) => known.eq_ignore_ascii_case(name),
        _ => false,
    }
}

fn parts(about: &crate::contract::About) -> Vec<Part> {
    let headers = about.headers.iter().map(|name| Part::Header(name.clone()));
    let members = about
        .members
        .iter()
        .filter_map(|pointer| pointer.strip_prefix('/'))
        .map(|name| Part::Member(name.to_owned()));
    headers.chain(members).collect()
}

/// A row that names a code but no status promises the refusal all the same.
fn refused(about: &crate::contract::About) -> bool {
    match about.answer {
        Some(status) => status >= 400,
        None => !about.codes.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use crate::mutant::operators::sample::{breaks, known};

    #[test]
    fn what_is_refused_when_missing_is_tolerated_and_breaks_the_rows_that_refuse_it() {
        assert_eq!(
            breaks("ciam/skipPasswordUpdate/request/X-client-id:omitted-tolerated"),
            Ok(vec!["CIAM-SKIP-H18", "CIAM-SKIP-E04"])
        );
        assert_eq!(
            breaks("ciam/changePasswordByMobile/request/password:blank-tolerated"),
            Ok(vec!["CIAM-CPM-B11"])
        );
        let three = "X-operating-sys-version+X-device-fingerprint+X-agent";
        assert_eq!(
            breaks(&format!(
                "ciam/skipPasswordUpdate/request/{three}:omitted-tolerated"
            )),
            Ok(vec!["CIAM-SKIP-E01"])
        );
    }

    #[test]
    fn what_may_be_missing_may_be_filled_in_and_what_belongs_to_one_account_cannot() {
        assert!(breaks("ciam/skipPasswordUpdate/request/X-device-ip:omitted-tolerated").is_err());
        assert!(
            breaks("oneaccess/forcedChangeByOldPassword/request/X-agent:blank-tolerated").is_err()
        );
        assert!(!known(
            "ciam/skipPasswordUpdate/request/X-state-token:omitted-tolerated"
        ));
        assert!(!known(
            "ciam/changePasswordByMobile/request/verify_code:omitted-tolerated"
        ));
    }
}
