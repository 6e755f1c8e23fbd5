import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["sdks/", "node_modules/", ".build/", ".toolchain/", ".lab/", ".image/", "toolchain/testdata/"] },
    eslint.configs.recommended,
    ...tseslint.configs.strict,
    {
        files: ["**/*.js", "**/*.cjs"],
        languageOptions: {
            sourceType: "commonjs",
            globals: { require: "readonly", module: "writable", process: "readonly", console: "readonly", __dirname: "readonly",
                Buffer: "readonly", setTimeout: "readonly", clearTimeout: "readonly", setInterval: "readonly", clearInterval: "readonly" },
        },
        rules: { "@typescript-eslint/no-require-imports": "off" },
    },
    {
        rules: {
            "@typescript-eslint/no-extraneous-class": "off",
            "@typescript-eslint/consistent-type-imports": "error",
            eqeqeq: "error",
        },
    },
    {
        // Names that come from an input find what every object inherits: `constructor` is no type of libvirt's.
        files: ["topology/adapters/**", "topology/model/**", "topology/reachability/**", "topology/*.ts", "policy/**", "cli/orphans/**", "cloud-init/**"],
        rules: {
            "no-restricted-syntax": ["error", {
                selector: "MemberExpression[computed=true][object.type='Identifier'][object.name=/^[A-Z][A-Z0-9_]+$/]:not([property.type='Literal'])",
                message: "a table is asked by own(table, name) of topology/own.ts, or is a Map",
            }],
        },
    },
);
