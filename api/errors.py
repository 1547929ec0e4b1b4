"""What the API itself refuses. Nothing here knows about HTTP: `problems.py` gives each code its status.

TallystickError
└─ ApiError
   ├─ AccessDenied       you may not read or do this, or it does not exist among what you may
   ├─ SignInNeeded       nobody is signed in
   ├─ CodeRefused        the access code is unknown, wrong or withdrawn
   ├─ SourceRefused      a source that cannot be granted
   ├─ TooManyRequests    slow down
   ├─ RequestUnusable    a value in a request that cannot be used
   ├─ KeyUnusable        an Idempotency-Key that is no key
   ├─ KeyReused          another request was sent under the same Idempotency-Key
   ├─ KeyInUse           a request under the same Idempotency-Key is still running
   ├─ ImportConflict     a file that contradicts the log, which the sender wants taken whole or not at all
   ├─ ImportUnderWay     an order file of the same member is being imported just now
   ├─ ThingUnknown       a public thing, such as a problem page, that is not there
   └─ SettingUnusable    an environment variable that cannot be read
"""

from __future__ import annotations

from policies.errors import TallystickError


class ApiError(TallystickError):
    """Refused at the door."""

    code = "api"


class AccessDenied(ApiError):
    """The viewer may not read or do this; the same answer is given for what does not exist."""

    code = "access.denied"


class SignInNeeded(ApiError):
    """The route needs a signed-in viewer and there is none."""

    code = "access.sign-in-needed"


class CodeRefused(ApiError):
    """An access code that is unknown, wrong or withdrawn; which of them is not said."""

    code = "access.code-refused"


class SourceRefused(ApiError):
    """A source of entries that cannot be granted: it is the house's own, or another party's."""

    code = "member.source-refused"


class TooManyRequests(ApiError):
    """More requests than one client may make; `data["retry_after_s"]` says when to come back."""

    code = "request.too-many"


class RequestUnusable(ApiError):
    """A value in a request that cannot be used; `where` names it."""

    code = "request.unusable"


class KeyUnusable(ApiError):
    """An Idempotency-Key that is too long or not printable."""

    code = "request.key-unusable"


class KeyReused(ApiError):
    """Another request was sent under the same Idempotency-Key before."""

    code = "request.key-reused"


class KeyInUse(ApiError):
    """A request under the same Idempotency-Key is still being worked on."""

    code = "request.key-in-use"


class ImportConflict(ApiError):
    """A file that contradicts what is recorded; nothing of it was taken. `data["errors"]` lists where."""

    code = "import.conflict"


class ImportUnderWay(ApiError):
    """An order file of the same member is being imported just now; the next one comes after it."""

    code = "import.under-way"


class ThingUnknown(ApiError):
    """A public thing that is not there."""

    code = "request.not-found"


class SettingUnusable(ApiError):
    """An environment variable that cannot be read."""

    code = "setting.unusable"
