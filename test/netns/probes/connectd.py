"""connectd.py ADDRESS PORT USER PASSWORD: a small HTTP proxy (RFC 9110, 9.3.6) that stands for somebody's
upstream proxy."""

import base64
import socket
import sys
import threading

from pump import listen, pump


def serve(client, credentials):
    try:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = client.recv(1)
            if not more:
                return client.close()
            head += more
        lines = head.split(b"\r\n")
        if b"Proxy-Authorization: Basic " + credentials not in lines:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return client.close()
        address, _, port = lines[0].split()[1].partition(b":")
        upstream = socket.create_connection((address.decode(), int(port)), 10)
        upstream.settimeout(None)
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        threading.Thread(target=pump, args=(upstream, client), daemon=True).start()
        return pump(client, upstream)
    except OSError:
        return client.close()


_, bind, number, user, password = sys.argv
listen(
    bind, int(number), lambda client: serve(client, base64.b64encode(("%s:%s" % (user, password)).encode()))
)
