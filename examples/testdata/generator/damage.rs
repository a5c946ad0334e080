//! Damage in transit: truncated, altered, shifted and padded files. Operates on bytes only.

/// Returns the first `percent` % of the file.
pub fn truncated(file: &[u8], percent: usize) -> Vec<u8> {
    file[..file.len() * percent / 100].to_vec()
}

/// Removes the last `count` bytes.
pub fn without_tail(file: &[u8], count: usize) -> Vec<u8> {
    file[..file.len() - count].to_vec()
}

/// Replaces each line feed by CR LF, as a transfer in text mode does.
pub fn with_crlf(file: &[u8]) -> Vec<u8> {
    file.iter()
        .flat_map(|&byte| {
            if byte == b'\n' {
                vec![b'\r', b'\n']
            } else {
                vec![byte]
            }
        })
        .collect()
}

/// Inserts bytes at an offset.
pub fn inserted(file: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    [&file[..offset], bytes, &file[offset..]].concat()
}

/// Appends bytes.
pub fn padded(file: &[u8], bytes: &[u8]) -> Vec<u8> {
    [file, bytes].concat()
}

/// Removes all occurrences of `unwanted`.
pub fn without(file: &[u8], unwanted: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = file;
    while let Some(offset) = find(rest, unwanted) {
        kept.extend_from_slice(&rest[..offset]);
        rest = &rest[offset + unwanted.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// Returns the offset of the first occurrence of `pattern`.
pub fn find(file: &[u8], pattern: &[u8]) -> Option<usize> {
    file.windows(pattern.len())
        .position(|window| window == pattern)
}
