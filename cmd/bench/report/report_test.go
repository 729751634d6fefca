package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"integr8/cmd/bench/report"
)

func of(part, contender, setting string) report.Subject {
	return report.Subject{Part: part, Contender: contender, Setting: setting}
}

var (
	raw, ours, half = of("compare", "raw", ""), of("compare", "ours", ""), of("latency", "ours", "50 %")

	measured = report.Measurements{
		{Subject: raw, Round: 1, Accepted: 100, Committed: 90, CPU: map[string]float64{report.Broker: 40}},
		{Subject: ours, Round: 1, Accepted: 180, Committed: 200, CPU: map[string]float64{report.Worker: 10, report.Load: 5}},
		{Subject: raw, Round: 2, Accepted: 50, Committed: 50, CPU: map[string]float64{report.Broker: 50}},
		{Subject: ours, Round: 2, Accepted: 150, Committed: 150, CPU: map[string]float64{report.Worker: 12, report.Load: 5}},
		{Subject: half, Round: 1, Offered: 75, Accepted: 75, Committed: 75,
			Answer: report.Latency{P50: 1, P99: 2}, Through: report.Latency{P50: 5, P99: 9}, Note: "a remark", Foreign: 0.4},
	}
)

func page() string {
	p := report.Page{
		Facts: [][2]string{{"machine", "2 cores"}},
		Parts: []report.Part{
			{Name: "compare", Title: "Side by side", Bases: []string{"raw", "never measured"}},
			{Name: "latency", Title: "Latency"},
			{Name: "growth", Title: "Growth"},
		},
		Targets: []report.Target{
			{Text: "rate beside raw", Want: 2.1, Figure: report.Measurement.Rate, Of: ours, To: raw},
			{Text: "p99", Want: 5, AtMost: true, Unit: " ms", Figure: func(m report.Measurement) float64 { return m.Through.P99 }, Of: half},
			{Text: "rate of each round", Want: 160, Each: true, Figure: report.Measurement.Rate, Of: ours},
			{Text: "rate of the median", Want: 160, Figure: report.Measurement.Rate, Of: ours},
			{Text: "never measured", Figure: report.Measurement.Rate, Of: of("growth", "ours", "")},
			{Text: "beside what was never measured", Figure: report.Measurement.Rate, Of: ours, To: of("growth", "ours", "")},
		},
		Measurements: measured,
		Plots:        measured.Plots("compare", "latency"),
	}
	return p.Markdown()
}

func TestThePageHasMediansSpreadsAndRatiosOfEachRound(t *testing.T) {
	text := page()
	// Rounds: 180/90 and 150/50.
	require.Contains(t, text, "| ours | 165 [150–180] | 175 [150–200] | 2.50 [2.00–3.00] |\n")
	require.Contains(t, text, "| rate beside raw | ≥ 2.1 | 2.50 [2.00–3.00] | reached |")
	require.Contains(t, text, "| p99 | ≤ 5 ms | 9.00 | not reached |")
	require.Contains(t, text, "| rate of each round | ≥ 160 | 165.00 [150.00–180.00] | not reached |")
	require.Contains(t, text, "| rate of the median | ≥ 160 | 165.00 [150.00–180.00] | reached |")
	require.Contains(t, text, "ours, 50 %, round 1: a remark")
	require.Contains(t, text, "used up to 40 % of the machine's CPU time")
	require.NotContains(t, text, "never measured")
	require.Contains(t, text, "![Conversions a second, sustained](throughput.svg)")
	require.NotContains(t, text, "Growth", "a part without measurements is left out")
}

func TestEmptyColumnsAreLeftOut(t *testing.T) {
	require.Contains(t, page(), "| CPU µs a hit | broker | worker | load generator | all |")
}

func TestPlotsAreSVG(t *testing.T) {
	plots := measured.Plots("compare", "latency")
	require.Len(t, plots, 2)
	for _, plot := range plots {
		decoder := xml.NewDecoder(strings.NewReader(string(plot.SVG)))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, plot.File)
		}
		require.Contains(t, string(plot.SVG), "<svg")
	}
}

func TestLatencyIsInMilliseconds(t *testing.T) {
	h := hdrhistogram.New(1, 1_000_000, 3)
	for i := int64(1); i <= 100; i++ {
		require.NoError(t, h.RecordValue(i*1000))
	}
	latency := report.LatencyOf(h)
	require.InDelta(t, 50, latency.P50, 0.1)
	require.InDelta(t, 99, latency.P99, 0.1)
}
