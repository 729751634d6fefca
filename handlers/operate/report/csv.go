package report

import (
	"fmt"
	"slices"
	"strconv"

	"integr8/handlers/operate"
)

// CSV returns the records of the counts as CSV, the names of the columns first: a line for
// each currency of a line, and one where there is none. Amounts are exact. Counts stand in
// the first of them only, so that a column can be added up.
func (r Report) CSV() [][]string {
	header := []string{"account"}
	for _, dimension := range r.By.Dimensions() {
		header = append(header, dimensionColumns(dimension)...)
	}
	records := [][]string{append(header, "hits", "clicks", "conversions", "rate", "currency", "revenue", "payout", "margin")}
	for _, line := range r.Lines {
		cells := []string{fmt.Sprint(line.AccountID)}
		names := []string{line.Name, line.SecondName}
		for _, dimension := range r.By.Dimensions() {
			cells = append(cells, dimensionCells(line, dimension, &names)...)
		}
		counts, none := line.counts(), []string{"", "", "", ""}
		if len(line.Money) == 0 {
			records = append(records, slices.Concat(cells, counts, none))
		}
		for _, part := range line.Money {
			money := []string{part.Currency, part.Revenue.String(), part.Payout.String(), part.Margin.String()}
			records = append(records, slices.Concat(cells, counts, money))
			counts = none
		}
	}
	return records
}

// counts returns the cells of a line's counts.
func (l Line) counts() []string {
	hits, rate := "", ""
	if l.Hits != nil {
		hits = fmt.Sprint(*l.Hits)
	}
	if l.ConversionRate != nil {
		rate = strconv.FormatFloat(*l.ConversionRate, 'f', -1, 64)
	}
	return []string{hits, fmt.Sprint(l.Clicks), fmt.Sprint(l.Conversions), rate}
}

// dimensionColumns returns the names of the columns of a dimension.
func dimensionColumns(dimension By) []string {
	switch dimension {
	case ByOffer, ByPublisher, ByAdvertiser:
		return []string{string(dimension), string(dimension) + "_name"}
	case ByReason:
		return []string{"outcome", "reason"}
	default:
		return []string{string(dimension)}
	}
}

// dimensionCells returns the cells of a dimension. It takes the name of a party from names.
func dimensionCells(line Line, dimension By, names *[]string) []string {
	party := func(id *int64) []string {
		name := (*names)[0]
		*names = (*names)[1:]
		return []string{fmt.Sprint(*id), operate.Guarded(name)}
	}
	switch dimension {
	case ByOffer:
		return party(line.Offer)
	case ByPublisher:
		return party(line.Publisher)
	case ByAdvertiser:
		return party(line.Advertiser)
	case ByDay:
		return []string{*line.Day}
	case ByHour:
		return []string{*line.Hour}
	case ByReason:
		return []string{string(*line.Outcome), string(*line.Reason)}
	default:
		return []string{operate.Guarded(*line.SubID)}
	}
}
