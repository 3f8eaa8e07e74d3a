//! The layout: which field stands where.
//!
//! A merchant names one of the [`Preset`]s or draws a grid in the manner of CSS, one quoted string for each row
//! and one name for each cell: `'number number' 'expiry code' 'holder holder'`.

use crate::Refused;

/// No layout is longer.
pub const MAX_LEN: usize = 1000;
/// More columns are too narrow for any text.
pub const MAX_COLUMNS: usize = 6;
const MAX_ROWS: usize = 16;

/// What [`Layout::parse`] accepts, in words.
pub const ACCEPTED: &str = "columns, stacked, line, compact, or rows of areas such as \
    'number number' 'expiry code' 'holder holder', each row with equally many of: number, expiry, code, holder, \
    routing, account, account-confirm, account-type, holder-type, sec-code, consent, or . for an empty cell";
const RECTANGLE: &str =
    "rows of areas, each of which is one rectangle; one of them is in two places or has a corner";
const CARD: &str = "rows of areas that have number, expiry and code, as soon as they have one of them";
const BANK: &str = "rows of areas that have routing, account, account-type, holder-type and holder, as soon as they \
    have one of the first four";

macro_rules! areas {
    ($($area:ident $name:literal),+ $(,)?) => {
        /// A place for one field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Area {
            $(#[doc = concat!("`", $name, "`")] $area,)+
        }

        impl Area {
            /// Every area, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$area),+];

            /// The name, as merchants write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$area => $name,)+
                }
            }
        }
    };
}

areas! {
    Number "number",
    Expiry "expiry",
    Code "code",
    Routing "routing",
    Account "account",
    AccountConfirm "account-confirm",
    AccountType "account-type",
    HolderType "holder-type",
    Holder "holder",
    SecCode "sec-code",
    Consent "consent",
}

use Area::{
    Account, AccountConfirm, AccountType, Code, Consent, Expiry, Holder, HolderType, Number, Routing, SecCode,
};

impl Area {
    /// The area of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|area| area.as_str() == name)
    }
}

/// A layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One of ours, which the frame's style sheet draws.
    Preset(Preset),
    /// The merchant's own.
    Grid(Grid),
}

/// The layouts that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Short fields share a row.
    Columns,
    /// Each field has a row of its own.
    Stacked,
    /// Everything that a payment needs in one row, where there is room for it.
    Line,
    /// As columns, with less space.
    Compact,
}

impl Preset {
    /// Every preset; the first is what nobody has to ask for.
    pub const ALL: [Self; 4] = [Self::Columns, Self::Stacked, Self::Line, Self::Compact];

    /// The name, as merchants write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Stacked => "stacked",
            Self::Line => "line",
            Self::Compact => "compact",
        }
    }
}

/// Rows of equally many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    rows: Vec<Vec<Option<Area>>>,
}

impl Layout {
    /// Reads a name or a grid.
    ///
    /// # Errors
    /// What is accepted: in general, for the shape of areas, or for the areas that one kind of payment needs.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = text.trim_ascii();
        match Preset::ALL.iter().find(|preset| preset.as_str() == text) {
            Some(preset) => Ok(Self::Preset(*preset)),
            None => Grid::parse(text).map(Self::Grid),
        }
    }
}

impl Grid {
    fn parse(text: &str) -> Result<Self, Refused> {
        let text = if text.len() > MAX_LEN { "" } else { text };
        let mut grid = Self { rows: rows(text).ok_or(Refused::unless(ACCEPTED))? };
        if !Area::ALL.iter().all(|area| grid.is_rectangle(*area)) {
            return Err(Refused::unless(RECTANGLE));
        }
        let (has_card, has_bank) = (grid.is_for_cards(), grid.is_for_accounts());
        if has_card && ![Number, Expiry, Code].iter().all(|area| grid.has(*area)) {
            return Err(Refused::unless(CARD));
        }
        if has_bank && ![Account, Routing, AccountType, HolderType, Holder].iter().all(|area| grid.has(*area))
        {
            return Err(Refused::unless(BANK));
        }
        if !has_card && !has_bank {
            return Err(Refused::unless(ACCEPTED));
        }
        // What is shown when it is needed must never be lost: it gets a row behind the others.
        for area in [AccountConfirm, SecCode, Consent] {
            if has_bank && !grid.has(area) {
                grid.rows.push(vec![Some(area); grid.columns()]);
            }
        }
        Ok(grid)
    }

    /// How many cells each row has.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    /// Whether the fields of a card have their places in it.
    #[must_use]
    pub fn is_for_cards(&self) -> bool {
        [Number, Expiry, Code].iter().any(|area| self.has(*area))
    }

    /// Whether the fields of a bank account have their places in it.
    #[must_use]
    pub fn is_for_accounts(&self) -> bool {
        [Routing, Account, AccountType, HolderType].iter().any(|area| self.has(*area))
    }

    /// Whether an area has a place.
    #[must_use]
    pub fn has(&self, area: Area) -> bool {
        self.rows.iter().flatten().any(|cell| *cell == Some(area))
    }

    /// The areas, each where it begins, row by row.
    #[must_use]
    pub fn areas(&self) -> Vec<Area> {
        let mut areas = Vec::new();
        for area in self.rows.iter().flatten().flatten() {
            if !areas.contains(area) {
                areas.push(*area);
            }
        }
        areas
    }

