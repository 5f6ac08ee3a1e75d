"""Uses a running server as an application would that is built on scim2-client and scim2-models.

Every answer is parsed by the third party's models, which check media types, status codes, required attributes and
what may be returned when. Each step also checks that the answer says what was asked for.

SCIM_URL is the base URL, SCIM_TOKEN a token that may write. What the steps create they also delete. Prints one line
a step; the exit code is 1 if any failed.
"""

import os
import sys
import traceback
import uuid
from collections.abc import Callable

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    Email,
    EnterpriseUser,
    Error,
    Group,
    GroupMember,
    InvalidFilterException,
    ListResponse,
    Manager,
    Name,
    NotFoundException,
    PatchOp,
    PatchOperation,
    PreconditionFailedException,
    ResponseParameters,
    ScimProvider,
    SearchRequest,
    UniquenessException,
    User,
)

FullUser = User[EnterpriseUser]

STEPS: list[Callable[[SyncSCIMClient], None]] = []


def step(function: Callable[[SyncSCIMClient], None]) -> Callable[[SyncSCIMClient], None]:
    """Adds a function to the steps, which run in the order they stand in this file."""
    STEPS.append(function)
    return function


def connect() -> SyncSCIMClient:
    """A client with the library's own models, bound to the endpoints that the server publishes."""
    http = Client(
        base_url=os.environ["SCIM_URL"],
        headers={"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"},
    )
    client = SyncSCIMClient(http)
    client.discover()
    published = client.provider
    client.provider = ScimProvider(
        models=[User, EnterpriseUser, Group],
        resource_types=published.resource_types,
        config=published.config,
    )
    return client


def unique(stem: str) -> str:
    return f"{stem}-{uuid.uuid4().hex[:12]}"


def new_user(client: SyncSCIMClient, **attributes: object) -> User:
    return client.create(FullUser(user_name=unique("user"), **attributes))


def patch(client: SyncSCIMClient, resource: User | Group, *operations: tuple) -> User | Group:
    """Applies operations, each (op, path, value), and gives the resource as it is afterwards."""
    model = FullUser if isinstance(resource, User) else Group
    listed = [PatchOperation(op=op, path=path, value=value) for op, path, value in operations]
    answer = client.modify(model, resource.id, PatchOp[model](operations=listed))
    return answer if answer is not None else client.query(model, resource.id)


def refused(expected: type[Exception], function: Callable[[], object]) -> None:
    try:
        answer = function()
    except expected as refusal:
        assert isinstance(refusal.error, Error) and refusal.error.detail, "the error has a detail"
        return
    raise AssertionError(f"expected {expected.__name__}, got {answer!r}")


@step
def discovery_names_what_is_served(client: SyncSCIMClient) -> None:
    config = client.provider.config
    assert config.patch.supported and config.filter.supported and config.etag.supported
    names = {resource_type.name for resource_type in client.provider.resource_types}
    assert {"User", "Group"} <= names, names


@step
def a_user_is_created_and_read(client: SyncSCIMClient) -> None:
    manager = new_user(client, display_name="Ada Lovelace")
    sent = FullUser(
        user_name=unique("bjensen"),
        external_id=unique("external"),
        name=Name(given_name="Barbara", family_name="Jensen"),
        display_name="Babs Jensen",
        emails=[Email(value="bjensen@example.com", type="work", primary=True)],
        password="t1meMa$heen-9941",
        active=True,
    )
    sent[EnterpriseUser] = EnterpriseUser(
        employee_number="701984", manager=Manager(value=manager.id)
    )
    created = client.create(sent)
    assert created.id and created.meta.location and created.meta.version
    assert created.password is None
    assert created[EnterpriseUser].employee_number == "701984"
    assert created[EnterpriseUser].manager.display_name == "Ada Lovelace"

    read = client.query(FullUser, created.id)
    assert read.model_dump() == created.model_dump()
    # No 304: the answer holds groups and the manager's name, which change without the user's version.
    assert client.query(created).meta.version == created.meta.version
    client.delete(created)
    client.delete(manager)


