//! What a run says to people and to machines.
//!
//! Takes a finished [`RunReport`], or a coverage. Gives text: the console summary, `JUnit` XML, the run
//! record, and the coverage as a page or as JSON.
//! Never writes a file, never reads a clock, and cannot name anything that still holds a secret.

pub mod again;
pub mod console;
pub mod coverage;
pub mod exchanges;
pub mod explain;
pub mod junit;
pub mod proof;
pub mod record;
mod text;

use crate::result::RunReport;

/// A report that is written to a file.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word by which a person asks for it.
    pub name: &'static str,
    /// The file's name inside the report folder.
    pub file: &'static str,
    pub render: fn(&RunReport) -> String,
}

/// Every format there is; adding one means adding a leaf and a row here.
pub const FORMATS: &[Format] = &[
    Format {
        name: "junit",
        file: "junit.xml",
        render: junit::render,
    },
    Format {
        name: "record",
        file: record::FILE,
        render: record::render,
    },
];

#[cfg(test)]
mod tests {
    use super::FORMATS;

    #[test]
    fn no_two_formats_share_a_name_or_a_file() {
        for (index, format) in FORMATS.iter().enumerate() {
            for other in &FORMATS[index + 1..] {
                assert_ne!(format.name, other.name);
                assert_ne!(format.file, other.file);
            }
        }
    }
}
