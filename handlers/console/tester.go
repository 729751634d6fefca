package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/tester"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// testShown is a test as far as it has come. The page keeps its state, so that each request
// takes it one step further, at whichever process.
type testShown struct {
	tester.State
	Step    *stepShown
	Waiting string
	Over    bool
	// Action is where it goes on.
	Action string
	// Problem says why the test cannot be made, and Hint what to do.
	Problem, Hint string
}

// stepShown is a step with its title.
type stepShown struct {
	tester.Step
	Title string
}

// testWays are the choices of the form.
var testWays = []choice{
	{string(tester.Global), "global postback"}, {string(tester.OfferLevel), "offer-level postback"},
	{string(tester.Pixel), "pixel"}, {string(tester.Clickless), "clickless"},
}

// Ways are the choices of the form that begins a test.
func (integrationShown) Ways() []choice { return testWays }

// WayWords is the way in words.
func (t testShown) WayWords() string {
	for _, way := range testWays {
		if way.Value == string(t.Way) {
			return way.Words
		}
	}
	return string(t.Way)
}

// fireTest takes a test one step further: the first, if the form has no order yet.
func (c *Console) fireTest(v *visit) error {
	state, err := readTest(v)
	if err != nil {
		return err
	}
	page := testShown{State: state, Action: inAccount(v, "/integration/test")}
	if state.OrderID == "" {
		page.State, err = c.Tester.Begin(v.ctx(), v.account(), state.Plan)
		if err == nil {
			c.Logger.Info("a test was begun", "by", v.by(), "account", page.Account, "offer", state.Offer, "way", state.Way, "order", page.OrderID)
		}
	}
	if err == nil {
		err = c.advance(v, &page)
	}
	switch {
	case err == nil:
	case isOf(err, reference.ErrInvalid, reference.ErrNotFound):
		page.Problem, page.Hint, page.Over = sentence(err), failure.Hint(err), true
	default:
		return err
	}
	if v.r.Header.Get("HX-Request") != "" {
		return c.renderPart(v, "tester", "progress", page)
	}
	return c.render(v, http.StatusOK, "tester", "Test", page)
}

func (c *Console) advance(v *visit, page *testShown) error {
	progress, err := c.Tester.Advance(v.ctx(), page.State)
	if err != nil {
		return err
	}
	page.State, page.Waiting, page.Over = progress.State, progress.Waiting, progress.Over
	if progress.Step != nil {
		page.Step = &stepShown{*progress.Step, stepTitle(progress.Step.Step, page.Way)}
	}
	return nil
}

func stepTitle(step string, way tester.Way) string {
	switch step {
	case "click":
		return "Click"
	case "recorded":
		return "Click recorded"
	case "decided":
		return "Decided"
	}
	for _, one := range testWays {
		if one.Value == string(way) {
			return strings.ToUpper(one.Words[:1]) + one.Words[1:]
		}
	}
	return step
}

var errTestForm = &badRequest{"The form of the test cannot be read: begin it again."}

// readTest reads the form. A user of one account tests within it, whatever the form says.
func readTest(v *visit) (tester.State, error) {
	value := func(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
	var failed error
	number := func(name string) int64 {
		text := value(name)
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		failed = errors.Join(failed, err)
		return n
	}
	receipt := func(name string) uuid.UUID {
		text := value(name)
		if text == "" {
			return uuid.Nil
		}
		id, err := uuid.Parse(text)
		failed = errors.Join(failed, err)
		return id
	}
	state := tester.State{
		Plan:    tester.Plan{Offer: number("offer"), Publisher: number("publisher"), Way: tester.Way(value("way")), Revenue: value("revenue")},
		Account: number("account"), OrderID: value("order_id"), Click: receipt("click"), Hit: receipt("hit"),
		TransactionID: value("transaction_id"), Since: time.UnixMilli(number("since")),
	}
	switch {
	case failed != nil:
		return state, errTestForm
	case state.Publisher == 0:
		return state, &badRequest{"Name the " + hit.ParamPublisher + " by its number."}
	}
	if own := v.account(); own != 0 {
		state.Account = own
	}
	return state, nil
}
