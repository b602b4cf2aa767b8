//! What a cache gives back, whatever was done to it in the meantime.

use std::{fs, path::Path, sync::Arc};

use proptest::{collection::vec, prelude::*};
use ring::digest::{SHA256, digest};

use super::{
    Cache, folder,
    pack::{self, Pack, Refused, Tree},
    tree::{decode, encode},
};
use crate::{
    diag::SourceFile,
    yaml::{self, Node},
};

const TEXT: &str = "# a suite\nid: ü\nlist: [1, -2, 2.5, true, ~, \"q\\n\", 'it''s', plain text]\nbase: &base { a: \"x\", b: 18446744073709551615 }\nmerged: { <<: *base, c: *base }\nfolded: >\n  one\n  two\nempty:\n";

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new("a.yaml", text))
}

fn parsed(text: &str) -> Node {
    yaml::parse("a.yaml", text.to_owned()).expect("YAML")
}

/// Every `*.yaml` below these folders of the project.
fn shipped() -> Vec<String> {
    let mut out = Vec::new();
    for place in ["cases", "specs"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
        let entries = walkdir::WalkDir::new(root).into_iter();
        for entry in entries.map(|entry| entry.expect("an entry")) {
            if entry.path().extension().is_some_and(|end| end == "yaml") {
                out.push(fs::read_to_string(entry.path()).expect("a text"));
            }
        }
    }
    assert!(out.len() > 40);
    out
}

#[test]
fn a_tree_comes_back_as_it_was_parsed() {
    for text in [TEXT.to_owned(), "~".to_owned(), "x".to_owned()]
        .into_iter()
        .chain(shipped())
    {
        let node = parsed(&text);
        let bytes = encode(&node).expect("every tree can be written");
        assert_eq!(decode(&bytes, &file(&text)), Some(node));
    }
    // As deep as the parser lets it be.
    let deep = format!("{}{}", "[".repeat(32), "]".repeat(32));
    let bytes = encode(&parsed(&deep)).expect("bytes");
    assert_eq!(decode(&bytes, &file(&deep)), Some(parsed(&deep)));
}

/// Whoever changes what is written, or what the parser makes of a text, learns here that what the
/// version before has written must not be read any more.
#[test]
fn the_form_is_that_of_the_number_in_the_first_line() {
    let bytes = encode(&parsed(TEXT)).expect("bytes");
    let sum = digest(&SHA256, &bytes);
    assert_eq!(
        sum.as_ref()[..8],
        [0xa1, 0xaf, 0x76, 0xaf, 0x07, 0x47, 0x0d, 0x3d],
        "raise the number in `pack::FIRST`, and write this digest here"
    );
}

#[test]
fn bytes_that_hold_no_tree_give_none() {
    let text = "a: 1\nb: [x, y]\n";
    let bytes = encode(&parsed(text)).expect("bytes");
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end], &file(text)), None, "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(decode(&longer, &file(text)), None);
    // Places that the text does not have, or that are inside a character.
    assert_eq!(decode(&bytes, &file("a: 1\n")), None);
    let inside = encode(&parsed("[x]")).expect("bytes");
    assert_eq!(decode(&inside, &file("é")), None);
}

#[test]
fn what_is_nested_without_end_or_claims_to_be_endless_gives_none() {
    // A list of one at the beginning of the text, and so on.
    let list = [0, 1, 8, 1];
    assert_eq!(decode(&list.repeat(1_000_000), &file("x")), None);
    let map = [0, 1, 9, 1, 0, 1, 5];
    assert_eq!(decode(&map.repeat(1_000_000), &file("x")), None);
    let endless = [0, 1, 8, 0xff, 0xff, 0xff, 0xff, 0x0f];
    assert_eq!(decode(&endless, &file("x")), None);
    let mut claims: Vec<u8> = [0, 1, 8, 0x80, 0x80, 0x04].repeat(20);
    claims.resize(4 << 20, 0);
    assert_eq!(decode(&claims, &file("x")), None);
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_places_are_inside_the_text(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        text in "[a-zé\n:\\[\\] ]{0,40}",
    ) {
        let mut bytes = encode(&parsed(TEXT)).expect("bytes");
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for text in [TEXT, &text] {
            if let Some(node) = decode(&bytes, &file(text)) {
                inside(&node);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
        if let Some(node) = decode(&bytes, &file(TEXT)) {
            inside(&node);
        }
        let _ = Pack::read(bytes);
    }
}

fn inside(node: &Node) {
    let text = &node.span.file.text;
    assert!(text.get(node.span.range.clone()).is_some());
    let _ = (node.span.position(), node.span.excerpt());
    node.items().iter().for_each(inside);
    for (key, value) in node.entries() {
        inside(key);
        inside(value);
    }
}

/// A pack of these texts.
fn pack(texts: &[&str]) -> Vec<u8> {
    let trees: Vec<_> = texts
        .iter()
        .map(|text| (pack::key(text), encode(&parsed(text)).expect("bytes")))
        .collect();
    let trees = trees.iter().map(|(key, bytes)| {
        let tree = Tree {
            bytes,
            spare: false,
        };
        (*key, tree)
    });
    pack::write(&trees.collect()).expect("bytes")
}

#[test]
fn a_pack_that_was_cut_off_or_changed_is_refused() {
    let bytes = pack(&["a: 1", "b: 2"]);
    assert_eq!(Pack::read(bytes.clone()).expect("trees").all().count(), 2);
    for end in 0..bytes.len() {
        assert!(Pack::read(bytes[..end].to_vec()).is_err(), "{end}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Pack::read(changed).is_err(), "{at} {bit}");
        }
    }
    let longer = [&bytes[..], b"x"].concat();
    assert_eq!(Pack::read(longer).unwrap_err(), Refused::Damaged);
    let older = b"probity trees 0 0.0.9\nwhatever".to_vec();
    assert_eq!(Pack::read(older).unwrap_err(), Refused::Version);
}

/// A suite's folder and a folder of caches.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("a folder");
        fs::create_dir(place.path().join("suite")).expect("a folder");
        Self(place)
    }

    fn caches(&self) -> std::path::PathBuf {
        self.0.path().join("caches/probity")
    }

    fn open(&self) -> Cache {
        Cache::open(&self.caches(), &self.0.path().join("suite"))
    }

    /// A load of these texts: which of them were in the cache, and what was wrong with it.
    fn load(&self, texts: &[&str]) -> (Vec<bool>, Vec<String>) {
        load(self.open(), texts)
    }

    /// The file of the suite.
    fn file(&self) -> std::path::PathBuf {
        self.open().path.expect("a file")
    }

    /// How many files there are.
    fn files(&self) -> usize {
        fs::read_dir(self.caches()).map_or(0, Iterator::count)
    }
}

