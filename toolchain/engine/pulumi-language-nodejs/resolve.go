package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// errNotInstalled says that no node_modules folder on the way up has the module.
var errNotInstalled = errors.New("module not found")

// nodeModules lists the node_modules folders that node searches for a module required from dir, nearest first
// (https://nodejs.org/api/modules.html, "Loading from node_modules folders"). Like node it starts from the real path.
func nodeModules(dir string) ([]string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	var found []string
	for {
		if filepath.Base(dir) != "node_modules" {
			found = append(found, filepath.Join(dir, "node_modules"))
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return found, nil
		}
		dir = parent
	}
}

// resolveModule finds a file of a package as node's require.resolve would for packages without an "exports" map, as
// @pulumi/pulumi is: the path itself, with .js, or the index.js of the folder.
func resolveModule(dir, module string) (string, error) {
	folders, err := nodeModules(dir)
	if err != nil {
		return "", fmt.Errorf("cannot resolve %s from %s: %w", module, dir, err)
	}
	for _, folder := range folders {
		base := filepath.Join(folder, filepath.FromSlash(module))
		for _, candidate := range []string{base, base + ".js", filepath.Join(base, "index.js")} {
			info, err := os.Stat(candidate)
			if err == nil && info.Mode().IsRegular() {
				return filepath.EvalSymlinks(candidate)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not a directory") {
				return "", fmt.Errorf("cannot resolve %s from %s: %w", module, dir, err)
			}
		}
	}
	return "", fmt.Errorf("%w: %s from %s", errNotInstalled, module, dir)
}

// pulumiEntry finds one of the programs under @pulumi/pulumi/cmd, with an error that says what to do.
func pulumiEntry(dir, name, remedy string) (string, error) {
	path, err := resolveModule(dir, "@pulumi/pulumi/cmd/"+name)
	if errors.Is(err, errNotInstalled) {
		return "", fmt.Errorf("the Pulumi SDK (npm package @pulumi/pulumi) is not installed for %s: run %s", dir, remedy)
	}
	return path, err
}
