package main

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func info(t *testing.T, options map[string]any) *rpc.ProgramInfo {
	t.Helper()
	s, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &rpc.ProgramInfo{Options: s}
}

func TestReadOptions(t *testing.T) {
	defaults := options{typescript: true, packageManager: npm.AutoPackageManager, nodeArgs: []string{}}
	for _, c := range []struct {
		raw  map[string]any
		want func(*options)
	}{
		{nil, func(*options) {}},
		{map[string]any{"some-other-host": "knows this"}, func(*options) {}},
		{map[string]any{"typescript": false}, func(o *options) { o.typescript = false }},
		{map[string]any{"tsconfig": "ts.json"}, func(o *options) { o.tsconfig = "ts.json" }},
		{map[string]any{"packagemanager": "pnpm"}, func(o *options) { o.packageManager = npm.PnpmPackageManager }},
		{map[string]any{"precompiled": ".build/p.js"}, func(o *options) { o.precompiled = ".build/p.js" }},
		{map[string]any{"nodeargs": `--max-old-space-size=512 --title "a b"`},
			func(o *options) { o.nodeArgs = []string{"--max-old-space-size=512", "--title", "a b"} }},
	} {
		want := defaults
		c.want(&want)
		if got, err := readOptions(info(t, c.raw)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: got %+v, %v; want %+v", c.raw, got, err, want)
		}
	}
}

func TestReadOptionsRefuses(t *testing.T) {
	for name, value := range map[string]any{
		"typescript": "yes", "tsconfig": true, "nodeargs": 3, "packagemanager": "cargo", "precompiled": []any{"a"},
	} {
		_, err := readOptions(info(t, map[string]any{name: value}))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %v: the error does not name the option: %v", name, value, err)
		}
	}
	if _, err := readOptions(info(t, map[string]any{"nodeargs": `--title "open`})); err == nil {
		t.Error("an unclosed quotation mark in nodeargs was accepted")
	}
}
