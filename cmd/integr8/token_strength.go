package main

import (
	"math"
	"strings"
)

// minGuessingBits is what an imported token must be worth. The doors take
// thousands of requests a second from anybody who asks: 80 bits are out of reach
// of that, and of whoever has the digests.
const minGuessingBits = 80

// guessingBits estimates how many bits of guessing a token is worth to somebody
// who knows how people make them up. Nobody can see from a text how it was made,
// so this is the smaller of what it would be worth under two assumptions.
// Characters are drawn at random from those classes of which it holds some
// (digits or hexadecimal digits alone, each case of letters, marks), of which
// those that repeat or count on from the one before are worth one bit, and what
// was there before nothing; a stretch of letters with as many vowels as words
// have is worth two bits a letter, which is what English is. And no text is worth
// more than its different characters, drawn as often as it is long.
//
// It may be too low for a random token of one case of letters, some of which read
// like words. It is too high for a token that is made from something known, such as a date
// that was hashed; no estimate sees that.
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

// alphabet is how many characters a token draws from.
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

// wordAt returns how many letters at i are a word by their vowels, or 0: all of
// one case, but for the first.
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

// repeatAt returns how many bytes at i stood before in the token, if they are
// four or more, or 0.
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
