/** The script of a lab host, run by sh with a stand-in virsh that plays a libvirt and records its calls. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostVolume, scriptVersion, unitScript } from "../../../../cli/unit/script";
import { statusVolume } from "../../../../components/readiness-gate";
import type { StackPlan } from "../../../../plan/plan";
import { placed } from "../../../support/placed";
import { planOf } from "../../../support/stacks";

const base = planOf({
    enclaves: [
        {
            name: "red",

            workstations: placed({ name: "a" }, { name: "b" }),
        },
    ],
});

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "unit-"));
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "on"));
    mkdirSync(join(folder, "status"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Active objects are files in `on`; every object is there unless `absent` names it. */
const VIRSH = `#!/bin/sh
here=$(dirname "$0")/..
shift 3
printf '%s\\n' "$*" >>"$here/calls"
kind() { case $1 in pool*) echo pool ;; net*) echo net ;; *) echo guest ;; esac; }
[ -e "$here/deaf" ] && exit 1
case $1 in
    pool-list | net-list | list)
        case "$*" in
            *managed-save*) cat "$here/saved" 2>/dev/null || : ;;
            *--all*) cat "$here/all" ;;
            *) ls "$here/on" | sed -n "s/^$(kind "$1") //p" ;;
        esac ;;
    pool-start | net-start) grep -Fxq -e "$2" "$here/stuck" 2>/dev/null && exit 1; : >"$here/on/$(kind "$1") $2" ;;
    start)
        : >"$here/on/guest $2"
        [ -e "$here/ready" ] && case $2 in *-gateway) cat "$here/ready" >"$here/status/$2.status"; touch -d '+10 seconds' "$here/status/$2.status" ;; esac
        : ;;
    destroy) rm -f "$here/on/guest $2" ;;
    send-key) [ -e "$here/stubborn" ] || rm -f "$here/on/guest $2" ;;
    net-destroy) rm -f "$here/on/net $2" ;;
    domstate) if [ -e "$here/on/guest $2" ]; then echo running; else echo 'shut off'; fi; echo ;;
    nwfilter-dumpxml) [ -e "$here/filter" ] ;;
    nwfilter-define) cp "$2" "$here/filter" ;;
    dumpxml) cat "$here/definition" ;;
    domiflist) echo ' vnet0   network   "x\\y"   virtio   52:54:00:00:00:01' ;;
esac
`;
const READY =
    '@sallyport {"v":1,"role":"gateway","phase":"ready","bootstrap":100,"ready":true,"detail":"","up":20.5}\r\n@sallyport-still 20.5\r\n';

function planIn(plan: StackPlan = base): StackPlan {
    return {
        ...plan,
        enclaves: plan.enclaves.map((e) => ({
            ...e,
            gateway: { ...e.gateway, readyTimeoutSeconds: 0 },
            statusPool: { ...e.statusPool, path: join(folder, "status") },
        })),
    };
}

const put = (name: string, text = ""): void => writeFileSync(join(folder, name), text);
const namesOf = (
    plan: StackPlan,
): { pools: string[]; networks: string[]; guests: string[]; gateway: string } => {
    const pools = [plan.imagePool, ...plan.enclaves.flatMap((e) => [e.pool, e.statusPool, e.dataPool])];
    return {
        pools: pools.map(({ name }) => name),
        networks: plan.enclaves.flatMap((e) => [e.external.name, e.isolated.name]),
        guests: plan.enclaves.flatMap((e) => [e.gateway.domain, ...e.workstations.map((w) => w.domain)]),
        gateway: plan.enclaves[0]?.gateway.domain ?? "",
    };
};

/** After a reboot: all is there, nothing is active. */
function host(plan: StackPlan): void {
    const { pools, networks, guests } = namesOf(plan);
    put("all", `${[...pools, ...networks, ...guests].join("\n")}\n`);
    put("definition", `<filterref filter='${plan.enclaves[0]?.isolated.name ?? ""}'/>`);
    put("ready", READY);
    put("bin/virsh", VIRSH);
    chmodSync(join(folder, "bin", "virsh"), 0o755);
    put("bin/ebtables", "#!/bin/sh\necho 'Bridge table: nat'\n");
    chmodSync(join(folder, "bin", "ebtables"), 0o755);
}

