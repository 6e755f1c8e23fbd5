/** Keys about time: an enclave's `clock`, and where a Tor network's time comes from. */
import { z } from "zod";
import { isAddress } from "../values/addresses";
import { CLOCK_WINDOW } from "../values/clock";

const { least, most } = CLOCK_WINDOW;

/** `enclaves[].clock` */
export const clock = z
    .strictObject({
        windowSeconds: z
            .int("a whole number of seconds")
            .min(least, `at least ${least} seconds`)
            .max(most, `at most ${most} seconds`)
            .default(CLOCK_WINDOW.default)
            .meta({
                description:
                    "Most that a Workstation's clock is off at power-on, either way. Each draws a number of its own.",
                unit: "seconds, either way",
                examples: [60],
            }),
        strict: z
            .boolean()
            .default(false)
            .meta({
                description:
                    "Whether a Workstation may send nothing before its time is set over Tor. If not, it may send with a clock that is off.",
                examples: [true],
            }),
    })
    .prefault({})
    .meta({ description: "Workstations' clocks.", examples: [{ windowSeconds: 60, strict: true }] });

const MAX_POOLS = 9;
const MAX_URLS = 64;

const url = z
    .string()
    .regex(
        /^http:\/\/[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[1-9]\d{0,4})?\/[\x21-\x7e]{0,200}$/,
        "an address such as http://name.onion/, with its path",
    )
    .refine((text) => URL.canParse(text), "an address with a port from 1 to 65535, if any")
    // URL knows addresses in every spelling, such as 0x7f.1.
    .refine(
        (text) => !URL.canParse(text) || !isAddress(new URL(text).hostname),
        "a name, not an address: a Workstation's seed names nothing outside by address",
    );

const POOLS_FORM = "at least 3 pools, of which a majority has to agree; or none, for the default";

/** `torNetwork.timeSources`: three pools at least, or there is no majority. */
export const timeSources = z
    .array(z.array(url).min(1, "at least one address").max(MAX_URLS, `at most ${MAX_URLS} addresses`))
    .max(MAX_POOLS, `at most ${MAX_POOLS} pools`)
    .refine((pools) => pools.length === 0 || pools.length >= 3, POOLS_FORM)
    .default([])
    .meta({
        description:
            "Pools of addresses whose Date headers tell Workstations the time. Default: onion services on the public Tor network, none on a private one.",
        allowed: `${POOLS_FORM}; each a list of http://NAME/, on the public Tor network of version 3 onion services`,
        examples: [
            [["http://one.example.test/"], ["http://two.example.test/"], ["http://three.example.test/"]],
        ],
    });
