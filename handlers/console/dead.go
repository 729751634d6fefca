package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// deadShown is the page of dead letters. How many there are by reason and sender comes
// later, as deadCounts.
type deadShown struct {
	Letters []dead.Listed
	// Counts is the address of the counts.
	Counts string
	// Next is the address of the next page; empty on the last.
	Next  string
	State dead.State
	Done  string
	// Undo is the address of what brings back the letters that were just discarded; empty
	// when none were.
	Undo string
	// Bulk are the acts on all that the filter matches; nil for who may not act.
	Bulk []bulkLink
}

func (c *Console) deadPage(v *visit) error {
	filter, err := deadFilter(v)
	if err != nil {
		return err
	}
	page := deadShown{Counts: v.at("/dead/counts"), State: filter.State, Done: doneWords[v.query("done")]}
	if err := c.readLetters(v, filter, &page); err != nil {
		return err
	}
	if v.operates() && len(page.Letters) > 0 {
		page.Bulk = bulkLinks(v, filter.State)
	}
	if did, err := uuid.Parse(v.query("did")); err == nil && v.operates() {
		page.Undo = undoAddress(did.String())
	}
	return c.render(v, http.StatusOK, "dead", "Dead letters", page)
}

func (c *Console) readLetters(v *visit, filter dead.Filter, page *deadShown) error {
	var behind dead.Cursor
	if text := v.query("cursor"); text != "" {
		if err := behind.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	letters, err := c.Letters.Page(v.ctx(), filter, behind, rowsAPage)
	page.Letters = letters.Items
	if letters.Next != nil {
		page.Next = v.with("cursor", *letters.Next)
	}
	return err
}

// anyState is the parameter for letters in every state; without the parameter it is those
// that need attention.
const anyState = "all"

func deadFilter(v *visit) (filter dead.Filter, err error) {
	filter = dead.Filter{AccountID: v.account(), Reason: outcome.Reason(v.query("reason")), Kind: hit.Kind(v.query("kind")), Text: v.query("text")}
	if state := cmp.Or(v.query("state"), string(dead.StateAttention)); state != anyState {
		filter.State = dead.State(state)
	}
	for name, id := range map[string]*int64{"offer": &filter.OfferID, "publisher": &filter.PublisherID, "advertiser": &filter.AdvertiserID, "token": &filter.TokenID} {
		if *id, err = v.number(name); err != nil {
			return filter, err
		}
	}
	if text := v.query("act"); text != "" {
		if filter.Act, err = uuid.Parse(text); err != nil {
			return filter, &badRequest{"act is the id of an act on dead letters."}
		}
	}
	if filter.TokenDigest, err = dead.ReadDigest(v.query("token_digest")); err != nil {
		return filter, &badRequest{"token_digest is the beginning of a digest."}
	}
	if filter.Network, err = dead.ReadNetwork(v.query("network")); err != nil {
		return filter, &badRequest{"network is such as 192.0.2.0/24 or 2001:db8:7::/48."}
	}
	if filter.Since, err = v.moment("since"); err != nil {
		return filter, err
	}
	filter.Until, err = v.moment("until")
	return filter, err
}

// letterShown is the page of one dead letter.
type letterShown struct {
	dead.Detail
	Done string
}

func (c *Console) letterPage(v *visit) error {
	receipt, err := uuid.Parse(v.r.PathValue("receipt"))
	if err != nil {
		return &badRequest{"That is no receipt."}
	}
	letter, err := c.Letters.Show(v.ctx(), v.account(), receipt)
	if err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "letter", "Dead letter", letterShown{letter, doneWords[v.query("done")]})
}

// mostNamed is how many letters an act may name.
const mostNamed = rowsAPage

// actOnNamed replays, discards, undoes or notes on the letters that a form names. Acts on
// all that a filter matches are jobs: see createJob.
func (c *Console) actOnNamed(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return &badRequest{"The form cannot be read."}
	}
	var receipts []uuid.UUID
	for _, text := range v.r.PostForm["receipt"] {
		receipt, err := uuid.Parse(text)
		if err != nil {
			return &badRequest{"That is no receipt."}
		}
		receipts = append(receipts, receipt)
	}
	if len(receipts) == 0 || len(receipts) > mostNamed {
		return &badRequest{"Choose the dead letters first, at most a page of them."}
	}
	act := v.r.PathValue("act")
	result, err := c.act(v, act, dead.Filter{IDs: receipts, AccountID: v.account()})
	if err != nil {
		return err
	}
	did := ""
	switch {
	case result.Done() == 0:
		act = "none"
	case act == string(history.Discard):
		did = result.Act.String()
	}
	http.Redirect(v.w, v.r, back(v.r.PostForm.Get("back"), act, did), http.StatusSeeOther)
	return nil
}

// prepared is an act that is ready to be done.
type prepared interface {
	Run(context.Context, dead.Progress) error
}

// act does what a form says.
func (c *Console) act(v *visit, name string, filter dead.Filter) (*dead.Result, error) {
	by := dead.Operator{Name: v.by(), Note: v.r.PostForm.Get("note")}
	act, result, err := c.prepare(v.ctx(), name, filter, by)
	if err != nil || result.Chosen == 0 {
		return result, err
	}
	// The result counts those that hold no hit.
	if err := act.Run(v.ctx(), unseen); err != nil && !errors.Is(err, dead.ErrUnreplayable) {
		return nil, err
	}
	return result, nil
}

func (c *Console) prepare(ctx context.Context, name string, filter dead.Filter, by dead.Operator) (prepared, *dead.Result, error) {
	switch name {
	case "replay":
		act, err := c.Letters.Replay(ctx, filter, by)
		if err != nil {
			return nil, nil, err
		}
		return act, &act.Result, nil
	case "discard":
		act, err := c.Letters.Discard(ctx, filter, by)
		if err != nil {
			return nil, nil, err
		}
		return act, &act.Result, nil
	case "undo":
		act, err := c.Letters.Undo(ctx, filter, by)
		if err != nil {
			return nil, nil, err
		}
		return act, &act.Result, nil
	case "note":
		act, err := c.Letters.Note(ctx, filter, by)
		if err != nil {
			return nil, nil, err
		}
		return act, &act.Result, nil
	default:
		return nil, nil, errNoPage
	}
}

// unseen is the progress of an act that nobody watches.
func unseen(string, int64, int64) {}

// back is the page from which an act came, with what was done, and, where that can be
// undone, the id of it.
func back(page, act, did string) string {
	to, err := url.Parse(ownPath(page))
	if err != nil {
		return "/dead"
	}
	values := to.Query()
	values.Set("done", act)
	if did != "" {
		values.Set("did", did)
	}
	return address(to.EscapedPath(), values)
}
