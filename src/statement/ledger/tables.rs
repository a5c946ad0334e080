//! Assembles the rows of all pages, in the order of time.

use super::RowOrder;
use super::columns::{Columns, PrintOrder};
use super::headings::Headings;
use super::lines::{MoneyLine, Token};
use super::rows::{Row, RowKind};
use std::collections::BTreeMap;

/// Differences of the balance that show the order of a table, if another has the other order.
const MIN_MIXED_HITS: usize = 5;

/// The rows of a document.
#[derive(Debug)]
pub(super) struct Tables {
    /// In the order of time.
    pub(super) rows: Vec<Row>,
    pub(super) order: RowOrder,
}

impl Tables {
    /// Reads the rows from the lines of all pages and their numbers. `layouts` are those that the
    /// lines name.
    pub(super) fn read(lines: &[MoneyLine], tokens: &mut [Token], layouts: &[Headings]) -> Self {
        let mut by_layout: BTreeMap<u16, Vec<&MoneyLine>> = BTreeMap::new();
        for line in lines {
            if let Some(layout) = line.layout {
                by_layout.entry(layout).or_default().push(line);
            }
        }
        let tables: BTreeMap<u16, Columns> = by_layout
            .into_iter()
            .filter_map(|(layout, lines)| {
                let columns = Columns::find(&lines, tokens, layouts.get(usize::from(layout)))?;
                Some((layout, columns))
            })
            .collect();
        // Rows of one layout without another between.
        let mut blocks: Vec<(u16, Vec<Row>)> = Vec::new();
        for line in lines {
            let Some(layout) = line.layout else { continue };
            let row = tables
                .get(&layout)
                .and_then(|columns| Row::read(line, tokens, columns));
            let Some(row) = row else { continue };
            match blocks.last_mut() {
                Some((known, rows)) if *known == layout => {
                    let is_joined = rows.last_mut().is_some_and(|last| last.join(&row));
                    if !is_joined {
                        rows.push(row);
                    }
                }
                _ => blocks.push((layout, vec![row])),
            }
        }
        let order = order(&tables, &blocks);
        let newest_first = |layout: &u16| {
            let columns = tables.get(layout);
            columns.is_some_and(|columns| columns.order == PrintOrder::NewestFirst)
        };
        match order {
            RowOrder::OldestFirst => {}
            RowOrder::NewestFirst => {
                blocks.reverse();
                for (_, rows) in &mut blocks {
                    rows.reverse();
                }
            }
            RowOrder::Mixed => {
                let newest = blocks.iter_mut().filter(|(layout, _)| newest_first(layout));
                newest.for_each(|(_, rows)| rows.reverse());
            }
        }
        let rows = blocks.into_iter().flat_map(|(_, rows)| rows).collect();
        Self { rows, order }
    }
}

/// Returns the order of the tables whose balances show one; of others, that of the dates.
fn order(tables: &BTreeMap<u16, Columns>, blocks: &[(u16, Vec<Row>)]) -> RowOrder {
    let count = |order: PrintOrder| {
        let proven = tables.values().filter(|columns| columns.order == order);
        proven.map(|columns| columns.hits).sum::<usize>()
    };
    let (oldest, newest) = (
        count(PrintOrder::OldestFirst),
        count(PrintOrder::NewestFirst),
    );
    if oldest.min(newest) >= MIN_MIXED_HITS {
        return RowOrder::Mixed;
    }
    if oldest != newest {
        return if newest > oldest {
            RowOrder::NewestFirst
        } else {
            RowOrder::OldestFirst
        };
    }
    let rows = blocks.iter().flat_map(|(_, rows)| rows);
    let transactions = rows.filter(|row| row.kind() == RowKind::Transaction);
    let dates: Vec<_> = transactions.filter_map(|row| row.date).collect();
    if dates.is_sorted_by(|a, b| a >= b) && dates.first() != dates.last() {
        RowOrder::NewestFirst
    } else {
        RowOrder::OldestFirst
    }
}
