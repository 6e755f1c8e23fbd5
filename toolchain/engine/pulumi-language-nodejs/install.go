package main

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// InstallDependencies runs the project's package manager, in the root of the workspace when the program is part of one.
func (h *host) InstallDependencies(
	r *rpc.InstallDependenciesRequest, stream rpc.LanguageRuntime_InstallDependenciesServer,
) error {
	opts, err := readOptions(r.Info)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, r.IsTerminal)
	if err != nil {
		return err
	}
	defer closer.Close() // once more below, with its error; closing twice is harmless

	dir := r.Info.GetProgramDirectory()
	root, err := npm.FindWorkspaceRoot(dir)
	switch {
	case err == nil:
		dir = root
	case !errors.Is(err, npm.ErrNotInWorkspace):
		return fmt.Errorf("cannot tell whether %s is part of an npm workspace: %w", dir, err)
	}
	fmt.Fprintf(stdout, "Installing the npm packages of %s\n", dir)
	tool, err := npm.Install(stream.Context(), opts.packageManager, dir, false, plainWriter{stdout}, plainWriter{stderr})
	if err != nil {
		return fmt.Errorf("%s could not install the packages of %s: %w", tool, dir, err)
	}
	return closer.Close()
}
