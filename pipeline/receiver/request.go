package receiver

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
)

// problem is what is wrong with a request at first sight. The zero value
// means nothing.
type problem struct {
	refusal hit.Refusal
	// subject says what it is about, in our words: see hit.Refusal.Text.
	subject string
}

// request holds the parameters of a request, of query and body together.
type request struct {
	// values are the parameters in raw form, of a repeated one the first
	// value; those of the contract without white space around them. The
	// secure token is not among them.
	values map[string]string
	// token is the secure token as sent, empty when absent.
	token string
	// tokenNamed is set when a parameter named secure was there at all.
	tokenNamed bool
	// malformed, repeated, badText and tooLong hold the first problem of
	// their sort, for the order in which they are told.
	malformed, repeated, badText, tooLong problem

	limits Options
	count  int
}

// The words in which a problem's subject is told.
const (
	theQuery         = "the query"
	theForm          = "the form in the body"
	theJSON          = "the JSON in the body"
	theJSONValue     = "a value in the JSON body, where a parameter of ours is no plain text or number,"
	tooManyParams    = "the request, with so many parameters,"
	unnamedParameter = "a parameter"
)

// readRequest gathers the parameters. The answer is set when the request
// cannot be considered at all: too large, or a body of unknown form.
func (rc *Receiver) readRequest(v *visit) (*request, *answer) {
	in := &request{values: make(map[string]string, 8), limits: rc.options}
	in.addPairs(v.query, theQuery)
	if v.method == methodPost {
		if fault := in.addBody(v); fault != nil {
			return nil, fault
		}
	}
	return in, nil
}

// add takes in one parameter.
func (in *request) add(name, value string) {
	in.count++
	if in.count > in.limits.MaxParams {
		in.setMalformed(tooManyParams)
		return
	}
	subject := subjectOf(name)
	if !validText(name) || !validText(value) {
		setProblem(&in.badText, hit.InvalidText, subject)
	}
	if len(value) > in.limits.MaxValueBytes || len(name) > in.limits.MaxValueBytes {
		setProblem(&in.tooLong, hit.ValueTooLong, subject)
	}
	if hit.IsSecureParam(name) {
		if in.tokenNamed {
			setProblem(&in.repeated, hit.RepeatedParameter, hit.ParamSecure)
		}
		in.tokenNamed = true
		if in.token == "" {
			in.token = strings.TrimSpace(value)
		}
		return
	}
	if _, taken := in.values[name]; taken {
		setProblem(&in.repeated, hit.RepeatedParameter, subject)
		return
	}
	if hit.KnownParam(name) {
		value = strings.TrimSpace(value)
	}
	in.values[name] = value
}

// addUnreadable records a parameter whose value has broken percent-encoding,
// as it stands: the request is refused, and the operator sees why. A secure
// token that cannot be read is dropped.
func (in *request) addUnreadable(name, raw string) {
	if hit.IsSecureParam(name) {
		return
	}
	if _, taken := in.values[name]; !taken {
		in.values[name] = raw
	}
}

func (in *request) setMalformed(subject string) {
	setProblem(&in.malformed, hit.MalformedRequest, subject)
}

func setProblem(p *problem, refusal hit.Refusal, subject string) {
	if p.refusal == "" {
		*p = problem{refusal, subject}
	}
}

// subjectOf names a parameter where the name is ours to repeat.
func subjectOf(name string) string {
	if hit.KnownParam(name) {
		return name
	}
	return unnamedParameter
}

func validText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// get gives a parameter of the contract; empty when absent.
func (in *request) get(name string) string { return in.values[name] }

// form tells the first problem that needs no look at what the values mean, in
// the order in which a sender best mends them.
func (in *request) form() problem {
	for _, p := range [...]problem{in.malformed, in.repeated, in.badText, in.tooLong} {
		if p.refusal != "" {
			return p
		}
	}
	return problem{}
}

// formWithToken is form for the doors that need a token: a request without
// one is told so before its repeats.
func (in *request) formWithToken() problem {
	if in.malformed.refusal == "" && in.token == "" {
		return problem{refusal: hit.MissingToken}
	}
	return in.form()
}

func bodyUnknown() *answer {
	a := unacceptable(fasthttp.StatusUnsupportedMediaType, fmt.Sprintf(
		"the body's Content-Type is not taken: send %s, %s or %s, uncompressed", typeForm, typeMultipart, typeJSON))
	return &a
}
