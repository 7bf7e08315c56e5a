"""A small switch in user space between network namespaces: it delays and loses frames, and parts the network.

`python switch.py PREFIX PORTS` makes the tap devices PREFIX0 to PREFIXn and reads orders, one JSON object a line:
`delay` in seconds one way, `loss` from 0 to 1, `groups` as lists of ports. Port 0 is the observer's: it reaches
everybody at once, always. The card of a port has the hardware address 02:00:00:00:00:<port>.
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
from time import monotonic

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
FRAME_BYTES = 65_536
QUEUE_FRAMES = 100_000


def open_tap(name: str) -> int:
    """Make a tap device, and give the descriptor at which its frames come and go."""
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TAP | IFF_NO_PI))
    return handle


class Switch:
    """Forwards frames between ports."""

    def __init__(self, prefix: str, ports: int) -> None:
        self.taps = [open_tap(f"{prefix}{port}") for port in range(ports)]
        self.delay, self.loss = 0.0, 0.0
        self.group = dict.fromkeys(range(ports), 0)
        self._due: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        # The same frames are lost in every run that sends the same.
        self._chance = random.Random(1)  # noqa: S311 (it chooses, and guards nothing)

    def order(self, line: str) -> None:
        """Take an order."""
        wanted = json.loads(line)
        self.delay, self.loss = wanted.get("delay", 0.0), wanted.get("loss", 0.0)
        groups = wanted.get("groups", [])
        self.group = {
            port: next((number for number, group in enumerate(groups, 1) if port in group), 0) for port in self.group
        }

    def run(self) -> None:
        """Forward until the orders end."""
        waiting = select.poll()
        for handle in (sys.stdin.fileno(), *self.taps):
            waiting.register(handle, select.POLLIN)
        port_of = {handle: port for port, handle in enumerate(self.taps)}
        while True:
            pause = max(0.0, self._due[0][0] - monotonic()) if self._due else 1.0
            for handle, _ in waiting.poll(pause * 1_000):
                if handle in port_of:
                    self._take(port_of[handle], os.read(handle, FRAME_BYTES))
                else:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    self.order(line)
            self._deliver()

    def _take(self, source: int, frame: bytes) -> None:
        everybody = frame[0] & 1
        for target in self.group:
            if target == source or not (everybody or frame[5] == target):
                continue
            due = monotonic()
            if source and target:
                if self.group[source] != self.group[target] or self._chance.random() < self.loss:
                    continue
                due += self.delay
            if len(self._due) < QUEUE_FRAMES:
                self._count += 1
                heapq.heappush(self._due, (due, self._count, target, frame))

    def _deliver(self) -> None:
        while self._due and self._due[0][0] <= monotonic():
            _, _, target, frame = heapq.heappop(self._due)
            try:
                os.write(self.taps[target], frame)
            except (BlockingIOError, OSError):
                continue  # the device is down or full: a frame is lost, as frames are


if __name__ == "__main__":
    switch = Switch(sys.argv[1], int(sys.argv[2]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    switch.run()
