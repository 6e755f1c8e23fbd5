/**
 * Counts a run of jest, for every tier that has one: prints "N passed, N failed" and ends with 0 only when
 * all is well. Usage: node test/count-jest.js REPORT STATUS   (jest's --outputFile, jest's exit status)
 *
 * What did not run is no success: skipped tests, todos and files that broke outside a test (a hook, an
 * import) have failed.
 */
const fs = require("node:fs");

function count(report, status) {
    const passed = report.numPassedTests;
    const failed =
        report.numFailedTests +
        report.numRuntimeErrorTestSuites +
        report.numPendingTests +
        report.numTodoTests;
    if (!Number.isInteger(passed) || !Number.isInteger(failed)) {
        throw new Error("it lacks jest's counts");
    }
    // Whatever else jest is unhappy about, and a run without a test.
    return {
        passed,
        failed: failed === 0 && (report.success !== true || status !== "0" || passed === 0) ? 1 : failed,
    };
}

const [file, status] = process.argv.slice(2);
let counted;
try {
    counted = count(JSON.parse(fs.readFileSync(file, "utf8")), status);
} catch (error) {
    console.error(`jest ended with ${status} and its report ${file} is of no use: ${error.message}`);
    counted = { passed: 0, failed: 1 };
}
console.log(`${counted.passed} passed, ${counted.failed} failed`);
process.exitCode = counted.failed === 0 ? 0 : 1;
