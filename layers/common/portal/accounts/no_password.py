"""The credential of a member to whom no password has been issued yet (office import).

What is stored has the form of a hash, so that a sign-in does the same work as always and says the
same as for a wrong password. Its last part has characters that bcrypt never writes, so no password
is right, as with the ``*`` of Unix. A reset by mail or the office's re-issue gives it a password.
"""

from dataclasses import replace
from datetime import datetime

from portal.accounts.hashing import Hasher, StoredPassword
from portal.ids import new_token

_SALTED = 29
"""Length of ``$2b$12$`` and the salt, after which the hash proper begins."""
_NEVER = "*" * 31


def no_password(hasher: Hasher, now: datetime) -> StoredPassword:
    """Return what is stored instead of a password. It costs one hash; an import needs one."""
    made = hasher.hash(new_token(), now)
    return without_password(made)


def without_password(stored: StoredPassword) -> StoredPassword:
    """Return a stored password of which nothing is left that could be guessed."""
    return replace(stored, bcrypt=stored.bcrypt[:_SALTED] + _NEVER)


def has_no_password(stored: StoredPassword) -> bool:
    """Tell whether nobody can sign in by this, because no password was ever issued."""
    return stored.bcrypt.endswith(_NEVER)
