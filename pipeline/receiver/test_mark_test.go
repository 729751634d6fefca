package receiver

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

func TestAMarkMarksItsHitAtEveryDoor(t *testing.T) {
	t.Parallel()
	d := open(t)
	mark := d.keys.MarkTest(7, 1, now.Add(time.Minute))
	for name, send := range map[string]func() reply{
		"click":    func() reply { return d.get("/click?offer=1&publisher=2&integr8_test=" + mark) },
		"postback": func() reply { return d.get(d.fill("/?secure=TOKEN&transaction_id=ID&integr8_test=") + mark) },
		"in a body": func() reply {
			return d.send(http.MethodPost, "/", d.fill("secure=TOKEN&transaction_id=ID&integr8_test=")+mark, "Content-Type", "application/x-www-form-urlencoded")
		},
		"pixel": func() reply {
			return d.get(d.fill("/pixel?secure=TOKEN&transaction_id=ID&integr8_test=")+mark, "Host", pixelHost)
		},
		"clickless": func() reply {
			return d.get(d.fill("/clickless?secure=TOKEN&offer=1&publisher=2&order_id=1&integr8_test=") + mark)
		},
	} {
		got := send()
		require.Equal(t, "true", got.header.Get(hit.TestHeader), name)
		require.NotContains(t, got.header.Get("Location"), mark, name)
		h := d.only()
		require.EqualValues(t, 7, h.TestAccount, name)
		require.NotContains(t, h.Params, hit.TestMark, name)
		data, err := h.Encode()
		require.NoError(t, err)
		require.NotContains(t, string(data), mark, "%s: the mark stops at the door", name)
		d.queue.forget()
	}
}

func TestAMarkThatDoesNotHoldIsIgnoredWithANote(t *testing.T) {
	t.Parallel()
	d := open(t)
	other, err := token.ParseKeys("the secret of somebody else")
	require.NoError(t, err)
	in := now.Add(time.Minute)
	for name, mark := range map[string]string{
		"forged": other.MarkTest(7, 1, in), "expired": d.keys.MarkTest(7, 1, now), "a word": "true", "empty": "",
		"of another offer": d.keys.MarkTest(7, 2, in), "of another account": d.keys.MarkTest(8, 1, in),
	} {
		got := d.get("/click?offer=1&publisher=2&sub_id=a&integr8_test=" + mark)
		require.Equal(t, http.StatusFound, got.status, name)
		require.Empty(t, got.header.Get(hit.TestHeader), name)
		require.Equal(t, noTestNote, got.header.Get("X-Note"), name)
		h := d.only()
		require.Zero(t, h.TestAccount, name)
		require.Equal(t, map[string]string{"offer": "1", "publisher": "2", "sub_id": "a"}, h.Params, name)
		require.Contains(t, h.Notes, noTestNote, name)
		d.queue.forget()
	}
}

// HEAD tells whether a mark holds, and makes no hit.
func TestHeadTellsWhetherAMarkHolds(t *testing.T) {
	t.Parallel()
	d := open(t)
	mark, expired := d.keys.MarkTest(7, 1, now.Add(time.Minute)), d.keys.MarkTest(7, 1, now.Add(-time.Minute))
	for _, target := range []string{"/click?offer=1&publisher=2&integr8_test=", "/postback?integr8_test=", "/clickless?integr8_test=", "/pixel?integr8_test="} {
		require.Equal(t, "true", d.send(http.MethodHead, target+mark, "", "Host", pixelHost).header.Get(hit.TestHeader), target)
		require.Empty(t, d.send(http.MethodHead, target+expired, "", "Host", pixelHost).header.Get(hit.TestHeader), target)
	}
	require.Empty(t, d.send(http.MethodHead, "/click?offer=1&publisher=2", "").header.Get(hit.TestHeader))
	require.Empty(t, d.queue.taken())
}
