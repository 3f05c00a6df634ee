"""hongyan reply media: what a handset sent, as files."""

import pytest
from tests.command_store import command_store

from hongyan.model.mms import Media
from hongyan.settings.load import load

PICTURE = Media("p.gif", "image/gif", b"GIF89a")
PHONE = 8613800138000


@pytest.fixture
def sent(stocked, data):
    """An MMS from a handset, as the inbound step stores it."""
    with command_store(load({"data": data}).settings) as admin:

        def store(tx, act):
            tx.add_row(
                "mo",
                id=1,
                account_id=1,
                channel_id=1,
                phone=PHONE,
                dest="1069",
                extno="",
                text="hi",
                task_id=0,
                carrier_id="",
                is_whole=True,
                received_ms=1,
            )
            tx.lock_media()
            tx.add_reply_media(1, (PICTURE, Media("../up.txt", "text/plain", b"up")), act.now_ms)

        admin.change(store)
    return stocked


def test_the_parts_become_files_in_the_folder_and_nowhere_else(sent, tmp_path):
    folder = tmp_path / "a" / "parts"

    done = sent("reply", "media", "138 0013 8000", "--into", str(folder), "--json")

    assert done.json["parts"] == [
        {"name": "p.gif", "kind": "image/gif", "octets": 6},
        {"name": "../up.txt", "kind": "text/plain", "octets": 2},
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["p.gif", "up.txt"]
    assert not (tmp_path / "a" / "up.txt").exists()


def test_a_phone_that_sent_none_is_missing_and_what_is_no_phone_is_misused(sent, tmp_path):
    assert sent("reply", "media", "13900139000", "--into", str(tmp_path / "x")).code == 3
    assert sent("reply", "media", "12", "--into", str(tmp_path / "x")).code == 2
