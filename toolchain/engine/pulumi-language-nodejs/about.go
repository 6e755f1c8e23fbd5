package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// About answers `pulumi about`, and the engine before every update, which records it. What cannot be told is left empty:
// this is a report, not a check.
func (h *host) About(ctx context.Context, r *rpc.AboutRequest) (*rpc.AboutResponse, error) {
	opts, err := readOptions(r.Info)
	if err != nil {
		return nil, err
	}
	node, err := findNode()
	if err != nil {
		return nil, err
	}
	resp := &rpc.AboutResponse{Executable: node, Metadata: map[string]string{}}
	if out, err := exec.CommandContext(ctx, node, "--version").Output(); err == nil {
		resp.Version = strings.TrimSpace(string(out))
	}
	pm, err := npm.ResolvePackageManager(opts.packageManager, r.Info.GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	resp.Metadata["packagemanager"] = pm.Name()
	resp.Metadata["packagemanagerVersion"] = managerVersion(pm)
	return resp, nil
}

// managerVersion reads the version of a package manager from its own package.json, because asking it takes a fifth of a
// second of every preview. Where it is laid out differently it is asked after all.
func managerVersion(pm npm.PackageManager) string {
	if path, err := exec.LookPath(pm.Name()); err == nil {
		if version := packagedVersion(path, pm.Name()); version != "" {
			return version
		}
	}
	version, err := pm.Version()
	if err != nil {
		return ""
	}
	return version.String()
}

// packagedVersion is the version of the npm package of that name whose bin folder holds the executable, or "".
func packagedVersion(executable, name string) string {
	path, err := filepath.EvalSymlinks(executable)
	if err != nil {
		return ""
	}
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), "..", "package.json"))
	if err != nil {
		return ""
	}
	var m manifest
	if json.Unmarshal(raw, &m) != nil || m.Name != name {
		return ""
	}
	return m.Version
}
