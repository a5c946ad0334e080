//! Scrolling of tables: the selected row is always visible.

/// Returns the first visible row of a table of `rows` rows that shows `height` of them: `top`,
/// unless the selected row would be invisible or there would be empty rows at the end.
pub fn visible_top(top: usize, selected: usize, rows: usize, height: usize) -> usize {
    let height = height.max(1);
    let min = (selected + 1).saturating_sub(height);
    let max = rows.saturating_sub(height);
    top.min(max).clamp(min, min.max(selected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_visible() {
        assert_eq!(visible_top(3, 5, 100, 10), 3);
        assert_eq!(visible_top(3, 1, 100, 10), 1);
        assert_eq!(visible_top(3, 20, 100, 10), 11);
        assert_eq!(visible_top(95, 99, 100, 10), 90);
        assert_eq!(visible_top(4, 2, 3, 10), 0);
        assert_eq!(visible_top(0, 2, 3, 0), 2);
    }
}
