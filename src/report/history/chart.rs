//! Small charts of runs over time, as figures of an SVG: no script and no style of their own.

use serde::Serialize;

/// The size of a chart, and where its plot lies in it.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 132;
const LEFT: u32 = 56;
const TOP: u32 = 8;
const PLOT_WIDTH: u32 = WIDTH - LEFT - 8;
const PLOT_HEIGHT: u32 = 100;

/// The widest bar.
const BAR: f64 = 28.0;

/// A chart, ready to be drawn.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    title: String,
    /// What it shows, for who does not see it.
    label: String,
    width: u32,
    height: u32,
    left: u32,
    right: u32,
    top_at: u32,
    bottom_at: u32,
    /// The greatest value.
    top: String,
    first: String,
    last: String,
    legend: Vec<(&'static str, &'static str)>,
    bars: Vec<Bar>,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    tone: &'static str,
    title: String,
}

#[derive(Debug, Serialize)]
struct Line {
    tone: &'static str,
    /// Parts without a gap.
    parts: Vec<String>,
    dots: Vec<Dot>,
}

#[derive(Debug, Serialize)]
struct Dot {
    x: String,
    y: String,
    title: String,
}

/// A series of values, one a run.
pub(super) struct Series {
    /// Its class, and its word in the legend.
    pub tone: &'static str,
    pub name: &'static str,
    /// `None` where a run has none.
    pub values: Vec<Option<u64>>,
}

/// What all charts of a page have in common: when each run was.
pub(super) struct Axis<'a> {
    pub when: &'a [String],
}

impl Axis<'_> {
    /// Bars on each other.
    pub(super) fn stacked(&self, title: &str, series: &[Series]) -> Chart {
        let sum = |at: usize| -> u64 { series.iter().filter_map(|one| one.values[at]).sum() };
        let top = (0..self.when.len()).map(sum).max().unwrap_or_default();
        let width = (self.step() * 0.7).min(BAR);
        let mut chart = self.chart(title, top.to_string(), series);
        for (at, when) in self.when.iter().enumerate() {
            let mut below = 0;
            for one in series {
                let value = one.values[at].unwrap_or_default();
                if value == 0 {
                    continue;
                }
                let (low, high) = (height(below, top), height(below + value, top));
                chart.bars.push(Bar {
                    x: place(self.at(at) - width / 2.0),
                    y: place(bottom() - high),
                    width: place(width),
                    height: place(high - low),
                    tone: one.tone,
                    title: format!("{when}: {value} {}", one.name),
                });
                below += value;
            }
        }
        chart
    }

    /// Lines over each other; `shown` says what a value is for people.
    pub(super) fn lines(
        &self,
        title: &str,
        series: &[Series],
        shown: impl Fn(u64) -> String,
    ) -> Chart {
        let values = series.iter().flat_map(|one| &one.values).flatten();
        let top = values.copied().max().unwrap_or_default();
        let mut chart = self.chart(title, shown(top), series);
        for one in series {
            let mut line = Line {
                tone: one.tone,
                parts: Vec::new(),
                dots: Vec::new(),
            };
            let mut part: Vec<String> = Vec::new();
            for (at, value) in one.values.iter().enumerate() {
                let Some(value) = value else {
                    line.parts.push(std::mem::take(&mut part).join(" "));
                    continue;
                };
                let (x, y) = (place(self.at(at)), place(bottom() - height(*value, top)));
                part.push(format!("{x},{y}"));
                let title = format!("{}: {} {}", self.when[at], one.name, shown(*value));
                line.dots.push(Dot { x, y, title });
            }
            line.parts.push(part.join(" "));
            line.parts.retain(|part| part.contains(' '));
            chart.lines.push(line);
        }
        chart
    }

    fn chart(&self, title: &str, top: String, series: &[Series]) -> Chart {
        let names: Vec<&str> = series.iter().map(|one| one.name).collect();
        Chart {
            title: title.to_owned(),
            label: format!("{title}: {} of each run", names.join(", ")),
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: LEFT + PLOT_WIDTH,
            top_at: TOP,
            bottom_at: TOP + PLOT_HEIGHT,
            top,
            first: self.when.first().cloned().unwrap_or_default(),
            last: self
                .when
                .last()
                .filter(|_| self.when.len() > 1)
                .cloned()
                .unwrap_or_default(),
            legend: series.iter().map(|one| (one.tone, one.name)).collect(),
            bars: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// The columns of one run.
    fn step(&self) -> f64 {
        f64::from(PLOT_WIDTH) / whole(self.when.len().max(1))
    }

    /// The middle of a run's columns.
    fn at(&self, run: usize) -> f64 {
        f64::from(LEFT) + self.step() * (whole(run) + 0.5)
    }
}

fn bottom() -> f64 {
    f64::from(TOP + PLOT_HEIGHT)
}

/// How high a value stands where the greatest fills the plot.
#[expect(clippy::cast_precision_loss, reason = "a place on a page is no count")]
fn height(value: u64, top: u64) -> f64 {
    f64::from(PLOT_HEIGHT) * value as f64 / top.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "a place on a page is no count")]
fn whole(count: usize) -> f64 {
    count as f64
}

/// A place as SVG has it.
fn place(at: f64) -> String {
    format!("{at:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[Option<u64>]) -> Series {
        Series {
            tone: "good",
            name: "passed",
            values: values.to_vec(),
        }
    }

    fn when(count: usize) -> Vec<String> {
        (0..count).map(|at| format!("day {at}")).collect()
    }

    #[test]
    fn bars_stand_on_each_other_and_the_greatest_fills_the_plot() {
        let axis = Axis { when: &when(2) };
        let all = [series(&[Some(6), Some(2)]), series(&[Some(4), Some(0)])];
        let chart = axis.stacked("Rows", &all);
        assert_eq!((chart.top.as_str(), chart.bars.len()), ("10", 3));
        let first: Vec<(&str, &str)> = chart.bars[..2]
            .iter()
            .map(|bar| (bar.y.as_str(), bar.height.as_str()))
            .collect();
        assert_eq!(first, [("48.0", "60.0"), ("8.0", "40.0")]);
        assert_eq!(chart.bars[2].height, "20.0");
    }

    #[test]
    fn a_line_has_a_gap_where_a_run_has_no_value() {
        let axis = Axis { when: &when(5) };
        let values = [Some(1), Some(2), None, Some(4), Some(4)];
        let chart = axis.lines("Answers", &[series(&values)], |value| value.to_string());
        let line = &chart.lines[0];
        assert_eq!((line.parts.len(), line.dots.len()), (2, 4));
        assert_eq!(line.dots[3].y, "8.0");
    }

    #[test]
    fn one_run_alone_and_runs_of_nothing_can_be_drawn() {
        let axis = Axis { when: &when(1) };
        let chart = axis.lines("Answers", &[series(&[Some(0)])], |value| value.to_string());
        assert_eq!((chart.lines[0].parts.len(), chart.last.as_str()), (0, ""));
        let none = Axis { when: &[] };
        assert_eq!(none.stacked("Rows", &[series(&[])]).bars.len(), 0);
    }
}
