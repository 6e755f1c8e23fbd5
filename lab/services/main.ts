/**
 * Runs inside the lab's namespaces: `serve LOG`, `await-consensus MILLISECONDS`, `await-page URL
 * MILLISECONDS`. Bundled into one file by start, with nothing but Node's own modules.
 */
import { awaitConsensus, awaitPage } from "./probe";
import { serve } from "./serve";

function need(value: string | undefined, what: string): string {
    if (value === undefined || value === "") {
        throw new Error(`missing argument: ${what}`);
    }
    return value;
}

async function main([verb, ...args]: readonly string[]): Promise<void> {
    switch (verb) {
        case "serve":
            await serve(need(args[0], "log file"));
            break;
        case "await-consensus":
            process.exitCode = await awaitConsensus(Number(need(args[0], "milliseconds")));
            break;
        case "await-page":
            process.exitCode = await awaitPage(need(args[0], "URL"), Number(need(args[1], "milliseconds")));
            break;
        default:
            throw new Error(`unknown verb ${verb ?? "(none)"}`);
    }
}

main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
});
