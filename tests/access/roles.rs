//! Each role with each action.

use provost::model::{BuiltInRole, Permission};

use super::people::{alice_as, ask, snapshot, usual_thing};

/// Who may do what, as the product promises it: owners everything; admins everything but change owners; managers what
/// concerns users and groups, not roles, policies or keys; read_only what reads; users what is their own.
const PROMISED: [(&str, &str); 27] = [
    ("self.read", "owner admin manager read_only user"),
    ("self.update", "owner admin manager read_only user"),
    ("users.read", "owner admin manager read_only"),
    ("users.create", "owner admin manager"),
    ("users.invite", "owner admin manager"),
    ("users.update", "owner admin manager"),
    ("users.delete", "owner admin manager"),
    ("groups.read", "owner admin manager read_only"),
    ("groups.write", "owner admin manager"),
    ("roles.read", "owner admin manager read_only"),
    ("roles.write", "owner admin"),
    ("roles.assign", "owner admin manager"),
    ("owners.write", "owner"),
    ("policies.read", "owner admin read_only"),
    ("policies.write", "owner admin"),
    ("attributes.read", "owner admin manager read_only"),
    ("attributes.write", "owner admin"),
    ("api_keys.read", "owner admin read_only"),
    ("api_keys.write", "owner admin"),
    ("connections.read", "owner admin read_only"),
    ("connections.write", "owner admin"),
    ("audit.read", "owner admin read_only"),
    ("webhooks.read", "owner admin read_only"),
    ("webhooks.write", "owner admin"),
    ("tenant.read", "owner admin manager read_only"),
    ("tenant.update", "owner admin"),
    ("stats.read", "owner admin manager read_only"),
];

/// The same tenant twice: where the built-in policies are all there is, and where Cedar has to ask one more.
fn both_ways(check: impl Fn(&provost::access::Snapshot)) {
    check(&snapshot(&[]));
    check(&snapshot(&["forbid (principal == Provost::User::\"nobody\", action, resource);"]));
}

#[test]
fn each_role_may_do_what_is_promised_and_nothing_else() {
    both_ways(|snapshot| {
        let found: Vec<(&str, String)> = Permission::ALL
            .iter()
            .map(|action| {
                let may = |role: &BuiltInRole| {
                    snapshot.decide(&ask(alice_as(*role), *action, usual_thing(*action))).allowed
                };
                let roles: Vec<_> = BuiltInRole::ALL.into_iter().filter(may).map(BuiltInRole::name).collect();
                (action.as_str(), roles.join(" "))
            })
            .collect();
        let promised: Vec<_> =
            PROMISED.iter().map(|(action, roles)| (*action, (*roles).to_owned())).collect();
        assert_eq!(found, promised);
    });
}
