package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// shimName is a script beside this binary that is preloaded into every node; see toolchain/node-shim.js.
	shimName = "node-shim.js"
	// stopGrace is how long an interrupted node may take to end before it is killed.
	stopGrace = 5 * time.Second
)

// plainWriter hides an *os.File from os/exec, so that node gets a pipe: it would switch our own descriptor to
// non-blocking mode, and our next write to it could fail.
type plainWriter struct{ io.Writer }

func findNode() (string, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("there is no `node` in PATH: install Node.js 22 or newer: %w", err)
	}
	return node, nil
}

// shim is the path of the preload script, or "" when there is none.
func shim() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(self), shimName)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// nodeCommand prepares node. It is interrupted when ctx ends, so that the program can clean up, and killed after a grace
// period.
func nodeCommand(ctx context.Context, opts options, env []string, script string, args ...string) (*exec.Cmd, error) {
	node, err := findNode()
	if err != nil {
		return nil, err
	}
	argv := slices.Clone(opts.nodeArgs)
	if path := shim(); path != "" {
		argv = append(argv, "--require="+path)
	}
	argv = append(append(argv, script), args...)
	cmd := exec.CommandContext(ctx, node, argv...)
	cmd.Env = env
	cmd.WaitDelay = stopGrace
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd, nil
}

// typescriptEnv adds what @pulumi/pulumi/cmd reads about TypeScript. Types are not checked at run time unless the user
// asks for it: that takes seconds, and a program with a type error has been refused by tsc before.
func typescriptEnv(env []string, typescript bool, tsconfig string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "PULUMI_NODEJS_TYPESCRIPT=")
	})
	if !typescript {
		return env
	}
	env = append(env, "PULUMI_NODEJS_TYPESCRIPT=true")
	if tsconfig != "" {
		env = append(env, "PULUMI_NODEJS_TSCONFIG_PATH="+tsconfig)
	}
	if !slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "PULUMI_NODEJS_TRANSPILE_ONLY=") }) {
		env = append(env, "PULUMI_NODEJS_TRANSPILE_ONLY=true")
	}
	return env
}

// exitCode is the status of a program that ran and failed.
func exitCode(err error) (int, bool) {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), true
	}
	return 0, false
}
