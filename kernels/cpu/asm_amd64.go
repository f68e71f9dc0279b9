package cpu

//go:noescape
func dot512x4(b *block)

//go:noescape
func dot512x3(b *block)

//go:noescape
func dot512x2(b *block)

//go:noescape
func dot512x1(b *block)

//go:noescape
func distance512x4(b *block)

//go:noescape
func distance512x3(b *block)

//go:noescape
func distance512x2(b *block)

//go:noescape
func distance512x1(b *block)

//go:noescape
func dot256x2(b *block)

//go:noescape
func dot256x1(b *block)

//go:noescape
func distance256x2(b *block)

//go:noescape
func distance256x1(b *block)

//go:noescape
func pick512x4(p *pick) int

//go:noescape
func pick512x3(p *pick) int

//go:noescape
func pick512x2(p *pick) int

//go:noescape
func pick512x1(p *pick) int

//go:noescape
func pick256x2(p *pick) int

//go:noescape
func pick256x1(p *pick) int

//go:noescape
func sum512(s *adds)

//go:noescape
func positive512(s *adds)

//go:noescape
func greatest512(s *adds)

//go:noescape
func squares512(s *adds)

//go:noescape
func largest512(x *float32, n int) uint32

//go:noescape
func scaleRows512(x, by *float32, rows, lanes int)

//go:noescape
func norms512(x *float32, stride, rows, cols int, out *float64)

//go:noescape
func sum256(s *adds)

//go:noescape
func positive256(s *adds)

//go:noescape
func greatest256(s *adds)

//go:noescape
func squares256(s *adds)

//go:noescape
func largest256(x *float32, n int) uint32

//go:noescape
func scaleRows256(x, by *float32, rows, lanes int)

//go:noescape
func norms256(x *float32, stride, rows, cols int, out *float64)

//go:noescape
func widenBF16512(dst *float32, x *uint16, n int, scale float32)

//go:noescape
func widenF16512(dst *float32, x *uint16, n int, scale float32)

//go:noescape
func widenI8512(dst *float32, x *int8, n int, scale float32)

//go:noescape
func widenBF16256(dst *float32, x *uint16, n int, scale float32)

//go:noescape
func widenF16256(dst *float32, x *uint16, n int, scale float32)

//go:noescape
func widenI8256(dst *float32, x *int8, n int, scale float32)

//go:noescape
func transpose8(dst, src *float32, dstStride, srcStride, rows, cols int)

//go:noescape
func dot512few1(b *block)

//go:noescape
func dot512few2(b *block)

//go:noescape
func dot512few3(b *block)

//go:noescape
func dot512few4(b *block)

//go:noescape
func distance512few1(b *block)

//go:noescape
func distance512few2(b *block)

//go:noescape
func distance512few3(b *block)

//go:noescape
func distance512few4(b *block)

//go:noescape
func dot256few1(b *block)

//go:noescape
func dot256few2(b *block)

//go:noescape
func dot256few3(b *block)

//go:noescape
func dot256few4(b *block)

//go:noescape
func distance256few1(b *block)

//go:noescape
func distance256few2(b *block)

//go:noescape
func distance256few3(b *block)

//go:noescape
func distance256few4(b *block)
