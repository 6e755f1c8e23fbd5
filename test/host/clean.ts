/** Removes what a run of the tier left, by its own records; not while one is at work. */
import { mkdirSync } from "node:fs";
import { acquireLock } from "../../lab/lock";
import { place } from "./support/place";
import { removeAll } from "./support/world";

mkdirSync(place.dir, { recursive: true });
const release = acquireLock(place.lock, "host");
void removeAll().finally(release);
