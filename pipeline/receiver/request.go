package receiver

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// problem is a fault of a request that is visible without a query. The zero value
// means none.
type problem struct {
	refusal outcome.Reason
	// subject is the subject of the sentence in our words: see outcome.Reason.SenderText.
	subject string
	// line is the text for the sender; when it is empty, the reason's own text is used.
	line string
}

// answer returns the response to a request with the problem.
func (p problem) answer() answer {
	a := refused(p.refusal, p.subject)
	a.line = cmp.Or(p.line, a.line)
	return a
}

// request holds the parameters of a request, of query and body together.
//
// Only the parameters that identify the hit are strict: the token, and the ids that match
// or dedupe at that door (hit.Kind.Identifies). A fault in one of them refuses the
// request. Any other parameter is a bystander: a fault in it is mended and noted. An
// amount keeps all its values, because only the rules know whether it pays: see
// hit.KeepsEveryValue.
type request struct {
	kind hit.Kind
	// values are the parameters as sent, the first value of a repeated one; those of the
	// contract are trimmed. They do not include the secure token.
	values map[string]string
	// token is the secure token as sent, empty when absent.
	token string
	// elsewhere is a token in a part of the body where no door reads one, such as XML. It
	// is not used as the token, but a refused request is recorded under it.
	elsewhere string
	// malformed, repeated, badText and tooLong hold the first problem of their kind.
	// form returns the first of them in this order.
	malformed, repeated, badText, tooLong problem
	// test is the mark of a test, which is not among the values.
	test testMark
	// mended holds the mendings of bystanders; nil while there are none.
	mended *mendings
	// otherCase holds the parameters of a tracking link whose names are ours
	// except for their letter case, see addOtherCase.
	otherCase []named

	limits Options
	// count counts the parameters, qualifiers the qualifiers among them (hit.QualifierIn),
	// and denials those of kind hit.DenialQualifier.
	count, qualifiers, denials int
	// nestedBytes is how many bytes were read of qualifiers that are objects or lists, and
	// of texts within texts. textDepth is in how many of these the text stands that is read.
	nestedBytes, textDepth int
	// searching is set while searchBody runs.
	searching bool
}

// Subjects of problems.
const (
	theBody      = "the body"
	theRequest   = "the request"
	thePath      = "the path"
	theJSONValue = "a value in the JSON body, where a parameter of ours is no plain text or number,"
)

// readRequest reads the parameters of a request of that kind.
func (rc *Receiver) readRequest(v *visit, kind hit.Kind) *request {
	in := &request{kind: kind, values: make(map[string]string, 8), limits: rc.options}
	for _, done := range v.mended {
		in.mend(thePath, done)
	}
	in.addPairs(v.query)
	switch {
	case v.bodyTooLarge:
		in.leaveOutBody(v)
	case v.method != methodGet && len(v.body) > 0:
		in.addBody(v)
	}
	in.addOtherCase()
	if kind == hit.Click {
		in.addGlued()
	}
	in.test = in.takeTestMark(rc.options.Keys, rc.options.Clock())
	return in
}

// sent is the value of one parameter, and the faults of its form.
type sent struct {
	text string
	// broken is set when the percent-encoding is malformed. text is then decoded as far as
	// possible, and raw is the value as sent.
	broken bool
	raw    string
	// nested is set when the value is a JSON object or list; text is then that JSON.
	nested bool
	// badText is set when the value was not UTF-8.
	badText bool
}

// add adds one parameter.
func (in *request) add(name string, value sent) {
	if value.broken && hit.IsRawMacro(value.raw) {
		value = sent{text: strings.ReplaceAll(value.raw, "+", " ")}
	}
	if !hit.KnownParam(name) {
		name = in.mendName(name)
	}
	if in.searching {
		in.addFound(name, value)
		return
	}
	if redact.IsSecureParam(name) {
		in.addToken(value)
		return
	}
	if in.kind != hit.Click && in.saysOfConversion(name, value) {
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
		if hit.IsKey(name) || hit.KeepsEveryValue(name) {
			in.addGluedQualifiers(value.text)
		}
	}
	if in.kind.Identifies(name) {
		in.addID(name, value)
		return
	}
	in.addBystander(name, value)
}

