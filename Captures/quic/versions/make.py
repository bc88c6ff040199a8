#!/usr/bin/env python3
"""Writes capture.pcap: one QUIC connection for each way in which a hello may come.

    python3 make.py            needs `cryptography`; writes the same bytes each time
"""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

V1, V2, DRAFT29, DRAFT23, DRAFT22, MVFST = 1, 0x6B3343CF, 0xFF00001D, 0xFF00001B, 0xFF000016, 0xFACEB002
T051, Q050 = 0x54303531, 0x51303530
SALT = {
    V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
    DRAFT29: "afbfec289993d24c9e9786f19c6111e04390a899", DRAFT23: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
    DRAFT22: "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a", MVFST: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
    T051: "7a4edef4e7ccee5fa4506c19124fc8ccda6e033d", Q050: "504574efd066fe2f9d945cfcdbd3a7f0d3b56b45",
}


def varint(v):
    return bytes([v]) if v < 64 else struct.pack(">H", v | 0x4000)


def expand(secret, label, n):
    text = b"tls13 " + label
    return hmac.new(secret, struct.pack(">HB", n, len(text)) + text + b"\0\1", hashlib.sha256).digest()[:n]


class Client:
    def __init__(self, version, dcid, keys_from=None, token=b""):
        self.version, self.dcid, self.token = version, dcid, token
        self.keys_from, self.scid = keys_from or dcid, b"\xc1\xc2\xc3\xc4"

    def head(self, kind, dcid=None, scid=None):
        shift = 1 if self.version == V2 else 0
        first = 0xC0 | ((kind + shift) % 4) << 4
        dcid, scid = self.dcid if dcid is None else dcid, self.scid if scid is None else scid
        return bytes([first]) + struct.pack(">IB", self.version, len(dcid)) + dcid + bytes([len(scid)]) + scid

    def initial(self, frames, number=0, size=1162):
        frames += b"\0" * (size - len(frames))
        initial = hmac.new(bytes.fromhex(SALT[self.version]), self.keys_from, hashlib.sha256).digest()
        secret = expand(initial, b"client in", 32)
        name = b"quicv2" if self.version == V2 else b"quic"
        head = bytearray(self.head(0))
        head[0] |= 1
        head += varint(len(self.token)) + self.token + struct.pack(">H", 0x4000 | 2 + len(frames) + 16)
        start = len(head)
        head += struct.pack(">H", number)
        iv = expand(secret, name + b" iv", 12)
        nonce = bytes(a ^ b for a, b in zip(iv, struct.pack(">IQ", 0, number)))
        packet = head + AESGCM(expand(secret, name + b" key", 16)).encrypt(nonce, bytes(frames), bytes(head))
        mask = Cipher(algorithms.AES(expand(secret, name + b" hp", 16)), modes.ECB()).encryptor().update(
            bytes(packet[start + 4:start + 20]))
        packet[0] ^= mask[0] & 15
        packet[start] ^= mask[1]
        packet[start + 1] ^= mask[2]
        return bytes(packet)

    def sealed(self, kind, n=120):
        return self.head(kind) + struct.pack(">H", 0x4000 | n) + bytes(i * 37 & 255 for i in range(n))

    def answer(self):
        """The server's first packet, which nobody needs to open."""
        head = bytearray(self.head(0, dcid=self.scid, scid=b"\x51\x52\x53\x54\x55\x56\x57\x58"))
        return bytes(head) + b"\0" + struct.pack(">H", 0x4000 | 1100) + bytes(i * 73 & 255 for i in range(1100))


def crypto(data, at=0, kind=6):
    return bytes([kind]) + varint(at) + varint(len(data)) + data


def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


def hello(name, alpn=b"h3", agent=None, share=32, wide=False):
    parameters = [(1, b"\x80\x00\x75\x30"), (4, b"\x80\x10\x00\x00")] + ([(0x3129, agent)] if agent else [])
    if wide:
        body = b"".join(struct.pack(">HH", i, len(v)) + v for i, v in parameters)
        body = struct.pack(">H", len(body)) + body
    else:
        body = b"".join(varint(i) + varint(len(v)) + v for i, v in parameters)
    host = name.encode()
    out = b"".join([
        extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host),
        extension(10, bytes.fromhex("0006001d00170018")), extension(13, bytes.fromhex("000604030804" "0401")),
        extension(16, struct.pack(">HB", len(alpn) + 1, len(alpn)) + alpn), extension(43, bytes.fromhex("020304")),
        extension(51, struct.pack(">HHH", share + 4, 0x1D, share) + b"\x17" * share),
        extension(57 if not wide else 0xFFA5, body)])
    out = b"\x03\x03" + b"\x2a" * 32 + b"\0" + bytes.fromhex("0006130113021303") + b"\1\0" + struct.pack(">H", len(out)) + out
    return b"\1" + struct.pack(">I", len(out))[1:] + out


