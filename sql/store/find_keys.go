package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store/pg"
)

// A hit has a key for each value by which FindHits finds it: the first 8 bytes of the
// value's SHA-256, in columns of their own. They take less room than the values, and show
// nothing of them. Two of a day's millions of values share a key once in a million
// searches.

// findKey returns the key of a value; 0, which is stored as NULL, for none.
func findKey(value string) int64 {
	if value == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(value))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// digestKey returns the key of a token, whose digest is a SHA-256 itself.
func digestKey(digest token.Digest) int64 { return int64(binary.BigEndian.Uint64(digest[:])) }

func addressKey(address netip.Addr) int64 {
	if !address.IsValid() {
		return 0
	}
	return findKey(address.Unmap().WithZone("").String())
}

// conversionAddress is the visitor's address that a hit names. Most hits name none, and
// the error of that need not be made.
func conversionAddress(h *hit.Hit) netip.Addr {
	text := h.Params[hit.ParamConversionIP]
	if text == "" {
		return netip.Addr{}
	}
	address, err := hit.ConversionIP(text)
	if err != nil {
		return netip.Addr{}
	}
	return address
}

var findColumns = recordColumns{
	"find_ips":            findColumn(func(h *hit.Hit) int64 { return findKey(clientAddress(h.ClientIP)) }),
	"find_conversion_ips": findColumn(func(h *hit.Hit) int64 { return addressKey(conversionAddress(h)) }),
	"find_orders":         findParam(hit.ParamOrderID),
	"find_externals":      findParam(hit.ParamExternalTransactionID),
	"find_subs":           findParam(hit.ParamSubID),
	"find_devices":        findParam(hit.ParamDeviceID),
	"find_tokens":         findColumn(func(h *hit.Hit) int64 { return digestKey(h.TokenDigest) }),
	"find_emails":         findParam(hit.ParamUserEmail), // which travels as a hash
}

func findColumn(of func(*hit.Hit) int64) pg.Column[*attribution.Record] {
	return pg.BigintsOrNull(func(r *attribution.Record) int64 { return of(r.Hit) })
}

func findParam(name string) pg.Column[*attribution.Record] {
	return findColumn(func(h *hit.Hit) int64 { return findKey(h.Params[name]) })
}

// withFindColumns returns columns together with the keys.
func withFindColumns(columns recordColumns) recordColumns {
	all := maps.Clone(columns)
	maps.Copy(all, findColumns)
	return all
}

// findKeysOf returns the keys of a filter as arguments of hits/find.
func findKeysOf(f search.Filter) args {
	orNull := func(key int64) *int64 {
		if key == 0 {
			return nil
		}
		return &key
	}
	return args{
		"ip":          orNull(addressKey(f.IP)),
		"order_id":    orNull(findKey(f.OrderID)),
		"external_id": orNull(findKey(f.ExternalID)),
		"sub_id":      orNull(findKey(f.SubID)),
		"device_id":   orNull(findKey(f.DeviceID)),
		"token":       orNull(digestKey(f.Token)),
		"email_hash":  orNull(findKey(f.EmailHash)),
	}
}

// indexFindKeys makes the missing indexes of the keys: of the days ahead, and with begun
// also of yesterday and today. Earlier hits were stored before there were keys.
func (s *Store) indexFindKeys(ctx context.Context, begun bool) error {
	var missing []string
	if err := selectRows(ctx, s.schema, &missing, "hits/unindexed_days", args{"begun": begun}); err != nil {
		return fmt.Errorf("look for days without an index: %w", err)
	}
	for _, statement := range missing {
		if _, err := s.schema.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("index the keys of a day of hits: %w", err)
		}
	}
	return nil
}
