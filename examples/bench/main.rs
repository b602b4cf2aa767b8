//! Suites of any size and the target they are for, to measure with. `compare` beside this file runs both.

mod generate;
mod hurl;
mod serve;

use std::{
    error::Error,
    io::{self, Write as _},
    path::PathBuf,
    time::Duration,
};

use clap::{Parser, Subcommand};

use self::generate::{Layout, Request};

/// What to measure with.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes a project of so many rows, and the same requests for Hurl
    Generate {
        #[arg(long, value_name = "N")]
        rows: usize,
        /// The folder of the project; what it holds of an earlier one goes
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// All rows in one case file, in place of 60 a file
        #[arg(long)]
        one_file: bool,
        /// The last row expects what the target does not answer
        #[arg(long)]
        wrong: bool,
        /// A folder for Hurl, a file a row
        #[arg(long, value_name = "DIR")]
        hurl: Option<PathBuf>,
        /// Where the target is
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4100")]
        base_url: String,
    },
    /// Serves the target
    Serve {
        /// Any free one when 0
        #[arg(long, value_name = "PORT", default_value_t = 4100)]
        port: u16,
        /// Each answer comes so many milliseconds after its request
        #[arg(long, value_name = "MS", default_value_t = 0)]
        latency: u64,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().command {
        Command::Generate {
            rows,
            out,
            one_file,
            wrong,
            hurl: folder,
            base_url,
        } => {
            let request = Request {
                rows,
                layout: if one_file {
                    Layout::OneFile
                } else {
                    Layout::ManyFiles
                },
                wrong,
                base_url,
            };
            generate::project(&request, &out)?;
            if let Some(folder) = folder {
                hurl::files(&request, &folder)?;
            }
            Ok(())
        }
        Command::Serve { port, latency } => {
            let latency = Duration::from_millis(latency);
            Ok(serve::run(port, latency, |address| {
                // Who started it to measure reads this line; nobody has to.
                let _ = writeln!(io::stdout(), "http://{address}");
            })?)
        }
    }
}
