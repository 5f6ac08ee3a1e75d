//! `totalResults` comes from a count that is kept, not counted: it must be right whoever writes.

use serde_json::json;

use super::CLIENTS;
use crate::support::{crowd, on_both};

on_both! {
    /// RFC 7644 §3.4.2: `totalResults` is the number of users and of groups that there are, after any number of
    /// creations, refusals and deletions at once.
    async fn what_many_make_and_delete_is_counted(app: TestApp) {
        crowd(CLIENTS, |number| {
            let client = app.client.clone();
            async move {
                for round in 0..3 {
                    let name = format!("user{number}.{round}");
                    let id = client.user(&name).await;
                    client.post("/Users", &json!({ "userName": name })).await.expect(409);
                    if round == 0 {
                        client.delete(&format!("/Users/{id}")).await.expect(204);
                        client.delete(&format!("/Users/{id}")).await.expect(404);
                    }
                }
                client.group(&format!("group{number}"), &[]).await;
            }
        }).await;

        for (path, kept) in [("/Users", 2 * CLIENTS), ("/Groups", CLIENTS)] {
            let list = app.client.query(path, &[("count", "1000")]).await.expect(200);
            assert_eq!(list["totalResults"], kept);
            assert_eq!(list["Resources"].as_array().unwrap().len(), kept);
            // With a filter the rows themselves are counted.
            let counted = app.client.query(path, &[("filter", "id pr"), ("count", "0")]).await.expect(200);
            assert_eq!(counted["totalResults"], kept);
        }
    }
}
