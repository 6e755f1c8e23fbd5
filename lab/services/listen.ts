/** Listening sockets that fail loudly. */
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { isIPv6 } from "node:net";
import type { Server } from "node:net";
import type { Recorder } from "./log";

/** Where something listens. */
export interface Endpoint {
    readonly address: string;
    readonly port: number;
}

/** Bind a TCP server. @throws when the address cannot be had */
export async function listen(server: Server, at: Endpoint): Promise<void> {
    server.listen({ host: at.address, port: at.port });
    await once(server, "listening");
}

/** Bind a UDP socket and hand over what arrives. @throws when the address cannot be had */
export async function listenUdp(
    at: Endpoint,
    arrived: (data: Buffer, from: RemoteInfo, socket: Socket) => void,
): Promise<void> {
    const socket = createSocket(isIPv6(at.address) ? "udp6" : "udp4");
    socket.on("message", (data, from) => arrived(data, from, socket));
    socket.bind({ address: at.address, port: at.port });
    await once(socket, "listening");
}

/** A port that only notes who connected, and closes. */
export async function listenTcp(at: Endpoint, record: Recorder): Promise<void> {
    const server = createServer((connection) => {
        record({ kind: "tcp", src: connection.remoteAddress ?? "", dst: at.address, port: at.port });
        connection.on("error", () => undefined);
        connection.end();
    });
    await listen(server, at);
}

/** A port that notes datagrams and sends them back. */
export async function listenEcho(at: Endpoint, record: Recorder): Promise<void> {
    await listenUdp(at, (data, from, socket) => {
        record({ kind: "udp", src: from.address, dst: at.address, port: at.port });
        socket.send(data, from.port, from.address);
    });
}
