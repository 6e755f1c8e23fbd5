"""Stands in for the HTTP library requests, for cloud-init alone: in this guest it fetches nothing.

Whatever a seed names by URL fails with a reason instead of reaching for a network.
"""


class exceptions:  # noqa: N801, the name that cloudinit.url_helper imports
    class RequestException(OSError):
        response = None

    class ConnectionError(RequestException):  # noqa: A001
        pass

    class HTTPError(RequestException):
        pass

    class SSLError(ConnectionError):
        pass

    class Timeout(RequestException):
        pass


Timeout = exceptions.Timeout


class Response:
    pass


class Session:
    def __init__(self):
        raise exceptions.ConnectionError("cloud-init has no network in this guest; put the data into the seed")
