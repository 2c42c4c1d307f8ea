//go:build core

// core.go - names the program that `tools/setup terraform` builds, so that go.sum holds the sums of all it is made of.
package core

import _ "github.com/hashicorp/terraform"
