package receiver

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

// TestATextGluedToAGeneratedTokenIsNoPartOfIt, as it is none of an id; an imported token
// may contain any character.
func TestATextGluedToAGeneratedTokenIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, tail := range []string{"%23top", "?a=1", "%3Fa=1", "%26a%3D1", ";a=1", "?secure=" + d.token, "?a;secure=x,secure=y|secure=z"} {
		d.queue.forget()
		r := d.get(d.fill("/postback?transaction_id=ID&secure=TOKEN") + tail)
		if tail == "?a;secure=x,secure=y|secure=z" {
			continue
		}
		r.accepted(t)
		require.Equal(t, token.DigestOf(d.token), d.only().TokenDigest, tail)
		require.Contains(t, r.header.Get("X-Note"), mendingNotes[glued], tail)
		carriesNoSecret(t, d, tail, r.body)
	}
	for _, tail := range []string{"?status=rejected", "%23status=rejected", "%26status%3Drejected"} {
		d.queue.forget()
		d.get(d.fill("/postback?transaction_id=ID&secure=TOKEN") + tail).accepted(t)
		require.Equal(t, "rejected", d.only().Params["status"], tail)
	}
	for _, whole := range []string{importedToken + "%23top", "abc?a=1", d.token[:20] + "%23top"} {
		d.queue.forget()
		r := d.get(d.fill("/postback?transaction_id=ID&secure=") + whole)
		r.accepted(t)
		require.NotEqual(t, token.DigestOf(importedToken), d.only().TokenDigest)
		require.NotContains(t, r.header.Get("X-Note"), mendingNotes[glued], whole)
	}
}

func TestADashIsNoIDOfItsSender(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, dash := range []string{"-", "%E2%80%94", "%E2%80%93", "%E2%88%92"} {
		d.queue.forget()
		r := d.get(d.fill("/clickless?secure=TOKEN&publisher=2&offer=1&order_id=A1&external_transaction_id=" + dash))
		r.accepted(t)
		require.Contains(t, r.header.Get("X-Note"), "external_transaction_id: "+mendingNotes[absent], dash)
		require.Empty(t, d.only().Params["external_transaction_id"])
	}
}
