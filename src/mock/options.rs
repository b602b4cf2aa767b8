//! How a mock is set up.

use std::{fmt, time::Duration};

use super::{answer::Rewrite, dialect::Dialect, tls::Tls};

/// How a mock is set up.
#[derive(Clone)]
pub struct MockOptions {
    pub edition: Dialect,
    /// 0 takes any free port.
    pub port: u16,
    /// The port of the ISV common domain (OneAccess only); 0 takes any free port.
    pub common_port: u16,
    /// 0 is the plain reading of the documents; others vary what they leave open.
    pub variation: u64,
    /// Rules to leave out, each as `operation/rule`.
    pub disabled_rules: Vec<String>,
    /// The one fault, a departure from the documents, by its name in [`faults`].
    pub fault: Option<String>,
    /// Waited before every answer of an operation.
    pub latency: Duration,
    pub rewrite: Option<Rewrite>,
    /// Absent, it speaks plain HTTP.
    pub tls: Option<Tls>,
    /// How many calls it takes within any one second; more are turned away with 429.
    pub rate: Option<usize>,
    /// Whether `/__mock/` is there.
    pub control: bool,
    /// The port on which the owner reads messages, accounts and traffic; 0 takes any free port.
    pub gateway_port: Option<u16>,
    /// How many accounts there are from the beginning whose password is about to expire; of each other
    /// kind that no call can make there are a tenth.
    pub prepared: usize,
}

impl MockOptions {
    pub fn new(edition: Dialect) -> Self {
        Self {
            edition,
            port: 0,
            common_port: 0,
            variation: 0,
            disabled_rules: Vec::new(),
            fault: None,
            latency: Duration::ZERO,
            rewrite: None,
            tls: None,
            rate: None,
            control: true,
            gateway_port: None,
            prepared: 0,
        }
    }
}

impl fmt::Debug for MockOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockOptions")
            .field("edition", &self.edition)
            .field("port", &self.port)
            .field("common_port", &self.common_port)
            .field("variation", &self.variation)
            .field("disabled_rules", &self.disabled_rules)
            .field("fault", &self.fault)
            .field("latency", &self.latency)
            .field("rewrite", &self.rewrite.is_some())
            .field("tls", &self.tls.is_some())
            .field("rate", &self.rate)
            .field("control", &self.control)
            .field("gateway_port", &self.gateway_port)
            .field("prepared", &self.prepared)
            .finish()
    }
}
