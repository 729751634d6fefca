package receiver

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// refuseUnread responds to a request that did not arrive completely, or that is not
// HTTP. The library does not call it for a connection on which no byte arrived. Such a
// connection gets no response, because the client would take it for the response to its
// next request.
func (rc *Receiver) refuseUnread(ctx *fasthttp.RequestCtx, err error) {
	conn := ctx.Conn().(*conn) // our listener returns only this type
	conn.linger.Store(true)
	if conn.Evicted() {
		rc.reply(ctx, "", overloaded(), time.Now())
		return
	}
	var full *fasthttp.ErrSmallBuffer
	var change func(*visit)
	switch {
	// When a chunked body is too large, the library has dropped the header too.
	case errors.Is(err, fasthttp.ErrBodyTooLarge) && (len(ctx.Request.Header.RequestURI()) > 1 || conn.head.restore(&ctx.Request)):
		change = func(v *visit) { v.bodyTooLarge = true }
	case errors.As(err, &full) && conn.head.restore(&ctx.Request):
		change = func(v *visit) { v.unread = rc.unread(err, conn.lined) }
	default:
		rc.reply(ctx, "", rc.unread(err, conn.lined), time.Now())
		return
	}
	conn.Serving(0) // so that it is not evicted: it may be recorded already
	rc.serve(ctx, change)
}

// unread returns the response that says what is wrong. lined is set when the first line
// has arrived completely.
func (rc *Receiver) unread(err error, lined bool) answer {
	var full *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.As(err, &full) && !lined:
		return tooLarge(fasthttp.StatusRequestURITooLong, "the URL is too long", rc.options.MaxURLBytes)
	case errors.As(err, &full):
		return tooLarge(fasthttp.StatusRequestHeaderFieldsTooLarge, "the header is too large", maxHeaderBytes)
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return tooLarge(fasthttp.StatusRequestEntityTooLarge, "the body is too large", rc.options.MaxBodyBytes)
	case errors.As(err, &network) && network.Timeout():
		return unacceptable(fasthttp.StatusRequestTimeout, "the request did not arrive in time")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return unacceptable(fasthttp.StatusBadRequest, "the request did not arrive whole")
	}
	return unreadable()
}
