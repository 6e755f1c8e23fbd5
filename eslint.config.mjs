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
);
