/** What an update does, step by step: the engine's step.go decides what a step leaves on the host. */
import { PROVIDER } from "../../fixtures/resources";
import { ofKind, type Props, type State, type Step } from "../production";
import type { Random } from "../random";
import { enclaveOf } from "../targets";

const typed = (steps: readonly Step[], type: RegExp, name = /./): Step[] =>
    steps.filter((s) => type.test(s.urn.split("::")[2] ?? "") && name.test(nameOf(s.urn)));
const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
const isLibvirt = /libvirt:index/;
/** Steps of a replacement as the engine lists them: the old one goes first, or last. */
function replacement(r: Random, { urn, oldState, newState }: Step): Step[] {
    const made = newState;
    const create: Step = {
        op: "create-replacement",
        urn,
        ...(oldState === undefined ? {} : { oldState }),
        ...(made === undefined ? {} : { newState: made }),
    };
    const replace: Step = { ...create, op: "replace" };
    const gone: Step = { op: "delete-replaced", urn, ...(oldState === undefined ? {} : { oldState }) };
    return r.chance(0.5) ? [gone, replace, create] : [create, replace, gone];
}

const replaceIn = (steps: Step[], old: Step, made: readonly Step[]): void => {
    steps.splice(steps.indexOf(old), 1, ...made);
};

/** Some of a stack's resources are made anew, and these stay. */
function anew(r: Random, steps: Step[], which: readonly Step[]): void {
    for (const step of which) {
        replaceIn(
            steps,
            step,
            r.pick<() => Step[]>([
                () => replacement(r, step),
                () => [{ op: "create", urn: step.urn, newState: step.newState as State }],
            ])(),
        );
    }
}

/** A guest, and every step that is about it: component, seed, overlay, gate, wiping. */
const own = (steps: Step[], guest: string): Step[] =>
    steps.filter((s) => nameOf(s.urn) === guest || nameOf(s.urn).startsWith(`${guest}-`));
const libvirts = (steps: readonly Step[]): Step[] => typed(steps, isLibvirt);
const hasOne = (base: { readonly title: string }): boolean => !base.title.startsWith("nothing is wiped");

