"""The far end of a WireGuard tunnel: answers a handshake, opens what comes through, sends what it likes
(wireguard.com/protocol)."""

import hmac
import os
import struct
from hashlib import blake2s

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .frames import datagram

INITIATION, RESPONSE, DATA = 1, 2, 4
CONSTRUCTION, IDENTIFIER = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", b"WireGuard v1 zx2c4 Jason@zx2c4.com"


def digest(*parts):
    return blake2s(b"".join(parts)).digest()


def mac(key, data):
    return blake2s(data, key=key, digest_size=16).digest()


def derive(key, data, count):
    """That many keys (HKDF over HMAC-BLAKE2s)."""
    secret, keys = hmac.digest(key, data, blake2s), [b""]
    for number in range(1, count + 1):
        keys.append(hmac.digest(secret, keys[-1] + bytes([number]), blake2s))
    return keys[1:]


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def opened(key, counter, sealed, more=b""):
    """@raises cryptography.exceptions.InvalidTag when it was not sealed with this key"""
    return ChaCha20Poly1305(key).decrypt(bytes(4) + struct.pack("<Q", counter), sealed, more)


class Responder:
    """One peer. handshakes: public key of whoever began each; inside: what came through the tunnel, as
    IPv4 packets."""

    def __init__(self, private):
        self.private = X25519PrivateKey.from_private_bytes(private)
        self.public = raw(self.private.public_key())
        self.handshakes, self.inside, self.strange = [], [], []
        self.key = self.reply_key = None
        self.sending = None
        """Key, their number for it, who they are, packets sent with it."""

    def datagram(self, heard):
        """Answers to a datagram for this peer."""
        kind = heard.payload[:1]
        if kind == bytes([INITIATION]) and len(heard.payload) == 148:
            response = self.respond(heard.payload)
            self.sending = (
                self.reply_key,
                heard.payload[4:8],
                (heard.target, heard.port, heard.source, heard.sport),
                0,
            )
            return [datagram(heard.target, heard.port, heard.source, heard.sport, response)]
        if kind == bytes([DATA]) and self.key is not None:
            (counter,) = struct.unpack_from("<Q", heard.payload, 8)
            inner = opened(self.key, counter, heard.payload[16:])
            if inner:
                self.inside.append(inner)
        else:
            self.strange.append(heard.payload)
        return []

    def sealed(self, inner):
        """The datagram that carries an IPv4 packet into the tunnel. To be asked for once something has
        come out of it."""
        key, number, ends, count = self.sending
        self.sending = (key, number, ends, count + 1)
        padded = inner + bytes(-len(inner) % 16)
        body = ChaCha20Poly1305(key).encrypt(bytes(4) + struct.pack("<Q", count), padded, b"")
        return datagram(*ends, bytes([DATA, 0, 0, 0]) + number + struct.pack("<Q", count) + body)

    def respond(self, initiation):
        """The response to a handshake initiation. @raises ValueError when it is not for this peer"""
        if mac(digest(b"mac1----", self.public), initiation[:116]) != initiation[116:132]:
            raise ValueError("the initiation's first MAC is not for this peer's key")
        sender, ephemeral, sealed, stamp = (
            initiation[4:8],
            initiation[8:40],
            initiation[40:88],
            initiation[88:116],
        )
        theirs = X25519PublicKey.from_public_bytes(ephemeral)
        chain = digest(CONSTRUCTION)
        seen = digest(digest(digest(chain, IDENTIFIER), self.public), ephemeral)
        (chain,) = derive(chain, ephemeral, 1)
        chain, key = derive(chain, self.private.exchange(theirs), 2)
        static = X25519PublicKey.from_public_bytes(opened(key, 0, sealed, seen))
        seen = digest(seen, sealed)
        chain, key = derive(chain, self.private.exchange(static), 2)
        opened(key, 0, stamp, seen)
        seen = digest(seen, stamp)
        ours = X25519PrivateKey.generate()
        public = raw(ours.public_key())
        seen = digest(seen, public)
        for secret in (public, ours.exchange(theirs), ours.exchange(static)):
            (chain,) = derive(chain, secret, 1)
        chain, tau, key = derive(chain, bytes(32), 3)
        seen = digest(seen, tau)
        message = (
            bytes([RESPONSE, 0, 0, 0])
            + os.urandom(4)
            + sender
            + public
            + ChaCha20Poly1305(key).encrypt(bytes(12), b"", seen)
        )
        self.key, self.reply_key = derive(chain, b"", 2)
        self.handshakes.append(raw(static))
        return message + mac(digest(b"mac1----", raw(static)), message) + bytes(16)
