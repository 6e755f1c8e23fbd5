/** Fetching a page from inside a Workstation, and what the lab's web server saw of it. */
import { randomBytes } from "node:crypto";
import type { LabInfo } from "../../lab/info";
import { readWebLog } from "../../lab/weblog";
import { INNER_GATEWAY } from "../../values/addresses";
import { DEFAULT_SOCKS_PORT } from "../../values/ports";
import type { GuestShell } from "../guest-shell";

/** How the page is asked for. */
export type Way = "TransPort" | "SocksPort";

export interface Fetched {
    readonly way: Way;
    /** Whether the page arrived in the Workstation. */
    readonly ok: boolean;
    /** What went wrong, or the page's first line. */
    readonly detail: string;
    /** Addresses from which the web server saw this very request; an exit's when all is well. */
    readonly seenFrom: readonly string[];
    /** Nicknames of the exits among them. */
    readonly exits: readonly string[];
    /** Seen once, and from an exit relay. */
    readonly anonymous: boolean;
}

/** curl's arguments without any settings of the image's own, so that the way is the one that we name. */
const OPTIONS: Readonly<Record<Way, string>> = {
    TransPort: "--noproxy '*'",
    SocksPort: `--socks5-hostname ${INNER_GATEWAY}:${DEFAULT_SOCKS_PORT}`,
};

/** Who asked for a path, by the web server's log. Pure. */
export function seenBy(
    log: readonly { kind: string; src: string; path?: string | undefined }[],
    path: string,
): string[] {
    return log.filter((entry) => entry.kind === "http" && entry.path === path).map((entry) => entry.src);
}

/**
 * Fetch a page under a name that no other request asks for.
 * @param timeoutSeconds limit for curl
 */
export async function fetchPage(
    shell: GuestShell,
    lab: LabInfo,
    way: Way,
    timeoutSeconds: number,
): Promise<Fetched> {
    const path = `/${way.toLowerCase()}-${randomBytes(8).toString("hex")}`;
    const url = `http://${lab.web.hostname}${path}`;
    const result = await shell.run(
        `curl -q -sS --fail --max-time ${timeoutSeconds} ${OPTIONS[way]} '${url}'`,
        timeoutSeconds + 5,
    );
    const seenFrom = seenBy(readWebLog(lab.web.log), path);
    const exits = lab.relays.filter((relay) => relay.kind === "exit");
    const names = seenFrom.flatMap((address) =>
        exits.filter((relay) => relay.address === address).map((relay) => relay.nickname),
    );
    return {
        way,
        ok: result.status === 0,
        detail: result.output.trim().split("\n")[0] ?? "",
        seenFrom,
        exits: names,
        anonymous: seenFrom.length === 1 && names.length === 1,
    };
}
