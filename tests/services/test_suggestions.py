"""Accounts that are suggested while one types."""

import pytest

from hongyan.services.queries.lists.filters import SUGGESTED_MOST, suggested_accounts


def suggested(scene, text):
    return [row["name"] for row in scene.within(lambda tx: suggested_accounts(tx, text))]


def add(scene, *names, customer=0):
    for name in names:
        scene.within(
            lambda tx, name=name: tx.add_row(
                "account", id=scene.ids.one(scene.now), customer_id=customer, name=name, secret=b"", made_ms=0
            )
        )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wild", ["wild-goose"]),
        ("GOOSE", ["goose", "grey-goose", "wild-goose"]),
        ("雁", ["goose"]),
        ("%", ["100%"]),
        ("nobody", []),
    ],
)
def test_what_was_typed_stands_in_the_name_or_in_the_customers_and_names_that_begin_with_it_come_first(scene, text, found):
    scene.within(lambda tx: tx.add_row("customer", id=77, name="鸿雁科技", parent_id=None, made_ms=0))
    add(scene, "wild-goose", "grey-goose", "100%")
    add(scene, "goose", customer=77)

    assert suggested(scene, text) == found


def test_some_of_thousands_are_suggested(scene):
    add(scene, *(f"many-{number:04}" for number in range(SUGGESTED_MOST + 5)))

    assert suggested(scene, "many") == [f"many-{number:04}" for number in range(SUGGESTED_MOST)]
