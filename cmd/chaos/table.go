package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"integr8/cmd/chaos/check"
)

// result is what a drill came to.
type result struct {
	drill  drill
	report *check.Report
	faults int
	took   time.Duration
	// err is why the drill could not be carried out or judged.
	err error
}

func (r result) passed() bool {
	return r.err == nil && r.report != nil && len(r.report.Violations) == 0
}

// mostEvidence is how many violations are printed; all are in the file.
const mostEvidence = 20

// tell prints what is wrong, and where all of it can be read.
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

// cells is a result as a row of the table.
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

// total adds the rows up.
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

// printTable prints one row a drill, and the sum.
func printTable(to io.Writer, results []result, markdown bool) {
	rows := [][]string{}
	for _, r := range results {
		rows = append(rows, r.cells())
	}
	rows = append(rows, total(results))
	if markdown {
		fmt.Fprintf(to, "| %s |\n|---%s|\n", strings.Join(columns, " | "), strings.Repeat("|---:", len(columns)-2)+"|---")
		for _, row := range rows {
			fmt.Fprintf(to, "| %s |\n", strings.Join(row, " | "))
		}
		return
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range append([][]string{columns}, rows...) {
		fmt.Fprintln(table, strings.Join(row, "\t")+"\t")
	}
	_ = table.Flush() // of a terminal or a pipe; the exit code tells the verdict
}
