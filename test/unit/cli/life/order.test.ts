/** The order of start and stop, from every state that an interrupted run, a reboot or a hand can leave. */
import { ABSENT, type GuestState, type Observed } from "../../../../cli/life/observe";
import { type Order, restarted, startOrder, type Step, stopOrder } from "../../../../cli/life/order";
import { titleOf } from "../../../../cli/life/act";
import { choose } from "../../../../cli/life/selection";
import { workstationFilterXml } from "../../../../libvirt/workstation-filter";
import { placed } from "../../../support/placed";
import { planOf } from "../../../support/stacks";

const plan = planOf({
    enclaves: [{ name: "red", workstations: placed({ name: "a" }, { name: "b" }) }, { name: "blue" }],
});
const [red] = plan.enclaves;
if (red === undefined) {
    throw new Error("no enclave");
}
const POOLS = [plan.imagePool, red.pool, red.statusPool, red.dataPool].map(({ name }) => name);
const NETWORKS = [red.external.name, red.isolated.name];
const GUESTS = [red.gateway.domain, ...red.workstations.map((w) => w.domain)];
const filter = workstationFilterXml(red.isolated.name);

/** What can be changed by steps. */
interface World {
    pools: Map<string, boolean>;
    networks: Map<string, boolean>;
    filter: boolean;
    guests: Map<string, GuestState>;
}

const seen = ({ pools, networks, filter: there, guests }: World): Observed => ({
    pools,
    networks,
    filters: new Map(there ? [[red.isolated.name, filter]] : []),
    bindings: new Map(),
    guests: new Map([...guests].map(([name, state]) => [name, { ...ABSENT, state, uuid: `uuid-${name}` }])),
});

/** Each of 2^3 states of pools, 2 of the filter, 2^2 of networks, 2^3 of guests. */
function* worlds(): Generator<World> {
    const names = [...POOLS, ...NETWORKS, ...GUESTS, "filter"];
    for (let bits = 0; bits < 2 ** names.length; bits += 1) {
        const on = (name: string): boolean => ((bits >> names.indexOf(name)) & 1) === 1;
        yield {
            pools: new Map(POOLS.map((name) => [name, on(name)])),
            networks: new Map(NETWORKS.map((name) => [name, on(name)])),
            filter: on("filter"),
            guests: new Map(GUESTS.map((name) => [name, on(name) ? "running" : "off"])),
        };
    }
}

const copy = (w: World): World => ({
    ...w,
    pools: new Map(w.pools),
    networks: new Map(w.networks),
    guests: new Map(w.guests),
});

/** libvirt, as far as order matters. @throws Error when it would refuse, or something would be unsafe */
function take(w: World, step: Step): void {
    const needs = (holds: boolean, what: string): void => {
        if (!holds) {
            throw new Error(`${step.do} ${titleOf(step)}: ${what}`);
        }
    };
    const on = (map: ReadonlyMap<string, unknown>, value: unknown): boolean =>
        [...map.values()].every((one) => one === value);
    switch (step.do) {
        case "start-pool":
            return void w.pools.set(step.name, true);
        case "define-filter":
            w.filter = true;
            return;
        case "start-network":
            needs(on(w.pools, true) && w.filter, "pools and filter first");
            return void w.networks.set(step.name, true);
        case "start-guest":
            needs(on(w.networks, true) && on(w.pools, true) && w.filter, "networks first");
            needs(
                step.guest.domain === red?.gateway.domain || w.guests.get("asked") === "running",
                "the gate first",
            );
            return void w.guests.set(step.guest.domain, "running");
        case "await-gateway":
            needs(w.guests.get(step.guest.domain) === "running", "its Gateway first");
            return void w.guests.set("asked", "running");
        case "stop-workstation":
            return void w.guests.set(step.guest.domain, "off");
        case "stop-gateway":
            needs(
                (red?.workstations ?? []).every((one) => w.guests.get(one.domain) === "off"),
                "its Workstations first",
            );
            return void w.guests.set(step.guest.domain, "off");
        case "stop-network":
            needs(
                GUESTS.every((name) => w.guests.get(name) === "off"),
                "guests first",
            );
            return void w.networks.set(step.name, false);
    }
}

const start = (w: World, wanted = "red"): Order => startOrder(plan, choose(plan, wanted), seen(w));
const stop = (w: World, wanted = "red"): Order => stopOrder(choose(plan, wanted), seen(w));
const stepsOf = (order: Order): readonly Step[] => order.courses.flatMap(({ steps }) => steps);
const run = (w: World, steps: readonly Step[]): World => {
    w.guests.delete("asked");
    steps.forEach((step) => take(w, step));
    w.guests.delete("asked");
    return w;
};

