//! The departures and the requirements that are about them.
