package receiver

import (
	"cmp"
	"strings"
	"unicode/utf8"

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
//
// Only what names the hit is strict: the token, and the ids that match or dedupe
// at that door (hit.Kind.Identifies). A fault of theirs refuses the request. Any
// other parameter is a bystander: it is mended, the request says so in its notes,
// and goes on. An amount is kept with all that was sent of it, because only the
// rules know whether it pays: see hit.KeepsEveryValue.
type request struct {
	kind hit.Kind
	// values are the parameters in raw form, of a repeated one the first value;
	// those of the contract without white space around them. The secure token is
	// not among them.
	values map[string]string
	// token is the secure token as sent, empty when absent.
	token string
	// elsewhere is a token in a body where no door reads one, such as in XML. It
	// counts for nothing; but a request that is refused is recorded under it.
	elsewhere string
	// malformed, repeated, badText and tooLong hold the first problem of
	// their sort, for the order in which they are told.
	malformed, repeated, badText, tooLong problem
	// mended says what was done to bystanders; nil while there was nothing to do.
	mended *mendings
	// otherCase holds the parameters of a tracking link that are ours but for
	// their letter case, see addOtherCase.
	otherCase []named

	limits Options
	// count counts the parameters, qualifiers those of hit.QualifierOf by name.
	count, qualifiers int
}

// The words in which a problem's subject is told.
const (
	theBody           = "the body"
	tooManyQualifiers = "the request, with so many events and statuses,"
	theJSONValue      = "a value in the JSON body, where a parameter of ours is no plain text or number,"
)

// readRequest gathers the parameters of a request of that kind.
func (rc *Receiver) readRequest(v *visit, kind hit.Kind) *request {
	in := &request{kind: kind, values: make(map[string]string, 8), limits: rc.options}
	in.addPairs(v.query)
	switch {
	case v.bodyTooLarge:
		in.leaveOutBody()
	case v.method != methodGet && len(v.body) > 0:
		in.addBody(v)
	}
	in.addOtherCase()
	return in
}

// sent is the value of one parameter, and what was wrong with its form.
type sent struct {
	text string
	// broken is set where the percent-encoding could not be undone throughout;
	// the text then holds what is left of it.
	broken bool
	// nested is set where JSON held an object or a list, and the text is that.
	nested bool
	// badText is set where the text was not UTF-8 before it was read.
	badText bool
}

// add takes in one parameter.
func (in *request) add(name string, value sent) {
	if !hit.KnownParam(name) {
		name = in.mendName(name)
	}
	if hit.IsSecureParam(name) {
		in.addToken(value)
		return
	}
	if in.kind != hit.Click && hit.QualifierOf(name) != hit.NoQualifier {
		in.addQualifierText(name, value.text)
		return
	}
	known := hit.KnownParam(name)
	if !known && in.kind == hit.Click && in.isOtherCase(name, value) {
		return
	}
	if in.count++; in.count > in.limits.MaxParams && !known {
		in.mend(name, surplus)
		return
	}
	if known {
		value.text = hit.Trim(value.text)
	}
	if in.kind.Identifies(name) {
		in.addID(name, value)
		return
	}
	in.addBystander(name, value)
}

// addToken takes in the secure token. In a tracking link it has no meaning: it
// is looked for only so that it is not kept.
func (in *request) addToken(value sent) {
	value.text = hit.Trim(value.text)
	if in.kind != hit.Click {
		switch {
		case value.nested:
			setProblem(&in.malformed, hit.MalformedRequest, theJSONValue)
			in.elsewhere = cmp.Or(in.elsewhere, tokenBehind([]byte(value.text)))
			return
		case value.broken:
			setProblem(&in.malformed, hit.MalformedRequest, hit.ParamSecure)
			in.elsewhere = cmp.Or(in.elsewhere, value.text)
			return
		case in.token != "" && value.text != "" && in.token != value.text:
			if hit.SameValue(hit.ParamSecure, in.token, value.text) {
				in.token = strings.ToLower(in.token) // as it was generated
				return
			}
			setProblem(&in.repeated, hit.RepeatedParameter, hit.ParamSecure)
		}
		in.checkText(hit.ParamSecure, value)
	}
	if in.token == "" {
		in.token = value.text
	}
}

// addID takes in a parameter that is never mended. The same value twice is one
// value, and an empty one is none.
func (in *request) addID(name string, value sent) {
	key := name == hit.ParamOrderID || name == hit.ParamExternalTransactionID
	if !key {
		value = in.splitTail(name, value)
	} else if hit.MeansNothing(value.text) {
		in.mend(name, absent)
		return
	}
	switch {
	case value.nested:
		setProblem(&in.malformed, hit.MalformedRequest, theJSONValue)
		return
	case value.broken:
		setProblem(&in.malformed, hit.MalformedRequest, name)
	}
	in.checkText(name, value)
	first := in.values[name]
	if first != "" && value.text != "" && first != value.text && !hit.SameValue(name, first, value.text) {
		setProblem(&in.repeated, hit.RepeatedParameter, name)
	}
	if first == "" {
		in.values[name] = value.text
	}
}

// checkText refuses text that cannot be kept as it is.
func (in *request) checkText(name string, value sent) {
	if value.badText || !validText(value.text) {
		setProblem(&in.badText, hit.InvalidText, name)
	}
	if len(value.text) > in.limits.MaxValueBytes {
		setProblem(&in.tooLong, hit.ValueTooLong, name)
	}
}

// addBystander takes in a parameter that never refuses the request.
func (in *request) addBystander(name string, value sent) {
	if value.broken || value.badText || !validText(value.text) || !validText(name) {
		value.text = hit.Clean(value.text)
		in.mend(name, misencoded)
	}
	if value.nested && hit.KnownParam(name) {
		in.mend(name, nested)
	} else if hit.IsUnfilled(name, value.text) {
		in.mend(name, unfilled)
		return
	}
	// Redaction cuts it: half a secret would show by no form.
	if len(value.text) > in.limits.MaxValueBytes || len(name) > in.limits.MaxValueBytes {
		in.mend(name, long)
	}
	first, taken := in.values[name]
	switch {
	case !taken || first == "":
		in.values[name] = value.text
	case value.text == "" || value.text == first || hit.SameValue(name, first, value.text):
	case !hit.KeepsEveryValue(name):
		in.mend(name, again)
	case len(first) <= in.limits.MaxValueBytes:
		in.values[name] = first + ", " + value.text
		in.mend(name, joined)
	}
}

func setProblem(p *problem, refusal hit.Refusal, subject string) {
	if p.refusal == "" {
		*p = problem{refusal, subject}
	}
}

func validText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// get returns a parameter of the contract; empty when absent.
func (in *request) get(name string) string { return in.values[name] }

// form returns the first problem that needs no look at what the values mean, in
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
		if in.elsewhere != "" {
			return problem{hit.MalformedRequest, theBody}
		}
		return problem{refusal: hit.MissingToken}
	}
	if in.qualifiers > hit.MaxQualifiers {
		setProblem(&in.malformed, hit.MalformedRequest, tooManyQualifiers)
	}
	return in.form()
}
