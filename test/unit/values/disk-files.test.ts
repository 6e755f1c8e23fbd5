import { diskOf, isPlainFolder, isPlainName } from "../../../values/disk-files";

test.each([
    ["d-0123abcd.qcow2", "overlay"],
    ["d-0123abcd-seed.iso", "seed"],
])("%s is a disk of d's: %s", (volume, kind) => {
    expect(diskOf("d", volume)).toBe(kind);
});

test.each([
    "",
    ".",
    "..",
    "d",
    "d-",
    "d-.qcow2",
    "d-0123abc.qcow2",
    "d-0123abcd0.qcow2",
    "d-0123ABCD.qcow2",
    "d-0123abcg.qcow2",
    "d-0123abcd.qcow2 ",
    " d-0123abcd.qcow2",
    "d-0123abcd.qcow2\n",
    "d-0123abcd.QCOW2",
    "d-0123abcd.iso",
    "d-0123abcd-seed.iso.qcow2",
    "d-x-0123abcd.qcow2",
    "e-0123abcd.qcow2",
    "x/d-0123abcd.qcow2",
    "../d-0123abcd.qcow2",
    "d-0123abcd/.qcow2",
    "d-0123abcd.qcow2/",
    "dd-0123abcd.qcow2",
])("%j is none", (volume) => {
    expect(diskOf("d", volume)).toBeUndefined();
});

test.each(["a/../d", "/d", "a b", "d\u0000"])("a guest called %j has none", (domain) => {
    expect(diskOf(domain, `${domain}-0123abcd.qcow2`)).toBeUndefined();
});

test("a folder has one spelling", () => {
    expect(["/a", "/var/lib/libvirt/images", "/a.b/c-d_e", "/..a/b.."].map(isPlainFolder)).toEqual([
        true,
        true,
        true,
        true,
    ]);
    expect(
        [
            "",
            "/",
            "a",
            "//a",
            "/a/",
            "/a//b",
            "/a/./b",
            "/a/../b",
            "/.",
            "/..",
            "/a b",
            "/a\n",
            "/a'",
            "/{a}",
            "/ä",
        ].filter(isPlainFolder),
    ).toEqual([]);
    expect(["", ".", "..", "a/b", "a b", "a\n", "ä"].filter(isPlainName)).toEqual([]);
});
