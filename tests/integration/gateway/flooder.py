"""A client that means no good, until it is killed: ``flooder.py idle_uploads|wrong_logins PORT AUTHORIZATION``."""

import asyncio
import json
import sys

FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'


async def idle_upload(port: int, token: str) -> None:
    """Sends the beginning of a file and falls silent. Ends the whole flood when the other side ends the upload."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/v1/deliveries HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n"
    )
    writer.write(head.encode() + FILE + b"x" * 1_200_000)
    await writer.drain()
    under_way.append(writer)
    answer = await reader.read(100)
    sys.exit(f"an upload was ended: {answer!r}")


under_way: list[asyncio.StreamWriter] = []


async def wrong_logins(port: int, number: int) -> None:
    """One guess after the other on a connection that stays open; told to wait, it hardly waits."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"login": f"guess{number}", "password": "a guess"}).encode()
    head = (
        f"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    while True:
        writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].partition("\r")[0])
        await reader.readexactly(length)
        if " 429 " in answer.partition("\r")[0]:
            await asyncio.sleep(3)


async def main(kind: str, port: int, token: str) -> None:
    if kind == "idle_uploads":
        uploads = [asyncio.create_task(idle_upload(port, token)) for _ in range(36)]
        while len(under_way) < len(uploads):
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
    else:
        guessing = [asyncio.create_task(wrong_logins(port, number)) for number in range(240)]
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in guessing)
    print("flooding", flush=True)
    await asyncio.sleep(3600)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
