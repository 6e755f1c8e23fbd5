"""An ssh server for one user and one key, on loopback: what a lab host's sshd does for virsh and for the
provider.

Usage: ssh_host.py AUTHORIZED_KEYS SOCKET LOG HOST_KEY.... Prints its port, and ends when its standard
input does.

A session runs a command; `nc -U SOCKET`, by which virsh gets at a socket, is this program's own, since the
package that has nc is on no machine for certain. A direct-streamlocal channel, which the provider opens,
leads to that socket as well. Every way that was used is noted in LOG, one word a line: exec, forward. A
file LOG.slow holds the seconds that a session takes before it answers.
"""

import asyncio
import os
import sys

import asyncssh

AUTHORIZED_KEYS, SOCKET, LOG, *HOST_KEYS = sys.argv[1:]
# libvirt's netcat command for this socket (virNetClientSSHHelperCommand).
TO_SOCKET = f"'nc' $ARG -U {SOCKET}"


def note(word):
    with open(LOG, "a", encoding="ascii") as log:
        log.write(word + "\n")


class Host(asyncssh.SSHServer):
    def unix_connection_requested(self, dest_path):
        note("forward" if dest_path == SOCKET else "refused")
        return dest_path == SOCKET


async def pump(reader, write, close):
    while data := await reader.read(65536):
        await write(data)
    close()


async def serve(process):
    """A session."""
    if process.command is None or TO_SOCKET not in process.command:
        note("refused")
        process.exit(127)
        return
    note("exec")
    try:
        with open(LOG + ".slow", encoding="ascii") as slow:
            await asyncio.sleep(float(slow.read()))
    except FileNotFoundError:
        pass
    reader, writer = await asyncio.open_unix_connection(SOCKET)

    async def down(data):
        writer.write(data)
        await writer.drain()

    async def up(data):
        process.stdout.write(data)
        await process.stdout.drain()

    tasks = [
        asyncio.create_task(pump(process.stdin, down, writer.write_eof)),
        asyncio.create_task(pump(reader, up, process.stdout.write_eof)),
    ]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    writer.close()
    process.exit(0)


async def main():
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Host,
        server_host_keys=HOST_KEYS,
        authorized_client_keys=AUTHORIZED_KEYS,
        process_factory=serve,
        encoding=None,
        allow_scp=False,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)


asyncio.run(main())
