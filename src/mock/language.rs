//! The language of messages, and which values of `X-L` choose it.

/// What `X-L` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

/// Which values of `X-L` are known. The documents show `zh` and `en` and name no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Languages {
    /// Whatever begins with `zh` is Chinese, all else English.
    Variants,
    /// Exactly `zh` is Chinese, all else English.
    ElseEnglish,
    /// Exactly `en` is English, all else Chinese.
    ElseChinese,
}

impl Languages {
    pub(super) fn choose(self, asked: Option<&str>) -> Language {
        let asked = asked.unwrap_or_default();
        let chinese = match self {
            Self::Variants => asked.to_ascii_lowercase().starts_with("zh"),
            Self::ElseEnglish => asked == "zh",
            Self::ElseChinese => asked != "en",
        };
        if chinese {
            Language::Chinese
        } else {
            Language::English
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_languages_that_are_shown_are_always_understood() {
        for languages in [
            Languages::Variants,
            Languages::ElseEnglish,
            Languages::ElseChinese,
        ] {
            assert_eq!(languages.choose(Some("zh")), Language::Chinese);
            assert_eq!(languages.choose(Some("en")), Language::English);
        }
        assert_eq!(Languages::ElseChinese.choose(None), Language::Chinese);
        assert_eq!(Languages::Variants.choose(Some("zh-CN")), Language::Chinese);
    }
}
