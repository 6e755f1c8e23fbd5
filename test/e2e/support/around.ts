/** The lab around all tests. Imported first, so that its hooks are the outermost. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { closeWorld, openWorld } from "./world";

before(openWorld);
after(async () => {
    assert.deepEqual((await closeWorld()).left, []);
});
