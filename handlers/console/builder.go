package console

import (
	"errors"
	"strings"

	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
)

// linkBuilder makes the tracking link of an offer from what the URL says.
type linkBuilder struct {
	Labels []links.Label
	// Publishers are those that the form offers.
	Publishers []reference.Publisher
	// Publisher is the chosen one, or nil.
	Publisher *reference.Publisher
	// Link is empty where Problem says why there is none.
	Link, Problem string
	// Note says what the link does not do yet.
	Note string
}

// publishersOffered is how many publishers the form offers; any other is named by number.
const publishersOffered = 100

// build reads the form of the link for the page's offer.
func (c *Console) build(v *visit, page *integrationShown) error {
	b := &page.Builder
	for _, name := range links.LabelNames() {
		b.Labels = append(b.Labels, links.Label{Name: name, Value: v.query(name)})
	}
	all, err := c.Publishers.List(v.ctx(), reference.PublisherFilter{Account: page.Account})
	if err != nil {
		return err
	}
	b.Publishers = all[:min(publishersOffered, len(all))]
	number, err := v.number("publisher")
	if err == nil && number != 0 {
		err = b.choose(all, page.Account, number)
	}
	if err == nil {
		err = links.CheckLabels(b.Labels)
	}
	if err != nil {
		b.Problem = sentence(err)
		return nil
	}
	b.Link, b.Note = c.Links.Base.LabelledLink(page.Offer.ID, number, b.Labels), b.note(page.Offer)
	return nil
}

func (b *linkBuilder) choose(all []reference.Publisher, account, number int64) error {
	for i := range all {
		if all[i].ID == number {
			b.Publisher = &all[i]
			return nil
		}
	}
	return &reference.NotFoundError{Object: reference.PublisherObject, ID: number, Account: account}
}

func (b *linkBuilder) note(offer *reference.Offer) string {
	switch {
	case offer.Paused():
		return "The offer is paused: its links send nobody on."
	case b.Publisher == nil:
		return "Choose a publisher, or put its number in the place of " + links.Placeholder + "."
	case b.Publisher.Paused():
		return "The publisher is paused: its links send nobody on."
	default:
		return ""
	}
}

// sentence is an error for people as a sentence.
func sentence(err error) string {
	var wrong *badRequest
	text := err.Error()
	if errors.As(err, &wrong) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
