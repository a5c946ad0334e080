//! Groups the numbers of a table into columns and finds out what each column contains.
//!
//! Numbers of one column are aligned: to the right, to the left or in the middle. The balance is
//! the column whose differences are the numbers of another column; whether these are debits or
//! credits follows from the sign of the differences. Only where the differences say nothing do the
//! headings decide, because headings are missing on many pages and are beside their numbers on
//! others.

use super::amount::{Form, Side};
use super::headings::{Headings, MoneyHeading};
use super::lines::{MoneyLine, Token};

/// Numbers of one column differ by less in their alignment, in points.
const ALIGNMENT: f32 = 2.0;
/// Columns that are distinguished; a table has at most a dozen.
const MAX_COLUMNS: usize = 24;
/// One in this many numbers is without decimals in a column in which such numbers are amounts.
const MIN_PLAIN_SHARE: usize = 8;
/// Rows for each printed balance, if balances are printed once a day.
const MAX_ROWS_PER_BALANCE: usize = 12;
/// A heading further away is not that of the column, in points.
const MAX_HEADING_DISTANCE: f32 = 30.0;

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Balance,
    /// Amounts that increase (`1`) or decrease (`-1`) the balance. A minus sign is unusual.
    Signed(i64),
    /// The same, with a minus sign before most of them.
    SignedMinus(i64),
    /// Amounts with their side in marks at this place.
    Marked(MarkPlace),
    /// Amounts of unknown side.
    Unsigned,
    /// Other numbers.
    Other,
}

/// Where the mark of a number is: `100.00 Cr` or `Cr 100.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkPlace {
    Behind,
    Before,
}

const MARK_PLACES: [MarkPlace; 2] = [MarkPlace::Behind, MarkPlace::Before];

/// The order in which rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrintOrder {
    OldestFirst,
    NewestFirst,
}

/// The columns of one layout.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    clusters: Vec<Cluster>,
    pub(super) roles: Vec<Role>,
    pub(super) marks: MarkPlace,
    pub(super) order: PrintOrder,
    /// Differences of the balance that another column explains.
    pub(super) hits: usize,
}

/// Numbers with a common alignment.
#[derive(Debug, Clone, Copy)]
struct Cluster {
    x0: Span,
    x1: Span,
    centre: Span,
    count: usize,
    money: usize,
}

/// The range of a coordinate.
#[derive(Debug, Clone, Copy)]
struct Span {
    min: f32,
    max: f32,
}

impl Span {
    fn of(value: f32) -> Self {
        Self {
            min: value,
            max: value,
        }
    }

    fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    fn width(self) -> f32 {
        self.max - self.min
    }
}

impl Cluster {
    fn of(token: &Token) -> Self {
        Self {
            x0: Span::of(token.x0),
            x1: Span::of(token.x1),
            centre: Span::of(f32::midpoint(token.x0, token.x1)),
            count: 1,
            money: usize::from(token.form == Form::Money),
        }
    }

    fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.union(other.x0),
            x1: self.x1.union(other.x1),
            centre: self.centre.union(other.centre),
            count: self.count + other.count,
            money: self.money + other.money,
        }
    }

    /// Whether amounts without decimals are usual in the column.
    fn has_plain(&self) -> bool {
        (self.count - self.money) * MIN_PLAIN_SHARE > self.count
    }

    /// Whether the numbers of both clusters are aligned with one another.
    fn is_aligned(&self, other: &Self) -> bool {
        let both = self.union(*other);
        [both.x0, both.centre]
            .iter()
            .any(|span| span.width() < 2.0 * ALIGNMENT)
    }

    /// Whether a small cluster lies within the extent of this one.
    fn contains(&self, other: &Self) -> bool {
        other.count * 8 <= self.count
            && other.centre.min > self.x0.min
            && other.centre.max < self.x1.max
    }

    fn distance(&self, token: &Token) -> f32 {
        let outside = |span: Span, value: f32| (span.min - value).max(value - span.max).max(0.0);
        let centre = f32::midpoint(token.x0, token.x1);
        [
            outside(self.x1, token.x1),
            outside(self.x0, token.x0),
            outside(self.centre, centre),
        ]
        .into_iter()
        .fold(f32::INFINITY, f32::min)
    }
}

