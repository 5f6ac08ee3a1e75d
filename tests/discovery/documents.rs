//! The served documents, whole: a change to them is seen in review.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::support::{TestApp, on_both};

/// The document with the server's address made the same in every run.
async fn document(app: &TestApp, path: &str) -> Value {
    let text = app.client.get(path).await.expect(200).to_string();
    serde_json::from_str(&text.replace(&*app.client.base_url, "[base]")).unwrap()
}

on_both! {
    /// RFC 7643 §5, RFC 7644 §4.
    async fn service_provider_config(app: TestApp) {
        assert_json_snapshot!("service-provider-config", document(&app, "/ServiceProviderConfig").await);
    }

    /// RFC 7643 §6, RFC 7644 §4.
    async fn resource_types(app: TestApp) {
        assert_json_snapshot!("resource-types", document(&app, "/ResourceTypes").await);
    }

    /// RFC 7643 §7, §8.7, RFC 7644 §4.
    async fn schemas(app: TestApp) {
        assert_json_snapshot!("schemas", document(&app, "/Schemas").await);
    }

    /// RFC 7644 §4: each document of a list is also served under its own URL, which is its location.
    async fn each_by_itself(app: TestApp) {
        for path in ["/Schemas", "/ResourceTypes"] {
            let list = app.client.get(path).await.expect(200);
            let resources = list["Resources"].as_array().unwrap();
            assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&resources.len().into(), &resources.len().into()));
            for resource in resources {
                let location = resource["meta"]["location"].as_str().unwrap();
                let own = location.strip_prefix(&*app.client.base_url).unwrap();
                assert_eq!(own, format!("{path}/{}", resource["id"].as_str().unwrap()));
                assert_eq!(app.client.get(own).await.expect(200), *resource);
                // A client may percent-encode the URN's colons (RFC 3986 §2.1), and URNs have no case (RFC 8141 §3.1).
                let encoded = own.replace(':', "%3A");
                assert_eq!(app.client.get(&encoded).await.expect(200), *resource, "{encoded}");
                let (_, id) = own.rsplit_once('/').unwrap();
                let upper = format!("{path}/{}", id.to_uppercase());
                assert_eq!(app.client.get(&upper).await.expect(200), *resource, "{upper}");
            }
        }
    }

    /// RFC 7644 §4: "a single ServiceProviderConfig"; paging and sorting parameters change nothing.
    async fn paging_is_ignored(app: TestApp) {
        for path in ["/Schemas", "/ResourceTypes"] {
            let whole = app.client.get(path).await.expect(200);
            let query = "startIndex=2&count=1&sortBy=name&sortOrder=descending&attributes=id";
            assert_eq!(app.client.get(&format!("{path}?{query}")).await.expect(200), whole);
        }
    }
}