/** Pools and networks are active, the filter is defined. */
function ready(plan: StackPlan): void {
    const { pools, networks } = namesOf(plan);
    pools.forEach((name) => put(`on/pool ${name}`));
    networks.forEach((name) => put(`on/net ${name}`));
    put("filter");
}

interface Ran {
    readonly status: number | null;
    readonly said: string;
    readonly calls: readonly string[];
    readonly acts: readonly string[];
}

function run(plan: StackPlan, verb: string): Ran {
    put("script", unitScript(plan));
    put("calls");
    const { status, stderr } = spawnSync("/bin/sh", [join(folder, "script"), verb], {
        encoding: "utf8",
        env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin` },
    });
    const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    return {
        status,
        said: stderr,
        calls,
        acts: calls
            .filter((call) =>
                /^(pool-start|net-start|start|nwfilter-define|net-destroy|destroy|send-key) /.test(call),
            )
            .map((call) => call.replace(/^(nwfilter-define).*/, "$1").replace(/ KEY.*/, "")),
    };
}

test("is a script for sh", () => {
    put("script", unitScript(base));
    execFileSync("/bin/sh", ["-n", join(folder, "script")]);
    expect(scriptVersion(base)).toMatch(/^[0-9a-f]{12}$/);
    expect(scriptVersion(base)).not.toBe(scriptVersion(planOf({})));
});

test("after a reboot: pools, filter, networks, Gateway, gate, Workstations; again, nothing", () => {
    const plan = planIn();
    host(plan);
    const { pools, networks, guests } = namesOf(plan);
    const first = run(plan, "start");
    expect(first.said).toMatch(/ready/);
    expect(first.acts).toEqual([
        ...pools.map((name) => `pool-start ${name}`),
        "nwfilter-define",
        ...networks.map((name) => `net-start ${name}`),
        ...guests.map((name) => `start ${name}`),
    ]);
    expect(first.status).toBe(0);
    expect(readFileSync(join(folder, "filter"), "utf8")).toMatch(/^<filter name=/);
    const status = join(folder, "status", statusVolume(guests[0] ?? ""));
    utimesSync(status, Date.now() / 1000 + 9, Date.now() / 1000 + 9);
    const second = run(plan, "start");
    expect([second.status, second.acts]).toEqual([0, []]);
});

const GATE: readonly (readonly [string, string])[] = [
    ["says nothing", ""],
    [
        "bootstraps",
        READY.replace('"ready","bootstrap":100,"ready":true', '"bootstrap","bootstrap":45,"ready":false'),
    ],
    ["failed", READY.replace('"phase":"ready"', '"phase":"failed"')],
    ["has another role", READY.replace('"gateway"', '"workstation"')],
    ["has another version", READY.replace('"v":1', '"v":2')],
    ["is at 99 %", READY.replace(":100,", ":99,")],
    [
        "says it in its detail",
        READY.replace('"ready":true,"detail":""', '"ready":false,"detail":"\\"ready\\":true"'),
    ],
    ["was reset", `${READY}[    0.000000] Linux version\r\n`],
    ["repeats another line", READY.replace("still 20.5", "still 19.5")],
    ["has not ended its line", READY.replace(/\r\n@sallyport-still[^]*$/, "")],
    ["has another clock", READY.replace('"up":20.5', '"up":20.5,"time":1000')],
];
test.each(GATE)("no Workstation is started behind a Gateway that %s", (_, text) => {
    const plan = planIn();
    host(plan);
    ready(plan);
    put("ready", text);
    const { status, acts } = run(plan, "start");
    expect(status).not.toBe(0);
    expect(acts.filter((act) => act.startsWith("start "))).toEqual([`start ${namesOf(plan).gateway}`]);
});

test("what a Gateway that runs said before does not count", () => {
    const plan = planIn();
    host(plan);
    ready(plan);
    const { gateway } = namesOf(plan);
    put(`on/guest ${gateway}`);
    put(`status/${statusVolume(gateway)}`, READY);
    const { status, acts, said } = run(plan, "start");
    expect([status, acts]).toEqual([1, []]);
    expect(said).toMatch(/was not ready within 0 s: wait ready was said before/);
});

test.each([
    ["a pool", (plan: StackPlan) => plan.imagePool.name],
    ["a network", (plan: StackPlan) => plan.enclaves[0]?.isolated.name ?? ""],
])("no guest is started without %s", (_, name) => {
    const plan = planIn();
    host(plan);
    put("stuck", `${name(plan)}\n`);
    const { status, acts } = run(plan, "start");
    expect(status).toBe(1);
    expect(acts.filter((act) => act.startsWith("start "))).toEqual([]);
});

test("what is not there, or was saved, needs a person; a libvirt that is deaf is asked again", () => {
    const plan = planIn();
    host(plan);
    ready(plan);
    put("saved", `${namesOf(plan).gateway}\n`);
    expect(run(plan, "start")).toMatchObject({
        status: 2,
        said: expect.stringMatching(/memory .* was saved/) as string,
    });
    put("all");
    expect(run(plan, "start")).toMatchObject({
        status: 2,
        said: expect.stringMatching(/there is no guest/) as string,
    });
    put("deaf");
    expect(run(plan, "start")).toMatchObject({ status: 1, acts: [] });
});

test("a Workstation whose definition names no filter, or another, is not started", () => {
    const plan = planIn();
    host(plan);
    ready(plan);
    put("definition", "<filterref filter='other'/>");
    const { status, acts, said } = run(plan, "start");
    expect([status, acts.filter((act) => act.startsWith("start "))]).toEqual([
        2,
        [`start ${namesOf(plan).gateway}`],
    ]);
    expect(said).toMatch(/has not the filter/);
});

test("stop: Workstations, Gateway, networks; pools stay", () => {
    const plan = planIn();
    host(plan);
    ready(plan);
    run(plan, "start");
    const { status, acts } = run(plan, "stop");
    const { networks, guests } = namesOf(plan);
    expect(status).toBe(0);
    expect(acts.slice(0, 2).sort()).toEqual(guests.slice(1).map((name) => `send-key ${name}`));
    expect(acts.slice(2)).toEqual([
        `send-key ${guests[0] ?? ""}`,
        ...[...networks].reverse().map((name) => `net-destroy ${name}`),
    ]);
    expect(run(plan, "stop")).toMatchObject({ status: 0, acts: [] });
});

test("check writes one line of JSON, and nothing for guests that are gone", () => {
    const plan = planIn();
    host(plan);
    expect(run(plan, "check").status).toBe(0);
    const [e] = plan.enclaves;
    const file = join(folder, "status", e === undefined ? "" : hostVolume(e));
    const text = readFileSync(file, "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({
        v: 1,
        script: scriptVersion(plan),
        ebtables: "Bridge table: nat\n",
        interfaces: namesOf(plan).guests.map((domain) => ({
            domain,
            list: ' vnet0   network   "x\\y"   virtio   52:54:00:00:00:01\n',
        })),
    });
    put("bin/ebtables", "#!/bin/sh\nexit 1\n");
    run(plan, "check");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ ebtables: null });
    put("all");
    run(plan, "check");
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
});

/** Six at a time: four pools and two networks. */
test.each([
    [["a b", "$(touch pwned)", "`touch pwned`", "a'b", 'a"b', "a;touch pwned"]],
    [["a\\b", "*", "-n", "a&b", "$HOME", "~"]],
])("every name reaches virsh as it is: %j", (names) => {
    const [image = "", pool = "", status = "", data = "", external = "", isolated = ""] = names;
    const [first] = base.enclaves;
    if (first === undefined) {
        throw new Error("no enclave");
    }
    const named = <T>(object: T, name: string): T => ({ ...object, name });
    const plan = planIn({
        ...base,
        imagePool: named(base.imagePool, image),
        enclaves: [
            {
                ...first,
                pool: named(first.pool, pool),
                statusPool: named(first.statusPool, status),
                dataPool: named(first.dataPool, data),
                external: named(first.external, external),
            },
        ],
    });
    host(plan);
    put("filter");
    const { calls } = run(plan, "start");
    for (const name of names.slice(0, 4)) {
        expect(calls).toContain(`pool-start ${name}`);
    }
    expect(calls).toContain(`net-start ${external}`);
    const quoted = unitScript({ ...plan, imagePool: named(plan.imagePool, isolated) });
    execFileSync("/bin/sh", ["-n"], { input: quoted });
    expect(() => readFileSync("pwned")).toThrow(/ENOENT/);
});