impl Columns {
    /// Finds the columns of the lines of one layout.
    ///
    /// Notes the column of each number in it.
    pub(super) fn find(
        lines: &[&MoneyLine],
        tokens: &mut [Token],
        headings: Option<&Headings>,
    ) -> Option<Self> {
        let clusters = clusters(lines.iter().flat_map(|line| line.tokens(tokens)));
        let ranges = lines.iter().flat_map(|line| line.tokens.clone());
        for index in ranges {
            let Some(token) = tokens.get_mut(index) else {
                break;
            };
            token.column = column_of(&clusters, token).and_then(|index| u8::try_from(index).ok());
        }
        let grid = Grid::new(lines, tokens);
        let best = best_balance(&grid, &clusters, headings)?;
        let roles = roles(&grid, &clusters, headings, &best);
        Some(Self {
            clusters,
            roles,
            marks: best.marks,
            order: best.order,
            hits: best.hits,
        })
    }

    /// Returns what a number is.
    pub(super) fn role(&self, token: &Token) -> Role {
        let role = || {
            let index = usize::from(token.column?);
            // The number of a page, for example, below a column of amounts.
            let is_usual = token.form == Form::Money || self.clusters.get(index)?.has_plain();
            self.roles.get(index).filter(|_| is_usual).copied()
        };
        role().unwrap_or(Role::Other)
    }
}

/// Returns the index of the nearest cluster of a number. Clusters are sorted by right ends.
fn column_of(clusters: &[Cluster], token: &Token) -> Option<usize> {
    let mut nearest: Option<(usize, f32)> = None;
    for (index, cluster) in clusters.iter().enumerate() {
        if token.x1 < cluster.x1.min - ALIGNMENT {
            break;
        }
        if token.x1 > cluster.x1.max + ALIGNMENT {
            continue;
        }
        // Of equally near clusters, the first.
        let distance = cluster.distance(token);
        if distance < ALIGNMENT && nearest.is_none_or(|(_, known)| distance < known) {
            nearest = Some((index, distance));
        }
    }
    nearest.map(|(index, _)| index)
}

/// Groups numbers by their right ends, then joins the groups of one column.
fn clusters<'l>(tokens: impl Iterator<Item = &'l Token>) -> Vec<Cluster> {
    let mut all: Vec<&Token> = tokens.collect();
    all.sort_unstable_by(|a, b| a.x1.total_cmp(&b.x1));
    let mut groups: Vec<Cluster> = Vec::new();
    for cluster in all.into_iter().map(Cluster::of) {
        match groups.last_mut() {
            Some(last) if cluster.x1.min - last.x1.max < ALIGNMENT => *last = last.union(cluster),
            _ => groups.push(cluster),
        }
    }
    // Only the largest groups matter; the others are numbers within descriptions.
    groups.sort_by_key(|group| std::cmp::Reverse((group.money, group.count)));
    groups.truncate(MAX_COLUMNS);
    let mut joined: Vec<Cluster> = Vec::new();
    for group in groups {
        let same = joined
            .iter_mut()
            .find(|known| known.is_aligned(&group) || known.contains(&group));
        match same {
            Some(known) => *known = known.union(group),
            None => joined.push(group),
        }
    }
    joined.sort_by(|a, b| a.x1.min.total_cmp(&b.x1.min));
    joined
}

/// The numbers of all lines by line and column.
struct Grid<'l> {
    /// All numbers, each with its column.
    numbers: Vec<(usize, &'l Token)>,
    /// The index behind the last number of each line.
    ends: Vec<usize>,
}

impl<'l> Grid<'l> {
    /// Arranges the numbers of lines by the columns that they are in.
    fn new(lines: &[&MoneyLine], tokens: &'l [Token]) -> Self {
        let mut grid = Self {
            numbers: Vec::new(),
            ends: Vec::with_capacity(lines.len()),
        };
        for line in lines {
            let columns = line.tokens(tokens).iter().filter_map(|token| {
                let column = usize::from(token.column?);
                Some((column, token))
            });
            grid.numbers.extend(columns);
            grid.ends.push(grid.numbers.len());
        }
        grid
    }

