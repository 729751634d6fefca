package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/search"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// patience is how long a test waits for an event.
const patience = 2 * time.Minute

// served is a whole system with the API, two accounts with hits of each outcome, and keys.
type served struct {
	t      *testing.T
	base   string // of the API
	hits   string
	store  *store.Store
	client *http.Client
	// north has what the tests ask for, and south is another account.
	north, south *tenant
	operator     string // a key
	document     *document
	keys         token.Keys
	options      app.Options
}

// tenant is an account, with keys by role and the ids of what it has.
type tenant struct {
	*storetest.Account
	keys                                  map[keys.Role]string
	advertiser, domain, paused, termed    int64
	token, rule, webhook                  int64
	spare                                 keys.Key
	transaction                           string
	job                                   int64
	receipt, deadLetter                   uuid.UUID
	order, publisherName, offerName, host string
}

// serveAPI starts a system, perhaps with options that are changed.
func serveAPI(t *testing.T, change ...func(*app.Options)) *served {
	t.Helper()
	options := newOptions(t)
	options.Web.Rate, options.Web.WrongKeys = 0, 0
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := &served{t: t, store: db, keys: options.Keys, options: options, client: &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.north = s.tenant(storetest.NewAccount(t, db, options.Keys, "north"), "north")
	s.south = s.tenant(storetest.NewAccount(t, db, options.Keys, "south"), "south")
	s.operator = s.key(0, keys.Admin)

	for _, change := range change {
		change(&options)
	}
	system := start(t, options)
	web, err := system.WebAddr(t.Context())
	require.NoError(t, err)
	s.base = "http://" + web + "/api/v1"
	s.hits, err = system.HitsAddr(t.Context())
	require.NoError(t, err)
	s.document = s.readDocument()
	for _, tenant := range []*tenant{s.north, s.south} {
		s.traffic(tenant)
	}
	return s
}

// tenant names what belongs to an account, so that it is recognised wherever it appears.
func (s *served) tenant(account *storetest.Account, name string) *tenant {
	s.t.Helper()
	ctx := s.t.Context()
	made := &tenant{Account: account, order: name + "-order-1", publisherName: name + "-publisher", offerName: name + "-offer", host: name + ".example"}
	made.keys = map[keys.Role]string{}
	for _, role := range keys.Roles() {
		made.keys[role] = s.key(account.ID, role)
	}
	_, err := s.store.EditPublisher(ctx, account.ID, account.Publisher, publisherNamed(made.publisherName))
	require.NoError(s.t, err)
	_, err = s.store.EditOffer(ctx, account.ID, account.Offer, offerNamed(made.offerName))
	require.NoError(s.t, err)
	offer, err := s.store.Offer(ctx, account.ID, account.Offer)
	require.NoError(s.t, err)
	made.advertiser = offer.AdvertiserID
	_, err = s.store.EditAdvertiser(ctx, account.ID, made.advertiser, name+"-advertiser")
	require.NoError(s.t, err)
	domain, err := s.store.CreateDomain(ctx, account.ID, made.host)
	require.NoError(s.t, err)
	made.domain = domain.ID
	made.paused = account.NewOffer(func(o *attribution.Offer) { o.Status, o.Name = attribution.Paused, name+"-paused" })
	made.termed = account.NewOffer(func(o *attribution.Offer) { o.Name = name + "-termed" })
	require.NoError(s.t, s.store.SetOverride(ctx, account.ID, made.termed, account.Publisher, attribution.Override{Payout: &attribution.Money{}}))
	tokens, err := s.store.Tokens(ctx, account.ID)
	require.NoError(s.t, err)
	made.token = tokens[0].ID
	rule, err := alerts.Rules{Store: s.store}.Create(ctx, alerts.NewRule{Account: account.ID, Name: name + "-rule", Condition: alerts.RejectionRate})
	require.NoError(s.t, err)
	require.NoError(s.t, s.store.Judge(ctx, rule.ID, time.Now(), []alerts.Judgement{{Begins: true, Text: name + " is quiet"}}, false))
	hook, err := s.store.CreateAlertWebhook(ctx, account.ID, "https://"+made.host+"/hook")
	require.NoError(s.t, err)
	made.rule, made.webhook = rule.ID, hook.ID
	made.spare, err = keys.Keys{Store: s.store}.Create(ctx, keys.NewKey{Account: account.ID, Role: keys.Read, Name: name + " spare"})
	require.NoError(s.t, err)
	return made
}

// key makes a key of an account, or with account 0 one of an operator.
func (s *served) key(account int64, role keys.Role) string {
	s.t.Helper()
	made, err := keys.Keys{Store: s.store}.Create(s.t.Context(), keys.NewKey{Account: account, Role: role, Name: "a test"})
	require.NoError(s.t, err)
	return made.Key
}

// traffic sends a click that converts, and a clickless hit that becomes a dead letter.
func (s *served) traffic(of *tenant) {
	s.t.Helper()
	click := s.fire("/click", "offer", number(of.Offer), "publisher", number(of.Publisher), "sub_id", of.order)
	require.Equal(s.t, http.StatusFound, click.StatusCode)
	shop, err := url.Parse(click.Header.Get("Location"))
	require.NoError(s.t, err)
	of.transaction = shop.Query().Get("c")
	converted := s.fire("/postback", "secure", of.Global, "transaction_id", of.transaction, "order_id", of.order)
	of.receipt = uuid.MustParse(converted.Header.Get("X-Receipt"))
	refused := s.fire("/clickless", "secure", of.Global, "offer", number(of.paused), "publisher", number(of.Publisher), "external_transaction_id", of.order)
	of.deadLetter = uuid.MustParse(refused.Header.Get("X-Receipt"))
	s.await(of.receipt, outcome.Converted)
	s.await(of.deadLetter, outcome.Rejected)
	job, err := jobs.Jobs{Store: s.store, Letters: dead.Letters{Store: s.store}}.Create(s.t.Context(),
		jobs.Order{Act: history.Discard, Filter: dead.Filter{AccountID: of.ID, Reason: outcome.UnknownOffer}, By: dead.Operator{Name: "ann@desk"}})
	require.NoError(s.t, err)
	of.job = job.ID
	s.ended(job.ID)
}

// ended waits for the end of a job.
func (s *served) ended(id int64) (job jobs.Job) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		var err error
		job, err = s.store.Job(context.Background(), 0, id)
		return err == nil && job.State.Ended()
	}, patience, 10*time.Millisecond, "job %d never ended", id)
	return job
}

