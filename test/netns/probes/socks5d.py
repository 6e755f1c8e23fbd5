"""socks5d.py ADDRESS PORT USER PASSWORD: a small SOCKS5 proxy (RFC 1928, 1929) that stands for somebody's
upstream proxy."""

import socket
import sys
import threading

import clients
from pump import listen, pump


def serve(client, user, password):
    try:
        _, count = clients.read(client, 2)
        if 2 not in clients.read(client, count):
            client.sendall(b"\x05\xff")
            return
        client.sendall(b"\x05\x02")
        _, length = clients.read(client, 2)
        given_user = clients.read(client, length)
        given = clients.read(client, clients.read(client, 1)[0])
        if (given_user, given) != (user, password):
            client.sendall(b"\x01\x01")
            return
        client.sendall(b"\x01\x00")
        _, _, _, kind = clients.read(client, 4)
        if kind != 1:
            client.sendall(b"\x05\x08\0\x01" + b"\0" * 6)
            return
        address, port = socket.inet_ntoa(clients.read(client, 4)), int.from_bytes(
            clients.read(client, 2), "big"
        )
        upstream = socket.create_connection((address, port), 10)
        upstream.settimeout(None)
        client.sendall(b"\x05\0\0\x01" + b"\0" * 6)
        threading.Thread(target=pump, args=(upstream, client), daemon=True).start()
        pump(client, upstream)
    except (OSError, EOFError):
        client.close()


_, bind, number, name, secret = sys.argv
listen(bind, int(number), lambda client: serve(client, name.encode(), secret.encode()))
