package link

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// sampleID is filled in for {transaction_id} while a destination is tried, and
// mark, which no destination holds, for every other macro.
const (
	sampleID = "0196fb2a4c1e7d53a8b09c61d2e4f708"
	mark     = "integr8-sample"
)

// maxNested bounds how many URLs deep CheckReturn looks: an advertiser's tracker
// may carry the landing page as a parameter, and that page another one.
const maxNested = 3

// CheckReturn returns nil where the advertiser gets a visitor's transaction_id
// whole, and otherwise an error that says why not. It fills the destination with
// a sample, reads the result as browsers and servers do, and looks for exactly
// the id: as a segment of the path, as the value of a query parameter, or in one
// of these places of a URL that a parameter carries. The destination is one that
// Normalize returned.
func CheckReturn(destination string) error {
	if !slices.Contains(Macros(destination), hit.ParamTransactionID) {
		return missingMacro(destination)
	}
	filled := Fill(destination, func(name string, _ Source) string {
		if name == hit.ParamTransactionID {
			return sampleID
		}
		return mark
	})
	return findSample(filled, maxNested)
}

// missingMacro returns the error for a destination without {transaction_id}. It
// names the text that was probably meant to be the macro.
func missingMacro(destination string) error {
	lower := strings.ToLower(destination)
	for _, meant := range []string{"transaction_id", "transactionid", "transaction-id"} {
		if at := strings.Index(lower, meant); at >= 0 && !strings.HasPrefix(lower[at+len(meant):], "=") {
			return fmt.Errorf("the destination lacks {transaction_id}: %q in it is not the macro, which is written in single braces without blanks",
				destination[at:at+len(meant)])
		}
	}
	return errors.New("the destination lacks {transaction_id}: the advertiser could not report which click converted")
}

// findSample returns nil where a URL holds exactly the id. Otherwise its error is
// about the first place that holds the id together with other text.
func findSample(text string, nested int) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" {
		return errors.New("a URL in the destination cannot be read once {transaction_id} is filled in")
	}
	problem := searchQuery(parsed.RawQuery, nested)
	if problem == nil || inPath(parsed) {
		return nil
	}
	switch {
	case problem != errElsewhere:
		return problem
	case strings.Contains(parsed.Fragment, sampleID):
		return errors.New("{transaction_id} stands behind #, and browsers do not send that part")
	default:
		return fmt.Errorf("{transaction_id} is not a whole segment of the destination's path: a ? may be missing, in %q",
			unfilled(parsed.EscapedPath()))
	}
}

// errElsewhere means that the query does not hold the id at all.
var errElsewhere = errors.New("the query lacks the id")

func searchQuery(query string, nested int) error {
	problem := errElsewhere
	values, names := map[string][]string{}, []string{}
	for part := range strings.SplitSeq(query, "&") {
		rawName, rawValue, _ := strings.Cut(part, "=")
		name, nameErr := url.QueryUnescape(rawName)
		value, valueErr := url.QueryUnescape(rawValue)
		lost := strings.Contains(part, sampleID) && !strings.Contains(name+value, sampleID)
		if lost || nameErr != nil || valueErr != nil {
			if lost {
				problem = fmt.Errorf("a stray %% in %q swallows the first digits of the id", unfilled(part))
			}
			continue
		}
		if _, seen := values[name]; !seen {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	for _, name := range names {
		err := searchParameter(name, values[name], nested)
		if err == nil {
			return nil
		}
		if problem == errElsewhere {
			problem = err
		}
	}
	return problem
}

func searchParameter(name string, values []string, nested int) error {
	holds := func(value string) bool { return strings.Contains(value, sampleID) }
	whole := func(value string) bool {
		return value == sampleID || nested > 0 && isURL(value) && findSample(value, nested-1) == nil
	}
	switch {
	case strings.Contains(name, sampleID):
		return fmt.Errorf("{transaction_id} stands in the name of a parameter, %q: write NAME={transaction_id}", unfilled(name))
	case !slices.ContainsFunc(values, holds):
		return errElsewhere
	case strings.HasPrefix(name, "amp;"):
		return fmt.Errorf("{transaction_id} would arrive as the parameter %q: write & in place of &amp;", name)
	case name == "" || strings.ContainsAny(name, "?;&#/\\{}$%<>\" "):
		return fmt.Errorf("{transaction_id} would arrive as the parameter %q: look at what stands in front of it", name)
	case slices.ContainsFunc(values, func(value string) bool { return value != values[0] }):
		return fmt.Errorf("the parameter %q stands %d times with different values: servers take only one of them", name, len(values))
	case !whole(values[0]):
		return fmt.Errorf("the parameter %q would hold %q and not {transaction_id} alone", name, unfilled(values[0]))
	}
	return nil
}

func isURL(value string) bool {
	return strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://")
}

// inPath reports whether a segment of the path is the id once dots are resolved,
// as browsers do before they send it.
func inPath(parsed *url.URL) bool {
	dots := strings.NewReplacer("%2e", ".", "%2E", ".")
	reference, err := url.Parse(dots.Replace(parsed.EscapedPath()))
	if err != nil {
		return false
	}
	resolved := parsed.ResolveReference(reference)
	return slices.Contains(strings.Split(resolved.EscapedPath(), "/"), sampleID)
}

// unfilled puts the macros back, for an error that a person reads.
func unfilled(text string) string {
	text = strings.NewReplacer(sampleID, "{"+hit.ParamTransactionID+"}", mark, "{..}").Replace(text)
	const longest = 80
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + ".."
	}
	return text
}
