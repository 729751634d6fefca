package console

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// section is a kind of object of the set-up, with its pages: a list, the form of a new one,
// and each object with the form that edits it. The rules are those of the use cases.
type section[T any] struct {
	*Console
	place
	noun   history.Noun
	object reference.Object

	heads   []head
	row     func(T) []cell
	filters func(*visit) []field
	// list returns those that the URL chooses, by number.
	list func(*visit) ([]T, error)
	id   func(*T) int64
	// key is the last part of an object's path.
	key  func(T) string
	show func(v *visit, key string) (T, error)
	// keyOf is nil where the key is the number.
	keyOf func(v *visit, id int64) (string, error)
	// fields are those of an object's form; of the zero T those of a new one.
	fields func(v *visit, of T, isNew bool) ([]field, error)
	add    func(ctx context.Context, p *sent) (T, reference.Warnings, error)
	// alter is nil where nothing can be edited.
	alter func(ctx context.Context, account int64, before T, p *sent) (T, reference.Warnings, error)
	// secret returns what is shown once, when the object is made; nil where nothing is.
	secret func(v *visit, made T) (*secretShown, error)
	// complete reads what else the page of an object shows; it may be nil.
	complete func(v *visit, of T, page *objectShown) error
}

// head is a column's.
type head struct {
	Words  string
	Number bool
}

// cell is a value in a row, perhaps with an address.
type cell struct {
	Text, To, Class string
}

// listShown is a page of the list of a section.
type listShown struct {
	places
	place
	// New is where the form of a new one is; empty for those who may make none.
	New     string
	Filters []field
	Heads   []head
	Rows    [][]cell
	// Total is how many there are on all pages.
	Total int
	Next  string
}

// formShown is a form that makes or edits an object.
type formShown struct {
	To, Button string
	Fields     []field
	// Version is that of the object as it was read, and Creation names the request that
	// makes a new one.
	Version, Creation string
}

// objectShown is the page of an object, or of a new one.
type objectShown struct {
	places
	place
	Noun       history.Noun
	Key, Title string
	// Address is the page's own, and History that of what was changed.
	Address, History string
	// Facts cannot be changed.
	Facts []fact
	// Form is nil for those who may not edit: they see the Fields.
	Form     *formShown
	Fields   []field
	Warnings []string
	// Faults are what is wrong with none of the fields.
	Faults []reference.Fault
	Done   string
	Secret *secretShown
	// Extra is what the section shows beside.
	Extra any
}

// fact is a value with its words.
type fact struct{ Words, Value string }

// secretShown is shown once.
type secretShown struct{ Words, Text, Note string }

// register registers the pages of a section.
func (s section[T]) register(mux *http.ServeMux) {
	s.page(mux, "GET "+s.Path, s.sees, s.listPage)
	s.page(mux, "GET "+s.newPath(), s.changes, s.newPage)
	s.page(mux, "POST "+s.Path, s.changes, s.create)
	s.page(mux, "GET "+s.Path+"/{id}", s.sees, s.objectPage)
	if s.alter != nil {
		s.page(mux, "POST "+s.Path+"/{id}", s.changes, s.edit)
	}
}

func (s section[T]) writes(v *visit) bool { return s.changes.allows(v.user) == nil }

func (s section[T]) address(v *visit, key string) string {
	return inAccount(v, s.Path+"/"+url.PathEscape(key))
}

func (s section[T]) listPage(v *visit) error {
	all, err := s.list(v)
	if err != nil {
		return err
	}
	page := listShown{places: placesOf(v, s.place), place: s.place, Heads: s.heads, Total: len(all), Filters: s.filters(v)}
	if s.writes(v) {
		page.New = inAccount(v, s.newPath())
	}
	some, err := operate.PageByNumber(all, v.query("cursor"), rowsAPage, s.id)
	if err != nil {
		return err
	}
	page.Next = v.next(some.Next)
	for _, one := range some.Items {
		row := s.row(one)
		row[0].To = s.address(v, s.key(one))
		page.Rows = append(page.Rows, row)
	}
	return s.render(v, http.StatusOK, "setuplist", capital(s.Many), page)
}

func (s section[T]) newPage(v *visit) error {
	var none T
	fields, err := s.fields(v, none, true)
	if err != nil {
		return err
	}
	return s.showNew(v, http.StatusOK, formShown{Fields: fields, Creation: rand.Text()}, nil)
}

func (s section[T]) showNew(v *visit, status int, form formShown, faults []reference.Fault) error {
	page := objectShown{places: placesOf(v, s.place), place: s.place, Title: "New " + s.One, Address: inAccount(v, s.newPath()), Faults: faults}
	form.To, form.Button = inAccount(v, s.Path), "Create the "+s.One
	page.Form = &form
	return s.render(v, status, "setupobject", page.Title, page)
}

// errUsed means that the form was sent before, with other values.
var errUsed = reference.Refuse(reference.ErrInvalid, "this form has made something already: to make another one, send it again")

// create makes an object, and once, however often the form is sent.
func (s section[T]) create(v *visit) error {
	var none T
	fields, err := s.fields(v, none, true)
	if err != nil {
		return err
	}
	p := &sent{visit: v, fields: fields}
	ctx, err := s.once(p)
	if err != nil {
		return err
	}
	made, warnings, err := s.add(ctx, p)
	var before *reference.CreatedBeforeError
	switch {
	case errors.As(err, &before):
		return s.before(v, before.ID)
	case errors.Is(err, reference.ErrOtherRequest):
		err = errUsed
	case err == nil:
		return s.made(v, made, warnings)
	}
	return s.refused(err, func() error {
		form := formShown{Creation: p.text("creation")}
		if errors.Is(err, errUsed) {
			form.Creation = rand.Text()
		}
		fields, rest := p.typed(reference.FaultsOf(err))
		form.Fields = fields
		return s.showNew(v, http.StatusBadRequest, form, rest)
	})
}

