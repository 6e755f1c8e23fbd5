import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { StackPlan } from "../plan/plan";
import { cliLine, runCli } from "./cli-command";
import { componentType, libvirtOptions, poolOptions, type StackContext } from "./context";
import type { GoldenImage } from "./image-manifest";
import { imageVolume } from "../values/disk-files";
import { storedChecks } from "./read-back";
import { roomHook } from "./room";
import { PRIVATE_VOLUME_STYLESHEET } from "../libvirt/stylesheet";

export interface BaseImageArgs {
    readonly plan: Pick<StackPlan, "prefix" | "imagePool">;
    readonly image: GoldenImage;
    readonly context: StackContext;
}

/**
 * The golden image on the lab host: checked in full at each upload, read back, then only read, by every
 * overlay of the stack.
 */
export class BaseImage extends pulumi.ComponentResource {
    /** Key of the volume, as overlays name it. */
    readonly volumeId: pulumi.Output<string>;
    readonly volume: libvirt.Volume;
    /** Reads the volume back before an overlay is made on it. */
    readonly readBack: pulumi.ResourceHook;

    constructor(name: string, args: BaseImageArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const { plan, image, context } = args;
        super(componentType("BaseImage"), name, { sha256: image.sha256 }, opts);
        const volume = imageVolume(image.sha256);
        const pool = new libvirt.Pool(
            plan.imagePool.name,
            { name: plan.imagePool.name, type: "dir", target: { path: plan.imagePool.path } },
            poolOptions(this, context),
        );
        const content = { image: image.file, sha256: image.sha256 };
        const verified = context.step(
            `${plan.prefix}-image-verified`,
            {
                create: cliLine("verify-image", content),
                // Whatever makes the volume anew reads the file anew, and the file may be another one by
                // then.
                triggers: [image.sha256, context.uri, plan.imagePool.path, PRIVATE_VOLUME_STYLESHEET],
            },
            // The path is the operator's own; the sum is what counts.
            { parent: this, ignoreChanges: ["create"], dependsOn: [context.host.bound] },
        );
        const stored = storedChecks({
            uri: context.uri,
            pool: plan.imagePool.name,
            volume,
            sha256: image.sha256,
        });
        // The step above has run long ago when a volume that was lost is made anew, or when the volume alone
        // is a target.
        const file = new pulumi.ResourceHook(`${name}-file`, () => runCli("verify-image", content));
        const room = roomHook(`${name}-room`, {
            uri: context.uri,
            pool: plan.imagePool.name,
            path: plan.imagePool.path,
            file: image.file,
        });
        const uploaded = new pulumi.ResourceHook(`${name}-uploaded`, stored.afterUpload);
        this.volume = new libvirt.Volume(
            `${plan.prefix}-image-volume`,
            {
                name: volume,
                pool: plan.imagePool.name,
                source: image.file,
                format: "qcow2",
                xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
            },
            {
                ...libvirtOptions(this, context, [pool, verified]),
                ignoreChanges: ["source"],
                hooks: { beforeCreate: [context.leftovers, file, room], afterCreate: [uploaded] },
            },
        );
        this.volumeId = this.volume.id;
        this.readBack = new pulumi.ResourceHook(`${name}-read-back`, stored.beforeUse);
        this.registerOutputs({ volumeId: this.volumeId });
    }
}
