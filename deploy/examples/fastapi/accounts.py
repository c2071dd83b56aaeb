"""Who may log in. In an app of your own this is a table; a hash is made by `pbkdf2_sha256.hash(password)`."""

from dataclasses import dataclass
from typing import List, Optional

from passlib.hash import pbkdf2_sha256


@dataclass(frozen=True)
class Account:
    name: str
    password_hash: str
    tenant: str
    roles: List[str]


# Passwords: "ann's password" and so on.
ACCOUNTS = {
    account.name: account
    for account in (
        Account("ann@example.com", "$pbkdf2-sha256$29000$yJlTCqG0NuZ8j7G2Nqb0Pg$xnLsgagOqr3NrLsrfHB8pxq47Pdlvbvpq7oEwlTmZ0o", "acme", ["user"]),
        Account("amy@example.com", "$pbkdf2-sha256$29000$xZhzTgnBOCckBEDI.X/vPQ$d.COazkOT8pvUZcoeQZ6FK79xJIrPgU5AHf6iGt1NAE", "acme", ["user"]),
        Account("bob@example.com", "$pbkdf2-sha256$29000$CuHcu7fWem9NyXmv9Z6ztg$xfTz0dNMYr/7/NGPz6Z/9j3lAH05wU2YhsMPApf5/oI", "globex", ["user", "admin"]),
    )
}


def with_password(name: str, password: str) -> Optional[Account]:
    account = ACCOUNTS.get(name)
    # An unknown name takes as long as a wrong password.
    known = account or next(iter(ACCOUNTS.values()))
    fits = pbkdf2_sha256.verify(password, known.password_hash)
    return account if fits else None
