"""Where commands find the running server, and staff its console."""

import pytest

from hongyan.cli.ops_address import ops_address
from hongyan.settings.sections.listen import Listen


@pytest.mark.parametrize(
    ("listen", "port", "address"),
    [
        (Listen(), None, "http://127.0.0.1:8081"),
        (Listen(), 9000, "http://127.0.0.1:9000"),
        (Listen(ops_host="0.0.0.0"), None, "http://127.0.0.1:8081"),
        (Listen(ops_host="::"), None, "http://[::1]:8081"),
        (Listen(ops_host="fd00::7", ops_port=80), None, "http://[fd00::7]:80"),
        (Listen(ops_host="10.0.0.7"), None, "http://10.0.0.7:8081"),
        (Listen(ops_host="ops.example", ops_tls=True, tls_cert="c.pem", tls_key="k.pem"), None, "https://ops.example:8081"),
    ],
)
def test_the_server_is_asked_where_it_listens(listen, port, address):
    assert ops_address(listen, port) == address
