"""Server-sent events: the figures whenever they have changed, a sign of life in between, until the session ends, the account is locked, or the process leaves.

An event's number says what it shows. Whoever comes again with the number he saw last gets the next one only; nothing is lost, because each event shows everything.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable

from fastapi.concurrency import run_in_threadpool

from portal.live.watch import Watch
from producers.refusal import Refusal

ALIVE_SECONDS = 15.0
AGAIN_MILLISECONDS = 5_000
Look = Callable[[], str | None]


async def events(watch: Watch, account: int, look: Look, seen: str) -> AsyncIterator[str]:
    """``look`` gives what is shown, None when it may not be seen any more; it is called in a thread."""
    try:
        with watch.place(account):
            async for each in _events(watch, look, seen):
                yield each
    except Refusal:  # the last place went to another in between: the browser comes again
        return


async def _events(watch: Watch, look: Look, seen: str) -> AsyncIterator[str]:
    yield f"retry: {AGAIN_MILLISECONDS}\n\n"
    began = said = time.monotonic()
    while True:
        shown = await run_in_threadpool(look)
        now = time.monotonic()
        if shown is None:
            yield event("ended", "", "")
            return
        if (number := digest(shown)) != seen:
            yield event("figures", number, shown)
            seen, said = number, now
        elif now - said >= ALIVE_SECONDS:
            yield ": alive\n\n"
            said = now
        if watch.leaving.is_set() or now - began >= watch.life:
            return
        await asyncio.sleep(watch.tick)  # the pace at which figures are looked at


def event(name: str, number: str, text: str) -> str:
    """As the wire has it."""
    data = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n" + (f"id: {number}\n" if number else "") + data + "\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
