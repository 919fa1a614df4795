//! Names of wildcards: Go identifiers.

/// Go's identifier: letters, digits (not first) and `_`, in UTF-8.
///
/// Letters and digits outside ASCII are told by block, not by Unicode's tables, which would cost
/// flash in every image: Latin-1 exactly, above it everything that is not punctuation, a symbol or
/// private use.
pub fn is_identifier(name: &[u8]) -> bool {
    let Ok(name) = core::str::from_utf8(name) else { return false };
    !name.is_empty() && name.chars().enumerate().all(|(i, c)| is_letter(c) || (i > 0 && is_digit(c)))
}

fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphabetic() || c == '_',
        '\u{80}'..='\u{ff}' => matches!(c, 'ª' | 'µ' | 'º' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ÿ'),
        // Combining marks; digits of Arabic, Indic scripts and full width; punctuation to dingbats
        // and arrows; CJK punctuation; private use; presentation and specials; symbols and beyond.
        '\u{300}'..='\u{36f}'
        | '\u{2000}'..='\u{2070}'
        | '\u{2072}'..='\u{207e}'
        | '\u{2080}'..='\u{208f}' => false,
        '\u{20a0}'..='\u{2101}' | '\u{2190}'..='\u{2bff}' => false,
        '\u{3000}'..='\u{3004}' | '\u{3007}'..='\u{3030}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe6f}' => false,
        '\u{ff00}'..='\u{ff20}' | '\u{fff0}'..='\u{ffff}' => false,
        '\u{1f000}'..='\u{1fbff}' | '\u{e0000}'.. => false,
        _ => !is_digit(c),
    }
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{966}'..='\u{96f}'
        | '\u{9e6}'..='\u{9ef}' | '\u{e50}'..='\u{e59}' | '\u{ff10}'..='\u{ff19}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for good in ["x", "_", "x1", "é", "日本", "имя", "a٣", "ß_2", "ﬀ"] {
            assert!(is_identifier(good.as_bytes()), "{good}");
        }
        for bad in
            ["", "1", "a b", "a-b", "a.b", "a·b", "×", "٣a", "a→", "😀", "\u{fffd}", "，", "a\u{301}", "%61"]
        {
            assert!(!is_identifier(bad.as_bytes()), "{bad}");
        }
        assert!(!is_identifier(b"\xe9") && !is_identifier(b"a\xff"));
    }
}
