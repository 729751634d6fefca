package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// deadShown is the page of dead letters: how many there are by reason and sender, and a
// page of them.
type deadShown struct {
	Reasons []dead.ReasonCount
	Total   int64
	// Senders are those of the chosen reason; nil without one.
	Senders []dead.Senders
	Letters []dead.Listed
	// Next is the address of the next page; empty on the last.
	Next  string
	State dead.State
	Done  string
}

// senderGroups is how many senders of a kind are shown.
const senderGroups = 5

func (c *Console) deadPage(v *visit) error {
	filter, err := deadFilter(v)
	if err != nil {
		return err
	}
	page := deadShown{State: filter.State, Done: doneWords[v.query("done")]}
	if page.Reasons, page.Total, err = c.Letters.Summary(v.ctx(), filter); err != nil {
		return err
	}
	if filter.Reason != "" && len(page.Reasons) > 0 {
		if _, err = c.Letters.Senders(v.ctx(), filter, page.Reasons, senderGroups); err != nil {
			return err
		}
		page.Senders = page.Reasons[0].Senders
	}
	if err := c.readLetters(v, filter, &page); err != nil {
		return err
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
	if text := v.query("token_digest"); text != "" {
		if err := filter.TokenDigest.UnmarshalText([]byte(text)); err != nil {
			return filter, &badRequest{"token_digest is the beginning of a digest."}
		}
	}
	if text := v.query("network"); text != "" {
		if filter.Network, err = netip.ParsePrefix(text); err != nil || filter.Network != hit.NetworkPrefix(filter.Network.Addr()) {
			return filter, &badRequest{"network is such as 192.0.2.0/24 or 2001:db8:7::/48."}
		}
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

// actOnNamed replays, discards or undoes the letters that a form names. Acts on all that a
// filter matches are jobs.
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
	done, err := c.act(v, act, dead.Filter{IDs: receipts, AccountID: v.account()})
	if err != nil {
		return err
	}
	if done == 0 {
		act = "none"
	}
	http.Redirect(v.w, v.r, back(v.r.PostForm.Get("back"), act), http.StatusSeeOther)
	return nil
}

// prepared is an act that is ready to be done.
type prepared interface {
	Run(context.Context, dead.Progress) error
}

// act does what a form says, and returns to how many letters it did it.
func (c *Console) act(v *visit, name string, filter dead.Filter) (int64, error) {
	by := dead.Operator{Name: v.by(), Note: v.r.PostForm.Get("note")}
	act, result, err := c.prepare(v.ctx(), name, filter, by)
	if err != nil || result.Chosen == 0 {
		return 0, err
	}
	// The result counts those that hold no hit.
	if err := act.Run(v.ctx(), unseen); err != nil && !errors.Is(err, dead.ErrUnreplayable) {
		return 0, err
	}
	return result.Done(), nil
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
	default:
		return nil, nil, errNoPage
	}
}

// unseen is the progress of an act that nobody watches.
func unseen(string, int64, int64) {}

// back is the page from which an act came, with what was done.
func back(page, act string) string {
	to, err := url.Parse(ownPath(page))
	if err != nil {
		return "/dead"
	}
	values := to.Query()
	values.Set("done", act)
	return address(to.EscapedPath(), values)
}
