package cuda

import "attrib/kernels/cuda/driver"

// rowsArg is Rows of rows.cuh.
type rowsArg struct {
	Data    driver.Pointer
	Stride  int64
	Scale   driver.Pointer
	Shift   driver.Pointer
	Count   int32
	Width   int32
	Type    int32
	Shifted int32
}

// foldsArg is Folds of fold.cuh.
type foldsArg struct {
	Out         driver.Pointer
	OutStride   int64
	Above       driver.Pointer
	Below       driver.Pointer
	Exclude     driver.Pointer
	Group       driver.Pointer
	Sum         [4]driver.Pointer // by kernels.Reduce
	Found       [2]driver.Pointer
	Count       [2]driver.Pointer
	Bad         driver.Pointer
	BadExcluded driver.Pointer
	Linear      float64
	Square      float64
	Row0        int64
	Rows        int32
	Queries     int32
	Capacity    int32
	Lanes       int32
	Limit       uint32
	_           int32
}

// scanArgs is ScanArgs of scan.cuh.
type scanArgs struct {
	Rows        rowsArg
	Queries     driver.Pointer
	QueryStride int64
	QueryScale  driver.Pointer
	By          driver.Pointer
	Shifted     driver.Pointer
	Folds       foldsArg
	When        int32 // 0: always, 1: only when a row is shifted, 2: only when none is
	_           int32
}

// normArgs is NormArgs of scan.cu.
type normArgs struct {
	Rows    rowsArg
	By      driver.Pointer
	Shift   driver.Pointer
	Shifted driver.Pointer
}

// mergeArgs is MergeArgs of scan.cu.
type mergeArgs struct {
	Found    [2]driver.Pointer
	Count    [2]driver.Pointer
	List     [2]driver.Pointer
	Spare    driver.Pointer
	Length   [2]driver.Pointer
	Above    driver.Pointer
	Below    driver.Pointer
	K        [2]int32
	Capacity int32
	Queries  int32
}

// factorLayer is FactorLayer of factored.cu. Where something lies in a tile or in the room beside it is stated in bytes
// per row of the tile.
type factorLayer struct {
	AAt, DAt                  int64
	AStride, DStride          int64
	FlatAt, FlatStride        int64
	QA, QD                    driver.Pointer // panels, position after position
	QAPanel, QDPanel          int64          // bytes from one panel to the next
	QAPosition, QDPosition    int64          // bytes from one position to the next
	TA, TD                    driver.Pointer // what products are made of: panels, or rows of the form's type
	TAStride, TDStride        int64          // bytes from one panel, or query, to the next
	TAPosition, TDPosition    int64
	In, Out                   int32
	Positions, QueryPositions int32
	Expanded, _               int32
}

// factoredArgs is FactoredArgs of factored.cu.
type factoredArgs struct {
	Tile, Room driver.Pointer
	Layers     driver.Pointer
	By         driver.Pointer
	Extreme    driver.Pointer
	LayerCount int32
	TileRows   int32
	Lo         int32
	_          int32
	Folds      foldsArg
}
