/**
 * Whether a pool's folder can be made on the host, asked before the first pool of a stack: a file in its
 * place or a file system that is read-only would fail in the provider's words, which name no setting. The
 * host may be in reach by libvirt alone, so libvirt makes the folder for a pool that is never defined. The
 * pool itself follows at once and finds its folder there.
 */
import { posix } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describeProblem } from "../config/error";
import { errorLines } from "../libvirt/errors";
import { type FileCall, virshWithFile } from "../libvirt/file-call";

/** No stack's names begin like it, so that it is not taken for a leftover of one. */
const trialOf = (pool: string): string => `sallyport.folder.${pool}`;

/**
 * Let libvirt make a pool's folder, or find it there.
 * @throws Error naming `storage.path`, its value, libvirt's complaint and another folder
 */
export async function requirePoolFolder(
    uri: string,
    pool: string,
    path: string,
    call: FileCall = virshWithFile(uri),
): Promise<void> {
    const trial = trialOf(pool);
    // A run that was killed may have left one.
    const { outcome, stderr, message } = await call(
        `<pool type='dir'><name>${trial}</name><target><path>${path}</path></target></pool>\n`,
        (file) => [`pool-destroy ${trial}; pool-create --build '${file}'; pool-destroy ${trial}`],
    );
    const said = errorLines(stderr);
    const left = said.filter((line) => !/^failed to get pool |^Storage pool not found/.test(line));
    if (left.length > 0 || (outcome !== "ok" && said.length === 0)) {
        throw new Error(
            describeProblem({
                property: "storage.path",
                value: posix.dirname(path),
                allowed: `a folder of the host at ${uri} that libvirt may write to; it makes no ${path} there: ${left.join(": ") || message}`,
                fix: "before the first up: bin/pulumi config set --path 'sallyport:storage.path' /var/lib/libvirt/images",
            }),
        );
    }
}

/** The hook before each pool of a stack; their folders are side by side, so it looks once in a run. */
export function poolFolderHook(prefix: string, uri: string): pulumi.ResourceHook {
    let looked: Promise<void> | undefined;
    return new pulumi.ResourceHook(`${prefix}-pool-folder`, (args) => {
        const { name, target } = (args.newInputs ?? {}) as {
            name?: unknown;
            target?: { readonly path?: unknown };
        };
        if (typeof name !== "string" || typeof target?.path !== "string") {
            throw new Error("a pool without a plain name and path can't be looked at");
        }
        return (looked ??= requirePoolFolder(uri, name, target.path));
    });
}
