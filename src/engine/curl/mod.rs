//! A request as a command line for `sh` that sends the same, with a variable in place of every secret.
//!
//! Takes: a request, what masks it, and where its values come from. Gives: a comment line a variable,
//! then the command. Never: shows a secret, or sends something else: a variable that is not set makes
//! the shell stop, and a body that cannot be shown is asked for as a file.

mod hidden;
mod origin;
mod reach;
mod shell;
mod tests;
mod variables;

pub(super) use origin::Origins;
pub(super) use shell::with_variables;

use std::fmt::Write as _;

use self::{
    hidden::{Piece, body_pieces, pieces},
    shell::{argument, is_plain, name, printed, quote},
};
use crate::{exchange::Request, secret::Redactor, target::Reach};

/// The longest body that a command line holds, in characters.
const LONGEST: usize = 4_000;

/// The variable for the name of a file with a body that cannot be shown.
const BODY_FILE: &str = "BODY_FILE";

/// The command line, with its comments in front.
pub(super) fn curl(
    request: &Request,
    redactor: &Redactor,
    origins: &Origins<'_>,
    reach: &Reach,
) -> String {
    let mut writer = Writer {
        redactor,
        origins,
        variables: Vec::new(),
        comments: Vec::new(),
    };
    if request.exact {
        let comment = "this request is not valid HTTP; curl may refuse it or send it otherwise";
        writer.comments.push(comment.to_owned());
    }
    let body = request.body.as_deref().map(|body| writer.body(body));
    let mut words = vec![String::from("curl -i")];
    words.extend(options(request));
    let reach = reach::options(reach, &request.url);
    for (name, what) in variables::VARIABLES {
        if reach.iter().any(|option| option.contains(name)) {
            writer.comments.push(format!("{name}: {what}"));
        }
    }
    words.extend(reach);
    words.extend(writer.headers(request));
    let (front, data) = body.unwrap_or_default();
    words.extend(data);
    words.push(writer.url(&request.url));
    writer.finish(&front, &words.join(" "))
}

/// What keeps curl from adding, changing or reading something of its own accord.
fn options(request: &Request) -> Vec<String> {
    let mut out = vec![match request.method.as_str() {
        // Otherwise it waits for a body that never comes.
        "HEAD" => "-I".to_owned(),
        method if method.bytes().all(|byte| byte.is_ascii_alphanumeric()) => format!("-X {method}"),
        method => format!("-X {}", quote(method)),
    }];
    let mut when = |holds: bool, option: &str| {
        if holds {
            out.push(option.to_owned());
        }
    };
    let lacks = |name: &str| request.header(name).is_none();
    when(request.url.starts_with("https:"), "--http1.1");
    when(request.url.contains(['[', ']', '{', '}']), "--globoff");
    when(request.target().contains("/."), "--path-as-is");
    when(lacks("user-agent"), "-A ''");
    when(lacks("accept"), "-H 'Accept:'");
    let has_body = request.body.is_some();
    when(has_body && lacks("content-type"), "-H 'Content-Type:'");
    // Without a value it takes away the one that curl would send.
    when(request.hostless, "-H 'Host:'");
    out
}

/// A variable of the command line.
struct Variable {
    name: String,
    /// The text in whose place it stands.
    value: String,
}

/// Writes the parts of a command line and remembers the variables in them.
struct Writer<'w> {
    redactor: &'w Redactor,
    origins: &'w Origins<'w>,
    variables: Vec<Variable>,
    comments: Vec<String>,
}

