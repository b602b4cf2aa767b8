//! What a person may choose about the `JUnit` file.

/// The choices; by default the file is red exactly when the run does not end with 0, and has all that
/// the common readers know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub shape: Shape,
    pub unproven: Unproven,
    pub blocked: Blocked,
}

/// Which elements and attributes the file has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// Properties, file and line of each test case too, which no schema has and most readers use.
    #[default]
    Rich,
    /// Only what the schema `junit-10.xsd` of Jenkins' xUnit plugin allows.
    Strict,
}

/// What becomes of a requirement without proof, in a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unproven {
    /// An error where no row of it is red, skipped where one is.
    #[default]
    Error,
    Skip,
    /// No test case.
    Omit,
}

/// What becomes of a row that could not be judged because of something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Blocked {
    #[default]
    Error,
    /// It is skipped, and what is behind it is red.
    Skip,
}
