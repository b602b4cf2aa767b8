//! Probity.
pub mod ids; pub mod diag; pub mod clock; pub mod exchange; pub mod transcript; pub mod yaml; pub mod result; pub mod secret; pub mod template; pub mod contract; pub mod check; pub mod case; pub mod plan; pub mod target; pub mod judge; pub mod suite; pub mod engine; pub mod report; pub mod mock; pub mod cli;
