/**
 * What a state says of a resource besides its properties: who it is, whose it is, whether it was made at all.
 */
import { ofKind, type Props, type State } from "../production";
import type { Random } from "../random";
import { remove } from "../targets";

const isLibvirt = (s: State): boolean => s.type.startsWith("libvirt:");
const libvirts = (states: State[], type = /./): State[] =>
    states.filter((s) => isLibvirt(s) && type.test(s.type));
const both = (state: State, values: Props): void => {
    Object.assign(state.inputs, values);
    Object.assign(state.outputs, values);
};

/** A resource's unsafe double. */
function evil(r: Random, state: State): State {
    const copy = structuredClone(state);
    const kind = state.type.split(":").at(-1) ?? "";
    const values: Props =
        {
            Network:
                state.inputs["mode"] === undefined
                    ? { forward: { mode: "nat" } }
                    : { mode: "nat", xml: undefined },
            Domain:
                state.inputs["devices"] === undefined
                    ? { xml: undefined }
                    : { autostart: true, onCrash: "preserve" },
            Volume:
                state.inputs["target"] === undefined
                    ? { xml: undefined, source: r.path() }
                    : { target: { permissions: { mode: "0666" } } },
            Pool: { type: "netfs" },
            CloudinitDisk: { userData: `#!/bin/sh\n${r.path()}\n` },
        }[kind] ?? {};
    both(copy, values);
    return copy;
}

export default ofKind("identity", [
    {
        on: "export",
        name: "two resources of one URN",
        why: "the engine refuses it; a reader of a hand-made state takes the last one, or the first",
        change: (r, states) => {
            const at = states.indexOf(r.pick(libvirts(states)));
            states.splice(at + r.int(0, 1), 0, evil(r, states[at] as State));
        },
    },
    {
        on: "export",
        name: "two records of one thing",
        why: "libvirt has one network, guest, pool or volume of a name: which of the two says how it is?",
        change: (r, states) => {
            const like = evil(r, r.pick(libvirts(states)));
            like.urn += `-${r.word()}`;
            states.splice(r.int(0, states.length), 0, like);
        },
    },
    {
        on: "export",
        name: "a resource that was taken over, not made",
        why: "step.go: inputs of ours never reached it",
        change: (r, states) => {
            const s = r.pick(libvirts(states));
            s[r.pick(["importID"])] = r.word();
            if (r.chance(0.5)) {
                remove(s, "importID");
                s["external"] = true;
            }
        },
    },
    {
        on: "export",
        name: "a resource that was not made in full",
        why: "sdk resource.State.InitErrors: the provider failed while it was made or read",
        change: (r, states) => {
            r.pick(libvirts(states))["initErrors"] = Array.from({ length: r.int(1, 2) }, () => r.word());
        },
    },
    {
        on: "export",
        name: "a resource that awaits its end",
        why: "the host still has it: deployment.Delete, PendingReplacement",
        change: (r, states) => {
            const s = r.pick(libvirts(states));
            if (r.chance(0.5)) {
                s["pendingReplacement"] = true;
            } else {
                states.push({ ...evil(r, s), delete: true });
            }
        },
    },
    {
        on: "export",
        name: "a part of a state in other letters",
        why:
            "Go reads JSON's keys in any case: encoding/json; what this program does not read is " +
            "what the engine does",
        change: (r, states) => {
            const s = r.pick(libvirts(states));
            const bad = evil(r, s);
            r.pick<() => void>([
                () => {
                    s[r.recased("inputs")] = bad.inputs;
                },
                () => {
                    const key = r.recased("inputs");
                    s[key] = bad.inputs;
                    remove(s, "inputs");
                },
                () => {
                    s[r.recased("external")] = true;
                },
                () => {
                    s[r.recased("outputs")] = bad.outputs;
                },
                () => {
                    s[r.recased("initErrors")] = [r.word()];
                },
                () => {
                    s[r.recased("pendingReplacement")] = true;
                },
                () => {
                    s[r.recased("importID")] = r.word();
                },
                () => {
                    s[r.recased("delete")] = true;
                },
                () => {
                    s[r.recased("type")] = "random:index:X";
                },
                () => {
                    s[r.recased("urn")] = r.word();
                },
            ])();
        },
    },
    {
        on: "export",
        name: "a resource of anybody's that says it is a component",
        why: "only a component has no provider and no id; custom is a word in the state",
        change: (r, states) => {
            const pkg = r.pick(["docker", "kubernetes", "aws", r.word()]);
            states.push({
                urn: `urn:pulumi:test::sallyport::${pkg}:index/container:Container::${r.word()}`,
                type: `${pkg}:index/container:Container`,
                custom: false,
                inputs: { privileged: true, networkMode: "host" },
                outputs: {},
            });
        },
    },
    {
        on: "export",
        name: "a resource whose type is spelled otherwise",
        why: "the engine knows it by its token; a kind that is not known is no harmless one",
        change: (r, states) => {
            const s = r.pick(libvirts(states));
            const [pkg = "", module = "", kind = ""] = s.type.split(":");
            s.type = r.pick([
                `${pkg}:${module}:${kind}x`,
                `${pkg}:${module}:__proto__`,
                `${pkg}:${module}:constructor`,
                `${pkg}:${module}:`,
                `${r.recased(pkg)}:${module}:${kind}`,
                `${pkg}x:${module}:${kind}`,
                pkg,
                `${pkg}:${kind}/${r.word()}`,
            ]);
        },
    },
    {
        on: "export",
        name: "properties that are a secret, an asset or not known",
        why: "what cannot be read could be anything",
        change: (r, states) => {
            const s = r.pick(libvirts(states, /Domain|Network|Volume|CloudinitDisk/));
            const keys = Object.keys(s.inputs).filter((k) =>
                [
                    "networkInterfaces",
                    "devices",
                    "mode",
                    "forward",
                    "bridge",
                    "xml",
                    "disks",
                    "userData",
                    "networkConfig",
                    "source",
                    "create",
                    "pool",
                    "name",
                    "target",
                ].includes(k),
            );
            const value = r.pick<unknown>([
                {
                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                    ciphertext: r.word(),
                },
                { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash: r.word() },
                "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
                { "4dabf18193072939515e22adb298388d": r.word() },
                { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" },
            ]);
            both(s, { [r.pick(keys)]: value });
        },
    },
    {
        on: "export",
        name: "an export of half a stack, or of an unfinished update",
        why: "deployment.PendingOperations: it does not say what is on the host",
        change: (r, states) => {
            const s = r.pick(libvirts(states, /Domain|Network|Volume/));
            states.splice(states.indexOf(s), 1);
            if (r.chance(0.5)) {
                states.push({ ...s, delete: true });
            }
        },
    },
]);
