/** The filtered control port, in a stack whose first Workstation has it and whose second has not. */
import assert from "../support/assert";
import { CONTROL_PORT, DEFAULT_SOCKS_PORT } from "../../values/ports";
import type { EnclavePlan } from "../../plan/plan";
import { withShell } from "./support/shell";
import { timeState } from "./time";

const REQUESTS = [
    "AUTHENTICATE",
    "SIGNAL NEWNYM",
    "GETINFO status/circuit-established",
    "GETINFO address",
    "GETINFO circuit-status",
    "SETCONF ExitNodes=x",
    "QUIT",
];

/** Opens a TCP connection to the Gateway, sends these lines, prints what comes back and the last status. */
const talk = (gateway: string, port: number, lines: readonly string[]): string =>
    `timeout 40 bash -c 'exec 3<>/dev/tcp/${gateway}/${port} && printf "%s\\r\\n" ${lines.map((line) => `"${line}"`).join(" ")} >&3 && cat <&3'; echo "status $?"`;

/** What Tor Browser is told. */
const ENVIRONMENT = '. /etc/profile.d/sallyport.sh; echo "control is at $TOR_CONTROL_HOST:$TOR_CONTROL_PORT"';

/** @param plan of an enclave that stands */
export function controlPort(plan: () => EnclavePlan): void {
    const gateway = (): string => plan().gateway.inner.address;

    it("the control filter answers NEWNYM with 250 and refuses to tell an address", async () => {
        const { output } = await withShell(plan().workstations[0]?.domain, (shell) =>
            shell.run(`${talk(gateway(), CONTROL_PORT, REQUESTS)}; ${ENVIRONMENT}`, 60),
        );
        assert.deepEqual(output.replaceAll("\r", "").trim().split("\n"), [
            "250 OK",
            "250 OK",
            "250-status/circuit-established=1",
            "250 OK",
            "510 Command filtered",
            "510 Command filtered",
            "510 Command filtered",
            "250 closing connection",
            "status 0",
            `control is at ${gateway()}:${CONTROL_PORT}`,
        ]);
    });

    it("a Workstation without it reaches SocksPorts and no control port", async () => {
        const { output } = await withShell(plan().workstations[1]?.domain, async (shell) => {
            // Before its clock is right nothing leaves it at all.
            await timeState(shell, (state) => state.set);
            return shell.run(
                `${talk(gateway(), CONTROL_PORT, REQUESTS)}; bash -c 'exec 4<>/dev/tcp/${gateway()}/${DEFAULT_SOCKS_PORT}' && echo "socks is open"; ${ENVIRONMENT}`,
                60,
            );
        });
        assert.doesNotMatch(output, /250|510/);
        assert.match(output, /status (?!0\b)\d+/);
        assert.match(output, /socks is open\s+control is at :\s*$/);
    });
}
