//! Whether a run against this target can have written what stands in a journal.

use serde_json::{Map, Value, json};

use super::{Entry, Header, keeps::keeps};
use crate::{target::Target, template::Bindings};

/// Judges what a journal says.
pub(super) trait Verify {
    /// What such a run begins its journal with.
    fn header(&self, run: &str) -> Header;

    /// Says why the run cannot have written an entry, as what comes after "line 3".
    fn entry(&self, header: &Header, entry: &Entry) -> Result<(), String>;
}

impl Verify for Target {
    fn header(&self, run: &str) -> Header {
        Header::of(self, run)
    }

    fn entry(&self, header: &Header, entry: &Entry) -> Result<(), String> {
        let name = &entry.edition;
        let mut editions = self.editions.iter();
        let settings = editions.find(|(edition, _)| edition.as_str() == name);
        let Some((_, settings)) = settings else {
            return Err(format!(
                "is of the edition {name}, which the target does not serve"
            ));
        };
        match header.served.get(name) {
            Some(url) if *url == settings.base_url => {}
            Some(url) => {
                let now = &settings.base_url;
                return Err(format!("was made at {url}, and the target is at {now}"));
            }
            None => {
                return Err(format!(
                    "is of the edition {name}, which the run did not have"
                ));
            }
        }
        let Some(provider) = settings.providers.get(&entry.provider) else {
            let name = &entry.provider;
            return Err(format!(
                "is of the provider {name}, which the target does not have"
            ));
        };
        let Some(undo) = &provider.undo else {
            return Err(format!(
                "is of the provider {}, which makes nothing",
                entry.provider
            ));
        };
        let mut bindings = Bindings::new();
        bindings.insert("target".into(), Value::Object(settings.variables.clone()));
        bindings.insert("run".into(), json!({ "id": header.run }));
        undo.could_be(&entry.names, &header.run, entry.number, &bindings)
            .map_err(|error| error.to_string())?;
        learned(&entry.known, |name| keeps(provider, undo, name))
    }
}

/// Whatever else a line says it knows would stand in the way of what the cleanup goes by.
fn learned(known: &Map<String, Value>, keeps: impl Fn(&str) -> bool) -> Result<(), String> {
    for (name, value) in known {
        if !keeps(name) || value.is_object() || value.is_array() {
            return Err(format!("knows a `{name}` that creating it does not tell"));
        }
    }
    Ok(())
}
