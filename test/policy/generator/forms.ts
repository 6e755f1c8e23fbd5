/**
 * A stack in each form in which it is judged: as the pack gets it, as an export before and after a refresh,
 * as a preview.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SECRET_KEYS } from "../../../model/adapters";
import { outputsOf } from "../fixtures/outputs";
import { PROVIDER, type FixtureResource } from "../fixtures/resources";
import type { Base, Props, State, Step } from "./production";

export const URI = "qemu:///system";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A UUID that follows from a name. */
export const uuidOf = (name: string): string => {
    const hex = createHash("sha256").update(name).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const short = (type: string): string => type.split(":").at(-1) ?? "";
const packageOf = (type: string): string => type.split(":")[0] ?? "";
/** A component has no provider, and no id. */
const isCustom = (type: string): boolean => !/^(sallyport:|pulumi:pulumi:|$)/.test(type);
export const fileOf = (props: Props): string =>
    `/var/lib/libvirt/images/${String(props["pool"])}/${String(props["name"])}`;

/** What the engine knows a resource by. A volume's key is its path. */
export function stateIdOf(type: string, props: Props, provider = ""): string {
    const kind = short(type);
    if (kind === "Volume") {
        return fileOf(props);
    }
    return kind === "CloudinitDisk" && props["path"] === undefined
        ? `${fileOf(props)};${uuidOf(String(props["name"]))}`
        : uuidOf(`${type} ${String(props["name"] ?? JSON.stringify(props))}${provider}`);
}

/**
 * Inputs after a refresh: what was read, as far as there was an input before; of a list as many as there were
 * (the bridge's extractInputs).
 */
function refreshed(old: unknown, read: unknown): unknown {
    if (Array.isArray(old) && Array.isArray(read)) {
        return old.slice(0, read.length).map((item, i) => refreshed(item, read[i]));
    }
    if (
        typeof old === "object" &&
        old !== null &&
        typeof read === "object" &&
        read !== null &&
        !Array.isArray(old)
    ) {
        return Object.fromEntries(
            Object.entries(old).flatMap(([key, value]) =>
                Object.hasOwn(read, key) ? [[key, refreshed(value, (read as Props)[key])]] : [],
            ),
        );
    }
    return read;
}

export const refreshedInputs = (inputs: Props, outputs: Props): Props => refreshed(inputs, outputs) as Props;

/** Secrets as `--show-secrets` shows them. */
const withSecrets = (props: Props, secret: readonly string[]): Props =>
    Object.fromEntries(
        Object.entries(props).map(([key, value]) => [
            key,
            secret.includes(key) ? { [SIGNATURE]: SECRET, plaintext: JSON.stringify(value) } : value,
        ]),
    );

const providerOf = (f: FixtureResource): string =>
    f.provider ?? PROVIDER.replace("libvirt", packageOf(f.type));

type What = "plan" | "made" | "read";

/** @param what plan: before it is made; made: as its provider left it; read: after a refresh */
function stateOf(f: FixtureResource, stack: readonly FixtureResource[], what: What): State {
    const custom = isCustom(f.type);
    const secret = (Object.getOwnPropertyDescriptor(f.props, SECRET_KEYS)?.value ?? []) as readonly string[];
    const id = stateIdOf(f.type, f.props, f.provider);
    // A NIC shows its network as that is.
    const known = (one: FixtureResource): FixtureResource => ({
        ...one,
        id: stateIdOf(one.type, one.props, one.provider),
    });
    const networks =
        short(f.type) === "Domain"
            ? stack.filter((one) => short(one.type) === "Network" && one.provider === f.provider).map(known)
            : [];
    const outputs = what === "plan" ? {} : (outputsOf(known(f), networks) ?? f.props);
    const inputs = what === "read" && custom ? refreshedInputs(f.props, outputs) : f.props;
    return {
        urn: f.urn,
        type: f.type,
        custom,
        ...(custom && what !== "plan" ? { id } : {}),
        inputs: withSecrets(inputs, secret),
        outputs: withSecrets(outputs, secret),
        ...(f.parent === undefined ? {} : { parent: f.parent }),
        ...(custom ? { provider: `${providerOf(f)}::${uuidOf(providerOf(f))}` } : {}),
        dependencies: f.dependencies,
        propertyDependencies: f.propertyDependencies,
        ...(f.protect === true ? { protect: true } : {}),
    };
}

interface Recorded {
    deployment: { resources: { type: string; inputs: Props }[] };
}

/** The engine's own word for the provider that it runs, as it was recorded. */
const recorded = (
    JSON.parse(readFileSync(join(__dirname, "../../fixtures/export.json"), "utf8")) as Recorded
).deployment.resources.find((s) => s.type === "pulumi:providers:libvirt")?.inputs["__internal"] as {
    name: string;
    parameterization: string;
    version: string;
};

/** The same, for another version of it. */
export const parametersOf = (change: (remote: { url: string; version: string }) => void): string => {
    const parameters = JSON.parse(Buffer.from(recorded.parameterization, "base64").toString("utf8")) as {
        remote: { url: string; version: string };
    };
    change(parameters.remote);
    return Buffer.from(JSON.stringify(parameters)).toString("base64");
};

function providerStates(shape: Base["shape"], stack: readonly FixtureResource[]): State[] {
    const own = (pkg: string, urn: string, inputs: Props): State => ({
        urn,
        type: `pulumi:providers:${pkg}`,
        custom: true,
        id: uuidOf(urn),
        inputs,
        outputs: inputs,
    });
    const others = new Map(
        stack.filter((f) => f.provider !== undefined).map((f) => [f.provider ?? "", f.type]),
    );
    const libvirt = {
        ...recorded,
        parameterization: parametersOf((remote) => {
            remote.version = shape === "0.8" ? "0.8.3" : "0.9.7";
        }),
    };
    return [
        own("libvirt", PROVIDER, { __internal: libvirt, uri: URI, version: "1.2.0" }),
        own("command", PROVIDER.replace("libvirt", "command"), { __internal: {}, version: "1.2.1" }),
        ...[...others]
            .filter(([urn]) => urn !== PROVIDER)
            .map(([urn, type]) =>
                own(
                    packageOf(type),
                    urn,
                    packageOf(type) === "libvirt"
                        ? { __internal: libvirt, uri: urn.split(" at ")[1] ?? URI, version: "1.2.0" }
                        : {},
                ),
            ),
    ];
}

/** What is not made yet has no outputs: the engine leaves them out. */
const planned = (state: State): Props =>
    Object.fromEntries(Object.entries(state).filter(([key]) => key !== "outputs" && key !== "id"));

/** Text of a state, written once for as long as nobody changes the resource. */
const texts = new WeakMap<FixtureResource, Map<string, string>>();

function textOf(f: FixtureResource, stack: readonly FixtureResource[], what: What): string {
    const mine = texts.get(f) ?? new Map<string, string>();
    texts.set(f, mine);
    const networks =
        short(f.type) !== "Domain"
            ? []
            : stack
                  .filter((one) => short(one.type) === "Network")
                  .map(({ props }) => [props["name"], props["mode"], props["bridge"]]);
    const key = `${what} ${JSON.stringify(networks)}`;
    const text =
        mine.get(key) ??
        JSON.stringify(what === "plan" ? planned(stateOf(f, stack, what)) : stateOf(f, stack, what));
    mine.set(key, text);
    return text;
}

export const exportOf = (states: readonly unknown[]): string =>
    JSON.stringify({ version: 3, deployment: { resources: states } });

export function exportText(
    stack: readonly FixtureResource[],
    shape: Base["shape"],
    what: "made" | "read",
): string {
    const states = [
        ...providerStates(shape, stack).map((s) => JSON.stringify(s)),
        ...stack.map((f) => textOf(f, stack, what)),
    ];
    return `{"version":3,"deployment":{"resources":[${states.join()}]}}`;
}

export const statesOf = (
    stack: readonly FixtureResource[],
    shape: Base["shape"],
    what: "made" | "read",
): State[] => [...providerStates(shape, stack), ...stack.map((f) => stateOf(f, stack, what))];

export function previewOf(steps: readonly Step[]): string {
    const ops = [...new Set(steps.map((s) => s.op))];
    return JSON.stringify({
        steps,
        changeSummary: Object.fromEntries(
            ops.map((op) => [op, new Set(steps.filter((s) => s.op === op).map((s) => s.urn)).size]),
        ),
    });
}

/** A new state has neither id nor outputs, whatever the step is (recorded previews: test/fixtures). */
export const sameSteps = (states: readonly State[]): Step[] =>
    states.map((state) => ({
        op: "same",
        urn: state.urn,
        oldState: state,
        newState: planned(state) as State,
    }));

export function previewText(
    stack: readonly FixtureResource[],
    shape: Base["shape"],
    phase: Base["phase"],
): string {
    const providers = providerStates(shape, stack);
    const op = phase === "preview" ? "create" : "same";
    const step = (urn: string, made: () => string, wished: string): string =>
        `{"op":"${op}","urn":${JSON.stringify(urn)},${op === "same" ? `"oldState":${made()},` : ""}"newState":${wished}}`;
    const steps = [
        ...providers.map((p) => step(p.urn, () => JSON.stringify(p), JSON.stringify(planned(p)))),
        ...stack.map((f) => step(f.urn, () => textOf(f, stack, "made"), textOf(f, stack, "plan"))),
    ];
    return `{"steps":[${steps.join()}],"changeSummary":{"${op}":${steps.length}}}`;
}