    /// The rows, as `grid-template-areas` takes them.
    #[must_use]
    pub fn to_css(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            text.push_str(if text.is_empty() { "\"" } else { " \"" });
            for (index, cell) in row.iter().enumerate() {
                if index > 0 {
                    text.push(' ');
                }
                text.push_str(cell.map_or(".", Area::as_str));
            }
            text.push('"');
        }
        text
    }

    /// Whether all cells of an area fill the rectangle around them.
    fn is_rectangle(&self, area: Area) -> bool {
        let (mut top, mut bottom, mut left, mut right, mut cells) = (usize::MAX, 0, usize::MAX, 0, 0);
        for (row, cell_row) in self.rows.iter().enumerate() {
            for (column, _) in cell_row.iter().enumerate().filter(|(_, cell)| **cell == Some(area)) {
                (top, bottom) = (top.min(row), row);
                (left, right) = (left.min(column), right.max(column));
                cells += 1;
            }
        }
        cells == 0 || (bottom - top + 1) * (right - left + 1) == cells
    }
}

/// The names of areas, separated by blanks.
#[must_use]
pub fn in_order(areas: &[Area]) -> String {
    let mut text = String::new();
    for area in areas {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(area.as_str());
    }
    text
}

/// The cells of the rows; none if something is no row, no area, or one cell more or less than the first row has.
fn rows(text: &str) -> Option<Vec<Vec<Option<Area>>>> {
    let mut rows: Vec<Vec<Option<Area>>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let quote = if rest.starts_with('"') { '"' } else { '\'' };
        let (inside, behind) = rest.strip_prefix(quote)?.split_once(quote)?;
        let row: Option<Vec<Option<Area>>> = inside
            .split_ascii_whitespace()
            .map(|name| if name == "." { Some(None) } else { Area::parse(name).map(Some) })
            .collect();
        let row = row.filter(|row| (1..=MAX_COLUMNS).contains(&row.len()))?;
        if rows.len() == MAX_ROWS || rows.first().is_some_and(|first| first.len() != row.len()) {
            return None;
        }
        rows.push(row);
        rest = behind.trim_ascii_start();
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn css(text: &str) -> Result<String, &'static str> {
        match Layout::parse(text) {
            Ok(Layout::Grid(grid)) => Ok(grid.to_css()),
            Ok(Layout::Preset(preset)) => Ok(preset.as_str().to_owned()),
            Err(refused) => Err(refused.accepted),
        }
    }

    #[test]
    fn presets_have_names() {
        for name in ["columns", "stacked", " line ", "compact"] {
            assert_eq!(css(name).as_deref(), Ok(name.trim()));
        }
        for name in ["", "Columns", "columns line", "grid"] {
            assert_eq!(css(name), Err(ACCEPTED), "{name}");
        }
    }

    #[test]
    fn grids_are_drawn_row_by_row() {
        for (text, written) in [
            (
                "'number number' 'expiry code' 'holder holder'",
                r#""number number" "expiry code" "holder holder""#,
            ),
            ("\"number  expiry code .\"", r#""number expiry code .""#),
            ("'number expiry''number code'", r#""number expiry" "number code""#),
        ] {
            assert_eq!(css(text).as_deref(), Ok(written), "{text}");
        }
    }

    #[test]
    fn what_a_mandate_needs_is_never_lost() {
        let grid = css("'routing account' 'account-type holder-type' 'holder consent'").unwrap();
        assert!(grid.ends_with(r#" "account-confirm account-confirm" "sec-code sec-code""#), "{grid}");
        let grid = css("'number number' 'expiry code'").unwrap();
        assert!(!grid.contains("consent"), "{grid}");
    }

    #[test]
    fn areas_come_in_the_order_of_reading() {
        let Ok(Layout::Grid(grid)) =
            Layout::parse("'holder . number' 'holder code number' 'expiry expiry expiry'")
        else {
            panic!("it is a grid");
        };
        assert_eq!(in_order(&grid.areas()), "holder number code expiry");
    }

    #[test]
    fn grids_that_cannot_be_drawn_are_refused() {
        for (text, accepted) in [
            ("'number expiry' 'code'", ACCEPTED),
            ("'number expiry code iban'", ACCEPTED),
            ("number expiry code", ACCEPTED),
            ("'number expiry code", ACCEPTED),
            ("'number expiry code\"", ACCEPTED),
            ("'number expiry code', 'holder holder holder'", ACCEPTED),
            ("'number number number number expiry code holder'", ACCEPTED),
            ("''", ACCEPTED),
            ("'. .'", ACCEPTED),
            ("'holder'", ACCEPTED),
            ("'number expiry' 'code number'", RECTANGLE),
            ("'number number' 'number expiry' 'code code'", RECTANGLE),
            ("'number expiry'", CARD),
            ("'routing account' 'account-type holder-type'", BANK),
            ("'number expiry code routing'", BANK),
        ] {
            assert_eq!(css(text), Err(accepted), "{text}");
        }
        assert_eq!(css(&"'number expiry code' ".repeat(60)), Err(ACCEPTED));
    }
}
