package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packageProject is a project that imports an SDK which it does not have yet. Its npm packages are not installed.
func packageProject(t *testing.T) *project {
	t.Helper()
	p := openAt(t, tree(t, map[string]string{
		"Pulumi.yaml":   "name: adds\nruntime: nodejs\nmain: index.ts\n",
		"package.json":  `{"name": "adds", "version": "1.0.0", "dependencies": {"@pulumi/pulumi": "*", "@types/node": "*", "typescript": "*"}}`,
		"index.ts":      "import * as libvirt from '@pulumi/libvirt';\nexport const token: string = (libvirt.Domain as any).__pulumiType;\n",
		"tsconfig.json": `{"compilerOptions": {"module": "commonjs", "target": "es2022", "strict": true}}`,
	}))
	// The bridge and the provider are the toolchain's.
	home, ours := p.home(), filepath.Join(root(), ".toolchain", "pulumi-home")
	for _, part := range []string{"plugins", "dynamic_tf_plugins"} {
		os.Remove(filepath.Join(home, part)) // an empty folder, where the engine has made it
		if err := os.Symlink(filepath.Join(ours, part), filepath.Join(home, part)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// linkPackages gives a project what the generated SDK and Pulumi need, linked from this project's own packages: npm then
// has nothing to fetch.
func linkPackages(t *testing.T, dir string) {
	t.Helper()
	modules := filepath.Join(dir, "node_modules")
	for _, name := range packagesOf(t, "@pulumi/pulumi") {
		linkTree(t, filepath.Join(root(), "node_modules", name), filepath.Join(modules, name))
	}
	// The generated SDK asks for others of these than the project does.
	for _, name := range []string{"typescript", "@types/node"} {
		if err := os.RemoveAll(filepath.Join(modules, name)); err != nil {
			t.Fatal(err)
		}
		linkTree(t, filepath.Join(root(), "sdks/libvirt/node_modules", name), filepath.Join(modules, name))
	}
	// npm fetches a package anew whose commands are not in .bin.
	linkTree(t, filepath.Join(root(), "node_modules/.bin"), filepath.Join(modules, ".bin"))
	for _, command := range dangling(t, filepath.Join(modules, ".bin")) {
		if err := os.Remove(command); err != nil {
			t.Fatal(err)
		}
	}
}

// home is the project's PULUMI_HOME.
func (p *project) home() string {
	p.t.Helper()
	for _, kv := range p.env {
		if home, is := strings.CutPrefix(kv, "PULUMI_HOME="); is {
			return home
		}
	}
	p.t.Fatal("the project has no PULUMI_HOME")
	return ""
}

// packagesOf lists the folders of node_modules that a package and all that it depends on are in.
func packagesOf(t *testing.T, name string) []string {
	t.Helper()
	var lock struct {
		Packages map[string]struct {
			Dependencies, OptionalDependencies, PeerDependencies map[string]string
		}
	}
	if err := json.Unmarshal([]byte(read(t, root(), "package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	const modules = "node_modules/"
	folders, seen, queue := map[string]bool{}, map[string]bool{}, []string{modules + name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		folder, _, _ := strings.Cut(strings.TrimPrefix(at, modules), "/"+modules)
		folders[folder] = true
		p := lock.Packages[at]
		for _, wanted := range []map[string]string{p.Dependencies, p.OptionalDependencies, p.PeerDependencies} {
			for dependency := range wanted {
				// As node looks for it: here, then in each folder above. Optional ones may be nowhere.
				for from := at; ; from = from[:max(0, strings.LastIndex(from, modules)-1)] {
					candidate := strings.TrimPrefix(from+"/"+modules+dependency, "/")
					if _, is := lock.Packages[candidate]; is {
						queue = append(queue, candidate)
						break
					}
					if from == "" {
						break
					}
				}
			}
		}
	}
	names := make([]string, 0, len(folders))
	for folder := range folders {
		names = append(names, folder)
	}
	return names
}

// linkTree makes a copy of a folder whose files are hard links where the file system can do that.
func linkTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type()&os.ModeSymlink != 0:
			leads, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(leads, target)
		case os.Link(path, target) == nil:
			return nil
		}
		// Another file system. Commands stay commands.
		info, err := entry.Info()
		if err == nil {
			err = copyFile(path, target)
		}
		if err == nil {
			err = os.Chmod(target, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dangling lists the entries of a folder that lead nowhere.
func dangling(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if _, err := os.Stat(path); err != nil {
			found = append(found, path)
		}
	}
	return found
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
