//! Whether a run against this target can have written what stands in a journal.

use serde_json::{Map, Value, json};

use super::{Entry, Header, error::LineError, keeps::keeps};
use crate::{target::Target, template::Bindings};

/// Judges what a journal says.
pub(super) trait Verify {
    /// What such a run begins its journal with.
    fn header(&self, run: &str) -> Header;

    /// Says why the run cannot have written an entry, as what comes after "line 3".
    fn entry(&self, header: &Header, entry: &Entry) -> Result<(), LineError>;
}

impl Verify for Target {
    fn header(&self, run: &str) -> Header {
        Header::of(self, run)
    }

    fn entry(&self, header: &Header, entry: &Entry) -> Result<(), LineError> {
        let name = &entry.edition;
        let mut editions = self.editions.iter();
        let settings = editions.find(|(edition, _)| edition.as_str() == name);
        let Some((_, settings)) = settings else {
            return Err(LineError::NotServed(name.clone()));
        };
        match header.served.get(name) {
            Some(url) if *url == settings.base_url => {}
            Some(url) => {
                return Err(LineError::Moved {
                    made_at: url.clone(),
                    now: settings.base_url.clone(),
                });
            }
            None => return Err(LineError::NotOfTheRun(name.clone())),
        }
        let Some(provider) = settings.providers.get(&entry.provider) else {
            return Err(LineError::NoProvider(entry.provider.clone()));
        };
        let Some(undo) = &provider.undo else {
            return Err(LineError::MakesNothing(entry.provider.clone()));
        };
        let mut bindings = Bindings::new();
        bindings.insert("target".into(), Value::Object(settings.variables.clone()));
        bindings.insert("run".into(), json!({ "id": header.run }));
        undo.could_be(&entry.names, &header.run, entry.number, &bindings)?;
        learned(&entry.known, |name| keeps(provider, undo, name))
    }
}

/// Whatever else a line says it knows would take the place of a value that the cleanup uses.
fn learned(known: &Map<String, Value>, keeps: impl Fn(&str) -> bool) -> Result<(), LineError> {
    for (name, value) in known {
        if !keeps(name) || value.is_object() || value.is_array() {
            return Err(LineError::Unlearnable(name.clone()));
        }
    }
    Ok(())
}
