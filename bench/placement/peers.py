"""The peers: `peers.py highs|cpsat FILE SECONDS GAP [CPU-SECONDS]`.

Prints `seconds cpu-seconds cost bound` whenever the solver has found something, and at the end.

Both get the plain formulation: x <= quota z, z <= y, and everything as docs/reference/placement.md
states it, with nothing pruned.
"""

import sys
import time


def read(path):
    clouds, offers, tasks, serves, home = [], [], [], {}, {}
    with open(path) as lines:
        for line in lines:
            kind, *parts = line.split()
            if kind == "C":
                clouds.append(float(parts[0]))
            elif kind == "O":
                offers.append((int(parts[0]), float(parts[1]), int(parts[2])))
            elif kind == "T":
                tasks.append((int(parts[0]), int(parts[1])))
            elif kind == "S":
                serves[int(parts[1]), int(parts[0])] = int(parts[2])
            else:
                home[int(parts[0])] = (int(parts[1]), float(parts[2]))
    return clouds, offers, tasks, serves, home


def rows(program):
    """Costs, upper bounds and rows `(lower, upper, {column: factor})` of the plain formulation."""
    clouds, offers, tasks, serves, home = program
    costs, uppers, out = [], [], []

    def column(cost, upper):
        costs.append(cost)
        uppers.append(upper)
        return len(costs) - 1

    infinite = float("inf")
    y = [column(cost, 1) for cost in clouds]
    z = {}
    x = {}
    for task, offer in serves:
        cloud = offers[offer][0]
        if (task, cloud) not in z:
            own, cost = home.get(task, (cloud, 0))
            z[task, cloud] = column(0 if own == cloud else cost, 1)
        x[task, offer] = column(730 * offers[offer][1], offers[offer][2])
    by_carrier = {}
    for (task, offer), unit in x.items():
        cloud = offers[offer][0]
        out.append((-infinite, 0, {unit: 1, z[task, cloud]: -offers[offer][2]}))
        by_carrier.setdefault((task, cloud), []).append(unit)
    for (task, cloud), own in z.items():
        out.append((-infinite, 0, {own: 1, y[cloud]: -1}))
        out.append((-infinite, 0, {own: 1} | {unit: -1 for unit in by_carrier[task, cloud]}))
    for task, (demand, least) in enumerate(tasks):
        out.append((demand, infinite, {}))
        carriers = {z[task, cloud]: 1 for cloud in range(len(clouds)) if (task, cloud) in z}
        out.append((least, infinite, carriers))
    covers = len(out) - 2 * len(tasks)
    quotas = {}
    for (task, offer), unit in x.items():
        out[covers + 2 * task][2][unit] = serves[task, offer]
        quotas.setdefault(offer, {})[unit] = 1
    for offer, own in quotas.items():
        out.append((-infinite, offers[offer][2], own))
    return costs, uppers, out


def highs(program, seconds, gap, cpu):
    import highspy
    import numpy

    costs, uppers, out = rows(program)
    model = highspy.HighsModel()
    lp = model.lp_
    lp.num_col_, lp.num_row_ = len(costs), len(out)
    lp.col_cost_ = numpy.array(costs)
    lp.col_lower_, lp.col_upper_ = numpy.zeros(len(costs)), numpy.array(uppers, dtype=float)
    lp.row_lower_ = numpy.array([row[0] for row in out], dtype=float)
    lp.row_upper_ = numpy.array([row[1] for row in out], dtype=float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    starts, index, value = [0], [], []
    for _, _, row in out:
        index.extend(row)
        value.extend(row.values())
        starts.append(len(index))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = numpy.array(starts)
    lp.a_matrix_.index_ = numpy.array(index)
    lp.a_matrix_.value_ = numpy.array(value, dtype=float)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", gap)
    start, before = time.perf_counter(), time.process_time()

    def told(event):
        out = event.data_out
        tell(start, before, out.mip_primal_bound, out.mip_dual_bound)

    def stop(event):
        if time.process_time() - before > cpu:
            event.data_in.user_interrupt = True

    solver.cbMipImprovingSolution.subscribe(told)
    solver.cbMipLogging.subscribe(told)
    solver.cbMipInterrupt.subscribe(stop)
    solver.passModel(model)
    solver.run()
    info = solver.getInfo()
    tell(start, before, info.objective_function_value, info.mip_dual_bound)


def tell(start, before, cost, bound):
    """A line about the state of the search."""
    print(time.perf_counter() - start, time.process_time() - before, cost, bound, flush=True)


def cpsat(program, seconds, gap, cpu):
    from ortools.sat.python import cp_model

    costs, uppers, out = rows(program)
    model = cp_model.CpModel()
    columns = [model.new_int_var(0, int(upper), "") for upper in uppers]
    for lower, upper, row in out:
        terms = sum(factor * columns[column] for column, factor in row.items())
        if lower > float("-inf"):
            model.add(terms >= int(lower))
        if upper < float("inf"):
            model.add(terms <= int(upper))
    # Prices have four places, and months 730 hours: ten-thousandths are whole.
    scale = 10_000
    model.minimize(sum(round(cost * scale) * own for cost, own in zip(costs, columns)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.parameters.relative_gap_limit = gap
    solver.parameters.max_deterministic_time = cpu
    start, before = time.perf_counter(), time.process_time()
    solver.solve(model)
    tell(start, before, solver.objective_value / scale, solver.best_objective_bound / scale)


if __name__ == "__main__":
    peers = {"highs": highs, "cpsat": cpsat}
    limit = float(sys.argv[5]) if len(sys.argv) > 5 else float("inf")
    peers[sys.argv[1]](read(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), limit)
