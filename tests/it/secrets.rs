//! No secret leaves: planted values are looked for in everything that a run or a preview says.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use probity::{
    mock::{Dialect, MockOptions, MockServer},
    report::{self, formats},
    result::Verdict,
    suite,
};
use serde_json::{Value, json};

use crate::{
    cli::program,
    loopback::{self, DEAD, http},
    support,
};

const PLANTED: &str = "pl4nted / s3cret+\"value\"";
const FIRST_PASSWORD: &str = "0ld-Passw0rd7";

/// The spellings in which a value could leave.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    vec![
        secret.to_owned(),
        json!(secret).to_string().trim_matches('"').to_owned(),
        percent.replace('+', "%20"),
        percent,
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

fn assert_hidden(text: &str, secrets: &[String]) {
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        if let Some(at) = text.find(&form) {
            let around: String = text[..at].chars().rev().take(80).collect();
            let around: String = around.chars().rev().collect();
            panic!("{form} is shown after: {around}");
        }
    }
}

#[tokio::test]
async fn no_output_of_a_failing_run_shows_a_secret() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&seen);
    let mut options = MockOptions::new(Dialect::Ciam);
    options.rewrite = Some(Arc::new(move |operation, answer| {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut seen = into.lock().unwrap_or_else(PoisonError::into_inner);
        for name in ["state_token", "id_token", "session_token", "captcha_token"] {
            seen.extend(body[name].as_str().map(str::to_owned));
        }
        // Every refusal is spoilt and the control kept, so that many rows fail at length.
        if operation == "changePasswordByMobile" && answer.status == 400 {
            answer.status = 418;
        }
    }));
    let server = MockServer::start(options).await.expect("a mock");
    let mut suite = support::shipped();
    let cases = support::rows(&suite, "ciam/change-by-mobile/body/");
    let mut target = support::target_at(&mut suite, &[support::CIAM], server.base_url());
    for settings in target.editions.values_mut() {
        settings.secrets.push(PLANTED.into());
        settings.variables.insert("planted".into(), json!(PLANTED));
    }
    let mut cases = cases;
    for case in cases.iter_mut().map(Arc::make_mut) {
        case.request
            .headers
            .push(("X-planted".into(), json!("${target.planted | base64}")));
        case.request
            .query
            .push(("planted".into(), json!("${target.planted}")));
    }
    let engine = support::engine(suite.contracts, &cases, target);
    let results = support::run_on(engine, &cases, 4).await;
    assert!(
        results
            .iter()
            .any(|row| matches!(row.verdict, Verdict::Fail(_)))
    );
    let mut secrets = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(secrets.len() > 3, "tokens were issued: {}", secrets.len());
    secrets.extend([PLANTED.to_owned(), FIRST_PASSWORD.to_owned()]);
    let mut said: Vec<String> = results.iter().map(report::explain::failure).collect();
    let run = support::report(results);
    said.extend(formats().map(|format| format.render(&run)));
    for long in [false, true] {
        let options = report::console::Options {
            long,
            ..Default::default()
        };
        said.push(report::console::summary(&run, &options));
    }
    said.push(format!("{run:?}"));
    let all = said.join("\n");
    assert!(
        all.contains("[secret:"),
        "masks stand in place of the values"
    );
    assert_hidden(&all, &secrets);
}

#[test]
fn a_preview_shows_no_secret_of_the_target_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let held = folder.path().join("held");
    std::fs::write(&held, format!("{PLANTED}\n")).expect("written");
    let file = folder.path().join("target.yaml");
    let mut out = std::fs::File::create(&file).expect("made");
    write!(
        out,
        "name: private\neditions:\n  ciam:\n    base_url: http://tenant.invalid\n    secrets:\n      client_id: {{ file: {:?} }}\n",
        held.display().to_string()
    )
    .expect("written");
    let mut suite = suite::load(support::root(), Some(&file));
    let target = suite.target.take().expect("a target");
    assert_eq!(target.editions[&support::CIAM].secrets, [PLANTED.into()]);
    let cases = support::rows(&suite, "ciam/skip-update/headers/");
    let engine = support::engine(suite.contracts, &suite.plan.cases, target);
    for case in &cases {
        let shown = engine.preview(case).expect("a preview");
        assert_hidden(&shown, &[PLANTED.to_owned()]);
    }
    let control = engine.preview(&cases[0]).expect("a preview");
    let variable = "'X-client-id: '\"${X_CLIENT_ID:?}\"";
    assert!(control.contains(variable), "{control}");
    let origin = "# X_CLIENT_ID: from the target file: client_id\n";
    assert!(control.contains(origin), "{control}");
}

