/**
 * Which circuits a Gateway's tor gives to whom, by its own STREAM events (control-spec), subscribed before
 * the probe.
 */
import assert from "../../support/assert";
import { randomBytes } from "node:crypto";
import type { GuestShell } from "../../../cli/guest-shell";
import { TOR } from "../../../cloud-init/guest";
import { eventually } from "./expect";

const FILE = "/run/test-streams";

/**
 * Runs in the Gateway. Prints the events, and after each stream that asked for its connection the circuits as
 * they are: a Conflux set has several, which share an id (tor 0.4.8 and later).
 */
const LISTENER = `
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("${TOR.controlSocket}")
f = s.makefile("r", newline="\\r\\n")
def send(line): s.sendall(line.encode() + b"\\r\\n")
send("AUTHENTICATE " + open("${TOR.cookie}", "rb").read().hex())
send("SETEVENTS STREAM")
for line in f:
    print(line.strip(), flush=True)
    if " SENTCONNECT " in line: send("GETINFO circuit-status")
`;

/** Begin to listen. @param gateway a shell of root's in the Gateway */
export async function subscribe(gateway: GuestShell): Promise<void> {
    const started = await gateway.run(`python3 -I -S -c '${LISTENER}' </dev/null >${FILE} 2>&1 &`, 20);
    assert.equal(started.status, 0, started.output);
    await eventually("tor takes the subscription", 30, async () => {
        const { output } = await gateway.run(`grep -c '^250 OK' ${FILE}; cat ${FILE}`, 20);
        assert.doesNotMatch(output, /Traceback|^5\d\d /m);
        return /^2$/m.test(output);
    });
}

/** What tor has said so far. */
export async function said(gateway: GuestShell): Promise<string> {
    const { status, output } = await gateway.run(
        `grep -E '^650 STREAM|BUILT' ${FILE} | sort -u; [ -s ${FILE} ]`,
        30,
    );
    assert.equal(status, 0, "tor said nothing of streams, which proves nothing");
    return output;
}

/** A name that nobody else asks for; the lab's resolver knows every name below .test. */
export const targetName = (): string => `probe-${randomBytes(8).toString("hex")}.example.test`;

/**
 * Circuits that streams to a name used; one of a Conflux set counts as the set. Pure.
 * @throws AssertionError when there was no such stream
 */
export function circuitsOf(text: string, name: string): ReadonlySet<string> {
    const sets = new Map(
        text.split("\n").flatMap((line): [string, string][] => {
            const [, circuit, set] =
                /^(?:250[-+ ]circuit-status=)?(\d+) BUILT .*\bCONFLUX_ID=(\w+)/.exec(line) ?? [];
            return circuit === undefined || set === undefined ? [] : [[circuit, set]];
        }),
    );
    const found = text.split("\n").flatMap((line) => {
        const [, circuit, target] =
            /^650 STREAM \d+ (?:SENTCONNECT|SUCCEEDED) (\d+) ([^ ]+):\d+/.exec(line) ?? [];
        return circuit === undefined || target !== name ? [] : [sets.get(circuit) ?? circuit];
    });
    assert.ok(found.length > 0, `tor told of no stream to ${name}, which proves nothing`);
    return new Set(found);
}

export const disjoint = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
    [...a].every((circuit) => !b.has(circuit));
