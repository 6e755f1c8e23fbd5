/**
 * The image's programs carry the guest contract's words as literals; here they are compared with its one
 * source.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";
import { TOR_BROWSER_PORT } from "../../../values/ports";
import {
    HOST_NAME,
    PATHS,
    STATUS_PREFIX,
    TABLE,
    TOR,
    TOR_USER,
    USER,
    USER_HOME,
    WARNING_PREFIX,
} from "../../../cloud-init/guest";
import { INNER_GATEWAY } from "../../../values/addresses";
import { DEFAULT_SOCKS_PORT, socksPortOf } from "../../../values/ports";

const image = (path: string): string => readFileSync(join(projectRoot(), "image", path), "utf8");
const program = (name: string): string => image(`rootfs/usr/lib/sallyport/${name}`);
/** The value of a shell or Python assignment at the beginning of a line. */
const assigned = (text: string, name: string): string =>
    new RegExp(`^${name} ?= ?"?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? `no ${name}`;

it("apply-role reads the files that the seeds write", () => {
    const text = program("apply-role");
    expect([assigned(text, "ROLE_FILE"), assigned(text, "RULESET"), assigned(text, "SYSCTL")]).toEqual([
        PATHS.role,
        PATHS.ruleset,
        PATHS.sysctl,
    ]);
    expect(text).toContain(`"table inet ${TABLE} {"`);
    expect(text).toContain(`id -u ${TOR_USER} `);
});

it("the status line asks tor where the torrc has it, and begins as the host expects", () => {
    const text = program("status");
    expect([assigned(text, "CONTROL"), assigned(text, "COOKIE")]).toEqual([TOR.controlSocket, TOR.cookie]);
    expect(text).toContain(`b"table inet ${TABLE}" in output_of(TABLES)`);
    expect(text).toContain(`b"${STATUS_PREFIX}\\r\\n"`);
    expect(text).toContain(`b"${WARNING_PREFIX}\\r\\n"`);
    expect(program("apply-role")).toContain(`'${STATUS_PREFIX}{`);
});

it.each([
    ["irssi", "irc"],
    ["wget", "wget"],
])("%s is a wrapper that runs the real one on its own port", (program, port) => {
    expect(image(`rootfs/usr/bin/${program}`)).toMatch(
        new RegExp(
            `^#!/bin/sh\n.*\nexec /usr/bin/torsocks -P ${socksPortOf(port)} ` +
                `/usr/lib/sallyport/unwrapped/${program} "\\$@"\n$`,
        ),
    );
});

it("where gpg expects a tor of its own, the image carries to the Gateway's port for gpg", () => {
    expect(image("rootfs/etc/systemd/system/sallyport-local-tor.service")).toContain(
        ` ${INNER_GATEWAY}:${socksPortOf("gpg")}\n`,
    );
    expect(image("rootfs/etc/systemd/system/sallyport-local-tor.socket")).toContain(
        `\nListenStream=127.0.0.1:${DEFAULT_SOCKS_PORT}\n`,
    );
});

it("where Tor Browser expects a tor of its own, the image carries to the Gateway's port for it", () => {
    expect(image("rootfs/etc/systemd/system/sallyport-local-browser.service")).toContain(
        ` ${INNER_GATEWAY}:${TOR_BROWSER_PORT}\n`,
    );
    expect(image("rootfs/etc/systemd/system/sallyport-local-browser.socket")).toContain(
        `\nListenStream=127.0.0.1:${TOR_BROWSER_PORT}\n`,
    );
    expect(image("units")).toContain("\nenable sallyport-local-browser.socket\n");
});

it("host name and user are the contract's", () => {
    expect(image("rootfs/etc/hostname").trim()).toBe(HOST_NAME);
    expect(image("lib/customize")).toMatch(
        new RegExp(`useradd --uid 1000 .*--home-dir ${USER_HOME} .* ${USER}$`, "m"),
    );
    expect(image("rootfs/etc/systemd/system/serial-getty@ttyS0.service")).toContain(`--autologin ${USER} `);
});

it("the control filter reads the seed's file and asks tor where the torrc has it", () => {
    const text = program("control-filter");
    expect([assigned(text, "CONFIG"), assigned(text, "CONTROL"), assigned(text, "COOKIE")]).toEqual([
        PATHS.control,
        TOR.controlSocket,
        TOR.cookie,
    ]);
    expect([...text.matchAll(/%s:(\d+)/g)].map(([, port]) => Number(port))).toEqual([TOR_BROWSER_PORT]);
    // The port that it listens on comes with the seed; no other number of a port stands in it.
    expect(text).not.toMatch(/\b9(?!150)\d{3}\b/);
    const unit = image("rootfs/etc/systemd/system/sallyport-control.service");
    expect(unit).toContain(`ConditionPathExists=${PATHS.control}`);
});
