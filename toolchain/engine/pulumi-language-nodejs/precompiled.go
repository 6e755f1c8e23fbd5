package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The runtime option "precompiled" names a JavaScript bundle of the program, relative to the project's root. Running it
// spares loading TypeScript, 0.4 s of every preview. A stale bundle would deploy something else than what the source
// says, so it is used only while esbuild's metafile beside it (NAME.meta.json) shows that it is up to date: every input
// still exists with the recorded size and none was modified after the bundle. In every other case the source is run.

// program is what node is told to run.
type program struct {
	entry      string // path of the entry point; relative ones are relative to the program's directory
	typescript bool   // whether ts-node has to be loaded
	note       string // why the precompiled bundle was not used, for the log; empty when there is nothing to say
}

// chooseProgram picks the bundle or the source.
func chooseProgram(info *rpc.ProgramInfo, opts options) program {
	source := program{entry: info.GetEntryPoint(), typescript: opts.typescript}
	if opts.precompiled == "" {
		return source
	}
	bundle := opts.precompiled
	if !filepath.IsAbs(bundle) {
		bundle = filepath.Join(info.GetRootDirectory(), bundle)
	}
	if err := upToDate(bundle, info.GetRootDirectory()); err != nil {
		source.note = fmt.Sprintf("running the TypeScript source, which is slower: %v", err)
		return source
	}
	return program{entry: bundle}
}

// upToDate returns nil when the bundle was made from the sources as they are now.
func upToDate(bundle, root string) error {
	made, err := os.Stat(bundle)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has not been built", bundle)
	}
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(bundle + ".meta.json")
	if err != nil {
		return fmt.Errorf("cannot tell whether %s is up to date: %w", bundle, err)
	}
	var meta struct {
		Inputs map[string]struct {
			Bytes int64 `json:"bytes"`
		} `json:"inputs"`
	}
	if err := json.Unmarshal(raw, &meta); err != nil {
		return fmt.Errorf("%s.meta.json: %w", bundle, err)
	}
	if len(meta.Inputs) == 0 {
		return fmt.Errorf("%s.meta.json lists no inputs", bundle)
	}
	for name, recorded := range meta.Inputs {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, name)
		}
		now, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("a source of %s is gone: %w", bundle, err)
		}
		if now.Size() != recorded.Bytes || now.ModTime().After(made.ModTime()) {
			return fmt.Errorf("%s was built before %s was changed", bundle, path)
		}
	}
	return nil
}
