import eslint from "@eslint/js";
import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/**
 * Rooms from the lowest floor up: each imports from those before it and from itself, types included.
 * ARCHITECTURE.md tells what each is.
 */
const FLOORS = [
    "util",
    "values",
    "config",
    "plan",
    "cloud-init",
    "libvirt",
    "components",
    "model",
    "reachability",
    "policy",
    "report",
    "capture",
    "lab",
    "cli",
    "image",
    "toolchain",
    "package",
    "test",
];

const zones = FLOORS.map((floor, i) => ({
    target: `./${floor}`,
    from: FLOORS.slice(i + 1).map((above) => `./${above}`),
    message: `${floor} is below that floor (ARCHITECTURE.md): move what is shared down, or what uses it up`,
})).filter((zone) => zone.from.length > 0);

export default tseslint.config(
    {
        ignores: [
            "sdks/",
            "node_modules/",
            ".build/",
            ".toolchain/",
            ".lab/",
            ".image/",
            "toolchain/testdata/",
        ],
    },
    eslint.configs.recommended,
    ...tseslint.configs.strict,
    {
        files: ["**/*.js", "**/*.cjs"],
        languageOptions: {
            sourceType: "commonjs",
            globals: {
                require: "readonly",
                module: "writable",
                process: "readonly",
                console: "readonly",
                __dirname: "readonly",
                Buffer: "readonly",
                setTimeout: "readonly",
                clearTimeout: "readonly",
                setInterval: "readonly",
                clearInterval: "readonly",
            },
        },
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
    {
        files: ["**/*.ts"],
        plugins: { "import-x": importX },
        settings: { "import-x/resolver": { node: { extensions: [".ts", ".js", ".mjs"] } } },
        rules: { "import-x/no-restricted-paths": ["error", { zones }] },
    },
    {
        rules: {
            "@typescript-eslint/no-extraneous-class": "off",
            "@typescript-eslint/consistent-type-imports": "error",
            eqeqeq: "error",
            "no-nested-ternary": "error",
        },
    },
    {
        // Names that come from an input find what every object inherits: `constructor` is no type of
        // libvirt's.
        files: [
            "values/**",
            "plan/**",
            "model/**",
            "reachability/**",
            "policy/**",
            "cli/orphans/**",
            "cloud-init/**",
        ],
        rules: {
            "no-restricted-syntax": [
                "error",
                {
                    selector:
                        "MemberExpression[computed=true][object.type='Identifier'][object.name=/^[A-Z][A-Z0-9_]+$/]:not([property.type='Literal'])",
                    message: "a table is asked by own(table, name) of util/own.ts, or is a Map",
                },
            ],
        },
    },
);
