/** Shells on the consoles of the tests' guests. */
import { type GuestShell, openShell } from "../../../cli/guest-shell";
import { LIMIT, lab } from "./world";

/** A shell on a domain's console. @throws CliError when none answers within the limit */
export const shellOf = (domain: string | undefined): Promise<GuestShell> =>
    openShell({ uri: lab().uri, domain: domain ?? "", timeoutSeconds: LIMIT.shell });

/** Use a shell, and give the console back whatever comes of it. */
export async function withShell<T>(
    domain: string | undefined,
    use: (shell: GuestShell) => Promise<T>,
): Promise<T> {
    const shell = await shellOf(domain);
    try {
        return await use(shell);
    } finally {
        await shell.close();
    }
}
