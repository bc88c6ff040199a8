#!/usr/bin/env python3
"""Writes capture.pcap: a day on which one address is three machines' (four stays), by DHCP.

    python3 make.py            writes the same bytes each time
"""
import json
import struct

ADDRESS, SERVER, TOOLS, MODELS, WEB = "10.20.1.50", "10.20.1.1", "10.20.9.5", "10.20.9.8", "203.0.113.10"
MACHINES = {  # MAC address and the name each gives itself
    "anna": ("02:00:00:00:00:0a", "lt-anna"), "bert": ("02:00:00:00:00:0b", "lt-bert"),
    "cleo": ("02:00:00:00:00:0c", "lt-cleo"),
}
MORNING = 1_800_000_000 // 86400 * 86400


def ip4(a):
    return bytes(int(x) for x in a.split("."))


def mac(a):
    return bytes(int(x, 16) for x in a.split(":"))


def station(address, own):
    return mac(own) if address == ADDRESS else b"\x02\x01" + ip4(address)


class Capture:
    def __init__(self):
        self.frames, self.now, self.port, self.own = [], 0, 40000, None

    def at(self, hour, minute=0):
        self.now = (MORNING + hour * 3600 + minute * 60) * 1_000_000

    def add(self, frame):
        self.frames.append((self.now, frame))
        self.now += 1000

    def packet(self, src, dst, protocol, body, to=None):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, ip4(src), ip4(dst))
        s = sum(struct.unpack("!10H", ip))
        s = (s & 0xFFFF) + (s >> 16)
        ip = ip[:10] + struct.pack("!H", ~s & 0xFFFF) + ip[12:]
        source = mac(self.own) if src == "0.0.0.0" else station(src, self.own)
        self.add((to or station(dst, self.own)) + source + b"\x08\x00" + ip + body)

    def udp(self, src, sport, dst, dport, body, to=None):
        self.packet(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body, to)

    def dhcp(self, kind, name=None, given=None, client=None, lease=None):
        is_answer = kind in (2, 5)
        options = bytes([53, 1, kind]) + b"\x36\x04" + ip4(SERVER)
        if name:
            options += bytes([12, len(name)]) + name.encode()
        if lease:
            options += b"\x33\x04" + struct.pack("!I", lease)
        if is_answer:
            options += b"\x03\x04" + ip4(SERVER)
        elif given:
            options += b"\x32\x04" + ip4(given)
        body = struct.pack("!BBBBIHH", 2 if is_answer else 1, 1, 6, 0, 0x1234, 0, 0)
        body += ip4(client or "0.0.0.0") + ip4(given if is_answer else "0.0.0.0") + bytes(8)
        body += mac(self.own) + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63" + options + b"\xff"
        if is_answer:
            self.udp(SERVER, 67, given, 68, body)
        elif client:
            self.udp(client, 68, SERVER, 67, body)
        else:
            self.udp("0.0.0.0", 68, "255.255.255.255", 67, body, to=b"\xff" * 6)

    def arrive(self, who):
        self.own, name = MACHINES[who]
        self.dhcp(1, name)
        self.dhcp(2, given=ADDRESS, lease=14400)
        self.dhcp(3, name, given=ADDRESS)
        self.dhcp(5, given=ADDRESS, lease=14400)
        arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac(self.own) + ip4(ADDRESS) + bytes(6) + ip4(ADDRESS)
        self.add(b"\xff" * 6 + mac(self.own) + b"\x08\x06" + arp + bytes(18))

    def leave(self):
        self.dhcp(7, client=ADDRESS)

    def connect(self, server, port):
        self.port += 1
        return Connection(self, server, self.port, port)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for t, b in self.frames:
                out.write(struct.pack("<IIII", t // 10**6, t % 10**6, len(b), len(b)) + b)


class Connection:
    def __init__(self, capture, server, sport, dport):
        self.c, self.server, self.p, self.q, self.x, self.y = capture, server, sport, dport, 1000, 9000
        self.up(2)
        self.down(18)
        self.up(16)

    def up(self, flags, data=b""):
        tcp = struct.pack("!HHIIBBHHH", self.p, self.q, self.x, self.y, 80, flags, 65535, 0, 0) + data
        self.c.packet(ADDRESS, self.server, 6, tcp)
        self.x += len(data) + (flags & 3 > 0)

    def down(self, flags, data=b""):
        tcp = struct.pack("!HHIIBBHHH", self.q, self.p, self.y, self.x, 80, flags, 65535, 0, 0) + data
        self.c.packet(self.server, ADDRESS, 6, tcp)
        self.y += len(data) + (flags & 3 > 0)

    def exchange(self, path, body, answer, agent):
        body, text = (json.dumps(x, separators=(",", ":")).encode() for x in (body, answer))
        head = f"POST {path} HTTP/1.1\r\nHost: {self.server}:{self.q}\r\nUser-Agent: {agent}\r\n"
        head += "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n"
        self.up(24, (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        self.down(24, head.encode() + text)

    def close(self):
        self.up(17)
        self.down(17)
        self.up(16)


def hello(name):
    sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name.encode()
    extensions = struct.pack("!HH", 0, len(sni)) + sni + b"\x00\x2b\x00\x03\x02\x03\x04"
    body = b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\x00\x02\x13\x01" + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    body = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(body)) + body


def app(capture, name, down):
    connection = capture.connect(WEB, 443)
    connection.up(24, hello(name))
    connection.down(24, b"\x17\x03\x03" + struct.pack("!H", down) + bytes(down))
    return connection


def tools(capture, agent, calls):
    connection = capture.connect(TOOLS, 3001)
    info = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": agent, "version": "1"}}
    result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "files", "version": "1"}}
    ask = lambda i, method, params: {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
    tell = lambda i, result: {"jsonrpc": "2.0", "id": i, "result": result}
    connection.exchange("/mcp", ask(0, "initialize", info), tell(0, result), agent)
    for i in range(1, calls + 1):
        connection.exchange(
            "/mcp", ask(i, "tools/call", {"name": "search", "arguments": {}}), tell(i, {"content": []}), agent)
    connection.close()


def model(capture, agent, requests):
    connection = capture.connect(MODELS, 8000)
    for _ in range(requests):
        connection.exchange(
            "/v1/chat/completions", {"model": "qwen3", "messages": [{"role": "user", "content": "x"}]},
            {"object": "chat.completion", "model": "qwen3", "choices": [],
             "usage": {"prompt_tokens": 10, "completion_tokens": 5}}, agent)
    connection.close()


def day():
    c = Capture()
    c.at(8, 58)
    c.arrive("anna")
    c.at(9)
    app(c, "api.openai.com", 900).close()
    tools(c, "claude-code", 1)
    model(c, "planner/1.0", 1)
    c.at(10, 29)
    late = app(c, "api.openai.com", 100)  # lasts until after the lease has gone to another
    c.at(10, 30)
    c.leave()
    c.at(11)
    c.arrive("bert")
    c.own = MACHINES["anna"][0]
    late.close()
    c.own = MACHINES["bert"][0]
    c.at(11, 30)
    app(c, "api.openai.com", 2000).close()
    app(c, "chatgpt.com", 10).close()
    tools(c, "claude-code", 2)
    model(c, "planner/1.0", 2)
    c.at(13)
    c.leave()
    c.at(14)
    c.arrive("cleo")
    c.at(14, 30)
    app(c, "api.openai.com", 4000).close()
    tools(c, "claude-code", 4)
    model(c, "planner/1.0", 4)
    c.at(15)
    c.leave()
    c.at(16)
    c.arrive("anna")
    c.at(16, 30)
    app(c, "api.openai.com", 50).close()
    tools(c, "claude-code", 8)
    model(c, "planner/1.0", 8)
    return c


if __name__ == "__main__":
    day().write("capture.pcap")
