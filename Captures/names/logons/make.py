#!/usr/bin/env python3
"""Writes capture.pcap: who logs on, in every way that is read, and some who are not let in.

    python3 make.py            writes the same bytes each time; all names and hashes are made up
"""
import base64
import struct

START = 1_800_000_000


def ip4(a):
    return bytes(int(x) for x in a.split("."))


class Capture:
    def __init__(self):
        self.frames, self.now, self.port = [], START * 1_000_000, 40000

    def packet(self, src, dst, protocol, body):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, ip4(src), ip4(dst))
        s = sum(struct.unpack("!10H", ip))
        s = (s & 0xFFFF) + (s >> 16)
        ip = ip[:10] + struct.pack("!H", ~s & 0xFFFF) + ip[12:]
        mac = lambda a: b"\x02\x00" + ip4(a)
        self.frames.append((self.now, mac(dst) + mac(src) + b"\x08\x00" + ip + body))
        self.now += 1000

    def udp(self, src, sport, dst, dport, body):
        self.packet(src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(body), 0) + body)

    def ask(self, client, server, port, question, answer):
        self.port += 1
        self.udp(client, self.port, server, port, question)
        self.udp(server, port, client, self.port, answer)

    def connect(self, client, server, port):
        self.port += 1
        return Connection(self, client, server, self.port, port)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for t, b in self.frames:
                out.write(struct.pack("<IIII", t // 10**6, t % 10**6, len(b), len(b)) + b)


class Connection:
    def __init__(self, capture, client, server, sport, dport):
        self.c, self.a, self.b, self.p, self.q, self.x, self.y = capture, client, server, sport, dport, 1000, 9000
        self.up(flags=2)
        self.down(flags=18)
        self.up(flags=16)

    def up(self, data=b"", flags=24):
        head = struct.pack("!HHIIBBHHH", self.p, self.q, self.x, self.y, 80, flags, 65535, 0, 0)
        self.c.packet(self.a, self.b, 6, head + data)
        self.x += len(data) + (flags & 3 > 0)

    def down(self, data=b"", flags=24):
        head = struct.pack("!HHIIBBHHH", self.q, self.p, self.y, self.x, 80, flags, 65535, 0, 0)
        self.c.packet(self.b, self.a, 6, head + data)
        self.y += len(data) + (flags & 3 > 0)

    def close(self):
        self.up(flags=17)
        self.down(flags=17)
        self.up(flags=16)


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def number(value, tag=2):
    return der(tag, value.to_bytes(4, "big").lstrip(b"\0") or b"\0")


# --- Kerberos (RFC 4120 §5.4)

def principal(kind, *names):
    return der(0x30, der(0xA0, number(kind)), der(0xA1, der(0x30, *[der(0x1B, n.encode()) for n in names])))


def encrypted():
    return der(0x30, der(0xA0, number(18)), der(0xA2, der(4, bytes(range(120)))))


def request(tag, kind, name=None):
    body = der(0xA0, der(3, bytes(5)))
    if name:
        body += der(0xA1, principal(1, name))
    body += der(0xA2, der(0x1B, b"CORP.EXAMPLE")) + der(0xA3, principal(2, "krbtgt", "CORP.EXAMPLE"))
    return der(tag, der(0x30, der(0xA1, number(5)), der(0xA2, number(kind)), der(0xA4, der(0x30, body))))


def reply(tag, kind, *name):
    ticket = der(0x61, der(0x30, der(0xA0, number(5)), der(0xA1, der(0x1B, b"CORP.EXAMPLE")),
                           der(0xA2, principal(2, "krbtgt", "CORP.EXAMPLE")), der(0xA3, encrypted())))
    return der(tag, der(0x30, der(0xA0, number(5)), der(0xA1, number(kind)), der(0xA3, der(0x1B, b"CORP.EXAMPLE")),
                        der(0xA4, principal(1, *name)), der(0xA5, ticket), der(0xA6, encrypted())))


def refusal(code):
    return der(0x7E, der(0x30, der(0xA0, number(5)), der(0xA1, number(30)), der(0xA4, der(0x18, b"20270115080000Z")),
                         der(0xA5, number(1)), der(0xA6, number(code)), der(0xA9, der(0x1B, b"CORP.EXAMPLE")),
                         der(0xAA, principal(2, "krbtgt", "CORP.EXAMPLE"))))


# --- NTLM (MS-NLMP §2.2.1.3)

def ntlm(user, domain, workstation):
    texts = [t.encode("utf-16-le") for t in (domain, user, workstation)]
    at, fields, tail = 64, b"", b"".join(texts) + bytes(24)
    for text in texts:
        fields += struct.pack("<HHI", len(text), len(text), at)
        at += len(text)
    empty = struct.pack("<HHI", 24, 24, at)
    return b"NTLMSSP\0" + struct.pack("<I", 3) + empty + empty + fields + struct.pack("<HHI", 0, 0, at) + \
        struct.pack("<I", 0xE2888215) + tail


def smb(command, message, status, body, answer):
    head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ16s", 64, 0, status, command, 1, int(answer), 0, message, 0, 0, 7, b"")
    return struct.pack("!I", len(head) + len(body)) + head + body


def setup(token):
    return struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token


def setup_answer(flags=0):
    return struct.pack("<HHHH", 9, flags, 72, 0)


# --- RADIUS (RFC 2865 §5, RFC 2866 §5)

def radius(code, identifier, *attributes):
    body = b"".join(bytes([t, 2 + len(v)]) + v for t, v in attributes)
    return struct.pack("!BBH", code, identifier, 20 + len(body)) + bytes(16) + body


def main():
    c = Capture()
    center, files, directory, proxy = "10.30.9.1", "10.30.9.2", "10.30.9.3", "10.30.9.4"
    # Kerberos over UDP and TCP: asked, refused, asked again; a machine's account; a service's.
    c.ask("10.30.1.1", center, 88, request(0x6A, 10, "anna"), refusal(25))
    c.ask("10.30.1.1", center, 88, request(0x6A, 10, "anna"), reply(0x6B, 11, "anna"))
    c.ask("10.30.1.1", center, 88, request(0x6A, 10, "LT-ANNA$"), reply(0x6B, 11, "LT-ANNA$"))
    c.ask("10.30.1.1", center, 88, request(0x6A, 10, "HTTP"), reply(0x6B, 11, "HTTP", "web.corp.example"))
    k = c.connect("10.30.1.2", center, 88)
    for question, answer in [(request(0x6A, 10, "nobody"), refusal(6)), (request(0x6C, 12), reply(0x6D, 13, "bert"))]:
        k.up(struct.pack("!I", len(question)) + question)
        k.down(struct.pack("!I", len(answer)) + answer)
    k.close()
    # SMB: let in, not let in, let in as a guest.
    for client, user, status, flags in [("10.30.1.3", "cleo", 0, 0), ("10.30.1.4", "mallory", 0xC000006D, 0),
                                        ("10.30.1.5", "somebody", 0, 1)]:
        k = c.connect(client, files, 445)
        k.up(smb(0, 0, 0, struct.pack("<HHHHI16sQH", 36, 1, 1, 0, 0, b"", 0, 0x311), False))
        k.down(smb(0, 0, 0, bytes(65), True))
        k.up(smb(1, 1, 0, setup(b"NTLMSSP\0\1\0\0\0" + bytes(24)), False))
        k.down(smb(1, 1, 0xC0000016, setup_answer(), True))
        k.up(smb(1, 2, 0, setup(ntlm(user, "CORP", "LT-CLEO" if user == "cleo" else "X")), False))
        k.down(smb(1, 2, status, setup_answer(flags), True))
        k.close()
    # LDAP: by distinguished name, refused, anonymous, without a password.
    k = c.connect("10.30.1.6", directory, 389)
    for i, (name, word, code) in enumerate([(b"", b"", 0), (b"uid=mallory,dc=corp,dc=example", b"x", 49),
                                            (b"uid=eve,dc=corp,dc=example", b"", 0),
                                            (b"uid=dora,ou=people,dc=corp,dc=example", b"x", 0)], 1):
        k.up(der(0x30, number(i), der(0x60, number(3), der(4, name), der(0x80, word))))
        k.down(der(0x30, number(i), der(0x61, number(code, 10), der(4), der(4))))
    k.close()
    # RADIUS: the accounting of a session, and who is let in and who not.
    frank = [(1, b"frank@corp.example"), (31, b"02-00-0A-1E-01-07"), (8, ip4("10.30.1.7"))]
    for kind in (1, 3, 2):
        c.udp("10.30.9.9", 50000, "10.30.9.5", 1813, radius(4, kind, *frank, (40, struct.pack("!I", kind))))
        c.udp("10.30.9.5", 1813, "10.30.9.9", 50000, radius(5, kind))
    for identifier, user, mac, code in [(1, b"gina", b"02-00-0A-1E-01-08", 2), (2, b"mallory", b"02-00-0A-1E-01-09", 3),
                                        (3, b"02000a1e010a", b"02-00-0A-1E-01-0A", 2)]:
        c.udp("10.30.9.9", 50001, "10.30.9.5", 1812, radius(1, identifier, (1, user), (31, mac)))
        c.udp("10.30.9.5", 1812, "10.30.9.9", 50001, radius(code, identifier))
    c.udp("10.30.1.8", 50002, "10.30.9.6", 9999, b"hello")
    # A proxy: Basic, NTLM, and one who is sent away.
    basic = lambda pair: "Basic " + base64.b64encode(pair).decode()
    for client, field, value, code in [
            ("10.30.1.11", "Proxy-Authorization", basic(b"hugo:not a secret"), 200),
            ("10.30.1.12", "Proxy-Authorization", basic(b"mallory:wrong"), 407),
            ("10.30.1.13", "Authorization", "NTLM " + base64.b64encode(ntlm("ida", "CORP", "PC-IDA")).decode(), 200)]:
        k = c.connect(client, proxy, 3128)
        k.up(f"GET http://intranet.corp.example/ HTTP/1.1\r\nHost: intranet.corp.example\r\n{field}: {value}\r\n\r\n".encode())
        k.down(f"HTTP/1.1 {code} X\r\nContent-Length: 0\r\n\r\n".encode())
        k.close()
    c.write("capture.pcap")


if __name__ == "__main__":
    main()
