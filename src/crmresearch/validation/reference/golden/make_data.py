"""Synthetic inputs for the golden numbers (fixed seeds, no real customers).

``python make_data.py`` writes ``data/*.csv``; then ``Rscript golden.R`` writes ``golden.json``.
"""

import os

import numpy as np
import pandas as pd

here = os.path.dirname(os.path.abspath(__file__))
D = os.path.join(here, "data")
os.makedirs(D, exist_ok=True)


def save(df, n):
    df.to_csv(os.path.join(D, n), index=False)


def likert(z, cuts):
    return np.digitize(z, cuts) + 1


# 1 survey -----------------------------------------------------------------
r = np.random.default_rng(20260101)
n = 360
seg = np.repeat(["basic", "plus", "premium"], [170, 120, 70])
sh = {"basic": 0, "plus": 0.25, "premium": 0.6}
s = np.array([sh[a] for a in seg])
wave = r.integers(1, 3, n)
L = np.linalg.cholesky(np.array([[1, 0.55, 0.45], [0.55, 1, 0.6], [0.45, 0.6, 1]]))
F = r.standard_normal((n, 3)) @ L.T + s[:, None] * np.array([0.5, 1, 0.7])
load = {"tr": [0.8, 0.72, 0.65, 0.7], "sa": [0.85, 0.78, 0.7, 0.6], "co": [0.75, 0.8, 0.62, 0.7]}
d = {}
cuts = [-1.6, -0.7, 0.1, 1.1]
for k, (f, loading) in enumerate(load.items()):
    for j, a in enumerate(loading):
        d[f"{f}{j + 1}"] = likert(
            a * F[:, k] + np.sqrt(1 - a * a) * r.standard_normal(n),
            np.array(cuts) + 0.12 * (j - 1.5),
        )
df = pd.DataFrame(d)
df.insert(0, "id", np.arange(1, n + 1))
df["segment"] = seg
df["wave"] = wave
df["region"] = r.choice(["N", "S", "E", "W"], n, p=[0.35, 0.3, 0.2, 0.15])
df["age"] = r.choice(["18-34", "35-54", "55+"], n, p=[0.45, 0.35, 0.2])
sc = F[:, 1] * 0.9 + F[:, 0] * 0.4 + r.standard_normal(n) * 0.9
df["nps"] = np.clip(np.round(7.1 + 1.7 * sc), 0, 10).astype(int)
sig = {"basic": 1.0, "plus": 1.3, "premium": 0.7}
df["spend"] = np.round(np.exp(3.2 + 0.25 * F[:, 2] + 0.3 * s + 0.35 * r.standard_normal(n)), 2)
df["loyalty"] = np.round(
    50 + 6 * s + 4 * F[:, 2] + np.array([sig[a] for a in seg]) * 8 * r.standard_normal(n), 2
)
X = r.standard_normal((n, 6)) @ np.linalg.cholesky(0.4 * np.ones((6, 6)) + 0.6 * np.eye(6)).T
for j in range(6):
    df[f"x{j + 1}"] = np.round(X[:, j], 4)
