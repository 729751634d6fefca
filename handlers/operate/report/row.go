package report

import (
	"math"

	"integr8/pipeline/outcome"
)

// Row is a Line as the Store counts it.
type Row struct {
	AccountID int64
	// PartyID is the offer, the publisher or the advertiser, with its Name; 0 for others.
	PartyID int64
	Name    string
	// Label is the day as 2006-01-02, the hour as RFC 3339, the sub id or the reason, else
	// empty.
	Label string
	// Second is the same of the second dimension.
	Second Part
	// Outcome is set by reason.
	Outcome outcome.Outcome
	// Hits are all hits, of bots too.
	Hits        int64
	Clicks      int64
	Conversions int64
	// ConvertedClicks are the conversions with a click.
	ConvertedClicks int64
	// Money has an element for each currency, in order of the code.
	Money []Takings
}

// Part is the value of a dimension.
type Part struct {
	PartyID int64
	Name    string
	Label   string
}

func (r Row) line(by By) Line {
	line := Line{AccountID: r.AccountID, Name: r.Name, Figures: r.figures()}
	parts := []Part{{r.PartyID, r.Name, r.Label}, r.Second}
	var names []string
	for i, dimension := range by.Dimensions() {
		part := parts[i]
		switch dimension {
		case ByOffer:
			line.Offer, names = &part.PartyID, append(names, part.Name)
		case ByPublisher:
			line.Publisher, names = &part.PartyID, append(names, part.Name)
		case ByAdvertiser:
			line.Advertiser, names = &part.PartyID, append(names, part.Name)
		case ByDay:
			line.Day = &part.Label
		case ByHour:
			line.Hour = &part.Label
		case BySubID:
			line.SubID = &part.Label
		case ByReason:
			reason := outcome.Reason(part.Label)
			line.Outcome, line.Reason, line.Hits = &r.Outcome, &reason, &r.Hits
		}
	}
	if len(names) > 0 {
		line.Name = names[0]
	}
	if len(names) > 1 {
		line.SecondName = names[1]
	}
	return line
}

func (r Row) figures() Figures {
	f := Figures{Clicks: r.Clicks, Conversions: r.Conversions, Money: append([]Takings{}, r.Money...)}
	if r.Clicks > 0 {
		rate := math.Round(float64(r.ConvertedClicks)/float64(r.Clicks)*1e6) / 1e6
		f.ConversionRate = &rate
	}
	return f
}

// sum adds up rows, each currency by itself, in the order in which the currencies first
// occur.
func sum(rows []Row) Row {
	var total Row
	place := map[string]int{}
	for _, row := range rows {
		total.Hits += row.Hits
		total.Clicks += row.Clicks
		total.Conversions += row.Conversions
		total.ConvertedClicks += row.ConvertedClicks
		for _, part := range row.Money {
			at, known := place[part.Currency]
			if !known {
				place[part.Currency] = len(total.Money)
				total.Money = append(total.Money, part)
				continue
			}
			total.Money[at].Conversions += part.Conversions
			total.Money[at].Revenue = total.Money[at].Revenue.Add(part.Revenue)
			total.Money[at].Payout = total.Money[at].Payout.Add(part.Payout)
			total.Money[at].Margin = total.Money[at].Margin.Add(part.Margin)
		}
	}
	return total
}
