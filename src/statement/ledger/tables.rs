//! Assembles the rows of all pages, in the order of time.

use super::RowOrder;
use super::columns::{Columns, PrintOrder};
use super::headings::Headings;
use super::lines::MoneyLine;
use super::rows::{Row, RowKind};
use std::collections::BTreeMap;

/// The rows of a document.
#[derive(Debug)]
pub(super) struct Tables {
    /// In the order of time.
    pub(super) rows: Vec<Row>,
    pub(super) order: RowOrder,
}

impl Tables {
    /// Reads the rows from the lines of all pages. `layouts` are those that the lines name.
    pub(super) fn read(lines: Vec<MoneyLine>, layouts: &[Headings]) -> Self {
        let mut by_layout: BTreeMap<u16, Vec<&MoneyLine>> = BTreeMap::new();
        for line in &lines {
            if let Some(layout) = line.layout {
                by_layout.entry(layout).or_default().push(line);
            }
        }
        let tables: BTreeMap<u16, Columns> = by_layout
            .into_iter()
            .filter_map(|(layout, lines)| {
                let columns = Columns::find(&lines, layouts.get(usize::from(layout)))?;
                Some((layout, columns))
            })
            .collect();
        let mut rows: Vec<Row> = Vec::new();
        for line in &lines {
            let Some(columns) = line.layout.and_then(|layout| tables.get(&layout)) else {
                continue;
            };
            let Some(row) = Row::read(line, columns) else {
                continue;
            };
            let is_joined = rows.last_mut().is_some_and(|last| last.join(&row));
            if !is_joined {
                rows.push(row);
            }
        }
        let order = order(&tables, &rows);
        if order == RowOrder::NewestFirst {
            rows.reverse();
        }
        Self { rows, order }
    }
}

/// Returns the order of most tables that show one.
fn order(tables: &BTreeMap<u16, Columns>, rows: &[Row]) -> RowOrder {
    let count = |order: PrintOrder| {
        let proven = tables.values().filter(|columns| columns.order == order);
        proven.map(|columns| columns.hits).sum::<usize>()
    };
    let (oldest, newest) = (
        count(PrintOrder::OldestFirst),
        count(PrintOrder::NewestFirst),
    );
    if oldest == 0 && newest == 0 {
        // Without balances the dates decide.
        let dates: Vec<_> = rows
            .iter()
            .filter(|row| row.kind() == RowKind::Transaction)
            .filter_map(|row| row.date)
            .collect();
        let falls = dates.is_sorted_by(|a, b| a >= b) && dates.first() != dates.last();
        return if falls {
            RowOrder::NewestFirst
        } else {
            RowOrder::OldestFirst
        };
    }
    if newest > oldest {
        RowOrder::NewestFirst
    } else {
        RowOrder::OldestFirst
    }
}
