/**
 * Mutations that no probe can notice, because another rule or tor itself holds as well: second layers that we keep on
 * purpose, each with what stands in front of it. A mutation in this list that is noticed after all fails the tier.
 */
export const REDUNDANT: Readonly<Record<string, string>> = Object.freeze({});
