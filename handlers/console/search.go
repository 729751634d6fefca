package console

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"integr8/handlers/operate/search"
)

// by is a value that hits are looked for by.
type by struct {
	// Name is the parameter of the URL.
	Name, Words string
	set         func(*search.Filter, string) error
}

// ways are the values that a URL may name. None of them is a secret: a token and an e-mail
// address are named by their hashes.
var ways = []by{
	{"order_id", "order id", func(f *search.Filter, text string) error { f.OrderID = text; return nil }},
	{"external_id", "external id", func(f *search.Filter, text string) error { f.ExternalID = text; return nil }},
	{"sub_id", "sub_id", func(f *search.Filter, text string) error { f.SubID = text; return nil }},
	{"device_id", "device id", func(f *search.Filter, text string) error { f.DeviceID = text; return nil }},
	{"ip", "address", func(f *search.Filter, text string) (err error) {
		if f.IP, err = netip.ParseAddr(text); err != nil {
			return search.ErrAddress
		}
		return nil
	}},
	{"email_hash", "e-mail address", func(f *search.Filter, text string) error { return f.NameEmail(text) }},
	{"token_digest", "token", func(f *search.Filter, text string) error { return f.Token.UnmarshalText([]byte(text)) }},
}

// mostFound is how many ids of a way are shown at once.
const mostFound = 25

// group is what was found one way.
type group struct {
	By string
	search.Found
	// Address is where this group is alone, and goes on; empty where it would name a
	// secret.
	Address string
}

// searchShown is the page of the search.
type searchShown struct {
	// Asked says what was looked for; Ran is set when anything was.
	Asked string
	Ran   bool
	Since string
	Found []group
}

// Spans are how far back the form offers to look.
func (searchShown) Spans() []choice {
	return []choice{{"24h", "a day"}, {"7d", "7 days"}, {"30d", "30 days"}, {"90d", "90 days"}}
}

// searchPage shows what the URL asks for.
func (c *Console) searchPage(v *visit) error {
	page := searchShown{Since: v.query("since")}
	for _, way := range ways {
		text := v.query(way.Name)
		if text == "" {
			continue
		}
		filter, err := hitsFilter(v)
		if err != nil {
			return err
		}
		if err := way.set(&filter, text); err != nil {
			return err
		}
		found, err := c.find(v, filter)
		if err != nil {
			return err
		}
		page.Ran, page.Asked = true, way.Words+" "+text
		page.Found = append(page.Found, group{By: way.Words, Found: found, Address: v.with()})
		break
	}
	return c.render(v, http.StatusOK, "search", "Search", page)
}

// find searches within the visit's account and the span of its URL.
func (c *Console) find(v *visit, filter search.Filter) (search.Found, error) {
	since, err := readMoment("since", cmp.Or(v.query("since"), v.r.PostFormValue("since")))
	if err != nil {
		return search.Found{}, err
	}
	filter.AccountID, filter.Since, filter.Tests = v.account(), since, true
	query := search.Query{Filter: filter, Limit: mostFound}
	if text := v.query("cursor"); text != "" {
		if err := query.Behind.UnmarshalText([]byte(text)); err != nil {
			return search.Found{}, err
		}
	}
	return c.Searches.Find(v.ctx(), query)
}

// search takes what somebody typed, which may be a secret: it comes in the body, and no
// URL that this answers with has it, unless it can be none.
func (c *Console) search(v *visit) error {
	text := strings.TrimSpace(v.r.PostFormValue("q"))
	if len(text) > 2000 {
		return &badRequest{"That is longer than anything here."}
	}
	to, err := plainly(text)
	switch {
	case err != nil:
		return err
	case to != "":
		http.Redirect(v.w, v.r, v.within(to), http.StatusSeeOther)
		return nil
	case text == "":
		http.Redirect(v.w, v.r, "/search", http.StatusSeeOther)
		return nil
	}
	return c.searchEverywhere(v, text)
}

// within returns an address with the account and the span of the search.
func (v *visit) within(to string) string {
	if since := v.r.PostFormValue("since"); since != "" {
		to = further(to, "since", since)
	}
	if v.chosen != 0 {
		to = further(to, "account", strconv.FormatInt(v.chosen, 10))
	}
	return to
}

// generatedToken matches what can be nothing but a token of ours.
var generatedToken = regexp.MustCompile(`^i8t_`)

// plainly returns where a text leads that shows what it is; empty where it may be several
// things. A token and an e-mail address become hashes here.
func plainly(text string) (string, error) {
	filter := search.Filter{}
	if id, err := uuid.Parse(text); err == nil {
		return "/trace/" + id.String(), nil
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return address("/search", url.Values{"ip": {text}}), nil
	}
	if strings.Contains(text, "@") && filter.NameEmail(text) == nil {
		return address("/search", url.Values{"email_hash": {filter.EmailHash}}), nil
	}
	if generatedToken.MatchString(text) {
		return byToken(text)
	}
	return "", nil
}

func byToken(text string) (string, error) {
	filter := search.Filter{}
	filter.NameToken(text)
	digest, err := filter.Token.MarshalText()
	return address("/search", url.Values{"token_digest": {string(digest)}}), err
}

// searchEverywhere looks for a text that may be an id of the sender's, a label, or a token
// that was imported.
func (c *Console) searchEverywhere(v *visit, text string) error {
	filters := make([]search.Filter, len(ways))
	groups := make([]group, len(ways))
	running, ctx := errgroup.WithContext(v.ctx())
	running.SetLimit(2)
	for i, way := range ways {
		switch way.Name {
		case "ip":
			continue
		case "token_digest":
			filters[i].NameToken(text)
		case "email_hash":
			if len(text) != 64 || filters[i].NameEmail(text) != nil {
				continue
			}
		default:
			if err := way.set(&filters[i], text); err != nil {
				return err
			}
		}
		running.Go(func() (err error) {
			groups[i].By = way.Words
			groups[i].Found, err = c.findIn(ctx, v, filters[i])
			return err
		})
	}
	if err := running.Wait(); err != nil {
		return err
	}
	return c.showEverywhere(v, text, groups)
}

func (c *Console) findIn(ctx context.Context, v *visit, filter search.Filter) (search.Found, error) {
	inner := *v
	inner.r = v.r.WithContext(ctx)
	return c.find(&inner, filter)
}

// showEverywhere shows the ways by which anything was found. Where that is a token, no
// address names the text.
func (c *Console) showEverywhere(v *visit, text string, groups []group) error {
	page, secret := searchShown{Ran: true, Asked: "what you typed", Since: v.r.PostFormValue("since")}, false
	for i, found := range groups {
		if len(found.Hits)+len(found.Conversions) == 0 {
			continue
		}
		secret = secret || ways[i].Name == "token_digest"
		page.Found = append(page.Found, found)
		page.Found[len(page.Found)-1].Address = v.within(address("/search", url.Values{ways[i].Name: {text}}))
	}
	for i := range page.Found {
		if secret {
			page.Found[i].Address = ""
		}
		if page.Found[i].By == "token" {
			to, err := byToken(text)
			if err != nil {
				return err
			}
			page.Found[i].Address = v.within(to)
		}
	}
	return c.render(v, http.StatusOK, "search", "Search", page)
}
