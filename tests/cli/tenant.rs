//! `provost tenant create|list`.

use serde_json::json;

use super::process::Terminal;

#[test]
fn tenants_are_made_and_listed() {
    let terminal = Terminal::new();
    let made = terminal.run(&["tenant", "create", "acme", "--name", "Acme, Inc."]).ok();
    let lines: Vec<&str> = made.lines().collect();
    let [tenant, owner, password, shown, next] = lines[..] else { panic!("{made}") };
    assert!(
        tenant.starts_with("Tenant 'acme' (") && tenant.ends_with("has the connection 'default'."),
        "{made}"
    );
    assert_eq!(owner, "Owner: owner");
    assert_eq!(password.strip_prefix("Owner's password: ").map(str::len), Some(24), "{made}");
    assert_eq!(
        [shown, next],
        ["The password is shown only now.", "Next: provost token create --tenant acme"]
    );
    terminal.run(&["tenant", "create", "other"]).ok();
    let table = terminal.run(&["tenant", "list"]).ok();
    for text in ["SLUG", "acme", "Acme, Inc.", "other"] {
        assert!(table.contains(text), "{table}");
    }
}

#[test]
fn tenants_as_json() {
    let terminal = Terminal::new();
    let made = terminal.run(&["--json", "tenant", "create", "acme", "--owner", "ada"]).json();
    assert_eq!((&made["tenant"]["slug"], &made["tenant"]["name"]), (&json!("acme"), &json!("acme")));
    assert_eq!(
        (&made["connection"]["name"], &made["connection"]["strict"]),
        (&json!("default"), &json!(false))
    );
    assert_eq!(made["owner"]["user_name"], json!("ada"));
    assert_eq!(made["owner"]["password"].as_str().map(str::len), Some(24));
    assert_eq!(made["connection"]["tenant_id"], made["tenant"]["id"]);
    assert_eq!(terminal.run(&["tenant", "list", "--json"]).json(), json!([made["tenant"]]));
}

#[test]
fn a_slug_that_is_taken_or_none_is_refused() {
    let terminal = Terminal::new();
    terminal.run(&["tenant", "create", "acme"]).ok();
    assert_eq!(
        terminal.run(&["tenant", "create", "acme"]).refused(),
        "provost: A tenant with the slug 'acme' exists already.\n",
    );
    for slug in ["Acme", "", "a b", "ä", "a_b"] {
        assert_eq!(
            terminal.run(&["tenant", "create", slug, "--name", "Acme"]).refused(),
            format!(
                "provost: '{slug}' is not a tenant's slug: use 1 to 63 lower-case letters, digits and hyphens, beginning \
                 with a letter or digit.\n"
            ),
        );
    }
    assert_eq!(terminal.run(&["tenant", "list", "--json"]).json().as_array().unwrap().len(), 1);
}
