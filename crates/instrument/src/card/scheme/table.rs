//! The one table of card schemes.
//!
//! No free official list exists for all networks, so every row names the sources that it was read from
//! and the day. Where sources disagree, `choice` says what was chosen. Ranges overlap on purpose: a number
//! has *candidates*, and [`super::super::candidates`] puts them in order.

use super::{CodeRule, Grouping, Lengths, Range, Scheme};

/// Every scheme, global ones first.
pub static SCHEMES: [Scheme; ROWS.len()] = schemes();

/// Where the row of a scheme comes from. Unused in the browser, and then not part of what is downloaded.
pub fn provenance(scheme: &Scheme) -> Option<Provenance> {
    ROWS.iter().find(|row| row.scheme.id == scheme.id).map(|row| row.provenance)
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub struct Provenance {
    /// How far the scheme reaches.
    pub tier: Tier,
    /// The documents and open-source tables that agree on the row. `cct` is credit-card-type.
    pub sources: &'static str,
    /// The day on which they were read, as YYYY-MM-DD.
    pub checked_on: &'static str,
    /// What was chosen where they disagree; empty if they do not.
    pub choice: &'static str,
}

/// How far a scheme reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Accepted around the world.
    Global,
    /// National or regional, with at least two independent sources.
    Regional,
}

struct Row {
    scheme: Scheme,
    provenance: Provenance,
}

const fn iin(prefix: u32) -> Range {
    Range::prefix(prefix)
}

const fn span(low: u32, high: u32) -> Range {
    Range::span(low, high)
}

/// Takes the schemes out of the rows when the crate is compiled, so that the sources stay behind.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn schemes() -> [Scheme; ROWS.len()] {
    let mut schemes = [ROWS[0].scheme; ROWS.len()];
    let mut at = 0;
    while at < schemes.len() {
        schemes[at] = ROWS[at].scheme;
        at += 1;
    }
    schemes
}

