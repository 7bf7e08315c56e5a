"""Who asks at the clients' listener: by a token, by a signature, or by nothing; and whether he may go on."""

from functools import partial

import anyio.to_thread
from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope

from hanse_ledger.values.errors import Rejected
from hanse_node.access.caller import SIGNERS, Caller, nobody_at
from hanse_node.api.access import Access
from hanse_node.api.edge.signedaccess import SignedAccess, Who
from hanse_node.api.problems import EdgeRefusal


class ClientAdmission:
    """Admits clients' requests. Lives on one event loop."""

    def __init__(self, access: Access, signed: SignedAccess | None, who: Who) -> None:
        """Prepare.

        Args:
            access: what requests must show.
            signed: judges signed requests; nil where a signature opens nothing.
            who: says whose a key is.
        """
        self._access, self._signed, self._who = access, signed, who

    async def admit(self, scope: Scope, headers: Headers) -> Caller:
        """Say who asks, and from where as a trusted proxy has it. Raises EdgeRefusal, QuotaExceeded, Busy."""
        access = self._access
        if scope.get("client") is not None:
            address, port = scope["client"]
            scope["client"] = (access.sender(address, headers.getlist("x-forwarded-for")), port)
        address, _ = scope.get("client") or ("", 0)
        if self._signed is None or not access.signed(scope["method"], scope["path"], headers):
            return access.check(scope["method"], scope["path"], headers, address)
        signer = await self._signed.caller(scope, headers, nobody_at(address), access.hosts(headers))
        access.check_signer(scope["method"], scope["path"], signer)
        return signer

    async def still(self, request: Request) -> bool:
        """Tell whether whoever has asked may still ask, as long as his stream lasts."""
        scope = request.scope
        caller = scope["state"]["caller"]
        try:
            if caller.kind not in SIGNERS:
                address, _ = scope.get("client") or ("", 0)
                self._access.check(scope["method"], scope["path"], request.headers, address)
                return True
            found = await anyio.to_thread.run_sync(partial(self._who, caller, scope["state"]["signing_key"]))
        except (EdgeRefusal, Rejected):
            return False
        return bool(found == caller)
