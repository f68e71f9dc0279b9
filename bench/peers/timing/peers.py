"""The same work in other libraries: reads a line of JSON for every request and answers with one.

    python peers.py THREADS

Requests:

    {"load": {"name": [path, rows, cols], ...}}     takes matrices of float32 (raw, little-endian) and forgets the others
    {"do": "torch.scan", "k": 10}                    does a piece of work and says its seconds and a sum of what it found

The first answer is a line with the versions of the libraries that are there and why the others are not.
"""
import json
import sys
import time

THREADS = int(sys.argv[1])
found, missing, M = {}, {}, {}


def library(name, version):
    try:
        module = __import__(name)
        found[name] = version(module)
        return module
    except Exception as e:  # whatever a library does when it is loaded
        missing[name] = f"{type(e).__name__}: {e}".splitlines()[0]


numpy = library("numpy", lambda m: m.__version__)
torch = library("torch", lambda m: m.__version__)
faiss = library("faiss", lambda m: m.__version__)
if torch:
    torch.set_num_threads(THREADS)
if faiss:
    faiss.omp_set_num_threads(THREADS)


def load(name, path, rows, cols):
    m = numpy.fromfile(path, numpy.float32).reshape(rows, cols)
    M[name] = m
    if torch:
        M["torch." + name] = torch.from_numpy(m)


def index():
    """Building it is not what is timed."""
    if "faiss.index" not in M:
        M["faiss.index"] = faiss.IndexFlatIP(M["rows"].shape[1])
        M["faiss.index"].add(M["rows"])
    return M["faiss.index"]


def doubles(name):
    """A symmetric matrix in float64."""
    if "double." + name not in M:
        M["double." + name] = M[name].astype(numpy.float64)
    return M["double." + name]


WORK = {
    "torch.scan": lambda k: torch.topk(M["torch.queries"] @ M["torch.rows"].T, k).values.double().sum().item(),
    "faiss.scan": lambda k: float(M["faiss.index"].search(M["queries"], k)[0].astype(numpy.float64).sum()),
    "numpy.product": lambda k: (M["queries"] @ M["rows"].T)[0, 0] * float("nan"),
    "numpy.gemm": lambda k: float((M["a"] @ M["b"])[0, 0]),
    "torch.gemm": lambda k: (M["torch.a"] @ M["torch.b"])[0, 0].item(),
    "numpy.gram": lambda k: float((M["rows"].T @ M["rows"])[0, 0]),
    "torch.gram": lambda k: (M["torch.rows"].T @ M["torch.rows"])[0, 0].item(),
    "numpy.cholesky": lambda k: float(numpy.trace(numpy.linalg.cholesky(doubles("a")))),
    "torch.cholesky": lambda k: torch.linalg.cholesky(torch.from_numpy(doubles("a"))).diagonal().sum().item(),
    "numpy.eigh": lambda k: float(numpy.abs(numpy.linalg.eigh(doubles("a"))[0]).sum()),
    "torch.eigh": lambda k: torch.linalg.eigh(torch.from_numpy(doubles("a")))[0].abs().sum().item(),
    "torch.project": lambda k: (M["torch.rows"] @ M["torch.signs"].T)[0, 0].item(),
    "numpy.tanh": lambda k: float(numpy.tanh(M["x"])[0, 0]),
    "torch.tanh": lambda k: torch.tanh(M["torch.x"])[0, 0].item(),
    "numpy.exp": lambda k: float(numpy.exp(M["x"])[0, 0]),
    "torch.exp": lambda k: torch.exp(M["torch.x"])[0, 0].item(),
}

print(json.dumps({"found": found, "missing": missing}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if "load" in request:
        M.clear()
        for name, (path, rows, cols) in request["load"].items():
            load(name, path, rows, cols)
        print("{}", flush=True)
        continue
    work = WORK[request["do"]]
    if request["do"].startswith("faiss."):
        index()
    if request["do"].endswith((".cholesky", ".eigh")):
        doubles("a")
    began = time.perf_counter()
    check = work(request.get("k", 0))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "check": check if check == check else None}), flush=True)
