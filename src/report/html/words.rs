//! The page's own words in each language, and the one place where they are. What a run says (ids,
//! sentences of the documents, findings) is data and stays as it is.

/// A language of the page's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Every language by the word with which it is asked for.
    pub const ALL: [(&'static str, Self); 2] = [("en", Self::English), ("zh", Self::Chinese)];

    /// The word of this key.
    pub(super) fn word(self, key: &str) -> Option<&'static str> {
        let (_, english, chinese) = WORDS.iter().find(|(known, _, _)| *known == key)?;
        Some(match self {
            Self::English => english,
            Self::Chinese => chinese,
        })
    }

    /// A template with `[[key]]` replaced by the words; those that are not known stay.
    pub(super) fn fill(self, template: &str) -> String {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("[[") {
            out.push_str(before);
            let word = after
                .split_once("]]")
                .and_then(|(key, after)| Some((self.word(key)?, after)));
            let Some((word, after)) = word else {
                out.push_str("[[");
                rest = after;
                continue;
            };
            out.push_str(word);
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Key, English, Chinese. A word may hold an expression of the template that it stands in, so that each
/// language has its own order.
const WORDS: &[(&str, &str, &str)] = &[
    ("lang", "en", "zh-CN"),
    (
        "conclusion",
        "{{ word|word }}{% if partial %}, in a part of the suite{% endif %}",
        "{{ word|word }}{% if partial %}（仅执行了部分用例）{% endif %}",
    ),
    (
        "shown-of",
        "{shown} of {all} rows",
        "显示 {shown} / {all} 条用例",
    ),
    ("comma", ", ", "，"),
    ("stop", ".", "。"),
    (
        "of-requirements",
        "Of {{ requirements }} requirements ",
        "共 {{ requirements }} 条要求：",
    ),
    (
        "left-out-unlisted",
        " Rows were left out by a filter; what only they would prove is not listed here.",
        "部分用例被筛选条件排除，仅由它们证明的要求不在此列出。",
    ),
    (
        "days-left",
        "{{ one.days_left }} days left at the run",
        "运行时还剩 {{ one.days_left }} 天",
    ),
    ("to-content", "To the content", "跳到正文"),
    ("page-kind", "Contract conformance", "契约一致性测试报告"),
    ("contents", "Contents", "目录"),
    ("not-proven", "What is not proven", "未证明的要求"),
    ("strength-short", "Strength", "检测能力"),
    ("causes", "Causes of red", "失败原因"),
    ("waivers", "Waivers", "豁免"),
    ("matrices-short", "Matrices", "覆盖矩阵"),
    ("coverage-short", "Coverage", "要求覆盖"),
    ("all-rows", "All rows", "全部用例"),
    ("legend", "Words", "术语"),
    ("show-rows", "Show rows", "筛选用例"),
    (
        "search-hint",
        "is:fail words !not",
        "is:fail 关键词 !排除词",
    ),
    ("rows-by-verdict", "Rows by verdict", "各判定的用例数"),
    (
        "open-requirements",
        "Requirements that are violated or unproven",
        "被违反或未证明的要求",
    ),
    (
        "violated-first",
        "Violated, then unproven",
        "先列被违反的，再列未证明的",
    ),
    ("requirement", "Requirement", "要求"),
    ("state", "State", "状态"),
    ("promise", "What the documents promise", "文档承诺"),
    ("why", "Why", "原因"),
    (
        "nothing-open",
        "Nothing: every requirement that these rows judge is satisfied.",
        "无：这些用例判定的要求全部满足。",
    ),
    (
        "no-requirement-seen",
        "No requirement was looked at.",
        "没有检查任何要求。",
    ),
    (
        "left-behind",
        "Left behind on the target",
        "遗留在被测目标上的数据",
    ),
    ("waived-rows", "Waived rows", "已豁免的用例"),
    (
        "answered-for",
        "Departures that somebody answers for",
        "有责任人认可的偏差",
    ),
    ("row", "Row", "用例"),
    ("what-departs", "What departs", "偏差"),
    ("owner", "Owner", "责任人"),
    ("reason", "Reason", "理由"),
    ("until", "Until", "截止日期"),
    ("strength", "Strength of the suite", "套件的检测能力"),
    (
        "proof-unreadable",
        "The file <code>proof.json</code> that is here was left out of account: {{ unreadable }}.",
        "此处的 <code>proof.json</code> 未予采用：{{ unreadable }}。",
    ),
    (
        "proof-other",
        "The proof that is here, <code>proof.json</code>, is of another suite.",
        "此处的 <code>proof.json</code> 证明的是另一套用例。",
    ),
    (
        "proof-score",
        "<b class=\"{{ proof.tone }}\">{{ proof.caught }} of {{ proof.counted }}</b> servers that break one promise each were caught by a row about that promise ({{ proof.percent }} %).",
        "<b class=\"{{ proof.tone }}\">{{ proof.caught }} / {{ proof.counted }}</b> 个各违反一条承诺的服务器，被针对该承诺的用例发现（{{ proof.percent }} %）。",
    ),
    ("conclusion-name", "Conclusion", "结论"),
    ("proved-on", "Proved on", "证明所用目标"),
    ("Started", "Started", "开始时间"),
    ("mutants-run", "Mutants run", "已运行的变异体"),
    (
        "mutants-of",
        "{{ proof.mutants }} of {{ proof.enumerated }}",
        "{{ proof.mutants }} / {{ proof.enumerated }}",
    ),
    (
        "mutants-left-out",
        "Left out: open or equivalent",
        "不计入：文档未规定或等价",
    ),
    (
        "accepted",
        "Not caught, accepted with a reason",
        "未发现，已说明理由并接受",
    ),
    ("missed", "Not caught, without a reason", "未发现，且无理由"),
    (
        "more-mutants",
        "and {{ list.more }} more, in <code>proof.json</code>",
        "另有 {{ list.more }} 个，见 <code>proof.json</code>",
    ),
    ("colon", ": ", "："),
    ("FAIL", "FAIL", "失败"),
    ("ERROR", "ERROR", "错误"),
    ("because", "because ", "因为："),
    ("nothing", "nothing", "无"),
    ("or", " or ", " 或 "),
    ("something-else", "something else", "其他值"),
    (
        "seen-rows",
        "{{ seen.all }} {% if seen.all == 1 %}row{% else %}rows{% endif %}: ",
        "{{ seen.all }} 条用例：",
    ),
    (
        "blocked-rows",
        "{{ blocked.all }} {% if blocked.all == 1 %}row{% else %}rows{% endif %}: ",
        "{{ blocked.all }} 条用例：",
    ),
    ("expected", "expected", "期望"),
    ("was", "was", "实际"),
    ("elsewhere", "elsewhere", "其他处"),
    ("violates", "violates", "违反"),
    (
        "no-requirement",
        "no requirement speaks of it",
        "没有要求涉及此项",
    ),
    ("also", "also", "同时"),
    ("seen-in", "seen in", "出现于"),
    ("blocks", "blocks", "阻塞"),
    ("sent-by", "sent by", "发送者"),
    ("written", "written", "写在"),
    ("again", "again", "复现"),
    ("evidence", "Evidence", "证据"),
    (
        "in-millis",
        " in {{ exchange.millis }} ms",
        "，{{ exchange.millis }} 毫秒",
    ),
    ("no-answer", "No answer: ", "没有响应："),
    ("no-reason", "no reason is known", "原因未知"),
    (
        "token-at",
        "Token, {{ token.place }}",
        "令牌，{{ token.place }}",
    ),
    (
        "lines-left-out",
        "… {{ line.left_out }} {% if line.left_out == 1 %}line{% else %}lines{% endif %} left out; the record has the whole body",
        "…… 省略 {{ line.left_out }} 行；完整内容见运行记录",
    ),
    ("sent", "Sent", "请求"),
    ("request", "Request", "请求内容"),
    ("answered", "Answered", "响应"),
    ("answer", "Answer", "响应内容"),
    ("decoded-token", "Decoded token", "解码后的令牌"),
    ("send-again", "Send it again", "再次发送"),
    ("curl-line", "curl line", "curl 命令"),
    (
        "rows-of-file",
        "{{ count }} {% if count == 1 %}row{% else %}rows{% endif %}{% if red %}, {{ red }} red{% endif %}",
        "{{ count }} 条用例{% if red %}，{{ red }} 条未通过{% endif %}",
    ),
    (
        "means-pass",
        "Every check held, and the documented request of the file, unchanged, was accepted in the same run.",
        "所有检查均成立，且同一次运行中，该文件原样的文档请求被接受。",
    ),
    (
        "means-fail",
        "The target broke a documented promise.",
        "被测目标违反了文档中的承诺。",
    ),
    (
        "means-error",
        "Not judged: the documented request was not accepted, a preparation failed, or no answer came.",
        "未能判定：文档请求未被接受、准备步骤失败，或没有收到响应。",
    ),
    (
        "means-waived",
        "Failed, and somebody has accepted it until a named day; or a requirement that only such rows violate.",
        "失败，但已有人在指定日期之前认可；或仅被此类用例违反的要求。",
    ),
    (
        "means-observed",
        "The documents are silent, and the answer was recorded.",
        "文档没有规定，只记录了响应。",
    ),
    (
        "means-skipped",
        "The target lacks something the row needs, or the run was not allowed to send it.",
        "被测目标缺少用例所需的条件，或本次运行不允许发送。",
    ),
    (
        "means-warning",
        "The documents neither promise nor forbid what was found.",
        "文档既未承诺也未禁止所发现的情况。",
    ),
    (
        "means-satisfied",
        "What the requirement is about was judged and held in every row that covers it.",
        "该要求涉及的内容已被判定，且在覆盖它的每条用例中都成立。",
    ),
    (
        "means-violated",
        "A row that covers it has a finding on what it is about.",
        "覆盖它的某条用例在该要求涉及的内容上有发现。",
    ),
    (
        "means-unproven",
        "Neither: a row that covers it did not run or could not be judged.",
        "两者都不是：覆盖它的某条用例没有运行或未能判定。",
    ),
    (
        "masked",
        "Secrets are masked. The exchanges of rows that passed are in <code>run.jsonl</code> beside this page.",
        "机密信息已遮蔽。通过的用例的请求与响应见同目录下的 <code>run.jsonl</code>。",
    ),
    (
        "masked-all",
        "Secrets are masked. The exchanges of all rows are also in <code>run.jsonl</code> beside this page.",
        "机密信息已遮蔽。全部用例的请求与响应也在同目录下的 <code>run.jsonl</code> 中。",
    ),
    ("accepted-by", "Accepted by", "验收人"),
    ("signature", "Date and signature", "日期与签名"),
    (
        "more",
        " and {{ links.more }} more",
        "，另有 {{ links.more }} 条",
    ),
    (
        "requirements-of",
        "Requirements of {{ name }}",
        "{{ name }} 的要求",
    ),
    ("rows-head", "Rows", "用例"),
    ("millis", "{{ millis }} ms", "{{ millis }} 毫秒"),
    (
        "took-written",
        " Took {{ millis }} ms. Written in <code>{{ written }}</code>.",
        "耗时 {{ millis }} 毫秒。写在 <code>{{ written }}</code>。",
    ),
    ("tags", " Tags: {{ tags }}.", "标签：{{ tags }}。"),
    ("covers", " Covers ", "覆盖 "),
    ("again-by", " Again: ", "复现："),
    (
        "last-of-attempts",
        ", the last of {{ step.attempts }} attempts",
        "，共 {{ step.attempts }} 次尝试中的最后一次",
    ),
    ("nothing-sent", "Nothing was sent.", "没有发送任何请求。"),
    (
        "matrices-partial",
        "Rows were left out by a filter. Only the operations of selected rows are shown, and a cell that is left out is no hole: what fills it did not run.",
        "部分用例被筛选条件排除。此处只列出所选用例涉及的接口；标为“未选中”的单元格不是漏洞，只是对应的用例没有运行。",
    ),
    (
        "matrices-read",
        "A cell goes by the verdicts of the rows that fill it. The number says how many they are, and before a slash how many of them failed or could not be judged.",
        "单元格的状态取决于覆盖它的用例的判定。数字是这些用例的条数，斜线前是其中失败或未能判定的条数。",
    ),
    ("semicolon", "; ", "；"),
    (
        "dealt-with",
        "{{ share.done }} of {{ share.all }} dealt with",
        "已处理 {{ share.done }} / {{ share.all }}",
    ),
    (
        "rows-of-cell",
        " {% if cell.count == 1 %}row{% else %}rows{% endif %}",
        " 条用例",
    ),
    ("grid-errors", "error codes by operation", "各接口的错误码"),
    (
        "grid-headers",
        "request headers, by how they stand in the request",
        "请求头在请求中的各种形态",
    ),
    (
        "grid-members",
        "members of the request body, by how they stand in it; / is the whole body",
        "请求体成员在请求中的各种形态；/ 表示整个请求体",
    ),
    (
        "grid-answers",
        "statuses and members of the answers",
        "响应的状态码与成员",
    ),
    ("error-code", "Error code", "错误码"),
    ("header", "Header", "请求头"),
    ("member", "Member", "成员"),
    ("answer-head", "Answer", "响应"),
    ("errors", "error codes", "错误码"),
    ("headers", "headers", "请求头"),
    ("members", "members", "成员"),
    ("answers", "answers", "响应"),
    ("valid", "valid", "正常"),
    ("omitted", "omitted", "缺失"),
    ("blank", "blank", "空值"),
    ("duplicate", "duplicate", "重复"),
    ("other-case", "other-case", "大小写不同"),
    ("malformed", "malformed", "格式错误"),
    ("satisfied", "satisfied", "已满足"),
    ("violated", "violated", "被违反"),
    ("unproven", "unproven", "未证明"),
    ("cased", "cased", "有用例"),
    ("observed", "observed", "仅观察"),
    ("not testable", "not testable", "不可测"),
    ("empty", "empty", "无用例"),
    ("left out", "left out", "未选中"),
    ("pass", "pass", "通过"),
    ("fail", "fail", "失败"),
    ("error", "error", "未判定"),
    ("waived", "waived", "已豁免"),
    ("skipped", "skipped", "跳过"),
    ("warning", "warning", "警告"),
    ("held", "held", "成立"),
    ("broken", "broken", "不成立"),
    ("rows", "rows", "用例"),
    ("passed", "passed", "通过"),
    ("failed", "failed", "失败"),
    ("not judged", "not judged", "未判定"),
    ("with warnings", "with warnings", "有警告"),
    ("only observed", "only observed", "仅观察"),
    ("conformant", "conformant", "符合契约"),
    (
        "conformant with waivers",
        "conformant with waivers",
        "符合契约（有豁免）",
    ),
    (
        "waivers need attention",
        "waivers need attention",
        "豁免需要处理",
    ),
    (
        "conformant, but something is left behind",
        "conformant, but something is left behind",
        "符合契约，但有遗留数据",
    ),
    ("not conformant", "not conformant", "不符合契约"),
    ("inconclusive", "inconclusive", "无法得出结论"),
    ("not started", "not started", "未启动"),
    ("invalid", "invalid", "运行无效"),
    ("unfinished", "unfinished", "未完成"),
    ("proved", "proved", "已证明"),
    ("holes", "holes in the suite", "套件有漏洞"),
    ("partial", "partial", "部分"),
    ("void", "void", "无效"),
    ("Target", "Target", "被测目标"),
    ("Took", "Took", "耗时"),
    ("Rows", "Rows", "用例"),
    ("Exit code", "Exit code", "退出码"),
    ("Version", "Version", "版本"),
    ("Address", "Address", "地址"),
    ("Profile", "Profile", "执行级别"),
    ("Contract", "Contract", "契约摘要"),
    ("Cases", "Cases", "用例摘要"),
    ("Run", "Run", "运行编号"),
    ("Made by", "Made by", "生成工具"),
    ("Strict", "Strict", "严格模式"),
    ("Shard", "Shard", "分片"),
    ("Merged of", "Merged of", "合并自"),
    ("Used up", "Used up", "资源消耗"),
    (
        "of-suite",
        "{planned} of {all} of the suite",
        "套件共 {all} 条，本次 {planned} 条",
    ),
    ("warning-fails", "a warning fails its row", "有警告即判失败"),
    (
        "all-passed",
        "Every row that was judged passed.",
        "所有已判定的用例均通过。",
    ),
    (
        "coverage-title",
        "Coverage of the documents",
        "文档覆盖情况",
    ),
    (
        "matrices-title",
        "Matrices of the documents",
        "文档覆盖矩阵",
    ),
    ("no-row-run", "No row was run.", "没有运行任何用例。"),
    ("none", "None.", "无。"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use regex::Regex;

    use super::*;
    use crate::result::{Conclusion, State};

    #[test]
    fn every_key_is_there_once_and_has_a_word_in_each_language() {
        let keys: BTreeSet<&str> = WORDS.iter().map(|(key, _, _)| *key).collect();
        assert_eq!(keys.len(), WORDS.len(), "a key stands twice");
        for (key, english, chinese) in WORDS {
            assert!(!english.trim().is_empty() && !chinese.is_empty(), "{key}");
        }
    }

    #[test]
    fn both_languages_tell_the_same_values() {
        let values = Regex::new(r"\{\{ .*? \}\}|\{\w+\}").expect("a pattern");
        let values_of = |word: &'static str| -> BTreeSet<&str> {
            values.find_iter(word).map(|found| found.as_str()).collect()
        };
        for (key, english, chinese) in WORDS {
            assert_eq!(values_of(english), values_of(chinese), "{key}");
        }
    }

    #[test]
    fn every_state_and_every_conclusion_has_its_word() {
        let states = State::ALL.map(State::label);
        let conclusions = [
            Conclusion::Conformant,
            Conclusion::WithWaivers,
            Conclusion::WaiversNeedAttention,
            Conclusion::LeftBehind,
            Conclusion::NotConformant,
            Conclusion::Inconclusive,
            Conclusion::NotStarted,
            Conclusion::Invalid,
            Conclusion::Unfinished,
        ]
        .map(Conclusion::label);
        for key in states.iter().chain(&conclusions) {
            assert_eq!(Language::English.word(key), Some(*key));
            let chinese = Language::Chinese.word(key).expect("a word");
            assert!(!chinese.is_ascii(), "{key}: {chinese}");
        }
    }

    #[test]
    fn a_key_that_is_not_known_stays_where_it_stands() {
        let text = "a [[no-such-key]] [[colon]][[";
        assert_eq!(Language::English.fill(text), "a [[no-such-key]] : [[");
    }
}
