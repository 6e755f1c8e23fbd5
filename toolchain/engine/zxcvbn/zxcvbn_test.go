package zxcvbn

import (
	"math"
	"testing"
)

func TestPasswordStrength(t *testing.T) {
	for text, want := range map[string]float64{
		"":         0,
		"abc":      3 * math.Log2(26),
		"aB3":      3 * math.Log2(62),
		"a b":      3 * math.Log2(59),
		"é":        2 * math.Log2(100), // two bytes
		"hunter2!": 8 * math.Log2(69),
	} {
		if got := PasswordStrength(text, []string{text}).Entropy; got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
