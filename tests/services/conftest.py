import pytest


@pytest.fixture
def claimed(scene):
    """One message at the carrier, not yet answered."""
    scene.send()
    (segment,) = scene.claim()
    return segment
