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

/// Text as an SQL literal in which pgbench finds no `:variable`, and [`numbered`] no parameter.
pub fn literal(text: &str) -> String {
    format!(
        "E'{}'",
        text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a").replace('$', "\\x24")
    )
}

/// Puts expressions in the place of a commit statement's parameters: one for each column of each of its CTEs, the
/// tenant for `$1`, and 1 for the number of rows that a guard expects.
pub fn with_values(statement: &str, tenant: &str, value: impl Fn(&str, &str) -> String) -> String {
    let mut parts = statement.split("\" AS (");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let cte = out.rsplit('"').next().unwrap_or_default().to_owned();
        out.push_str("\" AS (");
        out.push_str(&with_row(&with_arrays(part, &cte, &value), &cte, &value));
    }
    numbered(&out, |number, _| if number == 1 { format!("'{tenant}'::uuid") } else { "1".to_owned() })
}

/// `unnest($2::uuid[], …) AS n(id, …)`: several rows.
fn with_arrays(part: &str, cte: &str, value: &impl Fn(&str, &str) -> String) -> String {
    let found = part.split_once("unnest(").and_then(|(head, tail)| {
        let (arrays, tail) = tail.split_once(") AS n(")?;
        let (columns, tail) = tail.split_once(')')?;
        Some((head, arrays, columns, tail))
    });
    let Some((head, arrays, columns, tail)) = found else { return part.to_owned() };
    let arrays = arrays.split(", ").zip(columns.split(", ")).map(|(parameter, column)| {
        let kind = parameter.split_once("::").map_or("text[]", |(_, kind)| kind);
        format!("ARRAY[{}]::{kind}", value(cte, column))
    });
    format!("{head}unnest({}) AS n({columns}){tail}", arrays.collect::<Vec<_>>().join(", "))
}

/// `(SELECT $2::uuid AS id, …) AS n`: one row.
fn with_row(part: &str, cte: &str, value: &impl Fn(&str, &str) -> String) -> String {
    numbered(part, |number, rest| {
        let named = rest.strip_prefix("::").and_then(|rest| rest.split_once(" AS "));
        match named.filter(|(kind, _)| kind.chars().all(char::is_alphanumeric)) {
            Some((_, rest)) => {
                let end = rest.find([',', ')']).unwrap_or(rest.len());
                format!("({})", value(cte, rest.get(..end).unwrap_or_default()))
            }
            None => format!("${number}"),
        }
    })
}

/// Puts expressions in the place of `$1`, `$2`, …, each made of the number and of what follows it.
pub fn numbered(statement: &str, value: impl Fn(usize, &str) -> String) -> String {
    let mut parts = statement.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        out.push_str(&value(number.parse().unwrap_or_default(), rest));
        out.push_str(rest);
    }
    out
}
