/** What rules about torrc share. Option names are not case-sensitive (tor(1)). */
import type { Domain, Model, Origin, SeedContent, TorOptionLine } from "../../model";
import { endpoint } from "../../reachability/egress";
import { subjectOf, violation } from "../check";
import { eachPart } from "../select";
import type { Finding } from "../rule";

/** A line, and where it stands. */
export interface Torrc {
    readonly lines: readonly TorOptionLine[];
    readonly domain: Domain;
    readonly content: SeedContent;
    readonly at: Origin;
}

/** The torrc of every Gateway; a Gateway whose torrc cannot be read is a finding. */
export const eachTorrc = (model: Model, check: (torrc: Torrc) => readonly Finding[]): Finding[] =>
    eachPart(
        model,
        "gateway",
        "torrc",
        (content) => content.torrc,
        (lines, domain, content, at) => check({ lines, domain, content, at }),
    );

/** Name of an option for comparison; `+Option` adds to and `/Option` clears what other files set. */
export const keyOf = (line: TorOptionLine): string => line.option.toLowerCase().replace(/^[+/]/, "");

/** Lines of the named options, in order. */
export const linesOf = (torrc: Torrc, ...options: readonly string[]): TorOptionLine[] =>
    torrc.lines.filter((line) => options.some((option) => option.toLowerCase() === keyOf(line)));

/** What the option is in the end: the last line wins. */
export const valueOf = (torrc: Torrc, option: string): string | undefined =>
    linesOf(torrc, option).at(-1)?.value;

/** Values that are secrets appear in no finding. */
const SECRET =
    /^(bridge|socks5proxyusername|socks5proxypassword|httpsproxyauthenticator|hiddenserviceauthorizeclient)$/;
const shown = (line: TorOptionLine): string =>
    SECRET.test(keyOf(line)) ? `${line.option} (secret)` : `${line.option} ${line.value}`.trim();

export const wrongLine = (torrc: Torrc, line: TorOptionLine, why: string): Finding =>
    violation(
        `${subjectOf(torrc.domain)} torrc ${shown(line)}`,
        `line ${line.line}, "${shown(line)}": ${why}`,
        torrc.at,
    );

export const wrongTorrc = (torrc: Torrc, what: string, message: string): Finding =>
    violation(`${subjectOf(torrc.domain)} torrc ${what}`, message, torrc.at);

/** A finding for every line with one of these options. */
export const noOption = (model: Model, why: string, ...options: readonly string[]): Finding[] =>
    eachTorrc(model, (torrc) => linesOf(torrc, ...options).map((line) => wrongLine(torrc, line, why)));

/** A finding unless the option is set, each time, to one of the values. `undefined`: may be left out. */
export function optionMustBe(
    torrc: Torrc,
    option: string,
    ...allowed: readonly (string | undefined)[]
): Finding[] {
    const lines = linesOf(torrc, option);
    if (lines.length === 0 && !allowed.includes(undefined)) {
        return [wrongTorrc(torrc, option, `${option} is not set; "${allowed.join('" or "')}" is needed`)];
    }
    return lines
        .filter((line) => !allowed.includes(line.value))
        .map((line) => wrongLine(torrc, line, `only ${allowed.filter(Boolean).join(" or ")} is allowed`));
}

/** Options that make tor listen for clients. */
const CLIENT_PORTS = ["transport", "dnsport", "socksport", "httptunnelport", "natdport"];

interface ParsedListener {
    readonly line: TorOptionLine;
    /** In lower case. */
    readonly kind: string;
    readonly address: string;
    readonly port: number;
    readonly flags: readonly string[];
}

/**
 * Listeners for clients. Port 0 is none (tor(1)); a line that is not `address:port flags…` has no address.
 */
export function listenersOf(torrc: Torrc): ParsedListener[] {
    return torrc.lines.flatMap((line) => {
        const kind = keyOf(line);
        const [place = "", ...flags] = line.value.split(/\s+/);
        if (!CLIENT_PORTS.includes(kind) || line.value === "0") {
            return [];
        }
        const found = endpoint(place);
        return [{ line, kind, address: found?.address ?? "", port: found?.port ?? 0, flags }];
    });
}

/** Listeners of the kinds. */
export const listenersOfKind = (torrc: Torrc, ...kinds: readonly string[]): ParsedListener[] =>
    listenersOf(torrc).filter((listener) => kinds.some((kind) => kind.toLowerCase() === listener.kind));
