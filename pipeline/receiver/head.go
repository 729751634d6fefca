package receiver

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// head is the beginning of a request that the library does not keep: one whose
// header does not fit into its buffer, or whose chunked body is too
// large. It may contain a token. When a header arrives in one read, nothing is
// copied, unless the body is chunked.
type head struct {
	kept []byte
	// enough is set when no more of the request need be kept.
	enough bool
}

// moreHeadBytes is kept in addition to a first line of the largest size: this is mostly
// the whole header.
const moreHeadBytes = 1 << 10

var (
	endOfLine   = []byte("\r\n")
	endOfHeader = []byte("\r\n\r\n")
)

// add adds bytes of a request that have arrived; it keeps at most limit bytes.
func (h *head) add(data []byte, limit int) {
	if h.enough {
		return
	}
	before := len(h.kept)
	if before <= 1 { // from the second request of a connection on, the library reads the first byte alone
		if end := bytes.Index(data, endOfHeader); end >= 0 && !mayBeChunked(data[:end]) {
			h.enough = true
			return
		}
	}
	h.kept = append(h.kept, data[:min(len(data), limit-before)]...)
	if bytes.Contains(h.kept[max(0, before-len(endOfHeader)):], endOfHeader) && !mayBeChunked(h.kept) {
		h.kept, h.enough = nil, true
	}
	h.enough = h.enough || len(h.kept) == limit
}

// reset prepares for the next request.
func (h *head) reset() {
	h.enough = false
	if h.kept = h.kept[:0]; cap(h.kept) > 64 {
		h.kept = nil // so that a waiting connection uses little memory
	}
}

func mayBeChunked(header []byte) bool { return bytes.Contains(header, []byte("hunked")) }

// restore fills a request from its head: its first line, the complete lines of its
// header, and the beginning of its body. A first line that was cut off is used
// up to its last complete parameter. It returns false when the head does not begin with a
// request line.
func (h *head) restore(request *fasthttp.Request) bool {
	header, body, passed := bytes.Cut(h.kept, endOfHeader)
	first, lines, whole := bytes.Cut(header, endOfLine)
	fields := bytes.Fields(first)
	if !whole && len(fields) == 2 { // cut off: its last parameter may be incomplete
		end := bytes.LastIndexAny(fields[1], "?&")
		if end < 0 {
			return false
		}
		fields[1] = fields[1][:end]
	} else if len(fields) != 3 || !bytes.HasPrefix(fields[2], []byte("HTTP/")) {
		return false
	}
	if !passed { // the header is cut off: its last line may be incomplete
		lines = lines[:max(0, bytes.LastIndex(lines, endOfLine))]
	}
	request.Reset()
	request.Header.SetMethodBytes(fields[0])
	request.Header.SetRequestURIBytes(fields[1])
	for line := range bytes.SplitSeq(lines, endOfLine) {
		name, value, found := bytes.Cut(line, []byte(":"))
		if found {
			request.Header.AddBytesKV(bytes.TrimSpace(name), bytes.TrimSpace(value))
		}
	}
	request.SetBodyRaw(body)
	return true
}
