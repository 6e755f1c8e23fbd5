/** How long Workstations may wait for their Gateway's tor, in seconds. */
export const READY_TIMEOUT = Object.freeze({ least: 5, most: 3600, default: 300 });