const ROWS: [Row; 26] = [
    Row {
        scheme: Scheme {
            id: "visa",
            name: "Visa",
            lengths: Lengths::of(&[13, 16, 19]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[iin(4)],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "cct payform didww symfony adyen bin-cc Wikipedia",
            checked_on: "2026-11-23",
            choice: "18 digits are disputed and not taken; 13 are legacy and still listed by gateways.",
        },
    },
    Row {
        scheme: Scheme {
            id: "mastercard",
            name: "Mastercard",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVC", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[span(51, 55), span(2221, 2720)],
        },
        provenance: Provenance { tier: Tier::Global, sources: "all", checked_on: "2026-11-23", choice: "" },
    },
    Row {
        scheme: Scheme {
            id: "amex",
            name: "American Express",
            lengths: Lengths::of(&[15]),
            code: CodeRule { name: "CID", sizes: &[4] },
            grouping: Grouping::FourSix,
            ranges: &[iin(34), iin(37)],
        },
        provenance: Provenance { tier: Tier::Global, sources: "all", checked_on: "2026-11-23", choice: "" },
    },
    Row {
        scheme: Scheme {
            id: "diners",
            name: "Diners Club International",
            lengths: Lengths::of(&[14, 15, 16, 17, 18, 19]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::FourSixUpTo14,
            ranges: &[span(300, 305), iin(3095), iin(36), span(38, 39)],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "Discover IPP 3Q2021, Stripe, cct (14,16,19), payform (14)",
            checked_on: "2026-11-23",
            choice: "Discover Global Network: 36 has 14-19 digits, others 16-19; cards with 30 and 38 have 14 in practice, so 14-19 for all.",
        },
    },
    Row {
        scheme: Scheme {
            id: "discover",
            name: "Discover",
            lengths: Lengths::of(&[16, 17, 18, 19]),
            code: CodeRule { name: "CID", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[iin(6011), span(644, 649), iin(65), span(622126, 622925).secondary()],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "all; lengths from Discover IPP 3Q2021",
            checked_on: "2026-11-23",
            choice: "622126-622925 is a UnionPay co-brand: UnionPay is named first.",
        },
    },
    Row {
        scheme: Scheme {
            id: "jcb",
            name: "JCB",
            lengths: Lengths::of(&[16, 17, 18, 19]),
            code: CodeRule { name: "CAV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                span(3528, 3589),
                span(3088, 3094),
                span(3096, 3102),
                span(3112, 3120),
                span(3158, 3159),
                span(3337, 3349),
            ],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "all for 3528-3589",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "unionpay",
            name: "UnionPay",
            lengths: Lengths::of(&[16, 17, 18, 19]),
            code: CodeRule { name: "CVN", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(62).luhn_free(),
                span(810, 816).luhn_free(),
                span(8170, 8171).luhn_free(),
                span(8172, 8179).fallback(),
            ],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "cct ActiveMerchant Stripe adyen bin-cc Discover IPP",
            checked_on: "2026-11-23",
            choice: "Luhn optional: some domestic debit numbers fail it. 8172-8179 is RuPay land (NPCI NFS-OC-153): fallback only, Luhn required.",
        },
    },
    Row {
        scheme: Scheme {
            id: "maestro",
            name: "Maestro",
            lengths: Lengths::of(&[12, 13, 14, 15, 16, 17, 18, 19]),
            code: CodeRule { name: "CVC", sizes: &[0, 3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(5018),
                iin(5020),
                iin(5038),
                iin(5893),
                iin(6304),
                iin(6759),
                span(6761, 6763),
                span(501080, 501082).fallback().luhn_free(),
                span(500000, 509999).fallback(),
                span(56, 58).fallback(),
                iin(59).fallback(),
                iin(6390).fallback(),
                iin(67).fallback(),
            ],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "Wikipedia, Mastercard rules via ActiveMerchant, cct, bin-cc, payform",
            checked_on: "2026-11-23",
            choice: "The first seven rows are certain, the rest is a fallback. 501080-501082 carry no Luhn digit.",
        },
    },
    Row {
        scheme: Scheme {
            id: "elo",
            name: "Elo",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVE", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                span(401178, 401179),
                iin(431274),
                iin(438935),
                iin(451416),
                iin(457393),
                span(457631, 457632),
                iin(504175),
                span(506699, 506778),
                span(509000, 509999),
                iin(627780),
                span(636297, 636298),
                iin(636368),
                span(650031, 650033),
                span(650035, 650051),
                span(650057, 650081),
                span(650405, 650439),
                span(650485, 650538),
                span(650541, 650598),
                span(650700, 650718),
                span(650720, 650727),
                span(650901, 650978),
                span(651652, 651704),
                span(655000, 655019),
                span(655021, 655058),
            ],
        },
        provenance: Provenance {
            tier: Tier::Global,
            sources: "cct ActiveMerchant(dev.elo.com.br CSV) Elo BIN table PDF",
            checked_on: "2026-11-23",
            choice: "Luhn disputed; required here: ActiveMerchant, with the issuer's own table, checks it.",
        },
    },
    Row {
        scheme: Scheme {
            id: "hiper",
            name: "Hiper",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVC", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(637095),
                iin(63737423),
                iin(63743358),
                iin(637568),
                iin(637599),
                iin(637609),
                iin(637612),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "cct adyen didww rpi",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "hipercard",
            name: "Hipercard",
            lengths: Lengths::of(&[13, 16, 19]),
            code: CodeRule { name: "CVC", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(606282).luhn_free(),
                iin(384100).secondary(),
                iin(384140).secondary(),
                iin(384160).secondary(),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "cct ActiveMerchant payform",
            checked_on: "2026-11-23",
            choice: "Luhn disputed; not required for 606282 (ActiveMerchant), required for 384xxx, where Diners Club comes first.",
        },
    },
    Row {
        scheme: Scheme {
            id: "mir",
            name: "Mir",
            lengths: Lengths::of(&[16, 17, 18, 19]),
            code: CodeRule { name: "CVP2", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[span(2200, 2204)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "cct didww symfony bin-cc rpi",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "troy",
            name: "Troy",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(9792),
                span(65083700, 65083704),
                span(650082, 650083),
                iin(650092),
                iin(650161),
                iin(650170),
                iin(650173),
                iin(650175),
                iin(650268),
                iin(650271),
                span(650273, 650274),
                span(650456, 650457),
                iin(650836),
                span(650846, 650850),
                iin(650923),
                iin(650987),
                iin(650990),
                iin(654997),
                iin(657366),
                iin(657998),
                iin(658758),
                span(658767, 658768),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "cct bin-cc adyen(979) didww",
            checked_on: "2026-11-23",
            choice: "The eight-digit Discover co-badges inside 658 are left to Discover.",
        },
    },
    Row {
        scheme: Scheme {
            id: "rupay",
            name: "RuPay",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                iin(508227),
                span(508500, 508999),
                iin(603741),
                span(606985, 607984),
                span(608001, 608500),
                span(652150, 653149),
                span(817200, 820199),
                iin(3538),
                iin(356),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "juspay, hyperswitch, adyen, NPCI NFS-OC-153",
            checked_on: "2026-11-23",
            choice: "Fine list instead of whole blocks. 356x overlaps JCB, whose longer prefix comes first.",
        },
    },
    Row {
        scheme: Scheme {
            id: "verve",
            name: "Verve",
            lengths: Lengths::of(&[16, 18, 19]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[span(506099, 506198), span(507865, 507964), span(650002, 650027)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia bin-cc cct ActiveMerchant didww",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "dankort",
            name: "Dankort",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[iin(5019), iin(4571).secondary()],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia adyen bin-cc creditcards-types ActiveMerchant",
            checked_on: "2026-11-23",
            choice: "4571 is a Visa co-brand: Visa is named first.",
        },
    },
    Row {
        scheme: Scheme {
            id: "cartes_bancaires",
            name: "Cartes Bancaires",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                span(507589, 507590),
                span(507593, 507595),
                iin(507597),
                iin(560408),
                iin(581752),
                span(585402, 585405),
                span(585501, 585505),
                span(585577, 585582),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "ActiveMerchant didww",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "bancontact",
            name: "Bancontact",
            lengths: Lengths::of(&[16, 17, 18, 19]),
            code: CodeRule { name: "none", sizes: &[0] },
            grouping: Grouping::Fours,
            ranges: &[iin(6703), iin(479658), iin(606005)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "adyen",
            checked_on: "2026-11-23",
            choice: "No code on the card; a co-branded card may show three digits.",
        },
    },
    Row {
        scheme: Scheme {
            id: "mada",
            name: "mada",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                span(968201, 968211),
                span(588845, 588851),
                span(588982, 588983),
                iin(589005),
                iin(589206),
                iin(604906),
                iin(605141),
                iin(636120),
                iin(504300),
                iin(506968),
                iin(508160),
                iin(585265),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "creditcards-types ActiveMerchant Wikipedia",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "meeza",
            name: "Meeza",
            lengths: Lengths::of(&[16, 19]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[iin(507803), span(507808, 507810)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "creditcards-types Wikipedia",
            checked_on: "2026-11-23",
            choice: "",
        },
    },
    Row {
        scheme: Scheme {
            id: "napas",
            name: "Napas",
            lengths: Lengths::of(&[16, 19]),
            code: CodeRule { name: "security code", sizes: &[3, 4] },
            grouping: Grouping::Fours,
            ranges: &[iin(9704)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia bin-cc",
            checked_on: "2026-11-23",
            choice: "Code unknown: 3 or 4 digits are taken.",
        },
    },
    Row {
        scheme: Scheme {
            id: "uzcard",
            name: "Uzcard",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "security code", sizes: &[3, 4] },
            grouping: Grouping::Fours,
            ranges: &[iin(8600).luhn_free(), iin(5614).luhn_free()],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia bin-cc didww",
            checked_on: "2026-11-23",
            choice: "Luhn unknown: not required. Code unknown: 3 or 4 digits are taken.",
        },
    },
    Row {
        scheme: Scheme {
            id: "humo",
            name: "Humo",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "security code", sizes: &[3, 4] },
            grouping: Grouping::Fours,
            ranges: &[iin(9860).luhn_free()],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia bin-cc didww",
            checked_on: "2026-11-23",
            choice: "Luhn unknown: not required. Code unknown: 3 or 4 digits are taken.",
        },
    },
    Row {
        scheme: Scheme {
            id: "uatp",
            name: "UATP",
            lengths: Lengths::of(&[15]),
            code: CodeRule { name: "none", sizes: &[0] },
            grouping: Grouping::FourFive,
            ranges: &[iin(1)],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "Wikipedia adyen didww evervault",
            checked_on: "2026-11-23",
            choice: "No code.",
        },
    },
    Row {
        scheme: Scheme {
            id: "naranja",
            name: "Naranja",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[iin(589562).luhn_free(), iin(402918).secondary(), iin(527572).secondary()],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "cct ActiveMerchant",
            checked_on: "2026-11-23",
            choice: "Luhn disputed; not required for 589562 (own mod-11 digit). 402918 and 527572 have one source: behind Visa and Mastercard, Luhn required.",
        },
    },
    Row {
        scheme: Scheme {
            id: "cabal",
            name: "Cabal",
            lengths: Lengths::of(&[16]),
            code: CodeRule { name: "CVV", sizes: &[3] },
            grouping: Grouping::Fours,
            ranges: &[
                span(604201, 604219),
                span(604300, 604400),
                iin(589657),
                iin(603522),
                iin(627170),
                iin(650272),
                iin(650087),
                iin(650900),
            ],
        },
        provenance: Provenance {
            tier: Tier::Regional,
            sources: "ActiveMerchant bin-cc adyen",
            checked_on: "2026-11-23",
            choice: "Luhn disputed; required here: ActiveMerchant, the source of the ranges, checks it.",
        },
    },
];
