/**
 * Live lines of jest for tiers that take minutes: each test as it ends, failures with their reason, and what
 * failed outside tests. Several files run side by side: each line says whose it is. On standard error;
 * standard output is for jest's report.
 */
const { basename } = require("node:path");

const say = (test, text) => {
    const name = basename(test.path).replace(/\.test\.ts$/, "");
    process.stderr.write(text.replace(/^/gm, `${name}| `) + "\n");
};
const indented = (text) => text.replace(/^/gm, "      ");

module.exports = class Live {
    onTestCaseResult(test, { title, status, duration, failureMessages }) {
        const good = status === "passed";
        say(test, `  ${good ? "ok  " : "FAIL"} ${title} (${((duration ?? 0) / 1000).toFixed(1)} s)`);
        if (!good) {
            say(test, indented(failureMessages.join("\n") || `it did not run: ${status}`));
        }
    }

    onTestFileResult(test, { testExecError, testResults }) {
        testResults
            .filter(({ status }) => status !== "passed" && status !== "failed")
            .forEach((one) => this.onTestCaseResult(test, one));
        if (testExecError !== undefined && testExecError !== null) {
            say(test, `  FAIL outside a test\n${indented(testExecError.stack ?? testExecError.message)}`);
        }
    }
};
