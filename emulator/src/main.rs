//! The program: reads the options and runs the server.

mod options;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use comfycontrol_emulator::server::{Clock, Server};
use comfycontrol_emulator::{Emulator, Runners, VIRTUAL_START};
use options::{Command, Options};

fn main() -> ExitCode {
    let outcome = match options::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help) => io::stdout().write_all(options::HELP.as_bytes()),
        Ok(Command::Serve(options)) => serve(*options),
        Err(error) => {
            eprintln!("{error}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: Options) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let runners = Runners::generated(options.runners, options.seed);
        let started_at = match options.clock {
            Clock::Real => SystemTime::now().into(),
            Clock::Virtual => VIRTUAL_START,
        };
        let emulator = Emulator::new(options.settings, runners, started_at);
        let port = options.port;
        let server = Server::bind(port, emulator, options.clock, &options.folders)
            .await
            .map_err(|error| {
                let message = format!("cannot listen on 127.0.0.1:{port}: {error}");
                io::Error::new(error.kind(), message)
            })?;
        let mut stdout = io::stdout();
        writeln!(stdout, "listening on {}", server.url()?)?;
        stdout.flush()?;
        if options.exit_with_stdin {
            std::thread::spawn(exit_with_stdin);
        }
        tokio::spawn(server.run());
        tokio::signal::ctrl_c().await
    })
}

/// Ends the program when standard input ends, that is, when the parent process is gone.
fn exit_with_stdin() {
    let mut stdin = io::stdin().lock();
    let mut ignored = [0; 256];
    while stdin.read(&mut ignored).is_ok_and(|read| read > 0) {}
    std::process::exit(0);
}
