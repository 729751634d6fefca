package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// staticPath is where the files are served: staticPath/VERSION/NAME.
const staticPath = "/static/"

// static serves the files that pages load. Its version is a digest of all of them, so that
// browsers keep what they have for good.
type static struct {
	version string
	files   map[string]staticFile
}

type staticFile struct {
	kind, tag    string
	text, packed []byte
}

// newStatic reads the embedded files.
func newStatic() *static {
	s := &static{files: map[string]staticFile{}}
	all := sha256.New()
	err := fs.WalkDir(staticFiles, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		own := sha256.Sum256(text)
		fmt.Fprintf(all, "%s %x\n", name, own)
		s.files[strings.TrimPrefix(name, "static/")] = staticFile{
			kind: kindOf(name), tag: `"` + hex.EncodeToString(own[:16]) + `"`, text: text, packed: packed(text),
		}
		return nil
	})
	if err != nil {
		panic("the embedded files cannot be read: " + err.Error())
	}
	s.version = hex.EncodeToString(all.Sum(nil)[:8])
	return s
}

func kindOf(name string) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "text/plain; charset=utf-8"
}

func packed(text []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
	_, _ = writer.Write(text)                                    // to memory
	_ = writer.Close()
	return out.Bytes()
}

// address returns the address of a file.
func (s *static) address(name string) string { return staticPath + s.version + "/" + name }

func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, staticPath), "/")
	file, known := s.files[name]
	if !known {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.kind)
	header.Set("Cache-Control", "no-cache")
	if version == s.version {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("Vary", "Accept-Encoding")
	text, tag := file.text, file.tag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(file.packed) < len(file.text) {
		header.Set("Content-Encoding", "gzip")
		text, tag = file.packed, strings.TrimSuffix(file.tag, `"`)+`-gzip"`
	}
	header.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", fmt.Sprint(len(text)))
	_, _ = w.Write(text) // to a client, which may be gone
}
