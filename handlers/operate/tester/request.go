package tester

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// markLife is how long the mark of a request is valid. The clocks of this process and of
// the receivers may differ by it.
const markLife = 5 * time.Minute

// maskedMark stands for the mark where a request is shown.
const maskedMark = "MARK"

// prepared is a request with the form in which it is shown.
type prepared struct {
	Request
	// probe asks the door whether the mark holds. It has no secret but the mark.
	probe Request
	shown string
}

func (t Tester) mark(s State) string {
	return t.Keys.MarkTest(s.Account, s.Offer, time.Now().Add(markLife))
}

// click is the request of the visitor.
func (t Tester) click(s State) prepared {
	parameters := []string{hit.ParamOffer, id(s.Offer), hit.ParamPublisher, id(s.Publisher)}
	return t.prepare(Request{Method: "GET", Door: "click"}, parameters, parameters, t.mark(s))
}

// conversion is the request that reports the conversion, by the way of the test.
func (t Tester) conversion(ctx context.Context, s State) (prepared, error) {
	secret, err := t.secret(ctx, s)
	if err != nil {
		return prepared{}, err
	}
	request := Request{Method: "GET", Door: "postback"}
	parameters := []string{hit.ParamTransactionID, s.TransactionID}
	switch s.Way {
	case Pixel:
		request.Door = "pixel"
		if request.Host, err = t.domain(ctx, s.Account); err != nil {
			return prepared{}, err
		}
	case Clickless:
		request.Door = "clickless"
		parameters = []string{hit.ParamOffer, id(s.Offer), hit.ParamPublisher, id(s.Publisher)}
	}
	parameters = append(parameters, hit.ParamOrderID, s.OrderID)
	if s.Revenue != "" {
		parameters = append(parameters, hit.ParamRevenue, s.Revenue)
	}
	return t.prepare(request, append([]string{hit.ParamSecure, secret}, parameters...), append([]string{hit.ParamSecure, links.Mask}, parameters...), t.mark(s)), nil
}

func (t Tester) prepare(request Request, parameters, shown []string, mark string) prepared {
	p := prepared{Request: request, probe: request}
	p.Parameters = append(parameters[:len(parameters):len(parameters)], hit.TestMark, mark)
	p.probe.Method = "HEAD"
	p.probe.Parameters = []string{hit.TestMark, mark}
	if request.Door == "click" { // only the offer says whose click it is
		p.probe.Parameters = p.Parameters
	}
	p.shown = t.Links.Base.Door(request.Door, append(shown[:len(shown):len(shown)], hit.TestMark, maskedMark)...)
	return p
}

// secret is the token of the way. A pixel and a clickless hit take the offer's own before
// the account's.
func (t Tester) secret(ctx context.Context, s State) (string, error) {
	switch s.Way {
	case Global:
		return t.Links.Secret(ctx, s.Account, 0, s.Way.kind())
	case OfferLevel:
		return t.Links.Secret(ctx, s.Account, s.Offer, s.Way.kind())
	case Pixel, Clickless:
		if secret, err := t.Links.Secret(ctx, s.Account, s.Offer, s.Way.kind()); err == nil {
			return secret, nil
		}
		return t.Links.Secret(ctx, s.Account, 0, s.Way.kind())
	default:
		return "", reference.Refuse(reference.ErrInvalid, "the way of a test is one of global, offer, pixel, clickless")
	}
}

// domain is the tracking domain that a pixel names as its host. The request goes to the
// doors all the same: where the domain leads to is not tried.
func (t Tester) domain(ctx context.Context, account int64) (string, error) {
	domains, err := t.Domains.List(ctx, account, "")
	if err != nil {
		return "", err
	}
	if len(domains) == 0 {
		return "", failure.WithHint(reference.Refuse(reference.ErrNotFound, "account %d has no tracking domain, and pixels are served on one only", account),
			fmt.Sprintf("give it one: `integr8 domain create --account %d --host HOST`", account))
	}
	return domains[0].Host, nil
}

func id(number int64) string { return strconv.FormatInt(number, 10) }
