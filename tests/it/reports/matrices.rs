//! The matrices of the run that the report tests render: every state, and names that try to break out.

use probity::result::{CellState, Matrix, MatrixState, State};

/// Of two operations of one edition; the places are those of `run::mixed`.
pub(crate) fn mixed() -> Vec<MatrixState> {
    let headers = vec![
        cell("X-client-id", "valid", State::Satisfied, &[1, 2]),
        cell("X-client-id", "omitted", State::Violated, &[3]),
        CellState {
            why: Some("ciam/skip-update/controlled/header-blank[X-L] is error".into()),
            ..cell("X-L", "valid", State::Unproven, &[1, 7])
        },
        CellState {
            why: Some("CIAM-SKIP-U04: the client <sends> it & nobody else".into()),
            ..cell("X-L", "omitted", State::NotTestable, &[])
        },
        cell("X-\"odd\"<b>", "valid", State::Observed, &[5]),
        CellState {
            left_out: true,
            why: Some("not run: 1 of its 1 rows".into()),
            ..cell("X-\"odd\"<b>", "omitted", State::Unproven, &[])
        },
    ];
    let plain = |item: &str, state, cases: &[usize]| CellState {
        mode: None,
        ..cell(item, "", state, cases)
    };
    vec![
        of(
            "skipPasswordUpdate",
            Matrix::Statuses,
            vec![plain("200", State::Satisfied, &[1, 2])],
        ),
        of(
            "skipPasswordUpdate",
            Matrix::Errors,
            vec![
                plain("IDAAS.SDK.PARAM.0002", State::Violated, &[3]),
                plain("IDAAS.SDK.PARAM.0013", State::Empty, &[]),
            ],
        ),
        of("skipPasswordUpdate", Matrix::Headers, headers),
        of(
            "changePasswordByMobile",
            Matrix::Errors,
            vec![plain("IDAAS.SDK.PARAM.0013", State::Empty, &[])],
        ),
    ]
}

fn of(operation: &str, matrix: Matrix, cells: Vec<CellState>) -> MatrixState {
    MatrixState {
        edition: "ciam".into(),
        operation: operation.into(),
        matrix,
        cells,
    }
}

fn cell(item: &str, mode: &str, state: State, cases: &[usize]) -> CellState {
    CellState {
        item: item.into(),
        mode: Some(mode.into()),
        state,
        why: None,
        left_out: false,
        cases: cases.into(),
    }
}