    /// Returns the numbers of each line.
    fn rows(&self) -> impl Iterator<Item = &[(usize, &'l Token)]> {
        (0..self.ends.len()).map(|row| self.row(row))
    }

    /// Returns the numbers of a line.
    fn row(&self, row: usize) -> &[(usize, &'l Token)] {
        let end = self.ends.get(row).copied().unwrap_or_default();
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or_default();
        self.numbers.get(start..end).unwrap_or_default()
    }

    /// Whether words beside some numbers of a column name a side.
    fn has_marks(&self, column: usize) -> bool {
        let mut numbers = self.numbers.iter();
        let is_marked = |token: &Token| token.before.is_some() || token.behind.is_some();
        numbers.any(|(found, token)| *found == column && is_marked(token))
    }

    /// Returns the rows with a number in a column, with that number's value.
    fn balances(&self, column: usize, marks: MarkPlace) -> Vec<(usize, i64)> {
        let rows = self.rows().enumerate();
        rows.filter_map(|(index, row)| {
            let (_, token) = row.iter().find(|(found, _)| *found == column)?;
            Some((index, balance(token, marks)))
        })
        .collect()
    }

    /// Returns the number of a row, in another column, that equals a difference.
    fn explains(&self, row: usize, balance: usize, step: i64) -> Option<(usize, &'l Token)> {
        let row = self.row(row);
        row.iter()
            .find(|(column, token)| *column != balance && token.minor == step.abs())
            .copied()
    }
}

/// Returns the side that the marks of a number name.
pub(super) fn marked_side(token: &Token, marks: MarkPlace) -> Option<Side> {
    token.own.or(match marks {
        MarkPlace::Behind => token.behind,
        MarkPlace::Before => token.before,
    })
}

/// Returns the value of a balance: negative if it is marked as a debit.
pub(super) fn balance(token: &Token, marks: MarkPlace) -> i64 {
    match marked_side(token, marks) {
        Some(Side::Debit) => -token.minor,
        _ => token.minor,
    }
}

/// Returns the differences between balances, each with the row whose amount explains it.
fn steps(balances: &[(usize, i64)], order: PrintOrder) -> impl Iterator<Item = (usize, i64)> + '_ {
    let pairs = balances.iter().zip(balances.iter().skip(1));
    pairs.map(move |((above, first), (below, second))| match order {
        PrintOrder::OldestFirst => (*below, second - first),
        PrintOrder::NewestFirst => (*above, first - second),
    })
}

/// The balance column.
#[derive(Debug, Clone, Copy)]
struct Best {
    column: Option<usize>,
    marks: MarkPlace,
    order: PrintOrder,
    hits: usize,
}

/// Finds the column whose differences are best explained by other columns.
fn best_balance(
    grid: &Grid<'_>,
    clusters: &[Cluster],
    headings: Option<&Headings>,
) -> Option<Best> {
    let mut best: Option<Best> = None;
    for (column, cluster) in clusters.iter().enumerate() {
        // Other numbers are in some rows only.
        if cluster.count * MAX_ROWS_PER_BALANCE < grid.ends.len() {
            continue;
        }
        // Without marks, the numbers are the same wherever marks are expected.
        let places = if grid.has_marks(column) { 2 } else { 1 };
        for marks in MARK_PLACES.into_iter().take(places) {
            let balances = grid.balances(column, marks);
            for order in [PrintOrder::OldestFirst, PrintOrder::NewestFirst] {
                let hits = steps(&balances, order)
                    .filter(|(row, step)| {
                        *step != 0 && grid.explains(*row, column, *step).is_some()
                    })
                    .count();
                if hits > best.map_or(0, |best| best.hits) {
                    best = Some(Best {
                        column: Some(column),
                        marks,
                        order,
                        hits,
                    });
                }
            }
        }
    }
    if best.is_some_and(|best| best.hits >= 2) {
        return best;
    }
    // With too few rows, the headings decide.
    let heading = |column: &usize| {
        let heading = heading_of(clusters.get(*column)?, headings?)?;
        (heading == MoneyHeading::Balance).then_some(())
    };
    let column = (0..clusters.len())
        .rev()
        .find(|column| heading(column).is_some());
    let by_heading = Best {
        column,
        marks: MarkPlace::Behind,
        order: PrintOrder::OldestFirst,
        hits: 0,
    };
    let agrees = best.filter(|best| column.is_none_or(|column| best.column == Some(column)));
    agrees.or_else(|| headings.is_some().then_some(by_heading))
}

/// Returns what the heading of a column says.
fn heading_of(cluster: &Cluster, headings: &Headings) -> Option<MoneyHeading> {
    let distance = |column: &super::headings::MoneyColumn| {
        let (x0, x1) = (cluster.x0.min, cluster.x1.max);
        if column.x0 < x1 && column.x1 > x0 {
            0.0
        } else {
            column.distance(x0, x1)
        }
    };
    let nearest = headings
        .columns
        .iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(nearest) < MAX_HEADING_DISTANCE).then_some(nearest.heading)
}

