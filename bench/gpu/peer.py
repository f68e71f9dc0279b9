"""Does the shapes that bench/gpu timed with PyTorch on the same card: peer.py SHAPES HANDOVER [DEVICE].

Rows and queries lie on the card before the time begins, as for bench/gpu; scores are made in blocks that fit, as whoever
writes this by hand has to. Everything found is written at once, a line each.
"""
import json
import statistics
import sys
import time

try:
    import torch
except ImportError as e:
    sys.exit(f"no usable PyTorch: {e}")

shapes, out = json.load(open(sys.argv[1])), sys.argv[2]
device = sys.argv[3] if len(sys.argv) > 3 else "cuda"
if device == "cuda" and not torch.cuda.is_available():
    sys.exit("no usable PyTorch: torch.cuda.is_available() is false")


def hand(**found):
    with open(out, "a") as f:
        f.write(json.dumps(found) + "\n")


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def seconds(work, rounds=5):
    took = []
    for i in range(rounds + 1):
        wait()
        began = time.perf_counter()
        work()
        wait()
        if i > 0:
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def free():
    return torch.cuda.mem_get_info()[0] if device == "cuda" else 1 << 30


def rows(n, w, q, k, **_):
    """The k best of n rows for q queries: mm and topk in blocks, then topk of the blocks' best."""
    g = torch.empty(n, w, dtype=torch.bfloat16, device=device)
    step = max(1, (1 << 28) // w)
    for i in range(0, n, step):
        g[i : i + step].uniform_(-1, 1)
    queries = torch.rand(q, w, device=device).to(torch.bfloat16)
    block = max(k, min(n, int(free() * 0.4) // (6 * q)))

    def work():
        best, ids = [], []
        for i in range(0, n, block):
            part = g[i : i + block]
            v, j = torch.topk(queries @ part.T, min(k, len(part)), dim=1)
            best.append(v)
            ids.append(j + i)
        v, j = torch.topk(torch.cat(best, 1), k, dim=1)
        return v, torch.gather(torch.cat(ids, 1), 1, j)

    return work


def cholesky(n, count, **_):
    """Factors of so many matrices, in parts that fit; their sums are left out, which favours PyTorch."""
    part = max(1, min(count, int(free() * 0.3) // (8 * n * n)))
    a = torch.rand(part, n, n, device=device)
    a = a @ a.transpose(1, 2) + torch.eye(n, device=device)

    def work():
        for i in range(0, count, part):
            torch.linalg.cholesky(a[: min(part, count - i)])

    return work


def products(models, batch, out, **sizes):
    """One layer in bfloat16, from the host and back."""
    inner = sizes["in"]
    a, b = torch.rand(models, batch, inner), torch.rand(models, inner, out)
    return lambda: torch.bmm(a.to(device).to(torch.bfloat16), b.to(device).to(torch.bfloat16)).float().cpu()


def coalitions(models, samples, batch, epochs, classes, **sizes):
    """Tanh networks of three layers in float32, a batched product for each, as one graph of autograd."""
    widths = [sizes[f"in{i}"] for i in range(3)] + [classes]
    x, y = torch.rand(samples, widths[0]), torch.randint(0, classes, (samples,))
    weight = torch.tensor([[float(k >> i % 10 & 1) for i in range(samples)] for k in range(models)])
    orders = [torch.randperm(samples) for _ in range(epochs)]

    def work():
        theta = []
        for i, o in zip(widths, widths[1:]):
            theta += [torch.rand(models, i, o, device=device) / i - 0.5 / i, torch.zeros(models, 1, o, device=device)]
        velocity = [torch.zeros_like(p) for p in theta]
        xs, ys, ws = x.to(device), y.to(device), weight.to(device)
        for order in orders:
            order = order.to(device)
            for at in range(0, samples, batch):
                rows = order[at : at + batch]
                for p in theta:
                    p.requires_grad_(True)
                h = xs[rows].expand(models, -1, -1)
                for i in range(0, len(theta), 2):
                    h = torch.baddbmm(theta[i + 1], h, theta[i])
                    if i + 2 < len(theta):
                        h = torch.tanh(h)
                loss = torch.nn.functional.cross_entropy(h.reshape(-1, classes), ys[rows].repeat(models), reduction="none")
                total = (loss.view(models, -1) * ws[:, rows]).sum() / len(rows)
                gradient = torch.autograd.grad(total, theta)
                with torch.no_grad():
                    for p, v, g in zip(theta, velocity, gradient):
                        v.mul_(0.9).add_(g + 1e-3 * p)
                        p -= 0.05 * v
        return [p.detach().cpu() for p in theta]

    return work


def of(name):
    if name.startswith("q="):
        return rows
    return {"cholesky": cholesky, "products": products, "coalitions": coalitions}.get(name.split()[0])


hand(torch=torch.__version__)
size = 8192 if device == "cuda" else 256
x, y = (torch.rand(size, size, device=device).to(torch.bfloat16) for _ in range(2))
hand(bf16=2 * size**3 / seconds(lambda: x @ y))
del x, y
done = {}
for s in shapes:
    make = of(s["name"])
    if make is None:
        continue
    key = json.dumps(s["sizes"], sort_keys=True) + s["name"].split()[0]
    if key not in done:
        try:
            done[key] = seconds(make(**s["sizes"]))
        except RuntimeError as e:  # out of memory: the others can still be done
            print(s["name"], e, file=sys.stderr)
            continue
        finally:
            if device == "cuda":
                torch.cuda.empty_cache()
    hand(peer=s["name"], second=done[key])
