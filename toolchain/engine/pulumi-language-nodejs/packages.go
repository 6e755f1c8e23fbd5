package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages lists the plugins that the installed npm packages ask for.
func (h *host) GetRequiredPackages(
	_ context.Context, r *rpc.GetRequiredPackagesRequest,
) (*rpc.GetRequiredPackagesResponse, error) {
	manifests, err := pluginManifests(r.Info.GetProgramDirectory())
	if err != nil {
		return nil, fmt.Errorf("cannot list the npm packages of %s: %w", r.Info.GetProgramDirectory(), err)
	}
	resp := &rpc.GetRequiredPackagesResponse{}
	for _, m := range manifests {
		dep, err := m.dependency()
		if err != nil {
			return nil, err
		}
		resp.Packages = append(resp.Packages, dep)
	}
	return resp, nil
}

// GetProgramDependencies lists npm packages for `pulumi about` and the state's records, from the lock file.
func (h *host) GetProgramDependencies(
	ctx context.Context, r *rpc.GetProgramDependenciesRequest,
) (*rpc.GetProgramDependenciesResponse, error) {
	opts, err := readOptions(r.Info)
	if err != nil {
		return nil, err
	}
	pm, err := npm.ResolvePackageManager(opts.packageManager, r.Info.GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	packages, err := pm.ListPackages(ctx, r.Info.GetProgramDirectory(), r.TransitiveDependencies)
	if err != nil {
		return nil, err
	}
	resp := &rpc.GetProgramDependenciesResponse{}
	for _, p := range packages {
		resp.Dependencies = append(resp.Dependencies, &rpc.DependencyInfo{Name: p.Name, Version: p.Version})
	}
	return resp, nil
}
