"""Sites: added, changed and removed, with their audit, and found again in the ConfigSnapshot."""

import orjson
import pytest
from tests.scene import PREFIXES, SEALER

from hongyan.model.dialect import DialectName
from hongyan.model.errors import NotFound
from hongyan.model.site import Site, SiteChange
from hongyan.services.admin import sites
from hongyan.services.snapshot import load_snapshot


def act(scene, change, *args):
    return scene.within(lambda tx: change(tx, scene.act(), *args))


def site_of(scene, host):
    return scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 7)).site(host)


def test_a_site_is_what_was_said_and_otherwise_as_usual(scene):
    act(scene, sites.set_site, "sms.example", SiteChange(dialect="wl"))
    act(scene, sites.set_site, "sms.example", SiteChange(brand="飞鸽"))

    assert site_of(scene, "SMS.example:8080") == Site("sms.example", DialectName.WL, "飞鸽", "zh")
    assert site_of(scene, "other.example") == Site("")
    row = scene.rows("audit")[-1]
    assert (row["action"], row["subject"]) == ("site.set", "sms.example")
    assert (orjson.loads(row["before"])["brand"], orjson.loads(row["after"])["brand"]) == ("Hongyan", "飞鸽")


def test_one_site_may_stand_for_all_other_hosts(scene):
    act(scene, sites.set_site, "", SiteChange(dialect="wl-000", language="en"))

    assert site_of(scene, "x.example") == Site("", DialectName.WL_000, language="en")


def test_a_site_that_was_removed_is_gone(scene):
    act(scene, sites.set_site, "a.example", SiteChange())
    act(scene, sites.set_site, "b.example", SiteChange())
    act(scene, sites.drop_site, "a.example")

    assert [row["host"] for row in scene.within(sites.sites)] == ["b.example"]
    with pytest.raises(NotFound):
        act(scene, sites.drop_site, "a.example")
