package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"

	"integr8/handlers/operate/users"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates: each page with the layout and the shared parts.
type pages struct{ byName map[string]*template.Template }

// pageNames are the templates of pages, each of which defines "main".
var pageNames = []string{"login", "link", "failed", "you", "now", "queues", "search", "trace", "hits", "dead", "deadcounts", "letter", "bulk", "jobs", "job",
	"reports", "conversions", "alerts", "webhook", "integration", "import", "setup", "setuplist", "setupobject", "history", "tester"}

func newPages(files *static) *pages {
	words := template.FuncMap{"static": files.address}
	maps.Copy(words, wordsOfPages)
	maps.Copy(words, linksOfPages)
	p := &pages{byName: map[string]*template.Template{}}
	for _, name := range pageNames {
		p.byName[name] = template.Must(template.New(name).Funcs(words).ParseFS(templateFiles,
			"templates/layout.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return p
}

// shown is what the layout and every page are given.
type shown struct {
	// Page is the name of the page, and Path that of its URL.
	Page, Title, Path string
	// User is nil for somebody who is not logged in.
	User *users.User
	// Account is the only account that is shown; 0 for all.
	Account int64
	Version string
	// Operates is set for users who may act on dead letters.
	Operates bool
	// Whole is set for users who see the whole system.
	Whole bool
	Data  any
	// Behind is how far the replica is behind that the page was read from; empty where it
	// was read from the primary alone.
	Behind string

	visit *visit
}

// With returns the URL of the page with other values of parameters.
func (s shown) With(pairs ...string) string { return s.visit.with(pairs...) }

// Elsewhere returns the address of another page with the same parameters.
func (s shown) Elsewhere(path string) string {
	values := s.visit.r.URL.Query()
	values.Del("cursor")
	return address(path, values)
}

// Query is the value of a parameter of the URL.
func (s shown) Query(name string) string { return s.visit.query(name) }

func (c *Console) shown(v *visit, page, title string, data any) shown {
	s := shown{Page: page, Title: title, Path: v.r.URL.Path, Version: c.Version, Data: data, visit: v}
	if behind, read := c.ReplicaBehind(v.ctx()); read {
		s.Behind = fmt.Sprintf("%.1f s", behind.Seconds())
	}
	if v.user.ID != 0 {
		s.User, s.Account, s.Operates, s.Whole = &v.user, v.account(), v.operates(), v.user.AccountID == nil
	}
	return s
}

// render sends a page.
func (c *Console) render(v *visit, status int, page, title string, data any) error {
	return c.write(v, status, page, "layout", title, data)
}

// renderPart sends a template of a page alone, for a page that is open already.
func (c *Console) renderPart(v *visit, page, part string, data any) error {
	return c.write(v, http.StatusOK, page, part, "", data)
}

// write makes the whole response before it sends any of it.
func (c *Console) write(v *visit, status int, page, part, title string, data any) error {
	var made bytes.Buffer
	if err := c.pages.byName[page].ExecuteTemplate(&made, part, c.shown(v, page, title, data)); err != nil {
		return fmt.Errorf("make the page %s: %w", page, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(made.Bytes()) // to a client, which may be gone
	return nil
}
