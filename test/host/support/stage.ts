/** One host with one stack on it: what the suites of a variant share. */
import assert from "../../support/assert";
import { join } from "node:path";
import type { RunResult } from "../../../cli/live/process";
import { runToEnd } from "../../../cli/live/process";
import type { StackSession } from "../../../cli/live/stack-session";
import { planOf, type StackSettings } from "../../../cli/live/lab-stack-config";
import type { EnclavePlan } from "../../../plan/plan";
import { type HostVm, LIMIT, type Variant } from "./host-vm";
import { type Operator, operatorOf, stackOf } from "./operator";
import { place, root } from "./place";
import { record } from "./times";
import { standInImage } from "./standin-image";
import { type World, openWorld } from "./world";

export interface Stage {
    readonly host: HostVm;
    readonly operator: Operator;
    readonly session: StackSession;
    readonly enclave: EnclavePlan;
    /** Gateway and Workstation, as libvirt names them. */
    readonly guests: readonly [gateway: string, workstation: string];
    /** The stack's settings at one URI. */
    settings(uri: string): StackSettings;
    /**
     * Run a command of Pulumi's that has to work; its time goes into the table of docs/remote-hosts.md under
     * `named`.
     */
    pulumi(named: string, ...args: string[]): Promise<string>;
    /** Run `bin/sallyport` as the operator, whatever comes of it. */
    sallyport(...args: string[]): Promise<RunResult>;
    close(): Promise<void>;
}

const STACK = "lab";
/** A Gateway's own limit, in seconds: an emulated guest in an emulated host. */
const READY = 900;
const NAME = "cell";

export interface StageOptions {
    /** Network namespace that the host's uplink leads to, when it is not one of its own. */
    readonly internet?: string;
    /** More settings of the stack. With an `image`, that one in place of the stand-in. */
    readonly settings?: StackSettings;
}

/** The host booted, its operator, and a stack without resources. */
export async function openStage(variant: Variant, options: StageOptions = {}): Promise<Stage> {
    const world = await openWorld(variant, options.internet);
    try {
        return await furnish(world, options.settings ?? {});
    } catch (error) {
        await world.close();
        throw error;
    }
}

async function furnish({ host, book, close }: World, more: StackSettings): Promise<Stage> {
    // libvirt asks QEMU what it can do and remembers it. Emulated, that takes longer than the product waits.
    await host.sh("virsh capabilities >/dev/null && virsh domcapabilities >/dev/null", LIMIT.boot);
    const operator = operatorOf(host, book);
    const session = stackOf(operator, STACK);
    const image = await standInImage(join(place.work, "image"));
    const settings = (uri: string): StackSettings => ({
        uri,
        image,
        virt: { type: host.accelerator === "kvm" ? "kvm" : "qemu" },
        enclaves: [{ name: NAME, gateway: { readyTimeoutSeconds: READY } }],
        ...more,
    });
    const forwarded = settings(await operator.forwarded());
    await session.init(forwarded);
    const enclave = planOf(`host-${STACK}`, forwarded).enclaves[0];
    const workstation = enclave?.workstations[0];
    if (enclave === undefined || workstation === undefined) {
        throw new Error("the plan has no enclave with a Workstation");
    }
    return {
        host,
        operator,
        session,
        enclave,
        settings,
        close,
        guests: [enclave.gateway.domain, workstation.domain],
        pulumi: async (named, ...args) => {
            const start = performance.now();
            const result = await session.run(args, {
                timeoutSeconds: args[0] === "destroy" ? LIMIT.destroy : LIMIT.up,
            });
            assert.equal(
                result.exitCode,
                0,
                `pulumi ${args.join(" ")} ${result.timedOut ? "did not end" : "failed"}:\n${result.output}`,
            );
            record(host.variant, named, (performance.now() - start) / 1000);
            return result.output;
        },
        sallyport: (...args) =>
            runToEnd(join(root, "bin", "sallyport"), args, {
                cwd: root,
                env: session.environment,
                timeoutSeconds: LIMIT.up,
            }),
    };
}
