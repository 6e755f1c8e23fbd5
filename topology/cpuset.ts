/** Processors of a lab host, in libvirt's words (formatdomain, `vcpu` cpuset): numbers and ranges, `^` takes one out again. */

/** Kernels are built for no more. */
const MOST = 8191;

/**
 * Read `2-5,^4,8`.
 * @returns the processors' numbers, ascending, at least one
 * @throws RangeError saying what is wrong
 */
export function parseCpuset(text: string): number[] {
    const found = new Set<number>();
    for (const part of text.split(",")) {
        const [, not = "", from = "", to = from] = /^(\^?)(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim()) ?? [];
        const [first, last] = [Number(from), Number(to)];
        if (from === "" || last < first || last > MOST || (not !== "" && to !== from)) {
            throw new RangeError(`"${part}" is neither a processor's number, a range such as 2-5, nor ^ and a number; numbers go up to ${MOST}`);
        }
        for (let cpu = first; cpu <= last; cpu++) {
            if (not === "") {
                found.add(cpu);
            } else {
                found.delete(cpu);
            }
        }
    }
    if (found.size === 0) {
        throw new RangeError(`"${text}" names no processor`);
    }
    return [...found].sort((a, b) => a - b);
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
