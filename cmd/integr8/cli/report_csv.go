package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"integr8/handlers/operate/report"
)

// writeReportCSV writes a line for each currency of a line, and one where there is none.
// Counts stand in the first of them only, so that a column can be added up.
func writeReportCSV(out io.Writer, r report.Report) error {
	rows := csv.NewWriter(out)
	header := []string{"account"}
	for _, dimension := range r.By.Dimensions() {
		header = append(header, dimensionColumns(dimension)...)
	}
	_ = rows.Write(append(header, "hits", "clicks", "conversions", "rate", "currency", "revenue", "payout", "margin")) // see Error
	for _, line := range r.Lines {
		cells := []string{fmt.Sprint(line.AccountID)}
		names := []string{line.Name, line.SecondName}
		for _, dimension := range r.By.Dimensions() {
			cells = append(cells, dimensionCells(line, dimension, &names)...)
		}
		hits := ""
		if line.Hits != nil {
			hits = fmt.Sprint(*line.Hits)
		}
		rate := ""
		if line.ConversionRate != nil {
			rate = strconv.FormatFloat(*line.ConversionRate, 'f', -1, 64)
		}
		counts := []string{hits, fmt.Sprint(line.Clicks), fmt.Sprint(line.Conversions), rate}
		money := []string{"", "", "", ""}
		for i := range max(1, len(line.Money)) {
			if i < len(line.Money) {
				part := line.Money[i]
				money = []string{part.Currency, part.Revenue.String(), part.Payout.String(), part.Margin.String()}
			}
			row := append(append([]string{}, cells...), counts...)
			_ = rows.Write(append(row, money...)) // see Error
			counts = []string{"", "", "", ""}
		}
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// dimensionColumns returns the names of the columns of a dimension.
func dimensionColumns(dimension report.By) []string {
	switch dimension {
	case report.ByOffer, report.ByPublisher, report.ByAdvertiser:
		return []string{string(dimension), string(dimension) + "_name"}
	case report.ByReason:
		return []string{"outcome", "reason"}
	default:
		return []string{string(dimension)}
	}
}

// dimensionCells returns the cells of a dimension. It takes the name of a party from names.
func dimensionCells(line report.Line, dimension report.By, names *[]string) []string {
	party := func(id *int64) []string {
		name := (*names)[0]
		*names = (*names)[1:]
		return []string{fmt.Sprint(*id), guarded(name)}
	}
	switch dimension {
	case report.ByOffer:
		return party(line.Offer)
	case report.ByPublisher:
		return party(line.Publisher)
	case report.ByAdvertiser:
		return party(line.Advertiser)
	case report.ByDay:
		return []string{*line.Day}
	case report.ByHour:
		return []string{*line.Hour}
	case report.ByReason:
		return []string{string(*line.Outcome), string(*line.Reason)}
	default:
		return []string{guarded(*line.SubID)}
	}
}
