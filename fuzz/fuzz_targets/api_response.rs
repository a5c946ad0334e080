#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bankscreen::fuzzing::api_response(data));
