/** What a verb prints while a test runs it. */
export interface Printed {
    stdout: string;
    stderr: string;
}

/** Empty before each test of the file or block that it is called in; the mocks go after it, and so does the status. */
export function printed(): Printed {
    const said: Printed = { stdout: "", stderr: "" };
    beforeEach(() => {
        for (const name of ["stdout", "stderr"] as const) {
            said[name] = "";
            jest.spyOn(process[name], "write").mockImplementation((text) => {
                said[name] += String(text);
                return true;
            });
        }
    });
    afterEach(() => {
        jest.restoreAllMocks();
        process.exitCode = undefined;
    });
    return said;
}
