#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bankscreen::fuzzing::archive(data));
