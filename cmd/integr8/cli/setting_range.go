package cli

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// bounded decodes a setting that has a tag range:"LEAST..MOST", and refuses a
// value beyond it. A value that is cut down or taken for its default somewhere
// else would be found out by its effects only.
type bounded struct {
	kong.Mapper
	text        string
	least, most int64
}

// boundSettings puts the ranges in force, of settings and of commands' flags.
func boundSettings(parser *kong.Kong) error {
	return kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && flag.Tag.Has("range") {
			mapper, err := boundedBy(flag.Tag.Get("range"), flag.Target.Type(), flag.Mapper)
			if err != nil {
				return fmt.Errorf("range of --%s: %w", flag.Name, err)
			}
			flag.Mapper = mapper
		}
		return next(nil)
	})
}

func boundedBy(text string, of reflect.Type, inner kong.Mapper) (kong.Mapper, error) {
	from, to, _ := strings.Cut(text, "..")
	least, err := magnitude(of, from)
	if err != nil {
		return nil, err
	}
	most, err := magnitude(of, to)
	if err != nil {
		return nil, err
	}
	return bounded{inner, fmt.Sprintf("from %s to %s", from, to), least, most}, nil
}

// magnitude reads a bound in the unit of its setting.
func magnitude(of reflect.Type, text string) (int64, error) {
	switch of {
	case reflect.TypeFor[time.Duration]():
		duration, err := parseDuration(text)
		return int64(duration), err
	case reflect.TypeFor[byteSize]():
		var size byteSize
		err := size.UnmarshalText([]byte(text))
		return int64(size), err
	}
	return strconv.ParseInt(text, 10, 64)
}

// Decode reads the value and compares it.
func (b bounded) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if err := b.Mapper.Decode(ctx, target); err != nil {
		return err
	}
	if value := target.Int(); value < b.least || value > b.most {
		return fmt.Errorf("it must be %s", b.text)
	}
	return nil
}
