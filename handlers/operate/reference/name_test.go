package reference_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
)

func TestNamesAreTrimmedAndRefusedWhenTheyCannotBeShown(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	account, _, err := s.accounts.Create(t.Context(), "  Acme Ångström ", "")
	require.NoError(t, err)
	require.Equal(t, "Acme Ångström", account.Name)
	publisher, _, err := s.publishers.Edit(t.Context(), 0, 1, reference.PublisherChange{Name: new(" Blog ")})
	require.NoError(t, err)
	require.Equal(t, "Blog", publisher.Name)
	for _, name := range []string{"", "   ", "a\x00b", "a\x1b[31m", "two\nlines", "\xff", strings.Repeat("x", 201)} {
		for what, try := range map[string]func() error{
			"account": func() error { _, _, err := s.accounts.Create(t.Context(), name, ""); return err },
			"account renamed": func() error {
				_, _, err := s.accounts.Edit(t.Context(), 1, reference.AccountChange{Name: &name})
				return err
			},
			"advertiser":         func() error { _, _, err := s.advertisers.Create(t.Context(), 1, name); return err },
			"advertiser renamed": func() error { _, _, err := s.advertisers.Rename(t.Context(), 1, 1, name); return err },
			"publisher":          func() error { _, _, err := s.publishers.Create(t.Context(), 1, name); return err },
			"publisher renamed": func() error {
				_, _, err := s.publishers.Edit(t.Context(), 1, 1, reference.PublisherChange{Name: &name})
				return err
			},
			"offer": func() error {
				_, _, err := s.offers.Create(t.Context(), sale(func(o *attribution.Offer) { o.Name = name }))
				return err
			},
			"offer renamed": func() error {
				_, _, err := s.offers.Edit(t.Context(), 1, 1, reference.OfferEdit{OfferChange: reference.OfferChange{Name: &name}})
				return err
			},
		} {
			require.ErrorIs(t, try(), reference.ErrInvalid, "%s %q", what, name)
		}
	}
}
