/** Every production, by kind. */
import accepted from "./kinds/accepted";
import device from "./kinds/device";
import host from "./kinds/host";
import identity from "./kinds/identity";
import label from "./kinds/label";
import live from "./kinds/live";
import network from "./kinds/network";
import nic from "./kinds/nic";
import pool from "./kinds/pool";
import preview from "./kinds/preview";
import seed from "./kinds/seed";
import state from "./kinds/state";
import step from "./kinds/step";
import storage from "./kinds/storage";
import update from "./kinds/update";
import type { Production } from "./production";

export const productions: readonly Production[] = [
    ...state,
    ...preview,
    ...live,
    ...step,
    ...storage,
    ...pool,
    ...label,
    ...update,
    ...nic,
    ...network,
    ...device,
    ...seed,
    ...host,
    ...identity,
    ...accepted,
];
