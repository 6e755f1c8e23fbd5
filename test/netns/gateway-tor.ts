/**
 * tor as the Gateway runs it: the rendered torrc, Debian's defaults, its state in a private mount namespace.
 */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type Daemon } from "../../lab/daemon";
import { projectRoot } from "../../util/root";
import { run } from "../../lab/run";
import type { Stage } from "./world";

/** tor's folders, as seen from outside the mount namespace. */
export interface TorFolders {
    readonly data: string;
    readonly run: string;
}

/**
 * Binds the folders where Debian's tor has them, then becomes tor. /run is a file system of its own, so
 * nothing is made in the host's.
 */
const START = `
mount -t tmpfs tmpfs /run
mkdir /run/tor
mount --bind "$2" /run/tor
mount --bind "$1" /var/lib/tor
shift 2
exec tor --defaults-torrc /usr/share/tor/tor-service-defaults-torrc --RunAsDaemon 0 "$@"
`;

/** Number of Debian's tor user, as nftables resolves its name. */
export async function torUid(): Promise<number> {
    return Number((await run("id", ["-u", "debian-tor"])).stdout);
}

const torGid = async (): Promise<number> => Number((await run("id", ["-g", "debian-tor"])).stdout);

/**
 * Start tor in a guest's namespace.
 * @param torrc text of the rendered file, used as it is; on the command line only the log goes elsewhere, as there is no syslog
 */
export async function startGatewayTor(
    stage: Stage,
    namespace: string,
    name: string,
    torrc: string,
): Promise<Daemon & TorFolders> {
    const [uid, gid] = [await torUid(), await torGid()];
    const root = join(stage.folder, name);
    const folders = { data: join(root, "data"), run: join(root, "run") };
    for (const folder of Object.values(folders)) {
        // As Debian's unit makes /run/tor: whoever is in tor's group may enter.
        mkdirSync(folder, { recursive: true });
        chmodSync(folder, folder === folders.run ? 0o2750 : 0o700);
        chownSync(folder, uid, gid);
    }
    const file = join(root, "torrc");
    writeFileSync(file, torrc);
    const daemon = startDaemon(
        stage.registry,
        `tor ${stage.cell} ${name}`,
        namespace,
        "unshare",
        [
            "--mount",
            "--propagation",
            "private",
            "bash",
            "-euc",
            START,
            "tor",
            folders.data,
            folders.run,
            "-f",
            file,
            "--Log",
            "notice stdout",
        ],
        join(stage.paths.logs, `tor-${stage.cell}-${name}.log`),
    );
    return { ...daemon, ...folders };
}

/**
 * The control filter as the image's unit starts it: no capabilities, tor's group, tor's folder where Debian
 * has it.
 */
const FILTER = `
mount -t tmpfs tmpfs /run
mkdir /run/tor
mount --bind "$1" /run/tor
exec setpriv --reuid 65534 --regid 65534 --groups "$2" --bounding-set=-all --no-new-privs "$3" "$4"
`;

export async function startControlFilter(stage: Stage, torRun: string, config: string): Promise<Daemon> {
    const program = join(projectRoot(), "image/rootfs/usr/lib/sallyport/control-filter");
    return startDaemon(
        stage.registry,
        `control filter ${stage.cell}`,
        stage.names.gateway,
        "unshare",
        [
            "--mount",
            "--propagation",
            "private",
            "bash",
            "-euc",
            FILTER,
            "filter",
            torRun,
            String(await torGid()),
            program,
            config,
        ],
        join(stage.paths.logs, `control-filter-${stage.cell}.log`),
    );
}
