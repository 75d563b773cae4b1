//! The command line of formez101: parse, run, say how it went.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    formez101::cli::main()
}