/// Letters that some encoding treats in its own way.
const ODD: [&str; 8] = ["", "/", "+", "\"", "&<>", " ", "%41", "é密"];

/// Values that the target file takes from its environment and from files.
fn declared() -> Vec<String> {
    (0..56)
        .map(|index| {
            let odd = ODD[index % ODD.len()];
            let long = "x7".repeat(index % 5);
            format!("c4nary{index:02}{odd}Zq{long}{odd}{index:02}end")
        })
        .collect()
}

/// Values that only the server knows before the run: opaque ones, and the parts of a token.
fn issued() -> Vec<String> {
    let token =
        |part: &str| URL_SAFE_NO_PAD.encode(format!("{{\"{part}\":\"of-the-token-4711\"}}"));
    [
        "1ssued-state-77",
        "1ssued-session-88",
        "1ssued-cookie-99",
        "1ssued-nested-66",
        "1ssued-captured-55",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([token("payload"), "c2lnbmF0dXJlLW9mLWl0LTQ3MTE".to_owned()])
    .collect()
}

/// The ways in which the server gives a value back, by name; none of them from the code under test.
fn encodings(secret: &str) -> Vec<String> {
    let mut out = forms(secret);
    let bytes = |spell: fn(u8) -> String| secret.bytes().map(spell).collect::<String>();
    out.push(
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
    );
    let numbers = secret.chars().map(|c| format!("&#{};", u32::from(c)));
    out.push(numbers.collect::<Vec<_>>().concat());
    let units = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    out.push(units.collect::<Vec<_>>().concat());
    out.push(secret.replace('/', "\\/").replace('"', "\\\""));
    out.push(bytes(|byte| format!("%{byte:02x}")));
    out.push(bytes(|byte| format!("{byte:02x}")));
    out.push(bytes(|byte| format!("{byte:02X}")));
    out.push(secret.chars().rev().collect());
    out.push(secret.to_uppercase());
    out
}

/// The value inside longer base64 texts, at each of the three offsets.
fn inside_base64(secret: &str) -> Vec<String> {
    ["", "u", "us"]
        .iter()
        .flat_map(|before| {
            let text = format!("{before}{secret}...");
            [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)]
        })
        .collect()
}

/// What such a base64 text says of the value alone: its inner letters.
fn inner(encoded: &str) -> &str {
    &encoded[4..encoded.len() - 8]
}

/// An answer that says a value in every way there is, under innocent names.
fn planted(secret: &str) -> String {
    let mut members = serde_json::Map::new();
    for (index, text) in encodings(secret)
        .into_iter()
        .chain(inside_base64(secret))
        .enumerate()
    {
        members.insert(format!("m{index}"), json!(text));
    }
    members.insert(format!("name {secret}"), json!(1));
    members.insert(
        "cut".into(),
        json!(format!("{}…", &secret[..secret.len() - 3])),
    );
    Value::Object(members).to_string()
}

/// The bodies by path: canaries by their number, what is issued, and answers that are all wrong.
fn answer(request: &[u8], canaries: &[String]) -> Vec<u8> {
    let text = String::from_utf8_lossy(request);
    let path = text.split(' ').nth(1).unwrap_or_default();
    let issued = issued();
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", issued[5], issued[6]);
    if let Some(index) = path
        .strip_prefix("/plant/")
        .and_then(|rest| rest.get(..2)?.parse::<usize>().ok())
    {
        return http("200 OK", "application/json", &planted(&canaries[index])).into_bytes();
    }
    if path.starts_with("/issue") {
        let nested = json!({ "password": issued[3] }).to_string();
        let body = json!({
            "state_token": issued[0], "n": [{ "session_token": issued[1] }], "text": nested,
            "id_token": token, "plain": issued[4],
        });
        let head = format!("application/json\r\nSet-Cookie: sid={}; Path=/", issued[2]);
        return http("200 OK", &head, &body.to_string()).into_bytes();
    }
    // Not what anybody expects: an error page that repeats what it knows.
    let mut page = String::from("<p>");
    for secret in &issued {
        for text in encodings(secret) {
            let _ = write!(page, "{text} ");
        }
    }
    let repeated = canaries.iter().step_by(7);
    let status: Vec<String> = repeated
        .map(|secret| format!("{secret} {secret:?}"))
        .collect();
    let status = status.concat();
    let body = json!({ "status": status, "session_token": 1, "error_msg": page, "id_token": {} });
    http("200 OK", "application/json", &body.to_string()).into_bytes()
}

