import fc from "fast-check";
import { labNames, labPaths, libvirtUri, ownFiles, shortSocketDir } from "../../../lab/paths";

/** Plain absolute paths that are not below the folders which the lab hides. */
const folder = fc
    .array(
        fc.stringMatching(/^[a-z0-9 ._-]{1,12}$/).filter((part) => part !== "." && part !== ".."),
        { minLength: 1, maxLength: 30 },
    )
    .map((parts) => `/srv/${parts.join("/")}`);

test("names fit the kernel's limit and belong to one folder", () => {
    fc.assert(
        fc.property(folder, folder, (a, b) => {
            const [one, other] = [labPaths(a), labPaths(b)];
            for (const name of Object.values(one.names)) {
                expect(name.length).toBeLessThanOrEqual(15);
                expect(name).toContain(one.id);
            }
            expect(one.id).toMatch(/^[0-9a-f]{6}$/);
            expect(one.id === other.id).toBe(a === b);
        }),
    );
});

test("names of one lab differ from each other", () => {
    expect(new Set(Object.values(labNames("012345"))).size).toBe(4);
});

test("the socket's path always fits into a Unix socket's address", () => {
    fc.assert(
        fc.property(folder, (dir) => {
            const { sockets } = labPaths(dir);
            expect(Buffer.byteLength(`${sockets}/virtlogd-admin-sock`)).toBeLessThanOrEqual(107);
        }),
    );
    expect(labPaths("/srv/lab").sockets).toBe("/srv/lab/libvirt/run");
    const deep = labPaths(`/srv/${"d".repeat(80)}`);
    expect(deep.sockets).toBe(shortSocketDir(deep.id));
});

test.each(["/run", "/run/lab", "/dev/shm/lab", "/proc/self", "/var/run/x"])(
    "%s is refused with a fix",
    (dir) => {
        expect(() => labPaths(dir)).toThrow(
            expect.objectContaining({ fix: expect.stringContaining("SALLYPORT_LAB_DIR") }),
        );
    },
);

test("a folder that only begins like a hidden one is fine", () => {
    expect(labPaths("/runner/lab").dir).toBe("/runner/lab");
});

test("a control character in the path is refused", () => {
    expect(() => labPaths("/srv/a\nb")).toThrow(/control character/);
});

test("stop deletes neither the cache nor reports nor the folder itself", () => {
    fc.assert(
        fc.property(folder, (dir) => {
            const paths = labPaths(dir);
            const doomed = ownFiles(paths);
            for (const kept of [paths.dir, paths.cache, `${paths.dir}/demo.json`]) {
                expect(doomed.some((file) => kept === file || kept.startsWith(`${file}/`))).toBe(false);
            }
            expect(doomed).toContain(shortSocketDir(paths.id));
        }),
    );
});

test("the URI keeps slashes and encodes the rest", () => {
    expect(libvirtUri("/srv/my lab/a&b")).toBe("qemu:///system?socket=/srv/my%20lab/a%26b/libvirt-sock");
    expect(new URL(libvirtUri("/srv/my lab/ä?#%")).searchParams.get("socket")).toBe(
        "/srv/my lab/ä?#%/libvirt-sock",
    );
});
