package receiver

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// refuseUnread answers a request that did not arrive whole, or that is none.
// Its kind is not told: mostly there is no telling. Of a connection on which
// nothing was asked the library tells nothing, and nothing is answered there:
// who uses it next would take that for its own answer.
func (rc *Receiver) refuseUnread(ctx *fasthttp.RequestCtx, err error) {
	conn := ctx.Conn().(*conn) // our listener makes no other
	conn.linger.Store(true)
	if conn.Evicted() {
		rc.reply(ctx, "", overloaded(), time.Now())
		return
	}
	if errors.Is(err, fasthttp.ErrBodyTooLarge) && len(ctx.Request.Header.RequestURI()) > 1 {
		conn.Serving(0) // it makes no room for others: it may be recorded already
		rc.serve(ctx, true)
		return
	}
	rc.reply(ctx, "", rc.unread(err, conn.lined), time.Now())
}

// unread says what is wrong; lined is whether the first line came whole.
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
