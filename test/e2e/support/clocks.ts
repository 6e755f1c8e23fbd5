/** Web servers on the lab's internet whose clocks are off as a test wants it. */
import { once } from "node:events";
import { WEB } from "../../../lab/addresses";
import { inNamespace } from "../../../lab/run";
import { lab } from "./world";

const PORTS = [8101, 8102, 8103] as const;

/** What Workstations ask: one pool for each server. The lab's resolver knows every name. */
export const CLOCKS: readonly (readonly string[])[] = PORTS.map((port) => [
    `http://clock.example.test:${port}/`,
]);

/** Gets [address, port, seconds ahead] of each server; says "ready" when all listen. */
const PROGRAM = `
const { createServer } = require("node:http");
const servers = JSON.parse(process.argv[1]);
Promise.all(servers.map(([address, port, ahead]) => new Promise((ready) => createServer((request, response) => {
    request.resume();
    response.sendDate = false;
    response.writeHead(200, { date: new Date(Date.now() + ahead * 1000).toUTCString(), "content-length": 0 }).end();
}).listen(port, address, ready)))).then(() => console.log("ready"));
`;

/** Start the servers. @param ahead by how many seconds the clock of each is wrong */
export async function startClocks(
    ahead: readonly [number, number, number],
): Promise<{ stop(): Promise<void> }> {
    const servers = PORTS.map((port, i) => [WEB.address, port, ahead[i]]);
    const child = inNamespace(
        lab().namespaces.internet,
        process.execPath,
        ["-e", PROGRAM, JSON.stringify(servers)],
        { stdin: "ignore", reject: false },
    );
    await Promise.race([
        once(child.stdout, "data"),
        child.then((result) => Promise.reject(new Error(`the clocks did not start: ${result.stderr}`))),
    ]);
    return {
        stop: async () => {
            child.kill();
            await child;
        },
    };
}
