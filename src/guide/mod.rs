//! The guide. The tests run its commands and compare its tables with the program.

#![allow(clippy::doc_markdown, reason = "the guide names products, too")]
#![allow(
    rustdoc::invalid_codeblock_attributes,
    reason = "annotations after the language of a code block are for the tests"
)]

/// Declares a page of the guide as a module.
///
/// In the repository, a link such as `[Codes][codes]` leads to the definition at the end of its
/// page. Here, the definitions in front take precedence and lead to the modules.
macro_rules! pages {
    ($($name:ident)+) => {
        $(
            #[doc = "[cases]: self::cases"]
            #[doc = "[codes]: self::codes"]
            #[doc = "[drop_folders]: self::drop_folders"]
            #[doc = "[pipelines]: self::pipelines"]
            #[doc = "[python]: self::python"]
            #[doc = "[settings]: self::settings"]
            #[doc = "[transactions]: self::transactions"]
            #[doc = "[upload]: self::upload"]
            #[doc = ""]
            #[doc = include_str!(concat!(stringify!($name), ".md"))]
            pub mod $name {}
        )+
    };
}

pages!(
    administration cases codes cookbook dashboard drop_folders loan_operations pipelines privacy
    python sandbox screening settings speed transactions upload
);
