/**
 * Settings of a stack that runs in the embedded lab: the one place that maps what the lab says to our keys.
 */
import { currentImage } from "../../components/image-manifest";
import type { LabInfo } from "../../lab/info";
import { loadPlan } from "../../plan/load";
import type { StackPlan } from "../../plan/plan";
import { projectRoot } from "../../util/root";

/** Keys without their `sallyport:` as plain data. */
export type StackSettings = Readonly<Record<string, unknown>>;

/** The lab's web server under three names: its resolver knows every name, and its answers have a Date. */
const TIME_SOURCES = [1, 2, 3].map((n) => [`http://clock${n}.example.test/`]);

/** Where the lab's libvirt is, how it runs guests, its private Tor network, and the image built last. */
export function labStackConfig(lab: LabInfo): StackSettings {
    const image = currentImage(projectRoot());
    return {
        ...(image === undefined ? {} : { image: image.sha256 }),
        uri: lab.uri,
        virt: { type: lab.virt },
        storage: { path: lab.poolRoot },
        torNetwork: { dirAuthorities: lab.torNetwork.dirAuthorities, timeSources: TIME_SOURCES },
    };
}

/** The plan that `up` will carry out for these settings. @throws ConfigError */
export function planOf(stack: string, settings: StackSettings, project = "sallyport"): StackPlan {
    return loadPlan(project, stack, settings).plan;
}
