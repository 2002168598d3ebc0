"""The original's matrix of pull, push and delete, against the running realm."""

from services.auth.tests.realm.world import World

LETTERS = {"p": "pull", "w": "push", "d": "delete"}
PEOPLE = ("anonymous", "eve", "vic", "carl", "olga", "ada")
#              stranger  viewer  contributor  owner  admin
MATRIX = {
    "priv/app":  ("",    "",     "p",         "pw",  "pwd",  "pwd"),
    "prot/app":  ("",    "p",    "p",         "pw",  "pwd",  "pwd"),
    "pub/app":   ("p",   "p",    "p",         "pw",  "pwd",  "pwd"),
    "olga/app":  ("",    "",     "",          "",    "pwd",  "pwd"),
    "app":       ("p",   "p",    "p",         "p",   "p",    "pwd"),
    "nobody/app": ("",   "",     "",          "",    "",     ""),
}  # fmt: skip


def test_matrix_holds_at_the_realm(world: World) -> None:
    got = {
        repository: tuple(
            _letters(world.ask_as(person, f"repository:{repository}:pull,push,delete").access)
            for person in PEOPLE
        )
        for repository in MATRIX
    }
    assert got == MATRIX


def test_star_gets_what_pull_push_and_delete_get(world: World) -> None:
    for repository, row in MATRIX.items():
        for person, letters in zip(PEOPLE, row, strict=True):
            assert _letters(world.ask_as(person, f"repository:{repository}:*").access) == letters


def test_protected_global_namespace_is_not_for_anonymous_callers(world: World) -> None:
    world.set_visibility("_", "protected")
    world.facts.changed()
    got = [_letters(world.ask_as(person, "repository:app:*").access) for person in PEOPLE]
    assert got == ["", "p", "p", "p", "p", "pwd"]


def test_catalogue_is_for_admins(world: World) -> None:
    for person in PEOPLE:
        expected = {"catalog": {"*"}} if person == "ada" else {}
        assert world.ask_as(person, "registry:catalog:*").access == expected


def _letters(access: dict[str, set[str]]) -> str:
    actions = set().union(*access.values())
    return "".join(letter for letter, action in LETTERS.items() if action in actions)
