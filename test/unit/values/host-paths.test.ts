import { isInside, isPoolFolder, isPoolRoot, overlap, plainPath } from "../../../values/host-paths";

it.each([
    ["/srv/x/", "/srv/x"],
    ["/srv//x", "/srv/x"],
    ["//srv/x", "/srv/x"],
    ["/srv/./x/.", "/srv/x"],
    ["/srv/y/../x", "/srv/x"],
    ["/..", "/"],
    ["/", "/"],
    ["///", "/"],
])("%s is %s", (path, plain) => {
    expect(plainPath(path)).toBe(plain);
});

it.each([
    ["/srv/x", "/srv/x/", true],
    ["/srv/x/y", "/srv/x", true],
    ["/srv/xy", "/srv/x", false],
    ["/srv/x/../y", "/srv/x", false],
    ["/srv", "/", true],
    ["/", "/srv", false],
])("%s inside %s: %s", (path, folder, inside) => {
    expect(isInside(path, folder)).toBe(inside);
});

it.each([
    ["/srv/x", "/srv/x/y", true],
    ["/srv/x/y", "/srv", true],
    ["/srv/x", "/srv/xy", false],
])("%s and %s overlap: %s", (one, other, overlaps) => {
    expect(overlap(one, other)).toBe(overlaps);
});

it("a pool's own folder is called like it, in a folder for data", () => {
    expect(isPoolFolder("/var/lib/libvirt/images/p", "p")).toBe(true);
    const no = [
        "/p",
        "/etc/p",
        "/var/lib/libvirt/images/q",
        "/var/lib/libvirt/images/p/",
        "/var/lib/libvirt/images/p/.",
        "/var/lib/libvirt//images/p",
        "/var/tmp/p",
        "/usr/share/p",
        "p",
        "",
        "/srv/a b/p",
    ];
    expect(no.filter((path) => isPoolFolder(path, "p"))).toEqual([]);
    expect(
        ["/", "/var", "/var/cache", "/etc", "/tmp/x", "/srv/x/", "/srv/../x", "/srv/é"].filter(isPoolRoot),
    ).toEqual([]);
    expect(["/srv", "/data/vms", "/home/me", "/var/lib", "/etcetera"].every(isPoolRoot)).toBe(true);
});
