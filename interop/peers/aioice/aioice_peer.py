"""aioice as a peer program: JSON lines in, JSON lines out. Written for aioice 0.8 of Debian 12."""

import asyncio
import json
import sys

import aioice
from aioice import ice


def tell(**line):
    print(json.dumps(line), flush=True)


def connection_of(config):
    options = {
        "ice_controlling": config.get("role", "controlling") == "controlling",
        "components": config.get("components", 1),
        "use_ipv6": config.get("ipv6", True),
    }
    for server in config.get("stun", [])[:1]:
        host, port = server.rsplit(":", 1)
        options["stun_server"] = (host.strip("[]"), int(port))
    for server in config.get("turn", [])[:1]:
        transport = server.get("transport", "udp")
        options["turn_server"] = (server["host"], server["port"])
        options["turn_username"] = server["user"]
        options["turn_password"] = server["pass"]
        options["turn_ssl"] = transport == "tls"
        options["turn_transport"] = "udp" if transport == "udp" else "tcp"
    if config.get("policy") == "relay":
        options["transport_policy"] = ice.TransportPolicy.RELAY
    return aioice.Connection(**options)


class Peer:
    def __init__(self, config):
        self.connection = connection_of(config)
        self.gathered = asyncio.Event()
        self.checking = None

    async def gather(self):
        await self.connection.gather_candidates()
        for candidate in self.connection.local_candidates:
            tell(ev="candidate", candidate="candidate:" + candidate.to_sdp())
        self.gathered.set()
        tell(ev="gathered")

    async def connect(self):
        # connect() refuses before gathering has ended: aioice has all of its candidates at once.
        await self.gathered.wait()
        tell(ev="state", state="checking")
        try:
            await self.connection.connect()
        except ConnectionError as error:
            tell(ev="state", state="failed", reason=str(error))
            return
        tell(ev="state", state="completed")
        for component, pair in self.connection._nominated.items():
            tell(
                ev="pair",
                component=component,
                local="candidate:" + pair.local_candidate.to_sdp(),
                remote="candidate:" + pair.remote_candidate.to_sdp(),
            )
        try:
            while True:
                data, component = await self.connection.recvfrom()
                tell(ev="data", component=component, len=len(data), hex=data.hex(), text=data.decode("utf8", "replace"))
        except ConnectionError as error:
            tell(ev="state", state="disconnected", reason=str(error))

    async def add(self, text):
        # An empty candidate is the end of them.
        candidate = aioice.Candidate.from_sdp(text.replace("candidate:", "", 1)) if text else None
        await self.connection.add_remote_candidate(candidate)

    async def remote(self, command):
        self.connection.remote_username = command["ufrag"]
        self.connection.remote_password = command["pwd"]
        self.connection.remote_is_lite = command.get("lite", False)
        for text in command.get("candidates", []):
            await self.add(text)
        if command.get("end", True):
            await self.add("")
        self.checking = asyncio.ensure_future(self.connect())

    async def send(self, command):
        data = bytes.fromhex(command["hex"]) if "hex" in command else command["data"].encode()
        await self.connection.sendto(data, command.get("component", 1))

    async def handle(self, command):
        kind = command["cmd"]
        if kind == "gather":
            await self.gather()
        elif kind == "remote":
            await self.remote(command)
        elif kind == "candidate":
            await self.add(command["candidate"])
        elif kind == "end":
            await self.add("")
        elif kind == "send":
            await self.send(command)
        else:
            tell(ev="error", message="aioice has no " + kind)

    async def run(self):
        tell(ev="local", ufrag=self.connection.local_username, pwd=self.connection.local_password)
        reader = asyncio.StreamReader(limit=1 << 20)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            command = json.loads(line)
            if command["cmd"] == "close":
                break
            try:
                await self.handle(command)
            except Exception as error:
                tell(ev="error", message=repr(error))
        await self.connection.close()
        tell(ev="state", state="closed")


async def main():
    # The connection belongs to the loop that is running when it is made.
    await Peer(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}).run()


asyncio.run(main())
