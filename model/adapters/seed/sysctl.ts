/** sysctl.d files (sysctl.d(5)). */
import { PLAIN_TEXT } from "../../../cloud-init/text";

/**
 * Settings by key; a later line wins, as systemd-sysctl has it.
 * @throws Error naming a line that is no setting
 */
export function parseSysctls(text: string): Record<string, string> {
    if (!PLAIN_TEXT.test(text)) {
        throw new Error("it holds a character that is neither printable ASCII nor a line feed");
    }
    const settings: [string, string][] = [];
    text.split("\n").forEach((raw, i) => {
        const line = raw.trim();
        if (line === "" || line.startsWith("#") || line.startsWith(";")) {
            return;
        }
        const found = /^(-?[a-z0-9_./*-]+)\s*=\s*(.*)$/i.exec(line);
        if (found === null) {
            throw new Error(`line ${i + 1}, "${line}": expected "key = value"`);
        }
        settings.push([(found[1] ?? "").replaceAll("/", "."), (found[2] ?? "").trim()]);
    });
    return Object.fromEntries(settings);
}
