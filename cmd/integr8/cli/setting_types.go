package cli

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/docker/go-units"
	"github.com/prometheus/common/model"
)

// byteSize is a number of bytes, written plainly or with a unit: 64KiB, 2GiB.
type byteSize int64

// UnmarshalText reads a size; units count in steps of 1024.
func (b *byteSize) UnmarshalText(text []byte) error {
	size, err := units.RAMInBytes(string(text))
	if err != nil || size < 0 {
		return fmt.Errorf("%q is not a size such as 65536, 64KiB or 2GiB", text)
	}
	*b = byteSize(size)
	return nil
}

// trustedProxy is a network; a single address is a network of one.
type trustedProxy struct{ netip.Prefix }

// UnmarshalText reads 10.0.0.0/8, 10.0.0.1 or ::1.
func (p *trustedProxy) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	if address, err := netip.ParseAddr(written); err == nil {
		p.Prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(written)
	if err != nil {
		return fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", written)
	}
	p.Prefix = prefix.Masked()
	return nil
}

// parseDuration reads Go's durations and those with days: 90s, 36h, 30d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	if days, err := model.ParseDuration(text); err == nil {
		return time.Duration(days), nil
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 36h or 30d", text)
	}
	return duration, nil
}

func decodeDuration(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	duration, err := parseDuration(text)
	if err != nil {
		return err
	}
	target.SetInt(int64(duration))
	return nil
}
