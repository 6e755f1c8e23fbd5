package main

import (
	"fmt"

	"github.com/google/shlex"

	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// options are the settings under `runtime: options:` of Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml. Names that
// are not listed here are ignored, as Pulumi's own host does.
type options struct {
	// typescript (default true): the entry point may be TypeScript.
	typescript bool
	// tsconfig (default ""): the configuration file for TypeScript, instead of tsconfig.json.
	tsconfig string
	// nodeargs (default ""): arguments for node, split like a shell command line.
	nodeArgs []string
	// packagemanager (default auto): auto, npm, yarn, pnpm or bun.
	packageManager npm.PackageManagerType
	// precompiled (default ""): a JavaScript bundle. Of a program, relative to the project's root: see precompiled.go. Of
	// a plugin, relative to its folder: see providerScript.
	precompiled string
}

func readOptions(info *rpc.ProgramInfo) (options, error) {
	raw := info.GetOptions().AsMap()
	opts := options{typescript: true, packageManager: npm.AutoPackageManager}
	var nodeArgs, manager string
	for name, target := range map[string]*string{
		"tsconfig": &opts.tsconfig, "nodeargs": &nodeArgs, "packagemanager": &manager, "precompiled": &opts.precompiled,
	} {
		if value, ok := raw[name]; ok {
			text, ok := value.(string)
			if !ok {
				return opts, fmt.Errorf("runtime option %s is %v: it must be a string", name, value)
			}
			*target = text
		}
	}
	if value, ok := raw["typescript"]; ok {
		flag, ok := value.(bool)
		if !ok {
			return opts, fmt.Errorf("runtime option typescript is %v: it must be true or false", value)
		}
		opts.typescript = flag
	}
	switch m := npm.PackageManagerType(manager); m {
	case "":
	case npm.AutoPackageManager, npm.NpmPackageManager, npm.YarnPackageManager, npm.PnpmPackageManager, npm.BunPackageManager:
		opts.packageManager = m
	default:
		return opts, fmt.Errorf("runtime option packagemanager is %q: it must be auto, npm, yarn, pnpm or bun", manager)
	}
	args, err := shlex.Split(nodeArgs)
	if err != nil {
		return opts, fmt.Errorf("runtime option nodeargs is %q: %w", nodeArgs, err)
	}
	opts.nodeArgs = args
	return opts, nil
}
