//! Users that an application manages: the same operations in every edition, with its own codes.

use super::routes;
use crate::mock::{
    operation::Operation,
    rules::{
        Rule, body, management,
        password::{self, PolicyCodes},
        tokens, user,
    },
};

/// In what an edition's management pages differ from the others'.
pub(super) struct Managed {
    pub no_user: &'static str,
    pub no_name: &'static str,
    /// Whether a new user needs a name; else one is made up.
    pub requires_name: bool,
    pub name_taken: &'static str,
    /// The member with a new user's password.
    pub first_password: &'static str,
    pub no_password: &'static str,
    pub policy: PolicyCodes,
}

/// The token first, then what it is good for.
pub(super) fn operations(edition: &Managed) -> Vec<Operation> {
    let known = || [Rule::new("user-exists", edition.no_user, user::exists)];
    let name = || {
        let check = body::filled("user_name");
        Rule::new("user_name-present", edition.no_name, check)
    };
    vec![
        Operation::at(routes::MANAGEMENT_TOKEN).rules(management::application()),
        Operation::at(routes::CREATE_USER)
            .rules(tokens::access_token())
            .rules(edition.requires_name.then(name))
            .rules([Rule::new(
                "user_name-string",
                edition.no_name,
                body::string("user_name"),
            )])
            .rules([Rule::new(
                "user_name-free",
                edition.name_taken,
                user::name_free,
            )])
            .rules(password::policy(edition.first_password, edition.policy)),
        Operation::at(routes::SET_PASSWORD)
            .rules(tokens::access_token())
            .rules([Rule::new(
                "password-present",
                edition.no_password,
                body::filled("password"),
            )])
            .rules(known())
            .rules(password::policy("password", edition.policy)),
        Operation::at(routes::DISABLE_USER)
            .rules(tokens::access_token())
            .rules(known()),
        Operation::at(routes::ENABLE_USER)
            .rules(tokens::access_token())
            .rules(known()),
        Operation::at(routes::DELETE_USER)
            .rules(tokens::access_token())
            .rules(known()),
        Operation::at(routes::FIND_USER)
            .rules(tokens::access_token())
            .rules([name()])
            .rules(known()),
    ]
}
