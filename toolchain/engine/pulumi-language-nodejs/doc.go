// Command pulumi-language-nodejs is a Node.js language host for the Pulumi engine.
//
// The engine starts it, reads a TCP port from its standard output and then speaks pulumirpc.LanguageRuntime
// (pulumi/proto/pulumi/language.proto) with it. Pulumi publishes its own Node.js host only inside the release archives,
// so a machine that has nothing but package registries builds this one. It uses Pulumi's own Go libraries for everything
// they offer: package managers (sdk/nodejs/npm), code generation (pkg/codegen/nodejs), streams and servers
// (sdk/go/common/util/rpcutil), policy packs (sdk.PolicyProxy).
//
// It serves what the commands install, preview, up, refresh, destroy, package add, package gen-sdk, policy packs and
// source plugins need. Conversion of programs from other languages and publishing of packages answer Unimplemented.
//
// Differences from the host that Pulumi ships:
//
//   - modules are resolved in Go (resolve.go), which saves one start of node per run;
//   - the runtime option "precompiled" (precompiled.go) names a JavaScript bundle of the program that is run instead of
//     the TypeScript source as long as it is up to date; Pulumi's host ignores the option and runs the source;
//   - a file node-shim.js beside the binary is preloaded into every node that it starts (node.go);
//   - only Node.js is a runtime (no bun), and a program's provider functions are always called asynchronously (the
//     synchronous pipe of old SDKs is not served);
//   - programs start with PULUMI_NODEJS_TRANSPILE_ONLY=true unless the user has set it: types are checked apart, by tsc.
package main
