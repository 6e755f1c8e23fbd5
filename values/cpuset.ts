/**
 * Processors of a lab host, in libvirt's words (formatdomain, `vcpu` cpuset): numbers and ranges, `^` takes
 * one out again.
 */

/** Kernels are built for no more. */
const MOST = 8191;

/**
 * Read `2-5,^4,8`.
 * @returns the processors' numbers, ascending, at least one
 * @throws RangeError saying what is wrong
 */
export function parseCpuset(text: string): number[] {
    const found = new Uint8Array(MOST + 1);
    const parts = text.split(",", MOST + 2);
    if (parts.length > MOST + 1) {
        throw new RangeError(`a list of more than ${MOST + 1} processors and ranges is not read`);
    }
    for (const part of parts) {
        const [, not = "", from = "", to = from] = /^(\^?)(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()) ?? [];
        const [first, last] = [Number(from), Number(to)];
        if (from === "" || last < first || last > MOST || (not !== "" && to !== from)) {
            throw new RangeError(
                `"${part}" is neither a processor's number, a range such as 2-5, nor ^ and a number; numbers go up to ${MOST}`,
            );
        }
        found.fill(not === "" ? 1 : 0, first, last + 1);
    }
    const cpus = [...found.keys()].filter((cpu) => found[cpu] === 1);
    if (cpus.length === 0) {
        throw new RangeError(`"${text}" names no processor`);
    }
    return cpus;
}

/** The shortest spelling of ascending numbers, the one that a plan and a stylesheet hold: `2-3,5,8`. */
export function formatCpuset(cpus: readonly number[]): string {
    const ranges: [number, number][] = [];
    for (const cpu of cpus) {
        const last = ranges.at(-1);
        if (last !== undefined && last[1] === cpu - 1) {
            last[1] = cpu;
        } else {
            ranges.push([cpu, cpu]);
        }
    }
    return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
