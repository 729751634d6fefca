package attribution

import (
	"encoding/binary"
	"math/big"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"
)

// unpacker reads values one after the other from bytes that the append functions wrote.
// Texts that it returns are parts of these bytes. After bytes that are no such value it is
// bad, and returns zeros.
type unpacker struct {
	rest string
	bad  bool
}

func (u *unpacker) fail() {
	u.rest, u.bad = "", true
}

func (u *unpacker) uint() (value uint64) {
	for i := 0; i < len(u.rest) && i < binary.MaxVarintLen64; i++ {
		b := u.rest[i]
		if b < 0x80 {
			u.rest = u.rest[i+1:]
			return value | uint64(b)<<(7*i)
		}
		value |= uint64(b&0x7f) << (7 * i)
	}
	u.fail()
	return 0
}

func (u *unpacker) int() int64 {
	value := u.uint()
	return int64(value>>1) ^ -int64(value&1)
}

func (u *unpacker) id() int64 { return int64(u.uint()) }

func (u *unpacker) byte() byte {
	if u.rest == "" {
		u.fail()
		return 0
	}
	b := u.rest[0]
	u.rest = u.rest[1:]
	return b
}

func (u *unpacker) text() string {
	length := u.uint()
	if length > uint64(len(u.rest)) {
		u.fail()
		return ""
	}
	text := u.rest[:length]
	u.rest = u.rest[length:]
	return text
}

func (u *unpacker) texts() (texts []string) {
	for n := u.uint(); n > 0 && !u.bad; n-- {
		texts = append(texts, u.text())
	}
	return texts
}

// time reads a time of appendTime, in UTC.
func (u *unpacker) time() time.Time {
	if micros := u.int(); !u.bad {
		return time.UnixMicro(micros).UTC()
	}
	return time.Time{}
}

func appendID(to []byte, id int64) []byte { return binary.AppendUvarint(to, uint64(id)) }

func appendText[T string | []byte](to []byte, text T) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func appendTexts(to []byte, texts []string) []byte {
	to = binary.AppendUvarint(to, uint64(len(texts)))
	for _, text := range texts {
		to = appendText(to, text)
	}
	return to
}

// appendTime writes a time in microseconds, which is what Postgres keeps.
func appendTime(to []byte, at time.Time) []byte { return binary.AppendVarint(to, at.UnixMicro()) }

// longAmount is the exponent that is written before a coefficient of more than 64 bits,
// which follows as text. No amount in the database is that long.
const longAmount = 1 << 20

func appendAmount(to []byte, amount decimal.Decimal) []byte {
	if coefficient := amount.Coefficient(); !coefficient.IsInt64() {
		return appendText(binary.AppendVarint(to, longAmount), amount.String())
	}
	return binary.AppendVarint(binary.AppendVarint(to, int64(amount.Exponent())), amount.CoefficientInt64())
}

func (u *unpacker) amount() decimal.Decimal {
	exponent := u.int()
	if exponent == longAmount {
		amount, err := decimal.NewFromString(u.text())
		if err != nil {
			u.fail()
		}
		return amount
	}
	coefficient := u.int()
	if u.bad || exponent != int64(int32(exponent)) {
		u.fail()
		return decimal.Decimal{}
	}
	return amountOf(coefficient, int32(exponent))
}

// recentAmounts holds amounts that were read lately, so that a look-up of an offer allocates
// none: a decimal.Decimal is a pointer.
var recentAmounts [1 << 12]atomic.Pointer[readAmount]

type readAmount struct {
	coefficient int64
	exponent    int32
	amount      decimal.Decimal
}

func amountOf(coefficient int64, exponent int32) decimal.Decimal {
	const odd = 0x9e3779b97f4a7c15
	place := &recentAmounts[(uint64(coefficient)+uint64(exponent))*odd>>(64-12)]
	if known := place.Load(); known != nil && known.coefficient == coefficient && known.exponent == exponent {
		return known.amount
	}
	read := &readAmount{coefficient, exponent, decimal.NewFromBigInt(big.NewInt(coefficient), exponent)}
	place.Store(read)
	return read.amount
}
