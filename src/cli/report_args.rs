//! What is chosen about the reports of a run: shared by the subcommands that write them.

use clap::{Args, ValueEnum};

use super::page::PageArgs;
use crate::report::{self, Base, junit};

const JUNIT: &str = "JUnit report";

/// The options of the reports.
#[derive(Debug, Clone, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    page: PageArgs,
    /// The folder of the project inside its repository, put before every file that junit, ctrf, github,
    /// gitlab and sarif name: `git rev-parse --show-prefix` prints it
    #[arg(long, value_name = "DIR", visible_alias = "junit-base")]
    base: Option<Base>,
    /// What junit.xml may hold
    #[arg(long, value_enum, value_name = "FORM", default_value = "rich", help_heading = JUNIT)]
    junit: Form,
    /// What becomes of a requirement without proof in junit.xml
    #[arg(long, value_enum, value_name = "AS", default_value = "error", help_heading = JUNIT)]
    unproven: Unproven,
    /// What becomes of a row in junit.xml that could not be judged because of something else
    #[arg(long, value_enum, value_name = "AS", default_value = "error", help_heading = JUNIT)]
    blocked: Blocked,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// File, line and properties of every row too, which most readers use and no schema has
    Rich,
    /// Only what junit-10.xsd allows, for the xUnit plugin of Jenkins
    Strict,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unproven {
    /// Red, unless a row of it is red already or rows of it were filtered out
    Error,
    /// Skipped
    Skip,
    /// Not there
    Omit,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Blocked {
    /// Red itself
    Error,
    /// Skipped; the cause is red, as a row or in the suite probity.causes
    Skip,
}

impl ReportArgs {
    /// As the reports want them.
    pub(super) fn options(&self) -> report::Options {
        report::Options {
            base: self.base.clone().unwrap_or_default(),
            page: self.page.options(),
            junit: junit::Options {
                shape: match self.junit {
                    Form::Rich => junit::Shape::Rich,
                    Form::Strict => junit::Shape::Strict,
                },
                unproven: match self.unproven {
                    Unproven::Error => junit::Unproven::Error,
                    Unproven::Skip => junit::Unproven::Skip,
                    Unproven::Omit => junit::Unproven::Omit,
                },
                blocked: match self.blocked {
                    Blocked::Error => junit::Blocked::Error,
                    Blocked::Skip => junit::Blocked::Skip,
                },
            },
        }
    }
}
