//! pgbench as the baseline: the server's own statements, sent by PostgreSQL's own driver.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Failure;

/// As many clients as the load driver has connections.
const CLIENTS: &str = "16";

/// Finds and runs pgbench against one database.
pub struct Pgbench {
    program: PathBuf,
    database: String,
    scripts: tempfile::TempDir,
}

impl Pgbench {
    /// Finds pgbench: on the PATH, else where Debian puts it.
    ///
    /// # Errors
    /// It is not there.
    pub fn find(database: &str) -> Result<Self, Failure> {
        let on_path = std::env::var_os("PATH")
            .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
            .unwrap_or_default();
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        versions.sort();
        let program = on_path
            .into_iter()
            .chain(versions.into_iter().rev())
            .map(|directory| directory.join("pgbench"))
            .find(|program| program.is_file())
            .ok_or("pgbench was not found, neither on the PATH nor in /usr/lib/postgresql")?;
        Ok(Self { program, database: database.to_owned(), scripts: tempfile::TempDir::new()? })
    }

    /// Writes a script down under a name.
    ///
    /// # Errors
    /// The file system's.
    pub fn script(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.scripts.path().join(format!("{name}.sql"));
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// Transactions a second.
    ///
    /// # Errors
    /// A script that fails.
    pub fn rate(&self, script: &Path, time: Duration) -> Result<f64, Failure> {
        let seconds = time.as_secs_f64().ceil().max(1.0).to_string();
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--client", CLIENTS])
            .args(["--time", &seconds, "--file"])
            .arg(script)
            .arg(&self.database)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        match rate.map(str::parse) {
            Some(Ok(rate)) if output.status.success() => Ok(rate),
            _ => Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

/// Text as an SQL literal in which pgbench finds no `:variable`.
pub fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a"))
}

/// Puts expressions in the place of a commit statement's parameters: one for each column of each of its CTEs, the
/// tenant for `$1`, and 1 for the number of rows that a guard expects.
pub fn with_values(statement: &str, tenant: &str, value: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    let mut rest = statement;
    let mut cte = "";
    while let Some((head, tail)) = rest.split_once("unnest(") {
        if let Some((before, _)) = head.rsplit_once("\" AS (") {
            cte = before.rsplit('"').next().unwrap_or_default();
        }
        let Some((arrays, tail)) = tail.split_once(") AS n(") else { break };
        let Some((columns, tail)) = tail.split_once(')') else { break };
        let arrays = arrays.split(", ").zip(columns.split(", ")).map(|(parameter, column)| {
            let kind = parameter.split_once("::").map_or("text[]", |(_, kind)| kind);
            format!("ARRAY[{}]::{kind}", value(cte, column))
        });
        out.push_str(head);
        out.push_str(&format!("unnest({}) AS n({columns})", arrays.collect::<Vec<_>>().join(", ")));
        rest = tail;
    }
    out.push_str(rest);
    numbered(&out, |number| if number == 1 { format!("'{tenant}'::uuid") } else { "1".to_owned() })
}

/// Puts expressions in the place of `$1`, `$2`, ….
pub fn numbered(statement: &str, value: impl Fn(usize) -> String) -> String {
    let mut parts = statement.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        out.push_str(&value(number.parse().unwrap_or_default()));
        out.push_str(rest);
    }
    out
}
