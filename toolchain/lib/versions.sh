# shellcheck shell=bash disable=SC2034
# The one list of versions. go.mod files pin the same ones; `check_pins` compares.

PULUMI_VERSION=3.259.0          # engine and @pulumi/pulumi
BRIDGE_MODULE_VERSION=3.136.0   # Go module of the Terraform bridge …
BRIDGE_VERSION=1.2.0            # … and the plugin terraform-provider that it is released as
LIBVIRT_VERSION=0.8.3           # terraform-provider-libvirt: newest that a Go client can fetch
COMMAND_VERSION=1.2.1           # plugin of @pulumi/command
TOFU_VERSION=1.12.6             # OpenTofu, for the benchmark only
GO_MINIMUM=1.26
NODE_MINIMUM=20                 # for npm; programs run on the Node.js that package.json pins
PULUMI_MINIMUM_MINOR=259        # of an installed Pulumi 3

# The bridge looks for Terraform providers under this host name, which is part of the path that it demands.
PROVIDER_HOST=registry.opentofu.org
