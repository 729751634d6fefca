package api

// The tags of the document.
const (
	tagRows      = "rows"
	tagReports   = "reports"
	tagDead      = "dead letters"
	tagJobs      = "jobs"
	tagReference = "reference data"
	tagSystem    = "system"
)

// addReads registers the operations that change nothing.
func (a *api) addReads() {
	add(a, get("list-conversions", "/conversions", tagRows, "List conversions",
		"The newest first."), a.conversions)
	add(a, get("list-hits", "/hits", tagRows, "List hits",
		"Requests with what became of them, the newest first."), a.hits)
	find := get("find", "/find", tagRows, "Find hits and conversions",
		"Those with all the values that are named, the newest first. It is a POST so that secrets stand in no URL; it changes nothing.")
	find.method = "POST"
	add(a, find, a.find)
	add(a, get("trace", "/trace/{id}", tagRows, "Tell the story of a receipt or a transaction_id",
		"The click, the hits that named it, the conversions."), a.trace)

	add(a, get("report", "/report", tagReports, "Count clicks, conversions and money",
		"From roll-ups, in whole quarter hours."), a.report)
	add(a, get("report-reasons", "/report/reasons", tagReports, "Count hits by reason",
		"Those that were rejected, unmatched or failed."), a.reasons)
	add(a, get("report-conflicts", "/report/conflicts", tagReports, "List postback conflicts",
		"Offers for which the global and the offer-level postback are mixed."), a.conflicts)
	add(a, get("report-orders", "/report/orders", tagReports, "List orders that were paid more than once",
		"The most expensive first."), a.orders)

	add(a, get("list-dead-letters", "/dead-letters", tagDead, "List dead letters",
		"Hits that were rejected, unmatched or failed, the newest death first."), a.deadLetters)
	add(a, get("count-dead-letters", "/dead-letters/reasons", tagDead, "Count dead letters by reason",
		"The most frequent first, and by sender where that is asked for."), a.deadReasons)
	add(a, get("show-dead-letter", "/dead-letters/{receipt}", tagDead, "Show a dead letter",
		"With the hit and the history."), a.deadLetter)
	add(a, get("list-jobs", "/jobs", tagJobs, "List jobs",
		"The newest first, with what each has done."), a.jobs)
	add(a, get("show-job", "/jobs/{id}", tagJobs, "Show a job",
		"With what it has done and, of a replay, what became of the hits."), shown(a.Jobs.Show))
	estimate := get("estimate-job", "/jobs/estimate", tagJobs, "Estimate a job",
		"What it would choose, by reason, which letters it would begin with, and warnings. It is a POST as the creation is; it changes nothing.")
	estimate.method = "POST"
	add(a, estimate, a.estimateJob)

	add(a, get("list-offers", "/offers", tagReference, "List offers", "By number."), a.offers)
	addWhole(a, get("show-offer", "/offers/{id}", tagReference, "Show an offer", etagIsVersion), versioned(a.Offers.Show))
	add(a, get("list-publishers", "/publishers", tagReference, "List publishers", "By number."), a.publishers)
	addWhole(a, get("show-publisher", "/publishers/{id}", tagReference, "Show a publisher", etagIsVersion), versioned(a.Publishers.Show))
	add(a, get("list-advertisers", "/advertisers", tagReference, "List advertisers", "By number."), a.advertisers)
	addWhole(a, get("show-advertiser", "/advertisers/{id}", tagReference, "Show an advertiser", etagIsVersion), versioned(a.Advertisers.Show))
	add(a, get("list-domains", "/domains", tagReference, "List tracking domains", "By number."), a.domains)
	addWhole(a, get("show-domain", "/domains/{id}", tagReference, "Show a tracking domain", etagIsVersion), versioned(a.Domains.Show))
	add(a, get("list-tokens", "/tokens", tagReference, "List secure tokens",
		"By number, without the secrets."), a.tokens)

	add(a, get("list-history", "/history", tagReference, "List who changed what and when",
		"With the old and the new values, the newest first. A secret is in none."), a.history)
	a.addAlerts()
	a.addAccounts()
	a.addSystem()
}

// addSystem registers what is about the whole system.
func (a *api) addSystem() {
	audit := get("audit", "/audit", tagSystem, "Prove that nothing that a receiver promised is missing",
		forOperators)
	queues := get("list-queues", "/queues", tagSystem, "Show how full the queues are, and what to do",
		forOperators)
	audit.whole, queues.whole = true, true
	add(a, audit, a.audit)
	add(a, queues, a.queues)
	a.addPauses()
}
