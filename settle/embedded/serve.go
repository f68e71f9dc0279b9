package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
)

// maxRequest bounds a request's body.
const maxRequest = 8 << 20

// Server is a chain that is being served.
type Server struct {
	URL    string // such as http://127.0.0.1:8545
	server *http.Server
	done   chan error
}

// Wait returns when serving has ended: nil when the context was cancelled.
func (s *Server) Wait() error { return <-s.done }

// Serve answers JSON-RPC on a loopback address such as "127.0.0.1:8545" (port 0: a free one) until the context ends.
// Besides the methods of a node (eth, net, web3) it knows evm_mine and evm_increaseTime, and it makes a block after
// every eth_sendRawTransaction. Addresses that others can reach are refused: the keys are public.
func (c *Chain) Serve(ctx context.Context, addr string) (*Server, error) {
	if err := loopback(addr); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://" + listener.Addr().String(), done: make(chan error, 1),
		server: &http.Server{Handler: &proxy{c}, ReadHeaderTimeout: 10 * time.Second}}
	go func() {
		err := s.server.Serve(listener)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		s.done <- err
	}()
	context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.server.Shutdown(late) != nil {
			s.server.Close()
		}
	})
	return s, nil
}

// loopback refuses addresses that are not this machine's own.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address %q: want host:port such as 127.0.0.1:8545: %w", addr, err)
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("address %q is not a loopback address: the chain's keys are public, so it is served to this machine only (127.0.0.1)", addr)
	}
	return nil
}

// proxy passes requests on to the node in the process and adds what a development chain does besides.
type proxy struct{ chain *Chain }

type request struct {
	Version string            `json:"jsonrpc"`
	ID      json.RawMessage   `json:"id,omitempty"`
	Method  string            `json:"method"`
	Params  []json.RawMessage `json:"params"`
}

type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// ServeHTTP answers one request or a batch. A page in a browser cannot use it: a Host that is not loopback (DNS
// rebinding) and a body that is not JSON by its type (a form) are refused.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if loopback(net.JoinHostPort(strings.Trim(host, "[]"), "0")) != nil {
		http.Error(w, "this chain is served to loopback hosts only", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		http.Error(w, "JSON-RPC: POST with content type application/json", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p.answerBody(r.Context(), body))
}

func (p *proxy) answerBody(ctx context.Context, body []byte) any {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		var one request
		if err := json.Unmarshal(body, &one); err != nil {
			return failed(nil, -32700, err.Error())
		}
		return p.answer(ctx, one)
	}
	var batch []request
	if err := json.Unmarshal(body, &batch); err != nil {
		return failed(nil, -32700, err.Error())
	}
	out := make([]response, len(batch))
	for i, one := range batch {
		out[i] = p.answer(ctx, one)
	}
	return out
}

func failed(id json.RawMessage, code int, message string) response {
	return response{Version: "2.0", ID: orNull(id), Error: &rpcError{Code: code, Message: message}}
}

func orNull(id json.RawMessage) json.RawMessage {
	if len(id) == 0 {
		return json.RawMessage("null")
	}
	return id
}

func (p *proxy) answer(ctx context.Context, r request) response {
	result, err := p.do(ctx, r)
	if err == nil {
		return response{Version: "2.0", ID: orNull(r.ID), Result: result}
	}
	out := failed(r.ID, -32000, err.Error())
	var coded rpc.Error
	if errors.As(err, &coded) {
		out.Error.Code = coded.ErrorCode()
	}
	var data rpc.DataError
	if errors.As(err, &data) {
		out.Error.Data = data.ErrorData()
	}
	return out
}

func (p *proxy) do(ctx context.Context, r request) (json.RawMessage, error) {
	switch r.Method {
	case "evm_mine":
		return json.RawMessage(`"0x0"`), p.chain.Mine(ctx)
	case "evm_increaseTime":
		seconds, err := secondsOf(r.Params)
		if err != nil {
			return nil, err
		}
		text, _ := json.Marshal(int64(seconds / time.Second))
		return text, p.chain.IncreaseTime(ctx, seconds)
	case "eth_sendRawTransaction":
		return p.pass(ctx, r, true)
	}
	if name, _, _ := strings.Cut(r.Method, "_"); name != "eth" && name != "net" && name != "web3" {
		return nil, &methodError{r.Method}
	}
	return p.pass(ctx, r, false)
}

// methodError is JSON-RPC's answer to a method that is not served.
type methodError struct{ method string }

func (m *methodError) Error() string  { return "the method " + m.method + " is not available" }
func (m *methodError) ErrorCode() int { return -32601 }

// pass hands a request to the node, and with it makes a block when the request was a transaction.
func (p *proxy) pass(ctx context.Context, r request, mine bool) (json.RawMessage, error) {
	args := make([]any, len(r.Params))
	for i, a := range r.Params {
		args[i] = a
	}
	var result json.RawMessage
	if !mine {
		err := p.chain.client.Client().CallContext(ctx, &result, r.Method, args...)
		return orNull(result), err
	}
	p.chain.mu.Lock()
	defer p.chain.mu.Unlock()
	if err := p.chain.client.Client().CallContext(ctx, &result, r.Method, args...); err != nil {
		return nil, err
	}
	p.chain.backend.Commit()
	return result, nil
}

// secondsOf takes a number or a string, decimal or 0x, as the tools of the trade send them.
func secondsOf(params []json.RawMessage) (time.Duration, error) {
	if len(params) != 1 {
		return 0, errors.New("evm_increaseTime takes one argument, seconds")
	}
	n, err := strconv.ParseInt(strings.Trim(string(params[0]), `"`), 0, 64)
	if err != nil || n < 0 || n > 100*365*24*3600 {
		return 0, fmt.Errorf("evm_increaseTime: %s is not a number of seconds between 0 and a hundred years", params[0])
	}
	return time.Duration(n) * time.Second, nil
}
