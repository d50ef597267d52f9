"""Two agents of aioice that connect with each other: a question is a line of JSON on the standard input, the answer a line of JSON.

{"cmd":"pair","kind":"host|srflx|relay","serverA":"host:port","serverB":"host:port","user":"","password":""} -> {"a":[...],"b":[...]}
{"cmd":"connect","toA":[...],"toB":[...]} -> {"selectedA":ms,"selectedB":ms}, from "both know the other's candidates".
Written for aioice 0.8.0 of Debian 12, with its defaults.
"""
import asyncio
import json
import sys
import time

import aioice
import aioice.ice

# It leaves 127.0.0.1 out by itself.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def make(question, server, controlling):
    kind = question["kind"]
    options = {}
    if kind != "host":
        host, port = server.rsplit(":", 1)
        options = {"stun_server": (host, int(port))}
    if kind == "relay":
        options = {
            "turn_server": (host, int(port)),
            "turn_username": question["user"],
            "turn_password": question["password"],
            "transport_policy": aioice.ice.TransportPolicy.RELAY,
        }
    return aioice.Connection(ice_controlling=controlling, components=1, use_ipv6=False, **options)


def candidates_of(connection, kind):
    return ["candidate:" + c.to_sdp() for c in connection.local_candidates if c.type == kind]


async def pair(question):
    a = make(question, question["serverA"], True)
    b = make(question, question["serverB"], False)
    await asyncio.gather(a.gather_candidates(), b.gather_candidates())
    return a, b


async def connect(question, a, b):
    try:
        for connection, other, texts in ((a, b, question["toA"]), (b, a, question["toB"])):
            connection.remote_username = other.local_username
            connection.remote_password = other.local_password
            for text in texts:
                await connection.add_remote_candidate(aioice.Candidate.from_sdp(text.replace("candidate:", "", 1)))
            await connection.add_remote_candidate(None)
        start = time.perf_counter()

        async def stamp(connection):
            await connection.connect()
            return (time.perf_counter() - start) * 1000

        at_a, at_b = await asyncio.gather(stamp(a), stamp(b))
        return {"selectedA": at_a, "selectedB": at_b}
    finally:
        await a.close()
        await b.close()


async def main():
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    a = b = None
    while line := await reader.readline():
        try:
            question = json.loads(line)
            if question["cmd"] == "pair":
                a, b = await pair(question)
                answer = {"a": candidates_of(a, question["kind"]), "b": candidates_of(b, question["kind"])}
            else:
                answer = await connect(question, a, b)
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


asyncio.run(main())
