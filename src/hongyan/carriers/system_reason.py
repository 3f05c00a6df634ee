"""Why a carrier cannot be reached."""

import os
import ssl


def reason_of(error: OSError) -> str:
    """Returns the system's own words: event loops put numbers and addresses around them."""
    number = 0 if isinstance(error, ssl.SSLError) else error.errno or 0  # TLS has numbers of its own
    return (os.strerror(number) if number > 0 else error.strerror or str(error)) or "Connection timed out"