// addToken adds the secure token. In a tracking link it has no meaning, and is only found
// so that it can be removed.
func (in *request) addToken(value sent) {
	value.text = hit.Trim(value.text)
	if in.kind != hit.Click {
		value = in.splitToken(value)
		switch {
		case value.nested:
			setProblem(&in.malformed, outcome.MalformedRequest, theJSONValue)
			in.elsewhere = cmp.Or(in.elsewhere, tokenBehind([]byte(value.text)))
			return
		case value.broken:
			setProblem(&in.malformed, outcome.MalformedRequest, hit.ParamSecure)
			in.elsewhere = cmp.Or(in.elsewhere, value.text)
			return
		case in.token != "" && value.text != "" && in.token != value.text:
			if hit.SameValue(hit.ParamSecure, in.token, value.text) {
				in.token = strings.ToLower(in.token) // as it was generated
				return
			}
			setProblem(&in.repeated, outcome.RepeatedParameter, hit.ParamSecure)
		}
		in.checkText(hit.ParamSecure, value)
	}
	if in.token == "" {
		in.token = value.text
	}
}

// splitToken removes from a generated token the text that another system has appended, as
// splitTail does from an id. It looks at the form of the token alone, because no response
// depends on whether a text is a token; an imported token may contain any character.
func (in *request) splitToken(value sent) sent {
	if start := tailStart(value.text); start > 0 && !value.nested && token.IsGenerated(value.text[:start]) {
		in.mend(hit.ParamSecure, glued)
		in.addTail(value.text[start:])
		value.text = value.text[:start]
	}
	return value
}

// addID adds a parameter that is never mended. The same value twice counts as one
// value, and an empty value as absent.
func (in *request) addID(name string, value sent) {
	if !hit.IsKey(name) {
		value = in.splitTail(name, value)
	} else if hit.MeansNothing(value.text) {
		in.mend(name, absent)
		return
	}
	switch {
	case value.nested:
		setProblem(&in.malformed, outcome.MalformedRequest, theJSONValue)
		return
	case value.broken:
		setProblem(&in.malformed, outcome.MalformedRequest, name)
	}
	in.checkText(name, value)
	first := in.values[name]
	if first != "" && value.text != "" && first != value.text && !hit.SameValue(name, first, value.text) {
		setProblem(&in.repeated, outcome.RepeatedParameter, name)
	}
	if first == "" {
		in.values[name] = value.text
	}
}

// checkText records a problem when a text cannot be stored unchanged.
func (in *request) checkText(name string, value sent) {
	if value.badText || !validText(value.text) {
		setProblem(&in.badText, outcome.InvalidText, name)
	}
	if len(value.text) > in.limits.MaxValueBytes {
		setProblem(&in.tooLong, outcome.ValueTooLong, name)
	}
}

// addBystander adds a parameter that never refuses the request.
func (in *request) addBystander(name string, value sent) {
	if !value.nested && hit.IsUnfilled(name, value.text) {
		in.mend(name, unfilled)
		return
	}
	if hit.KeepsEveryValue(name) && value.text != "" && hit.NoAmount(value.text) {
		in.mend(name, absent)
		return
	}
	if value.broken || value.badText || !validText(value.text) || !validText(name) {
		value.text = hit.Clean(value.text)
		in.mend(name, misencoded)
	}
	if value.nested && hit.KnownParam(name) {
		in.mend(name, nested)
	}
	// Redaction cuts the value later: half a secret could not be recognized.
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
	default:
		if said, denied := hit.Denial(name, value.text); denied {
			in.values[name] = said
			in.mend(name, denying)
		}
	}
}

func setProblem(p *problem, refusal outcome.Reason, subject string) {
	if p.refusal == "" {
		*p = problem{refusal: refusal, subject: subject}
	}
}

func validText(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// get returns a parameter of the contract; empty when absent.
func (in *request) get(name string) string { return in.values[name] }

// form returns the first problem of the request's form, in the order in which a sender
// best corrects them.
func (in *request) form() problem {
	for _, p := range [...]problem{in.malformed, in.repeated, in.badText, in.tooLong} {
		if p.refusal != "" {
			return p
		}
	}
	return problem{}
}

// tooManyQualifiers is the text for a request with more than MaxQualifiers.
var tooManyQualifiers = fmt.Sprintf("the request has more than %d parameters that say which event a conversion is or how it stands: send only those that apply to it", hit.MaxQualifiers)

// formWithToken is form for the doors that need a token: a missing token comes before
// repeated parameters.
func (in *request) formWithToken() problem {
	if in.malformed.refusal == "" && in.token == "" {
		if in.elsewhere != "" {
			return problem{refusal: outcome.MalformedRequest, subject: theBody}
		}
		return problem{refusal: outcome.MissingToken}
	}
	if in.qualifiers > hit.MaxQualifiers {
		return problem{refusal: outcome.MalformedRequest, line: tooManyQualifiers}
	}
	return in.form()
}
