package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is the part of a package.json that matters here.
type manifest struct {
	Name    string                  `json:"name"`
	Version string                  `json:"version"`
	Pulumi  plugin.PulumiPluginJSON `json:"pulumi"`
}

// pluginManifests reads the manifests of all packages in the node_modules folders from dir upwards that say that they
// need a resource plugin ("pulumi": {"resource": true}). A package that is found nearer hides one of the same name
// further up, as it does for node. Folders of packages inside packages are not searched: npm lays packages out flat.
func pluginManifests(dir string) ([]*manifest, error) {
	folders, err := nodeModules(dir)
	if err != nil {
		return nil, err
	}
	var found []*manifest
	seen := map[string]bool{}
	for _, folder := range folders {
		for _, pattern := range []string{"*/package.json", "@*/*/package.json"} {
			paths, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				return nil, err
			}
			for _, path := range paths {
				name, err := filepath.Rel(folder, filepath.Dir(path))
				if err != nil || seen[name] {
					continue
				}
				seen[name] = true
				m, err := readPluginManifest(path)
				if err != nil {
					return nil, err
				}
				if m != nil {
					found = append(found, m)
				}
			}
		}
	}
	return found, nil
}

// readPluginManifest returns nil for a package that needs no plugin. Most do not even have the word in their manifest:
// those are not parsed, there are hundreds of them.
func readPluginManifest(path string) (*manifest, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		if os.IsNotExist(err) { // removed since it was listed
			return nil, nil
		}
		return nil, err
	}
	if !bytes.Contains(raw, []byte(`"pulumi"`)) {
		return nil, nil
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !m.Pulumi.Resource {
		return nil, nil
	}
	return &m, nil
}

// dependency turns a manifest into what the engine wants to know. The name and version in the "pulumi" section win; only
// a package of the @pulumi scope may leave its name out.
func (m *manifest) dependency() (*rpc.PackageDependency, error) {
	dep := &rpc.PackageDependency{
		Kind: "resource", Name: m.Pulumi.Name, Version: m.Pulumi.Version, Server: m.Pulumi.Server,
	}
	if dep.Name == "" {
		name, ok := strings.CutPrefix(m.Name, "@pulumi/")
		if !ok {
			return nil, fmt.Errorf(`npm package %q: "pulumi": {"resource": true} needs a "name" as well`, m.Name)
		}
		dep.Name = name
	}
	if dep.Version == "" {
		dep.Version = m.Version
	}
	if dep.Version == "" {
		return nil, fmt.Errorf("npm package %q has no version", m.Name)
	}
	dep.Version = "v" + strings.TrimPrefix(dep.Version, "v")
	if p := m.Pulumi.Parameterization; p != nil {
		dep.Parameterization = &rpc.PackageParameterization{Name: p.Name, Version: p.Version, Value: p.Value}
	}
	return dep, nil
}