impl Writer<'_> {
    fn headers(&mut self, request: &Request) -> Vec<String> {
        let each = request.headers.iter();
        each.map(|(name, value)| self.header(name, value)).collect()
    }

    fn header(&mut self, name: &str, value: &str) -> String {
        // A value of blanks is an empty one, and curl drops a header without a value unless it ends in
        // a semicolon.
        if value.trim().is_empty() {
            return format!("-H {}", quote(&format!("{name};")));
        }
        let masked = self.redactor.header(name, value);
        let mut all = vec![Piece::Plain(name), Piece::Plain(": ")];
        all.extend(pieces(value, &masked));
        format!("-H {}", self.argument(&all, Some(name)))
    }

    fn url(&mut self, url: &str) -> String {
        let masked = self.redactor.url(url);
        self.argument(&pieces(url, &masked), None)
    }

    /// What has to come before the command, and its option.
    fn body(&mut self, body: &[u8]) -> (String, Option<String>) {
        let text = std::str::from_utf8(body).ok();
        let long = body.len() > 4 * LONGEST || text.is_some_and(|t| t.chars().count() > LONGEST);
        let known = match text {
            _ if long => None,
            Some(text) => body_pieces(text, self.redactor),
            None => {
                let lossy = String::from_utf8_lossy(body);
                let safe = self.redactor.body(&lossy) == lossy;
                return if safe {
                    piped(&printed([body]), "")
                } else {
                    self.file(body, "it is no text, and holds a secret")
                };
            }
        };
        let Some(pieces) = known else {
            let why = if long {
                "it is too long to be shown"
            } else {
                "it cannot be shown as it is"
            };
            return self.file(body, why);
        };
        let pieces = self.origins.with_expressions(&pieces);
        if pieces.iter().all(Piece::is_printable) {
            let body = self.argument(&pieces, None);
            return (String::new(), Some(format!("--data-raw {body}")));
        }
        let names = self.names(&pieces, None);
        let plain = pieces.iter().map(|piece| match piece {
            Piece::Plain(text) => Some(text.as_bytes()),
            Piece::Hidden(_) => None,
        });
        let names: Vec<String> = names.into_iter().flatten().collect();
        piped(&shell::format(plain), &shell::arguments(&names))
    }

    fn file(&mut self, body: &[u8], why: &str) -> (String, Option<String>) {
        let length = body.len();
        let comment = format!("{BODY_FILE}: a file with the body, {length} bytes; {why}");
        self.comments.push(comment);
        let option = format!("--data-binary @\"${{{BODY_FILE}:?}}\"");
        (String::new(), Some(option))
    }

    /// One argument of the command. `header` is the header whose value it is.
    fn argument(&mut self, pieces: &[Piece<'_>], header: Option<&str>) -> String {
        let pieces = self.origins.with_expressions(pieces);
        let names = self.names(&pieces, header);
        let parts = pieces.iter().zip(&names).map(|(piece, name)| match piece {
            Piece::Plain(text) => Ok(*text),
            Piece::Hidden(_) => Err(name.as_deref().unwrap_or_default()),
        });
        argument(parts)
    }

    /// The variables of the hidden pieces.
    fn names(&mut self, pieces: &[Piece<'_>], header: Option<&str>) -> Vec<Option<String>> {
        let mut before = "";
        let mut out = Vec::new();
        for piece in pieces {
            out.push(match piece {
                Piece::Plain(text) => {
                    before = text;
                    None
                }
                Piece::Hidden(value) => {
                    let place = header.unwrap_or_else(|| shell::label_before(before));
                    Some(self.variable(value, place, header.is_some()))
                }
            });
        }
        out
    }

    /// The variable that stands for a value at a place, in a header or elsewhere.
    fn variable(&mut self, value: &str, place: &str, in_header: bool) -> String {
        if let Some(known) = self.variables.iter().find(|known| known.value == value) {
            return known.name.clone();
        }
        let origin = self.origins.of(value);
        let label = match &origin.path {
            Some(path) if !in_header || origin.is_expression => path,
            _ => place,
        };
        let taken = |name: &str| self.variables.iter().any(|known| known.name == name);
        let name = name(label, taken);
        let sentence = self.redactor.redact(&origin.sentence);
        self.comments.push(format!("{name}: {sentence}"));
        self.variables.push(Variable {
            name: name.clone(),
            value: value.to_owned(),
        });
        name
    }

    fn finish(self, front: &str, command: &str) -> String {
        let mut out = String::new();
        for comment in &self.comments {
            let comment: String = comment
                .chars()
                .map(|c| if is_plain(c) { c } else { ' ' })
                .collect();
            // Writing to a text cannot fail.
            let _ = writeln!(out, "# {comment}");
        }
        out + front + command
    }
}

/// A body that `printf` writes for curl. An unset variable has to stop all of it, which it would not
/// inside a pipe.
fn piped(format: &str, arguments: &str) -> (String, Option<String>) {
    let (guard, arguments) = if arguments.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(": {arguments} && "), format!(" {arguments}"))
    };
    let front = format!("{guard}printf {format}{arguments} | ");
    (front, Some("--data-binary @-".to_owned()))
}