func (s *served) fire(path string, parameters ...string) *http.Response {
	s.t.Helper()
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	var response *http.Response
	require.Eventually(s.t, func() bool {
		var err error
		if response, err = s.client.Get("http://" + s.hits + path + "?" + query.Encode()); err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode != http.StatusServiceUnavailable
	}, patience, 10*time.Millisecond)
	return response
}

// await waits for the outcome of a hit.
func (s *served) await(receipt uuid.UUID, want outcome.Outcome) {
	s.t.Helper()
	var found []search.Hit
	became := func() (yes bool) {
		var err error
		found, err = s.store.Hits(context.Background(), search.Filter{IDs: []uuid.UUID{receipt}}, search.Span{End: uuid.Max}, 1)
		return err == nil && len(found) == 1 && found[0].Outcome == want
	}
	for begin := time.Now(); !became(); time.Sleep(10 * time.Millisecond) {
		require.Less(s.t, time.Since(begin), patience, "%s never became %s: %+v", receipt, want, found)
	}
}

// web is the address of the API and of receipts.
func (s *served) web() string {
	return strings.TrimSuffix(strings.TrimPrefix(s.base, "http://"), "/api/v1")
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// call is a request of an operation.
type call struct {
	method, path string // below the API's path, with the query
	body         any
	header       http.Header
}

// response is a response with its body read.
type response struct {
	*http.Response
	body []byte
}

// do sends a request with a key, and demands that request and response are as the
// document says. The one of a wrong request need not be.
func (s *served) do(key string, c call) response {
	s.t.Helper()
	request, got := s.send(key, c)
	if got.StatusCode != http.StatusBadRequest && got.StatusCode != http.StatusUnprocessableEntity {
		s.document.checkRequest(s.t, request)
	}
	s.document.checkResponse(s.t, request, got)
	return got
}

// send is do without a look at the document.
func (s *served) send(key string, c call) (func() *http.Request, response) {
	s.t.Helper()
	var body []byte
	switch given := c.body.(type) {
	case nil:
	case string:
		body = []byte(given)
	default:
		var err error
		body, err = json.Marshal(given)
		require.NoError(s.t, err)
	}
	request := func() *http.Request {
		made, err := http.NewRequestWithContext(s.t.Context(), c.method, s.base+c.path, bytes.NewReader(body))
		require.NoError(s.t, err)
		if key != "" {
			made.Header.Set("Authorization", "Bearer "+key)
		}
		if body != nil {
			made.Header.Set("Content-Type", "application/json")
		}
		for name, values := range c.header {
			made.Header[name] = values
		}
		return made
	}
	answered, err := s.client.Do(request())
	require.NoError(s.t, err, "%s %s", c.method, c.path)
	defer answered.Body.Close()
	read, err := io.ReadAll(answered.Body)
	require.NoError(s.t, err)
	answered.Body = io.NopCloser(bytes.NewReader(read))
	return request, response{answered, read}
}

// document is the OpenAPI document as the server serves it, read by a library that has
// nothing to do with the one that made it.
type document struct {
	validator validator.Validator
	// operations are the method and the path of each operation, by its id.
	operations map[string][2]string
	// accounts are the operations that have the parameter account.
	accounts map[string]bool
}

func (s *served) readDocument() *document {
	s.t.Helper()
	response, err := s.client.Get(s.base + "/openapi.json")
	require.NoError(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	read, err := libopenapi.NewDocument(text)
	require.NoError(s.t, err)
	model, err := read.BuildV3Model()
	require.NoError(s.t, err)
	d := &document{operations: map[string][2]string{}, accounts: map[string]bool{}}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			d.operations[operation.OperationId] = [2]string{strings.ToUpper(method), path}
			for _, parameter := range operation.Parameters {
				d.accounts[operation.OperationId] = d.accounts[operation.OperationId] || parameter.Name == "account"
			}
		}
	}
	var errs []error
	d.validator, errs = validator.NewValidator(read)
	require.NoError(s.t, errors.Join(errs...))
	valid, faults := d.validator.ValidateDocument()
	require.True(s.t, valid, "%v", faults)
	return d
}

func (d *document) checkRequest(t *testing.T, request func() *http.Request) {
	t.Helper()
	valid, faults := d.validator.ValidateHttpRequestSync(request())
	for _, fault := range faults {
		t.Errorf("%s %s: %s: %v", request().Method, request().URL.Path, fault.Message, fault.SchemaValidationErrors)
	}
	require.True(t, valid)
}

func (d *document) checkResponse(t *testing.T, request func() *http.Request, got response) {
	t.Helper()
	valid, faults := d.validator.ValidateHttpResponse(request(), got.Response)
	for _, fault := range faults {
		t.Errorf("%s %s: %s: %v: %s", request().Method, request().URL.Path, fault.Message, fault.SchemaValidationErrors, got.body)
	}
	require.True(t, valid)
}