fn load(mut cache: Cache, texts: &[&str]) -> (Vec<bool>, Vec<String>) {
    let hits = texts.iter().map(|text| {
        let (key, file) = (Cache::key(text), file(text));
        let node = parsed(text);
        let cached = cache.get(&key, &file);
        match &cached {
            Some(cached) => assert_eq!(*cached, node),
            None => cache.put(key, &node),
        }
        cached.is_some()
    });
    let hits = hits.collect();
    let errors = cache.finish().iter().map(ToString::to_string).collect();
    (hits, errors)
}

const NOTHING: [String; 0] = [];

#[test]
fn a_text_is_in_the_cache_from_its_first_load_on_and_only_as_it_was() {
    let place = Place::new();
    assert_eq!(
        place.load(&["a: 1", "b: 2"]),
        (vec![false, false], NOTHING.into())
    );
    let written = fs::read(place.file()).expect("a file");
    assert_eq!(
        place.load(&["b: 2", "a: 1"]),
        (vec![true, true], NOTHING.into())
    );
    assert_eq!(place.load(&["b: 2"]), (vec![true], NOTHING.into()));
    assert_eq!(
        fs::read(place.file()).expect("a file"),
        written,
        "nothing was missing"
    );
    assert_eq!(place.load(&["a: 2", "b: 2", "b: 2"]).0, [false, true, true]);
}

#[test]
fn what_a_load_did_not_use_is_kept_once() {
    let place = Place::new();
    place.load(&["a: 1", "b: 1"]);
    // Another branch, and back.
    place.load(&["a: 2", "b: 1"]);
    assert_eq!(place.load(&["a: 1", "b: 1"]).0, [true, true]);
    assert_eq!(place.load(&["a: 2", "b: 1"]).0, [true, true]);
    // Two that were written since.
    place.load(&["a: 3", "b: 1"]);
    place.load(&["a: 4", "b: 1"]);
    assert_eq!(
        place.load(&["a: 1", "a: 2", "a: 3", "a: 4", "b: 1"]).0,
        [false, false, true, true, true]
    );
}

#[test]
fn two_suites_have_two_files_and_one_that_was_moved_begins_anew() {
    let place = Place::new();
    place.load(&["a: 1"]);
    let other = place.0.path().join("other");
    fs::rename(place.0.path().join("suite"), &other).expect("moved");
    let moved = || Cache::open(&place.caches(), &other);
    assert_eq!(load(moved(), &["a: 1"]), (vec![false], NOTHING.into()));
    assert_eq!(load(moved(), &["a: 1"]), (vec![true], NOTHING.into()));
    assert_eq!(place.files(), 2);
    // A suite that is nowhere has none.
    assert_eq!(place.load(&["a: 1"]), (vec![false], NOTHING.into()));
    assert_eq!(place.files(), 2);
}

#[test]
fn a_cache_that_went_away_is_made_again() {
    let place = Place::new();
    place.load(&["a: 1"]);
    let cache = place.open();
    fs::remove_dir_all(place.caches()).expect("gone");
    assert_eq!(load(cache, &["a: 1"]).0, [true], "it was read before");
    assert_eq!(place.load(&["a: 1"]), (vec![false], NOTHING.into()));
    let cache = place.open();
    fs::remove_dir_all(place.caches()).expect("gone");
    let (_, errors) = load(cache, &["b: 1"]);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("cannot be written"), "{errors:?}");
}

