package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/blang/semver"

	"github.com/pulumi/pulumi/pkg/v3/codegen/cgstrings"
	nodegen "github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GeneratePackage writes the TypeScript SDK for a schema (`pulumi package gen-sdk`, `package add`, `install`).
func (h *host) GeneratePackage(
	_ context.Context, r *rpc.GeneratePackageRequest,
) (*rpc.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(r.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)

	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(r.Schema), &spec); err != nil {
		return nil, fmt.Errorf("the schema is not valid JSON: %w", err)
	}
	pkg, diags, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, fmt.Errorf("the schema of %s cannot be used: %w", spec.Name, err)
	}
	resp := &rpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diags)}
	if diags.HasErrors() {
		return resp, nil
	}
	files, err := nodegen.GeneratePackage("pulumi-language-nodejs", pkg, r.ExtraFiles, r.LocalDependencies, r.Local, loader)
	if err != nil {
		return nil, fmt.Errorf("cannot generate the SDK of %s: %w", spec.Name, err)
	}
	return resp, writeFiles(r.Directory, files)
}

func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("generated file %q would be outside %s", name, dir)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Link adds generated SDKs to the program's package.json and tells how to import them.
func (h *host) Link(ctx context.Context, r *rpc.LinkRequest) (*rpc.LinkResponse, error) {
	opts, err := readOptions(r.Info)
	if err != nil {
		return nil, err
	}
	client, err := schema.NewLoaderClient(r.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)
	dir := r.Info.GetProgramDirectory()
	pm, err := npm.ResolvePackageManager(opts.packageManager, dir)
	if err != nil {
		return nil, err
	}
	language, form := "TypeScript", "  import * as %s from %q;\n"
	if !opts.typescript && opts.tsconfig == "" {
		language, form = "JavaScript", "  const %s = require(%q);\n"
	}
	var imports strings.Builder
	for _, dep := range r.Packages {
		name, npmName, err := npmPackageName(ctx, loader, dep.Package)
		if err != nil {
			return nil, fmt.Errorf("cannot link %s: %w", dep.Path, err)
		}
		if err := pm.Link(ctx, dir, npmName, dep.Path); err != nil {
			return nil, fmt.Errorf("cannot link %s: %w", dep.Path, err)
		}
		fmt.Fprintf(&imports, form, cgstrings.Camel(name), npmName)
	}
	return &rpc.LinkResponse{
		ImportInstructions: fmt.Sprintf("You can import the SDK in your %s code with:\n\n%s", language, imports.String()),
	}, nil
}

// npmPackageName loads a package's schema and returns its Pulumi name and the name of its npm package.
func npmPackageName(ctx context.Context, loader schema.ReferenceLoader, dep *rpc.PackageDependency) (string, string, error) {
	desc := &schema.PackageDescriptor{Name: dep.Name, Version: optionalVersion(dep.Version), DownloadURL: dep.Server}
	if p := dep.Parameterization; p != nil {
		desc.Parameterization = &schema.ParameterizationDescriptor{Name: p.Name, Value: p.Value}
		if v := optionalVersion(p.Version); v != nil {
			desc.Parameterization.Version = *v
		}
	}
	ref, err := schema.LoadPackageReferenceV2(ctx, loader, desc)
	if err != nil {
		return "", "", err
	}
	pkg, err := ref.Definition()
	if err != nil {
		return "", "", err
	}
	if err := pkg.ImportLanguages(map[string]schema.Language{"nodejs": nodegen.Importer}); err != nil {
		return "", "", err
	}
	npmName := "@pulumi/" + pkg.Name
	if pkg.Namespace != "" {
		npmName = "@" + pkg.Namespace + "/" + pkg.Name
	}
	if info, ok := pkg.Language["nodejs"].(nodegen.NodePackageInfo); ok && info.PackageName != "" {
		npmName = info.PackageName
	}
	return ref.Name(), npmName, nil
}

// optionalVersion is nil for a version that is missing or not a semantic one: the engine then takes the installed one.
func optionalVersion(text string) *semver.Version {
	v, err := semver.ParseTolerant(text)
	if err != nil {
		return nil
	}
	return &v
}