test("from each of 512 states, interrupted after each step: the next start, and stop, get there", () => {
    let count = 0;
    const wrong: unknown[] = [];
    for (const w of worlds()) {
        for (const [order, end, others] of [
            [start, "running", stop],
            [stop, "off", start],
        ] as const) {
            const steps = stepsOf(order(w));
            for (let done = 0; done <= steps.length; done += 1) {
                count += 1;
                const after = run(copy(w), steps.slice(0, done));
                const whole = run(copy(after), stepsOf(order(after)));
                wrong.push(
                    ...[...whole.guests.values()].filter((state) => state !== end),
                    ...[...whole.networks.values()].filter((active) => active !== (end === "running")),
                    // Idempotent: what is left to do is to ask the gate.
                    ...stepsOf(order(whole)).filter((step) => step.do !== "await-gateway"),
                );
                run(copy(after), stepsOf(others(after)));
            }
        }
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(5000);
});

const off = (): World => ({
    pools: new Map(POOLS.map((name) => [name, false])),
    networks: new Map(NETWORKS.map((name) => [name, false])),
    filter: true,
    guests: new Map(GUESTS.map((name) => [name, "off"])),
});
const on = (): World => run(off(), stepsOf(start(off())));
const said = (order: Order): string[] => stepsOf(order).map((step) => `${step.do} ${titleOf(step)}`);

test("after a reboot everything comes in order, and goes in the reverse one", () => {
    expect(said(start(off()))).toEqual([
        ...POOLS.map((name) => `start-pool ${name}`),
        `start-network ${red.external.name}`,
        `start-network ${red.isolated.name}`,
        "start-guest red/gateway",
        "await-gateway red/gateway",
        "start-guest red/a",
        "start-guest red/b",
    ]);
    expect(said(stop(on()))).toEqual([
        "stop-workstation red/a",
        "stop-workstation red/b",
        "stop-gateway red/gateway",
        `stop-network ${red.isolated.name}`,
        `stop-network ${red.external.name}`,
    ]);
});

test("a Workstation alone needs its Gateway; a Gateway alone takes its Workstations along", () => {
    expect(said(start(off(), "red/a")).slice(-3)).toEqual([
        "start-guest red/gateway",
        "await-gateway red/gateway",
        "start-guest red/a",
    ]);
    expect(said(stop(on(), "red/a"))).toEqual(["stop-workstation red/a"]);
    expect(said(stop(on(), "red/gateway")).slice(0, 3)).toEqual(said(stop(on())).slice(0, 3));
});

test("a restart of a Gateway starts again what ran behind it", () => {
    const w = on();
    w.guests.set(GUESTS[2] ?? "", "off");
    const again = restarted(choose(plan, "red/gateway"), seen(w));
    expect(again.flatMap((one) => one.workstations.map(({ name }) => name))).toEqual(["red/a"]);
});

test("a filter with other rules is defined anew", () => {
    const order = startOrder(plan, choose(plan, "red"), {
        ...seen(on()),
        filters: new Map([[red.isolated.name, filter.replace("<rule", "<rule statematch='0'")]]),
    });
    expect(said(order)).toEqual([`define-filter ${red.isolated.name}`, "await-gateway red/gateway"]);
});

describe("what is refused, and then nothing is started:", () => {
    test.each<[GuestState, RegExp, RegExp]>([
        ["absent", /there is no domain shop-dev-red-workstation-b/, /bin\/pulumi up/],
        ["paused", /it is paused.*its clock has stopped/, /bin\/sallyport restart red\/b/],
        ["stopping", /shutting down/, /again/],
        ["suspended", /asleep/, /restart red\/b/],
        ["unknown", /nothing that is known/, /restart red\/b/],
    ])("a guest that is %s", (state, what, fix) => {
        const w = off();
        w.guests.set(GUESTS[2] ?? "", state);
        const { refusals, courses } = start(w);
        expect(courses).toEqual([]);
        expect(refusals).toEqual([
            { title: "red/b", what: expect.stringMatching(what), fix: expect.stringMatching(fix) },
        ]);
    });

    test("a guest whose memory was saved", () => {
        const there = seen(off());
        const guests = new Map(there.guests);
        guests.set(red.gateway.domain, { ...ABSENT, state: "off", saved: true });
        expect(startOrder(plan, choose(plan, "red/a"), { ...there, guests })).toMatchObject({
            courses: [],
            refusals: [{ title: "red/gateway", fix: expect.stringContaining("managedsave-remove") }],
        });
    });

    test("a pool or a network that is not there", () => {
        const w = off();
        w.pools.delete(POOLS[0] ?? "");
        w.networks.delete(NETWORKS[1] ?? "");
        expect(start(w)).toMatchObject({
            courses: [],
            refusals: [{ title: `pool ${POOLS[0]}` }, { title: `network ${NETWORKS[1]}` }],
        });
    });
});

test.each([
    [undefined, ["red", "blue"]],
    ["blue", ["blue"]],
    ["a", ["red"]],
    ["shop-dev-red-gateway", ["red"]],
])("%s is of %j", (wanted, enclaves) => {
    expect(choose(plan, wanted).map(({ enclave }) => enclave.name)).toEqual(enclaves);
});

test.each([
    ["redd", /declares no enclave or guest redd; the nearest is red/, /name red/],
    ["red/c", /the nearest is red\/a/, /name red\/a/],
    ["gateway", /2 guests are called gateway/, /red\/gateway, blue\/gateway/],
    ["zzzzzzzz", /declares no enclave or guest zzzzzzzz$/, /one of red, red\/gateway/],
])("%s is refused", (wanted, message, fix) => {
    expect(() => choose(plan, wanted)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(message), fix: expect.stringMatching(fix) }),
    );
});
