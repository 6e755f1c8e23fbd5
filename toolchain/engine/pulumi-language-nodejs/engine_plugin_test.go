package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestEnginePolicyPack(t *testing.T) {
	t.Parallel()
	p := open(t, "program")
	p.set("secret", "12345", "--secret")
	pack := filepath.Join(root(), "toolchain", "testdata", "policy")
	contains(t, p.pulumi("preview", "--policy-pack", pack), "4 to create", "testing@v0.0.1")

	p.set("forbidden", "hello")
	out := p.fails("up", "--yes", "--policy-pack", pack)
	contains(t, out, "no-forbidden-text", "first of program/TestEnginePolicyPack says hello")
	lacks(t, p.pulumi("stack", "export"), "testing:index:Echo")
}

// A pack that cannot start must stop the update: a gate that is not there is not open.
func TestEngineBrokenPolicyPack(t *testing.T) {
	t.Parallel()
	p := open(t, "program")
	p.set("secret", "12345", "--secret")
	for name, source := range map[string]string{"throws": "throw new Error('broken on purpose');", "exits": "process.exit(3);"} {
		pack := inToolchain(t, map[string]string{
			"PulumiPolicy.yaml": "runtime:\n  name: nodejs\n  options:\n    typescript: false\n",
			"package.json":      `{"name": "broken-` + name + `", "version": "0.0.1", "main": "index.js"}`,
			"index.js":          source,
		})
		out := p.fails("preview", "--policy-pack", pack)
		if name == "throws" {
			contains(t, out, "broken on purpose")
		}
	}
}

func TestEngineBrokenPlugin(t *testing.T) {
	t.Parallel()
	plugin := inToolchain(t, map[string]string{
		"PulumiPlugin.yaml": "runtime: nodejs\n",
		"package.json":      `{"name": "testing", "version": "0.1.0", "main": "index.js"}`,
		"index.js":          "throw new Error('broken on purpose');",
	})
	dir := inToolchain(t, map[string]string{
		"Pulumi.yaml": "name: uses-broken\nruntime: nodejs\nmain: index.ts\nplugins:\n  providers:\n    - name: testing\n      path: " + plugin + "\n",
		"index.ts": "import * as pulumi from '@pulumi/pulumi';\n" +
			"new (class extends pulumi.CustomResource {})('testing:index:Echo', 'e', { text: 'x' });\n",
		"package.json": `{"name": "uses-broken"}`,
	})
	contains(t, openAt(t, dir).fails("preview"), "broken on purpose")
}

// inToolchain writes files to a temporary folder from where the project's node_modules are found.
func inToolchain(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Join(root(), ".toolchain"), "test.")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEngineInstall(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"Pulumi.yaml":       "name: installs\nruntime: nodejs\n",
		"package.json":      `{"name": "installs", "version": "1.0.0", "dependencies": {"part": "file:./part"}}`,
		"index.ts":          "",
		"part/package.json": `{"name": "part", "version": "2.3.4"}`,
	})
	p := engineIn(t, dir)
	contains(t, p.pulumi("install"), "Installing the npm packages of "+dir)
	if _, err := os.Stat(filepath.Join(dir, "node_modules/part/package.json")); err != nil {
		t.Error(err)
	}

	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"dependencies": {"part": "file:./gone.tgz"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	contains(t, p.fails("install"), "npm could not install the packages of "+dir)
}

const schemaOfThings = `{
	"name": "things", "version": "1.2.3",
	"resources": {"things:index:Thing": {
		"inputProperties": {"size": {"type": "integer"}}, "requiredInputs": ["size"],
		"properties": {"size": {"type": "integer"}, "weight": {"type": "number"}}, "required": ["size", "weight"]}},
	"language": {"nodejs": {"packageName": "@example/things"}}
}`

func TestEngineGenSDK(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"schema.json": schemaOfThings})
	p := engineIn(t, dir)
	p.pulumi("package", "gen-sdk", "schema.json", "--language", "nodejs", "--out", "sdk")
	source, err := os.ReadFile(filepath.Join(dir, "sdk/nodejs/thing.ts"))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(source), "class Thing extends pulumi.CustomResource", "size: pulumi.Input<number>")
	var m manifest
	raw, err := os.ReadFile(filepath.Join(dir, "sdk/nodejs/package.json"))
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil || m.Name != "@example/things" || !m.Pulumi.Resource {
		t.Errorf("package.json: %+v, %v", m, err)
	}

	bad := tree(t, map[string]string{"schema.json": `{"name": "bad", "resources": {"bad:index:Thing": {"properties": {"a": {"$ref": "#/types/none"}}}}}`})
	contains(t, engineIn(t, bad).fails("package", "gen-sdk", "schema.json", "--language", "nodejs", "--out", "sdk"), "error")
}
