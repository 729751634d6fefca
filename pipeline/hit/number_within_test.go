package hit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANumberIsFoundWithinWhatWasGluedToIt(t *testing.T) {
	for text, tail := range map[string]string{
		"2.": "", "2,": "", "2!": "", "2;": "", "2*": "", "2...": "", "2-": "", "2_": "", "2|": "", "2=": "", "2\u201d": "", "2\u2026": "",
		"2\u3002": "", "2\xff": "", "2\x00": "", "2 .": "", "*2*": "", "_2_": "", "\u201c2\u201d": "", "\u00ab2\u00bb": "", "=2": "", ":2": "", "#2": "",
		"3D2": "", "=3d2": "", "3D2.": "", `"2"`: `"`, "(2)": ")", "2?a=b": "?a=b", "2#x": "#x", "2%": "%", "2\"x": "\"x", "2>on Monday": ">on Monday",
		"2;publisher=3": ";publisher=3", "2,sub_id=a": ",sub_id=a", "2 sub_id=a": " sub_id=a", "2|a=b": "|a=b", "2; a=": "; a=",
	} {
		number, gotTail, ok := NumberWithin(text)
		require.True(t, ok, text)
		require.Equal(t, "2", number, text)
		require.Equal(t, tail, gotTail, text)
	}
}

func TestWhatMayBeAnotherNumberOrSeveralIsNone(t *testing.T) {
	for _, text := range []string{
		"", "2", "12", "2.5", "2,3", "2;3", "2 3", "2|3", "-2", ".2", ",2", "2e3", "0x1", "2a", "a2", "2px", "2.html", "2x3", "2\u00b2", "\uff12", "2,000.00",
		"1/2", "2-3", "2\u0663", "{publisher}", "3D", "3Dx", "!2", "2;3=4", "2;=3", "2. 3", "2!a", "\u0662",
	} {
		_, _, ok := NumberWithin(text)
		require.False(t, ok, text)
	}
}