/// A target whose secrets come from the environment and from files, and that sends each of them in
/// a header, in the query, in the body, in Basic and through filters.
fn canary_target(folder: &Path, url: &str, canaries: &[String]) -> std::path::PathBuf {
    let mut text = format!(
        "name: canaries\nextends: mock.yaml\neditions:\n  ciam:\n    base_url: {url}\n    variables: {{ client_id: an-application }}\n    secrets:\n"
    );
    for (index, secret) in canaries.iter().enumerate() {
        if index % 2 == 0 {
            let _ = writeln!(text, "      c{index}: {{ env: PROBITY_CANARY_{index} }}");
        } else {
            let file = folder.join(format!("canary-{index}"));
            std::fs::write(&file, secret).expect("written");
            let _ = writeln!(text, "      c{index}: {{ file: {} }}", file.display());
        }
    }
    let shipped = support::root().join("tenants/mock.yaml");
    std::fs::copy(shipped, folder.join("mock.yaml")).expect("copied");
    text.push_str("    providers:\n      application:\n        scope: run\n        yields: { client_id: an-application, client_secret: none }\n      account-warn:\n        steps:\n");
    for index in 0..canaries.len() {
        let _ = writeln!(
            text,
            "          - name: plant-{index}\n            request: POST /plant/{index:02}\n            headers: {{ X-Planted: \"${{target.c{index} | base64}}\", Authorization: \"Basic ${{basic('user', target.c{index})}}\", X-Chain: \"${{target.c{index} | reverse | upper | base64}}\" }}\n            query: {{ q: \"${{target.c{index}}}\", access_token: \"${{target.c{index} | lower}}\" }}\n            body: {{ note: \"see ${{target.c{index}}}\", other: \"${{target.c{index} | reverse}}\" }}"
        );
    }
    text.push_str("          - name: issue\n            request: POST /issue\n            form: { password: \"${target.c0}\", note: \"${target.c0}\" }\n            capture: { state_token: /state_token, token: /plain }\n");
    let file = folder.join("canaries.yaml");
    std::fs::write(&file, text).expect("written");
    file
}

/// The program's outputs: what it printed, and the files it wrote.
fn said(arguments: &[&str], canaries: &[String], output: &Path) -> (i32, Vec<(String, String)>) {
    let mut command = program();
    command.args(arguments);
    for (index, secret) in canaries.iter().enumerate() {
        command.env(format!("PROBITY_CANARY_{index}"), secret);
    }
    let done = command.output().expect("the program starts");
    let mut out = vec![
        (
            "stdout".to_owned(),
            String::from_utf8_lossy(&done.stdout).into_owned(),
        ),
        (
            "stderr".to_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        ),
    ];
    for entry in std::fs::read_dir(output).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).expect("text");
            out.push((path.display().to_string(), text));
        }
    }
    (done.status.code().unwrap_or(-1), out)
}

