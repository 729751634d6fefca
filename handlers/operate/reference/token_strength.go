package reference

import (
	"math"
	"strings"
)

// minGuessingBits is the strength that an imported token must have. The doors answer
// thousands of requests a second from anybody: 80 bits cannot be guessed at that rate,
// nor by somebody who has the digests.
const minGuessingBits = 80

// guessingBits estimates the strength of a token, in bits, against somebody who knows
// how people make up tokens. A text does not show how it was made, so the estimate is
// the smaller result of two assumptions.
//
// The first assumes that characters are drawn at random from the classes that the token
// uses (only digits or hexadecimal digits, each case of letters, marks). A character
// that equals its predecessor or is next to it counts one bit, and a part that occurred
// before counts nothing. A run of letters with as many vowels as words have counts two
// bits a letter, which is the strength of English. The second assumes that the token's
// different characters are drawn as often as the token is long.
//
// The estimate may be too low for a random token in one case of letters, a part of
// which looks like a word. It is too high for a token that is made from something
// known, such as a hashed date; no estimate can see that.
func guessingBits(token string) float64 {
	each := math.Log2(alphabet(token))
	bits, distinct := 0.0, map[byte]bool{}
	for i := 0; i < len(token); {
		distinct[token[i]] = true
		if word := wordAt(token, i); word > 0 {
			for j := range word {
				distinct[token[i+j]] = true
			}
			bits += 2 * float64(word)
			i += word
			continue
		}
		if again := repeatAt(token, i); again > 0 {
			i += again
			continue
		}
		switch {
		case i > 0 && within(token[i], token[i-1], 1):
			bits++
		default:
			bits += each
		}
		i++
	}
	return min(bits, float64(len(token))*math.Log2(float64(max(2, len(distinct)))))
}

// alphabet returns how many characters a token draws from.
func alphabet(token string) float64 {
	const hexDigits, marks = "0123456789abcdef", 33
	if token == strings.ToLower(token) || token == strings.ToUpper(token) {
		if strings.Trim(strings.ToLower(token), "0123456789") == "" {
			return 10
		}
		if strings.Trim(strings.ToLower(token), hexDigits+"-") == "" {
			return 16
		}
	}
	size := 0.0
	for _, class := range []struct {
		size float64
		has  func(rune) bool
	}{{10, isDecimal}, {26, isLower}, {26, isUpper}, {3, isJoiner}, {marks - 3, isMark}} {
		if strings.ContainsFunc(token, class.has) {
			size += class.size
		}
	}
	return max(2, size)
}

func isDecimal(r rune) bool { return '0' <= r && r <= '9' }
func isJoiner(r rune) bool  { return r == '-' || r == '_' || r == '.' }
func isMark(r rune) bool    { return !isDecimal(r) && !isLower(r) && !isUpper(r) && !isJoiner(r) }
func isLower(r rune) bool   { return 'a' <= r && r <= 'z' }
func isUpper(r rune) bool   { return 'A' <= r && r <= 'Z' }

func within(a, b byte, steps int) bool {
	d := int(a) - int(b)
	return -steps <= d && d <= steps
}

// wordAt returns the number of letters at i that look like a word by their vowels, or
// 0. They have the same case, except for the first.
func wordAt(token string, i int) int {
	const shortest = 4
	letter := isLower
	if i+1 < len(token) && isUpper(rune(token[i])) && isUpper(rune(token[i+1])) {
		letter = isUpper
	}
	end, vowels := i, 0
	for end < len(token) && (letter(rune(token[end])) || end == i && isUpper(rune(token[end]))) {
		if strings.IndexByte("aeiouyAEIOUY", token[end]) >= 0 {
			vowels++
		}
		end++
	}
	if length := end - i; length >= shortest && 10*vowels >= 3*length {
		return length
	}
	return 0
}

// repeatAt returns how many bytes at i occurred before in the token; 0 for fewer than
// four.
func repeatAt(token string, i int) int {
	longest := 0
	for n := 4; i+n <= len(token); n++ {
		if !strings.Contains(token[:i], token[i:i+n]) {
			break
		}
		longest = n
	}
	return longest
}
