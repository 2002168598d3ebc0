import pytest
from hypothesis import example, given, strategies as st

from portus_auth.domain.policy import Action
from portus_auth.domain.scopes import MAX_SCOPES, parse, written

PULL, PUSH, DELETE = Action.PULL, Action.PUSH, Action.DELETE


@pytest.mark.parametrize(
    ("values", "repositories"),
    [
        ([], {}),
        ([""], {}),
        (["repository:team/app:pull"], {"team/app": {PULL}}),
        (["repository:team/app:push,pull"], {"team/app": {PULL, PUSH}}),
        (["repository:app:pull"], {"app": {PULL}}),
        (["repository:a/b/c/d:delete"], {"a/b/c/d": {DELETE}}),
        # skopeo delete; ≤ 2.6 registries
        (["repository:team/app:*"], {"team/app": {PULL, PUSH, DELETE}}),
        # cross-repository mount: docker repeats the parameter, containerd uses spaces
        (["repository:a/b:push,pull", "repository:c/d:pull"], {"a/b": {PULL, PUSH}, "c/d": {PULL}}),
        (["repository:a/b:pull  repository:c/d:pull"], {"a/b": {PULL}, "c/d": {PULL}}),
        (["repository:a/b:pull repository:a/b:pull,push"], {"a/b": {PULL, PUSH}}),
        (["repository:a/b:pull", "repository:a/b:pull"], {"a/b": {PULL}}),
        (["repository(plugin):plug/in:pull"], {"plug/in": {PULL}}),
        # unknown and malformed parts are dropped, the rest stays
        (["repository:a/b:pull,show,PUSH,"], {"a/b": {PULL}}),
        (["repository:a/b:fly"], {"a/b": set()}),
        (["repository:a/b:"], {"a/b": set()}),
        (["nonsense repository:a/b:pull blob:x:pull"], {"a/b": {PULL}}),
        (["repository:Team/App:pull repository:a/b:pull"], {"a/b": {PULL}}),
        (["repository:a//b:pull", "repository:/a:pull", "repository:a/:pull"], {}),
        (["repository:*:pull", "repository:a/*:pull"], {}),
        (["repository:_:pull", "repository:_/app:pull"], {}),
        (["repository:" + "a" * 256 + ":pull"], {}),
        (["repository:" + "a" * 255 + ":pull"], {"a" * 255: {PULL}}),
        # the last colon splits, so a port never becomes a repository with odd actions
        (["repository:host:5000/team/app:pull repository:a/b:pull"], {"a/b": {PULL}}),
        (["repository:host:5000:pull"], {}),
        (["repository:a/b:pull\n"], {"a/b": {PULL}}),
        (["repository:a/b\x00:pull"], {}),
        (["repository():a/b:pull", "repository(a:pull"], {}),
    ],
)  # fmt: skip
def test_scopes_are_read(values: list[str], repositories: dict[str, set[Action]]) -> None:
    assert parse(values).repositories == repositories
    assert not parse(values).catalog


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("registry:catalog:*", True),
        ("registry:catalog:x,*", True),
        ("registry:catalog:pull,search,list", False),
        ("registry:other:*", False),
        ("repository:catalog:*", False),
    ],
)
def test_catalogue_is_asked_for_by_a_star_only(value: str, asked: bool) -> None:
    assert parse([value]).catalog is asked


def test_scopes_above_the_limit_count_as_not_asked_for() -> None:
    many = " ".join(f"repository:a/r{number}:pull" for number in range(MAX_SCOPES + 5))
    assert len(parse([many]).repositories) == MAX_SCOPES


WORDS = "repository (plugin) registry catalog : / a b-c * pull push delete , host:5000 _ __ ü A"
PIECES = st.sampled_from([*WORDS.split(), " ", "\x00"])
SOUP = st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=60)


@given(st.lists(SOUP, max_size=5))
@example(["repository:a:*,pull", "registry:catalog:x,*"])
def test_nothing_is_read_that_was_not_asked(values: list[str]) -> None:
    text = " ".join(values)
    asked = parse(values)
    for name, actions in asked.repositories.items():
        assert f":{name}:" in text
        assert all(action in text or "*" in text for action in actions)
    assert not asked.catalog or ("catalog:" in text and "*" in text)


NAMES = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True)
SCOPES = st.tuples(NAMES, st.lists(st.sampled_from(Action), min_size=1, max_size=4))


@given(st.lists(SCOPES, max_size=6), st.data())
def test_union_is_the_same_however_scopes_are_packed(
    scopes: list[tuple[str, list[Action]]], data: st.DataObject
) -> None:
    expected: dict[str, set[Action]] = {}
    for name, actions in scopes:
        expected.setdefault(name, set()).update(actions)
    items = [f"repository:{name}:{','.join(actions)}" for name, actions in scopes]
    order = data.draw(st.permutations(items))
    cut = data.draw(st.integers(0, len(order)))
    noise = data.draw(st.sampled_from(["", "x:y", "blob:a:pull", "repository:A:pull"]))
    assert parse([*order[:cut], noise, " ".join(order[cut:])]).repositories == expected


@given(
    st.lists(
        st.sampled_from(
            ["repository:a/b:pull", "repository:a/b:*", "repository:c:push", "registry:catalog:*"]
        )
    )
)
def test_what_is_written_reads_the_same(values: list[str]) -> None:
    scopes = parse(value for value in values)
    read = parse([written(scopes)])
    assert read == scopes
