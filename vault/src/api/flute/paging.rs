//! Parts of lists: `pageIndex` and `pageSize` with `pageInfo` in V2, `page` and `pageSize` with `total` in V1.

use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::Parameters;
use crate::api::members::Misfit;

/// The largest page index: the part would begin beyond what a list can have.
const LARGEST_INDEX: u32 = 10_000_000;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    index: u32,
    size: u32,
}

/// Where a part stands in its list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PageInfo {
    /// Which part this is, counted from zero.
    #[schema(minimum = 0)]
    page_index: u32,
    /// How many items a part has.
    #[schema(minimum = 1, maximum = 100)]
    page_size: u32,
    /// How many items there are in all.
    total_items: u64,
    /// How many parts there are in all.
    total_pages: u64,
    /// Whether there are parts after this one.
    has_more: bool,
}

impl Paging {
    /// Takes `pageIndex` (from 0) and `pageSize` (1 to 100, 20 if it is not given).
    ///
    /// # Errors
    /// 400 if one is out of its range.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Self, Misfit> {
        Self::named(parameters, "pageIndex")
    }

    /// Takes `page` (from 0) and `pageSize`, as V1 has them.
    ///
    /// # Errors
    /// 400 if one is out of its range.
    pub(super) fn take_v1(parameters: &mut Parameters) -> Result<Self, Misfit> {
        Self::named(parameters, "page")
    }

    fn named(parameters: &mut Parameters, index: &str) -> Result<Self, Misfit> {
        Ok(Self {
            index: parameters.number(index, 0, LARGEST_INDEX)?.unwrap_or(0),
            size: parameters.number("pageSize", 1, 100)?.unwrap_or(20),
        })
    }

    /// How many items the part has at most.
    pub(super) const fn limit(self) -> u32 {
        self.size
    }

    /// How many items stand before it.
    pub(super) const fn offset(self) -> u32 {
        // At most 1,000,000,000.
        self.index.saturating_mul(self.size)
    }

    /// Where the part stands among so many items.
    pub(super) fn info(self, total_items: u64) -> PageInfo {
        let total_pages = total_items.div_ceil(u64::from(self.size));
        PageInfo {
            page_index: self.index,
            page_size: self.size,
            total_items,
            total_pages,
            has_more: u64::from(self.index) + 1 < total_pages,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_where_it_stands() {
        let paging = |text: &str| Paging::take(&mut Parameters::of(text.as_bytes()).unwrap());
        let first = paging("").unwrap();
        assert_eq!((first.limit(), first.offset()), (20, 0));
        let third = paging("pageIndex=2&pageSize=50").unwrap();
        assert_eq!((third.limit(), third.offset()), (50, 100));
        let info = third.info(130);
        assert_eq!((info.total_pages, info.has_more), (3, false));
        assert!(paging("pageIndex=1&pageSize=50").unwrap().info(130).has_more);
        assert_eq!(first.info(0).total_pages, 0);
        assert!(!first.info(0).has_more);
        for text in ["pageSize=0", "pageSize=101", "pageIndex=-1", "pageIndex=x"] {
            assert!(paging(text).is_err(), "{text}");
        }
    }
}
