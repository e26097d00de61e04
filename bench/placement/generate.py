"""Random placement programs as text, the same for the same arguments.

Lines: `C activation`, `O cloud price quota`, `T demand min_clouds`, `S offer task serves`,
`E task home egress` (USD a month into each other cloud); things are numbered in the order of their lines.
"""

import random


def program(tasks, offers, *, clouds=8, share=0.5, egress=False, units=(4, 40), demands=(40, 400), seed=1):
    """Each offer serves about `share` of the tasks; quotas leave about two thirds to spare. A unit covers about as
    much as `units` says of a demand as `demands` says."""
    covers = "" if units == (4, 40) else f" {units} {demands}"
    rng = random.Random(f"{tasks} {offers} {clouds} {share} {egress} {seed}{covers}")
    lines = [f"C {rng.randint(100, 2000)}" for _ in range(clouds)]
    sizes = [rng.randint(*units) for _ in range(offers)]
    demands = [rng.randint(*demands) for _ in range(tasks)]
    # Units that all tasks would need of offers of average size, spread over the offers.
    needed = sum(demands) / (sum(sizes) / offers)
    mean = max(2, round(3 * needed / offers))
    cloud_of = [offer % clouds for offer in range(offers)]
    for offer in range(offers):
        price = sizes[offer] * rng.uniform(0.02, 0.06)
        quota = rng.randint(max(1, mean // 2), mean * 3 // 2)
        lines.append(f"O {cloud_of[offer]} {price:.4f} {quota}")
    for demand in demands:
        lines.append(f"T {demand} {rng.choice([1, 1, 1, 2, 3])}")
    for task in range(tasks):
        able = [offer for offer in range(offers) if rng.random() < share]
        # Whoever asks for three clouds has offers in at least four.
        able.extend(rng.sample(range(offers), min(8, offers)))
        for offer in sorted(set(able)):
            serves = max(1, round(sizes[offer] * rng.uniform(0.7, 1.3)))
            lines.append(f"S {offer} {task} {serves}")
    if egress:
        for task in range(tasks):
            home = rng.randrange(clouds)
            gib = rng.randint(50, 3000)
            lines.append(f"E {task} {home} {gib * 0.09:.2f}")
    return "\n".join(lines) + "\n"


def stack(seed=1, tasks=20, offers=50, clouds=4):
    """A small stack as people write them: what a replica carries is the task's own, whatever machine it is on,
    few replicas, quotas that seldom bind."""
    rng = random.Random(f"stack {tasks} {offers} {clouds} {seed}")
    lines = [f"C {rng.choice([0, 20, 40, 100])}" for _ in range(clouds)]
    sizes = [rng.choice([1, 2, 4, 8, 16]) for _ in range(offers)]
    for offer in range(offers):
        price = 0.05 * sizes[offer] * rng.uniform(0.8, 1.3)
        lines.append(f"O {offer % clouds} {price:.4f} {rng.choice([4, 8, 16, 32, 64])}")
    needs = [rng.choice([1, 2, 4, 8]) for _ in range(tasks)]
    carried = [rng.randint(5, 50) for _ in range(tasks)]
    for task in range(tasks):
        demand = carried[task] * rng.randint(1, 8) - rng.randint(0, 4)
        lines.append(f"T {demand} {rng.choice([1, 1, 1, 2])}")
    for task in range(tasks):
        for offer in range(offers):
            if sizes[offer] >= needs[task]:
                lines.append(f"S {offer} {task} {carried[task]}")
    return "\n".join(lines) + "\n"


SIZES = {
    "middle": dict(tasks=8, offers=20, share=0.4, clouds=4),
    "small": dict(tasks=20, offers=50, share=0.5),
    "100x200": dict(tasks=100, offers=200, share=0.5),
    # One unit covers a demand: no general integers.
    "100x200-cover": dict(tasks=100, offers=200, share=0.5, units=(100, 400), demands=(40, 100)),
    "500x500": dict(tasks=500, offers=500, share=0.5),
    "2000x1000": dict(tasks=2000, offers=1000, share=0.02),
    "100x200-egress": dict(tasks=100, offers=200, share=0.08, egress=True),
}


def named(size, seed=1):
    """A program of a size of `SIZES`."""
    return stack(seed) if size == "stack" else program(seed=seed, **SIZES[size])
