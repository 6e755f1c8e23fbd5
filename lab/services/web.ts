/** The web server: says who it saw, and gives bytes for measuring throughput. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Endpoint } from "./listen";
import { listen } from "./listen";
import type { Recorder } from "./log";

const CHUNK = Buffer.alloc(64 * 1024, "sallyport ");
/** Most bytes that /bytes gives: 1 GiB. */
const BYTES_MAX = 1024 ** 3;

/** `n` bytes in pieces. */
export function* bytes(n: number): Generator<Buffer> {
    for (let left = n; left > 0; left -= CHUNK.length) {
        yield left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
    }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
    const body = `${JSON.stringify(value)}\n`;
    response.writeHead(status, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
    });
    response.end(body);
}

async function sendBytes(response: ServerResponse, wanted: string | null): Promise<void> {
    const n = Number(wanted);
    if (wanted === null || !/^\d+$/.test(wanted) || n > BYTES_MAX) {
        sendJson(response, 400, {
            error: `n is ${wanted ?? "missing"}; it must be a whole number from 0 to ${BYTES_MAX}`,
        });
        return;
    }
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": n });
    await pipeline(bytes(n), response);
}

/** Serve HTTP: `/bytes?n=` gives n bytes, every other path `{src, path, host}` as JSON. */
export async function listenWeb(at: Endpoint, record: Recorder): Promise<void> {
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
        const src = request.socket.remoteAddress ?? "";
        const path = request.url ?? "";
        const host = request.headers.host ?? "";
        record({ kind: "http", src, dst: at.address, port: at.port, path, host });
        request.resume();
        const [page, query] = path.split("?", 2);
        if (page === "/bytes") {
            sendBytes(response, new URLSearchParams(query).get("n")).catch(() => response.destroy()); // the client went away
        } else {
            sendJson(response, 200, { src, path, host });
        }
    });
    await listen(server, at);
}
