package report

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/png"
)

// Image is a small picture, carried inside the page.
type Image struct{ uri template.URL }

// Gray makes an image from rows × cols intensities in [0, 1]; 1 is drawn dark, as ink on paper. Values outside are
// clipped. It returns an empty Image when the sizes do not fit.
func Gray(rows, cols int, v []float32) Image {
	if rows*cols != len(v) || len(v) == 0 {
		return Image{}
	}
	img := image.NewGray(image.Rect(0, 0, cols, rows))
	for i, x := range v {
		ink := min(max(float64(x), 0), 1)
		img.SetGray(i%cols, i/cols, color.Gray{Y: uint8(255 - 255*ink + 0.5)})
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return Image{} // a bytes.Buffer does not fail
	}
	return Image{uri: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(buf.Bytes()))}
}

// URI is the picture as a data address, empty when there is none.
func (i Image) URI() template.URL { return i.uri }
