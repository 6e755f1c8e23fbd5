"""libnftables(3), the library that nft(8) is made of, within this process: a ruleset is loaded or read in
a few milliseconds."""

import ctypes
import json

from namespaces import inside

JSON = 1 << 4  # NFT_CTX_OUTPUT_JSON

_lib = ctypes.CDLL("libnftables.so.1")
_lib.nft_ctx_new.restype = ctypes.c_void_p
for _function in (_lib.nft_ctx_get_output_buffer, _lib.nft_ctx_get_error_buffer):
    _function.restype = ctypes.c_char_p
    _function.argtypes = [ctypes.c_void_p]
for _function in (_lib.nft_ctx_buffer_output, _lib.nft_ctx_buffer_error):
    _function.argtypes = [ctypes.c_void_p]
_lib.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
for _function in (_lib.nft_run_cmd_from_buffer, _lib.nft_run_cmd_from_filename):
    _function.argtypes = [ctypes.c_void_p, ctypes.c_char_p]


class Nft:
    """The rules of one network namespace."""

    def __init__(self, namespace):
        self.namespace = namespace
        with inside(namespace):
            self._context = _lib.nft_ctx_new(0)
        if (
            not self._context
            or _lib.nft_ctx_buffer_output(self._context)
            or _lib.nft_ctx_buffer_error(self._context)
        ):
            raise RuntimeError("libnftables does not start in %s" % namespace)

    def _run(self, command, text, flags=0):
        _lib.nft_ctx_output_set_flags(self._context, flags)
        with inside(self.namespace):
            failed = command(self._context, text.encode())
        said, error = (
            get(self._context).decode()
            for get in (_lib.nft_ctx_get_output_buffer, _lib.nft_ctx_get_error_buffer)
        )
        if failed:
            raise RuntimeError("nft: %s" % (error.strip() or said.strip() or "failed without a word"))
        return said

    def load(self, file):
        """As `nft -f FILE`. @raises RuntimeError with what nft says"""
        self._run(_lib.nft_run_cmd_from_filename, file)

    def flush(self):
        self._run(_lib.nft_run_cmd_from_buffer, "flush ruleset")

    def forget(self, dynamic_set):
        """What rules have put into a set of the inet table."""
        self._run(_lib.nft_run_cmd_from_buffer, "flush set inet sallyport " + dynamic_set)

    def logs(self):
        """Packets that were logged, by the prefix of the rule that did, since the rules were loaded."""
        rules = [
            item["rule"]["expr"]
            for item in json.loads(self._run(_lib.nft_run_cmd_from_buffer, "list ruleset", JSON))["nftables"]
            if "rule" in item
        ]
        parts = [{name: value for part in rule for name, value in part.items()} for rule in rules]
        return {part["log"]["prefix"]: part["counter"]["packets"] for part in parts if "log" in part}

    def counters(self):
        """Packets by the name of the counter, of every table."""
        items = json.loads(self._run(_lib.nft_run_cmd_from_buffer, "list counters", JSON))["nftables"]
        return {item["counter"]["name"]: item["counter"]["packets"] for item in items if "counter" in item}
