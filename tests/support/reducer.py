"""The real client's reducer, as a process: frames in, the state of a room out."""

import json
import subprocess
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


class Reducer:
    """Runs frontend/shared/replay.ts, built from the sources that are here."""

    def __init__(self) -> None:
        subprocess.run(["npm", "run", "--silent", "build:replay"], cwd=FRONTEND, check=True, timeout=60)
        self._node = subprocess.Popen(
            ["node", str(FRONTEND / "build" / "replay.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def replay(self, snapshot: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
        """The room after the snapshot and then the frames, as a client would hold it."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"snapshot": snapshot, "frames": frames}) + "\n")
        self._node.stdin.flush()
        state: dict[str, Any] = json.loads(self._node.stdout.readline())
        return state

    def close(self) -> None:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.close()
        self._node.wait(10)
        self._node.stdout.close()
