"""The login that is part of every request to another platform. source: manual 001, chapter 1"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    userid: str
    account: str
    secret: str
    is_plain: bool = False

    def fields(self) -> dict[str, str]:
        """Returns the fields of the login. The secret is sent as its MD5 in upper case, or as it is."""
        digest = hashlib.md5(self.secret.encode(), usedforsecurity=False).hexdigest().upper()
        return {"userid": self.userid, "account": self.account, "password": self.secret if self.is_plain else digest}
