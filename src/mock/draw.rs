//! Questions that a seed answers.

use std::fmt;

use fastrand::Rng;

use super::order::Order;

/// What a seed chose in one question; `of` is the number of answers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub topic: &'static str,
    pub label: &'static str,
    pub index: usize,
    pub of: usize,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.topic, self.label)
    }
}

/// Answers one question after another and keeps its answers.
#[derive(Debug)]
pub(super) struct Draw {
    /// Absent for the plain reading.
    rng: Option<Rng>,
    choices: Vec<Choice>,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: (seed != 0).then(|| Rng::with_seed(seed)),
            choices: Vec::new(),
        }
    }

    /// One of the answers, each with its label; the first is the plain reading.
    pub(super) fn one<T: Copy, const N: usize>(
        &mut self,
        topic: &'static str,
        answers: [(&'static str, T); N],
    ) -> T {
        const { assert!(N > 1, "a question has more than one answer") };
        let index = self.rng.as_mut().map_or(0, |rng| rng.usize(..N));
        let (label, answer) = answers[index];
        self.choices.push(Choice {
            topic,
            label,
            index,
            of: N,
        });
        answer
    }

    /// Yes or no; no is the plain reading.
    pub(super) fn flag(
        &mut self,
        topic: &'static str,
        no: &'static str,
        yes: &'static str,
    ) -> bool {
        self.one(topic, [(no, false), (yes, true)])
    }

    /// A seed of its own for something that is shuffled.
    pub(super) fn seed(&mut self) -> u64 {
        self.rng.as_mut().map_or(0, |rng| rng.u64(..))
    }

    pub(super) fn order(&mut self, topic: &'static str) -> Order {
        let shuffled = Order::Shuffled(self.seed());
        self.one(
            topic,
            [
                ("as the examples print them", Order::Printed),
                ("reversed", Order::Reversed),
                ("shuffled", shuffled),
            ],
        )
    }

    /// What was chosen, question by question.
    pub(super) fn into_choices(self) -> Vec<Choice> {
        self.choices
    }
}
