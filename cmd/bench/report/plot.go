package report

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	_ "gonum.org/v1/plot/vg/vgsvg" // the format "svg"
)

// Plot is a drawing.
type Plot struct {
	Title, File string
	SVG         []byte
}

// The size of a plot.
const (
	plotWidth  = 18 * vg.Centimeter
	plotHeight = 9 * vg.Centimeter
)

// colours can be told apart by people who do not see all of them: those of
// Okabe and Ito.
var colours = []color.Color{
	color.RGBA{0x00, 0x72, 0xB2, 0xFF}, color.RGBA{0xE6, 0x9F, 0x00, 0xFF}, color.RGBA{0x00, 0x9E, 0x73, 0xFF},
	color.RGBA{0xCC, 0x79, 0xA7, 0xFF}, color.RGBA{0x56, 0xB4, 0xE9, 0xFF}, color.RGBA{0xD5, 0x5E, 0x00, 0xFF},
}

// Plots draws what there are measurements for: rates and CPU of the part
// named compare, and of the part named latency the times against the load.
func (all Measurements) Plots(compare, latency string) ([]Plot, error) {
	var plots []Plot
	for _, drawing := range []struct {
		title, file string
		draw        func(*plot.Plot) error
		rows        []row
	}{
		{"Conversions a second, sustained", "throughput.svg", drawRates(all.bars(compare)), all.bars(compare)},
		{"CPU microseconds a postback", "cpu.svg", drawCosts(all.bars(compare)), all.bars(compare)},
		{"Milliseconds against offered load", "latency.svg", all.drawLatency(latency), all.rows(latency)},
	} {
		if len(drawing.rows) == 0 {
			continue
		}
		p := plot.New()
		p.Title.Text = drawing.title
		p.BackgroundColor = color.White
		for _, style := range []*text.Style{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
			&p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
			style.Font.Variant = "Sans"
		}
		p.Title.Padding, p.Legend.Padding = vg.Points(8), vg.Points(3)
		// At the left the names stand behind their colours, and have room in
		// any font.
		p.Legend.Top, p.Legend.Left, p.Legend.XOffs = true, true, vg.Points(6)
		if err := drawing.draw(p); err != nil {
			return nil, fmt.Errorf("draw %s: %w", drawing.file, err)
		}
		writer, err := p.WriterTo(plotWidth, plotHeight, "svg")
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", drawing.file, err)
		}
		var svg bytes.Buffer
		if _, err := writer.WriteTo(&svg); err != nil {
			return nil, fmt.Errorf("draw %s: %w", drawing.file, err)
		}
		// Where that font is not installed, another without serifs will do.
		data := bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
		plots = append(plots, Plot{Title: drawing.title, File: drawing.file, SVG: data})
	}
	return plots, nil
}

const barWidth = 1.2 * vg.Centimeter

// bars are the rows that are drawn: the contenders as they are, without
// settings.
func (all Measurements) bars(part string) []row {
	return slices.DeleteFunc(all.rows(part), func(r row) bool { return r.setting != "" })
}

func drawRates(rows []row) func(*plot.Plot) error {
	return func(p *plot.Plot) error {
		values, labels := make(plotter.Values, len(rows)), plotter.XYLabels{}
		for i, r := range rows {
			spread, _ := Over(r.rounds, Measurement.Rate)
			values[i] = spread.Median
			labels.XYs = append(labels.XYs, plotter.XY{X: float64(i), Y: spread.Median})
			labels.Labels = append(labels.Labels, fmt.Sprintf("%.0f", spread.Median))
		}
		bars, err := plotter.NewBarChart(values, barWidth)
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = colours[0], 0
		written, err := plotter.NewLabels(labels)
		if err != nil {
			return err
		}
		for i := range written.TextStyle {
			written.TextStyle[i].XAlign, written.TextStyle[i].Font.Variant = draw.XCenter, "Sans"
		}
		p.Add(bars, written)
		p.Y.Min, p.Y.Max = 0, 1.1*p.Y.Max
		nameBars(p, rows)
		return nil
	}
}

