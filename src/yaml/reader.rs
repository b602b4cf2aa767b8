//! The files of a suite, read one after the other, each parsed only if no cache has its tree.

use std::{fs::Metadata, path::Path, sync::Arc};

use super::{Cache, CacheError, Node, text, tree};
use crate::diag::{Diagnostic, SourceFile};

/// Reads the files of a suite. Without a cache, which is the default, it parses them all.
#[derive(Debug, Default)]
pub struct Reader {
    cache: Option<Cache>,
}

impl Reader {
    #[must_use]
    pub const fn with(cache: Cache) -> Self {
        Self { cache: Some(cache) }
    }

    /// Reads a file and gives its tree; `shown` is the path used in messages.
    ///
    /// # Errors
    /// As [`super::read`], and for what is no file: a suite has no pipes and devices.
    pub fn read(&mut self, path: &Path, shown: &str) -> Result<Node, Diagnostic> {
        let text = text(path, shown, Metadata::is_file)?;
        let file = Arc::new(SourceFile::new(shown, text));
        let Some(cache) = &mut self.cache else {
            return tree(&file);
        };
        let key = Cache::key(&file.text);
        if let Some(node) = cache.get(&key, &file) {
            return Ok(node);
        }
        let node = tree(&file)?;
        cache.put(key, &node);
        Ok(node)
    }

    /// Writes to the cache what was not in it, and gives what kept it from being used.
    #[must_use]
    pub fn finish(self) -> Vec<CacheError> {
        self.cache.map(Cache::finish).unwrap_or_default()
    }
}
