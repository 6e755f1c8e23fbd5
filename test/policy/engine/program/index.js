/** A stack that runs a command of its own on the host: it would leave a file behind. Needs no libvirt. */
const command = require("@pulumi/command");

new command.local.Command("intruder", { create: `touch ${process.env.POLICY_TEST_MARK}` });
