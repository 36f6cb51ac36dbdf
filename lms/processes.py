"""Processes that belong to another one."""

from __future__ import annotations

import os
import signal
import threading
import time


def end_with(parent: int) -> None:
    """End this process (by SIGTERM, so in order) soon after its parent is gone, however that ended.

    ``parent`` is the process id as the parent itself knows it: it may be gone before this process asks.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with", daemon=True).start()
