//! Filters on who is in which group (RFC 7643 §4.1.2 `groups`, §4.2 `members`; RFC 7644 §3.4.2.2).

use super::directory::{Row, find_groups, find_users, found, seed};
use crate::support::on_both;

/// A user's groups, direct and indirect.
const GROUPS: &[Row] = &[
    (r#"groups.display eq "tour guides""#, &["bjensen", "JSmith"]),
    (r#"groups.display eq "Trainees""#, &["JSmith"]),
    (r#"groups.display sw "t""#, &["bjensen", "JSmith"]),
    (r#"groups.display eq "Empty""#, &[]),
    (r#"groups.type eq "direct""#, &["bjensen", "JSmith"]),
    (r#"groups.type eq "indirect""#, &["JSmith"]),
    (r#"groups[display eq "Tour Guides" and type eq "direct"]"#, &["bjensen"]),
    (r#"groups[display eq "Tour Guides" and type eq "indirect"]"#, &["JSmith"]),
    (r#"groups[display eq "Tour Guides" and not (type eq "direct")]"#, &["JSmith"]),
    ("groups pr", &["bjensen", "JSmith"]),
    ("not (groups pr)", &["müller@straße.example", "zoe"]),
    ("groups eq null", &["müller@straße.example", "zoe"]),
    (r#"groups.display ne "Trainees""#, &["bjensen", "müller@straße.example", "zoe"]),
    (r#"groups pr and active eq false"#, &["JSmith"]),
];

/// A group's direct members.
const MEMBERS: &[Row] = &[
    (r#"members.type eq "Group""#, &["Tour Guides"]),
    (r#"members.type eq "user""#, &["Trainees", "Tour Guides"]),
    (r#"members.display eq "BABS JENSEN""#, &["Tour Guides"]),
    (r#"members.display sw "jsm""#, &[]),
    (r#"members.display eq "Trainees""#, &["Tour Guides"]),
    (r#"members[type eq "Group" and display eq "Trainees"]"#, &["Tour Guides"]),
    (r#"members[type eq "User" and display eq "Trainees"]"#, &[]),
    ("members pr", &["Trainees", "Tour Guides"]),
    ("not (members pr)", &["Empty"]),
    ("members eq null", &["Empty"]),
];

/// RFC 7643 §4.2 and §3.1: what groups have besides.
const OWN: &[Row] = &[
    (r#"displayName eq "EMPTY""#, &["Empty"]),
    (r#"displayName sw "t""#, &["Trainees", "Tour Guides"]),
    (r#"displayName co "ai""#, &["Trainees"]),
    (r#"displayName gt "f""#, &["Trainees", "Tour Guides"]),
    (r#"externalId eq "G-1""#, &["Empty"]),
    (r#"externalId eq "g-1""#, &[]),
    (r#"meta.resourceType eq "Group""#, &["Trainees", "Tour Guides", "Empty"]),
    (r#"meta.resourceType eq "User""#, &[]),
    (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:Group""#, &["Trainees", "Tour Guides", "Empty"]),
    (r#"urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq "empty""#, &["Empty"]),
];

on_both! {
    /// RFC 7643 §4.1.2: groups by nesting are found as well as direct ones.
    async fn users_by_their_groups(app: TestApp) {
        let people = seed(&app.client).await;
        find_users(&app.client, GROUPS).await;
        let (guides, trainees, base) = (&people.guides, &people.trainees, &app.client.base_url);
        for (filter, expected) in [
            (format!(r#"groups.value eq "{guides}""#), vec!["bjensen", "JSmith"]),
            (format!(r#"groups eq "{trainees}""#), vec!["JSmith"]),
            (format!(r#"groups[value eq "{guides}" and type eq "direct"]"#), vec!["bjensen"]),
            (format!(r#"groups.$ref eq "{base}/Groups/{trainees}""#), vec!["JSmith"]),
            (format!(r#"groups.value eq "{}""#, people.zoe), vec![]),
        ] {
            assert_eq!(found(&app.client, "/Users", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7643 §4.2; Microsoft Entra looks a membership up by the group's id and the member's.
    async fn groups_by_their_members(app: TestApp) {
        let people = seed(&app.client).await;
        find_groups(&app.client, MEMBERS).await;
        let (guides, jsmith, base) = (&people.guides, &people.jsmith, &app.client.base_url);
        for (filter, expected) in [
            (format!(r#"members.value eq "{jsmith}""#), vec!["Trainees"]),
            (format!(r#"members eq "{jsmith}""#), vec!["Trainees"]),
            (format!(r#"members[value eq "{jsmith}"]"#), vec!["Trainees"]),
            (format!(r#"members eq "{}""#, people.trainees), vec!["Tour Guides"]),
            (format!(r#"members.$ref eq "{base}/Users/{jsmith}""#), vec!["Trainees"]),
            (format!(r#"members.$ref eq "{base}/Groups/{}""#, people.trainees), vec!["Tour Guides"]),
            (format!(r#"id eq "{guides}" and members eq "{}""#, people.bjensen), vec!["Tour Guides"]),
            (format!(r#"id eq "{guides}" and members eq "{jsmith}""#), vec![]),
            (format!(r#"members ne "{jsmith}""#), vec!["Tour Guides", "Empty"]),
            (r#"members eq "nobody""#.to_owned(), vec![]),
        ] {
            assert_eq!(found(&app.client, "/Groups", &filter).await, expected, "{filter}");
        }
    }

    /// RFC 7643 §4.2, §3.1.
    async fn groups_by_their_own_attributes(app: TestApp) {
        seed(&app.client).await;
        find_groups(&app.client, OWN).await;
    }

    /// RFC 7644 §3.7.1 has groups that contain one another; a user is found once.
    async fn groups_in_a_circle(app: TestApp) {
        let client = &app.client;
        let user = client.user("zoe").await;
        let a = client.group("A", &[&user]).await;
        let b = client.group("B", &[&a]).await;
        client.patch(&format!("/Groups/{a}"), &serde_json::json!({
            "Operations": [{ "op": "add", "path": "members", "value": [{ "value": b }] }],
        })).await.expect(204);
        find_users(client, &[
            (r#"groups.display eq "A""#, &["zoe"]),
            (r#"groups[display eq "A" and type eq "direct"]"#, &["zoe"]),
            (r#"groups[display eq "B" and type eq "indirect"]"#, &["zoe"]),
            (r#"groups[display eq "A" and type eq "indirect"]"#, &[]),
        ]).await;
        find_groups(client, &[(r#"members.type eq "Group""#, &["A", "B"])]).await;
    }
}
