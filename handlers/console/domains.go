package console

import (
	"context"
	"net/http"
	"time"

	"integr8/handlers/operate/domains"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

func (c *Console) routeDomains(mux *http.ServeMux) {
	c.domains().register(mux)
	c.page(mux, "GET /setup/domains/{id}/check", seen, c.checkDomain)
}

func (c *Console) domains() section[reference.Domain] {
	return section[reference.Domain]{
		Console: c, place: domainPlace, noun: history.Domain, object: reference.DomainObject,
		heads: []head{{"domain", true}, {"account", true}, {"host", false}, {"created", false}},
		row: func(d reference.Domain) []cell {
			return []cell{idCell(d.ID), idCell(d.AccountID), {Text: d.Host, Class: "text"}, timeCell(d.CreatedAt)}
		},
		filters: func(v *visit) []field { return append(chosenAccount(v), part(v, "host", "host")) },
		list: func(v *visit) ([]reference.Domain, error) {
			return c.Domains.List(v.ctx(), v.account(), v.query("host"))
		},
		id:  func(d *reference.Domain) int64 { return d.ID },
		key: func(d reference.Domain) string { return numberOf(d.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Domain, error) {
			return c.Domains.Show(v.ctx(), v.account(), id)
		}),
		fields: func(v *visit, of reference.Domain, isNew bool) ([]field, error) {
			host := field{Name: "host", Words: "host", Kind: textField, Value: of.Host, Required: true, Most: 300, Sample: "track.example.com",
				Hint: "A host whose DNS leads here, without a scheme, port or path. It belongs to one account only."}
			if !isNew {
				host.Hint += " Pixels on the old one stop working at once."
			}
			return ofAccount(v, isNew, host), nil
		},
		add: func(ctx context.Context, p *sent) (none reference.Domain, _ reference.Warnings, _ error) {
			account := p.account()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			return c.Domains.Create(ctx, account, p.text("host"))
		},
		alter: func(ctx context.Context, account int64, before reference.Domain, p *sent) (reference.Domain, reference.Warnings, error) {
			return c.Domains.Move(ctx, account, before.ID, p.text("host"))
		},
		complete: func(v *visit, of reference.Domain, page *objectShown) error {
			page.Facts = factsOf(of.AccountID, of.CreatedAt)
			page.Extra = inAccount(v, domainPlace.Path+"/"+numberOf(of.ID)+"/check")
			return nil
		},
	}
}

// checkShown is what a look at a domain has found.
type checkShown struct {
	domains.Check
	At    time.Time
	Again string
	// Wait is how long the user has to wait for the next look; 0 when there was one.
	Wait time.Duration
}

// A user may look at so many domains at once, and then at one in so much time.
const (
	checksAtOnce = 5
	checkEvery   = 2 * time.Second
)

// checkDomain looks at a domain, for a page that is open already: it takes a while.
func (c *Console) checkDomain(v *visit) error {
	of, err := c.domains().show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	shown := checkShown{At: time.Now(), Again: inAccount(v, v.r.URL.Path), Wait: c.checks.Take(v.user.ID, time.Now())}
	if shown.Wait == 0 {
		if shown.Check, err = c.CheckDomain(v.ctx(), of.Host); err != nil {
			return err
		}
	}
	return c.renderPart(v, "setupobject", "check", shown)
}
