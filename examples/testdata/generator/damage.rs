//! What happens to files on their way: cut, mangled, shifted, padded. Works on bytes alone.

/// Keeps the first `percent` of the file.
pub fn truncated(file: &[u8], percent: usize) -> Vec<u8> {
    file[..file.len() * percent / 100].to_vec()
}

/// Drops the last `count` bytes.
pub fn without_tail(file: &[u8], count: usize) -> Vec<u8> {
    file[..file.len() - count].to_vec()
}

/// Turns each line feed into carriage return and line feed, as a transfer in text mode does.
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

/// Puts bytes before position `at`.
pub fn inserted(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    [&file[..at], bytes, &file[at..]].concat()
}

/// Appends bytes.
pub fn padded(file: &[u8], bytes: &[u8]) -> Vec<u8> {
    [file, bytes].concat()
}

/// Takes all occurrences of `unwanted` out.
pub fn without(file: &[u8], unwanted: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = file;
    while let Some(at) = find(rest, unwanted) {
        kept.extend_from_slice(&rest[..at]);
        rest = &rest[at + unwanted.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// Where `wanted` starts first.
pub fn find(file: &[u8], wanted: &[u8]) -> Option<usize> {
    file.windows(wanted.len())
        .position(|window| window == wanted)
}
