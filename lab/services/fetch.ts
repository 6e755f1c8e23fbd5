/** A GET that never waits longer than it is told to. */
import { get } from "node:http";

/** Status and body of a page. @throws when there is no answer within the time (milliseconds) */
export function fetchText(url: string, timeout: number): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
        const request = get(url, { signal: AbortSignal.timeout(timeout), agent: false }, (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("error", reject);
            response.on("end", () =>
                resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
            );
        });
        request.on("error", reject);
    });
}
