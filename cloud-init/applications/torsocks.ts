/**
 * torsocks: any program's TCP through the default SocksPort, one circuit for each process (torsocks.conf(5)).
 * It is for programs without a port of their own: one that has its own is led to that through tor, which
 * refuses inner addresses.
 */
import { DEFAULT_SOCKS_PORT } from "../../values/ports";
import { lines } from "../text";
import { rootFile, type GuestFile } from "../user-data";

export const torsocks = (gateway: string): GuestFile[] => [
    rootFile(
        "/etc/tor/torsocks.conf",
        lines(
            "torsocks",
            `TorAddress ${gateway}`,
            `TorPort ${DEFAULT_SOCKS_PORT}`,
            // A SOCKS user of its own for each process: programs never share a circuit.
            "IsolatePID 1",
        ),
    ),
];
