/** What the lab offers to the demo and to tests. */
export { startCapture } from "./capture";
export { readLab } from "./info";
export type { LabInfo } from "./info";
export { inNamespace } from "./run";
export { startLab } from "./start";
export { labStatus } from "./status";
export { stopLab } from "./stop";
export { clientLines, writeTorrc } from "./torrc";
export { readWebLog } from "./weblog";
