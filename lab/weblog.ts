/** Reading the log of the lab's internet. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { LabError } from "./error";

const entrySchema = z.object({
    /** Unix time in seconds. */
    t: z.number(),
    kind: z.enum(["http", "dns", "udp", "tcp"]),
    src: z.union([z.ipv4(), z.ipv6()]),
    dst: z.union([z.ipv4(), z.ipv6()]),
    port: z.int(),
    path: z.string().optional(),
    host: z.string().optional(),
    name: z.string().optional(),
});

/** One arrival on the lab's internet. */
export type WebLogEntry = z.infer<typeof entrySchema>;

/**
 * All arrivals so far, oldest first. @throws LabError for a log that is missing or has a line of another form
 */
export function readWebLog(file: string): WebLogEntry[] {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        throw new LabError(
            `the log of the lab's internet cannot be read: ${(error as Error).message}`,
            "bin/sallyport lab start",
        );
    }
    return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line, index) => {
            try {
                return entrySchema.parse(JSON.parse(line));
            } catch {
                throw new LabError(
                    `${file} line ${index + 1} is no arrival: ${line.slice(0, 200)}`,
                    "restart the lab",
                );
            }
        });
}