/// No canary is in any of the texts, as it is or encoded, read as they are or as JSON or as XML.
fn assert_no_canary(outputs: &[(String, String)], canaries: &[String]) {
    let mut needles: Vec<String> = canaries
        .iter()
        .flat_map(|secret| encodings(secret))
        .collect();
    let base64 = canaries.iter().flat_map(|secret| inside_base64(secret));
    needles.extend(base64.map(|encoded| inner(&encoded).to_owned()));
    needles.extend(
        canaries
            .iter()
            .map(|secret| secret.chars().take(9).collect()),
    );
    needles.sort();
    needles.dedup();
    let sought = aho_corasick::AhoCorasick::new(&needles).expect("an automaton");
    for (name, text) in outputs {
        let json = text.replace("\\\"", "\"").replace("\\\\", "\\");
        let xml = ["&quot;", "&lt;", "&gt;", "&apos;", "&amp;"]
            .iter()
            .zip(["\"", "<", ">", "'", "&"]);
        let xml = xml.fold(text.clone(), |text, (entity, char)| {
            text.replace(entity, char)
        });
        for view in [text, &json, &xml] {
            if let Some(found) = sought.find(view.as_str()) {
                let around: String = view[..found.start()].chars().rev().take(200).collect();
                let around: String = around.chars().rev().collect();
                panic!(
                    "{name} shows {} after: {around}",
                    needles[found.pattern().as_usize()]
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_is_in_any_output_of_the_program_in_any_encoding() {
    let canaries = declared();
    let all: Vec<String> = canaries.iter().cloned().chain(issued()).collect();
    assert!(all.len() >= 60);
    let known = canaries.clone();
    let server = loopback::answering(move |request| answer(request, &known)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out");
    std::fs::create_dir(&output).expect("made");
    let control = "ciam/skip-update/headers/control";
    let live = canary_target(folder.path(), &server.url, &canaries);
    let live = live.to_str().expect("a path").to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let into = output.to_str().expect("a path");
        let (code, run) = said(
            &["run", "--target", &live, "--output-dir", into, control],
            &canaries,
            &output,
        );
        let text = run
            .iter()
            .map(|(_, text)| text.as_str())
            .collect::<String>();
        assert_eq!(code, 1, "the answers are wrong:\n{text}");
        let masks: std::collections::BTreeSet<&str> = text
            .match_indices("[secret:")
            .filter_map(|(at, _)| text.get(at..at + 15))
            .collect();
        assert!(masks.len() > 60, "masks stand in place: {}", masks.len());
        assert_no_canary(&run, &all);
        for arguments in [
            vec!["show", "--target", &live, control],
            vec!["list", "--long", "ciam/skip-update/headers"],
            vec!["lint", "--target", &live],
        ] {
            let (_, shown) = said(&arguments, &canaries, &output);
            assert_no_canary(&shown, &all);
        }
        // A transport that gives up has URLs and causes to tell.
        let password = &canaries[0];
        let text = std::fs::read_to_string(&live).expect("the target file");
        let dead = DEAD.replace("://", &format!("://somebody:{password}@"));
        let url = text
            .lines()
            .find(|line| line.contains("base_url"))
            .expect("a URL");
        std::fs::write(&live, text.replace(url, &format!("    base_url: {dead}")))
            .expect("written");
        let run = ["run", "--target", &live, "--output-dir", into, control];
        let (code, shown) = said(&run, &canaries, &output);
        assert_eq!(code, 3, "a password in an address is a mistake: {shown:#?}");
        assert_no_canary(&shown, &all);
        std::fs::write(&live, text.replace(url, &format!("    base_url: {DEAD}")))
            .expect("written");
        let (code, shown) = said(
            &[&run[..], &["--no-preflight"]].concat(),
            &canaries,
            &output,
        );
        assert_eq!(code, 2, "{shown:#?}");
        assert_no_canary(&shown, &all);
    });
    work.await.expect("no canary is seen");
}

/// The last look is not blind: what no row masks, because no row says it, is found in the reports.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_a_report_would_show_is_masked_there_and_makes_the_run_invalid() {
    let server = loopback::always(http("200 OK", "application/json", "{}")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out");
    std::fs::create_dir(&output).expect("made");
    let canaries = vec!["c4nary-in-the-name".to_owned()];
    let file = canary_target(folder.path(), &server.url, &canaries);
    let text = std::fs::read_to_string(&file).expect("the target file");
    let text = text.replace("name: canaries\n", "name: staging c4nary%2Din-the-name\n");
    std::fs::write(&file, text).expect("written");
    let work = tokio::task::spawn_blocking(move || {
        let (file, into) = (
            file.to_str().expect("a path"),
            output.to_str().expect("a path"),
        );
        let row = "ciam/skip-update/headers/control";
        let (code, run) = said(
            &["run", "--target", file, "--output-dir", into, row],
            &canaries,
            &output,
        );
        assert_eq!(code, 4, "{run:#?}");
        assert_no_canary(
            &run,
            &["c4nary%2Din-the-name".to_owned(), canaries[0].clone()],
        );
        let told = |name: &str| {
            &run.iter()
                .find(|(known, _)| known.ends_with(name))
                .expect("written")
                .1
        };
        for output in ["junit.xml", "report.html", "run.jsonl", "the summary"] {
            let sentence = format!("{output} held the secret [secret:");
            assert!(told("stderr").contains(&sentence), "{}", told("stderr"));
        }
        assert!(
            told("stdout").contains("invalid in 1 selected row"),
            "{}",
            told("stdout")
        );
        let record = report::record::read(told("run.jsonl")).expect("a record");
        assert_eq!(record.footer.leaks.len(), 4);
        assert_eq!(record.report().conclusion().exit_code(), 4);
    });
    work.await.expect("the leak is found");
}