@step
def users_are_listed_found_and_projected(client: SyncSCIMClient) -> None:
    users = [new_user(client, nick_name="nick", title=f"title {at}") for at in range(3)]
    found = client.query(FullUser, SearchRequest(filter=f'userName eq "{users[1].user_name}"'))
    assert isinstance(found, ListResponse) and found.total_results == 1
    assert found.resources[0].id == users[1].id

    parts = " or ".join(f'id eq "{user.id}"' for user in users)
    page = SearchRequest(
        filter=parts, sort_by="title", sort_order="descending", start_index=2, count=1
    )
    for answer in (client.query(FullUser, page), client.search(FullUser, page)):
        assert (answer.total_results, answer.start_index, answer.items_per_page) == (3, 2, 1)
        assert answer.resources[0].title == "title 1"
    assert client.search(SearchRequest(filter=parts)).total_results == 3

    only = client.query(FullUser, users[0].id, ResponseParameters(attributes=["nickName"]))
    assert only.nick_name == "nick" and only.user_name is None and only.id == users[0].id
    without = client.query(
        FullUser, users[0].id, ResponseParameters(excluded_attributes=["nickName"])
    )
    assert without.nick_name is None and without.user_name == users[0].user_name
    for user in users:
        client.delete(user)


@step
def a_user_is_patched(client: SyncSCIMClient) -> None:
    user = new_user(client, nick_name="Babs", active=True)
    work = Email(value="work@example.com", type="work")
    changed = patch(
        client,
        user,
        ("replace", "active", False),
        ("add", "emails", [work.model_dump()]),
        ("add", "name.familyName", "Jensen"),
        ("remove", "nickName", None),
    )
    assert changed.active is False and changed.nick_name is None
    assert changed.name.family_name == "Jensen"
    assert [email.value for email in changed.emails] == ["work@example.com"]

    changed = patch(client, user, ("replace", 'emails[type eq "work"].value', "w@example.com"))
    assert [email.value for email in changed.emails] == ["w@example.com"]
    assert changed.meta.version != user.meta.version
    client.delete(FullUser, user.id)


@step
def a_user_is_replaced(client: SyncSCIMClient) -> None:
    user = new_user(client, nick_name="Babs", title="Guide")
    stale = client.query(FullUser, user.id)
    user.nick_name, user.title = "Barb", None
    replaced = client.replace(user)
    assert replaced.nick_name == "Barb" and replaced.title is None
    refused(PreconditionFailedException, lambda: client.replace(stale))
    client.delete(replaced)


@step
def refusals_are_scim_errors(client: SyncSCIMClient) -> None:
    user = new_user(client)
    twin = FullUser(user_name=user.user_name.upper())
    refused(UniquenessException, lambda: client.create(twin))
    wrong = {"filter": 'userName zz "x"'}
    refused(
        InvalidFilterException,
        lambda: client.query(
            FullUser, query_parameters=wrong, check_request_payload=False, url="/Users"
        ),
    )
    client.delete(user)
    refused(NotFoundException, lambda: client.query(FullUser, user.id))
    refused(NotFoundException, lambda: client.delete(FullUser, user.id))


@step
def a_group_has_members(client: SyncSCIMClient) -> None:
    first, second = new_user(client), new_user(client)
    group = client.create(
        Group(display_name=unique("group"), members=[GroupMember(value=first.id)])
    )
    assert [member.value for member in group.members] == [first.id]
    assert group.members[0].type == "User" and group.members[0].ref

    group = patch(client, group, ("add", "members", [{"value": second.id}]))
    assert {member.value for member in group.members} == {first.id, second.id}
    joined = client.query(FullUser, second.id)
    assert [membership.value for membership in joined.groups] == [group.id]

    group = patch(client, group, ("remove", f'members[value eq "{first.id}"]', None))
    assert [member.value for member in group.members] == [second.id]
    client.delete(second)
    assert not client.query(Group, group.id).members, "who is deleted is a member no more"
    client.delete(Group, group.id)
    client.delete(first)


@step
def groups_are_nested_listed_and_replaced(client: SyncSCIMClient) -> None:
    inner = client.create(Group(display_name=unique("inner")))
    outer = client.create(
        Group(display_name=unique("outer"), members=[GroupMember(value=inner.id, type="Group")])
    )
    assert outer.members[0].type == "Group"
    found = client.query(Group, SearchRequest(filter=f'displayName eq "{outer.display_name}"'))
    assert [group.id for group in found.resources] == [outer.id]

    outer.members, outer.display_name = None, unique("renamed")
    replaced = client.replace(outer)
    assert not replaced.members and replaced.display_name == outer.display_name
    for group in (replaced, inner):
        client.delete(group)
        refused(NotFoundException, lambda group=group: client.query(Group, group.id))


def main() -> int:
    client = connect()
    failed = 0
    for function in STEPS:
        title = function.__name__.replace("_", " ")
        try:
            function(client)
            print(f"SUCCESS {title}")
        except Exception:
            failed += 1
            print(f"ERROR {title}\n{traceback.format_exc()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
