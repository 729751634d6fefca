package console

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
)

func jobAddress(id int64) string { return "/jobs/" + strconv.FormatInt(id, 10) }

// jobShown is a job on a page.
type jobShown struct {
	jobs.Job
	// Filter says in words which letters.
	Filter []string
}

func jobShownOf(job jobs.Job) jobShown { return jobShown{job, filterWords(job.Filter)} }

// Live reports whether the page changes by itself.
func (j jobShown) Live() bool { return !j.State.Ended() || !j.Followed }

// Every is how often a live page looks.
func (j jobShown) Every() string {
	if j.State.Ended() {
		return "4s" // for hits that are on the way
	}
	return "1s"
}

// Verb is what it does to letters, as in "replayed".
func (j jobShown) Verb() string { return dead.VerbOf(j.Act) }

// Words is what it does, before how many letters.
func (j jobShown) Words() string { return bulkWords[j.Act] }

// Left is how long it takes at its rate, in words; empty for one that has ended.
func (j jobShown) Left() string {
	if j.State.Ended() || j.PerSecond <= 0 {
		return ""
	}
	return span(time.Duration(float64(j.Result.Chosen-j.Swept) / j.PerSecond * float64(time.Second)))
}

// Done is how many letters it has replayed, discarded, brought back or noted on.
func (j jobShown) Done() int64 { return j.Result.Done() }

// Letters is the address of the letters that it was ordered for.
func (j jobShown) Letters() string { return lettersAddress(dead.Filter{Act: j.Result.Act}, anyState) }

// Became is the address of the letters with an end: those that died again, or are resolved.
func (j jobShown) Became(end dead.Became) string {
	if end.DiedAgain {
		return lettersAddress(dead.Filter{Act: j.Result.Act, Reason: end.Reason}, string(dead.StateOpen))
	}
	return lettersAddress(dead.Filter{Act: j.Result.Act}, string(dead.StateResolved))
}

// OnTheWay is the address of the letters whose hits are on the way.
func (j jobShown) OnTheWay() string {
	return lettersAddress(dead.Filter{Act: j.Result.Act}, string(dead.StateReplayed))
}

// Undo is the address of what brings back the letters that it discarded; empty where there
// are none.
func (j jobShown) Undo() string {
	if j.Act != history.Discard || j.Result.Done() == 0 {
		return ""
	}
	return undoAddress(j.Result.Act.String())
}

// jobsShown is the list of jobs.
type jobsShown struct {
	Jobs []jobShown
	// Next is the address of the next page; empty on the last.
	Next string
}

// Live reports whether one of them changes by itself.
func (j jobsShown) Live() bool {
	return slices.ContainsFunc(j.Jobs, func(one jobShown) bool { return !one.State.Ended() })
}

// unended is the parameter for jobs that have not ended.
const unended = "unended"

// States are the choices of the filter.
func (jobsShown) States() []choice {
	choices := []choice{{"", "all"}, {unended, "not ended"}}
	for _, state := range jobs.States() {
		choices = append(choices, choice{string(state), string(state)})
	}
	return choices
}

func (c *Console) jobsPage(v *visit) error {
	filter := jobs.Filter{Account: v.account()}
	switch state := jobs.State(v.query("state")); {
	case state == unended:
		filter.States = jobs.Unended()
	case slices.Contains(jobs.States(), state):
		filter.States = []jobs.State{state}
	case state != "":
		return &badRequest{"There is no such state of a job."}
	}
	found, err := c.Jobs.Page(v.ctx(), filter, v.query("cursor"), rowsAPage)
	if err != nil {
		return err
	}
	page := jobsShown{Next: v.next(found.Next)}
	for _, job := range found.Items {
		page.Jobs = append(page.Jobs, jobShownOf(job))
	}
	if v.r.Header.Get("HX-Request") != "" {
		return c.renderPart(v, "jobs", "jobRows", page)
	}
	return c.render(v, http.StatusOK, "jobs", "Jobs", page)
}

func (c *Console) jobPage(v *visit) error {
	id, err := pathNumber(v)
	if err != nil {
		return err
	}
	job, err := c.Jobs.Show(v.ctx(), v.account(), id)
	if err != nil {
		return err
	}
	if v.r.Header.Get("HX-Request") != "" {
		return c.renderPart(v, "job", "job", jobShownOf(job))
	}
	return c.render(v, http.StatusOK, "job", "Job "+strconv.FormatInt(id, 10), jobShownOf(job))
}

// cancelJob stops a job. One that has ended stays as it is.
func (c *Console) cancelJob(v *visit) error {
	id, err := pathNumber(v)
	if err != nil {
		return err
	}
	if _, err := c.Jobs.Cancel(v.ctx(), v.account(), id); err != nil {
		return err
	}
	http.Redirect(v.w, v.r, jobAddress(id), http.StatusSeeOther)
	return nil
}

// routeJobs registers the pages of jobs and of what creates them.
func (c *Console) routeJobs(mux *http.ServeMux, viewer, operator access) {
	c.page(mux, "GET /dead/cause", operator, c.causePart)
	c.page(mux, "GET /dead/all/{act}", operator, c.bulkPage)
	c.page(mux, "POST /dead/all/{act}", operator, c.createJob)
	c.page(mux, "GET /jobs", viewer, c.jobsPage)
	c.page(mux, "GET /jobs/{id}", viewer, c.jobPage)
	c.page(mux, "POST /jobs/{id}/cancel", operator, c.cancelJob)
}
