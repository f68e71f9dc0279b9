package cli

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// droppingNode stands before a node and cuts every nth connection in the middle of the answer.
func droppingNode(node string, nth int64) (*httptest.Server, error) {
	at, err := url.Parse(node)
	if err != nil {
		return nil, err
	}
	forward := httputil.NewSingleHostReverseProxy(at)
	var calls atomic.Int64
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%nth != 0 {
			forward.ServeHTTP(w, r)
			return
		}
		// The call arrives, its answer does not: the worst case for a transaction.
		forward.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})), nil
}

// scriptDrops puts a dropping node between the script and its chain until undrop.
func scriptDrops(ts *testscript.TestScript, _ bool, args []string) {
	nth, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	direct := ts.Getenv("ATTRIB_RPC")
	server, err := droppingNode(direct, nth)
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("DIRECT_RPC", direct)
	ts.Setenv("ATTRIB_RPC", server.URL)
}

func scriptUndrop(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("ATTRIB_RPC", ts.Getenv("DIRECT_RPC"))
}
