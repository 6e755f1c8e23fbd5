/** Settings that guests have in common, and those of a Workstation. */
import { z } from "zod";
import { KEPT_FORM, isKeptFolder } from "../values/disk-files";
import { name, NAME_FORM, address } from "./forms";

export const memoryMiB = z
    .int("a whole number of MiB")
    .min(192, "at least 192 MiB")
    .max(65536, "at most 65536 MiB")
    .default(256)
    .meta({ description: "Memory of the guest.", unit: "MiB", examples: [512] });

export const vcpus = z
    .int("a whole number")
    .min(1, "at least 1")
    .max(64, "at most 64")
    .default(1)
    .meta({ description: "Virtual processors of the guest.", examples: [2] });

const sizeGiB = (standard: number, description: string, example: number): z.ZodDefault<z.ZodInt> =>
    z
        .int("a whole number of GiB")
        .min(standard === 4 ? 4 : 1, `at least ${standard === 4 ? 4 : 1} GiB`)
        .max(16384, "at most 16384 GiB")
        .default(standard)
        .meta({ description, unit: "GiB", examples: [example] });

export const root = z
    .strictObject({
        sizeGiB: sizeGiB(
            4,
            "Size of the guest's root disk. It takes room as it is written, and is made anew with each new seed or image.",
            12,
        ),
    })
    .prefault({})
    .meta({ description: "The guest's disposable root disk.", examples: [{ sizeGiB: 12 }] });

/** Each once, and none in another: both would be the same files. */
const keptPaths = z
    .array(z.string().refine(isKeptFolder, KEPT_FORM))
    .max(32, "at most 32 folders")
    .superRefine((list, context) =>
        list.forEach((path, i) => {
            const other = list.find(
                (o, j) => j < i && (`${path}/`.startsWith(`${o}/`) || `${o}/`.startsWith(`${path}/`)),
            );
            if (other !== undefined) {
                context.addIssue({
                    code: "custom",
                    path: [i],
                    message: `no folder in another; ${other} is there already`,
                });
            }
        }),
    );

const home = z
    .union(
        [
            z.literal(false),
            z.strictObject({
                sizeGiB: sizeGiB(
                    8,
                    "Size of the home volume when it is made. Later: `bin/sallyport resize`. It takes room as it is written.",
                    20,
                ),
                paths: keptPaths
                    .default([])
                    .meta({
                        description: "Folders that are kept on the home volume as well.",
                        allowed: `${KEPT_FORM}; at most 32, none in another`,
                        examples: [["/srv/work"]],
                    }),
            }),
        ],
        "`false`, or the keys sizeGiB and paths",
    )
    .prefault({})
    .meta({
        description:
            "The volume for /home, which outlives its guest: new seeds, images and root sizes leave it as it is. `false`: nothing of the Workstation is kept.",
        allowed: "`false`, or the keys below",
        examples: [{ sizeGiB: 20 }],
    });

export const workstation = z.strictObject({
    name: name.meta({
        description: "Name of the Workstation, seen on the host only. Another name is another Workstation.",
        allowed: NAME_FORM,
        examples: ["irc"],
    }),
    address: address
        .optional()
        .meta({
            description:
                "Address of the Workstation on the isolated network. It stays when others come or go; `bin/sallyport workstation add` writes it down.",
            allowed: "an IPv4 address from 10.152.152.11 up",
            defaults: "10.152.152.11 for a Workstation that is alone; needed as soon as there are several",
            examples: ["10.152.152.20"],
        }),
    control: z
        .boolean()
        .default(false)
        .meta({
            description:
                "Whether the Workstation may use the Gateway's filtered control port: new circuits, and what Tor Browser shows of them.",
            examples: [true],
        }),
    home,
    root,
    memoryMiB,
    vcpus,
});
