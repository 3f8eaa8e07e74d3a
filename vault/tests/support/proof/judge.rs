//! The judge: per token at most one winner, every acknowledged write readable or spent, every acknowledged spend for
//! ever, nothing there that was said not to be, and an audit log that holds and tells of every spend once.

use std::collections::HashSet;

use super::{
    history::{History, Spend, Story, Told},
    kept::{Kept, Token},
};

/// How many offences are told in words; the figures have all of them.
const TOLD: usize = 10;

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Writes that were answered with yes.
    pub(crate) acknowledged: usize,
    /// Writes of which nobody was told whether they were done.
    pub(crate) unknown: usize,
    /// Acknowledged spends.
    pub(crate) won: usize,
    /// Acknowledged writes that are not there.
    pub(crate) lost: usize,
    /// Tokens with more than one winner.
    pub(crate) double: usize,
    /// Everything else that must not be: half of a write, one that was refused and is there, a gap in the audit log.
    pub(crate) wrong: usize,
    /// The first offences, in words.
    pub(crate) offences: Vec<String>,
}

impl Verdict {
    /// Fails if anything is lost, double or wrong.
    #[track_caller]
    pub(crate) fn assert_holds(&self) {
        assert_eq!((self.lost, self.double, self.wrong), (0, 0, 0), "{:#?}", self.offences);
    }

    /// This and another verdict, of another run of the same row.
    pub(crate) fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.unknown += other.unknown;
        self.won += other.won;
        self.lost += other.lost;
        self.double += other.double;
        self.wrong += other.wrong;
        self.offences.extend(other.offences.iter().cloned());
        self.offences.truncate(TOLD);
    }

    pub(crate) fn lose(&mut self, what: &str) {
        self.lost += 1;
        self.offend(&format!("lost: {what}"));
    }

    pub(crate) fn find_double(&mut self, what: &str) {
        self.double += 1;
        self.offend(&format!("double: {what}"));
    }

    pub(crate) fn find_wrong(&mut self, what: &str) {
        self.wrong += 1;
        self.offend(&format!("wrong: {what}"));
    }

    fn offend(&mut self, what: &str) {
        if self.offences.len() < TOLD {
            self.offences.push(what.to_owned());
        }
    }
}

/// Compares what was answered with what is there.
pub(crate) fn judge(history: &History, kept: &Kept) -> Verdict {
    let mut verdict = Verdict { unknown: history.unanswered, ..Verdict::default() };
    let methods: HashSet<&str> = kept.methods.iter().map(String::as_str).collect();
    if methods.len() != kept.methods.len() {
        verdict.find_wrong("a payment method is listed twice");
    }
    let mut claimed = HashSet::new();
    let mut spent_tokens = 0;
    for story in &history.stories {
        let token = kept.tokens.get(&story.token).copied().unwrap_or(Token::Missing);
        spent_tokens += usize::from(token == Token::Spent);
        one(story, token, &methods, &mut claimed, &mut verdict);
    }
    for other in &history.others {
        verdict.acknowledged += 1;
        if !kept.others.contains(other) {
            verdict.lose(other);
        }
    }
    if kept.methods.len() != spent_tokens {
        let (methods, tokens) = (kept.methods.len(), spent_tokens);
        verdict.find_wrong(&format!("{methods} payment methods of {tokens} spent tokens"));
    }
    if kept.recorded_spends != spent_tokens {
        let recorded = kept.recorded_spends;
        verdict.find_wrong(&format!("{recorded} spends in the audit log, {spent_tokens} spent tokens"));
    }
    if kept.findings != 0 {
        verdict.find_wrong(&format!("the audit log has {} findings", kept.findings));
    }
    verdict
}

fn one<'a>(
    Story { token: name, issued, spends }: &'a Story,
    token: Token,
    methods: &HashSet<&str>,
    claimed: &mut HashSet<&'a str>,
    verdict: &mut Verdict,
) {
    match issued {
        Told::Done => {
            verdict.acknowledged += 1;
            if token == Token::Missing {
                verdict.lose(&format!("the token {name}"));
            }
        }
        Told::Unknown => verdict.unknown += 1,
        Told::Spent | Told::Refused => {
            if token != Token::Missing {
                verdict.find_wrong(&format!("the token {name} was refused and is there"));
            }
        }
    }
    if token == Token::Torn {
        verdict.find_wrong(&format!("the token {name} is spent and its ciphertext is there"));
    }
    let (mut winners, mut kept) = (0, 0);
    for Spend { method, told } in spends {
        let is_there = method.as_deref().is_some_and(|method| methods.contains(method));
        kept += usize::from(is_there);
        match told {
            Told::Done => {
                winners += 1;
                verdict.acknowledged += 1;
                let Some(method) = method else {
                    verdict
                        .find_wrong(&format!("a spend of {name} was acknowledged without a payment method"));
                    continue;
                };
                if !is_there {
                    verdict.lose(&format!("the payment method {method} of {name}"));
                }
                if !claimed.insert(method) {
                    verdict.find_double(&format!("the payment method {method} was given out twice"));
                }
                if token != Token::Spent {
                    verdict.lose(&format!("the spend of {name}"));
                }
            }
            Told::Unknown => verdict.unknown += 1,
            Told::Spent if token == Token::Unspent => {
                verdict.find_wrong(&format!("{name} was said to be spent and is not"));
            }
            Told::Spent | Told::Refused => {
                if is_there {
                    verdict.find_wrong(&format!("a spend of {name} was refused and is there"));
                }
            }
        }
    }
    verdict.won += winners;
    if winners > 1 || kept > 1 {
        verdict.find_double(&format!("{name} has {winners} winners and {kept} payment methods"));
    }
    if kept > 0 && token == Token::Unspent {
        verdict.find_wrong(&format!("{name} has a payment method and is not spent"));
    }
}

