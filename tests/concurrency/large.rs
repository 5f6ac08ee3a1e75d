//! A group of very many members: it is answered whole, and a change costs what it changes.

use std::collections::HashSet;

use super::{join, leave};
use crate::faults::ledger::Ledger;
use crate::support::{crowd, on_both};

const MEMBERS: usize = 20_000;

/// Makes so many members of the one user and the one group that there are: requests would take minutes.
fn copies(ledger: &Ledger) -> String {
    let new_id = match ledger {
        Ledger::Sqlite(_) => "randomblob(16)",
        Ledger::Postgres(_) => "gen_random_uuid()",
    };
    let kept = "name_origins, active, version, created_at, updated_at, document, search";
    format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MEMBERS}) \
         INSERT INTO users (tenant_id, id, user_name, user_name_key, {kept}) \
         SELECT tenant_id, {new_id}, user_name || i, user_name_key || i, {kept} FROM n CROSS JOIN users; \
         INSERT INTO memberships (tenant_id, group_id, member_id, user_id) \
         SELECT u.tenant_id, g.id, u.id, u.id FROM users u CROSS JOIN groups g WHERE u.user_name <> 'copied'"
    )
}

on_both! {
    /// RFC 7644 §3.4.1, §3.5.2: 20,000 members come whole and each once, while clients come and go beside the reading.
    async fn a_large_group_is_answered_whole(app: TestApp) {
        let group = app.client.group("all", &[]).await;
        app.client.user("copied").await;
        let mut ledger = Ledger::open(app.database_url()).await;
        ledger.execute(copies(&ledger)).await;
        let path = format!("/Groups/{group}");

        let read = app.client.get(&path).await.expect(200);
        let members = read["members"].as_array().expect("members");
        let found: HashSet<&str> = members.iter().map(|member| member["value"].as_str().expect("an id")).collect();
        assert_eq!(members.len(), MEMBERS);
        assert_eq!(found.len(), MEMBERS);
        for id in found.iter().step_by(MEMBERS / 4) {
            app.client.get(&format!("/Users/{id}")).await.expect(200);
        }

        // Each read is of one moment: whoever comes and goes, it holds all others, and nobody twice.
        let guest = app.client.user("guest").await;
        let reads = crowd(8, |number| {
            let (client, group, guest) = (app.client.clone(), group.clone(), guest.clone());
            async move {
                if number < 4 {
                    join(&client, &group, &guest).await.expect(204);
                    leave(&client, &group, &guest).await.expect(204);
                    return None;
                }
                Some(client.get(&format!("/Groups/{group}?attributes=members.value")).await.expect(200))
            }
        }).await;
        for read in reads.into_iter().flatten() {
            let members = read["members"].as_array().expect("members");
            let others: HashSet<&str> =
                members.iter().filter_map(|member| member["value"].as_str()).filter(|id| **id != *guest).collect();
            assert_eq!(others.len(), MEMBERS);
            assert!(members.len() - others.len() <= 1);
        }
        let list = app.client.get("/Groups?excludedAttributes=members").await.expect(200);
        assert_eq!(list["Resources"][0].get("members"), None);
    }
}