df["overall"] = np.round(
    X @ np.array([0.5, 0.35, 0.2, 0.1, 0.05, 0]) + 0.8 * r.standard_normal(n), 4
)
# design: 12 strata-psu
df["stratum"] = r.integers(1, 5, n)
df["psu"] = df["stratum"] * 10 + r.integers(1, 6, n)
df["w"] = np.round(np.exp(0.4 * r.standard_normal(n)) * (1 + 0.3 * (df["age"] == "55+")), 4)
pop = df.groupby("stratum")["psu"].nunique()
df["fpc"] = df["stratum"].map({1: 40, 2: 30, 3: 25, 4: 60})
save(df, "survey.csv")
# 2 recovery ---------------------------------------------------------------
r = np.random.default_rng(20260202)
n = 420
ten = np.round(r.gamma(2, 2, n), 2)
sev = r.integers(1, 6, n)
prior = np.round(50 + 10 * r.standard_normal(n), 2)
prem = (r.random(n) < 0.35).astype(int)
p = 1 / (1 + np.exp(-(-0.6 + 0.35 * (sev - 3) + 0.04 * (prior - 50) + 0.5 * prem)))
rec = (r.random(n) < p).astype(int)
just = np.round(3 + 0.7 * rec - 0.15 * (sev - 3) + 0.6 * r.standard_normal(n), 3)
trust = np.round(3.2 + 0.25 * rec + 0.45 * (just - 3) + 0.6 * r.standard_normal(n), 3)
loy = np.round(
    20
    + 0.5 * prior
    + 2.0 * rec
    + 2.5 * (just - 3)
    + 2.0 * (trust - 3)
    - 1.2 * (sev - 3)
    + 0.8 * rec * (sev - 3)
    + 1.5 * prem
    + 5 * r.standard_normal(n),
    3,
)
ret = (r.random(n) < 1 / (1 + np.exp(-(-0.5 + 0.06 * (loy - 47) + 0.4 * rec)))).astype(int)
t = r.weibull(1.3, n) * 12 * np.exp(0.35 * rec + 0.02 * (loy - 47))
c = r.uniform(3, 24, n)
ev = (t <= c).astype(int)
t = np.maximum(np.round(np.minimum(t, c), 1), 0.1)
save(
    pd.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "recovered": rec,
            "tenure": ten,
            "severity": sev,
            "prior": prior,
            "premium": prem,
            "justice": just,
            "trust": trust,
            "loyalty": loy,
            "retained": ret,
            "time": t,
            "churn": ev,
        }
    ),
    "recovery.csv",
)
# 3 waves ------------------------------------------------------------------
r = np.random.default_rng(20260303)
A = 24
per = 5
W = 4
rows = []
for a in range(A):
    ua = 2.2 * r.standard_normal()
    arm = a % 2
    for i in range(per):
        ui = 3 * r.standard_normal()
        vi = 0.6 * r.standard_normal()
        for w in range(W):
            rows.append(
                (
                    a + 1,
                    a * per + i + 1,
                    w,
                    arm,
                    round(60 + ua + ui + (1.0 + vi + 0.7 * arm) * w + 2.5 * r.standard_normal(), 3),
                )
            )
save(pd.DataFrame(rows, columns=["account", "customer", "wave", "arm", "score"]), "waves.csv")
# 4 raters -----------------------------------------------------------------
r = np.random.default_rng(20260404)
k = 5
N = 24
T = r.standard_normal(N)
rows = [
    (
        i + 1,
        j + 1,
        int(
            np.clip(
                np.round(4 + 1.2 * T[i] + 0.4 * (j - 2) * 0.5 + 0.8 * r.standard_normal()), 1, 7
            )
        ),
    )
    for i in range(N)
    for j in range(k)
]
save(pd.DataFrame(rows, columns=["case", "rater", "rating"]), "raters.csv")
# rwg groups: 15 teams, 6 raters, 4 items on 1..5
r = np.random.default_rng(20260405)
rows = []
for g in range(15):
    m = 3.4 + 0.5 * r.standard_normal()
    for _ in range(6):
        rows.append(
            (
                g + 1,
                *[int(np.clip(np.round(m + 0.7 * r.standard_normal()), 1, 5)) for _ in range(4)],
            )
        )
save(pd.DataFrame(rows, columns=["team", "i1", "i2", "i3", "i4"]), "teams.csv")
# 5 lca --------------------------------------------------------------------
r = np.random.default_rng(20260505)
n = 500
pi = np.array([0.45, 0.33, 0.22])
xcov = np.round(r.standard_normal(n), 4)
eta = np.c_[np.zeros(n), -0.3 + 0.8 * xcov, -0.8 - 0.6 * xcov]
P = np.exp(eta)
P /= P.sum(1, keepdims=True)
z = (r.random(n)[:, None] > P.cumsum(1)).sum(1)
base = np.array([[0.75, 0.2, 0.05], [0.2, 0.6, 0.2], [0.05, 0.2, 0.75]])
Y = np.zeros((n, 8), int)
for j in range(8):
    pr = base[(z + (j >= 5) * 1 * (z > 0)) % 3] if j >= 5 else base[z]
    Y[:, j] = 1 + (r.random(n)[:, None] > pr.cumsum(1)).sum(1)
