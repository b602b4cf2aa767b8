//! The files of a suite, read one after the other, each parsed only if no cache has its tree.

use std::{collections::BTreeMap, fs::Metadata, path::Path, sync::Arc};

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};

use super::{Cache, CacheError, Limits, Node, cache::Key, text, tree};
use crate::diag::{Diagnostic, SourceFile};

/// Reads the files of a suite. Without a cache, which is the default, it parses them all.
#[derive(Debug, Default)]
pub struct Reader {
    cache: Option<Cache>,
    /// SHA-256 of the text of every file, by the path used in messages.
    digests: BTreeMap<String, Key>,
}

impl Reader {
    #[must_use]
    pub const fn with(cache: Cache) -> Self {
        Self {
            cache: Some(cache),
            digests: BTreeMap::new(),
        }
    }

    /// Reads a file and gives its tree; `shown` is the path used in messages.
    ///
    /// # Errors
    /// As [`super::read`], and for what is no file: a suite has no pipes and devices.
    pub fn read(&mut self, path: &Path, shown: &str) -> Result<Node, Diagnostic> {
        self.read_within(path, shown, Limits::WRITTEN)
    }

    /// As [`Self::read`], for a document that a vendor's tool generates: it may be longer and nested deeper.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_generated(&mut self, path: &Path, shown: &str) -> Result<Node, Diagnostic> {
        self.read_within(path, shown, Limits::GENERATED)
    }

    fn read_within(
        &mut self,
        path: &Path,
        shown: &str,
        limits: Limits,
    ) -> Result<Node, Diagnostic> {
        let text = text(path, shown, limits, Metadata::is_file)?;
        let file = Arc::new(SourceFile::new(shown, text));
        let key = Cache::key(&file.text);
        self.digests.insert(shown.to_owned(), key);
        let Some(cache) = &mut self.cache else {
            return tree(&file, limits);
        };
        if let Some(node) = cache.get(&key, &file) {
            return Ok(node);
        }
        let node = tree(&file, limits)?;
        cache.put(key, &node);
        Ok(node)
    }

    /// SHA-256 over the files in this folder that were read, or all where it has no name: each by its path and the digest of its text,
    /// in the order of the paths. Hexadecimal. It changes with any byte of any of them, and with
    /// nothing else.
    #[must_use]
    pub fn digest(&self, folder: &str) -> String {
        let mut context = Context::new(&SHA256);
        for (path, digest) in &self.digests {
            let inside = path.strip_prefix(folder);
            if folder.is_empty() || inside.is_some_and(|rest| rest.starts_with('/')) {
                context.update(path.as_bytes());
                context.update(&[0]);
                context.update(digest);
            }
        }
        HEXLOWER.encode(context.finish().as_ref())
    }

    /// Writes to the cache what was not in it, and gives what kept it from being used.
    #[must_use]
    pub fn finish(self) -> Vec<CacheError> {
        self.cache.map(Cache::finish).unwrap_or_default()
    }
}