// nameBars names the bars, and leaves as much room beside the outer ones as
// between them.
func nameBars(p *plot.Plot, rows []row) {
	p.NominalX(names(rows)...)
	p.X.Min, p.X.Max = -0.5, float64(len(rows))-0.5
	p.X.Tick.Label.Font.Size = vg.Points(9)
}

// names returns the rows' names, each in lines short enough to stand side by
// side.
func names(rows []row) []string {
	var names []string
	for _, r := range rows {
		names = append(names, strings.ReplaceAll(r.name(), ", ", ",\n"))
	}
	return names
}

func drawCosts(rows []row) func(*plot.Plot) error {
	return func(p *plot.Plot) error {
		var below *plotter.BarChart
		for i, group := range groups {
			values := make(plotter.Values, len(rows))
			for j, r := range rows {
				spread, _ := Over(r.rounds, func(m Measurement) float64 { return m.CPU[group] })
				values[j] = spread.Median
			}
			bars, err := plotter.NewBarChart(values, barWidth)
			if err != nil {
				return err
			}
			bars.Color, bars.LineStyle.Width = colours[i], 0
			if below != nil {
				bars.StackOn(below)
			}
			below = bars
			p.Add(bars)
			p.Legend.Add(group, bars)
		}
		p.Y.Min = 0
		nameBars(p, rows)
		return nil
	}
}

// drawLatency draws, of each contender, the 99th percentiles of the HTTP
// answer and of the commit.
func (all Measurements) drawLatency(part string) func(*plot.Plot) error {
	return func(p *plot.Plot) error {
		var contenders []string
		for _, r := range all.rows(part) {
			if !slices.Contains(contenders, r.contender) {
				contenders = append(contenders, r.contender)
			}
		}
		for i, contender := range contenders {
			for _, line := range []struct {
				name   string
				dashes []vg.Length
				figure func(Measurement) float64
			}{
				{"answer p99", []vg.Length{vg.Points(4), vg.Points(3)}, func(m Measurement) float64 { return m.Answer.P99 }},
				{"committed p99", nil, func(m Measurement) float64 { return m.Through.P99 }},
			} {
				drawn, points, err := plotter.NewLinePoints(all.curve(part, contender, line.figure))
				if err != nil {
					return err
				}
				drawn.Color, drawn.Dashes, drawn.Width = colours[i%len(colours)], line.dashes, vg.Points(1.5)
				points.Color, points.Shape = drawn.Color, draw.CircleGlyph{}
				p.Add(drawn, points)
				p.Legend.Add(contender+", "+line.name, drawn)
			}
		}
		p.X.Min, p.X.Max, p.Y.Max = 0, 1.03*p.X.Max, 20*p.Y.Max // room for the last point and the legend
		p.X.Label.Text = "postbacks a second"
		p.Y.Scale = plot.LogScale{}
		p.Y.Tick.Marker = plot.TickerFunc(decades)
		p.Add(plotter.NewGrid())
		return nil
	}
}

func (all Measurements) curve(part, contender string, figure func(Measurement) float64) plotter.XYs {
	var points plotter.XYs
	for _, r := range all.rows(part) {
		if r.contender != contender {
			continue
		}
		offered, _ := Over(r.rounds, func(m Measurement) float64 { return m.Offered })
		value, _ := Over(r.rounds, figure)
		const least = 0.01 // a logarithm needs something
		points = append(points, plotter.XY{X: offered.Median, Y: max(least, value.Median)})
	}
	slices.SortFunc(points, func(a, b plotter.XY) int { return int(a.X - b.X) })
	return points
}

// decades marks 1, 2 and 5 times each power of ten.
func decades(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for decade := 0.01; decade <= high; decade *= 10 {
		for _, step := range []float64{1, 2, 5} {
			if at := step * decade; at >= low && at <= high {
				ticks = append(ticks, plot.Tick{Value: at, Label: strconv.FormatFloat(at, 'f', -1, 64)})
			}
		}
	}
	return ticks
}
