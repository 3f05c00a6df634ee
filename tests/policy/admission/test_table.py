import pkgutil

import pytest

from hongyan import BUILD
from hongyan.policy import admission
from hongyan.policy.admission import black_list, extno, route
from hongyan.policy.admission.table import AT_RELEASE, RULES, Content, RuleScope

NO_RULES = {"context", "table"}


def test_each_file_is_one_rule_and_stands_in_the_table_once():
    files = {module.name for module in pkgutil.iter_modules(admission.__path__)} - NO_RULES

    assert sorted(rule.judge.__module__.rpartition(".")[2] for rule in RULES) == sorted(files)


def test_rules_about_numbers_come_last_and_what_they_cost_is_not_asked_again_at_release():
    first = next(place for place, rule in enumerate(RULES) if rule.judges is RuleScope.NUMBER)

    assert {rule.judges for rule in RULES[first:]} == {RuleScope.NUMBER}
    assert (extno.judge, black_list.judge, route.judge) == AT_RELEASE


def test_every_rule_judges_some_content():
    for rule in RULES:
        assert rule.content & Content.ANY


@pytest.mark.skipif(BUILD == "compiled", reason="mypyc keeps no docstrings")
def test_every_rule_says_what_it_does():
    for rule in RULES:
        assert rule.judge.__doc__
