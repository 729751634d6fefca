package console

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/reference"
)

// bulkActs are the acts on all letters that a filter matches.
var bulkActs = []history.Act{history.Replay, history.Discard, history.Undo, history.Note}

// bulkWords say what an act does, before how many letters.
var bulkWords = map[history.Act]string{
	history.Replay: "Replay", history.Discard: "Discard", history.Undo: "Bring back", history.Note: "Note on",
}

// bulkLink leads to the estimate of an act.
type bulkLink struct{ To, Words string }

// bulkLinks returns the acts that make sense for letters in a state.
func bulkLinks(v *visit, state dead.State) (links []bulkLink) {
	for _, act := range bulkActs {
		undoes := state == dead.StateDiscarded
		if act == history.Undo && !undoes && state != "" || act == history.Discard && undoes {
			continue
		}
		links = append(links, bulkLink{address("/dead/all/"+string(act), v.filter()), bulkWords[act] + " all"})
	}
	return links
}

// filter are the parameters of the visit's URL that choose rows.
func (v *visit) filter() url.Values {
	values := v.r.URL.Query()
	for _, name := range []string{"cursor", "done", "did"} {
		values.Del(name)
	}
	return values
}

// bulkShown is the page that asks before a job is created.
type bulkShown struct {
	jobs.Estimate
	Act   history.Act
	Words string
	// Filter says in words which letters, and Letters is the address of their list.
	Filter  []string
	Letters string
	// Action is where the form goes. It names until when the letters died, so that the job
	// gets those that are shown.
	Action string
	// Key makes a form that is sent twice create one job.
	Key string
	// PerSecond is the rate that the form offers.
	PerSecond float64
}

// Takes is how long the job takes at the rate, in words.
func (b bulkShown) Takes() string {
	return span(time.Duration(math.Ceil(float64(b.Result.Chosen)/b.PerSecond)) * time.Second)
}

// Least and Most bound the rate.
func (bulkShown) Least() float64 { return jobs.LeastPerSecond }

// Most is the greatest rate.
func (bulkShown) Most() int { return jobs.MostPerSecond }

// bulkOrder is what the URL orders.
func bulkOrder(v *visit) (order jobs.Order, err error) {
	act := history.Act(v.r.PathValue("act"))
	if !slices.Contains(bulkActs, act) {
		return order, errNoPage
	}
	filter, err := deadFilter(v)
	return jobs.Order{Act: act, Filter: filter, By: dead.Operator{Name: v.by()}}, err
}

func (c *Console) bulkPage(v *visit) error {
	order, err := bulkOrder(v)
	if err != nil {
		return err
	}
	estimate, err := c.Jobs.Estimate(v.ctx(), order)
	if err != nil {
		return err
	}
	until := estimate.Until.UTC().Format(time.RFC3339Nano)
	page := bulkShown{Estimate: estimate, Act: order.Act, Words: bulkWords[order.Act], Filter: filterWords(order.Filter), Letters: address("/dead", v.filter()),
		Action: v.with("until", until), Key: uuid.NewString(), PerSecond: jobs.DefaultPerSecond}
	return c.render(v, http.StatusOK, "bulk", page.Words+" dead letters", page)
}

// createJob creates what the page before has asked for. A form that is sent again leads to
// the job that it has created.
func (c *Console) createJob(v *visit) error {
	order, err := bulkOrder(v)
	if err != nil {
		return err
	}
	if v.r.PostFormValue("sure") == "" {
		return &badRequest{"Nothing was done: say in the form that you mean it."}
	}
	order.By.Note = v.r.PostFormValue("note")
	if order.PerSecond, err = strconv.ParseFloat(v.r.PostFormValue("rate"), 64); err != nil {
		return &badRequest{"The rate is a number of letters a second."}
	}
	key := fmt.Sprint(v.r.PostFormValue("key"), order.PerSecond, order.By.Note)
	creation, err := reference.NewCreation(order.Filter.AccountID, jobs.Object, key, []any{order.Act, order.Filter})
	if err != nil {
		return err
	}
	job, err := c.Jobs.Create(reference.Under(v.ctx(), reference.Condition{Creation: creation}), order)
	var before *reference.CreatedBeforeError
	if err != nil && !errors.As(err, &before) {
		return err
	}
	if before != nil {
		job.ID = before.ID
	}
	http.Redirect(v.w, v.r, jobAddress(job.ID), http.StatusSeeOther)
	return nil
}

// causePart says which of the letters would die again now, and why.
func (c *Console) causePart(v *visit) error {
	filter, err := deadFilter(v)
	if err != nil {
		return err
	}
	if text := v.query("receipt"); text != "" {
		receipt, err := uuid.Parse(text)
		if err != nil {
			return &badRequest{"That is no receipt."}
		}
		filter = dead.Filter{AccountID: v.account(), IDs: []uuid.UUID{receipt}}
	}
	filter.State = cmp.Or(filter.State, dead.StateOpen)
	if len(filter.IDs) > 0 {
		filter.State = ""
	}
	causes, err := c.Letters.StandingCauses(v.ctx(), filter)
	if err != nil {
		return err
	}
	return c.renderPart(v, "dead", "causes", causes)
}