// before shows what the same form has made before.
func (s section[T]) before(v *visit, id int64) error {
	key := strconv.FormatInt(id, 10)
	if s.keyOf != nil {
		var err error
		if key, err = s.keyOf(v, id); err != nil {
			return err
		}
	}
	return s.back(v, key, "before")
}

// once returns a context in which the form makes an object once.
func (s section[T]) once(p *sent) (context.Context, error) {
	key := p.text("creation")
	if key == "" {
		return p.visit.ctx(), nil
	}
	request := map[string]string{}
	for _, one := range p.fields {
		request[one.Name] = p.text(one.Name)
	}
	account := p.visit.user.Account()
	creation, err := reference.NewCreation(account, s.object, p.visit.by()+" "+key, request)
	return reference.Under(p.visit.ctx(), reference.Condition{Creation: creation}), err
}

// refused shows the form again where the error is for people.
func (s section[T]) refused(err error, again func() error) error {
	if isOf(err, reference.ErrInvalid, reference.ErrConflict, reference.ErrNotFound) {
		return again()
	}
	return err
}

// made shows a new object, with what is shown once.
func (s section[T]) made(v *visit, made T, warnings reference.Warnings) error {
	if s.secret == nil && len(warnings) == 0 {
		return s.back(v, s.key(made), "created")
	}
	page, err := s.pageOf(v, made)
	if err != nil {
		return err
	}
	if s.secret != nil {
		if page.Secret, err = s.secret(v, made); err != nil {
			return err
		}
	}
	page.Done, page.Warnings = setupDone["created"], warnings
	return s.render(v, http.StatusOK, "setupobject", page.Title, page)
}

// setupDone says what was done, by the parameter of the address that follows.
var setupDone = map[string]string{
	"created": "Created.", "saved": "Saved.", "same": "Nothing was changed.", "before": "The form was sent before: this is what it has made.",
	"revoked": "Revoked: it opens nothing any more.", "terms": "The publisher's own terms are set.", "cleared": "The offer's terms apply to the publisher again.",
	"orders": "The switch of unique orders is set.", "ended": "The sessions are ended.",
}

func (s section[T]) back(v *visit, key, done string) error {
	http.Redirect(v.w, v.r, further(s.address(v, key), "done", done), http.StatusSeeOther)
	return nil
}

func (s section[T]) objectPage(v *visit) error {
	of, err := s.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	page, err := s.pageOf(v, of)
	if err != nil {
		return err
	}
	page.Done = setupDone[v.query("done")]
	return s.render(v, http.StatusOK, "setupobject", page.Title, page)
}

// pageOf reads the page of an object.
func (s section[T]) pageOf(v *visit, of T) (objectShown, error) {
	key, id := s.key(of), strconv.FormatInt(s.id(&of), 10)
	page := objectShown{
		places: placesOf(v, s.place), place: s.place, Noun: s.noun, Key: key, Title: capital(s.One) + " " + key, Address: s.address(v, key),
		History: inAccount(v, "/history?noun="+string(s.noun)+"&id="+id),
	}
	fields, err := s.fields(v, of, false)
	if err != nil {
		return page, err
	}
	for i := range fields {
		fields[i].Was = fields[i].Value
	}
	page.Fields = fields
	if s.alter != nil && s.writes(v) {
		page.Form = &formShown{To: page.Address, Button: "Save", Fields: fields, Version: reference.VersionOf(of)}
	}
	if s.complete != nil {
		err = s.complete(v, of, &page)
	}
	return page, err
}

// edit edits an object as the person saw it.
func (s section[T]) edit(v *visit) error {
	before, err := s.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	fields, err := s.fields(v, before, false)
	if err != nil {
		return err
	}
	p := &sent{visit: v, fields: fields}
	version := p.text("version")
	switch {
	case version != reference.VersionOf(before):
		return s.conflict(p, before)
	case !p.any():
		return s.back(v, s.key(before), "same")
	}
	after, warnings, err := s.alter(reference.Under(v.ctx(), reference.Condition{Version: version}), v.account(), before, p)
	switch {
	case errors.Is(err, reference.ErrChanged):
		if before, err = s.show(v, v.r.PathValue("id")); err == nil {
			err = s.conflict(p, before)
		}
		return err
	case err == nil && len(warnings) == 0:
		return s.back(v, s.key(after), "saved")
	case err == nil:
		page, err := s.pageOf(v, after)
		if err != nil {
			return err
		}
		page.Done, page.Warnings = setupDone["saved"], warnings
		return s.render(v, http.StatusOK, "setupobject", page.Title, page)
	}
	return s.refused(err, func() error {
		page, reading := s.pageOf(v, before)
		if reading != nil {
			return reading
		}
		page.Form.Fields, page.Faults = p.typed(reference.FaultsOf(err))
		return s.render(v, http.StatusBadRequest, "setupobject", page.Title, page)
	})
}

// changedMeanwhile is the fault of an edit of what is no more as the person read it.
var changedMeanwhile = reference.Fault{
	Text: "somebody else has changed it since you read it, and nothing of yours is saved", Hint: "look at what is new, and save again",
}

// conflict shows an object that somebody else has changed since the person read it, with
// what he has typed.
func (s section[T]) conflict(p *sent, is T) error {
	page, err := s.pageOf(p.visit, is)
	if err != nil {
		return err
	}
	fields, err := s.fields(p.visit, is, false)
	if err != nil {
		return err
	}
	p.fields = fields
	page.Form.Fields = p.merged()
	page.Faults = []reference.Fault{changedMeanwhile}
	return s.render(p.visit, http.StatusConflict, "setupobject", page.Title, page)
}