export default ofKind("preview", [
    {
        on: "preview",
        name: "something leaves the state and stays on the host",
        why: "step.go:660-664: retainOnDelete and deletedWith make every deletion a no-op",
        change: (r, steps) => {
            const step = r.pick(libvirts(steps));
            const ours = steps
                .map((s) => s.urn)
                .filter((urn) => /sallyport:index|providers|command:/.test(urn));
            const mark = r.pick<() => Props>([
                () => ({ retainOnDelete: true }),
                () => ({ deletedWith: r.pick(ours) }),
                () => ({ deletedWith: `urn:pulumi:test::sallyport::pulumi:pulumi:Stack::sallyport-test` }),
            ])();
            const oldState = { ...(step.oldState as State), ...mark };
            if (r.chance(0.4)) {
                steps.push({
                    op: "delete",
                    urn: `${step.urn}-${r.word()}`,
                    oldState: { ...oldState, urn: `${step.urn}-old` },
                });
            } else {
                replaceIn(
                    steps,
                    step,
                    replacement(r, {
                        ...step,
                        oldState,
                        newState: { ...(step.newState as State), ...(r.chance(0.5) ? mark : {}) },
                    }),
                );
            }
        },
    },
    {
        on: "preview",
        name: "a provider that looks elsewhere from now on",
        why: "what was made at the old address stays there, not judged",
        change: (r, steps) => {
            const step = typed(steps, /pulumi:providers:libvirt/)[0] as Step;
            const state = structuredClone(step.newState as State);
            const uri = r.pick([
                `qemu+ssh://root@${r.word()}/system`,
                `qemu:///system?socket=${r.path()}`,
                `qemu+unix:///system?socket=${r.path()}`,
            ]);
            state.inputs["uri"] = uri;
            const changed = { ...step, newState: state };
            replaceIn(
                steps,
                step,
                r.pick<() => Step[]>([
                    () => [{ ...changed, op: r.pick(["update", "same", "refresh"]) }],
                    () => replacement(r, changed),
                ])(),
            );
            if (r.chance(0.5)) {
                libvirts(steps).forEach((s) => {
                    s.op = "update";
                });
            }
        },
    },
    {
        on: "preview",
        name: "a resource that goes from one provider to another without being made anew",
        why: "the other libvirt has not got it; the first one keeps it",
        change: (r, steps) => {
            const step = r.pick(libvirts(steps));
            const other = `${PROVIDER}-${r.word()}`;
            const like = typed(steps, /pulumi:providers:libvirt/)[0] as Step;
            const moved = structuredClone(like.newState as State);
            moved.urn = other;
            moved.inputs["uri"] = `qemu+ssh://root@${r.word()}/system`;
            steps.unshift({ op: "same", urn: other, oldState: moved, newState: moved });
            (step.oldState as State)["provider"] = `${other}::${r.uuid()}`;
            step.op = r.pick(["same", "update", "refresh"]);
        },
    },
    {
        on: "preview",
        name: "a guest stays while what it stands on is made anew",
        why: "cloud-init reads a seed at the first boot; a running guest keeps the old disk, the old wire",
        change: (r, steps) => {
            const guest = r.pick(typed(steps, /libvirt:index\/domain/));
            const name = nameOf(guest.urn);
            const under = r.pick<() => Step[]>([
                () =>
                    own(steps, name).filter(
                        (s) => /-(seed|seed-volume|overlay)$/.test(nameOf(s.urn)) && isLibvirt.test(s.urn),
                    ),
                () =>
                    steps.filter(
                        (s) =>
                            [`${enclaveOf(name)}-isolated`, `${enclaveOf(name)}-external`].includes(
                                nameOf(s.urn),
                            ) &&
                            isLibvirt.test(s.urn) &&
                            (name.endsWith("-gateway") || nameOf(s.urn).endsWith("-isolated")),
                    ),
                () => typed(steps, /libvirt:index\/volume/, /-image-volume$/),
            ])();
            anew(r, steps, r.some(under));
            guest.op = r.pick(["same", "same", "refresh"]);
        },
    },
    {
        on: "preview",
        name: "a Workstation stays while its Gateway is made anew, or goes",
        why: "LC-03: the new Gateway is not ready, and the Workstation sends",
        change: (r, steps) => {
            const gateway = r.pick(typed(steps, /libvirt:index\/domain/, /-gateway$/));
            anew(r, steps, [gateway]);
        },
    },
    {
        on: "preview",
        needs: hasOne,
        name: "a guest starts by a gate that was passed before",
        why: "the gate's word is about the Gateway that was; step.go runs no command for `same`",
        change: (r, steps) => {
            const gateway = r.pick(typed(steps, /libvirt:index\/domain/, /-gateway$/));
            const enclave = enclaveOf(nameOf(gateway.urn));
            const all = steps.filter(
                (s) =>
                    isLibvirt.test(s.urn) &&
                    (nameOf(s.urn).startsWith(`${enclave}-workstation-`) ||
                        nameOf(s.urn).startsWith(`${enclave}-gateway`)),
            );
            for (const step of all) {
                replaceIn(steps, step, replacement(r, step));
            }
        },
    },
    {
        on: "preview",
        name: "an image is uploaded by a sum that was checked before",
        why: "the file may be another one by now; step.go runs no command for `same`",
        change: (r, steps) => {
            for (const step of libvirts(steps).filter(
                (s) => !/network|pool/.test(s.urn.split("::")[2] ?? ""),
            )) {
                replaceIn(steps, step, replacement(r, step));
            }
            for (const step of typed(steps, /command:/, /-(ready|status-file|clock|wipe)$/)) {
                replaceIn(steps, step, replacement(r, step));
            }
        },
    },
    {
        on: "preview",
        name: "a step that is not known",
        why: "what the engine learns tomorrow is on no list; step.go, Op*",
        change: (r, steps) => {
            r.pick(libvirts(steps)).op = r.pick([
                r.word(),
                r.recased("same"),
                r.recased("create"),
                "discard",
                "discard-replaced",
                "remove-pending-replace",
                "diff",
                "extend-parameterize",
                "",
                "constructor",
                "__proto__",
                "toString",
            ]);
        },
    },
    {
        on: "preview",
        name: "something that is there already is taken over",
        why: "step.go: read and import make nothing; inputs of ours never reached it",
        change: (r, steps) => {
            r.pick(libvirts(steps)).op = r.pick(["read", "import", "import-replacement", "read-replacement"]);
        },
    },
    {
        on: "preview",
        name: "a state that says nothing of what will be",
        why: "a step without newState leaves a resource out",
        change: (r, steps) => {
            const step = r.pick(libvirts(steps));
            Reflect.deleteProperty(step, "newState");
            step.op = r.pick(["same", "create", "update", "refresh"]);
        },
    },
    {
        on: "preview",
        name: "two steps about one resource that say different things",
        why: "the engine makes both; a reader takes the last one",
        change: (r, steps) => {
            const step = r.pick(typed(steps, /libvirt:index\/(network|domain)/));
            const bad = structuredClone(step.newState as State);
            const network =
                bad.inputs["mode"] === undefined
                    ? { forward: { mode: "open" } }
                    : { mode: "open", xml: null };
            const domain =
                bad.inputs["devices"] === undefined ? { xml: null } : { autostart: true, type: "xen" };
            Object.assign(bad.inputs, /network/.test(step.urn.split("::")[2] ?? "") ? network : domain);
            const made: Step = {
                op: r.pick(["create", "update", "same", "create-replacement"]),
                urn: step.urn,
                ...(r.chance(0.5) ? { oldState: step.oldState as State } : {}),
                newState: bad,
            };
            steps.splice(steps.indexOf(step) + r.int(0, 1), 0, made);
        },
    },
    {
        on: "preview",
        name: "a resource that was not made in full, or was taken over before",
        why: "resource.State: initErrors, importID, external; a step `same` leaves it so",
        change: (r, steps) => {
            const step = r.pick(libvirts(steps));
            const mark = r.pick<Props>([
                { initErrors: [r.word()] },
                { external: true },
                { importID: r.word() },
            ]);
            [step.oldState, step.newState].forEach((s) => {
                Object.assign(s ?? {}, mark);
            });
        },
    },
    {
        on: "preview",
        name: "a resource that awaits deletion or replacement, and stays",
        why: "step_generator.go: the engine makes such a resource anew; its object may be gone",
        change: (r, steps) => {
            const step = r.pick(libvirts(steps).filter((s) => s.oldState !== undefined));
            step.op = r.pick(["same", "update", "refresh"]);
            Object.assign(step.oldState ?? {}, { [r.pick(["delete", "pendingReplacement"])]: true });
        },
    },
    {
        on: "preview",
        name: "a resource that is created beside its old one",
        why: "step.go: a create has no old state; what the old one is of stays",
        change: (r, steps) => {
            r.pick(libvirts(steps).filter((s) => s.oldState !== undefined)).op = "create";
        },
    },
    {
        on: "preview",
        name: "a Gateway goes and its Workstations stay",
        why: "NT-08: nobody is between them and what comes next on the wire",
        change: (r, steps) => {
            const gateway = r.pick(typed(steps, /libvirt:index\/domain/, /-gateway$/));
            replaceIn(steps, gateway, [
                { op: "delete", urn: gateway.urn, oldState: gateway.oldState as State },
            ]);
        },
    },
    {
        on: "preview",
        name: "what the host has is not what the program wants, and the step says same",
        why: "DiffConfig compares inputs with inputs; a refresh has read the rest",
        change: (r, steps) => {
            const step = r.pick(typed(steps, /libvirt:index\/network/, /-isolated$/));
            const values =
                step.oldState?.inputs["mode"] === undefined
                    ? { forward: { mode: r.pick(["nat", "route", "open"]) } }
                    : { mode: r.pick(["nat", "route", "open"]) };
            Object.assign(step.oldState?.outputs ?? {}, values);
            step.op = r.pick(["same", "refresh"]);
        },
    },
]);
