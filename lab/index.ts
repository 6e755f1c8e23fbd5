/** What the lab offers to the demo and to tests. */
export { startCapture } from "./capture";
export type { Capture, CaptureOptions, CaptureResult } from "./capture";
export { LabError } from "./error";
export { readLab } from "./info";
export type { LabInfo } from "./info";
export { inNamespace } from "./run";
export { startLab } from "./start";
export type { LabOptions, StartResult } from "./start";
export { labStatus } from "./status";
export type { LabMemory, LabStatus } from "./status";
export { stopLab } from "./stop";
export type { StopResult } from "./stop";
export { clientLines, writeTorrc } from "./torrc";
export { readWebLog } from "./weblog";
export type { WebLogEntry } from "./weblog";
