package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"path"
	"strconv"
	"strings"
)

// maxPixels bounds what a small file may unpack to.
const maxPixels = 1 << 26

// imageFeatures are the grey values of an image, row by row, each divided by the largest possible one: 0 is black, 1 is
// white.
func imageFeatures(name string, data []byte) ([]float32, error) {
	decode := decodePNG
	if strings.EqualFold(path.Ext(name), ".pgm") {
		decode = decodePGM
	}
	v, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return v, nil
}

func decodePNG(data []byte) ([]float32, error) {
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if size.Width*size.Height > maxPixels {
		return nil, fmt.Errorf("%d × %d pixels are more than %d", size.Width, size.Height, maxPixels)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	out := make([]float32, 0, b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			grey := color.Gray16Model.Convert(img.At(x, y)).(color.Gray16)
			out = append(out, float32(grey.Y)/65535)
		}
	}
	return out, nil
}

// decodePGM reads the plain (P2) and the binary (P5) form of a portable greymap,
// https://netpbm.sourceforge.net/doc/pgm.html.
func decodePGM(data []byte) ([]float32, error) {
	p := pgm{rest: data}
	magic := p.token()
	width, height, top := p.number(), p.number(), p.number()
	if magic != "P2" && magic != "P5" || width < 1 || height < 1 || top < 1 || top > 65535 {
		return nil, errors.New("is not a PGM image")
	}
	if width > maxPixels || height > maxPixels || width*height > maxPixels {
		return nil, fmt.Errorf("%d × %d pixels are more than %d", width, height, maxPixels)
	}
	next := p.number
	if magic == "P5" {
		p.rest = p.rest[min(1, len(p.rest)):] // one white space ends the header
		next = func() int { return p.sample(top) }
	}
	out := make([]float32, 0, min(width*height, len(data)))
	for range width * height {
		v := next()
		if v < 0 || v > top {
			return nil, fmt.Errorf("pixel %d is missing or above %d", len(out), top)
		}
		out = append(out, float32(v)/float32(top))
	}
	return out, nil
}

type pgm struct{ rest []byte }

// token is the next word; comments run from # to the end of the line.
func (p *pgm) token() string {
	for {
		p.rest = bytes.TrimLeft(p.rest, " \t\r\n")
		if !bytes.HasPrefix(p.rest, []byte("#")) {
			break
		}
		_, p.rest, _ = bytes.Cut(p.rest, []byte("\n"))
	}
	end := bytes.IndexAny(p.rest, " \t\r\n")
	if end < 0 {
		end = len(p.rest)
	}
	word := string(p.rest[:end])
	p.rest = p.rest[end:]
	return word
}

// number is the next decimal number, or −1.
func (p *pgm) number() int {
	v, err := strconv.Atoi(p.token())
	if err != nil {
		return -1
	}
	return v
}

// sample is the next binary value, of one byte or two, most significant first; −1 at the end.
func (p *pgm) sample(top int) int {
	n := 1
	if top > 255 {
		n = 2
	}
	if len(p.rest) < n {
		return -1
	}
	v := int(p.rest[0])
	if n == 2 {
		v = v<<8 | int(p.rest[1])
	}
	p.rest = p.rest[n:]
	return v
}
