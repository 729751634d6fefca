package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// patience is how long the day waits for an event.
const patience = time.Minute

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// day is what the work has so far.
type day struct {
	*ClientWithResponses
	// web and doors are the addresses of the API and of the doors.
	web, doors string

	advertiser, publisher, offer int64
	token                        string
	receipt, link                string
}

// work does the steps of a day, each of which needs those before it.
func work(ctx context.Context) error {
	d := &day{web: os.Getenv("WEB"), doors: os.Getenv("DOORS")}
	key := os.Getenv("KEY")
	var err error
	d.ClientWithResponses, err = NewClientWithResponses(d.web+"/api/v1", WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+key)
		return nil
	}))
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"create", d.create}, {"edit", d.edit}, {"convert", d.convert}, {"look up the receipt", d.lookUp}, {"find", d.find},
		{"report", d.report}, {"read the history", d.history}, {"list dead letters", d.deadLetters},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// create makes all that a conversion needs.
func (d *day) create(ctx context.Context) error {
	once := "the first advertiser"
	for range 2 { // the same request again creates nothing
		advertiser, err := d.CreateAdvertiserWithResponse(ctx, &CreateAdvertiserParams{IdempotencyKey: &once}, ReferenceNameForm{Name: "Shoes"})
		if err != nil || advertiser.JSON201 == nil {
			return failed("advertiser", err, advertiser)
		}
		if id := advertiser.JSON201.Object.Id; d.advertiser != 0 && d.advertiser != id {
			return fmt.Errorf("a request that is sent again has created advertiser %d beside %d", id, d.advertiser)
		}
		d.advertiser = advertiser.JSON201.Object.Id
	}
	publisher, err := d.CreatePublisherWithResponse(ctx, nil, ReferenceNameForm{Name: "Blog"})
	if err != nil || publisher.JSON201 == nil {
		return failed("publisher", err, publisher)
	}
	d.publisher = publisher.JSON201.Object.Id
	offer, err := d.CreateOfferWithResponse(ctx, nil, ReferenceOfferForm{
		Advertiser: d.advertiser, Name: "Sale", Destination: "https://shop.example/?c={transaction_id}", Payout: "2.50", Revenue: "4", Currency: "USD",
	})
	if err != nil || offer.JSON201 == nil {
		return failed("offer", err, offer)
	}
	d.offer = offer.JSON201.Object.Id
	domain, err := d.CreateDomainWithResponse(ctx, nil, ReferenceHostForm{Host: "day.example"})
	if err != nil || domain.JSON201 == nil {
		return failed("domain", err, domain)
	}
	token, err := d.CreateTokenWithResponse(ctx, nil, ReferenceTokenForm{})
	if err != nil || token.JSON201 == nil || token.JSON201.Object.Token == nil {
		return failed("token", err, token)
	}
	d.token = *token.JSON201.Object.Token
	return nil
}

// edit sets the publisher's own terms, edits the offer, and meets somebody who has edited
// it before.
func (d *day) edit(ctx context.Context) error {
	shown, err := d.ShowOfferWithResponse(ctx, d.offer, nil)
	if err != nil || shown.JSON200 == nil {
		return failed("show", err, shown)
	}
	payout := "1.25"
	terms, err := d.SetTermsWithResponse(ctx, d.offer, d.publisher, &SetTermsParams{IfMatch: shown.HTTPResponse.Header.Get("ETag")}, ReferenceTermsForm{Payout: &payout})
	if err != nil || terms.JSON200 == nil {
		return failed("terms", err, terms)
	}
	read := EditOfferParams{IfMatch: terms.HTTPResponse.Header.Get("ETag")}
	name, other, destination := "Winter sale", "Summer sale", "https://"+winter+"/?c={transaction_id}"
	edited, err := d.EditOfferWithResponse(ctx, d.offer, &read, ReferenceOfferEditForm{Name: &name, Destination: &destination})
	if err != nil || edited.JSON200 == nil || edited.JSON200.Object.Name != name {
		return failed("edit", err, edited)
	}
	late, err := d.EditOfferWithResponse(ctx, d.offer, &read, ReferenceOfferEditForm{Name: &other})
	if err != nil || late.ApplicationproblemJSON412 == nil || late.ApplicationproblemJSON412.Reason != "precondition_failed" {
		return failed("late edit", err, late)
	}
	return nil
}

// winter is the shop to which the last edit sends visitors. A process that does has the
// terms too, which were set before.
const winter = "winter.example"

// convert sends a click and its postback through the doors.
func (d *day) convert(ctx context.Context) error {
	var id string
	err := until(ctx, func() (bool, error) { // the process learns of an edit a moment later
		click, err := d.fire(ctx, "/click", "offer", strconv.FormatInt(d.offer, 10), "publisher", strconv.FormatInt(d.publisher, 10))
		if err != nil || click.StatusCode != http.StatusFound {
			return false, err
		}
		shop, err := url.Parse(click.Header.Get("Location"))
		if err != nil || shop.Host != winter {
			return false, err
		}
		id = shop.Query().Get("c")
		return id != "", nil
	})
	if err != nil {
		return err
	}
	postback, err := d.fire(ctx, "/postback", "secure", d.token, "transaction_id", id, "order_id", "day-1")
	if err != nil {
		return err
	}
	defer postback.Body.Close()
	var accepted struct{ Receipt, Link string }
	if err := json.NewDecoder(postback.Body).Decode(&accepted); err != nil {
		return err
	}
	d.receipt, d.link = accepted.Receipt, accepted.Link
	return nil
}

// fire sends a request to a door. The caller closes the body of a postback's response.
func (d *day) fire(ctx context.Context, path string, parameters ...string) (*http.Response, error) {
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.doors+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return client.Do(request)
}

// lookUp reads the receipt by its link, without a key.
func (d *day) lookUp(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.web+d.link, nil)
		if err != nil {
			return false, err
		}
		request.Header.Set("Prefer", "wait=5")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false, err
		}
		defer response.Body.Close()
		var receipt struct{ State string }
		text, err := io.ReadAll(response.Body)
		if err == nil {
			err = json.Unmarshal(text, &receipt)
		}
		return receipt.State == "converted", err
	})
}

// failed returns the error of a step: err, or what was answered instead of what was
// wanted.
func failed(step string, err error, answer interface{ Status() string }) error {
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return fmt.Errorf("%s: answered %s", step, answer.Status())
}

// until tries something again until it is done.
func until(ctx context.Context, try func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		done, err := try()
		if done || err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.New("it has not happened in time")
		}
	}
}
