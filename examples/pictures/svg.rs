//! Renders a terminal screen as a self-contained SVG of rectangles and text.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// Width and height of a cell, in pixels.
const CELL: (u16, u16) = (9, 19);
const MARGIN: u16 = 10;

/// The colours of a terminal.
pub(crate) struct Theme {
    background: &'static str,
    foreground: &'static str,
    /// The 16 ANSI colours.
    ansi: [&'static str; 16],
}

/// A typical dark theme.
pub(crate) const DARK: Theme = Theme {
    background: "#1c1e26",
    foreground: "#d5d8da",
    ansi: [
        "#16161c", "#e95678", "#29d398", "#fab795", "#26bbd9", "#ee64ac", "#59e1e3", "#d5d8da",
        "#5b5858", "#ec6a88", "#3fdaa4", "#fbc3a7", "#3fc4de", "#f075b5", "#6be4e6", "#ffffff",
    ],
};

/// A typical light theme.
pub(crate) const LIGHT: Theme = Theme {
    background: "#ffffff",
    foreground: "#1f2328",
    ansi: [
        "#24292f", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#6e7781",
        "#57606a", "#a40e26", "#1a7f37", "#633c01", "#218bff", "#a475f9", "#3192aa", "#8c959f",
    ],
};

/// The appearance of a cell.
#[derive(Clone, PartialEq)]
struct CellStyle {
    foreground: String,
    background: Option<String>,
    bold: bool,
    faint: bool,
    underlined: bool,
}

/// Renders a screen.
pub(crate) fn render(screen: &Screen, theme: &Theme) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" font-size=\"15\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\" \
         stroke=\"#8c959f\" stroke-opacity=\"0.4\"/>\n",
        theme.background
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            column = render_run(screen, theme, (row, column), columns, &mut out);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Renders the cells of one style that start at `first`; returns the column after them.
fn render_run(
    screen: &Screen,
    theme: &Theme,
    (row, first): (u16, u16),
    columns: u16,
    out: &mut String,
) -> u16 {
    let style_at = |column: u16| {
        let cell = screen.cell(row, column)?;
        Some(cell_style(cell, theme))
    };
    let Some(style) = style_at(first) else {
        return columns;
    };
    let mut text = String::new();
    let mut column = first;
    while column < columns && style_at(column).as_ref() == Some(&style) {
        let cell = screen.cell(row, column).unwrap();
        if !cell.is_wide_continuation() {
            text.push_str(if cell.has_contents() {
                cell.contents()
            } else {
                " "
            });
        }
        column += 1;
    }
    let (x, y) = (MARGIN + first * CELL.0, MARGIN + row * CELL.1);
    let width = (column - first) * CELL.0;
    if let Some(background) = &style.background {
        writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{background}\"/>",
            CELL.1
        )
        .unwrap();
    }
    if !text.trim().is_empty() {
        let weight = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let opacity = if style.faint { " opacity=\"0.6\"" } else { "" };
        let decoration = if style.underlined {
            " text-decoration=\"underline\""
        } else {
            ""
        };
        let escaped = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" fill=\"{}\" textLength=\"{width}\" \
             lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{weight}{opacity}{decoration}\
             >{escaped}</text>",
            y + 14,
            style.foreground
        )
        .unwrap();
    }
    column
}

fn cell_style(cell: &Cell, theme: &Theme) -> CellStyle {
    let foreground = color(cell.fgcolor(), theme);
    let background = color(cell.bgcolor(), theme);
    let (foreground, background) = if cell.inverse() {
        let opaque = background.unwrap_or_else(|| theme.background.to_owned());
        (
            Some(opaque),
            Some(foreground.unwrap_or_else(|| theme.foreground.to_owned())),
        )
    } else {
        (foreground, background)
    };
    CellStyle {
        foreground: foreground.unwrap_or_else(|| theme.foreground.to_owned()),
        background,
        bold: cell.bold(),
        faint: cell.dim(),
        underlined: cell.underline(),
    }
}

fn color(color: Color, theme: &Theme) -> Option<String> {
    match color {
        Color::Default => None,
        Color::Idx(index) if index < 16 => Some(theme.ansi[usize::from(index)].to_owned()),
        // The 6 × 6 × 6 colour cube, then 24 shades of grey, as in xterm.
        Color::Idx(index @ 16..=231) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
            let index = index - 16;
            let (red, green, blue) = (index / 36, index / 6 % 6, index % 6);
            Some(format!(
                "#{:02x}{:02x}{:02x}",
                level(red),
                level(green),
                level(blue)
            ))
        }
        Color::Idx(index) => {
            let grey = 8 + (index - 232) * 10;
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}