/// The judge sees what is wrong: each case is one thing that a broken vault would do.
mod tests {
    use super::*;

    fn good() -> (History, Kept) {
        let spend = |method: &str, told| Spend { method: Some(method.to_owned()), told };
        let story = |token: &str, spends| Story { token: token.to_owned(), issued: Told::Done, spends };
        let history = History {
            stories: vec![
                story("t1", vec![spend("m1", Told::Done), spend("m2", Told::Spent)]),
                story("t2", vec![spend("m3", Told::Unknown)]),
                story("t3", vec![spend("m4", Told::Refused)]),
            ],
            others: vec!["c1".to_owned()],
            unanswered: 1,
        };
        let kept = Kept {
            tokens: [("t1", Token::Spent), ("t2", Token::Spent), ("t3", Token::Unspent)]
                .map(|(name, token)| (name.to_owned(), token))
                .into(),
            methods: vec!["m1".to_owned(), "m3".to_owned()],
            others: ["c1".to_owned()].into(),
            recorded_spends: 2,
            findings: 0,
        };
        (history, kept)
    }

    #[test]
    fn the_judge_finds_nothing_where_nothing_is() {
        let (history, kept) = good();
        let verdict = judge(&history, &kept);
        verdict.assert_holds();
        assert_eq!((verdict.acknowledged, verdict.unknown, verdict.won), (5, 2, 1));
    }

    #[test]
    fn the_judge_sees_every_sort_of_damage() {
        type Damage = fn(&mut History, &mut Kept);
        // What is done, and how much of it is lost, double and wrong.
        let cases: [(&str, Damage, [bool; 3]); 13] = [
            (
                "a token is gone",
                |_, kept| {
                    kept.tokens.remove("t3");
                },
                [true, false, false],
            ),
            (
                "a spend is gone",
                |_, kept| *kept.tokens.get_mut("t1").unwrap() = Token::Unspent,
                [true, false, true],
            ),
            (
                "a payment method is gone",
                |_, kept| {
                    kept.methods.remove(0);
                },
                [true, false, true],
            ),
            (
                "a customer is gone",
                |_, kept| {
                    kept.others.remove("c1");
                },
                [true, false, false],
            ),
            (
                "two were told that they won",
                |history, _| history.stories[0].spends[1].told = Told::Done,
                [true, true, false],
            ),
            ("the loser's is there too", |_, kept| kept.methods.push("m2".into()), [false, true, true]),
            ("what was refused is there", |_, kept| kept.methods.push("m4".into()), [false, false, true]),
            (
                "half of a write",
                |_, kept| *kept.tokens.get_mut("t2").unwrap() = Token::Torn,
                [false, false, true],
            ),
            ("one that nobody asked for", |_, kept| kept.methods.push("m9".into()), [false, false, true]),
            (
                "one for two",
                |history, _| history.stories[2].spends[0] = history.stories[0].spends[0].clone(),
                [true, true, true],
            ),
            ("a spend is not recorded", |_, kept| kept.recorded_spends = 1, [false, false, true]),
            ("the log does not hold", |_, kept| kept.findings = 1, [false, false, true]),
            (
                "said to be spent",
                |history, _| history.stories[2].spends[0].told = Told::Spent,
                [false, false, true],
            ),
        ];
        for (what, damage, [lost, double, wrong]) in cases {
            let (mut history, mut kept) = good();
            damage(&mut history, &mut kept);
            let verdict = judge(&history, &kept);
            let seen = [verdict.lost > 0, verdict.double > 0, verdict.wrong > 0];
            assert!(seen.contains(&true), "{what} is not seen");
            for (seen, expected) in seen.into_iter().zip([lost, double, wrong]) {
                assert!(seen || !expected, "{what}: {verdict:?}");
            }
            assert!(!verdict.offences.is_empty(), "{what}");
        }
    }
}
