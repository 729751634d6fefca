package trace

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

func TestASecondOrderOfAClickSaysHowToCountIt(t *testing.T) {
	t.Parallel()
	first, second, text := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), "0195957f0ab7a1b2c3d4e5f600000001"
	type params map[string]string
	for name, orders := range map[string]struct {
		first, second params
		says          string
	}{
		"another order":          {params{"order_id": "A-1"}, params{"order_id": "A-2"}, `with order_id "A-1". This one has order_id "A-2".`},
		"the first without":      {nil, params{"order_id": "A-2"}, `with no order_id. This one has order_id "A-2".`},
		"another foreign id":     {params{"external_transaction_id": "x1"}, params{"external_transaction_id": "x2"}, `external_transaction_id "x2"`},
		"the same order":         {params{"order_id": "A-1"}, params{"order_id": "A-1"}, ""},
		"no order":               {nil, nil, ""},
		"the second without one": {params{"order_id": "A-1"}, nil, ""},
	} {
		h := &hit.Hit{ID: second, Kind: hit.Postback, ReceivedAt: time.Now(), Params: orders.second}
		request, err := h.Encode()
		require.NoError(t, err)
		sent, err := json.Marshal(orders.first)
		require.NoError(t, err)
		record := Record{ID: second, Outcome: outcome.Duplicate, TransactionID: &text, DuplicateOf: &first, Request: request}
		hint := orderHint(record, []Conversion{{ID: first, OfferID: 7, Parameters: sent}})
		if orders.says == "" {
			require.Empty(t, hint, name)
			continue
		}
		require.Contains(t, hint, orders.says, name)
		require.Contains(t, hint, "integr8 offer edit 7 --many-per-click", name)
	}
}