def chlo(name, agent):
    tags = [(b"PAD\0", b"-" * 900), (b"SNI\0", name.encode()), (b"VER\0", b"Q043"), (b"UAID", agent)]
    heads, values = b"", b""
    for tag, value in tags:
        values += value
        heads += tag + struct.pack("<I", len(values))
    return b"CHLO" + struct.pack("<HH", len(tags), 0) + heads + values


def google(version, message):
    if version == b"Q046":
        head = b"\xc3Q046\x50" + b"\1\2\3\4\5\6\7\x08" + b"\0\0\0\1"
    else:
        head = b"\x09" + b"\1\2\3\4\5\6\7\x08" + version + b"\1"
    order = "<" if version < b"Q039" else ">"
    private = b"\0" if version <= b"Q033" else b""
    return head + b"\xaa" * 12 + private + b"\xa0\1" + struct.pack(order + "H", len(message)) + message


FLOWS = []


def flow(*datagrams):
    FLOWS.append(datagrams)


ONE, TWO = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", b"\x99\x88\x77\x66\x55"
c = Client(V1, ONE)
flow((0, c.initial(crypto(hello("chatgpt.com", agent=b"Chrome/130 Linux")))), (1, c.answer()), (0, c.sealed(2)))
c = Client(V2, ONE)
flow((0, c.initial(crypto(hello("claude.ai")))), (1, c.answer()))
for version, name in ((DRAFT29, "api.openai.com"), (DRAFT23, "api.anthropic.com"), (MVFST, "www.meta.ai")):
    flow((0, Client(version, ONE).initial(crypto(hello(name, b"h3-29")))))
flow((0, Client(DRAFT22, ONE).initial(crypto(hello("api.mistral.ai", b"h3-22", b"Chrome/80", wide=True)))))
# A hello as long as post-quantum ones, scattered over three datagrams that arrive last first; early data before.
long = hello("gemini.google.com", share=1216)
c = Client(V1, ONE)
pieces = [crypto(long[a:b], a) for a, b in ((0, 90), (90, 400), (400, 800), (800, 1300), (1300, len(long)))]
flow((0, c.sealed(1)), (0, c.initial(pieces[4] + b"\1" + pieces[1], 2)), (0, c.initial(b"\0\0" + pieces[3], 1)),
     (0, c.initial(pieces[2] + b"\1\0" + pieces[0], 0, 600) + c.sealed(1)), (1, c.answer()),
     (0, c.initial(pieces[0], 3)))
# Retry: the hello is said again, under other keys.
c, d = Client(V1, ONE), Client(V1, TWO, token=b"\x77" * 60)
retry = c.head(3, dcid=c.scid, scid=TWO) + b"\x77" * 60 + b"\x33" * 16
flow((0, c.initial(crypto(hello("chat.deepseek.com")))), (1, retry), (0, d.initial(crypto(hello("chat.deepseek.com")), 1)),
     (1, d.answer()))
# A version that forces the server to name its own.
c = Client(V1, ONE)
forced = bytearray(c.initial(crypto(hello("grok.com"))))
forced[1:5] = b"\x5a\x6a\x7a\x8a"
listed = b"\xc0\0\0\0\0" + bytes([len(c.scid)]) + c.scid + bytes([len(ONE)]) + ONE + struct.pack(">II", V1, 0x1A2A3A4A)
flow((0, bytes(forced)), (1, listed), (0, c.initial(crypto(hello("grok.com")))), (1, c.answer()))
# Google's own: in plain text, and sealed.
for version, name in ((b"Q025", "www.perplexity.ai"), (b"Q043", "poe.com"), (b"Q046", "character.ai")):
    flow((0, google(version, chlo(name, b"Chrome/60 Android"))))
flow((0, Client(Q050, ONE).initial(crypto(chlo("huggingface.co", b"Chrome/85")[:1130], kind=8), size=1200)))
flow((0, Client(T051, ONE).initial(crypto(hello("openrouter.ai", b"h3-T051"), kind=8))))
# A hello whose seal is broken tells no name.
broken = bytearray(Client(V1, ONE).initial(crypto(hello("api.openai.com"))))
broken[600] ^= 1
flow((0, bytes(broken)))


def frame(index, side, payload, identification):
    hosts, ports = [bytes([10, 10, 30, 20 + index]), bytes([198, 51, 100, 1 + index])], [40000 + index, 443]
    macs = [b"\x02\0\0\0\1" + bytes([index]), b"\x02\0\0\0\2\1"]
    udp = struct.pack(">HHHH", ports[side], ports[1 - side], len(payload) + 8, 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), identification, 0, 64, 17, 0) + hosts[side] + hosts[1 - side]
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack(">H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF) + head[12:]
    return macs[1 - side] + macs[side] + b"\x08\0" + head + udp


with open("capture.pcap", "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    number = 0
    for index, datagrams in enumerate(FLOWS):
        for side, payload in datagrams:
            number += 1
            data = frame(index, side, payload, number)
            out.write(struct.pack("<IIII", 1800000000 + index, number * 1000, len(data), len(data)) + data)
