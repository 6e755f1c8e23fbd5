// Package zxcvbn is the same stand-in under the other name that the Pulumi CLI imports; a folder can replace one only.
package zxcvbn

import estimate "github.com/nbutton23/zxcvbn-go"

// PasswordStrength returns an upper bound of the entropy of a text.
func PasswordStrength(text string, userInputs []string) estimate.Strength {
	return estimate.PasswordStrength(text, userInputs)
}
