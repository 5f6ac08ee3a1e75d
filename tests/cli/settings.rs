//! Where settings come from, and which wins: flags over the environment over the file over the defaults.

use super::process::Terminal;

/// The tenants that are found with these arguments.
fn slugs(terminal: &Terminal, arguments: &[&str]) -> Vec<String> {
    let listed = terminal.run(&[&["tenant", "list", "--json"], arguments].concat()).json();
    listed.as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap().to_owned()).collect()
}

/// A terminal in whose directory there are databases `a.db` … `d.db`, each with a tenant of that name.
fn with_databases() -> Terminal {
    let terminal = Terminal::new();
    for name in ["a", "b", "c", "d"] {
        terminal.run(&["tenant", "create", name, "--database", &format!("sqlite:{name}.db")]).ok();
    }
    terminal
}

#[test]
fn each_source_wins_over_the_one_before() {
    let terminal = with_databases();
    std::fs::write(terminal.directory.path().join("provost.toml"), "database = \"sqlite:a.db\"\n").unwrap();
    assert_eq!(slugs(&terminal, &[]), ["a"]);
    let terminal = terminal.with("DATABASE_URL", "sqlite:b.db");
    assert_eq!(slugs(&terminal, &[]), ["b"]);
    let terminal = terminal.with("PROVOST_DATABASE", "sqlite:c.db");
    assert_eq!(slugs(&terminal, &[]), ["c"]);
    assert_eq!(slugs(&terminal, &["--database", "sqlite:d.db"]), ["d"]);
}

#[test]
fn a_settings_file_can_be_named() {
    let terminal = with_databases();
    std::fs::write(terminal.directory.path().join("provost.toml"), "database = \"sqlite:a.db\"\n").unwrap();
    std::fs::write(terminal.directory.path().join("other.toml"), "database = \"sqlite:b.db\"\n").unwrap();
    assert_eq!(slugs(&terminal, &["--config", "other.toml"]), ["b"]);
    assert_eq!(
        terminal.run(&["tenant", "list", "--config", "missing.toml"]).refused(),
        "provost: There is no settings file at 'missing.toml'.\n",
    );
}

/// A wrong settings file is refused in a sentence that names the key.
#[test]
fn a_wrong_setting_is_named() {
    for (text, named) in [
        ("listen = \"nowhere\"\n", "listen"),
        ("max_connections = \"many\"\n", "max_connections"),
        ("shoe_size = 43\n", "shoe_size"),
        (
            "database = \"mysql://x\"\n",
            "The setting 'database' is not valid: it has to begin with 'sqlite:' or 'postgres://'.",
        ),
        (
            "public_url = \"id.example.com\"\n",
            "The setting 'public_url' is not valid: it has to begin with 'https://' or 'http://'.",
        ),
        (
            "tls_key = \"key.pem\"\n",
            "The setting 'tls_key' is not valid: TLS needs both tls_certificate and tls_key.",
        ),
        ("max_connections = 0\n", "The setting 'max_connections' is not valid: it has to be at least 1."),
        ("sqlite_readers = 0\n", "The setting 'sqlite_readers' is not valid: it has to be at least 1."),
    ] {
        let terminal = Terminal::new();
        std::fs::write(terminal.directory.path().join("provost.toml"), text).unwrap();
        let said = terminal.run(&["tenant", "list"]).refused();
        assert!(said.starts_with("provost: The setting") && said.contains(named), "{text}: {said}");
        assert!(!terminal.directory.path().join("provost.db").exists(), "{text}");
    }
}

/// A wrong variable is refused in a sentence that names it.
#[test]
fn a_wrong_variable_is_named() {
    let terminal = Terminal::new().with("PROVOST_MAX_BODY_BYTES", "large");
    let said = terminal.run(&["tenant", "list"]).refused();
    assert!(said.to_lowercase().contains("max_body_bytes"), "{said}");
}

/// `PROVOST_…` variables reach the server: what it prints is what it was told.
#[test]
fn variables_reach_the_server() {
    let terminal = Terminal::new().with("PROVOST_PUBLIC_URL", "https://id.example.com/");
    let server = terminal.serve(&[], "curl ");
    assert_eq!(server.line("SCIM base URL:"), "https://id.example.com/scim/v2");
    assert_eq!(server.terminate(), Some(0));
}