dl = pd.DataFrame(Y, columns=[f"y{j + 1}" for j in range(8)])
dl["x"] = xcov
dl["distal"] = np.round(np.array([5.0, 6.5, 8.0])[z] + r.standard_normal(n), 3)
dl["dist_bin"] = (r.random(n) < np.array([0.2, 0.5, 0.7])[z]).astype(int)
dl["true"] = z + 1
save(dl, "lca.csv")
dm = dl.drop(columns=["true"]).copy()
M = r.random((n, 8)) < 0.08
yy = dm.iloc[:, :8].astype("float")
yy[M] = np.nan
dm = pd.concat([yy.astype("Int64"), dl[["x"]]], axis=1)
save(dm, "lca_missing.csv")
# 6 meta -------------------------------------------------------------------
r = np.random.default_rng(20260606)
k = 12
n1 = r.integers(25, 160, k)
n2 = r.integers(25, 160, k)
th = 0.35 + 0.2 * r.standard_normal(k)
v = (n1 + n2) / (n1 * n2) + th**2 / (2 * (n1 + n2))
y = th + np.sqrt(v) * r.standard_normal(k)
save(
    pd.DataFrame(
        {
            "study": np.arange(1, k + 1),
            "n1": n1,
            "n2": n2,
            "yi": np.round(y, 5),
            "vi": np.round(v, 6),
            "year": 2008 + r.integers(0, 16, k),
        }
    ),
    "meta.csv",
)
# 7 kano -------------------------------------------------------------------
r = np.random.default_rng(20260707)
rows = []
for f, (pf, pd_) in {
    "app": ([0.5, 0.25, 0.15, 0.07, 0.03], [0.05, 0.1, 0.3, 0.25, 0.3]),
    "refund": ([0.1, 0.55, 0.2, 0.1, 0.05], [0.02, 0.03, 0.05, 0.2, 0.7]),
    "gift": ([0.6, 0.1, 0.2, 0.05, 0.05], [0.05, 0.1, 0.5, 0.25, 0.1]),
    "forum": ([0.1, 0.1, 0.6, 0.1, 0.1], [0.1, 0.1, 0.6, 0.1, 0.1]),
}.items():
    for i in range(120):
        rows.append((i + 1, f, 1 + r.choice(5, p=pf), 1 + r.choice(5, p=pd_)))
save(pd.DataFrame(rows, columns=["id", "feature", "functional", "dysfunctional"]), "kano.csv")
# 8 boot -------------------------------------------------------------------
r = np.random.default_rng(20260808)
n = 40
x = r.gamma(2, 1.5, n)
y = 0.6 * x + r.standard_normal(n)
save(pd.DataFrame({"x": np.round(x, 4), "y": np.round(y, 4)}), "boot.csv")
pd.DataFrame(r.integers(1, n + 1, (999, n))).to_csv(
    os.path.join(D, "boot_idx.csv"), index=False, header=False
)
# 9 latent classes: yes or no, scales, quantities, answers missing ----------
r = np.random.default_rng(20260909)
n = 400
of = r.choice(3, n, p=[0.45, 0.33, 0.22])
d = {}
for j, chance in enumerate([[0.9, 0.6, 0.2], [0.8, 0.25, 0.5]], start=1):
    d[f"b{j}"] = 1 + (r.random(n) < np.array(chance)[of])
for j, lean in enumerate([[0.9, 0.0, -0.7], [0.6, -0.8, 0.1], [-0.5, 0.4, 0.7]], start=1):
    step = np.array([0.0, 0.5, 0.4, 0.1, -0.6]) + 0.1 * (j - 2)
    odds = np.exp(np.cumsum(step) + np.outer(lean, np.arange(5)))
    odds /= odds.sum(axis=1, keepdims=True)
    d[f"o{j}"] = 1 + (r.random(n)[:, None] > odds[of].cumsum(axis=1)[:, :4]).sum(axis=1)
d["q1"] = np.round(np.array([50.0, 44.0, 38.0])[of] + 4 * r.standard_normal(n), 2)
d["q2"] = np.round(
    np.array([2.0, 4.5, 2.5])[of] + np.array([1, 0.7, 1.4])[of] * r.standard_normal(n), 3
)
df = pd.DataFrame(d)
save(df, "lca_kinds.csv")
df = df.astype(dict.fromkeys(df.columns[:5], "Int64")).mask(r.random(df.shape) < 0.12)
save(df.dropna(how="all"), "lca_kinds_missing.csv")
# 10 latent classes in three groups: y3 differs in group c, families answer alike -------------
r = np.random.default_rng(20261010)
family = np.arange(600) // 3
group = r.choice(3, 200, p=[0.4, 0.35, 0.25])[family]
of = (r.random(600) < np.array([0.35, 0.5, 0.6])[group]).astype(int)
chance = np.array([[0.85, 0.75, 0.8, 0.7, 0.9], [0.2, 0.3, 0.15, 0.25, 0.3]])[of]
chance[group == 2, 2] += np.where(of[group == 2] == 0, -0.35, 0.3)
level = np.clip(chance + 0.12 * r.standard_normal((200, 5))[family], 0.02, 0.98)
d = {f"y{j + 1}": 1 * (r.random(600) < level[:, j]) for j in range(5)}
save(pd.DataFrame({**d, "group": np.array(list("abc"))[group], "family": family}), "lca_groups.csv")
