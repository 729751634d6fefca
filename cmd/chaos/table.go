package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"integr8/cmd/chaos/check"
)

// result is the result of a drill.
type result struct {
	drill  drill
	report *check.Report
	faults int
	took   time.Duration
	// err is the error with which the drill could not be carried out or judged.
	err error
}

func (r result) passed() bool {
	return r.err == nil && r.report != nil && len(r.report.Violations) == 0
}

// mostEvidence is how many violations are printed; all are in the file.
const mostEvidence = 20

// tell prints the violations, and where all of them are.
func (r result) tell(to *teller, dir string) {
	if r.err != nil {
		to.line("%s: could not be carried out: %v", r.drill.name, r.err)
	}
	if r.report != nil {
		for i, v := range r.report.Violations {
			if i == mostEvidence {
				to.line("%s: and %d more", r.drill.name, len(r.report.Violations)-i)
				break
			}
			to.line("%s: %s", r.drill.name, v)
		}
		if text, err := json.MarshalIndent(r.report, "", "  "); err == nil {
			if err := os.WriteFile(filepath.Join(dir, "report.json"), text, 0o600); err != nil {
				to.line("%s: %v", r.drill.name, err)
			}
		}
	}
	to.line("%s: logs, ledger and report are kept in %s", r.drill.name, dir)
}

var columns = []string{"drill", "requests", "accepted", "faults", "duplicates refused", "late clicks", "promised nothing", "lost", "doubled", "seconds", "verdict"}

// cells returns a result as a row of the table.
func (r result) cells() []string {
	verdict := "passed"
	if !r.passed() {
		verdict = "FAILED"
	}
	report := r.report
	if report == nil {
		return []string{r.drill.name, "", "", fmt.Sprint(r.faults), "", "", "", "", "", fmt.Sprintf("%.0f", r.took.Seconds()), verdict}
	}
	return []string{r.drill.name, fmt.Sprint(report.Requests), fmt.Sprint(report.Accepted), fmt.Sprint(r.faults),
		fmt.Sprint(report.Duplicates), fmt.Sprint(report.Late), fmt.Sprint(report.Maybe), fmt.Sprint(report.Count(check.Lost)),
		fmt.Sprint(report.Count(check.Doubled)), fmt.Sprintf("%.0f", r.took.Seconds()), verdict}
}

// total returns the sum of the rows.
func total(results []result) []string {
	sum := result{drill: drill{name: "all"}, report: &check.Report{}}
	for _, r := range results {
		sum.faults += r.faults
		sum.took += r.took
		if r.report == nil {
			sum.err = r.err
			continue
		}
		sum.report.Requests += r.report.Requests
		sum.report.Accepted += r.report.Accepted
		sum.report.Duplicates += r.report.Duplicates
		sum.report.Maybe += r.report.Maybe
		sum.report.Late += r.report.Late
		sum.report.Violations = append(sum.report.Violations, r.report.Violations...)
		if r.err != nil {
			sum.err = r.err
		}
	}
	return sum.cells()
}

// printTable prints one row a drill, and the sum, in Markdown that is readable without
// rendering.
func printTable(to io.Writer, results []result) {
	rows := [][]string{columns, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(columns)-1)...)}
	for _, r := range results {
		rows = append(rows, r.cells())
	}
	for _, row := range append(rows, total(results)) {
		fmt.Fprintf(to, "| %-20s |", row[0])
		for i, cell := range row[1:] {
			fmt.Fprintf(to, " %*s |", len(columns[i+1]), cell)
		}
		fmt.Fprintln(to)
	}
}
