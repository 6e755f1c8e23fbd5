// Package zxcvbn stands in for two copies of a password strength estimator (nbutton23/zxcvbn-go, ccojocar/zxcvbn-go) that
// the Pulumi CLI links. They parse word lists whenever the CLI starts: 0.1 s and 20 MiB of every preview, for one warning.
//
// That warning is about `pulumi config set` with a key that is named like a secret and a value that looks like one, in
// plain text. The estimate here is the most that the value's characters allow, so it is never below the original's: with
// such a key the CLI warns at least as often.
package zxcvbn

import (
	"math"
	"unicode"
)

// Strength is the part of the original's result that the CLI reads.
type Strength struct {
	// Entropy in bits.
	Entropy float64
}

// PasswordStrength returns an upper bound of the entropy of a text: its length in bytes, each as likely as any other of the
// classes of characters that it uses. userInputs are ignored, they could only lower it.
func PasswordStrength(text string, userInputs []string) Strength {
	var lower, upper, digit, symbol, other bool
	for _, r := range text {
		switch {
		case r > unicode.MaxASCII:
			other = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		default:
			symbol = true
		}
	}
	alphabet := 0
	for _, class := range []struct {
		used bool
		size int
	}{{lower, 26}, {upper, 26}, {digit, 10}, {symbol, 33}, {other, 100}} {
		if class.used {
			alphabet += class.size
		}
	}
	if alphabet == 0 {
		return Strength{}
	}
	return Strength{Entropy: float64(len(text)) * math.Log2(float64(alphabet))}
}
