package ascii

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEachByteIsInItsClasses(t *testing.T) {
	const digits, hexLetters = "0123456789", "abcdefABCDEF"
	for value := range 256 {
		b, text := byte(value), string([]byte{byte(value)})
		isDigit := strings.Contains(digits, text)
		isHex := isDigit || strings.Contains(hexLetters, text)
		require.Equal(t, isDigit, IsDigit(b), "%q", text)
		require.Equal(t, isDigit, IsDigits("0"+text), "%q", text)
		require.Equal(t, isHex, IsHexDigit(b), "%q", text)
		require.Equal(t, isHex, IsHex("f"+text), "%q", text)
		isLetter := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
		require.Equal(t, isLetter, IsLetter(b), "%q", text)
		require.Equal(t, isLetter || isDigit || b == '_', IsWord("a"+text), "%q", text)
	}
	require.False(t, IsDigits(""))
	require.False(t, IsHex(""))
}