/// What is said of a cache after this was done to its file; the load after that finds nothing wrong.
#[track_caller]
fn after(spoil: impl FnOnce(&Path)) -> String {
    let place = Place::new();
    place.load(&["a: 1"]);
    spoil(&place.file());
    let (hits, errors) = place.load(&["a: 1"]);
    assert_eq!((hits, errors.len()), (vec![false], 1), "{errors:?}");
    assert_eq!(place.load(&["a: 1"]), (vec![true], NOTHING.into()));
    errors.concat()
}

#[test]
fn a_file_that_cannot_be_used_is_told_of_and_written_anew() {
    let change = |path: &Path, change: fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(path).expect("a file");
        change(&mut bytes);
        fs::write(path, bytes).expect("written");
    };
    for damage in [
        (|bytes| bytes.truncate(40)) as fn(&mut Vec<u8>),
        |bytes| bytes.clear(),
        |bytes| bytes.reverse(),
        |bytes| *bytes.last_mut().expect("a byte") ^= 1,
    ] {
        let error = after(|path| change(path, damage));
        assert!(error.ends_with("it is damaged"), "{error}");
    }
    let error = after(|path| change(path, |bytes| bytes[14] += 1));
    assert!(error.ends_with("written by another version"), "{error}");
}

#[test]
fn a_tree_that_no_parser_can_have_made_is_told_of_and_parsed() {
    let error = after(|path| {
        let trees = [(
            pack::key("a: 1"),
            Tree {
                bytes: &[0, 100, 0],
                spare: false,
            },
        )];
        fs::write(path, pack::write(&trees.into()).expect("bytes")).expect("written");
    });
    assert!(error.ends_with("it is damaged"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_another_may_have_written_is_not_used() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let error = after(|path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o620)).expect("opened");
    });
    assert!(error.ends_with("it can be written by others"), "{error}");
    let error = after(|path| {
        let elsewhere = path.with_extension("elsewhere");
        fs::rename(path, &elsewhere).expect("moved");
        symlink(elsewhere, path).expect("a link");
    });
    assert!(error.contains("is not used: "), "{error}");
    let error = after(|path| {
        fs::remove_file(path).expect("gone");
        rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).expect("a pipe");
    });
    assert!(error.ends_with("it is of another kind"), "{error}");
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_their_owners_alone_and_one_that_is_open_to_others_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    place.load(&["a: 1"]);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&place.file()), 0o600);
    assert_eq!(mode(&place.caches()), 0o700);
    fs::set_permissions(place.caches(), fs::Permissions::from_mode(0o777)).expect("opened");
    let (hits, errors) = place.load(&["a: 1"]);
    assert_eq!((hits, errors.len()), (vec![false], 1));
    assert!(
        errors[0].ends_with("it can be written by others"),
        "{errors:?}"
    );
}

#[test]
fn where_no_folder_can_be_made_the_cache_does_without() {
    let place = Place::new();
    fs::write(place.0.path().join("caches"), "a file").expect("written");
    let (hits, errors) = place.load(&["a: 1"]);
    assert_eq!((hits, errors.len()), (vec![false], 1));
    assert!(errors[0].starts_with("the cache folder `"), "{errors:?}");
    // And where a folder stands in place of the file.
    let place = Place::new();
    place.load(&["a: 1"]);
    let path = place.file();
    fs::remove_file(&path).expect("gone");
    fs::create_dir_all(path.join("inside")).expect("a folder");
    let (hits, errors) = place.load(&["a: 1"]);
    assert_eq!(hits, [false]);
    assert!(
        errors
            .last()
            .is_some_and(|error| error.contains("cannot be written")),
        "{errors:?}"
    );
    assert_eq!(place.files(), 1, "what could not be put in place is gone");
}

#[test]
fn many_who_write_at_once_leave_one_whole_file() {
    let place = Place::new();
    let texts: Vec<String> = (0..8).map(|number| format!("writer: {number}")).collect();
    std::thread::scope(|scope| {
        for text in &texts {
            scope.spawn(|| {
                for _ in 0..8 {
                    let (_, errors) = place.load(&["shared: 1", text]);
                    assert_eq!(errors, NOTHING);
                }
            });
        }
    });
    assert_eq!(place.load(&["shared: 1"]), (vec![true], NOTHING.into()));
    assert_eq!(place.files(), 1);
}

#[test]
fn of_many_suites_the_last_stay_and_what_is_not_ours_is_left_alone() {
    let place = Place::new();
    place.load(&["a: 1"]);
    fs::write(place.caches().join("notes.txt"), "mine").expect("written");
    fs::write(place.caches().join("suite-x.new"), "half").expect("written");
    for number in 0..70 {
        let path = folder::file(&place.caches(), &number.to_string());
        folder::write(&path, b"x").expect("written");
    }
    assert_eq!(place.files(), 65);
    assert!(place.caches().join("notes.txt").is_file());
    assert!(folder::file(&place.caches(), "69").is_file());
}
