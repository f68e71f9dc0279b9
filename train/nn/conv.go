package nn

// geometry is how a convolution walks over an image.
type geometry struct {
	channels, height, width int
	kh, kw, sh, sw, ph, pw  int
}

func geometryOf(l Layer, in size) geometry {
	g := geometry{channels: in.features, height: in.height, width: in.width, kh: l.Kernel[0], kw: l.Kernel[1], sh: 1, sw: 1}
	if l.Stride != nil {
		g.sh, g.sw = l.Stride[0], l.Stride[1]
	}
	if l.Padding != nil {
		g.ph, g.pw = l.Padding[0], l.Padding[1]
	}
	return g
}

// outputs are height and width of the result.
func (g geometry) outputs() (h, w int) {
	return (g.height+2*g.ph-g.kh)/g.sh + 1, (g.width+2*g.pw-g.kw)/g.sw + 1
}

// convolution unfolds images into rows of patches: one row a place of the result, in it the patch place by place, a
// place's channels together.
type convolution struct {
	geometry
	planes bool // images lie channel by channel, as samples do; else place by place, as layers hand them on
}

// each calls f for every row of kernel places that lies inside the image: row is where it begins in a sample's patches,
// pixel the first place in the image, n how many places follow on one another.
func (g geometry) each(f func(row, pixel, n int)) {
	h, w := g.outputs()
	patch := g.kh * g.kw * g.channels
	for oy := range h {
		for ox := range w {
			at := (oy*w + ox) * patch
			left := ox*g.sw - g.pw
			lo, hi := max(0, -left), min(g.kw, g.width-left)
			if lo >= hi {
				continue
			}
			for ky := range g.kh {
				if y := oy*g.sh - g.ph + ky; y >= 0 && y < g.height {
					f(at+(ky*g.kw+lo)*g.channels, y*g.width+left+lo, hi-lo)
				}
			}
		}
	}
}

func (c convolution) unfold(rows, image []float32, count int) {
	h, w := c.outputs()
	from, to := c.channels*c.height*c.width, h*w*c.kh*c.kw*c.channels
	if c.ph > 0 || c.pw > 0 {
		clear(rows[:count*to])
	}
	for s := range count {
		src, dst := image[s*from:(s+1)*from], rows[s*to:(s+1)*to]
		if c.planes {
			c.each(func(row, pixel, n int) { c.gather(dst[row:], src[pixel:], n) })
			continue
		}
		c.each(func(row, pixel, n int) { copy(dst[row:row+n*c.channels], src[pixel*c.channels:]) })
	}
}

// gather copies n places with all their channels from an image that lies channel by channel.
func (c convolution) gather(dst, src []float32, n int) {
	for ch := range c.channels {
		plane := src[ch*c.height*c.width:]
		for k := range n {
			dst[k*c.channels+ch] = plane[k]
		}
	}
}

func (c convolution) fold(image, rows []float32, count int) {
	h, w := c.outputs()
	from, to := c.channels*c.height*c.width, h*w*c.kh*c.kw*c.channels
	clear(image[:count*from])
	for s := range count {
		dst, src := image[s*from:(s+1)*from], rows[s*to:(s+1)*to]
		c.each(func(row, pixel, n int) { add(dst[pixel*c.channels:], src[row:row+n*c.channels]) })
	}
}
