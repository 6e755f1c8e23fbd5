"""Live listeners on the host's and the neighbour's address: a probe without one behind it proves nothing."""

import select
import socket

from namespaces import inside

TCP_PORTS, UDP_PORTS = (22, 53, 80, 16509), (53, 67, 4444)


class Listeners:
    def __init__(self, namespace, addresses):
        self._hits = []
        self.sockets = []
        for address in addresses:
            with inside(namespace):
                for port in TCP_PORTS:
                    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind((address, port))
                    s.listen(16)
                    self.sockets.append(s)
                for port in UDP_PORTS:
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    s.bind((address, port))
                    self.sockets.append(s)

    @property
    def hits(self):
        """Who has come up to now, as the kernel knows it: no thread has to be waited for."""
        while True:
            ready = select.select(self.sockets, [], [], 0)[0]
            if not ready:
                return tuple(self._hits)
            for s in ready:
                if s.type == socket.SOCK_STREAM:
                    connection, sender = s.accept()
                    connection.close()
                else:
                    _, sender = s.recvfrom(2048)
                self._hits.append((sender[0], s.getsockname()))
