/** Generated: every file in this folder. UPDATE_DOCS=1, see docs/writing-a-rule.md. */
export { default as clockOffsetIsRandom } from "./clock-offset-is-random";
export { default as everythingCanBeRead } from "./everything-can-be-read";
export { default as filesAreAsRendered } from "./files-are-as-rendered";
export { default as guestIsReplacedWithItsParts } from "./guest-is-replaced-with-its-parts";
export { default as nothingChangesInPlace } from "./nothing-changes-in-place";
export { default as onlyKnownCommands } from "./only-known-commands";
export { default as seedsHoldValidConfiguration } from "./seeds-hold-valid-configuration";
