"""Every action that the audit may have has a Chinese name."""

from hongyan.i18n import using_language, value_word
from hongyan.model.act import AuditAction


def test_every_action_is_a_word_in_chinese():
    with using_language("zh"):
        assert [action for action in AuditAction if value_word("action", action) == action] == []
