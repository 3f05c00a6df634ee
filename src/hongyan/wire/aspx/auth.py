"""The login that stands in every request to such a platform. source: manual 001, chapter 1"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    userid: str
    account: str
    secret: str
    is_plain: bool = False

    def fields(self) -> dict[str, str]:
        """The secret as it goes over the wire: its MD5 in upper case, or itself."""
        digest = hashlib.md5(self.secret.encode(), usedforsecurity=False).hexdigest().upper()
        return {"userid": self.userid, "account": self.account, "password": self.secret if self.is_plain else digest}
