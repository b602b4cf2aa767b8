//! A suite that is too large is told before it is planned: a product of a few lists is short to write
//! and may give more test cases than any run has time for.

use crate::{
    case::CaseFile,
    diag::Diagnostic,
    plan::{Size, sizes},
};

/// So many test cases are planned when nobody says otherwise: ten times what the largest suite is meant
/// to have. At fifty answers a second a run of them takes half an hour, and planned they take about two
/// gigabytes of memory.
pub const MAX_CASES: usize = 100_000;

/// So many values a test case may hold on average; those shipped hold forty-four.
const VALUES: usize = 100;

/// The mistake, if the files give more test cases than these, or such as hold too much.
pub(super) fn too_much(files: &[CaseFile], most: usize) -> Option<Diagnostic> {
    let sizes: Vec<(&CaseFile, Vec<Size>)> = files.iter().map(|file| (file, sizes(file))).collect();
    let sum = |of: fn(&Size) -> usize| -> usize {
        let all = sizes.iter().flat_map(|(_, sizes)| sizes);
        all.map(of).fold(0, usize::saturating_add)
    };
    let (cases, values) = (sum(|size| size.cases), sum(|size| size.values));
    let of = |size: &Size| {
        if cases > most {
            size.cases
        } else {
            size.values
        }
    };
    let all = sizes.iter().flat_map(|(file, sizes)| {
        let sizes = sizes.iter();
        sizes.map(|size| (*file, size))
    });
    let (file, largest) = all.max_by_key(|(_, size)| of(size))?;
    let mistake = |message: String| Diagnostic::new("too-many-rows", &largest.span, message);
    if cases > most {
        let message = format!(
            "the suite has {} rows, and at most {most} are read; {} of them are made here, in `{}`",
            number(cases),
            number(largest.cases),
            file.path
        );
        return Some(help(mistake(message), cases));
    }
    if values > most.saturating_mul(VALUES) {
        let message = format!(
            "the {cases} rows of the suite hold {} values, and at most {} are read, {VALUES} for each of {most} rows; {} of them are made here, in `{}`",
            number(values),
            most.saturating_mul(VALUES),
            number(largest.values),
            file.path
        );
        return Some(help(mistake(message), values.div_ceil(VALUES)));
    }
    None
}

/// A number, or that it is larger than what can be counted.
fn number(count: usize) -> String {
    if count == usize::MAX {
        format!("more than {}", usize::MAX - 1)
    } else {
        count.to_string()
    }
}

fn help(mistake: Diagnostic, enough: usize) -> Diagnostic {
    if enough >= usize::MAX / VALUES {
        return mistake.help("take something from the matrix: no memory holds so many");
    }
    mistake.help(format!(
        "take something from the matrix, or say `--max-rows {enough}` if they are meant"
    ))
}
