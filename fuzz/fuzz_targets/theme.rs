//! Values of the theme and layouts: what is accepted is written anew, and reads back to itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use look::layout::Layout;
use look::theme::TOKENS;

fuzz_target!(|text: &str| {
    for token in &TOKENS {
        if let Ok(written) = token.read(text) {
            assert!(!written.contains(['\\', ';', '{', '}', '@', '<', '*', ':', '\'']), "{written}");
            assert_eq!(token.read(&written), Ok(written));
        }
    }
    if let Ok(Layout::Grid(grid)) = Layout::parse(text) {
        assert_eq!(Layout::parse(&grid.to_css()), Ok(Layout::Grid(grid)));
    }
});
