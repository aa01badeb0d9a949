"""A small HTTP load: N clients that each ask again as soon as they have an answer, on connections that stay open.

A process of its own, with as little Python per request as possible, so that it takes little from what it measures.
``python -m benchmarks.load HOST PORT CLIENTS SECONDS`` reads request heads (JSON list) from standard input and prints
``{"answers", "seconds", "p50_ms", "p95_ms", "failures"}``.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import uvloop


def measure(
    url: str, paths: Sequence[str], *, clients: int, seconds: float, headers: dict[str, str], bodies: Sequence[str] = ()
) -> dict[str, Any]:
    """Runs the load against ``url`` in a process of its own; ``paths`` are asked for in turn.

    ``bodies``: JSON that is posted to the first path, in turn, instead of asking.
    """
    parts = urlsplit(url)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    heads = [f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n" for path in paths]
    if bodies:
        lines += "Content-Type: application/json\r\n"
        post = f"POST {paths[0]} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}"
        heads = [f"{post}Content-Length: {len(body.encode())}\r\n\r\n{body}" for body in bodies]
    argv = [sys.executable, "-m", "benchmarks.load", str(parts.hostname), str(parts.port), str(clients), str(seconds)]
    done = subprocess.run(argv, input=json.dumps(heads), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


async def _client(host: str, port: int, heads: Iterator[bytes], until: float, spent: list[float]) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    failures = 0
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(next(heads))
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        if head[9:12] == b"200":
            spent.append(time.perf_counter() - started)
        else:
            failures += 1
        if b"connection: close" in lower:
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
    writer.close()
    return failures


async def _load(host: str, port: int, clients: int, seconds: float, heads: list[bytes]) -> dict[str, Any]:
    spent: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    running = [
        _client(host, port, cycle(heads[number * 7 :] + heads[: number * 7]), until, spent) for number in range(clients)
    ]
    failures = sum(await asyncio.gather(*running))
    took = time.perf_counter() - started
    spent.sort()
    return {
        "answers": len(spent),
        "seconds": took,
        "failures": failures,
        "p50_ms": spent[len(spent) // 2] * 1000 if spent else None,
        "p95_ms": spent[int(len(spent) * 0.95)] * 1000 if spent else None,
    }


if __name__ == "__main__":
    asked = [head.encode() for head in json.loads(sys.stdin.read())]
    answer = uvloop.run(_load(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), asked))
    print(json.dumps(answer))
