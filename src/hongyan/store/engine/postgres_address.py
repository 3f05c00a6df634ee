"""The address of a PostgreSQL, with bounds on its silence.

A server that dies says so, or its machine does. One whose machine lost its power or its network says nothing any more, and the
kernel would wait for it for a quarter of an hour, or for two hours where nothing is under way.
"""

from psycopg.conninfo import conninfo_to_dict, make_conninfo

SILENCE = {
    "connect_timeout": "5",
    "tcp_user_timeout": "9000",  # milliseconds until octets must be acknowledged
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}
"""Settings of libpq: after nine seconds of silence a connection is lost, before its process has to let its leases go. The machine
acknowledges while a long statement runs.
"""


def bounded(url: str) -> str:
    """Returns the address with these settings, less those that it has itself. raises: psycopg.ProgrammingError"""
    stated = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in SILENCE.items() if name not in stated})
