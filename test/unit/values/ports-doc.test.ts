import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../util/root";
import { CUSTOM_PORTS, HTTP_TUNNEL_PORTS, SOCKS_PORTS, socksPortOf } from "../../../values/ports";
import { renderPorts } from "../../../values/ports-doc";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");

it("docs/ports.md is what the table of ports says (fix: make docs)", () => {
    if (process.env.UPDATE_DOCS === "1") {
        writeFileSync(join(projectRoot(), "docs/ports.md"), renderPorts());
    }
    expect(read("docs/ports.md")).toBe(renderPorts());
});

it("lists every port once", () => {
    const listed = [...renderPorts().matchAll(/^\| (\d+)(?: to (\d+))? \|/gm)].flatMap(
        ([, first, last = first]) =>
            Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i),
    );
    const expected = [...SOCKS_PORTS, ...HTTP_TUNNEL_PORTS].map((p) => p.port);
    expect(listed.filter((port, i) => listed.indexOf(port) !== i)).toEqual([]);
    expect(expected.filter((port) => !listed.includes(port))).toEqual([]);
    expect(listed).toHaveLength(expected.length + 3);
});

it("what operations.md says of ports is in the table", () => {
    const named = [...read("docs/operations.md").matchAll(/(IRC|ssh|git|curl|Tor Browser) (9\d{3})/g)];
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const [, name = "", port] of named) {
        expect([name, Number(port)]).toEqual([name, socksPortOf(name.toLowerCase().replace(" ", "-"))]);
    }
    expect(read("docs/operations.md")).toContain(
        `Ports ${CUSTOM_PORTS[0]} to ${CUSTOM_PORTS.at(-1)} are for other programs`,
    );
});