/// How the numbers of a column explain the differences of the balance.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    up: usize,
    down: usize,
    /// Marks behind and before the number that agree with the difference.
    marks_right: [usize; 2],
    /// Those that contradict it.
    marks_wrong: [usize; 2],
    /// Numbers that are not zero, and those of them with a minus sign.
    numbers: usize,
    minus: usize,
}

fn roles(
    grid: &Grid<'_>,
    clusters: &[Cluster],
    headings: Option<&Headings>,
    best: &Best,
) -> Vec<Role> {
    let mut votes = vec![Votes::default(); clusters.len()];
    for (column, token) in &grid.numbers {
        if token.minor != 0
            && let Some(votes) = votes.get_mut(*column)
        {
            votes.numbers += 1;
            votes.minus += usize::from(token.own == Some(Side::Debit));
        }
    }
    if let Some(balance) = best.column {
        let balances = grid.balances(balance, best.marks);
        for (row, step) in steps(&balances, best.order) {
            let Some((column, token)) = grid.explains(row, balance, step) else {
                continue;
            };
            let Some(votes) = votes.get_mut(column).filter(|_| step != 0) else {
                continue;
            };
            *(if step > 0 {
                &mut votes.up
            } else {
                &mut votes.down
            }) += 1;
            for (index, place) in MARK_PLACES.into_iter().enumerate() {
                let marks = match marked_side(token, place) {
                    Some(side) if (side == Side::Credit) == (step > 0) => &mut votes.marks_right,
                    Some(_) => &mut votes.marks_wrong,
                    None => continue,
                };
                marks
                    .iter_mut()
                    .skip(index)
                    .take(1)
                    .for_each(|count| *count += 1);
            }
        }
    }
    let role = |(index, cluster): (usize, &Cluster)| {
        if Some(index) == best.column {
            return Role::Balance;
        }
        let votes = votes.get(index).copied().unwrap_or_default();
        let heading = headings.and_then(|headings| heading_of(cluster, headings));
        role(votes, heading, cluster)
    };
    clusters.iter().enumerate().map(role).collect()
}

fn role(votes: Votes, heading: Option<MoneyHeading>, cluster: &Cluster) -> Role {
    let Votes {
        up,
        down,
        marks_right,
        marks_wrong,
        numbers,
        minus,
    } = votes;
    let signed = if minus * 2 > numbers {
        Role::SignedMinus
    } else {
        Role::Signed
    };
    let hits = up + down;
    let is_amount = matches!(
        heading,
        Some(MoneyHeading::Debit | MoneyHeading::Credit | MoneyHeading::Amount)
    );
    if hits == 0 {
        let is_money = cluster.money * 2 > cluster.count;
        return match heading {
            Some(MoneyHeading::Debit) if is_money => signed(-1),
            Some(MoneyHeading::Credit) if is_money => signed(1),
            Some(MoneyHeading::Amount) if is_money => Role::Marked(MarkPlace::Behind),
            _ => Role::Other,
        };
    }
    // Numbers in descriptions equal a difference by chance, or because they repeat the amount.
    if hits * 3 < numbers && !is_amount {
        return Role::Other;
    }
    let marks = marks_right.into_iter().zip(marks_wrong).zip(MARK_PLACES);
    for ((right, wrong), place) in marks {
        if right * 5 >= hits * 4 && right > 4 * wrong {
            return Role::Marked(place);
        }
    }
    if up * 8 >= hits * 7 {
        signed(1)
    } else if down * 8 >= hits * 7 {
        signed(-1)
    } else {
        Role::Unsigned
    }
}
