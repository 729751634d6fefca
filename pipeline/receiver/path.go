package receiver

import (
	"strings"
	"unicode"

	"integr8/pipeline/hit"
)

// door is one way in.
type door struct {
	kind hit.Kind
	// allow lists the methods, as the header of a 405 does.
	allow string
	// serve handles a request and returns the response.
	serve func(*Receiver, *visit) answer
	// peek returns the response to HEAD.
	peek func(*Receiver, *visit) answer
}

// doorAt returns the door of a path. It ignores slashes at the end and repeated ones at
// the beginning.
func doorAt(path string) (door, bool) {
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	for len(path) > 1 && strings.HasSuffix(path, "/") {
		path = path[:len(path)-1]
	}
	switch path {
	case "/", "/postback":
		return door{hit.Postback, "GET, HEAD, POST", (*Receiver).postback, (*Receiver).peekPostback}, true
	case "/click":
		return door{hit.Click, "GET, HEAD", (*Receiver).click, (*Receiver).peekClick}, true
	case "/pixel":
		return door{hit.Pixel, "GET, HEAD", (*Receiver).pixel, (*Receiver).peekPixel}, true
	case "/clickless":
		return door{hit.Clickless, "GET, HEAD, POST", (*Receiver).clickless, (*Receiver).peekPostback}, true
	}
	return door{}, false
}

// door returns the door of a visit. It mends a path that matches no door when the
// intention is clear: capital letters are read as small ones, the text behind a mark
// other than the first question mark (/click&offer=1) is read as the query, and marks at
// the end are left out.
func (v *visit) door() (door, bool) {
	if d, known := doorAt(v.path); known {
		return d, true
	}
	cut := strings.IndexAny(v.path, "?&;")
	path := v.path
	if cut >= 0 {
		path = path[:cut]
	}
	lower := strings.ToLower(path)
	bare := strings.TrimRightFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if lower == "/" {
		bare = lower
	}
	d, known := doorAt(bare)
	if !known {
		return door{}, false
	}
	if lower != path {
		v.mended = append(v.mended, capital)
	}
	if cut >= 0 {
		v.query = strings.TrimSuffix(v.path[cut+1:]+"&"+v.query, "&")
	}
	if cut >= 0 || bare != strings.TrimRight(lower, "/") {
		v.mended = append(v.mended, glued)
	}
	v.path = path
	return d, true
}
