#!/usr/bin/env python3
"""Writes capture.pcap: DHCPv6, direct and behind a relay, and what its clients then do.

    python3 make.py            writes the same bytes each time
"""
import ipaddress
import struct

START = 1_800_000_000
ip6 = lambda a: ipaddress.ip_address(a).packed
mac = lambda a: bytes(int(x, 16) for x in a.split(":"))
ROUTER = mac("02:00:5e:00:00:fe")


class Capture:
    def __init__(self):
        self.frames, self.now = [], START * 1_000_000

    def packet(self, source, src, dst, protocol, body):
        pseudo = ip6(src) + ip6(dst) + struct.pack("!IHBB", len(body), 0, 0, protocol)
        at = 16 if protocol == 6 else 6
        data = pseudo + body + b"\0" * (len(body) % 2)
        s = sum(struct.unpack(f"!{len(data) // 2}H", data))
        while s >> 16:
            s = (s & 0xFFFF) + (s >> 16)
        body = body[:at] + struct.pack("!H", ~s & 0xFFFF) + body[at + 2:]
        head = struct.pack("!IHBB", 0x60000000, len(body), protocol, 64)
        self.frames.append((self.now, ROUTER + source + b"\x86\xdd" + head + ip6(src) + ip6(dst) + body))
        self.now += 1000

    def udp(self, source, src, sport, dst, dport, body):
        self.packet(source, src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body)

    def hello(self, source, client, server, name, port):
        sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name.encode()
        extensions = struct.pack("!HH", 0, len(sni)) + sni + b"\x00\x2b\x00\x03\x02\x03\x04"
        body = b"\x03\x03" + bytes(range(32)) + b"\x00\x00\x02\x13\x01\x01\x00" + struct.pack("!H", len(extensions)) + extensions
        body = b"\x01" + struct.pack("!I", len(body))[1:] + body
        record = b"\x16\x03\x01" + struct.pack("!H", len(body)) + body
        tcp = lambda s, d, x, y, flags, data=b"": struct.pack("!HHIIBBHHH", s, d, x, y, 80, flags, 65535, 0, 0) + data
        up = lambda x, y, flags, data=b"": self.packet(source, client, server, 6, tcp(port, 443, x, y, flags, data))
        down = lambda x, y, flags, data=b"": self.packet(ROUTER, server, client, 6, tcp(443, port, x, y, flags, data))
        up(1, 0, 2), down(9, 2, 18), up(2, 10, 16), up(2, 10, 24, record), down(10, 2 + len(record), 24, bytes(50))
        up(2 + len(record), 60, 17), down(60, 3 + len(record), 17), up(3 + len(record), 61, 16)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for t, b in self.frames:
                out.write(struct.pack("<IIII", t // 10**6, t % 10**6, len(b), len(b)) + b)


def option(code, body):
    return struct.pack("!HH", code, len(body)) + body


def name(text):
    return option(39, b"\1" + b"".join(bytes([len(p)]) + p.encode() for p in text.split(".")) + b"\0")


def address(text):
    return option(3, bytes(12) + option(5, ip6(text) + struct.pack("!II", 3600, 7200)))


def relayed(kind, message):
    return bytes([kind, 0]) + ip6("2001:db8:6:1::1") + ip6("fe80::2") + option(18, b"port 7") + option(9, message)


def main():
    c = Capture()
    anna, bert = mac("02:00:00:00:06:0a"), mac("02:00:00:00:06:0b")
    # An identifier made of the MAC address, on the link itself.
    duid = option(1, struct.pack("!HHI", 1, 1, 7) + anna)
    c.udp(anna, "fe80::a", 546, "ff02::1:2", 547, b"\3\0\0\1" + duid + name("lt-anna"))
    c.udp(ROUTER, "fe80::1", 547, "fe80::a", 546, b"\7\0\0\1" + duid + address("2001:db8:6:1::a") + name("lt-anna.corp.example"))
    c.hello(anna, "2001:db8:6:1::a", "2001:db8:f::1", "api.openai.com", 4000)
    # One that tells no MAC address, behind a relay.
    duid = option(1, struct.pack("!H", 4) + bytes(range(16)))
    c.udp(ROUTER, "2001:db8:6:1::1", 547, "2001:db8:6:9::1", 547, relayed(12, b"\3\0\0\2" + duid + name("lt-bert")))
    c.udp(ROUTER, "2001:db8:6:9::1", 547, "2001:db8:6:1::1", 547,
          relayed(13, b"\7\0\0\2" + duid + address("2001:db8:6:1::b") + name("lt-bert.corp.example")))
    c.hello(bert, "2001:db8:6:1::b", "2001:db8:f::1", "api.openai.com", 4001)
    c.write("capture.pcap")


if __name__ == "__main__":
    main()
