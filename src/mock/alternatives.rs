//! Codes and rules where the documents name several, or none.
//!
//! EIAM's general list has more than one code for some mistakes and breaks off before
//! others; the OneAccess page is known in parts, the rest is CIAM's numbering by analogy.

use fastrand::Rng;
use http::Method;

use super::{
    dialect::Dialect,
    editions,
    operation::Operation,
    rules::{OtherCode, Rule, headers, tokens},
    variation::{
        Variation,
        codes::{CiamCodes, Codes, EiamCodes, OneAccessCodes, Other},
    },
};

/// The rules about headers that one revision of OneAccess' pages only logs.
const DEVICE: &[&str] = &[
    "x-operating-sys-version-present",
    "x-device-fingerprint-present",
    "x-agent-present",
];

const WRONG_TOKEN: &[&str] = &[
    "x-state-token-signed",
    "x-state-token-stage",
    "x-state-token-unspent",
    "x-state-token-device",
    "id-token-signed",
];

const OLD_TOKEN: &[&str] = &["x-state-token-fresh", "id-token-fresh"];

const POLICY: &[&str] = &[
    "password-length",
    "password-types",
    "password-repeat",
    "password-user-data",
    "password-reversed-name",
    "password-weak",
    "password-history",
];

/// Changes an edition's table where its documents allow another one.
pub(super) fn apply(variation: &Variation, edition: Dialect, operations: &mut [Operation]) {
    for operation in operations.iter_mut() {
        optional_rules(&variation.codes, edition, operation);
        match edition {
            Dialect::Eiam => eiam(&variation.codes.eiam, operation),
            Dialect::Ciam => ciam(&variation.codes.ciam, operation),
            Dialect::OneAccess => oneaccess(&variation.codes.oneaccess, operation),
        }
    }
    if let Some(seed) = variation.rule_order {
        let mut rng = Rng::with_seed(seed);
        for operation in operations {
            rng.shuffle(&mut operation.rules);
        }
    }
}

/// Rules that every edition may have or lack.
fn optional_rules(codes: &Codes, edition: Dialect, operation: &mut Operation) {
    if codes.ignores_stage {
        operation
            .rules
            .retain(|rule| rule.name != "x-state-token-stage");
    }
    let mut rules = operation.rules.iter();
    let signed = rules.find(|rule| rule.name == "x-state-token-signed");
    if let (true, Some(code)) = (codes.binds_device, signed.map(|rule| rule.code)) {
        let rule = Rule::new("x-state-token-device", code, tokens::state_token_device);
        operation.rules.push(rule);
    }
    if codes.demands_content_type
        && let Some(code) = content_type_code(edition, operation)
    {
        let check = headers::present("Content-Type");
        let rule = Rule::new("content-type-present", code, check);
        operation.rules.push(rule);
    }
}

/// The code for a missing content type, where the operation's page lists that header at all.
fn content_type_code(edition: Dialect, operation: &Operation) -> Other {
    match edition {
        _ if !is_sdk(operation) => None,
        Dialect::Eiam => None,
        Dialect::Ciam => Some("IDAAS.SDK.PARAM.0001"),
        // OneAccess leaves the header out of its pages about GET.
        Dialect::OneAccess => (operation.method == Method::POST).then_some("PARAM.0001"),
    }
}

fn eiam(codes: &EiamCodes, operation: &mut Operation) {
    if !is_sdk(operation) {
        return;
    }
    for (names, code) in [
        (DEVICE, codes.device),
        (WRONG_TOKEN, codes.wrong_token),
        (OLD_TOKEN, codes.old_token),
        (&["verify_code-string"], codes.wrong_type),
        (&["user-enabled"], codes.disabled),
        (POLICY, codes.policy),
    ] {
        recode(operation, names, code);
    }
    let (code, password) = codes.blank;
    recode_blank(operation, "verify_code-present", "verify_code", code);
    recode_blank(operation, "new_password-present", "new_password", password);
    if operation.name == "passwordLogin" {
        recode(operation, &["password-correct"], codes.login);
    }
}

fn ciam(codes: &CiamCodes, operation: &mut Operation) {
    match operation.name {
        "passwordLogin" => recode(operation, &["password-correct"], codes.login),
        "changePasswordByMobile" => {
            recode(operation, &["user-enabled"], codes.disabled);
            if codes.demands_authorization {
                let (code, check) = ("IDAAS.SDK.PARAM.0016", headers::present("Authorization"));
                let rule = Rule::new("authorization-present", code, check);
                operation.rules.push(rule);
            }
        }
        _ => {}
    }
}

fn oneaccess(codes: &OneAccessCodes, operation: &mut Operation) {
    if codes.logs_device {
        operation.rules.retain(|rule| !DEVICE.contains(&rule.name));
    }
    if codes.renumbered {
        operation.rules.iter_mut().for_each(renumber);
    }
    let (missing, unknown) = codes.client;
    recode(operation, &["x-client-id-present"], missing);
    recode(operation, &["x-client-id-known"], unknown);
}

fn is_sdk(operation: &Operation) -> bool {
    operation.path.starts_with("/api/v2/sdk/")
}

/// Another code for these rules.
fn recode(operation: &mut Operation, names: &[&str], code: Other) {
    let Some(code) = code else { return };
    for rule in &mut operation.rules {
        if names.contains(&rule.name) {
            rule.other = Some(OtherCode::Always(code));
        }
    }
}

/// Another code only where the member is there, and blank.
fn recode_blank(operation: &mut Operation, name: &str, member: &'static str, code: Other) {
    let Some(code) = code else { return };
    for rule in &mut operation.rules {
        if rule.name == name {
            rule.other = Some(OtherCode::IfBlank(member, code));
        }
    }
}

fn renumber(rule: &mut Rule) {
    if let Some(other) = editions::other_number(Dialect::OneAccess, rule.code) {
        rule.other = Some(OtherCode::Always(other));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::editions;

    #[test]
    fn every_rule_that_may_have_another_code_exists() {
        let names = |edition| -> Vec<&str> {
            let table = editions::operations(edition);
            let rules = table.iter().flat_map(|row| row.rules.iter());
            rules.map(|rule| rule.name).collect()
        };
        let (eiam, oneaccess) = (names(Dialect::Eiam), names(Dialect::OneAccess));
        let mut token = WRONG_TOKEN.to_vec();
        token.retain(|name| *name != "x-state-token-device");
        for name in [DEVICE, &token, OLD_TOKEN, POLICY]
            .concat()
            .iter()
            .chain(&["verify_code-string", "user-enabled"])
        {
            assert!(eiam.contains(name), "{name}");
        }
        for name in DEVICE
            .iter()
            .chain(&["x-client-id-present", "x-client-id-known"])
        {
            assert!(oneaccess.contains(name), "{name}");
        }
    }

    #[test]
    fn the_plain_reading_keeps_every_table() {
        let plain = Variation::from_seed(0);
        for edition in Dialect::ALL {
            let mut table = editions::operations(edition);
            let names = |table: &[Operation]| -> Vec<&str> {
                let rules = table.iter().flat_map(|row| row.rules.iter());
                rules.map(|rule| rule.name).collect()
            };
            let before = names(&table);
            apply(&plain, edition, &mut table);
            assert_eq!(before, names(&table), "{edition}");
        }
    }
}
