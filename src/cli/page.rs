//! What may be asked of the page of a run, when it is written and when it is made again.

use clap::{Args, ValueEnum};

use crate::report::html;

/// Options of every subcommand that writes the page.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct PageArgs {
    /// Of which rows the page shows what was exchanged: of those that did not simply pass, or of all
    #[arg(long, value_enum, default_value = "failed", value_name = "ROWS")]
    evidence: Evidence,
    /// The language of the page's own words; what a run says stays as it is
    #[arg(long, value_enum, default_value = "en", value_name = "LANGUAGE")]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Evidence {
    Failed,
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    En,
    Zh,
}

impl PageArgs {
    pub(super) const fn options(self) -> html::Options {
        html::Options {
            evidence: match self.evidence {
                Evidence::Failed => html::Evidence::Failed,
                Evidence::All => html::Evidence::All,
            },
            language: match self.lang {
                Lang::En => html::Language::English,
                Lang::Zh => html::Language::Chinese,
            },
        }
    }
}
