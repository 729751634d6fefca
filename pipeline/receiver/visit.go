package receiver

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/connection"
)

// visit is one request as the doors read it. Its texts are copies and outlive
// the request; header and body do not.
type visit struct {
	method string
	// target is the target in the request line, as sent.
	target string
	// path is decoded, query is not.
	path, query string
	// host is as sent, with its port.
	host string
	// client is the address of the connection's other end; invalid when it has none, as
	// on a Unix socket.
	client netip.Addr
	header *fasthttp.RequestHeader
	body   []byte
	// bodyTooLarge is set when only the beginning of the body was read.
	bodyTooLarge bool
	// unread is the response to a request whose header did not arrive completely.
	unread answer
	// mended lists the changes to the path, see door.
	mended []mending
}

// visitOf returns the visit of a request. The error is that of a malformed target.
func visitOf(ctx *fasthttp.RequestCtx) (*visit, error) {
	header := &ctx.Request.Header
	v := &visit{
		method: methodOf(header),
		target: string(header.RequestURI()),
		host:   string(header.Host()),
		client: connection.AddressOf(ctx.RemoteAddr()),
		header: header,
		body:   ctx.PostBody(),
	}
	return v, v.split()
}

// split sets path and query from the target.
func (v *visit) split() (err error) {
	if !strings.HasPrefix(v.target, "/") {
		return v.splitAbsolute()
	}
	v.path, v.query, _ = strings.Cut(v.target, "?")
	if strings.IndexByte(v.path, '%') >= 0 {
		v.path, err = url.PathUnescape(v.path)
	}
	return err
}

// splitAbsolute is split for a whole URL, as proxies send it. Its host replaces that of
// the header: see RFC 9112, section 3.2.2.
func (v *visit) splitAbsolute() error {
	target, err := url.ParseRequestURI(v.target)
	if err != nil {
		return err
	}
	v.path, v.query = target.Path, target.RawQuery
	if target.Host != "" {
		v.host = target.Host
	}
	return nil
}

// The methods that doors accept.
const (
	methodGet  = fasthttp.MethodGet
	methodHead = fasthttp.MethodHead
	methodPost = fasthttp.MethodPost
)

func methodOf(header *fasthttp.RequestHeader) string {
	switch {
	case header.IsGet():
		return methodGet
	case header.IsPost():
		return methodPost
	case header.IsHead():
		return methodHead
	}
	return string(header.Method())
}

// values returns the lines of a header, which are valid until the next call.
func (v *visit) values(name string) [][]byte { return v.header.PeekAll(name) }

func (v *visit) userAgent() string { return string(v.header.UserAgent()) }

func (v *visit) referer() string { return string(v.header.Referer()) }
