//! Country codes and how many digits follow them.
//!
//! The codes are those that ITU-T has assigned to countries (list to Recommendation E.164); the lengths are the
//! possible ones of national numbering plans, kept wide where plans are in motion. Which numbers of a plan are
//! given out changes monthly, and no table in a form can follow that.

/// Country code, fewest and most digits behind it.
#[rustfmt::skip]
pub(super) const CODES: [(u16, u8, u8); 206] = [
    (1, 10, 10), (7, 10, 10), (20, 8, 10), (27, 9, 9), (30, 10, 10), (31, 9, 11), (32, 8, 9), (33, 9, 9),
    (34, 9, 9), (36, 8, 9), (39, 6, 12), (40, 9, 9), (41, 9, 12), (43, 4, 13), (44, 7, 10), (45, 8, 8),
    (46, 7, 13), (47, 5, 8), (48, 9, 9), (49, 5, 13), (51, 8, 9), (52, 10, 11), (53, 6, 10), (54, 10, 11),
    (55, 8, 11), (56, 9, 9), (57, 8, 10), (58, 10, 10), (60, 7, 10), (61, 5, 13), (62, 7, 13), (63, 8, 11),
    (64, 7, 10), (65, 8, 12), (66, 8, 13), (81, 9, 13), (82, 8, 11), (84, 7, 13), (86, 7, 12), (90, 10, 13),
    (91, 8, 13), (92, 8, 12), (93, 9, 9), (94, 9, 9), (95, 6, 10), (98, 6, 10), (211, 9, 9), (212, 9, 9),
    (213, 8, 9), (216, 8, 8), (218, 8, 9), (220, 7, 7), (221, 9, 9), (222, 8, 8), (223, 8, 8), (224, 8, 9),
    (225, 8, 10), (226, 8, 8), (227, 8, 8), (228, 8, 8), (229, 8, 10), (230, 7, 10), (231, 7, 9),
    (232, 8, 8), (233, 9, 9), (234, 7, 12), (235, 8, 8), (236, 8, 8), (237, 8, 9), (238, 7, 7), (239, 7, 7),
    (240, 9, 9), (241, 7, 8), (242, 7, 9), (243, 7, 10), (244, 9, 9), (245, 7, 9), (246, 7, 7), (247, 5, 6),
    (248, 7, 7), (249, 9, 9), (250, 8, 9), (251, 9, 9), (252, 6, 9), (253, 8, 8), (254, 7, 10), (255, 7, 9),
    (256, 9, 9), (257, 8, 8), (258, 8, 9), (260, 9, 9), (261, 9, 9), (262, 9, 9), (263, 5, 10), (264, 6, 9),
    (265, 7, 9), (266, 8, 8), (267, 7, 8), (268, 8, 8), (269, 7, 7), (290, 4, 5), (291, 7, 7), (297, 7, 7),
    (298, 6, 6), (299, 6, 6), (350, 8, 8), (351, 9, 9), (352, 4, 12), (353, 7, 10), (354, 7, 9),
    (355, 6, 9), (356, 8, 8), (357, 8, 8), (358, 5, 12), (359, 6, 9), (370, 8, 8), (371, 8, 8),
    (372, 7, 10), (373, 8, 8), (374, 8, 8), (375, 9, 11), (376, 6, 9), (377, 8, 9), (378, 6, 12),
    (380, 9, 9), (381, 6, 12), (382, 4, 12), (383, 8, 12), (385, 8, 9), (386, 8, 8), (387, 8, 9),
    (389, 8, 8), (420, 9, 12), (421, 9, 9), (423, 7, 9), (500, 5, 5), (501, 7, 7), (502, 8, 8),
    (503, 7, 11), (504, 8, 8), (505, 8, 8), (506, 8, 8), (507, 7, 8), (508, 6, 6), (509, 8, 8), (590, 9, 9),
    (591, 8, 9), (592, 7, 7), (593, 8, 11), (594, 9, 9), (595, 6, 9), (596, 9, 9), (597, 6, 7),
    (598, 4, 12), (599, 7, 8), (670, 7, 8), (672, 5, 6), (673, 7, 7), (674, 7, 7), (675, 7, 8), (676, 5, 7),
    (677, 5, 7), (678, 5, 7), (679, 7, 7), (680, 7, 7), (681, 6, 6), (682, 5, 5), (683, 4, 7), (685, 5, 7),
    (686, 5, 8), (687, 6, 6), (688, 5, 7), (689, 6, 8), (690, 4, 5), (691, 7, 7), (692, 7, 7), (850, 8, 10),
    (852, 5, 11), (853, 8, 8), (855, 8, 9), (856, 8, 10), (880, 6, 10), (886, 7, 9), (960, 7, 10),
    (961, 7, 8), (962, 8, 9), (963, 8, 9), (964, 8, 10), (965, 7, 8), (966, 9, 10), (967, 7, 9),
    (968, 7, 9), (970, 8, 9), (971, 7, 12), (972, 8, 12), (973, 8, 8), (974, 7, 8), (975, 7, 8),
    (976, 8, 10), (977, 8, 10), (992, 9, 9), (993, 8, 8), (994, 9, 9), (995, 9, 9), (996, 9, 10),
    (998, 9, 9),
];

/// How many digits a number has that begins with the country code of this one: at least, and at most.
pub(super) fn lengths(digits: &str) -> Option<(usize, usize)> {
    CODES.iter().find_map(|(code, least, most)| {
        let code = Digits::of(*code);
        let len = code.as_str().len();
        digits.starts_with(code.as_str()).then(|| (len + usize::from(*least), len + usize::from(*most)))
    })
}

/// A country code as text.
struct Digits {
    bytes: [u8; 3],
    from: usize,
}

impl Digits {
    fn of(mut code: u16) -> Self {
        let mut digits = Self { bytes: [0; 3], from: 3 };
        for byte in digits.bytes.iter_mut().rev() {
            if code > 0 {
                *byte = b'0' + (code % 10) as u8;
                code /= 10;
                digits.from -= 1;
            }
        }
        digits
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(self.bytes.get(self.from..).unwrap_or_default()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_begins_another_and_none_exceeds_the_numbering_plan() {
        for (at, (code, least, most)) in CODES.into_iter().enumerate() {
            let text = code.to_string();
            assert_eq!(Digits::of(code).as_str(), text);
            assert!(least <= most && text.len() + usize::from(most) <= 15, "{code}");
            for (other, ..) in CODES.into_iter().skip(at + 1) {
                assert!(code < other && !other.to_string().starts_with(&text), "{code} {other}");
            }
            assert_eq!(lengths(&format!("{code}123")).unwrap().0, text.len() + usize::from(least));
        }
    }
}
