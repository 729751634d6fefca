package store_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// TestAReceiptOfAConversionOutlivesItsHit, which retention drops.
func TestAReceiptOfAConversionOutlivesItsHit(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	sale := converts(b.rejected(noon, outcome.OfferPaused))
	b.write(sale)
	whole, found, err := b.Receipt(t.Context(), sale.Hit.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, outcome.Converted, whole.Outcome)

	b.exec("DELETE FROM hits")
	left, found, err := b.Receipt(t.Context(), sale.Hit.ID)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, outcome.Converted, left.Outcome)
	require.Equal(t, whole.ConversionID, left.ConversionID)
	require.Empty(t, left.TokenDigest)
	_, found, err = b.Receipt(t.Context(), uuid.New())
	require.NoError(t, err)
	require.False(t, found)
}
